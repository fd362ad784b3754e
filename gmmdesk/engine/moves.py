"""Moves from one optimum toward a better: two components made one, another made two.

After Ueda, Nakano, Ghahramani and Hinton (2000), "SMEM algorithm for mixture models". Their
criteria rank what could be merged and split; here what either costs or brings is measured instead,
on the rows concerned.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from gmmdesk.engine.arrays import AnyArray, FloatArray, IntArray
from gmmdesk.engine.ascent import Ascent
from gmmdesk.engine.density import labels
from gmmdesk.engine.kernels import Components, Expectation, Kernels, moments_for
from gmmdesk.engine.models.covariance import Moments, entry
from gmmdesk.engine.models.whitening import CollapsedComponent, whiten
from gmmdesk.engine.parallel import ChunkMap
from gmmdesk.engine.parameters import Parameters
from gmmdesk.engine.result import StopReason
from gmmdesk.engine.rows.frame import Frame, median
from gmmdesk.engine.rows.sampling import drawn
from gmmdesk.engine.rows.statistics import Statistics
from gmmdesk.engine.starts.given import Start

# Of a component, at most so many rows are looked at to find out how it could be split.
LOCAL_ROWS = 2_000
# Ways to split each component that are tried, and where their runs end: see SHORT_TOL.
LOCAL_STARTS = 4
LOCAL_TOL = 1e-3
LOCAL_ITERATIONS = 8
# Places where rows may be crowded, and what share of the rows is looked at around each: 1 in 50.
CROWDS = 100
CROWD_SHARE = 50
LEAST_SQUARE = 1e-300  # of a distance: rows may be equal
# A half has so many rows for each column at least: fewer may be likely for hardly any volume.
ROWS_PER_COLUMN = 5
# Pairs whose merging is measured: those that would cost the least if each row belonged to one.
MEASURED_PAIRS = 6
# Moves are tried that seem to lose no more than this for a row, in nats: what is left after a merge
# adapts. Moves that have a part in common mostly lead to the same: so many are tried before others.
WORST_PROMISE = -0.05
SAME = 2
# Of the pairs, those that are merged to be split otherwise; what that promises is nearly exact, and
# has to be more than this for a row.
PAIRS_SPLIT = 2
LEAST_PROMISE = 1e-3

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True, eq=False)
class Move:
    """The pair `merged` made one, and `split` made two: another, or the first of the pair, as one.

    `promise` is what that seems to add to the log-likelihood before any further iteration, nats.
    """

    merged: tuple[int, int]
    split: int
    promise: float


@dataclass(frozen=True, slots=True, eq=False)
class _Split:
    """What splitting a component gains for its own rows, nats, and the statistics of the halves."""

    gain: float
    halves: Statistics


class Moves:
    """What could be moved in the mixture where `ascent` ended, on the rows of `kernels`."""

    def __init__(
        self,
        ascent: Ascent,
        kernels: Kernels,
        random: np.random.Generator,
        chunk_map: ChunkMap,
    ) -> None:
        assert ascent.parameters is not None
        self._frame = kernels.frame
        self._spec = ascent.spec
        self._random = random
        self._chunk_map = chunk_map
        expectation = self._expect(kernels, ascent.parameters)
        self._statistics = expectation.statistics
        self._costs = self._measure_merges(ascent.parameters, expectation.log_likelihood)
        # Of each component alone, and of the pairs that cost the least to merge, by their merging.
        found = labels(ascent.mixture().in_full(), self._frame.source, chunk_map)
        each = range(len(self._statistics.sizes))
        self._splits = self._measured_splits(found, {k: (k,) for k in each})
        pairs = sorted(self._costs, key=self._costs.__getitem__)[:PAIRS_SPLIT]
        self._again = self._measured_splits(found, {pair: pair for pair in pairs})

    def promising(self) -> list[Move]:
        """The moves to try, the best first, but the like of earlier ones at the end."""
        size = self._frame.size
        moves = [
            Move(pair, k, split.gain - cost)
            for (pair, cost), (k, split) in itertools.product(
                self._costs.items(), self._splits.items()
            )
            if k not in pair and split.gain - cost >= WORST_PROMISE * size
        ]
        for pair, split in self._again.items():
            promise = split.gain - self._costs[pair]
            if promise > LEAST_PROMISE * size:
                moves.append(Move(pair, pair[0], promise))
        seen: Counter[object] = Counter()
        first: list[Move] = []
        others: list[Move] = []
        for move in sorted(moves, key=lambda move: move.promise, reverse=True):
            again = max(seen[move.merged], seen[move.split]) >= SAME
            seen.update((move.merged, move.split))
            (others if again else first).append(move)
        return first + others

    def after(self, move: Move) -> Statistics:
        """The statistics that EM begins with after `move`."""
        pair, k = move.merged, move.split
        split = self._again[pair] if k in pair else self._splits[k]
        return _moved(self._statistics, pair, k, split.halves)

    def _measured_splits(
        self, found: AnyArray, components: Mapping[Key, tuple[int, ...]]
    ) -> dict[Key, _Split]:
        """How some components as one could be split, and what that would bring for their rows.

        `found` says which component each row belongs to.
        """
        splits = {}
        for key, own in components.items():
            rows = np.flatnonzero(np.isin(found, own))
            if len(rows) < 2 * _least_rows(self._frame.shape[1]):
                continue
            split = self._split(self._local(rows), float(self._statistics.sizes[[*own]].sum()))
            if split is not None:
                splits[key] = split
        return splits

    def _local(self, rows: IntArray) -> Frame:
        """These rows, or so many of them as are looked at: by their weights, if they have some.

        A cell of a grid may stand for as many rows as a thousand others: drawn by chance alone, it
        would be missed, and a cluster that is hardly wider with it.
        """
        if len(rows) <= LOCAL_ROWS:
            return self._frame.sampled(rows, self._chunk_map)
        weights = self._frame.weights
        if weights is None:
            chosen = np.sort(self._random.choice(rows, LOCAL_ROWS, replace=False))
            return self._frame.sampled(chosen, self._chunk_map)
        own = weights[rows]
        chosen, shares = drawn(own / own.sum(), LOCAL_ROWS, self._random)
        return self._frame.sampled(rows[chosen], self._chunk_map, own[chosen] * shares)

    def _split(self, frame: Frame, size: float) -> _Split | None:
        """The best of a few splits of the component of these rows, which is of `size` rows."""
        m, d = frame.shape
        moments = moments_for(self._frame, self._spec)  # of the mixture that the halves are for
        spec = replace(
            self._spec,
            n_components=1,
            tol=LOCAL_TOL,
            max_iter=LOCAL_ITERATIONS,
            noise=False,
            prior=None,
        )
        one = Ascent(Kernels(frame, 1, moments), spec, self._chunk_map)
        _run(one, Start(np.zeros(m, np.int8), m, 1))
        if one.parameters is None:
            return None
        kernels = Kernels(frame, 2, moments)
        halves = []
        for sides in self._halvings(frame):
            two = Ascent(kernels, replace(spec, n_components=2), self._chunk_map)
            _run(two, Start(sides, m, 2), d + 1)
            if two.reason is StopReason.COLLAPSED or two.parameters is None:
                continue
            found = labels(two.mixture().in_full(), frame.source, self._chunk_map)
            if np.bincount(found, minlength=2).min() >= _least_rows(d):
                halves.append(two)
        if not halves:
            return None
        best = max(halves, key=lambda two: two.log_likelihood)
        assert best.parameters is not None
        share = size / frame.size
        gain = (best.log_likelihood - one.log_likelihood) * share
        return _Split(gain, _times(self._expect(kernels, best.parameters).statistics, share))

    def _halvings(self, frame: Frame) -> Iterator[IntArray]:
        """Labels 0 and 1: by the sides of two rows, and of the middle and a far row, in turn.

        And, at the end, those around a place where rows lie closer than one component has them: so
        a tight cluster is found within a wide one, which no side of two rows shows.
        """
        m, d = frame.shape
        z = np.empty((d, m))
        frame.read(0, m, out=z)
        sizes = np.ones(m) if frame.weights is None else frame.weights
        z -= np.average(z, axis=1, weights=sizes)[:, None]
        covariance = np.cov(z, aweights=sizes / sizes.max()).reshape(d, d)
        try:
            y = np.linalg.solve(np.linalg.cholesky(covariance), z)
        except np.linalg.LinAlgError:  # in a plane
            return
        distances = np.einsum("dm,dm->m", y, y)
        for attempt in range(LOCAL_STARTS):
            near = np.zeros(d)
            chances = distances
            if attempt % 2:
                chances = np.maximum(distances - median(distances, frame.weights), 0.0) ** 2
            chances = chances * sizes
            if not chances.any():
                continue
            far = y[:, self._random.choice(m, p=chances / chances.sum())]
            if attempt % 2 == 0:
                near = -far
            sides = (y - (near + far)[:, None] / 2.0).T @ (far - near) > 0
            if sides.any() and not sides.all():
                yield sides.astype(np.int8)
        if m > _least_rows(d):
            yield self._crowd(y, distances, sizes)

    def _crowd(self, y: FloatArray, distances: FloatArray, sizes: FloatArray) -> IntArray:
        """Labels 1 for the rows around the place that is most crowded for a normal component.

        Of rows y (d, m) in the coordinates of the component, with their squared `distances` from
        its mean, (m,), and weights, (m,). Looked at are CROWDS of the nearer half.
        """
        d, m = y.shape
        chances = np.where(distances <= median(distances, sizes), sizes, 0.0)
        places = drawn(chances / chances.sum(), CROWDS, self._random)[0]
        n_near = max(_least_rows(d), m // CROWD_SHARE)
        apart = distances[places, None] + distances - 2.0 * (y[:, places].T @ y)
        near = np.argpartition(apart, n_near - 1, axis=1)[:, :n_near]
        radii = np.take_along_axis(apart, near, axis=1).max(axis=1)  # squared
        logs = np.log(sizes[near].sum(axis=1)) - 0.5 * d * np.log(np.maximum(radii, LEAST_SQUARE))
        most = near[np.argmax(logs + 0.5 * distances[places])]
        return np.isin(np.arange(m), most).astype(np.int64)

    def _measure_merges(
        self, parameters: Parameters, log_likelihood: float
    ) -> dict[tuple[int, int], float]:
        """What merging the pairs that lie nearest to each other would cost, nats."""
        full = parameters.in_full()
        sizes = self._statistics.sizes
        logs = np.linalg.slogdet(full.covariances)[1]
        rough = {}
        for i, j in itertools.combinations(range(len(sizes)), 2):
            size = sizes[i] + sizes[j]
            _, covariance = _merged(full, i, j)
            rough[i, j] = 0.5 * (
                size * np.linalg.slogdet(covariance)[1] - sizes[i] * logs[i] - sizes[j] * logs[j]
            ) - (size * np.log(size) - sizes[i] * np.log(sizes[i]) - sizes[j] * np.log(sizes[j]))
        costs = {}
        moments = entry(self._spec.family, self._frame.shape[1]).moments
        fewer = Kernels(self._frame, len(sizes) - 1, moments, self._spec.noise)
        for pair in sorted(rough, key=rough.__getitem__)[:MEASURED_PAIRS]:
            merged = _without(full, pair)
            if moments is Moments.DIAGONAL:
                variances = merged.covariances.diagonal(axis1=1, axis2=2).copy()
                merged = replace(merged, covariances=variances)
            elif moments is Moments.POOLED:  # all have one covariance, and one passes for it
                merged = replace(merged, covariances=full.covariances[:-1])
            try:
                costs[pair] = log_likelihood - self._expect(fewer, merged).log_likelihood
            except CollapsedComponent:  # too far apart to be one
                continue
        return costs

    def _expect(self, kernels: Kernels, parameters: Parameters) -> Expectation:
        components = Components.of(parameters, whiten(parameters.covariances))
        kernel = kernels.choose(components.means, components.whitening)
        return kernel.expect(components, self._chunk_map)


def _least_rows(d: int) -> int:
    """Of a half, in d columns."""
    return ROWS_PER_COLUMN * d


def _run(ascent: Ascent, start: Start, pseudo_rows: float = 0.0) -> None:
    for _ in ascent.from_start(start, pseudo_rows):
        pass


def _times(statistics: Statistics, factor: float) -> Statistics:
    return Statistics(statistics.sizes * factor, statistics.means, statistics.scatter * factor)


def _merged(full: Parameters, i: int, j: int) -> tuple[FloatArray, FloatArray]:
    """Mean (d,) and covariance (d, d) of two components together."""
    share = full.weights[j] / (full.weights[i] + full.weights[j])
    apart = full.means[j] - full.means[i]
    covariance = (1.0 - share) * full.covariances[i] + share * full.covariances[j]
    covariance = covariance + share * (1.0 - share) * np.multiply.outer(apart, apart)
    return full.means[i] + share * apart, covariance


def _without(full: Parameters, pair: tuple[int, int]) -> Parameters:
    """The mixture with a pair made one, in the place of its first."""
    i, j = pair
    mean, covariance = _merged(full, i, j)
    weights, means, covariances = full.weights.copy(), full.means.copy(), full.covariances.copy()
    weights[i] += weights[j]
    means[i], covariances[i] = mean, covariance
    keep = np.arange(len(weights)) != j
    return Parameters(weights[keep], means[keep], covariances[keep], full.noise)


def _moved(
    statistics: Statistics, pair: tuple[int, int], split: int, halves: Statistics
) -> Statistics:
    """Statistics with the pair made one in the place of its first, `split` made two."""
    i, j = pair
    sizes, means = statistics.sizes.copy(), statistics.means.copy()
    scatter = statistics.scatter.copy()
    share = sizes[j] / (sizes[i] + sizes[j])
    apart = means[j] - means[i]
    between = share * sizes[i] * _square(apart, scatter)
    sizes[i] += sizes[j]
    means[i] += share * apart
    if len(scatter) > 1:
        scatter[i] += scatter[j] + between
        scatter[[split, j]] = halves.scatter
    else:
        share = halves.sizes[1] / halves.sizes.sum()
        apart = halves.means[1] - halves.means[0]
        scatter += between - share * halves.sizes[0] * _square(apart, scatter)
    sizes[[split, j]], means[[split, j]] = halves.sizes, halves.means
    return replace(statistics, sizes=sizes, means=means, scatter=scatter)


def _square(vector: FloatArray, like: FloatArray) -> FloatArray:
    """The outer square of a vector (d,), or its diagonal where scatter is along the axes."""
    return np.multiply.outer(vector, vector) if like.ndim == 3 else vector**2
