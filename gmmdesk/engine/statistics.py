"""The sufficient statistics of a Gaussian mixture: all that an M-step looks at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gmmdesk.engine.arrays import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Statistics:
    """Expected sizes (K,), means (K, d) and scatter about those means.

    `scatter` is W_k = sum_i r_ik (x_i - m_k)(x_i - m_k)^T, (K, d, d), or only their sum over the
    components, (1, d, d), when the model needs no more; for a model along the axes the diagonals
    only, (K, d).
    """

    sizes: FloatArray
    means: FloatArray
    scatter: FloatArray

    @property
    def pooled(self) -> FloatArray:
        """Scatter within the components, W = sum_k W_k: (d, d), or its diagonal (d,)."""
        return np.asarray(self.scatter.sum(axis=0))

    def regularized(self, share: float, variances: FloatArray) -> Statistics:
        """With `share` of the pooled `variances` (d,) added to each column's variance.

        Added here and not to the covariances, so that every model keeps its constraint.
        """
        if share == 0.0:
            return self
        sizes = self.sizes if len(self.scatter) > 1 else self.sizes.sum(keepdims=True)
        added = np.multiply.outer(share * sizes, self._along_axes(variances))
        return Statistics(self.sizes, self.means, self.scatter + added)

    def floored(self, components: Sequence[int], share: float, variances: FloatArray) -> Statistics:
        """With `share` of `variances` (d,), or of its own where larger, added to `components`.

        The other components stay as they are. Where one scatter is common to all, it is added
        there.
        """
        if not components:
            return self
        pooled = len(self.scatter) == 1
        scatter = self.scatter.copy()
        for k in (0,) if pooled else components:
            size = self.sizes.sum() if pooled else self.sizes[k]
            own = (scatter[k] if scatter.ndim == 2 else scatter[k].diagonal()) / size
            scatter[k] += self._along_axes(share * size * np.maximum(own, variances))
        return Statistics(self.sizes, self.means, scatter)

    def shrunk(self, rows: float) -> Statistics:
        """With `rows` more rows in every component, spread as the components are on average.

        Makes a start of few rows usable: its own scatter may be singular, the pooled one is not.
        """
        more = rows * self.pooled / self.sizes.sum()
        return Statistics(self.sizes + rows, self.means, self.scatter + more)

    def _along_axes(self, variances: FloatArray) -> FloatArray:
        """`variances` (d,) in the form of one component's scatter."""
        return variances if self.scatter.ndim == 2 else np.diag(variances)
