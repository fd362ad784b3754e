"""A line in which conditions are typed; it offers names of columns meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QModelIndex, QStringListModel, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCompleter, QLineEdit, QListView

from gmmdesk.ui.tables.spelling import completions, name_typed, quoted

_LEAST = 2  # letters, before names are offered: words are typed here too
_MOST = 200  # names


class ConditionLine(QLineEdit):
    """Completes the name at the cursor by one of `names()`, between quotes where it needs them.

    The arrow down offers names whatever is typed.
    """

    def __init__(self, names: Callable[[], Sequence[str]]) -> None:
        super().__init__()
        self._names = names
        self._offered = QStringListModel(self)
        self._completer = QCompleter(self._offered, self)
        self._completer.setWidget(self)
        self._completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        self._completer.setMaxVisibleItems(8)
        self._completer.activated.connect(self._on_completer_activated)
        self._popup = QListView()
        self._completer.setPopup(self._popup)
        self._popup.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self._popup.setAccessibleName("Columns")
        self.setClearButtonEnabled(True)
        self.textEdited.connect(lambda _text: self._offer(_LEAST))

    @property
    def offered(self) -> list[str]:
        """The names that are offered at present."""
        return self._offered.stringList() if self._popup.isVisible() else []

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down and not event.modifiers():
            self._offer(0)
            return
        super().keyPressEvent(event)

    def _offer(self, least: int) -> None:
        typed = name_typed(self.text(), self.cursorPosition())
        found: list[str] = []
        if typed is not None and len(typed.letters) >= least:
            found = completions(typed.letters, self._names())[:_MOST]
            if [name.casefold() for name in found] == [typed.letters.casefold()]:
                found = []
        if not found:
            self._popup.hide()
            return
        self._offered.setStringList(found)
        self._completer.complete()
        self._popup.setCurrentIndex(QModelIndex())  # Return is about what is typed

    def _on_completer_activated(self, name: str) -> None:
        typed = name_typed(self.text(), self.cursorPosition())
        if typed is None:
            return
        before, after = self.text()[: typed.start], self.text()[self.cursorPosition() :]
        done = f"{before}{quoted(name)} "
        self.setText(done + after.lstrip())
        self.setCursorPosition(len(done))
        self.textEdited.emit(self.text())
