"""The list of everything that was done, to go back to any of it."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QListWidget, QVBoxLayout, QWidget

from gmmdesk.ui import theme
from gmmdesk.ui.document import Document
from gmmdesk.ui.widgets import secondary


class HistoryDialog(QDialog):
    """One line for each step; a click goes to how things were after it.

    Qt's own list of an undo stack would go there past the document, which knows when it must not.
    """

    help_page = "sessions"

    def __init__(self, document: Document, parent: QWidget) -> None:
        super().__init__(parent)
        self._document = document
        self.setWindowTitle("History")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)  # shown again, it would lie lower
        self._list = QListWidget()
        self._list.setAccessibleName("History")
        self._list.setWordWrap(True)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setResizeMode(QListWidget.ResizeMode.Adjust)
        self._list.currentRowChanged.connect(self._on_list_current_row_changed)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setSpacing(theme.SPACE)
        layout.addWidget(
            secondary(
                "Click a step to go there. Later ones stay until you do something new. A session"
                " keeps them too."
            )
        )
        layout.addWidget(self._list, 1)
        layout.addWidget(buttons)
        self.resize(360, 420)
        for signal in (document.run_started, document.run_ended):
            signal.connect(self._show_whether_idle)
        document.undo_changed.connect(self._show_steps)
        self._show_steps()
        self._show_whether_idle()

    def _show_steps(self) -> None:
        stack = self._document.undo_stack
        start = "As it was before" if self._document.commands.is_cut else "Opened the table"
        steps = [start, *(stack.text(i) for i in range(stack.count()))]
        shown = [self._list.item(i).text() for i in range(self._list.count())]
        with QSignalBlocker(self._list):
            if steps != shown:
                self._list.clear()
                self._list.addItems(steps)
            self._list.setCurrentRow(stack.index())

    def _on_list_current_row_changed(self, row: int) -> None:
        if row >= 0:
            self._document.go_to_step(row)
            self._show_steps()  # where it takes a while, or cannot be

    def _show_whether_idle(self) -> None:
        """While a fit runs, whose answer follows from the choices, nothing is undone."""
        self._list.setEnabled(not self._document.is_running)
