"""What a mixture says about rows: densities, responsibilities, labels and distances."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gmmdesk.engine.arrays import AnyArray, FloatArray, IntArray
from gmmdesk.engine.kernels import Components
from gmmdesk.engine.kernels.expectation import LOG_2_PI, TINY, normalize
from gmmdesk.engine.models.marginals import marginals
from gmmdesk.engine.models.whitening import factored
from gmmdesk.engine.parallel import ChunkMap, ThreadedMap, running
from gmmdesk.engine.parameters import Noise, Parameters
from gmmdesk.engine.rows.gaps import group_rows, refuse_unusable
from gmmdesk.engine.rows.memberships import Memberships
from gmmdesk.engine.rows.source import Source, as_source, refuse_infinite
from gmmdesk.engine.rows.tiles import Tiling
from gmmdesk.errors import FitError

# Components are in the data's coordinates here, and their factors (K, d, d).
Mixture = Parameters | Components


@dataclass(frozen=True, slots=True, eq=False)
class RowScores:
    """What a mixture says about each of n rows: arrays (n,).

    `n_observed` counts the row's cells that are not missing, of which all else is.
    `label` and `second` are 0-based components (`second` is -1 when there is one), K for noise;
    `probability` is the responsibility of `label`, `log_density` that of the mixture in nats, and
    `squared_distance` the squared Mahalanobis distance from the mean of `label`, for noise that
    from the nearest one. Of groups of components, labels and probabilities are those of the groups,
    and the distance is that from the likeliest component.
    """

    label: npt.NDArray[np.int32]
    probability: FloatArray
    second: npt.NDArray[np.int32]
    log_density: FloatArray
    squared_distance: FloatArray
    n_observed: npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class _Evaluated:
    """Rows start..stop-1: squared distances (K, m), responsibilities (K, m), log densities (m,).

    And `n_observed`, the number of cells that are there, (m,) or the same for all.

    With noise its responsibilities are one row more.
    """

    rows: slice
    squared_distances: FloatArray
    responsibilities: FloatArray
    log_density: FloatArray
    n_observed: IntArray | int


def score(
    mixture: Mixture,
    X: Source | npt.ArrayLike,
    chunk_map: ChunkMap | None = None,
    *,
    missing: bool = False,
    groups: Sequence[int] | None = None,
) -> RowScores:
    """Score every row of X (n, d), in chunks: no n x K array is made.

    With `groups`, the group of each component (K,) in 0..C-1, rows are told which group they belong
    to: responsibilities of its components add up, and C stands for noise.

    A row so far out that its squared distances overflow goes to the component from which it is
    the fewest standard deviations away; its log density is -inf. Cells that are nan may be
    `missing`: then a row's scores are those of its other cells. Raises FitError when X does not
    fit the mixture, is not finite or has rows without any value; Cancelled when `chunk_map` is
    stopped.
    """
    source = as_source(X)
    n, K = source.shape[0], len(mixture.means)
    scores = RowScores(
        np.empty(n, np.int32),
        np.empty(n),
        np.full(n, -1, np.int32),
        np.empty(n),
        np.empty(n),
        np.empty(n, np.int32),
    )

    def put(part: _Evaluated) -> None:
        likely, at = part.responsibilities, np.arange(part.log_density.size)
        label = likely.argmax(axis=0)
        scores.log_density[part.rows] = part.log_density
        scores.n_observed[part.rows] = part.n_observed
        distances = part.squared_distances
        own = distances[np.minimum(label, K - 1), at]
        scores.squared_distance[part.rows] = np.where(label < K, own, distances.min(axis=0))
        if groups is not None:
            likely = added(likely, groups)
            label = likely.argmax(axis=0)
        scores.label[part.rows] = label
        scores.probability[part.rows] = likely[label, at]
        if len(likely) > 1:
            likely[label, at] = -1.0
            scores.second[part.rows] = likely.argmax(axis=0)

    _evaluate(mixture, source, put, chunk_map, missing=missing)
    return scores


def added(values: FloatArray, groups: Sequence[int]) -> FloatArray:
    """The sums (C, ...) of `values` (K, ...) over the components of each group.

    `groups` (K,) are in 0..C-1. A line more, that of noise, stays as it is.
    """
    n_groups, n_others = max(groups) + 1, len(values) - len(groups)
    sums = np.zeros((n_groups + n_others, *values.shape[1:]))
    for group, line in zip(groups, values, strict=False):
        sums[group] += line
    sums[n_groups:] = values[len(groups) :]
    return sums


def squared_distances(
    mixture: Parameters, component: int, X: Source | npt.ArrayLike, *, missing: bool = False
) -> FloatArray:
    """Squared Mahalanobis distance of each row of X (n, d) from a component: (n,); as in `score`.

    Where cells are `missing`, in the columns that a row has.
    """
    of = slice(component, component + 1)
    alone = Parameters(np.ones(1), mixture.means[of], mixture.covariances[of])
    return score(alone, X, missing=missing).squared_distance


def labels(
    mixture: Mixture,
    X: Source | npt.ArrayLike,
    chunk_map: ChunkMap | None = None,
    *,
    missing: bool = False,
) -> npt.NDArray[np.int32]:
    """The likeliest component of each row of X (n, d), K for noise: (n,); errors as in `score`."""
    source = as_source(X)
    result = np.empty(source.shape[0], np.int32)

    def put(part: _Evaluated) -> None:
        result[part.rows] = part.responsibilities.argmax(axis=0)

    _evaluate(mixture, source, put, chunk_map, missing=missing)
    return result


def responsibilities(
    mixture: Mixture,
    X: Source | npt.ArrayLike,
    *,
    missing: bool = False,
    known: npt.ArrayLike | None = None,
) -> FloatArray:
    """Probability of each component for each row of X (n, d): (n, K); errors as in `score`.

    With noise (n, K + 1), its own last. Of what is `known` of the rows see Memberships.
    """
    source = as_source(X)
    components = _components(mixture)
    width = len(components.means) + (components.background is not None)
    result = np.empty((source.shape[0], width))

    def put(part: _Evaluated) -> None:
        result[part.rows] = part.responsibilities.T

    memberships = None if known is None else Memberships(known, source.shape[0])
    _evaluate(mixture, source, put, missing=missing, memberships=memberships)
    return result


def log_density(
    mixture: Mixture, X: Source | npt.ArrayLike, *, missing: bool = False
) -> FloatArray:
    """Log density of the mixture at each row of X (n, d), nats: (n,); errors as in `score`."""
    source = as_source(X)
    result = np.empty(source.shape[0])

    def put(part: _Evaluated) -> None:
        result[part.rows] = part.log_density

    _evaluate(mixture, source, put, missing=missing)
    return result


def _components(mixture: Mixture) -> Components:
    if isinstance(mixture, Components):
        return mixture
    mixture = mixture.in_full()
    return Components.of(mixture, factored(mixture.covariances))


def _evaluate(
    mixture: Mixture,
    source: Source,
    put: Callable[[_Evaluated], None],
    chunk_map: ChunkMap | None = None,
    *,
    missing: bool,
    memberships: Memberships | None = None,
) -> None:
    """Evaluate the mixture tile by tile; `put` gets each part, from any thread."""
    (n, d), (K, columns) = source.shape, mixture.means.shape
    if d != columns:
        raise FitError(
            f"The data have {d} columns, the mixture has {columns}.",
            "Give the columns that were fitted, in their order.",
        )
    components = _components(mixture)
    noise = mixture.noise if isinstance(mixture, Parameters) else None
    means, inverses = components.means, components.whitening.inverses
    constants = components.constants[:, None]
    width = K + (components.background is not None)
    tiling = Tiling(n, (d, d, d, K, width, 1, 1), K * (d * (d + 4) + 16))

    @np.errstate(over="ignore", invalid="ignore")
    def chunk_scores(chunk: slice) -> None:
        for tile in tiling.tiles(chunk):
            x, z, y, squared, likely, log_max, log_sum = tile.work
            rows = source.rows(tile.start, tile.stop)
            x[...] = rows.T
            for k in range(K):
                # Each mean before anything else: near it the difference is exact.
                np.subtract(x, means[k][:, None], out=z)
                np.matmul(inverses[k], z, out=y)
                np.einsum("dm,dm->m", y, y, out=squared[k])
            np.multiply(squared, -0.5, out=likely[:K])
            likely[:K] += constants
            likely[K:] = components.background or 0.0
            at = slice(tile.start, tile.stop)
            if memberships is not None:
                memberships.restrict(at, likely)
            normalize(likely, log_max[0], log_sum[0])
            log_max += log_sum
            far = ~np.isfinite(log_max[0])
            if components.background is not None and not missing:
                refuse_infinite(rows, tile.start)  # noise has a density there too
            n_observed: IntArray | int = d
            if far.any():
                if missing:
                    n_observed = refuse_unusable(rows, tile.start).sum(axis=1)
                    some = n_observed < d
                    squared[:, some], own = _of_observed(components, noise, rows[some])
                    if memberships is not None:
                        memberships.restrict(tile.start + np.flatnonzero(some), own)
                    logs = np.empty((2, own.shape[1]))
                    normalize(own, *logs)
                    likely[:, some], log_max[0, some] = own, logs.sum(axis=0)
                    far = ~np.isfinite(log_max[0])
                else:
                    refuse_infinite(rows, tile.start)
                nearest = _nearest_of_far(rows[far], means, inverses)
                likely[:, far] = nearest == np.arange(width)[:, None]
                squared[:, far] = np.inf
                log_max[:, far] = -np.inf
            put(_Evaluated(at, squared, likely, log_max[0], n_observed))

    with running(chunk_map) as run:
        for _ in tiling.map(chunk_scores, run):
            pass


def _of_observed(
    components: Components, noise: Noise | None, rows: AnyArray
) -> tuple[FloatArray, FloatArray]:
    """Squared distances and weighted log densities of rows (m, d) by their cells that are not nan.

    (K, m) each; with noise its log densities are one row more.
    """
    K = len(components.means)
    squared = np.empty((K, len(rows)))
    logs = np.empty((K + (noise is not None), len(rows)))
    groups = group_rows(
        rows.shape,
        lambda run: ~np.isnan(rows[run]),
        lambda run: rows[run],
        None,
        ThreadedMap(1),
    )
    for group in groups:
        seen = marginals(group.observed, components.whitening)
        y = seen.whiten(group.z, components.means)
        constants = group.observed.sum(axis=1)[:, None] * LOG_2_PI + seen.log_determinants
        real = group.counts > 0.0
        at = group.rows[real]
        forms = np.einsum("bkdm,bkdm->kbm", y, y)
        squared[:, at] = forms[:, real]
        forms = components.log_weights[:, None, None] - 0.5 * (forms + constants.T[:, :, None])
        logs[:K, at] = forms[:, real]
        if noise is not None:
            log_volumes = noise.region.log_volume_of(group.observed)
            log_density = np.log(max(noise.weight, TINY)) - log_volumes
            logs[K, at] = np.broadcast_to(log_density[:, None], real.shape)[real]
    return squared, logs


def _nearest_of_far(rows: AnyArray, means: FloatArray, inverses: FloatArray) -> IntArray:
    """The component of least Mahalanobis distance for rows (m, d) whose squares overflow, (m,).

    Measured in units in which they do not: the largest number's and the tightest spread's. Missing
    cells are taken to lie at the mean.
    """
    sizes = np.fmax.reduce(np.abs(rows), axis=1, keepdims=True, initial=np.abs(means).max())
    z = rows / sizes - means[:, None] / sizes
    z[np.isnan(z)] = 0.0
    y = z @ (inverses / np.abs(inverses).max()).transpose(0, 2, 1)
    return np.asarray((y**2).sum(axis=2).argmin(axis=0))
