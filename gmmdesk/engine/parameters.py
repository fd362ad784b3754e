"""The parameters of a Gaussian mixture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gmmdesk.engine.arrays import FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Parameters:
    """A mixture: weights (K,), means (K, d), covariances (K, d, d).

    While a fit along the axes runs, `covariances` are variances (K, d) until `in_full`.
    """

    weights: FloatArray
    means: FloatArray
    covariances: FloatArray

    def in_units(self, center: FloatArray, scale: FloatArray) -> Parameters:
        """The mixture of x = center + scale * z, where these are of z; both (d,)."""
        factors = np.multiply.outer(scale, scale) if self.covariances.ndim == 3 else scale**2
        return Parameters(self.weights, center + scale * self.means, self.covariances * factors)

    def in_full(self) -> Parameters:
        """With covariances (K, d, d)."""
        if self.covariances.ndim == 3:
            return self
        K, d = self.means.shape
        covariances = np.zeros((K, d, d))
        covariances.reshape(K, d * d)[:, :: d + 1] = self.covariances
        return Parameters(self.weights, self.means, covariances)

    def reordered(self, order: Sequence[int] | IntArray) -> Parameters:
        """With component order[j] in place j; `order` is a permutation of 0..K-1."""
        places = np.asarray(order)
        return Parameters(self.weights[places], self.means[places], self.covariances[places])
