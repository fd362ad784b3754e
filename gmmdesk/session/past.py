"""What was done before, as a session keeps it. Imports nothing heavy, as the window needs it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from gmmdesk.analysis import Settings
    from gmmdesk.data.options import ReadOptions
    from gmmdesk.session.answer import Answer

MAX_STEPS = 1_000
MAX_FINDINGS = 8  # fits whose answers are among the states


class State(NamedTuple):
    """The choices, the answer, and how the table was read, at one moment."""

    settings: Settings
    answer: Answer | None
    options: ReadOptions


class Past(NamedTuple):
    """The changes that led to the present, and those that were taken back.

    Change i is called `texts[i]` and leads from `states[i]` to `states[i + 1]`; the first `at` of
    them hold. `is_cut` tells that more went before, which was not kept.
    """

    states: tuple[State, ...]
    texts: tuple[str, ...] = ()
    at: int = 0
    is_cut: bool = False

    @property
    def present(self) -> State:
        return self.states[self.at]

    def cut(self) -> Past:
        """As much of it as a session keeps: the changes next to the present, older ones first."""
        return self._around_present(self._fits)

    def of_one_reading(self) -> Past:
        """The changes next to the present between which the table was not read in another way."""
        options = self.present.options

        def is_one(first: int, last: int) -> bool:
            return self.states[first].options == self.states[last].options == options

        return self._around_present(is_one)

    def _around_present(self, is_kept: Callable[[int, int], bool]) -> Past:
        first = last = self.at
        while first > 0 and is_kept(first - 1, last):
            first -= 1
        while last < len(self.texts) and is_kept(first, last + 1):
            last += 1
        return Past(
            self.states[first : last + 1],
            self.texts[first:last],
            self.at - first,
            self.is_cut or first > 0,
        )

    def _fits(self, first: int, last: int) -> bool:
        """Whether a session keeps the states `first` to `last`."""
        if last - first > MAX_STEPS:
            return False
        answers = [state.answer for state in self.states[first : last + 1]]
        return len({id(one.finding) for one in answers if one is not None}) <= MAX_FINDINGS
