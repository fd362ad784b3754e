"""How long a search will still take: roughly, and not before that can be said."""

from __future__ import annotations

import math
from collections import deque

from gmmdesk.text import count

_FIRST = 4.0  # seconds in which nothing is said
_APART = 1.0  # seconds between what is compared
_AGREE = 4  # of the last estimates have to
_STABLE = 1.6  # times as much at most, the greatest of them as the least
_CALM = 1.5  # times as much, before more is said to be left than was
_WRONG = 2.0  # times as much: then nothing is said until estimates agree again
_BENDS = (0.6, 3.0)  # of the course, see `TimeLeft`
# What is said, in seconds: steps that nobody takes for exact.
_STEPS = (5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 300, 420, 600, 900, 1200, 1800, 2700, 3600)


class TimeLeft:
    """Says how long it takes from the share that is done after some time.

    What many clusters cost beside few is not known beforehand. So the share is taken to go with a
    power of the time, which is that of the last half: 1 where all has cost as much as was thought.
    """

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """With another search."""
        self._course: list[tuple[float, float]] = []  # times and shares
        self._totals: deque[float] = deque(maxlen=_AGREE)  # estimates of the whole, seconds
        self._said: float | None = None

    def told(self, elapsed: float, share: float) -> str:
        """What to say after `elapsed` seconds with a `share` (0..1) done; empty while unsure."""
        last, done = self._course[-1] if self._course else (0.0, 0.0)
        # Not while a long fit goes on: the share would seem to come to a standstill.
        if share != done and elapsed - last >= _APART:
            self._course.append((elapsed, share))
            self._totals.append(self._whole())
        totals = self._totals
        left = max(0.0, sum(totals) / len(totals) - elapsed) if totals else 0.0
        if self._said is not None and (left > _WRONG * self._said or elapsed > max(totals)):
            self._said = None
            totals.clear()
        if len(totals) < _AGREE or elapsed < _FIRST or max(totals) > _STABLE * min(totals):
            return "" if self._said is None else _words(self._said)
        step = next((step for step in _STEPS if step >= left), 3600.0 * -(-left // 3600))
        if self._said is None or step < self._said or left > _CALM * self._said:
            self._said = step
        return _words(self._said)

    def _whole(self) -> float:
        """How long all of it takes, by the course so far, in seconds."""
        now, share = self._course[-1]
        before, done = min(self._course, key=lambda one: abs(one[0] - 0.5 * now))
        bend = 1.0
        if done < share:
            bend = math.log(share / done) / math.log(now / before)
        low, high = _BENDS
        return now * share ** (-1.0 / min(max(bend, low), high))


def _words(seconds: float) -> str:
    if seconds < 60:
        return f"about {seconds:.0f} seconds left"
    if seconds == 90:
        return "about 1½ minutes left"
    if seconds < 3600:
        return f"about {count(int(seconds // 60), 'minute')} left"
    return f"about {count(int(seconds // 3600), 'hour')} left"
