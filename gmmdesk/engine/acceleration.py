"""EM in fewer iterations: two steps, then a leap along the way they show, kept if it pays.

SQUAREM, scheme S3 (Varadhan and Roland, 2008). The leap is made among the sufficient statistics,
from which the M-step makes parameters: so every covariance model keeps its constraint.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from functools import partial

import numpy as np

from gmmdesk.engine.ascent import Ascent
from gmmdesk.engine.climbs import Climb, Reached, Step, Steps
from gmmdesk.engine.coordinates import Coordinates
from gmmdesk.engine.models.whitening import CollapsedComponent
from gmmdesk.engine.result import StopReason
from gmmdesk.engine.rows.statistics import Statistics

# By what the longest leap allowed grows after one that long has paid, and shrinks after one that
# has not (Varadhan and Roland's mstep).
GROWTH = 4.0
# The slowest of so many rates tells what is left: right after a leap, errors that shrink fast may
# hide those that last.
REMEMBERED_RATES = 12
# Before there are as many, none is believed.
LEAST_RATES = 4
# Keeps the length of a leap along a straight line finite.
LEAST_BEND = 1e-300
# A run is given up where so many times what is left, as projected, and so much more for a row, in
# nats, would not bring it up to others: errors that shrink slowly show late.
TIMES_LEFT = 16.0
MARGIN = 1e-3
# Of a log-likelihood, what rounding errors may add.
ROUNDING = 1e-14


class AcceleratedAscent(Ascent):
    """An ascent to the same maxima, which ends where less than `tol` per row is left to gain.

    What is left is projected from two plain steps in a row, which shrink by a rate (Aitken's;
    Boehning et al., 1994); so it ends too where that will not lead it up to the `bar`. `history`
    holds what was kept: plain steps, and leaps that raised the log-likelihood, or with a prior
    their sum, so that this does not fall. Where regularization or floors make the penalty another
    for every step, all steps are plain.
    """

    _rates: deque[float] | None = None

    def continuing(self, other: Ascent, same: bool = False) -> Climb:
        """As in Ascent; where the rows are all but the `same`, the rates are known already."""
        if same and isinstance(other, AcceleratedAscent) and other._rates is not None:
            self._rates = deque(other._rates, maxlen=REMEMBERED_RATES)
        return super().continuing(other)

    def _to_the_end(self, begin: Step) -> Steps:
        self._longest = 1.0
        if self._rates is None:
            self._rates = deque(maxlen=REMEMBERED_RATES)
        start = yield from self._iterate(begin)
        while not self._ended():
            first = yield from self._iterate(self._next(start))
            before = self._rise
            if self._ended():
                return
            second = yield from self._iterate(self._next(first))
            if self._ended() or self._settled(before):
                return
            leapt = yield from self._leap(start, first, second)
            start = leapt or second

    def _ended(self) -> bool:
        """Whether there is nothing to gain at all, or no iteration left."""
        if self._at_once or (len(self.history) > 1 and self._rise <= self._unit):
            self.reason = StopReason.CONVERGED
        elif self._n_done == self.spec.max_iter:
            self.reason = StopReason.MAX_ITERATIONS
        return self.reason is not None

    @property
    def _unit(self) -> float:
        """What rounding errors may add to the log-likelihood, for a row."""
        return ROUNDING * abs(self.log_likelihood) / self.frame.shape[0]

    def _settled(self, before: float) -> bool:
        """Whether less than `tol` is left, after a plain step that followed one of `before`.

        Or too little to come up to others.
        """
        gained = self._rise
        assert self._rates is not None
        self._rates.append(gained / before)
        rate = max(self._rates)
        if len(self._rates) < LEAST_RATES or rate >= 1.0:
            return False
        left = gained * rate / (1.0 - rate)
        behind = (self._bar.least - self.objective) / self.frame.size
        if left <= self.spec.tol:
            self.reason = StopReason.CONVERGED
        elif TIMES_LEFT * left + MARGIN < behind:
            self.reason = StopReason.MAX_ITERATIONS
        return self.reason is not None

    def _leap(
        self, start: Statistics, first: Statistics, second: Statistics
    ) -> Generator[Step, Reached, Statistics | None]:
        """A leap, and the statistics where it leads; None where it does not pay."""
        if self.spec.regularization or self._floored:
            return None  # the penalty is another for every step
        try:
            coordinates = Coordinates(first)
            origin, end = coordinates.of(start), coordinates.of(second)
        except np.linalg.LinAlgError:  # a component that only the others' scatter keeps regular
            return None
        step = -origin  # to `first`, where all coordinates are 0
        bend = end - step
        ratio = float(np.sqrt((step @ step) / max(float(bend @ bend), LEAST_BEND)))
        assert self._rates is not None
        self._rates.append(max(0.0, 1.0 - 1.0 / ratio) ** 2)
        length = min(ratio, self._longest)
        if length <= 1.0:
            self._longest *= GROWTH
            return None
        with np.errstate(over="ignore", invalid="ignore"):  # it may lead out of all numbers
            target = coordinates.at(origin + 2.0 * length * step + length**2 * bend)
        leapt = None
        if np.isfinite(target.scatter).all():
            leapt = yield from self._higher(target)
        if leapt is None:
            self._longest = max(1.0, self._longest / GROWTH)
        elif length == self._longest:
            self._longest *= GROWTH
        return leapt

    def _higher(self, target: Statistics) -> Generator[Step, Reached, Statistics | None]:
        """The iteration that the M-step from `target` makes, if it is no lower than the last."""
        try:
            reached = yield Step(target, self._previous, partial(self._land, target))
        except CollapsedComponent:
            return None
        point = reached.point
        log_prior = self._maximization.log_prior(point.parameters, point.whitening)
        if not reached.log_likelihood + log_prior >= self.objective:
            return None
        self._record(reached)
        return reached.statistics

    def _land(self, target: Statistics) -> Reached:
        """The M-step from `target`, with nothing mended."""
        penalty = self._maximization.penalty(target, ())
        return self._reached(self._at(*self._maximization(target, penalty, self._previous)))
