"""A file that does not fit into memory: what it would take, and reading a part of it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from gmmdesk.data.options import MOST_ROWS, ReadOptions
from gmmdesk.errors import TooLargeError
from gmmdesk.ui import theme
from gmmdesk.ui.widgets import SeedBox, secondary, spin_box

_USUAL = 100_000  # rows, where it is not known how many fit
_SHARE = 0.5  # of the rows that fit: a fit needs memory too


class TooLargeDialog(QDialog):
    """Signals: `chosen(ReadOptions)` when the user agrees to read a part."""

    help_page = "opening"

    chosen = Signal(object)

    def __init__(self, name: str, error: TooLargeError, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"{name} is too large")
        self._sample = QRadioButton("Rows drawn at random: they stand for all of them", self)
        self._first = QRadioButton("The first rows", self)
        self._sample.setVisible(error.can_sample)
        (self._sample if error.can_sample else self._first).setChecked(True)
        n_rows = max(1, int(_SHARE * error.n_fitting)) if error.n_fitting else _USUAL
        self._n_rows = spin_box(1, MOST_ROWS, "Number of rows", "How many rows to read")
        self._n_rows.setGroupSeparatorShown(True)
        self._n_rows.setValue(n_rows)
        self._seed = SeedBox("The same seed draws the same rows again")
        self._sample.toggled.connect(self._seed.setEnabled)

        message = QLabel(f"{name} does not fit into memory. A part of its rows can be read:")
        message.setTextFormat(Qt.TextFormat.PlainText)
        message.setWordWrap(True)
        form = QFormLayout()
        form.setVerticalSpacing(theme.SPACE // 2)
        for what, value in _figures(error):
            form.addRow(secondary(what), QLabel(value))
        form.addRow("Rows to read", self._n_rows)
        if error.can_sample:
            form.addRow("Seed of the draw", self._seed)
        buttons = QDialogButtonBox()
        accept = buttons.addButton("Read this part", QDialogButtonBox.ButtonRole.AcceptRole)
        accept.setDefault(True)
        buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self._on_buttons_accepted)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setSpacing(theme.SPACE)
        layout.addWidget(message)
        layout.addWidget(self._sample)
        layout.addWidget(self._first)
        layout.addLayout(form)
        layout.addWidget(buttons)

    def _on_buttons_accepted(self) -> None:
        n_rows = self._n_rows.value()
        if self._sample.isChecked():
            options = ReadOptions(sample_rows=n_rows, sample_seed=self._seed.value())
        else:
            options = ReadOptions(row_limit=n_rows)
        self.accept()
        self.chosen.emit(options)


def _figures(error: TooLargeError) -> list[tuple[str, str]]:
    figures = [
        ("Memory needed", _size(error.n_bytes)),
        ("Memory free", _size(error.available)),
    ]
    if error.n_rows:
        figures.append(("Rows in the file", f"about {error.n_rows:,}"))
    if error.n_fitting:
        figures.append(("Rows that would fit", f"about {error.n_fitting:,}"))
    return figures


def _size(n_bytes: int) -> str:
    if n_bytes >= 2**30:
        return f"{n_bytes / 2**30:,.1f} GB"
    return f"{n_bytes / 2**20:,.1f} MB"
