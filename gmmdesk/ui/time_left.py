"""How long a search will still take: roughly, and not before that can be said."""

from __future__ import annotations

from collections import deque

from gmmdesk.text import count

_FIRST = 4.0  # seconds in which nothing is said
_APART = 1.0  # seconds between what is compared
_AGREE = 4  # of the last estimates have to
_STABLE = 1.6  # times as much at most, the greatest of them as the least
_CALM = 1.5  # times as much, before more is said to be left than was
# What is said, in seconds: steps that nobody takes for exact.
_STEPS = (5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 300, 420, 600, 900, 1200, 1800, 2700, 3600)


class TimeLeft:
    """Says how long it takes from the share that is done after some time."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """With another search."""
        self._totals: deque[float] = deque(maxlen=_AGREE)  # estimates of the whole, seconds
        self._at = 0.0  # when the last was made
        self._said: float | None = None

    def told(self, elapsed: float, share: float) -> str:
        """What to say after `elapsed` seconds with a `share` (0..1) done; empty while unsure."""
        if share > 0.0 and elapsed - self._at >= _APART:
            self._at = elapsed
            self._totals.append(elapsed / share)
        totals = self._totals
        if len(totals) < _AGREE or elapsed < _FIRST or max(totals) > _STABLE * min(totals):
            return "" if self._said is None else _words(self._said)
        left = max(0.0, sum(totals) / len(totals) - elapsed)
        step = next((step for step in _STEPS if step >= left), 3600.0 * -(-left // 3600))
        if self._said is None or step < self._said or left > _CALM * self._said:
            self._said = step
        return _words(self._said)


def _words(seconds: float) -> str:
    if seconds < 60:
        return f"about {seconds:.0f} seconds left"
    if seconds == 90:
        return "about 1½ minutes left"
    if seconds < 3600:
        return f"about {count(int(seconds // 60), 'minute')} left"
    return f"about {count(int(seconds // 3600), 'hour')} left"
