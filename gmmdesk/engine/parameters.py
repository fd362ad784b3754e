"""The parameters of a Gaussian mixture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gmmdesk.engine.arrays import FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Parameters:
    """A mixture: weights (K,), means (K, d), covariances (K, d, d)."""

    weights: FloatArray
    means: FloatArray
    covariances: FloatArray

    def in_units(self, center: FloatArray, scale: FloatArray) -> Parameters:
        """The mixture of x = center + scale * z, where these are of z; both (d,)."""
        return Parameters(
            self.weights,
            center + scale * self.means,
            self.covariances * np.multiply.outer(scale, scale),
        )

    def reordered(self, order: Sequence[int] | IntArray) -> Parameters:
        """With component order[j] in place j; `order` is a permutation of 0..K-1."""
        places = np.asarray(order)
        return Parameters(self.weights[places], self.means[places], self.covariances[places])
