"""What can be undone, and how things were before and after each change."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject
from PySide6.QtGui import QUndoCommand, QUndoStack

from gmmdesk.session.past import Past, State, completed
from gmmdesk.text import sentence_case

if TYPE_CHECKING:  # these import numpy, scipy and pyarrow: not before the window is up
    from gmmdesk.data.row_set import PackedRows


class Moment(NamedTuple):
    """All that undo brings back; `rows` are the selected ones, None where that is not known."""

    state: State
    rows: PackedRows | None = None


class Commands(QObject):
    """The undo stack, which a session keeps too.

    A step is how things were after it, so that a jump over many shows its goal only. `present`
    tells how they are now, `go_to` brings an earlier moment back.
    """

    def __init__(
        self,
        present: Callable[[], Moment | None],
        go_to: Callable[[Moment], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self.stack = QUndoStack(self)
        self._present = present
        self._go_to = go_to
        self._texts: list[str] = []
        self._moments: list[Moment | None] = []  # before the first change, and after each
        self._is_cut = False
        self._at = 0  # of the changes hold, as the stack has it, which is asked nothing at its end
        self._saved: int | None = 0  # of them held when all was saved last; None: not to be had

    @property
    def is_saved(self) -> bool:
        """Whether there is nothing that saving would keep.

        That no rows are selected any more is no work that could be lost.
        """
        at, saved = self._at, self._saved
        if saved is None or at == saved:
            return saved is not None
        now, then = self._moments[at], self._moments[saved]
        if now is None or then is None:
            return False
        between = self._moments[min(at, saved) : max(at, saved)]
        if any(one is None or one.state != now.state for one in between):
            return False
        return now.rows is None or now.rows.is_empty or now.rows == then.rows

    def mark_saved(self, *, saved: bool = True) -> None:
        """All there is now is in a file, or it is in none."""
        self._saved = self._at if saved else None

    @property
    def is_cut(self) -> bool:
        """Whether more went before than is known."""
        return self._is_cut

    def push(self, text: str, change: Callable[[], None]) -> None:
        """Make a change, which follows those that hold.

        `text` goes on a sentence: "Undo finding clusters"; in a list it begins one.
        """
        at = self.stack.index()
        del self._moments[at + 1 :], self._texts[at:]
        if self._saved is not None and self._saved > at:
            self._saved = None
        change()
        self._texts.append(text)
        self._moments.append(self._present())
        self._at = at + 1
        self._list(text)

    def push_selection(self, text: str, change: Callable[[], None]) -> None:
        """Select rows, which is no step where it would take away more than selections.

        Who looks at rows after taking back a fit wants to be able to make that again.
        """
        here, later = self.here, self._moments[self._at + 1 :]
        if any(one is None or here is None or one.state != here.state for one in later):
            change()
        else:
            self.push(text, change)

    def complete(
        self, begun: Moment | None, text: str, change: Callable[[], None], came_of_it: str = ""
    ) -> None:
        """Make a change that the last one was `begun` for: both are undone at once.

        `begun` is what was `here` after it. Its text then says what `came_of_it`, if anything. A
        change of its own where others came in between.
        """
        if begun is None or begun is not self.here:
            self.push(text, change)
            return
        change()
        at = self.stack.index()
        self._moments[at] = self._present()
        if came_of_it:
            self._texts[at - 1] = text = completed(self._texts[at - 1], came_of_it)
            self.stack.command(at - 1).setText(_listed(text))
        if self._saved == at:
            self._saved = None
        self.stack.indexChanged.emit(at)  # as many changes hold, but the last is another

    @property
    def here(self) -> Moment | None:
        """How things were after the last change that holds: another object after each."""
        return self.moment(self.stack.index())

    def moment(self, index: int) -> Moment | None:
        """How things were with `index` of the changes made; None where there are not so many."""
        return self._moments[index] if 0 <= index < len(self._moments) else None

    def go_to(self, index: int) -> None:
        """Bring back how things were with `index` of the changes made."""
        moment = self.moment(index)
        if moment is not None and index != self.stack.index():
            self._go_to(moment)
            self._at = index
            self.stack.setIndex(index)

    def clear(self) -> None:
        """Forget all changes."""
        self._at, self._saved = 0, None
        self.stack.clear()
        self._texts, self._moments, self._is_cut = [], [], False

    def begin(self, past: Past | None = None) -> None:
        """Begin where there is nothing, or with a `past` whose present is what there is."""
        if past is None:
            self._moments = [self._present()]
            return
        self._texts, self._is_cut = list(past.texts), past.is_cut
        rows = past.selected or [None] * len(past.states)
        self._moments = [Moment(*one) for one in zip(past.states, rows, strict=True)]
        self._moments[past.at] = self._present()
        self._at = past.at
        for text in past.texts:
            self._list(text)
        self.stack.setIndex(past.at)

    def past(self) -> Past | None:
        """What was done; None where unknown."""
        known = [(moment.state, moment.rows) for moment in self._moments if moment is not None]
        at, present = self.stack.index(), self._present()
        if not known or len(known) < len(self._moments) or present is None:
            return None
        if known[at][0] != present.state:
            return None
        return Past.of(known, self._texts, at, is_cut=self._is_cut)

    def _list(self, text: str) -> None:
        self.stack.push(QUndoCommand(_listed(text)))


def _listed(text: str) -> str:
    """What begins a line of a list, and what goes on a sentence, as Qt tells them apart."""
    return f"{sentence_case(text)}\n{text}"
