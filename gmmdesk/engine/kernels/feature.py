"""The fast kernel: two matrix products with the features of each row."""

from __future__ import annotations

from functools import partial

import numpy as np

from gmmdesk.engine.arrays import FloatArray
from gmmdesk.engine.kernels.expectation import (
    TINY,
    Components,
    Expectation,
    Sums,
    respond,
    total,
)
from gmmdesk.engine.kernels.features import FEATURES, SecondOrder
from gmmdesk.engine.models.covariance import Moments
from gmmdesk.engine.parallel import ChunkMap
from gmmdesk.engine.rows.frame import Frame
from gmmdesk.engine.rows.statistics import Statistics
from gmmdesk.engine.rows.tiles import LINE, MAX_TILE, Tiling, Work, tile_rows

# OpenBLAS multiplies small matrices without copying them first, about twice as fast where one side
# is short as it is here: up to so many multiply-adds, and when the left one is read transposed, up
# to so many numbers in the result.
SMALL_PRODUCT = 10**6
SMALL_RESULT = 1200
# Rows that make a call worth while: fewer are taken at once to need no pieces, but not fewer still.
MANY_ROWS = 1024
# The second product goes through longer tiles in runs of about so many rows, which stay in the
# second-level cache while it reads them more than once.
RUN_ROWS = 4096


class FeatureKernel:
    """L = Theta Phi and S = R Phi^T: two matrix products for each tile.

    Raw moments cancel where a component is tight or far out; see Whitening.lost_magnitude. With
    noise, one more row of Theta is constant: pooled moments, which leave out what all rows have in
    common, are not for that.

    Each product is one call, but goes through the features in pieces of equal length that suit
    BLAS; rows of zeros fill the last piece.
    """

    def __init__(
        self, frame: Frame, n_components: int, moments: Moments, noise: bool = False
    ) -> None:
        n, d = frame.shape
        self._frame = frame
        self._pooled = moments is Moments.POOLED
        assert not (noise and self._pooled)
        self._terms: SecondOrder = FEATURES[moments](frame)
        self._n_features = n_features = d + 1 + self._terms.width
        rows = n_components + noise
        work = 2 * rows * (n_features + 16)
        height = self._terms.margin + n_features
        whole = SMALL_PRODUCT // (rows * n_features) // LINE * LINE
        most = whole if whole >= MANY_ROWS else MAX_TILE
        m = tile_rows(n, (height, rows, 1, 1), work, most)
        self._outer = _pieces(n_features, SMALL_PRODUCT // (rows * m))
        self._inner = _pieces(n_features, min(SMALL_PRODUCT // m, SMALL_RESULT) // rows)
        filled = max(np.prod(self._outer), np.prod(self._inner))
        heights = (self._terms.margin + int(filled), self._outer[0] * rows, rows, 1, 1)
        self.tiling = Tiling(n, heights, work, rows * int(filled), arrange=self._arrange, most=most)

    def _arrange(self, work: Work) -> Work:
        """z, Phi in pieces for L, L by pieces, L; R and Phi by runs for S; the terms, two rows."""
        features, parts, densities, first, second = work
        margin, d, m = self._terms.margin, self._frame.shape[1], features.shape[1]
        phi = features[margin:]
        phi[d] = 1.0
        outer, inner = (
            phi[: count * length].reshape(count, length, m)
            for count, length in (self._outer, self._inner)
        )
        runs = _runs(m)
        return (
            phi[:d],
            outer,
            parts.reshape(len(outer), -1, m),
            densities,
            densities.reshape(-1, 1, runs, m // runs).transpose(2, 1, 0, 3),
            inner.reshape(*inner.shape[:2], runs, m // runs).transpose(2, 0, 3, 1),
            *self._terms.views(features),
            first,
            second,
        )

    def expect(
        self, components: Components, chunk_map: ChunkMap, *, certainty: bool = True
    ) -> Expectation:
        K, d = components.means.shape
        precisions = components.whitening.precisions
        bound = 0.0 if self._pooled else components.bound
        theta = self._coefficients(components, bound)
        # Pooled densities lack a factor that may be of any size.
        bounded = not (certainty or self._pooled)
        count, length = self._inner
        shape = (count, len(theta[0]), length)

        def chunk_sums(chunk: slice) -> Sums:
            sums = Sums(np.zeros(shape))
            for tile in self.tiling.tiles(chunk):
                z, outer, parts, densities, shares, inner, *views = tile.work[:-2]
                if not tile.held:
                    self._frame.read(tile.start, tile.stop, out=z)
                    self._terms.expand(tuple(views))
                evaluate = partial(_evaluate, theta, outer, parts, densities)
                respond(self._frame, tile, evaluate, sums, bounded=bounded)
                for added in np.matmul(shares, inner):
                    sums.weighted += added
            return sums

        sums = total(self.tiling, chunk_sums, shape, chunk_map)
        log_likelihood = sums.log_likelihood + bound * self._frame.size
        if self._pooled:
            # The common quadratic form, left out above: sum_i z_i^T P z_i = tr(P total).
            log_likelihood -= 0.5 * float((precisions[0] * self._frame.total).sum())
        weighted = sums.weighted.transpose(1, 0, 2).reshape(shape[1], -1)[:, : self._n_features]
        first, sizes = weighted[:K, :d], weighted[:K, d]
        means = first / np.maximum(sizes, TINY)[:, None]
        scatter = self._terms.scatter(weighted[:K, d + 1 :], first, means)
        statistics = Statistics(sizes, means, scatter, float(weighted[K:, d].sum()))
        return Expectation(statistics, log_likelihood, sums.log_certainty if certainty else None)

    def _coefficients(self, components: Components, bound: float) -> FloatArray:
        """Theta in pieces, (pieces, K or K + 1, length), for log densities less `bound`."""
        K, d = components.means.shape
        linear = components.whitening.linear(components.means)
        constant = components.constants - bound - 0.5 * (linear * components.means).sum(axis=1)
        count, length = self._outer
        theta = np.zeros((K + (components.background is not None), count * length))
        theta[:K, :d] = linear
        theta[:K, d] = constant
        theta[:K, d + 1 : self._n_features] = self._terms.coefficients(
            components.whitening.precisions
        )
        if components.background is not None:
            theta[K, d] = components.background - bound
        return np.ascontiguousarray(theta.reshape(-1, count, length).transpose(1, 0, 2))


def _evaluate(
    theta: FloatArray, phi: FloatArray, parts: FloatArray, log_densities: FloatArray
) -> FloatArray:
    """Theta Phi by pieces into `log_densities`; see FeatureKernel._arrange."""
    if len(parts) == 1:
        return np.matmul(theta[0], phi[0], out=log_densities)
    np.matmul(theta, phi, out=parts)
    return np.add.reduce(parts, axis=0, out=log_densities)


def _runs(m: int) -> int:
    """Into how many runs of equal length, whole lines of the cache, to cut m rows."""
    if m < 2 * RUN_ROWS:
        return 1
    counts = range(m // RUN_ROWS, m // MANY_ROWS)
    return next((count for count in counts if m % (count * LINE) == 0), 1)


def _pieces(n_features: int, most: int) -> tuple[int, int]:
    """Number and length of the fewest pieces of `most` features or fewer that hold all."""
    count = -(-n_features // max(1, most))
    return count, -(-n_features // count)
