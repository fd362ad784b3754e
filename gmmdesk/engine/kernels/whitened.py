"""The exact kernels: rows in the coordinates in which each component is standard normal."""

from __future__ import annotations

from collections.abc import Callable

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
from gmmdesk.engine.models.whitening import Whitening, whiten
from gmmdesk.engine.parallel import ChunkMap
from gmmdesk.engine.rows.frame import Frame
from gmmdesk.engine.rows.statistics import Statistics
from gmmdesk.engine.rows.tiles import Tile, Tiling

# Puts responsibilities times row weights, (K, m) or with noise (K + 1, m), into its third argument,
# for a tile whose rows are y (K, d, m); may add to the sums.
Respond = Callable[[Tile, FloatArray, FloatArray, Sums], None]


class WhitenedKernel:
    """y = C_k^-1 (z - m_k) for every component, and the scatter of y.

    Keeps its digits however tight or far out a component is, for about twice the
    multiply-adds of the feature kernel.
    """

    def __init__(self, frame: Frame, n_components: int, noise: bool = False) -> None:
        n, d = frame.shape
        self._frame = frame
        self._K = n_components
        self._rows = n_components + noise
        self.tiling = Tiling(
            n,
            (d, n_components * d, d, self._rows, 1, 1),
            2 * n_components * (d * (d + 4) + 16),
            n_components * (1 + d + d * d),
        )

    def expect(
        self, components: Components, chunk_map: ChunkMap, *, certainty: bool = True
    ) -> Expectation:
        bound = components.bound
        constants = components.constants[:, None] - bound
        background = 0.0 if components.background is None else components.background - bound

        def responsibilities(tile: Tile, y: FloatArray, out: FloatArray, sums: Sums) -> None:
            def evaluate() -> FloatArray:
                own = out[: self._K]
                np.einsum("kdm,kdm->km", y, y, out=own)
                own *= -0.5
                own += constants
                out[self._K :] = background
                return out

            respond(self._frame, tile, evaluate, sums, bounded=not certainty)

        sums = self._pass(components.means, components.whitening, responsibilities, chunk_map)
        statistics = self._unwhitened(sums.weighted, components.means, components.whitening)
        log_likelihood = sums.log_likelihood + bound * self._frame.size
        return Expectation(statistics, log_likelihood, sums.log_certainty if certainty else None)

    def measure(self, read: Callable[[slice, FloatArray], None], chunk_map: ChunkMap) -> Statistics:
        """Statistics under given responsibilities; `read(rows, out)` puts those in `out` (K, m).

        In two passes, means first, so that the scatter of a tight component is exact.
        """
        d = self._frame.shape[1]

        def given(tile: Tile, _y: FloatArray, out: FloatArray, _sums: Sums) -> None:
            read(slice(tile.start, tile.stop), out)
            if self._frame.weights is not None:
                out *= self._frame.weights[tile.start : tile.stop]

        identity = whiten(self._identity(d))
        means = np.zeros((self._K, d))
        for _ in range(2):
            sums = self._pass(means, identity, given, chunk_map)
            statistics = self._unwhitened(sums.weighted, means, identity)
            means = statistics.means
        return statistics

    def _identity(self, d: int) -> FloatArray:
        return np.tile(np.eye(d), (self._K, 1, 1))

    def _pass(
        self, means: FloatArray, whitening: Whitening, respond: Respond, chunk_map: ChunkMap
    ) -> Sums:
        """Sums of r, r y and r y y^T for each component, (K, 1 + d + d^2)."""
        K, d = means.shape

        def chunk_sums(chunk: slice) -> Sums:
            sums = Sums(np.zeros((self._rows, 1 + d + d * d)))
            for tile in self.tiling.tiles(chunk):
                z, flat, product, responsibilities = tile.work[:4]
                if not tile.held:
                    self._frame.read(tile.start, tile.stop, out=z)
                # Splits the first axis only: a view of a shorter tile's work arrays too.
                y = flat.reshape(K, d, -1)
                for k in range(K):
                    # The mean first: of a tight component C^-1 z and C^-1 m would all but cancel.
                    np.subtract(z, means[k][:, None], out=product)
                    np.matmul(whitening.inverses[k], product, out=y[k])
                respond(tile, y, responsibilities, sums)
                sums.weighted[:, 0] += responsibilities.sum(axis=1)
                for k in range(K):
                    np.multiply(y[k], responsibilities[k], out=product)
                    sums.weighted[k, 1 : 1 + d] += y[k] @ responsibilities[k]
                    sums.weighted[k, 1 + d :] += (product @ y[k].T).ravel()
            return sums

        return total(self.tiling, chunk_sums, (self._rows, 1 + d + d * d), chunk_map)

    def _unwhitened(
        self, weighted: FloatArray, means: FloatArray, whitening: Whitening
    ) -> Statistics:
        """Statistics from the sums of a pass with these `means` and factors."""
        K, d = means.shape
        factors = whitening.factors
        sizes, first, second, noise = self._parts(weighted)
        shifts = first / np.maximum(sizes, TINY)[:, None]
        scatter = second.reshape(K, d, d) - first[:, :, None] * shifts[:, None, :]
        scatter = factors @ scatter @ factors.transpose(0, 2, 1)
        scatter = (scatter + scatter.transpose(0, 2, 1)) / 2.0
        moved = means + (factors @ shifts[:, :, None])[:, :, 0]
        return Statistics(sizes, moved, scatter, noise)

    def _parts(self, weighted: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, float]:
        """Sizes (K,), first (K, d) and second moments from weighted sums; the size of the noise."""
        own, d = weighted[: self._K], self._frame.shape[1]
        return own[:, 0], own[:, 1 : 1 + d], own[:, 1 + d :], float(weighted[self._K :, 0].sum())


