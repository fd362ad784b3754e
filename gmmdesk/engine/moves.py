"""Moves from one optimum toward a better: two components made one, another made two.

After Ueda, Nakano, Ghahramani and Hinton (2000), "SMEM algorithm for mixture models". Their
criteria rank what could be merged and split; here what either costs or brings is measured instead,
on the rows concerned.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from gmmdesk.engine.arrays import FloatArray, IntArray
from gmmdesk.engine.ascent import Ascent
from gmmdesk.engine.density import labels
from gmmdesk.engine.kernels import Components, Expectation, Kernels, moments_for
from gmmdesk.engine.models.covariance import Moments, entry
from gmmdesk.engine.models.whitening import CollapsedComponent, whiten
from gmmdesk.engine.parallel import ChunkMap
from gmmdesk.engine.parameters import Parameters
from gmmdesk.engine.result import StopReason
from gmmdesk.engine.rows.frame import Frame
from gmmdesk.engine.rows.statistics import Statistics
from gmmdesk.engine.starts.given import Start

# Of a component, at most so many rows are looked at to find out how it could be split.
LOCAL_ROWS = 2_000
# Ways to split each component that are tried, and where their runs end: see SHORT_TOL.
LOCAL_STARTS = 4
LOCAL_TOL = 1e-3
LOCAL_ITERATIONS = 8
# A half has so many rows for each column at least: fewer may be likely for hardly any volume.
ROWS_PER_COLUMN = 5
# Pairs whose merging is measured: those that would cost the least if each row belonged to one.
MEASURED_PAIRS = 6
# Moves are tried that seem to lose no more than this for a row, in nats: what is left after a merge
# adapts. Moves that have a part in common mostly lead to the same: so many are tried before others.
WORST_PROMISE = -0.05
SAME = 2


@dataclass(frozen=True, slots=True, eq=False)
class Move:
    """The pair `merged` made one, and `split` made two.

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
        self._splits = self._measure_splits(ascent)
        self._costs = self._measure_merges(ascent.parameters, expectation.log_likelihood)

    def promising(self) -> list[Move]:
        """The moves to try, the best first, but the like of earlier ones at the end."""
        moves = [
            Move(pair, k, split.gain - cost)
            for (pair, cost), (k, split) in itertools.product(
                self._costs.items(), self._splits.items()
            )
            if k not in pair and split.gain - cost >= WORST_PROMISE * self._frame.size
        ]
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
        return _moved(self._statistics, move.merged, move.split, self._splits[move.split].halves)

    def _measure_splits(self, ascent: Ascent) -> dict[int, _Split]:
        """How each component could be split, and what that would bring for its own rows."""
        found = labels(ascent.mixture().in_full(), self._frame.source, self._chunk_map)
        splits = {}
        for k, size in enumerate(self._statistics.sizes):
            rows = np.flatnonzero(found == k)
            if len(rows) < 2 * ROWS_PER_COLUMN * self._frame.shape[1]:
                continue
            if len(rows) > LOCAL_ROWS:
                rows = np.sort(self._random.choice(rows, LOCAL_ROWS, replace=False))
            split = self._split(rows, float(size))
            if split is not None:
                splits[k] = split
        return splits

    def _split(self, rows: IntArray, size: float) -> _Split | None:
        """The best of a few splits of the component of these sample rows, in `size` rows."""
        frame = self._frame.sampled(rows, self._chunk_map)
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
            if np.bincount(found, minlength=2).min() >= ROWS_PER_COLUMN * d:
                halves.append(two)
        if not halves:
            return None
        best = max(halves, key=lambda two: two.log_likelihood)
        assert best.parameters is not None
        share = size / frame.size
        gain = (best.log_likelihood - one.log_likelihood) * share
        return _Split(gain, _times(self._expect(kernels, best.parameters).statistics, share))

    def _halvings(self, frame: Frame) -> Iterator[IntArray]:
        """Labels 0 and 1: by the sides of two rows, and of the middle and a far row, in turn."""
        m, d = frame.shape
        z = np.empty((d, m))
        frame.read(0, m, out=z)
        z -= z.mean(axis=1, keepdims=True)
        try:
            y = np.linalg.solve(np.linalg.cholesky(np.cov(z).reshape(d, d)), z)
        except np.linalg.LinAlgError:  # in a plane
            return
        distances = np.einsum("dm,dm->m", y, y)
        for attempt in range(LOCAL_STARTS):
            near = np.zeros(d)
            weights = distances
            if attempt % 2:
                weights = np.maximum(distances - np.median(distances), 0.0) ** 2
            if not weights.any():
                continue
            far = y[:, self._random.choice(m, p=weights / weights.sum())]
            if attempt % 2 == 0:
                near = -far
            sides = (y - (near + far)[:, None] / 2.0).T @ (far - near) > 0
            if sides.any() and not sides.all():
                yield sides.astype(np.int8)

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
