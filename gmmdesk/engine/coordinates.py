"""Statistics as points of a space without bounds, in which iterations may be extrapolated."""

from __future__ import annotations

import numpy as np

from gmmdesk.engine.arrays import FloatArray
from gmmdesk.engine.statistics import Statistics


class Coordinates:
    """Free coordinates of statistics: whatever their values, sizes and scatter are positive.

    Log sizes, means, and Cholesky factors of the covariances with the logs of their diagonals,
    each where its component of `reference` is standardized, and times the root of that one's
    share of the rows: so that lengths depend on no units, and count what is known best the most.
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
        self._lower = np.tril_indices(d)
        self._on_diagonal = self._lower[0] == self._lower[1]
        shares = np.sqrt(reference.sizes / reference.sizes.sum())[:, None]
        self._shares = shares
        self._spread_shares = shares if len(covariances) == K else np.ones((1, 1))

    def of(self, statistics: Statistics) -> FloatArray:
        """The coordinates of `statistics`, (F,); raises LinAlgError as the class does."""
        sizes = np.log(statistics.sizes / self._reference.sizes)[:, None]
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
        parts = (self._shares * sizes, self._shares * shifts, self._spread_shares * spread)
        return np.concatenate([part.ravel() for part in parts])

    def at(self, point: FloatArray) -> Statistics:
        """The statistics with the coordinates `point` (F,), of as many rows as the reference."""
        reference = self._reference
        K, d = reference.means.shape
        log_sizes, shifts, spread = np.split(point, (K, K + K * d))
        sizes = reference.sizes * np.exp(log_sizes / self._shares[:, 0])
        sizes *= reference.sizes.sum() / sizes.sum()
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
        return Statistics(sizes, reference.means + shifts, scatter)


def _covariances(statistics: Statistics) -> FloatArray:
    return np.asarray(statistics.scatter / _rows(statistics.sizes, statistics.scatter))


def _rows(sizes: FloatArray, scatter: FloatArray) -> FloatArray:
    """The expected rows in each of `scatter`, to divide it by."""
    rows = sizes if len(scatter) == len(sizes) else sizes.sum(keepdims=True)
    return rows.reshape(-1, *([1] * (scatter.ndim - 1)))
