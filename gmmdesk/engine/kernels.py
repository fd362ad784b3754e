"""One pass over the rows: log densities, responsibilities and sufficient statistics, fused.

Rows are read in tiles that stay in the cache, features first, so that every elementwise step
runs along contiguous memory; no n x K array is kept. Chunks are added in their order, so that
the sums do not depend on how many threads ran.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from gmmdesk.engine.arrays import FloatArray
from gmmdesk.engine.covariance import Moments
from gmmdesk.engine.features import FEATURES, SecondOrder
from gmmdesk.engine.frame import Frame
from gmmdesk.engine.parallel import ChunkMap
from gmmdesk.engine.parameters import Parameters
from gmmdesk.engine.statistics import Statistics
from gmmdesk.engine.tiles import Tile, Tiling
from gmmdesk.engine.whitening import Whitening, whiten

# Keeps the mean of an emptied component finite; that it is empty is found later.
TINY = 1e-300
# From this many columns on, the products of all pairs of columns no longer fit a cache.
WHITEN_COLUMNS = 64
# The feature kernel may lose this factor of the machine epsilon: 1e-10 nats for a row.
LOST_MAGNITUDE = 1e6
LOG_2_PI = float(np.log(2.0 * np.pi))


@dataclass(slots=True, eq=False)
class Sums:
    """What a chunk adds: weighted sums (K, F) and the two parts of the log-likelihood.

    With l_ik the weighted log densities and s_i = sum_k exp(l_ik - max_k l_ik), `log_max` is
    sum_i max_k l_ik and `log_sum` is sum_i ln s_i, which is also -sum_i ln max_k r_ik.
    """

    weighted: FloatArray
    log_max: float = 0.0
    log_sum: float = 0.0

    def add(self, other: Sums) -> None:
        self.weighted += other.weighted
        self.log_max += other.log_max
        self.log_sum += other.log_sum


@dataclass(frozen=True, slots=True, eq=False)
class Expectation:
    """What an E-step yields: statistics, the total log-likelihood (nats), sum_i ln max_k r_ik."""

    statistics: Statistics
    log_likelihood: float
    log_certainty: float


class Kernel(Protocol):
    """One way to carry out an E-step; all give the same up to rounding."""

    tiling: Tiling

    def expect(
        self, parameters: Parameters, whitening: Whitening, chunk_map: ChunkMap
    ) -> Expectation:
        """The E-step with `parameters`, in the frame's coordinates, and their factors."""


def log_constants(weights: FloatArray, log_determinants: FloatArray, d: int) -> FloatArray:
    """ln pi_k less the log of the component's normalising constant, (K,)."""
    return np.asarray(np.log(weights) - 0.5 * (d * LOG_2_PI + log_determinants))


def normalize(log_densities: FloatArray, log_max: FloatArray, log_sum: FloatArray) -> None:
    """Turn weighted log densities (K, m) into responsibilities, in place.

    The log density of the mixture is then `log_max` + `log_sum`, both (m,).
    """
    np.max(log_densities, axis=0, out=log_max)
    log_densities -= log_max
    np.exp(log_densities, out=log_densities)
    np.sum(log_densities, axis=0, out=log_sum)
    log_densities /= log_sum
    np.log(log_sum, out=log_sum)


def _total(
    tiling: Tiling, function: Callable[[slice], Sums], shape: tuple[int, int], chunk_map: ChunkMap
) -> Sums:
    total = Sums(np.zeros(shape))
    for sums in tiling.map(function, chunk_map):
        total.add(sums)
    return total


