"""Whether clusters are found again in halves of the rows, or would be in rows without them."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from gmmdesk.engine.arrays import FloatArray, IntArray
from gmmdesk.engine.density import labels
from gmmdesk.engine.em import fit
from gmmdesk.engine.judging.agreement import agreement, rand_index
from gmmdesk.engine.judging.trust import SAME
from gmmdesk.engine.parallel import ChunkMap, running
from gmmdesk.engine.result import FitResult
from gmmdesk.engine.rows.source import Source, evenly_spaced
from gmmdesk.engine.simulation import simulate
from gmmdesk.engine.spec import FitSpec
from gmmdesk.engine.starts.seeding import stream
from gmmdesk.errors import FitError

# Rows looked at, evenly spaced: what is stable in so many is so in more.
JUDGED_ROWS = 10_000
# Starts of each fit to a half, beside the clusters themselves.
STARTS = 3


@dataclass(frozen=True, slots=True)
class Resampled:
    """Of `n` fits to random halves of the rows, `n_same` led to the same clusters.

    `agreements` are the adjusted Rand indices with the clusters of all rows, one for each fit;
    -1 where it could not be done. `tables` count for each fit the rows of each component (K) that
    are in each of its own (K'); sessions before version 12 did not keep them.
    """

    agreements: tuple[float, ...]
    tables: tuple[IntArray, ...] = field(default=(), compare=False)

    @property
    def n(self) -> int:
        return len(self.agreements)

    @property
    def n_same(self) -> int:
        return sum(one >= SAME for one in self.agreements)

    @property
    def tells_of_clusters(self) -> bool:
        """Whether it can be told of what components are merged into, see `of_clusters`."""
        return len(self.tables) == len(self.agreements)

    def of_clusters(self, of: Sequence[int]) -> Resampled | None:
        """The same of clusters that components are merged into, the cluster of each in `of` (K,).

        Each component of a fit to a half is counted to the cluster that most of its rows are in:
        what was merged by hand has no rule by which those of the half could be merged again. None
        where it cannot be told.
        """
        if not self.tells_of_clusters:
            return None
        return Resampled(tuple(_merged_agreement(table, np.array(of)) for table in self.tables))


def _merged_agreement(table: IntArray, of: IntArray) -> float:
    if not table.size:
        return -1.0
    shared = np.zeros((int(of.max()) + 1, table.shape[1]))
    np.add.at(shared, of, table)
    square = np.zeros((len(shared), len(shared)))
    np.add.at(square.T, shared.argmax(axis=0), shared.T)
    return rand_index(square)


def resampled(
    result: FitResult,
    X: Source | npt.ArrayLike,
    spec: FitSpec,
    n_resamples: int = 50,
    chunk_map: ChunkMap | None = None,
    *,
    done: Resampled | None = None,
) -> Generator[Resampled, None, Resampled]:
    """Fit random halves of X (n, d) anew and see whether the same clusters come out.

    `spec` is what `result` was fitted with. Halves, not bootstrap samples: repeated rows look like
    clusters (Hennig, 2007, Cluster-wise assessment of cluster stability, section 3). Every fit
    begins with starts of its own, none with the clusters to be confirmed. Yields what there is
    after each. Goes on from what is `done`, as if it had not ended in between.
    """
    rows = _judged(X)
    n = len(rows)
    agreements = [] if done is None else list(done.agreements)
    tables = [] if done is None else list(done.tables)
    with running(chunk_map) as run:
        before = labels(result.parameters, rows, run, missing=result.missing)
        K = len(result.parameters.weights)
        for i in range(len(agreements), n_resamples):
            random = stream(spec.seed, 0, 2, i)
            half = np.sort(random.choice(n, max(2, n // 2), replace=False))
            try:
                found = fit(
                    rows[half], replace(spec, seed=spec.seed + i, restarts=STARTS), chunk_map=run
                )
            except FitError:
                agreements.append(-1.0)
                tables.append(np.empty((K, 0), np.int64))
            else:
                after = labels(found.parameters, rows, run, missing=result.missing)
                own = len(found.parameters.weights)
                table = agreement(before, after, (K + 1, own + 1)).table  # noise is a group too
                tables.append(table[:K, :own])
                agreements.append(rand_index(table))
            yield Resampled(tuple(agreements), tuple(tables))
    return Resampled(tuple(agreements), tuple(tables))


@dataclass(frozen=True, slots=True)
class LikelihoodRatio:
    """The test of K against K + 1 components.

    `observed` is twice the difference of their log-likelihoods, `simulated` the same for rows made
    up by the mixture of K. `p_value` counts how many of these are as large (McLachlan, 1987).
    """

    observed: float
    simulated: tuple[float, ...]

    @property
    def n_as_large(self) -> int:
        """How many of the simulated ones are as large as what was observed."""
        return sum(value >= self.observed for value in self.simulated)

    @property
    def p_value(self) -> float:
        return (1 + self.n_as_large) / (1 + len(self.simulated))


def likelihood_ratio(
    fewer: FitResult,
    more: FitResult,
    spec: FitSpec,
    n_simulated: int = 99,
    chunk_map: ChunkMap | None = None,
) -> Generator[LikelihoodRatio, None, LikelihoodRatio]:
    """The bootstrap likelihood-ratio test of `fewer` against `more` components, of one model.

    Rows are made up by `fewer` and both mixtures fitted to them, `more` from its own parameters and
    from starts of its own: where it could rise higher, a test that began at its parameters only
    would find too much. McLachlan (1987), On bootstrapping the likelihood ratio test statistic for
    the number of components in a normal mixture. The distribution hardly depends on the number of
    rows: at most 10,000 are made up. Yields what there is after each.
    """
    observed = 2.0 * (more.log_likelihood - fewer.log_likelihood)
    simulated: list[float] = []
    with running(chunk_map) as run:
        for i in range(n_simulated):
            seed = int(stream(spec.seed, 0, 3, i).integers(2**31))
            rows, _ = simulate(fewer.parameters, min(fewer.n_rows, JUDGED_ROWS), seed)
            try:
                simulated.append(_ratio(rows, fewer, more, replace(spec, seed=spec.seed + i), run))
            except FitError:
                continue
            yield LikelihoodRatio(observed, tuple(simulated))
    return LikelihoodRatio(observed, tuple(simulated))


def _ratio(
    rows: FloatArray, fewer: FitResult, more: FitResult, spec: FitSpec, run: ChunkMap
) -> float:
    one = replace(spec, n_components=fewer.n_components, model=fewer.model)
    other = replace(spec, n_components=more.n_components, model=more.model, restarts=STARTS)
    low = fit(rows, one, start=fewer.parameters, chunk_map=run).log_likelihood
    highs = [fit(rows, other, start=more.parameters, chunk_map=run).log_likelihood]
    highs.append(fit(rows, other, chunk_map=run).log_likelihood)
    return 2.0 * (max(highs) - low)


def _judged(X: Source | npt.ArrayLike) -> FloatArray:
    rows = evenly_spaced(X, JUDGED_ROWS)
    return np.array(rows.rows(0, rows.shape[0]))
