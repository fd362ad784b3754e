"""What an E-step takes and yields, and how log densities become responsibilities."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from gmmdesk.engine.arrays import FloatArray
from gmmdesk.engine.models.whitening import Whitening
from gmmdesk.engine.parallel import ChunkMap
from gmmdesk.engine.parameters import Parameters
from gmmdesk.engine.rows.frame import Frame
from gmmdesk.engine.rows.statistics import Statistics
from gmmdesk.engine.rows.tiles import Tile, Tiling

# Keeps the mean of an emptied component finite; that it is empty is found later.
TINY = 1e-300
# With densities of at least this, in units of the largest possible, what is below e^LOWEST in a sum
# of them is below 1e-43 of it: no part of the component whose density it is, however tight.
LEAST_DENSITY = 1e-260
# So many densities are multiplied before a logarithm is taken; each is at most the number of
# components, so that a product far from underflow tells that none of them is.
FACTORS = 8
# Near the least number that a double can hold, an exponential takes up to a hundred times as long,
# and multiplications by it several times as long: lower logarithms are taken for this one.
LOWEST = -700.0
# So many numbers tell whether a tile is likely to have lower ones: looking at all takes as long as
# their exponentials.
SAMPLE = 256
LOG_2_PI = float(np.log(2.0 * np.pi))


@dataclass(frozen=True, slots=True, eq=False)
class Components:
    """What an E-step evaluates: K normal densities, in the coordinates of the rows it is given.

    `log_weights` (K,) are added to their logarithms and need not be those of a mixture: the
    expectations of variational Bayes go there too. `background` is the logarithm of the noise's
    weight times its density, None without noise. `constants` (K,) are the log weights less the
    logarithms of the normalising constants.
    """

    log_weights: FloatArray
    means: FloatArray
    whitening: Whitening
    background: float | None = None
    constants: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        logs = self.means.shape[1] * LOG_2_PI + self.whitening.log_determinants
        object.__setattr__(self, "constants", self.log_weights - 0.5 * logs)

    @classmethod
    def of(cls, parameters: Parameters, whitening: Whitening) -> Components:
        """Those of a mixture whose covariances have the factors `whitening`."""
        noise = parameters.noise
        # A weight of 0 is no rows, and its logarithm no number to compute with.
        return cls(
            np.log(np.maximum(parameters.weights, TINY)),
            parameters.means,
            whitening,
            None if noise is None else math.log(max(noise.weight, TINY)) + noise.log_density,
        )

    @property
    def bound(self) -> float:
        """What no weighted log density is above."""
        highest = float(self.constants.max())
        return highest if self.background is None else max(highest, self.background)


@dataclass(slots=True, eq=False)
class Sums:
    """What a chunk adds: weighted sums (K, F), the log-likelihood and sum_i ln max_k r_ik.

    With noise, that is one row more of `weighted`. The log-likelihood is that of the densities as
    they were evaluated, which a constant may have been taken off.
    """

    weighted: FloatArray
    log_likelihood: float = 0.0
    log_certainty: float = 0.0

    def add(self, other: Sums) -> None:
        self.weighted += other.weighted
        self.log_likelihood += other.log_likelihood
        self.log_certainty += other.log_certainty


@dataclass(frozen=True, slots=True, eq=False)
class Expectation:
    """What an E-step yields: statistics and the total log-likelihood (nats).

    `log_certainty` is sum_i ln max_k r_ik, None where it was not asked for.
    """

    statistics: Statistics
    log_likelihood: float
    log_certainty: float | None


class Plan(Protocol):
    """How a pass cuts the rows."""

    def numbers(self, n_threads: int) -> int:
        """Numbers held at once in passes on so many threads."""


class Kernel(Protocol):
    """One way to carry out an E-step; all give the same up to rounding."""

    @property
    def tiling(self) -> Plan: ...

    def expect(
        self, components: Components, chunk_map: ChunkMap, *, certainty: bool = True
    ) -> Expectation:
        """The E-step with `components`; `certainty` asks for more than an iteration needs."""


def normalize(
    log_densities: FloatArray, log_max: FloatArray, log_sum: FloatArray, *, lifted: bool = False
) -> None:
    """Turn weighted log densities (..., K, m) into responsibilities, in place.

    The log density of the mixture is then `log_max` + `log_sum`, both (..., m). Responsibilities
    may be `lifted` to e^LOWEST, those of 0 too.
    """
    np.max(log_densities, axis=-2, out=log_max)
    log_densities -= log_max[..., None, :]
    if lifted:
        _lift(log_densities)
    np.exp(log_densities, out=log_densities)
    np.sum(log_densities, axis=-2, out=log_sum)
    log_densities /= log_sum[..., None, :]
    np.log(log_sum, out=log_sum)


def _lift(log_densities: FloatArray) -> None:
    """Raise those of (..., K, m) below LOWEST to it, if a look at a few columns finds such."""
    columns = max(1, SAMPLE * log_densities.shape[-1] // log_densities.size)
    if log_densities[..., :columns].min() < LOWEST:
        np.maximum(log_densities, LOWEST, out=log_densities)


def respond(
    frame: Frame,
    tile: Tile,
    evaluate: Callable[[], FloatArray],
    sums: Sums,
    *,
    bounded: bool,
) -> FloatArray:
    """Responsibilities of a tile's rows times their weights, (K, m), and what is known about them.

    They replace the weighted log densities in the array that `evaluate` fills and returns. Adds the
    log-likelihood to `sums`. When the log densities are `bounded` by about 0 no exponential
    overflows, and rows are scaled by their largest one only where they underflow; the certainty is
    then left out. The last two work arrays of the tile are used.
    """
    rows = slice(tile.start, tile.stop)
    first, second = (array[0] for array in tile.work[-2:])
    weights = None if frame.weights is None else frame.weights[rows]

    def restrict(log_densities: FloatArray) -> None:
        if frame.memberships is not None:
            frame.memberships.restrict(rows, log_densities)

    densities = evaluate()
    if bounded:
        _lift(densities)
        restrict(densities)  # afterwards: what cannot be stays at exactly 0
        np.exp(densities, out=densities)
        mixture = np.add.reduce(densities, axis=0, out=first)
        logs = _sum_of_logs(mixture, weights, len(densities))
        if logs is not None:
            scale = np.divide(1.0 if weights is None else weights, mixture, out=second)
            densities *= scale
            sums.log_likelihood += logs
            return densities
        evaluate()
    restrict(densities)
    normalize(densities, first, second, lifted=frame.memberships is None)
    if weights is None:
        log_sum = float(second.sum())
        sums.log_likelihood += float(first.sum()) + log_sum
    else:
        densities *= weights
        log_sum = float(weights @ second)
        sums.log_likelihood += float(weights @ first) + log_sum
    sums.log_certainty -= log_sum
    return densities


def _sum_of_logs(values: FloatArray, weights: FloatArray | None, most: int) -> float | None:
    """The weighted sum of the logarithms of `values` (m,), which are at most `most`.

    None where one of them is below LEAST_DENSITY.
    """
    if weights is None and len(values) % FACTORS == 0:
        # Multiplying is much quicker than taking logarithms, and as exact.
        products = np.multiply.reduce(values.reshape(FACTORS, -1), axis=0)
        if products.min() >= LEAST_DENSITY * float(most) ** (FACTORS - 1):
            return float(np.log(products, out=products).sum())
    if values.min() < LEAST_DENSITY:
        return None
    logs = np.log(values)
    return float(logs.sum() if weights is None else weights @ logs)


def total(
    tiling: Tiling, function: Callable[[slice], Sums], shape: tuple[int, ...], chunk_map: ChunkMap
) -> Sums:
    """The sums of all chunks, added in their order."""
    added = Sums(np.zeros(shape))
    for sums in tiling.map(function, chunk_map):
        added.add(sums)
    return added
