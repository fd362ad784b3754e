"""What can be undone, and what there was before and after each change."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtGui import QUndoCommand, QUndoStack

from gmmdesk.session.past import Past, State


class Change(QUndoCommand):
    """A change given by the two calls that make and unmake it.

    `text` goes on a sentence: "Undo finding clusters"; in a list it begins one.
    """

    def __init__(self, text: str, redo: Callable[[], None], undo: Callable[[], None]) -> None:
        super().__init__(f"{text[:1].upper()}{text[1:]}\n{text}")
        self._redo = redo
        self._undo = undo

    def redo(self) -> None:
        self._redo()

    def undo(self) -> None:
        self._undo()


class Commands(QObject):
    """The undo stack, which a session keeps too.

    `present` tells the choices and the answer as they are now, `go_to` brings others back.
    """

    def __init__(
        self, present: Callable[[], State | None], go_to: Callable[[State], None], parent: QObject
    ) -> None:
        super().__init__(parent)
        self.stack = QUndoStack(self)
        self._present = present
        self._go_to = go_to
        self._texts: list[str] = []
        self._states: list[State | None] = []  # before the first change, and after each
        self._is_cut = False
        self._is_recalling = False

    @property
    def is_cut(self) -> bool:
        """Whether more went before than is known."""
        return self._is_cut

    def push(self, text: str, redo: Callable[[], None], undo: Callable[[], None]) -> None:
        """Make a change, which follows those that hold."""
        at = self.stack.index()
        del self._states[at + 1 :], self._texts[at:]
        self.stack.push(Change(text, redo, undo))
        self._texts.append(text)
        self._states.append(self._present())

    def clear(self) -> None:
        """Forget all changes."""
        self.stack.clear()
        self._texts, self._states, self._is_cut = [], [], False

    def begin(self, past: Past | None = None) -> None:
        """Begin where there is nothing, or with a `past` whose present is what there is."""
        if past is None:
            self._states = [self._present()]
            return
        self._is_recalling = True  # all that is done to get there was done before
        self._texts, self._is_cut = list(past.texts), past.is_cut
        self._states = list(past.states)
        for i, text in enumerate(past.texts):
            before, after = past.states[i : i + 2]
            self.stack.push(Change(text, self._goer(after), self._goer(before)))
        self.stack.setIndex(past.at)
        self._is_recalling = False

    def past(self) -> Past | None:
        """What was done, but for what changed neither choices nor answer; None where unknown."""
        if not self._states:
            return None
        states, texts, at = [self._states[0]], [], 0
        for i, text in enumerate(self._texts):
            if self._states[i + 1] != states[-1]:
                states.append(self._states[i + 1])
                texts.append(text)
            if i + 1 == self.stack.index():
                at = len(texts)
        known = [state for state in states if state is not None]
        if len(known) < len(states) or known[at] != self._present():
            return None
        return Past(tuple(known), tuple(texts), at, self._is_cut)

    def _goer(self, state: State) -> Callable[[], None]:
        def go() -> None:
            if not self._is_recalling:
                self._go_to(state)

        return go
