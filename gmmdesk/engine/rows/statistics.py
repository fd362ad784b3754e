"""The sufficient statistics of a Gaussian mixture: all that an M-step looks at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from gmmdesk.engine.arrays import AnyArray, FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Statistics:
    """Expected sizes (K,), means (K, d) and scatter about those means.

    `scatter` is W_k = sum_i r_ik (x_i - m_k)(x_i - m_k)^T, (K, d, d), or only their sum over the
    components, (1, d, d), when the model needs no more; for a model along the axes the diagonals
    only, (K, d). `noise` is the expected size of what belongs to no component. Those of a batch of
    mixtures, without noise, have an axis for the mixtures before the others.
    """

    sizes: FloatArray
    means: FloatArray
    scatter: FloatArray
    noise: float = 0.0

    @property
    def pooled(self) -> FloatArray:
        """Scatter within the components, W = sum_k W_k: (d, d), or its diagonal (d,)."""
        return np.asarray(self.scatter.sum(axis=self.sizes.ndim - 1))

    @property
    def summed(self) -> Statistics:
        """With one scatter for all components, the sum of theirs."""
        if len(self.scatter) == 1:
            return self
        return replace(self, scatter=self.scatter.sum(axis=0, keepdims=True))

    def at(self, place: int | slice | AnyArray) -> Statistics:
        """Those of one mixture of a batch, or of some."""
        return Statistics(self.sizes[place], self.means[place], self.scatter[place])

    def ridge(self, share: float, variances: FloatArray) -> FloatArray:
        """The scatter that makes every variance larger by `share` of `variances` (d,).

        Along the axes: (K, d), or (1, d) where one scatter is common to all. It is added here and
        not to the covariances, so that every model keeps its constraint.
        """
        return np.multiply.outer(share * self._sizes, variances)

    def floor(self, components: Sequence[int], share: float, variances: FloatArray) -> FloatArray:
        """The same for `components` alone, of their own variances where those are larger.

        Where one scatter is common to all, it is for all.
        """
        sizes = self._sizes[:, None]
        own = self.scatter if self.scatter.ndim == 2 else self.scatter.diagonal(axis1=1, axis2=2)
        added = share * sizes * np.maximum(own / sizes, variances)
        if len(self.scatter) > 1:
            added[[k for k in range(len(added)) if k not in components]] = 0.0
        return added

    def plus(self, scatter: FloatArray) -> Statistics:
        """With more scatter: matrices (K, d, d) or (1, d, d), or their diagonals (K, d), (1, d)."""
        if scatter.ndim < self.scatter.ndim:
            scatter = scatter[:, :, None] * np.eye(scatter.shape[1])
        return replace(self, scatter=self.scatter + scatter)

    def about(self, means: FloatArray, rows: FloatArray) -> Statistics:
        """With the scatter about other `means` (K, d) of so many `rows` (K,) in each component."""
        shifts = self.means - means
        if self.scatter.ndim == 2:
            between = rows[:, None] * shifts**2
        else:
            between = (rows[:, None] * shifts)[:, :, None] * shifts[:, None, :]
        if len(self.scatter) == 1:
            between = between.sum(axis=0, keepdims=True)
        return replace(self, means=means, scatter=self.scatter + between)

    def shrunk(self, rows: float) -> Statistics:
        """With `rows` more rows in every component, spread as the components are on average.

        Makes a start of few rows usable: its own scatter may be singular, the pooled one is not.
        """
        more = rows * self.pooled / self.sizes.sum()
        return replace(self, sizes=self.sizes + rows, scatter=self.scatter + more)

    @property
    def _sizes(self) -> FloatArray:
        """Of the rows in each scatter, (K,) or (1,)."""
        return self.sizes if len(self.scatter) > 1 else self.sizes.sum(keepdims=True)


def stacked(mixtures: Sequence[Statistics]) -> Statistics:
    """Those of a batch of mixtures."""
    return Statistics(
        np.array([one.sizes for one in mixtures]),
        np.array([one.means for one in mixtures]),
        np.array([one.scatter for one in mixtures]),
    )
