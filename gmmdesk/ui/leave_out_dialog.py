"""Leaving out rows that were chosen by hand, with the reason."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QLineEdit, QWidget

from gmmdesk.data.steps import LeaveOutRows
from gmmdesk.ui.document import Document
from gmmdesk.ui.text import count
from gmmdesk.ui.widgets import secondary

MOST_ROWS = 100_000  # chosen by hand; more are better left out by a condition


def leave_out(document: Document, rows: Iterable[int], reason: str = "") -> None:
    """Leave out rows (0-based) from the next fit on, as a step of the preparation, undoably.

    Those of the last step are added to, where it has the same reason.
    """
    settings, dataset = document.settings, document.dataset
    if settings is None or dataset is None:
        return
    steps, chosen = settings.steps, {dataset.number_of(row) for row in rows}
    last = steps[-1] if steps else None
    if isinstance(last, LeaveOutRows) and last.on and last.reason == reason:
        steps, chosen = steps[:-1], chosen.union(last.rows)
    step = LeaveOutRows(rows=tuple(sorted(chosen)), reason=reason)
    document.change_settings(f"leaving out {count(len(chosen), 'row')}", steps=(*steps, step))


class LeaveOutDialog(QDialog):
    """Asks for the reason, then leaves out the rows."""

    help_page = "preparing"

    def __init__(self, document: Document, rows: list[int], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"Leave out {count(len(rows), 'row')}")
        self._document, self._rows = document, rows
        self.reason = QLineEdit()
        self.reason.setPlaceholderText("optional, kept")
        self.reason.setAccessibleName("Reason")
        self.reason.setToolTip("Kept with the result, so that others know why")
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.accepted.connect(self._on_accepted)
        buttons.rejected.connect(self.reject)
        form = QFormLayout(self)
        form.addRow(
            secondary(
                "They stay in the table and the export, without results. Undo brings them back."
            )
        )
        form.addRow("&Reason", self.reason)
        form.addRow(buttons)
        self.setMinimumWidth(360)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

    def _on_accepted(self) -> None:
        leave_out(self._document, self._rows, self.reason.text().strip())
        self.accept()
