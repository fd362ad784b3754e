"""The second-order features of a row, in which a Gaussian log density is linear.

phi(z) = [1, z, second-order terms]; which terms depends on the moments a model needs.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from gmmdesk.engine.arrays import FloatArray
from gmmdesk.engine.covariance import Moments
from gmmdesk.engine.frame import Frame


class SecondOrder(Protocol):
    """The second-order part of phi; `width` is the number of its terms."""

    width: int

    def expand(self, z: FloatArray, out: FloatArray) -> None:
        """Terms of the tile `z` (d, m) into `out` (width, m)."""

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

    def __init__(self, frame: Frame) -> None:
        self._total = frame.total
        self.width = 0

    def expand(self, z: FloatArray, out: FloatArray) -> None:
        pass

    def coefficients(self, precisions: FloatArray) -> FloatArray:
        return np.empty((len(precisions), 0))

    def scatter(self, _sums: FloatArray, first: FloatArray, means: FloatArray) -> FloatArray:
        between = first.T @ means
        return np.asarray((self._total - (between + between.T) / 2.0)[None])


class Squares:
    """z_j^2, for covariances along the axes; precisions and scatter are diagonals, (K, d)."""

    def __init__(self, frame: Frame) -> None:
        self.width = frame.shape[1]

    def expand(self, z: FloatArray, out: FloatArray) -> None:
        np.square(z, out=out)

    def coefficients(self, precisions: FloatArray) -> FloatArray:
        return -0.5 * precisions

    def scatter(self, sums: FloatArray, first: FloatArray, means: FloatArray) -> FloatArray:
        return sums - first * means


class Products:
    """z_j z_l for j <= l, ordered by l - j: so each step is one run over contiguous memory."""

    def __init__(self, frame: Frame) -> None:
        d = self._d = frame.shape[1]
        rows = np.concatenate([np.arange(d - lag) for lag in range(d)])
        lags = np.repeat(np.arange(d), np.arange(d, 0, -1))
        self._pairs = rows, rows + lags
        self._factors = np.where(lags == 0, -0.5, -1.0)
        self.width = len(rows)

    def expand(self, z: FloatArray, out: FloatArray) -> None:
        at = 0
        for lag in range(self._d):
            count = self._d - lag
            np.multiply(z[:count], z[lag:], out=out[at : at + count])
            at += count

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