class FeatureKernel:
    """L = Theta Phi and S = R Phi^T: two matrix products for each tile.

    The fast one. Raw moments cancel where a component is tight or far out; see
    Whitening.lost_magnitude.
    """

    def __init__(self, frame: Frame, n_components: int, moments: Moments) -> None:
        n, d = frame.shape
        self._frame = frame
        self._pooled = moments is Moments.POOLED
        self._terms: SecondOrder = FEATURES[moments](frame)
        n_features = 1 + d + self._terms.width
        self.tiling = Tiling(
            n,
            (n_features, n_components, 1, 1),
            2 * n_components * (n_features + 16),
            n_components * n_features,
        )

    def expect(
        self, parameters: Parameters, whitening: Whitening, chunk_map: ChunkMap
    ) -> Expectation:
        d = self._frame.shape[1]
        precisions = whitening.precisions
        linear = whitening.linear(parameters.means)
        constant = log_constants(parameters.weights, whitening.log_determinants, d)
        constant -= 0.5 * (linear * parameters.means).sum(axis=1)
        theta = np.concatenate(
            [constant[:, None], linear, self._terms.coefficients(precisions)], axis=1
        )

        def chunk_sums(chunk: slice) -> Sums:
            sums = Sums(np.zeros_like(theta))
            for tile in self.tiling.tiles(chunk):
                phi, responsibilities, log_max, log_sum = tile.work
                phi[0] = 1.0
                self._frame.read(tile.start, tile.stop, out=phi[1 : 1 + d])
                self._terms.expand(phi[1 : 1 + d], out=phi[1 + d :])
                np.matmul(theta, phi, out=responsibilities)
                normalize(responsibilities, log_max[0], log_sum[0])
                sums.weighted += responsibilities @ phi.T
                sums.log_max += float(log_max.sum())
                sums.log_sum += float(log_sum.sum())
            return sums

        sums = _total(self.tiling, chunk_sums, theta.shape, chunk_map)
        log_likelihood = sums.log_max + sums.log_sum
        if self._pooled:
            # The common quadratic form, left out above: sum_i z_i^T P z_i = tr(P total).
            log_likelihood -= 0.5 * float((precisions[0] * self._frame.total).sum())
        sizes, first, second = _parts(sums.weighted, d)
        means = first / np.maximum(sizes, TINY)[:, None]
        statistics = Statistics(sizes, means, self._terms.scatter(second, first, means))
        return Expectation(statistics, log_likelihood, -sums.log_sum)


class WhitenedKernel:
    """y = C_k^-1 (z - m_k) for every component, and the scatter of y.

    Keeps its digits however tight or far out a component is, for about twice the
    multiply-adds of the feature kernel.
    """

    def __init__(self, frame: Frame, n_components: int) -> None:
        n, d = frame.shape
        self._frame = frame
        self._K = n_components
        self.tiling = Tiling(
            n,
            (d, n_components * d, d, n_components, 1, 1),
            2 * n_components * (d * (d + 4) + 16),
            n_components * (1 + d + d * d),
        )

    def expect(
        self, parameters: Parameters, whitening: Whitening, chunk_map: ChunkMap
    ) -> Expectation:
        d = self._frame.shape[1]
        constant = log_constants(parameters.weights, whitening.log_determinants, d)[:, None]

        def respond(tile: Tile, y: FloatArray, out: FloatArray) -> None:
            np.einsum("kdm,kdm->km", y, y, out=out)
            out *= -0.5
            out += constant
            normalize(out, *(row[0] for row in tile.work[-2:]))

        sums = self._pass(parameters.means, whitening, respond, chunk_map)
        statistics = self._unwhitened(sums.weighted, parameters.means, whitening)
        return Expectation(statistics, sums.log_max + sums.log_sum, -sums.log_sum)

    def measure(self, read: Callable[[slice, FloatArray], None], chunk_map: ChunkMap) -> Statistics:
        """Statistics under given responsibilities; `read(rows, out)` puts those in `out` (K, m).

        In two passes, means first, so that the scatter of a tight component is exact.
        """
        d = self._frame.shape[1]

        def respond(tile: Tile, _y: FloatArray, out: FloatArray) -> None:
            read(slice(tile.start, tile.stop), out)
            tile.work[-1].fill(0.0)
            tile.work[-2].fill(0.0)

        identity = whiten(self._identity(d))
        means = np.zeros((self._K, d))
        for _ in range(2):
            sums = self._pass(means, identity, respond, chunk_map)
            statistics = self._unwhitened(sums.weighted, means, identity)
            means = statistics.means
        return statistics

    def _identity(self, d: int) -> FloatArray:
        return np.tile(np.eye(d), (self._K, 1, 1))

    def _pass(
        self,
        means: FloatArray,
        whitening: Whitening,
        respond: Callable[[Tile, FloatArray, FloatArray], None],
        chunk_map: ChunkMap,
    ) -> Sums:
        """Sums of r, r y and r y y^T for each component, (K, 1 + d + d^2)."""
        K, d = means.shape

        def chunk_sums(chunk: slice) -> Sums:
            sums = Sums(np.zeros((K, 1 + d + d * d)))
            for tile in self.tiling.tiles(chunk):
                z, flat, product, responsibilities, log_max, log_sum = tile.work
                self._frame.read(tile.start, tile.stop, out=z)
                # Splits the first axis only: a view of a shorter tile's work arrays too.
                y = flat.reshape(K, d, -1)
                for k in range(K):
                    # The mean first: of a tight component C^-1 z and C^-1 m would all but cancel.
                    np.subtract(z, means[k][:, None], out=product)
                    np.matmul(whitening.inverses[k], product, out=y[k])
                respond(tile, y, responsibilities)
                sums.weighted[:, 0] += responsibilities.sum(axis=1)
                for k in range(K):
                    np.multiply(y[k], responsibilities[k], out=product)
                    sums.weighted[k, 1 : 1 + d] += y[k] @ responsibilities[k]
                    sums.weighted[k, 1 + d :] += (product @ y[k].T).ravel()
                sums.log_max += float(log_max.sum())
                sums.log_sum += float(log_sum.sum())
            return sums

        return _total(self.tiling, chunk_sums, (K, 1 + d + d * d), chunk_map)

    def _unwhitened(
        self, weighted: FloatArray, means: FloatArray, whitening: Whitening
    ) -> Statistics:
        """Statistics from the sums of a pass with these `means` and factors."""
        K, d = means.shape
        factors = whitening.factors
        sizes, first, second = _parts(weighted, d)
        shifts = first / np.maximum(sizes, TINY)[:, None]
        scatter = second.reshape(K, d, d) - first[:, :, None] * shifts[:, None, :]
        scatter = factors @ scatter @ factors.transpose(0, 2, 1)
        scatter = (scatter + scatter.transpose(0, 2, 1)) / 2.0
        moved = means + (factors @ shifts[:, :, None])[:, :, 0]
        return Statistics(sizes, moved, scatter)


