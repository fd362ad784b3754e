"""One run of the EM algorithm, from parameters to a maximum (Dempster, Laird and Rubin, 1977)."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial

import numpy as np

from gmmdesk.engine.arrays import FloatArray
from gmmdesk.engine.climbs import Bar, Climb, Iteration, Point, Reached, Step, Steps
from gmmdesk.engine.density import labels
from gmmdesk.engine.kernels import Components, Kernel, Kernels
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
# After so many iterations, a run gains less with each that follows, as a rule.
LOOK = 3


class Ascent:
    """The state of one EM run: its last complete iteration, and how it ended.

    In the frame's coordinates. `parameters` are those whose log-likelihood ends `history`;
    None before the first iteration is complete. With `mend` a component that collapses is kept
    from it by a floor under its covariance alone; `mended` lists those of `parameters`. `exact` and
    `like_mclust` are about the M-step, see `Maximization`. It ends early where it will not come
    up to the `bar`: not even at its present pace in all iterations that are left.
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
        bar: Bar | None = None,
    ) -> None:
        self.frame = kernels.frame
        self.parameters: Parameters | None = None
        self.history: list[float] = []
        self.reason: StopReason | None = None
        self.spec = spec
        self.mended: tuple[int, ...] = ()
        self._kernels = kernels
        self._mend = mend
        self._bar = bar or Bar()
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
        self._statistics: Statistics | None = None
        self._log_prior = 0.0
        self._eased = 0.0  # what the last M-step added to the penalty's value
        self._n_before = 0  # iterations of `history` that are no steps of this run

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
    def _n_done(self) -> int:
        """The iterations of this run."""
        return len(self.history) - self._n_before

    @property
    def _at_once(self) -> bool:
        """Whether nothing is to be iterated: responsibilities of one component never change."""
        return self.spec.n_components == 1 and not self.spec.noise and self.frame.gaps is None

    def iteration(self) -> Iteration:
        """The last complete one."""
        assert self.parameters is not None
        number, mended = len(self.history), bool(self.mended)
        return Iteration(number, self.parameters, self.log_likelihood, self.gain, mended)

    def from_start(
        self, start: Start | Parameters, pseudo_rows: float = 0.0, *, as_mclust: bool = False
    ) -> Climb:
        """EM beginning with the M-step from `start`.

        That may be what a mixture expects, of whatever model and in the data's units.
        `pseudo_rows` shrink each component's first covariance toward the pooled one. Or it begins
        `as_mclust` does: without, where none collapses then, and with an exact M-step.
        """

        def begin() -> Reached:
            if as_mclust:
                with suppress(CollapsedComponent), self._exactly():
                    return self._begin(self.begun(start))
            return self._begin(self.begun(start, pseudo_rows))

        return Climb(self, self._steps(Step(None, None, begin)))

    @contextmanager
    def _exactly(self) -> Iterator[None]:
        """With mclust's M-steps."""
        maximization = self._maximization
        self._maximization = Maximization(
            self.frame, self.spec, partial(look_up, self._chunk_map), like_mclust=True
        )
        try:
            yield
        finally:
            self._maximization = maximization

    def from_statistics(self, statistics: Statistics) -> Climb:
        """EM beginning with the M-step from `statistics`."""
        begin = Step(statistics, None, partial(self._begin, statistics))
        return Climb(self, self._steps(begin))

    def begun(
        self, start: Start | Parameters, pseudo_rows: float = 0.0, *, exact: bool = True
    ) -> Statistics:
        """What the first M-step from `start` looks at; raises CollapsedComponent.

        Not `exact`, a component that becomes much tighter in that step may come out wrong.
        """
        if isinstance(start, Parameters):
            return self._summed(self._expected(start, exact))
        self._start = start
        statistics = self._kernels.measure(start, self._chunk_map)
        if self.spec.noise and not statistics.noise:
            rest = 1.0 - NOISE_SHARE  # without any, there would never be some
            statistics = replace(statistics, noise=statistics.sizes.sum() * NOISE_SHARE / rest)
        if pseudo_rows:
            statistics = statistics.shrunk(pseudo_rows)
        return self._summed(statistics)

    def placed(self, given: Parameters) -> Parameters:
        """A mixture in the data's units, to begin with, as one in the frame's coordinates."""
        self._given, frame = given, self.frame
        mixture = self._with_noise(given).in_units(-frame.center / frame.unit, 1.0 / frame.unit)
        if not self._maximization.along_axes:
            return mixture.in_full()
        if mixture.covariances.ndim == 2:
            return mixture
        variances = mixture.covariances.diagonal(axis1=1, axis2=2).copy()
        return replace(mixture, covariances=variances)

    def _expected(self, given: Parameters, exact: bool) -> Statistics:
        """Under a mixture in the data's units."""
        mixture = self.placed(given)
        whitening = whiten(mixture.covariances, self.frame.typical)
        kernel: Kernel = self._kernels.whitened
        if not exact:
            kernel = self._kernels.choose(mixture.means, whitening, of_the_model=False)
        components = Components.of(mixture, whitening)
        return kernel.expect(components, self._chunk_map, certainty=False).statistics

    def _with_noise(self, given: Parameters) -> Parameters:
        """With noise where it is looked for, and without where it is not."""
        if self.spec.noise == (given.noise is not None):
            return given
        shares = given.weights / given.weights.sum()
        if not self.spec.noise:
            return replace(given, weights=shares, noise=None)
        frame, region = self.frame, self.frame.region
        assert region is not None
        region = region.in_units(frame.center, frame.unit)
        return replace(
            given, weights=(1.0 - NOISE_SHARE) * shares, noise=Noise(NOISE_SHARE, region)
        )

    def continuing(self, other: Ascent) -> Climb:
        """EM from where `other` stands; with the same rows, its iterations count here too."""
        if other.frame is self.frame:
            self.history = other.history[:-1]  # the last one is counted again
            self._n_before = other._n_before
        self._floored = other.mended
        begin = Step(None, None, partial(self._again, other))
        return Climb(self, self._steps(begin))

    def follow(self, before: Ascent) -> None:
        """Count the iterations of a run over the same rows too, that this one was moved from.

        Of its own those do not count that are no higher than where that one stood.
        """
        higher = [value for value in self.history[:-1] if value > before.log_likelihood]
        self._n_before = len(before.history) - (len(self.history) - 1 - len(higher))
        self.history = [*before.history, *higher, self.log_likelihood]

    def _steps(self, begin: Step) -> Steps:
        """Those of EM, from one that gives parameters to begin with."""
        try:
            yield from self._to_the_end(begin)
            self._bar.note(self.objective)
        except CollapsedComponent as collapsed:
            self.reason = StopReason.COLLAPSED
            self._collapsed = collapsed.component
        finally:
            self._point = None  # of as many matrices as components, in each of many runs

    def _to_the_end(self, begin: Step) -> Steps:
        """Until it has ended; raises CollapsedComponent."""
        statistics = yield from self._iterate(begin)
        while not self._ended():
            statistics = yield from self._iterate(self._next(statistics))

    def _iterate(self, step: Step) -> Generator[Step, Reached, Statistics]:
        """An iteration that is kept, whatever it leads to; the statistics there."""
        reached = yield step
        self._record(reached)
        return reached.statistics

    def _next(self, statistics: Statistics) -> Step:
        """The step from the last iteration, whose `statistics` these are."""
        return Step(statistics, self._previous, partial(self._advance, statistics))

    def _ended(self) -> bool:
        """Whether there is nothing to gain any more, no iteration left, or too few."""
        if self._at_once or self._rise <= self.spec.tol:
            self.reason = StopReason.CONVERGED
        elif self._n_done == self.spec.max_iter or self._is_behind():
            self.reason = StopReason.MAX_ITERATIONS
        return self.reason is not None

    def _is_behind(self) -> bool:
        """Whether it will not come up to the bar."""
        if self._n_done < LOOK:
            return False
        ahead = (self.spec.max_iter - self._n_done) * self._rise * self.frame.size
        return self.objective + ahead < self._bar.least

    def mixture(self) -> Parameters:
        """The last complete iteration's parameters in the data's units."""
        assert self.parameters is not None
        return self.frame.in_data_units(self.parameters)

    def log_certainty(self, chunk_map: ChunkMap) -> float:
        """sum_i ln max_k r_ik of the last complete iteration: one more pass, which only one needs.

        0 where there is nothing to be unsure of.
        """
        assert self.parameters is not None
        parameters = self.parameters
        point = self._point or self._at(
            parameters, whiten(parameters.covariances, self.frame.typical)
        )
        components = point.components
        if len(components.means) == 1 and components.background is None:
            return 0.0
        certainty = point.kernel.expect(components, chunk_map).log_certainty
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

    @property
    def _previous(self) -> FloatArray | None:
        """The covariances of the last complete iteration."""
        return None if self.parameters is None else self.parameters.covariances

    def _at(self, parameters: Parameters, whitening: Whitening) -> Point:
        kernel = self._kernels.choose(parameters.means, whitening)
        return Point(parameters, whitening, kernel)

    def _reached(self, point: Point, eased: float | None = None) -> Reached:
        """The E-step at a point."""
        expectation = point.kernel.expect(point.components, self._chunk_map, certainty=False)
        statistics = self._summed(expectation.statistics)
        return Reached(point, expectation.log_likelihood, statistics, eased)

    def _summed(self, statistics: Statistics) -> Statistics:
        """With as many scatters as the M-step looks at, whatever the kernel."""
        return statistics.summed if self._kernels.are_pooled else statistics

    def _begin(self, statistics: Statistics) -> Reached:
        """The first M-step."""
        return self._reached(self._maximize(statistics)[0])

    def _again(self, other: Ascent) -> Reached:
        """No M-step: where that of `other` led last."""
        assert other.parameters is not None
        whitening = whiten(other.parameters.covariances, self.frame.typical)
        point = self._at(other.parameters, whitening)
        if other.frame is not self.frame:
            return self._reached(point)
        assert other._statistics is not None
        return Reached(point, other.log_likelihood, other._statistics, other._eased)

    def _advance(self, statistics: Statistics) -> Reached:
        """The M-step from the last iteration, whose E-step made `statistics`."""
        before = self._point
        assert before is not None
        point, penalty = self._improved(before, statistics)
        eased = None if penalty is None else point.value(penalty) - before.value(penalty)
        return self._reached(point, eased)

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

    def _record(self, reached: Reached) -> None:
        """Make what was `reached` the last complete iteration."""
        point = reached.point
        log_prior = self._maximization.log_prior(point.parameters, point.whitening)
        if reached.eased is not None:
            self._eased = reached.eased
        elif self._point is not None:
            self._eased = log_prior - self._log_prior
        self._log_prior, self._point = log_prior, point
        self.parameters, self.mended = point.parameters, self._floored
        self._statistics = reached.statistics
        self.history.append(reached.log_likelihood)

    def _maximize(self, statistics: Statistics) -> tuple[Point, Penalty | None]:
        """The M-step, and what it adds to the log-likelihood; mended where that is asked for."""
        while True:
            try:
                penalty = self._maximization.penalty(statistics, self._floored)
                found = self._maximization(statistics, penalty, self._previous)
                return self._at(*found), penalty
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
