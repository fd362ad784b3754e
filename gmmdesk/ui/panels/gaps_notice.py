"""What missing cells cost, said where columns are chosen, while it is a good part of the rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from gmmdesk.ui import theme
from gmmdesk.ui.document import Document
from gmmdesk.ui.help.glossary import tip
from gmmdesk.ui.text import percent, shortened
from gmmdesk.ui.widgets import secondary, tool_button

if TYPE_CHECKING:
    from gmmdesk.data.dataset import Dataset
    from gmmdesk.data.prepare import Prepared

_GOOD_PART = 0.05  # of the rows
_LONGEST_NAME = 25  # letters


class GapsNotice(QWidget):
    """Says how many rows are left out because cells are missing, with a button to use them too."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._document = document
        self._wanted = True
        self.words = secondary()
        self.button = use_them_too(document)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE)
        layout.addWidget(self.words, 1)
        layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)
        document.prepared_changed.connect(self._show)
        document.settings_changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        document = self._document
        dataset, prepared = document.dataset, document.prepared_as_chosen
        told = "" if dataset is None or prepared is None else _words(dataset, prepared)
        self.words.setText(told)
        settings = document.settings
        self.button.setVisible(settings is not None and settings.missing == "leave-out")
        self._update()

    def set_wanted(self, wanted: bool) -> None:
        """Show itself, if there is something to be said, or not."""
        self._wanted = wanted
        self._update()

    def _update(self) -> None:
        self.setVisible(self._wanted and bool(self.words.text()))


def use_them_too(document: Document) -> QToolButton:
    """A button that lets rows with gaps take part."""
    button = tool_button("Use them too", tip("Missing values"))
    button.setAutoRaise(False)
    button.clicked.connect(
        lambda: document.change_settings("using rows with missing values", missing="em")
    )
    return button


def _words(dataset: Dataset, prepared: Prepared) -> str:
    """How many of the rows, and which column lacks most; empty where they are hardly missed."""
    share = prepared.n_left_out_for_gaps / max(dataset.n_rows, 1)
    if share < _GOOD_PART:
        return ""
    gaps = {
        column.name: column.n_missing + len(column.unreadable)
        for column in (dataset.column(name) for name in prepared.preparation.inputs)
    }
    column = max(gaps, key=lambda name: gaps[name])
    where = f", mostly in {shortened(column, _LONGEST_NAME)}" if len(gaps) > 1 else ""
    return f"{percent(share)} of the rows are left out because of gaps{where}."
