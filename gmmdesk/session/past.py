"""What was done before, as a session keeps it. Imports nothing heavy, as the window needs it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from gmmdesk.analysis import Finding, Settings
    from gmmdesk.data.options import ReadOptions
    from gmmdesk.data.row_set import PackedRows
    from gmmdesk.engine import Resampled
    from gmmdesk.session.answer import Answer

MAX_STEPS = 1_000
MAX_FINDINGS = 8  # fits whose answers are among the states
MAX_SELECTED = 16 * 2**20  # bytes of rows that were selected


class State(NamedTuple):
    """The choices, the answer, and how the table was read, at one moment."""

    settings: Settings
    answer: Answer | None
    options: ReadOptions


class Past(NamedTuple):
    """The changes that led to the present, and those that were taken back.

    Change i is called `texts[i]` and leads from `states[i]` to `states[i + 1]`; the first `at` of
    them hold. `is_cut` tells that more went before, which was not kept. `selected` are the rows
    that were selected in each state, None where that is not known; empty where it never is.
    `checked` has what was found of answers in halves of the rows, as far as that was looked at.
    """

    states: tuple[State, ...]
    texts: tuple[str, ...] = ()
    at: int = 0
    is_cut: bool = False
    selected: tuple[PackedRows | None, ...] = ()
    checked: Mapping[Finding, Resampled] = MappingProxyType({})

    @classmethod
    def of(
        cls,
        moments: Sequence[tuple[State, PackedRows | None]],
        texts: Sequence[str],
        at: int,
        *,
        is_cut: bool = False,
    ) -> Past:
        """What was done, without the changes that are no longer known to have changed something.

        The selected rows of the moments next to the present are kept, as far as there is room.
        """
        rows = _with_room([selected for _, selected in moments], at)
        states, selected, told, present = [moments[0][0]], [rows[0]], [], 0
        for i, text in enumerate(texts, start=1):
            state = moments[i][0]
            if state != states[-1] or rows[i] not in (None, selected[-1]):
                states.append(state)
                selected.append(rows[i])
                told.append(text)
            if i == at:
                present = len(told)
        return cls(tuple(states), tuple(told), present, is_cut, tuple(selected))

    @property
    def present(self) -> State:
        return self.states[self.at]

    def followed_by(self, text: str, state: State) -> Past:
        """With one more change, after which what was taken back is gone; same rows selected."""
        n = self.at + 1
        selected = (*self.selected[:n], self.selected[self.at]) if self.selected else ()
        return self._replace(
            states=(*self.states[:n], state),
            texts=(*self.texts[: self.at], text),
            at=n,
            selected=selected,
        )

    def completed_by(self, state: State, came_of_it: str) -> Past:
        """With the last change that holds, and the fit that it began, as one."""
        states = (*self.states[: self.at], state, *self.states[self.at + 1 :])
        texts = list(self.texts)
        texts[self.at - 1] = completed(texts[self.at - 1], came_of_it)
        return self._replace(states=states, texts=tuple(texts))

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
        return self._replace(
            states=self.states[first : last + 1],
            texts=self.texts[first:last],
            at=self.at - first,
            is_cut=self.is_cut or first > 0,
            selected=self.selected[first : last + 1],
        )

    def _fits(self, first: int, last: int) -> bool:
        """Whether a session keeps the states `first` to `last`."""
        if last - first > MAX_STEPS:
            return False
        answers = [state.answer for state in self.states[first : last + 1]]
        return len({id(one.finding) for one in answers if one is not None}) <= MAX_FINDINGS


def _with_room(rows: Sequence[PackedRows | None], at: int) -> list[PackedRows | None]:
    """The `rows` nearest to number `at` for which there is room, None for the others."""
    kept: list[PackedRows | None] = [None] * len(rows)
    known: set[PackedRows] = set()
    room = MAX_SELECTED
    for i in sorted(range(len(rows)), key=lambda i: abs(i - at)):
        one = rows[i]
        if one is None:
            continue
        if one not in known:
            room -= len(one.bits)
            if room < 0:
                break
            known.add(one)
        kept[i] = one
    return kept


def completed(text: str, came_of_it: str) -> str:
    """What was done, with what came of it."""
    return f"{text} ({came_of_it})"
