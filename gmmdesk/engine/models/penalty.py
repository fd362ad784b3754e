"""What keeps covariances regular, as rows that are added to the statistics of each component."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from gmmdesk.engine.arrays import FloatArray
from gmmdesk.engine.models.whitening import Whitening
from gmmdesk.engine.parameters import Parameters
from gmmdesk.engine.rows.statistics import Statistics


@dataclass(frozen=True, slots=True, eq=False)
class Penalty:
    """A function of the parameters that an M-step adds to the log-likelihood:

    -1/2 sum_k [c_k ln |Sigma_k| + tr Sigma_k^-1 A_k + s (m_k - m)^T Sigma_k^-1 (m_k - m)].

    `counts` are the c_k, (K,); `scatter` the A_k, matrices (K, d, d) or their diagonals (K, d), or
    one that is for all components together, (1, d); `shrinkage` is s and `center` is m, (d,).
    """

    counts: FloatArray
    scatter: FloatArray
    shrinkage: float
    center: FloatArray

    def value(self, parameters: Parameters, whitening: Whitening) -> float:
        """For a mixture in the frame's coordinates, nats."""
        precisions = whitening.precisions
        deviations = parameters.means - self.center
        forms = (whitening.linear(deviations) * deviations).sum()
        if self.scatter.ndim < precisions.ndim:
            precisions = precisions.diagonal(axis1=1, axis2=2)
        traces = (precisions[: len(self.scatter)] * self.scatter).sum()
        logs = self.counts @ whitening.log_determinants
        return -0.5 * float(logs + traces + self.shrinkage * forms)

    def applied(self, statistics: Statistics) -> Statistics:
        """Statistics whose maximum-likelihood estimates make likelihood plus penalty a maximum."""
        sizes = statistics.sizes
        if self.shrinkage:
            # As if so many more rows were at the centre: their common mean, and scatter about it.
            total = sizes + self.shrinkage
            center = np.broadcast_to(self.center, statistics.means.shape)
            means = (sizes[:, None] * statistics.means + self.shrinkage * center) / total[:, None]
            about = statistics.about(center, sizes * self.shrinkage / total)
            statistics = replace(about, means=means)
        return replace(statistics.plus(self._scatter_for(statistics)), sizes=sizes + self.counts)

    def _scatter_for(self, statistics: Statistics) -> FloatArray:
        if len(statistics.scatter) == 1 < len(self.scatter):
            return np.asarray(self.scatter.sum(axis=0, keepdims=True))
        return self.scatter