class DiagonalKernel(WhitenedKernel):
    """The same for covariances along the axes: y and its squares, no products of columns."""

    def __init__(self, frame: Frame, n_components: int, noise: bool = False) -> None:
        n, d = frame.shape
        self._frame = frame
        self._K = n_components
        self._rows = n_components + noise
        self.tiling = Tiling(
            n,
            (d, n_components * d, self._rows, 1, 1),
            2 * n_components * (4 * d + 16),
            n_components * (1 + 2 * d),
        )

    def _identity(self, d: int) -> FloatArray:
        return np.ones((self._K, d))

    def _pass(
        self, means: FloatArray, whitening: Whitening, respond: Respond, chunk_map: ChunkMap
    ) -> Sums:
        """Sums of r, r y and r y^2 for each component, (K, 1 + 2 d)."""
        K, d = means.shape

        def chunk_sums(chunk: slice) -> Sums:
            sums = Sums(np.zeros((self._rows, 1 + 2 * d)))
            for tile in self.tiling.tiles(chunk):
                z, flat, responsibilities = tile.work[:3]
                if not tile.held:
                    self._frame.read(tile.start, tile.stop, out=z)
                y = flat.reshape(K, d, -1)
                np.subtract(z, means[:, :, None], out=y)
                y *= whitening.inverses[:, :, None]
                respond(tile, y, responsibilities, sums)
                weights = responsibilities[:K, :, None]
                sums.weighted[:, 0] += responsibilities.sum(axis=1)
                sums.weighted[:K, 1 : 1 + d] += (y @ weights)[:, :, 0]
                np.square(y, out=y)
                sums.weighted[:K, 1 + d :] += (y @ weights)[:, :, 0]
            return sums

        return total(self.tiling, chunk_sums, (self._rows, 1 + 2 * d), chunk_map)

    def _unwhitened(
        self, weighted: FloatArray, means: FloatArray, whitening: Whitening
    ) -> Statistics:
        sizes, first, second, noise = self._parts(weighted)
        shifts = first / np.maximum(sizes, TINY)[:, None]
        scatter = (second - first * shifts) * whitening.factors**2
        return Statistics(sizes, means + whitening.factors * shifts, scatter, noise)
