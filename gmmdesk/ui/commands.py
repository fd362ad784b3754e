"""What can be undone."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QUndoCommand


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
