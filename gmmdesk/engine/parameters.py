"""The parameters of a Gaussian mixture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from gmmdesk.engine.arrays import FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """A box, not always along the columns: origin + edges @ u for u in [0, 1]^d.

    `origin` is (d,), `edges` (d, d) with an edge in each column.
    """

    origin: FloatArray
    edges: FloatArray

    @property
    def log_volume(self) -> float:
        return float(np.linalg.slogdet(self.edges)[1])

    def log_volume_of(self, observed: npt.NDArray[np.bool_]) -> FloatArray:
        """Of the box around it in the columns that are `observed`, (..., d): (...,).

        Where the region lies along the columns, a point spread evenly over it is spread evenly over
        that box.
        """
        return np.asarray(observed @ np.log(np.abs(self.edges).sum(axis=1)))

    def at(self, shares: FloatArray) -> FloatArray:
        """The points (n, d) that lie so far along the edges, from 0 to 1, (n, d)."""
        return np.asarray(self.origin + shares @ self.edges.T)

    def in_units(self, center: FloatArray, scale: FloatArray | float) -> Region:
        """The region of x = center + scale * z, where this is of z; see `Parameters.in_units`."""
        scales = np.broadcast_to(scale, center.shape)[:, None]
        return Region(center + scale * self.origin, scales * self.edges)


@dataclass(frozen=True, slots=True, eq=False)
class Noise:
    """Rows that belong to no component, spread evenly over a region.

    Their density counts everywhere, as in mclust: rows outside the region are noise all the more.
    """

    weight: float
    region: Region

    @property
    def log_density(self) -> float:
        """In nats."""
        return -self.region.log_volume


@dataclass(frozen=True, slots=True, eq=False)
class Parameters:
    """A mixture: weights (K,), means (K, d), covariances (K, d, d), and noise if there is any.

    The weights, that of the noise included, add to 1. While a fit along the axes runs,
    `covariances` are variances (K, d) until `in_full`.
    """

    weights: FloatArray
    means: FloatArray
    covariances: FloatArray
    noise: Noise | None = None

    def in_units(self, center: FloatArray, scale: FloatArray | float) -> Parameters:
        """The mixture of x = center + scale * z, where these are of z.

        `center` is (d,), and so is `scale`, or one number for all columns.
        """
        columns = isinstance(scale, np.ndarray) and self.covariances.ndim == 3
        factors = np.multiply.outer(scale, scale) if columns else scale * scale
        noise = self.noise
        if noise is not None:
            noise = Noise(noise.weight, noise.region.in_units(center, scale))
        means = center + scale * self.means
        return Parameters(self.weights, means, self.covariances * factors, noise)

    def in_full(self) -> Parameters:
        """With covariances (K, d, d)."""
        if self.covariances.ndim == 3:
            return self
        K, d = self.means.shape
        covariances = np.zeros((K, d, d))
        covariances.reshape(K, d * d)[:, :: d + 1] = self.covariances
        return replace(self, covariances=covariances)

    def reordered(self, order: Sequence[int] | IntArray) -> Parameters:
        """With component order[j] in place j; `order` is a permutation of 0..K-1."""
        places = np.asarray(order)
        return Parameters(
            self.weights[places], self.means[places], self.covariances[places], self.noise
        )
