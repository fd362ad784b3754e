"""The list of everything that was done, to go back to any of it."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QUndoView, QVBoxLayout, QWidget

from gmmdesk.ui import theme
from gmmdesk.ui.document import Document
from gmmdesk.ui.widgets import secondary


class HistoryDialog(QDialog):
    """One line for each step; a click goes to how things were after it."""

    def __init__(self, document: Document, parent: QWidget) -> None:
        super().__init__(parent)
        self._document = document
        self.setWindowTitle("History")
        self._list = QUndoView(document.undo_stack)
        self._list.setEmptyLabel("Opened the table")
        self._list.setAccessibleName("History")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setSpacing(theme.SPACE)
        layout.addWidget(
            secondary("Click a step to go there. Later ones stay until you do something new.")
        )
        layout.addWidget(self._list, 1)
        layout.addWidget(buttons)
        self.resize(360, 420)
        for signal in (document.run_started, document.run_ended):
            signal.connect(self._show_whether_idle)
        self._show_whether_idle()

    def _show_whether_idle(self) -> None:
        """While a fit runs, whose answer follows from the choices, nothing is undone."""
        self._list.setEnabled(not self._document.is_running)
