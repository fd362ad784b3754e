"""The second-order features of a row, in which a Gaussian log density is linear.

phi(z) = [z, 1, second-order terms]; which terms depends on the moments a model needs.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.lib.stride_tricks import as_strided

from gmmdesk.engine.arrays import FloatArray
from gmmdesk.engine.models.covariance import Moments
from gmmdesk.engine.rows.frame import Frame
from gmmdesk.engine.rows.tiles import Work


class SecondOrder(Protocol):
    """The second-order part of phi; `width` is the number of its terms.

    `margin` is the number of rows above z that making them needs in the work array.
    """

    width: int
    margin: int

    def views(self, features: FloatArray) -> Work:
        """What `expand` needs of a work array of rows [margin, z, 1, terms, ...], (..., m)."""

    def expand(self, views: Work) -> None:
        """Put the terms into the array that these are views of, whose z are there."""

    def coefficients(self, precisions: FloatArray) -> FloatArray:
        """Of -z^T P_k z / 2 in the terms, (K, width); see Whitening.precisions."""

    def scatter(self, sums: FloatArray, first: FloatArray, means: FloatArray, /) -> FloatArray:
        """Scatter about `means` (K, d).

        From `sums` of the terms weighted by responsibilities, (K, width), and `first`, those of
        z itself, (K, d).
        """


class NoTerms:
    """For a common covariance: the quadratic form drops out of the responsibilities.

    The scatter within components is what the means leave of the total (about zero), (1, d, d).
    """

    width = 0
    margin = 0

    def __init__(self, frame: Frame) -> None:
        self._total = frame.total

    def views(self, _features: FloatArray) -> Work:
        return ()

    def expand(self, views: Work) -> None:
        pass

    def coefficients(self, precisions: FloatArray) -> FloatArray:
        return np.empty((len(precisions), 0))

    def scatter(self, _sums: FloatArray, first: FloatArray, means: FloatArray) -> FloatArray:
        between = first.T @ means
        return np.asarray((self._total - (between + between.T) / 2.0)[None])


class Squares:
    """z_j^2, for covariances along the axes; precisions and scatter are diagonals, (K, d)."""

    margin = 0

    def __init__(self, frame: Frame) -> None:
        self.width = frame.shape[1]

    def views(self, features: FloatArray) -> Work:
        d = self.width
        return features[:d], features[1 + d : 1 + 2 * d]

    def expand(self, views: Work) -> None:
        z, squares = views
        np.square(z, out=squares)

    def coefficients(self, precisions: FloatArray) -> FloatArray:
        return -0.5 * precisions

    def scatter(self, sums: FloatArray, first: FloatArray, means: FloatArray) -> FloatArray:
        return sums - first * means


class Products:
    """z_j z_l for all pairs, ordered by the distance from l to j around the circle of columns.

    Each distance up to d/2 has every z_j once with z_(j - distance), indices modulo d; only with
    d even the last one, d/2, has every pair twice, and half of them will do. So one product of the
    matrix z with z shifted by 0, 1, ... rows makes nearly all terms in one call: the last rows of z
    are repeated above it.
    """

    def __init__(self, frame: Frame) -> None:
        d = self._d = frame.shape[1]
        self.margin = half = d // 2
        self._full = half if d % 2 == 0 else half + 1  # distances with every z_j
        self.width = d * (d + 1) // 2
        distances, rows = np.divmod(np.arange(self.width), d)
        self._pairs = rows, (rows - distances) % d
        self._factors = np.where(distances == 0, -0.5, -1.0)

    def views(self, features: FloatArray) -> Work:
        d, half, m = self._d, self.margin, features.shape[1]
        above, z, terms = features[:half], features[half : half + d], features[half + d + 1 :]
        row, number = features.strides
        shifted = as_strided(z, (self._full, d, m), (-row, row, number), writeable=False)
        products = terms[: self._full * d].reshape(self._full, d, m)
        halves = terms[self._full * d : self.width]
        return above, z[d - half :], z, shifted, products, z[: len(halves)], z[half:], halves

    def expand(self, views: Work) -> None:
        above, last, z, shifted, products, left, right, halves = views
        if self._full > 1:
            np.copyto(above, last)
        np.multiply(z, shifted, out=products)
        if len(halves):
            np.multiply(left, right, out=halves)

    def coefficients(self, precisions: FloatArray) -> FloatArray:
        rows, columns = self._pairs
        return np.asarray(precisions[:, rows, columns] * self._factors)

    def scatter(self, sums: FloatArray, first: FloatArray, means: FloatArray) -> FloatArray:
        rows, columns = self._pairs
        scatter = np.empty((len(means), self._d, self._d))
        scatter[:, rows, columns] = sums - first[:, rows] * means[:, columns]
        scatter[:, columns, rows] = scatter[:, rows, columns]
        return scatter


FEATURES: dict[Moments, type[NoTerms] | type[Squares] | type[Products]] = {
    Moments.POOLED: NoTerms,
    Moments.DIAGONAL: Squares,
    Moments.FULL: Products,
}
