"""Statistics as points of a space without bounds, in which iterations may be extrapolated."""

from __future__ import annotations

from functools import cache

import numpy as np

from gmmdesk.engine.arrays import FloatArray, IntArray
from gmmdesk.engine.rows.statistics import Statistics


class Coordinates:
    """Free coordinates of statistics: whatever their values, sizes and scatter are positive.

    Log sizes (that of the noise too), means, and Cholesky factors of the covariances with the logs
    of their diagonals, each where its component of `reference` is standardized, and times the root
    of that one's share of the rows: so that lengths depend on no units, and count what is known
    best the most. All are 0 for `reference`.
    Raises LinAlgError when a component of `reference` has no extent in some direction.
    """

    def __init__(self, reference: Statistics) -> None:
        self._reference = reference
        covariances = _covariances(reference)
        if covariances.ndim == 2:
            if not covariances.min() > 0.0:
                raise np.linalg.LinAlgError
            self._factors = np.sqrt(covariances)
        else:
            self._factors = np.linalg.cholesky(covariances)
            self._inverses = np.linalg.inv(self._factors)
        K, d = reference.means.shape
        self._lower = _lower_triangle(d)
        self._on_diagonal = self._lower[0] == self._lower[1]
        self._sizes = _all_sizes(reference)
        self._all_shares = np.sqrt(self._sizes / self._sizes.sum())
        self._shares = self._all_shares[:K, None]
        self._spread_shares = self._shares if len(covariances) == K else np.ones((1, 1))

    def of(self, statistics: Statistics) -> FloatArray:
        """The coordinates of `statistics`, (F,); raises LinAlgError as the class does."""
        sizes = np.log(_all_sizes(statistics) / self._sizes)
        shifts = statistics.means - self._reference.means
        covariances = _covariances(statistics)
        if covariances.ndim == 2:
            shifts /= self._factors
            ratios = covariances / self._factors**2
            if not ratios.min() > 0.0:
                raise np.linalg.LinAlgError
            spread = 0.5 * np.log(ratios)
        else:
            shifts = (self._inverses @ shifts[:, :, None])[:, :, 0]
            relative = self._inverses @ covariances @ self._inverses.transpose(0, 2, 1)
            spread = np.linalg.cholesky(relative)[:, *self._lower]
            spread[:, self._on_diagonal] = np.log(spread[:, self._on_diagonal])
        parts = (self._all_shares * sizes, self._shares * shifts, self._spread_shares * spread)
        return np.concatenate([part.ravel() for part in parts])

    def at(self, point: FloatArray) -> Statistics:
        """The statistics with the coordinates `point` (F,), of as many rows as the reference."""
        reference = self._reference
        K, d = reference.means.shape
        n_sizes = len(self._sizes)
        log_sizes, shifts, spread = np.split(point, (n_sizes, n_sizes + K * d))
        sizes = self._sizes * np.exp(log_sizes / self._all_shares)
        sizes *= self._sizes.sum() / sizes.sum()
        noise = float(sizes[K:].sum())
        sizes = sizes[:K]
        shifts = shifts.reshape(K, d) / self._shares
        spread = spread.reshape(len(reference.scatter), -1) / self._spread_shares
        if reference.scatter.ndim == 2:
            shifts *= self._factors
            covariances = (self._factors * np.exp(spread)) ** 2
        else:
            shifts = (self._factors @ shifts[:, :, None])[:, :, 0]
            factors = np.zeros_like(self._factors)
            spread[:, self._on_diagonal] = np.exp(spread[:, self._on_diagonal])
            factors[:, *self._lower] = spread
            factors = self._factors @ factors
            covariances = factors @ factors.transpose(0, 2, 1)
        scatter = covariances * _rows(sizes, covariances)
        return Statistics(sizes, reference.means + shifts, scatter, noise)


@cache
def _lower_triangle(d: int) -> tuple[IntArray, IntArray]:
    return np.tril_indices(d)


def _all_sizes(statistics: Statistics) -> FloatArray:
    """Those of the components and, where there is some, of the noise."""
    if not statistics.noise:
        return statistics.sizes
    return np.append(statistics.sizes, statistics.noise)


def _covariances(statistics: Statistics) -> FloatArray:
    return np.asarray(statistics.scatter / _rows(statistics.sizes, statistics.scatter))


def _rows(sizes: FloatArray, scatter: FloatArray) -> FloatArray:
    """The expected rows in each of `scatter`, to divide it by."""
    rows = sizes if len(scatter) == len(sizes) else sizes.sum(keepdims=True)
    return rows.reshape(-1, *([1] * (scatter.ndim - 1)))
