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
from gmmdesk.engine.rows.tiles import LINE, Tiling, Work, tile_rows

# OpenBLAS multiplies small matrices without copying them first, about twice as fast where one side
# is short as it is here: up to so many multiply-adds, and when the left one is read transposed, up
# to so many numbers in the result.
SMALL_PRODUCT = 10**6
SMALL_RESULT = 1200
# Products go through longer tiles in runs of at most so many rows, which stay in the second-level
# cache while they are read more than once; runs of fewer than MANY_ROWS are not worth while, and
# the features are cut instead.
RUN_ROWS = 4096
MANY_ROWS = 1024
# Of the usual length of a tile: here the steps are the shortest for their number.
LENGTH = 1.5


class FeatureKernel:
    """L = Theta Phi and S = R Phi^T: two matrix products for each tile.

    Raw moments cancel where a component is tight or far out; see Whitening.lost_magnitudes. With
    noise, one more row of Theta is constant: pooled moments, which leave out what all rows have in
    common, are not for that.

    Each product is one call, but goes through the rows in runs and through the features in pieces
    of equal length that suit BLAS; rows of zeros fill the last piece. Long tiles are few calls: a
    thread that has to wait for the interpreter after each loses more than the cache gives.
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
        m = tile_rows(n, (height, rows, 1, 1), work, LENGTH)
        whole = SMALL_PRODUCT // (rows * n_features)
        most = min(whole, RUN_ROWS) if whole >= MANY_ROWS else RUN_ROWS
        run = min(m, most) if whole >= MANY_ROWS else m
        self._outer = _pieces(n_features, SMALL_PRODUCT // (rows * run))
        self._inner = _pieces(n_features, min(SMALL_PRODUCT // run, SMALL_RESULT) // rows)
        filled = max(np.prod(self._outer), np.prod(self._inner))
        heights = (self._terms.margin + int(filled), self._outer[0] * rows, rows, 1, 1)
        # Not a method: with the kernel go its work arrays, as soon as nobody needs it.
        arrange = partial(_arrange, self._terms, d, self._outer, self._inner, most=most)
        self.tiling = Tiling(n, heights, work, rows * int(filled), arrange=arrange, length=LENGTH)

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
        count, length = self._outer
        theta = np.zeros((K + (components.background is not None), count * length))
        fill_coefficients(theta[:K, : self._n_features], self._terms, components, bound)
        if components.background is not None:
            theta[K, d] = components.background - bound
        return np.ascontiguousarray(theta.reshape(-1, count, length).transpose(1, 0, 2))


def fill_coefficients(
    theta: FloatArray, terms: SecondOrder, components: Components, bound: float
) -> None:
    """Make `theta` (K, F) that of the log densities of `components` less `bound`."""
    d = components.means.shape[1]
    linear = components.whitening.linear(components.means)
    theta[:, :d] = linear
    theta[:, d] = components.constants - bound - 0.5 * (linear * components.means).sum(axis=1)
    theta[:, d + 1 :] = terms.coefficients(components.whitening.precisions)


def _arrange(
    terms: SecondOrder,
    d: int,
    outer_pieces: tuple[int, int],
    inner_pieces: tuple[int, int],
    work: Work,
    *,
    most: int,
) -> Work:
    """z, Phi and what it yields for L, L; R and Phi for S; the terms, two rows.

    By runs of at most so many rows where all features are one piece, else L by pieces that are
    still to be added.
    """
    features, parts, densities, first, second = work
    m = features.shape[1]
    phi = features[terms.margin :]
    phi[d] = 1.0
    outer, inner = (
        phi[: count * length].reshape(count, length, m)
        for count, length in (outer_pieces, inner_pieces)
    )
    runs = _runs(m, most)
    shares = densities.reshape(-1, 1, runs, m // runs).transpose(2, 1, 0, 3)
    if len(outer) == 1:
        outer = outer.reshape(-1, runs, m // runs).transpose(1, 0, 2)
        yielded = shares[:, 0]
    else:
        yielded = parts.reshape(len(outer), -1, m)
    return (
        phi[:d],
        outer,
        yielded,
        densities,
        shares,
        inner.reshape(*inner.shape[:2], runs, m // runs).transpose(2, 0, 3, 1),
        *terms.views(features),
        first,
        second,
    )


def _evaluate(
    theta: FloatArray, phi: FloatArray, parts: FloatArray, log_densities: FloatArray
) -> FloatArray:
    """Theta Phi into `log_densities`; see `_arrange`."""
    np.matmul(theta, phi, out=parts)
    if len(theta) > 1:
        np.add.reduce(parts, axis=0, out=log_densities)
    return log_densities


def _runs(m: int, most: int) -> int:
    """Into how few runs of at most so many rows, whole lines of the cache, to cut m rows.

    One where that is not possible without making them short.
    """
    counts = range(-(-m // most), 1 + m // (most // 4))
    return next((count for count in counts if m % (count * LINE) == 0), 1)


def _pieces(n_features: int, most: int) -> tuple[int, int]:
    """Number and length of the fewest pieces of `most` features or fewer that hold all."""
    count = -(-n_features // max(1, most))
    return count, -(-n_features // count)
