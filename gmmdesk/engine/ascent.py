"""One run of the EM algorithm, from parameters to a maximum (Dempster, Laird and Rubin, 1977)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np

from gmmdesk.engine.batched_runs import Run
from gmmdesk.engine.density import labels
from gmmdesk.engine.kernels import Components, Expectation, Kernel, Kernels
from gmmdesk.engine.models.maximization import EMPTY, Maximization
from gmmdesk.engine.models.penalty import Penalty
from gmmdesk.engine.models.whitening import CollapsedComponent, Whitening, whiten
from gmmdesk.engine.parallel import ChunkMap, look_up
from gmmdesk.engine.parameters import Noise, Parameters
from gmmdesk.engine.result import Collapse, StopReason
from gmmdesk.engine.rows.statistics import Statistics
from gmmdesk.engine.spec import FitSpec
from gmmdesk.engine.starts.given import Start

# Of the rows, where noise is looked for and the start has none.
NOISE_SHARE = 0.05


class Point(NamedTuple):
    """A mixture, in the frame's coordinates, with what its E-step needs."""

    parameters: Parameters
    components: Components
    kernel: Kernel

    def value(self, penalty: Penalty) -> float:
        """Of a penalty there, nats."""
        return penalty.value(self.parameters, self.components.whitening)