class DiagonalKernel(WhitenedKernel):
    """The same for covariances along the axes: y and its squares, no products of columns."""

    def __init__(self, frame: Frame, n_components: int) -> None:
        n, d = frame.shape
        self._frame = frame
        self._K = n_components
        self.tiling = Tiling(
            n,
            (d, n_components * d, n_components, 1, 1),
            2 * n_components * (4 * d + 16),
            n_components * (1 + 2 * d),
        )

    def _identity(self, d: int) -> FloatArray:
        return np.ones((self._K, d))

    def _pass(
        self,
        means: FloatArray,
        whitening: Whitening,
        respond: Callable[[Tile, FloatArray, FloatArray], None],
        chunk_map: ChunkMap,
    ) -> Sums:
        """Sums of r, r y and r y^2 for each component, (K, 1 + 2 d)."""
        K, d = means.shape

        def chunk_sums(chunk: slice) -> Sums:
            sums = Sums(np.zeros((K, 1 + 2 * d)))
            for tile in self.tiling.tiles(chunk):
                z, flat, responsibilities, log_max, log_sum = tile.work
                self._frame.read(tile.start, tile.stop, out=z)
                y = flat.reshape(K, d, -1)
                np.subtract(z, means[:, :, None], out=y)
                y *= whitening.inverses[:, :, None]
                respond(tile, y, responsibilities)
                weights = responsibilities[:, :, None]
                sums.weighted[:, 0] += responsibilities.sum(axis=1)
                sums.weighted[:, 1 : 1 + d] += (y @ weights)[:, :, 0]
                np.square(y, out=y)
                sums.weighted[:, 1 + d :] += (y @ weights)[:, :, 0]
                sums.log_max += float(log_max.sum())
                sums.log_sum += float(log_sum.sum())
            return sums

        return _total(self.tiling, chunk_sums, (K, 1 + 2 * d), chunk_map)

    def _unwhitened(
        self, weighted: FloatArray, means: FloatArray, whitening: Whitening
    ) -> Statistics:
        sizes, first, second = _parts(weighted, means.shape[1])
        shifts = first / np.maximum(sizes, TINY)[:, None]
        scatter = (second - first * shifts) * whitening.factors**2
        return Statistics(sizes, means + whitening.factors * shifts, scatter)


class Kernels:
    """The kernels for one frame, with the work arrays that all runs over it share.

    `whitened` is always exact; `choose` gives a faster one where that is exact enough.
    """

    def __init__(self, frame: Frame, n_components: int, moments: Moments) -> None:
        self.frame = frame
        diagonal = moments is Moments.DIAGONAL
        self.whitened = (DiagonalKernel if diagonal else WhitenedKernel)(frame, n_components)
        self._fast: Kernel = self.whitened
        if moments is not Moments.FULL or frame.shape[1] < WHITEN_COLUMNS:
            self._fast = FeatureKernel(frame, n_components, moments)

    def numbers(self, n_threads: int) -> int:
        """Numbers held at once in passes on so many threads."""
        return sum(kernel.tiling.numbers(n_threads) for kernel in {self.whitened, self._fast})

    def choose(self, means: FloatArray, whitening: Whitening) -> Kernel:
        """The kernel for an E-step with these `means` (K, d) and factors."""
        if self._fast is not self.whitened and whitening.lost_magnitude(means) > LOST_MAGNITUDE:
            return self.whitened
        return self._fast


def _parts(weighted: FloatArray, d: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Sizes (K,), first (K, d) and second moments from weighted sums."""
    return weighted[:, 0], weighted[:, 1 : 1 + d], weighted[:, 1 + d :]
