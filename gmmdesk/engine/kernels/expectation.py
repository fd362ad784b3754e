"""What an E-step takes and yields, and how log densities become responsibilities."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from gmmdesk.engine.arrays import FloatArray
from gmmdesk.engine.frame import Frame
from gmmdesk.engine.parallel import ChunkMap
from gmmdesk.engine.parameters import Parameters
from gmmdesk.engine.statistics import Statistics
from gmmdesk.engine.tiles import Tile, Tiling
from gmmdesk.engine.whitening import Whitening

# Keeps the mean of an emptied component finite; that it is empty is found later.
TINY = 1e-300
LOG_2_PI = float(np.log(2.0 * np.pi))


@dataclass(frozen=True, slots=True, eq=False)
class Components:
    """What an E-step evaluates: K normal densities, in the frame's coordinates.

    `log_weights` (K,) are added to their logarithms and need not be those of a mixture: the
    expectations of variational Bayes go there too. `background` is the logarithm of the noise's
    weight times its density, None without noise.
    """

    log_weights: FloatArray
    means: FloatArray
    whitening: Whitening
    background: float | None = None

    @classmethod
    def of(cls, parameters: Parameters, whitening: Whitening) -> Components:
        """Those of a mixture whose covariances have the factors `whitening`."""
        noise = parameters.noise
        with np.errstate(divide="ignore"):  # a weight of 0 is no rows
            return cls(
                np.log(parameters.weights),
                parameters.means,
                whitening,
                None if noise is None else float(np.log(noise.weight)) + noise.log_density,
            )

    @property
    def constants(self) -> FloatArray:
        """The log weights less the logarithms of the normalising constants, (K,)."""
        d = self.means.shape[1]
        logs = d * LOG_2_PI + self.whitening.log_determinants
        return np.asarray(self.log_weights - 0.5 * logs)


@dataclass(slots=True, eq=False)
class Sums:
    """What a chunk adds: weighted sums (K, F) and the two parts of the log-likelihood.

    With l_ik the weighted log densities and s_i = sum_k exp(l_ik - max_k l_ik), `log_max` is
    sum_i max_k l_ik and `log_sum` is sum_i ln s_i, which is also -sum_i ln max_k r_ik. With noise,
    that is one row more of `weighted`.
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


class Plan(Protocol):
    """How a pass cuts the rows."""

    def numbers(self, n_threads: int) -> int:
        """Numbers held at once in passes on so many threads."""


class Kernel(Protocol):
    """One way to carry out an E-step; all give the same up to rounding."""

    @property
    def tiling(self) -> Plan: ...

    def expect(self, components: Components, chunk_map: ChunkMap) -> Expectation:
        """The E-step with `components`."""


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


def respond(frame: Frame, tile: Tile, log_densities: FloatArray, sums: Sums) -> None:
    """Turn a tile's weighted log densities (K, m) into responsibilities times row weights.

    In place, with what is known about the rows; adds to the log-likelihood in `sums`. The last two
    work arrays of the tile are used.
    """
    log_max, log_sum = (array[0] for array in tile.work[-2:])
    if frame.memberships is not None:
        frame.memberships.restrict(slice(tile.start, tile.stop), log_densities)
    normalize(log_densities, log_max, log_sum)
    if frame.weights is None:
        sums.log_max += float(log_max.sum())
        sums.log_sum += float(log_sum.sum())
        return
    weights = frame.weights[tile.start : tile.stop]
    log_densities *= weights
    sums.log_max += float(weights @ log_max)
    sums.log_sum += float(weights @ log_sum)


def total(
    tiling: Tiling, function: Callable[[slice], Sums], shape: tuple[int, int], chunk_map: ChunkMap
) -> Sums:
    """The sums of all chunks, added in their order."""
    added = Sums(np.zeros(shape))
    for sums in tiling.map(function, chunk_map):
        added.add(sums)
    return added