class Ascent:
    """The state of one EM run: its last complete iteration, and how it ended.

    In the frame's coordinates. `parameters` are those whose log-likelihood ends `history`;
    None before the first iteration is complete. With `mend` a component that collapses is kept
    from it by a floor under its covariance alone; `mended` lists those of `parameters`. `exact` and
    `like_mclust` are about the M-step, see `Maximization`.
    """

    def __init__(
        self,
        kernels: Kernels,
        spec: FitSpec,
        chunk_map: ChunkMap,
        mend: bool = False,
        *,
        exact: bool = True,
        like_mclust: bool = False,
    ) -> None:
        self.frame = kernels.frame
        self.parameters: Parameters | None = None
        self.history: list[float] = []
        self.reason: StopReason | None = None
        self.spec = spec
        self.mended: tuple[int, ...] = ()
        self._kernels = kernels
        self._mend = mend
        self._chunk_map = chunk_map
        self._maximization = Maximization(
            kernels.frame,
            spec,
            partial(look_up, chunk_map),
            exact=exact,
            like_mclust=like_mclust,
        )
        self._start: Start | None = None
        self._given: Parameters | None = None
        self._floored: tuple[int, ...] = ()
        self._collapsed: int | None = None
        self._point: Point | None = None
        self._log_prior = 0.0
        self._eased = 0.0  # what the last M-step added to the penalty's value

    @property
    def log_likelihood(self) -> float:
        """Of the last complete iteration, total, nats."""
        return self.history[-1]

    @property
    def objective(self) -> float:
        """What the iterations make a maximum: the log-likelihood plus the logarithm of the prior.

        Only for comparing runs of one fit; total, nats.
        """
        return self.log_likelihood + self._log_prior

    @property
    def gain(self) -> float:
        """What the last iteration added to the log-likelihood per row; nan for the first."""
        if len(self.history) < 2:
            return np.nan
        return (self.history[-1] - self.history[-2]) / self.frame.size

    @property
    def _rise(self) -> float:
        """What the last iteration added per row to what its M-step makes a maximum.

        That is the log-likelihood plus the penalty, where there is one. It never falls, and settles
        only at a fixed point; the log-likelihood itself may fall then.
        """
        return self.gain + self._eased / self.frame.size

    @property
    def _at_once(self) -> bool:
        """Whether nothing is to be iterated: responsibilities of one component never change."""
        return self.spec.n_components == 1 and not self.spec.noise and self.frame.gaps is None

    def from_start(self, start: Start | Parameters, pseudo_rows: float = 0.0) -> Iterator[None]:
        """EM beginning with the M-step from `start`; yields after each iteration.

        That may be what a mixture expects, of whatever model and in the data's units.
        `pseudo_rows` shrink each component's first covariance toward the pooled one.
        """
        yield from self._climb(lambda: self._maximize(self.begun(start, pseudo_rows))[0])

    def from_statistics(self, statistics: Statistics) -> Iterator[None]:
        """EM beginning with the M-step from `statistics`."""
        yield from self._climb(lambda: self._maximize(statistics)[0])

    def begun(
        self, start: Start | Parameters, pseudo_rows: float = 0.0, *, exact: bool = True
    ) -> Statistics:
        """What the first M-step from `start` looks at; raises CollapsedComponent.

        Not `exact`, a component that becomes much tighter in that step may come out wrong.
        """
        if isinstance(start, Parameters):
            return self._expected(start, exact)
        self._start = start
        statistics = self._kernels.whitened.measure(start.read, self._chunk_map)
        if self.spec.noise and not statistics.noise:
            rest = 1.0 - NOISE_SHARE  # without any, there would never be some
            statistics = replace(statistics, noise=statistics.sizes.sum() * NOISE_SHARE / rest)
        if pseudo_rows:
            statistics = statistics.shrunk(pseudo_rows)
        return statistics

    def _expected(self, given: Parameters, exact: bool) -> Statistics:
        """Under a mixture in the data's units."""
        self._given, frame = given, self.frame
        scale = np.full(len(frame.center), 1.0 / frame.unit)
        mixture = self._with_noise(given).in_units(-frame.center / frame.unit, scale)
        if self._maximization.along_axes and mixture.covariances.ndim == 3:
            variances = mixture.covariances.diagonal(axis1=1, axis2=2).copy()
            mixture = replace(mixture, covariances=variances)
        elif not self._maximization.along_axes:
            mixture = mixture.in_full()
        components = Components.of(mixture, whiten(mixture.covariances, frame.typical))
        kernel: Kernel = self._kernels.whitened
        if not exact:
            kernel = self._kernels.choose(components, of_the_model=False)
        return kernel.expect(components, self._chunk_map, certainty=False).statistics

    def replaying(self, run: Run) -> Iterator[None]:
        """The iterations that were made with those of others at once."""
        for iteration in run.iterations:
            if self.history:
                self._eased = iteration.log_prior - self._log_prior
            self.parameters, self._log_prior = iteration.parameters, iteration.log_prior
            self.history.append(iteration.log_likelihood)
            yield
        self.reason = run.reason

    def _with_noise(self, given: Parameters) -> Parameters:
        """With noise where it is looked for, and without where it is not."""
        if self.spec.noise == (given.noise is not None):
            return given
        shares = given.weights / given.weights.sum()
        if not self.spec.noise:
            return replace(given, weights=shares, noise=None)
        frame, region = self.frame, self.frame.region
        assert region is not None
        region = region.in_units(frame.center, np.full(len(frame.center), frame.unit))
        return replace(
            given, weights=(1.0 - NOISE_SHARE) * shares, noise=Noise(NOISE_SHARE, region)
        )

    def continuing(self, other: Ascent) -> Iterator[None]:
        """EM from where `other` stands; with the same rows, its iterations count here too."""
        assert other.parameters is not None
        if other.frame is self.frame:
            self.history = other.history[:-1]  # the last one is done again
            self._eased = other._eased
        self._floored = other.mended
        parameters = other.parameters
        yield from self._climb(
            lambda: self._at(parameters, whiten(parameters.covariances, self.frame.typical))
        )

    def _climb(self, begin: Callable[[], Point]) -> Iterator[None]:
        """EM from the parameters that `begin` gives; yields after each iteration."""
        try:
            point = begin()
            while True:
                statistics = self._expect(point)
                yield
                if self._at_once or self._rise <= self.spec.tol:
                    self.reason = StopReason.CONVERGED
                    return
                if len(self.history) == self.spec.max_iter:
                    self.reason = StopReason.MAX_ITERATIONS
                    return
                point = self._advance(point, statistics)
        except CollapsedComponent as collapsed:
            self.reason = StopReason.COLLAPSED
            self._collapsed = collapsed.component

    def mixture(self) -> Parameters:
        """The last complete iteration's parameters in the data's units."""
        assert self.parameters is not None
        frame = self.frame
        return self.parameters.in_units(frame.center, np.full(len(frame.center), frame.unit))

    def log_certainty(self, chunk_map: ChunkMap) -> float:
        """sum_i ln max_k r_ik of the last complete iteration: one more pass, which only one needs.

        0 where there is nothing to be unsure of.
        """
        assert self.parameters is not None
        parameters = self.parameters
        _, components, kernel = self._point or self._at(
            parameters, whiten(parameters.covariances, self.frame.typical)
        )
        if len(components.means) == 1 and components.background is None:
            return 0.0
        certainty = kernel.expect(components, chunk_map).log_certainty
        assert certainty is not None
        return certainty

    def collapse(self, chunk_map: ChunkMap) -> Collapse | None:
        """Which component collapsed or was kept from it, if one was, and the rows it is on."""
        if self._collapsed is None and not self.mended:
            return None
        kept = self._collapsed is None
        component = self.mended[0] if self._collapsed is None else self._collapsed
        mixture = self._given if self.parameters is None else self.mixture()
        if mixture is not None:
            missing = self.frame.gaps is not None
            found = labels(mixture.in_full(), self.frame.source, chunk_map, missing=missing)
            rows = np.flatnonzero(found == component)
        else:
            assert self._start is not None
            rows = self._start.rows_of(component)
        return Collapse(component, rows, kept)

    def _at(self, parameters: Parameters, whitening: Whitening) -> Point:
        components = Components.of(parameters, whitening)
        return Point(parameters, components, self._kernels.choose(components))

    def _advance(self, before: Point, statistics: Statistics) -> Point:
        """The M-step from the point where `statistics` are those of its E-step."""
        point, penalty = self._improved(before, statistics)
        if penalty is not None:
            self._eased = point.value(penalty) - before.value(penalty)
        return point

    def _improved(self, before: Point, statistics: Statistics) -> tuple[Point, Penalty | None]:
        """`_maximize` of statistics that are exact enough for what comes out.

        Where the fast kernel made them and a component then turns out too tight for it, or to have
        collapsed, the E-step is done again by the exact one.
        """
        exact = self._kernels.whitened
        trusted = before.kernel is exact
        floored = self._floored
        try:
            point, penalty = self._maximize(statistics)
            if trusted or point.kernel is not exact:
                return point, penalty
        except CollapsedComponent:
            if trusted:
                raise
        self._floored = floored
        expected = exact.expect(before.components, self._chunk_map, certainty=False)
        return self._maximize(expected.statistics)

    def _expect(self, point: Point) -> Statistics:
        """The E-step, which completes an iteration."""
        expectation = self._evaluate(point)
        self._record(point, expectation)
        return expectation.statistics

    def _evaluate(self, point: Point) -> Expectation:
        return point.kernel.expect(point.components, self._chunk_map, certainty=False)

    def _record(self, point: Point, expectation: Expectation) -> None:
        """Make `point` the last complete iteration."""
        parameters = point.parameters
        self._log_prior = self._maximization.log_prior(parameters, point.components.whitening)
        self.parameters, self.mended = parameters, self._floored
        self._point = point
        self.history.append(expectation.log_likelihood)

    def _maximize(self, statistics: Statistics) -> tuple[Point, Penalty | None]:
        """The M-step, and what it adds to the log-likelihood; mended where that is asked for."""
        previous = None if self.parameters is None else self.parameters.covariances
        while True:
            try:
                penalty = self._maximization.penalty(statistics, self._floored)
                return self._at(*self._maximization(statistics, penalty, previous)), penalty
            except CollapsedComponent as collapsed:
                component = collapsed.component
                emptied = statistics.sizes[component] <= EMPTY
                if not self._mend or emptied or len(self._floored) == len(statistics.sizes):
                    raise
                if component in self._floored:  # what they share has collapsed
                    others = range(len(statistics.sizes))
                    self._floored += tuple(k for k in others if k not in self._floored)
                else:
                    self._floored += (component,)
