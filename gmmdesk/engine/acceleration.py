"""EM in fewer iterations: two steps, then a leap along the way they show, kept if it pays.

SQUAREM, scheme S3 (Varadhan and Roland, 2008). The leap is made among the sufficient statistics,
from which the M-step makes parameters: so every covariance model keeps its constraint.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator

import numpy as np

from gmmdesk.engine.ascent import Ascent, Point
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
# Of a log-likelihood, what rounding errors may add.
ROUNDING = 1e-14


class AcceleratedAscent(Ascent):
    """An ascent to the same maxima, which ends where less than `tol` per row is left to gain.

    What is left is projected from two plain steps in a row, which shrink by a rate (Aitken's;
    Boehning et al., 1994). `history` holds what was kept: plain steps, and leaps that raised the
    log-likelihood, or with a prior their sum, so that this does not fall. Where regularization or
    floors make the penalty another for every step, all steps are plain.
    """

    _rates: deque[float] | None = None

    def continuing(self, other: Ascent, same: bool = False) -> Iterator[None]:
        """As in Ascent; where the rows are all but the `same`, the rates are known already."""
        if same and isinstance(other, AcceleratedAscent) and other._rates is not None:
            self._rates = deque(other._rates, maxlen=REMEMBERED_RATES)
        yield from super().continuing(other)

    def _climb(self, begin: Callable[[], Point]) -> Iterator[None]:
        self._longest = 1.0
        if self._rates is None:
            self._rates = deque(maxlen=REMEMBERED_RATES)
        try:
            point = begin()
            start = self._expect(point)
            yield
            while not self._ended():
                point = self._advance(point, start)
                first = self._expect(point)
                yield
                before = self._rise
                if self._ended():
                    return
                point = self._advance(point, first)
                second = self._expect(point)
                yield
                if self._ended() or self._settled(before):
                    return
                leapt = self._leap(start, first, second)
                if leapt is None:
                    start = second
                else:
                    point, start = leapt
                    yield
        except CollapsedComponent as collapsed:
            self.reason = StopReason.COLLAPSED
            self._collapsed = collapsed.component

    def _ended(self) -> bool:
        """Whether there is nothing to gain at all, or no iteration left."""
        n_done = len(self.history)
        if self._at_once or (n_done > 1 and self._rise <= self._unit):
            self.reason = StopReason.CONVERGED
        elif n_done == self.spec.max_iter:
            self.reason = StopReason.MAX_ITERATIONS
        return self.reason is not None

    @property
    def _unit(self) -> float:
        """What rounding errors may add to the log-likelihood, for a row."""
        return ROUNDING * abs(self.log_likelihood) / self.frame.shape[0]

    def _settled(self, before: float) -> bool:
        """Whether less than `tol` is left, after a plain step that followed one of `before`."""
        gained = self._rise
        assert self._rates is not None
        self._rates.append(gained / before)
        rate = max(self._rates)
        early = len(self._rates) < LEAST_RATES
        if early or rate >= 1.0 or gained * rate / (1.0 - rate) > self.spec.tol:
            return False
        self.reason = StopReason.CONVERGED
        return True

    def _leap(
        self, start: Statistics, first: Statistics, second: Statistics
    ) -> tuple[Point, Statistics] | None:
        """Where a leap leads, and the statistics there; None where it does not pay."""
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
        leapt = self._higher(target) if np.isfinite(target.scatter).all() else None
        if leapt is None:
            self._longest = max(1.0, self._longest / GROWTH)
        elif length == self._longest:
            self._longest *= GROWTH
        return leapt

    def _higher(self, target: Statistics) -> tuple[Point, Statistics] | None:
        """The iteration that the M-step from `target` makes, if it is no lower than the last."""
        previous = None if self.parameters is None else self.parameters.covariances
        penalty = self._maximization.penalty(target, ())
        try:
            point = self._at(*self._maximization(target, penalty, previous))
        except CollapsedComponent:
            return None
        expectation = self._evaluate(point)
        log_prior = self._maximization.log_prior(point.parameters, point.components.whitening)
        if not expectation.log_likelihood + log_prior >= self.objective:
            return None
        self._eased = log_prior - self._log_prior
        self._record(point, expectation)
        return point, expectation.statistics
