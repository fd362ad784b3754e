"""All used columns against each other, each column's histogram on the diagonal."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gmmdesk.analysis.axes import axis_names
from gmmdesk.ui import theme
from gmmdesk.ui.as_prepared import AsPrepared
from gmmdesk.ui.background import LatestWorker
from gmmdesk.ui.document import Document
from gmmdesk.ui.drawing.figure import FigureSource
from gmmdesk.ui.text import plain_action
from gmmdesk.ui.views.matrix.matrix import Matrix
from gmmdesk.ui.widgets import Pages, scrolled, secondary, tool_button

MOST = 12  # columns at once
_HINT = "A click opens the pair of columns on the map, a drag selects rows."
_SHORT_HINT = "A click opens the pair on the map, a drag selects rows."


class MatrixView(QWidget):
    """Which columns are shown, above the matrix. Signal: `pair_chosen(str, str)`, x and y."""

    pair_chosen = Signal(str, str)

    def __init__(self, document: Document, worker: type[LatestWorker] = LatestWorker) -> None:
        super().__init__()
        self._document = document
        self.matrix = Matrix(document, worker)
        self.matrix.pair_chosen.connect(self.pair_chosen)
        self.hint = secondary()
        self.hint.setWordWrap(False)
        self.columns = tool_button("Columns", f"Which columns to show, up to {MOST}", "eye")
        self._menu = QMenu(self.columns)
        self.columns.setMenu(self._menu)
        self.columns.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        bar = QHBoxLayout()
        bar.setContentsMargins(*[theme.SPACE] * 4)
        self.as_prepared = AsPrepared(document)
        bar.addWidget(self.hint, 1)
        bar.addWidget(self.as_prepared)
        bar.addWidget(self.columns)
        self._pages = Pages(
            "Tick at least two columns on the left to see them against each other.",
            scrolled(self.matrix),
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(bar)
        layout.addWidget(self._pages, 1)
        document.prepared_changed.connect(self._on_document_prepared_changed)
        self._on_document_prepared_changed()

    def figure(self) -> FigureSource | None:
        """The matrix, to be painted elsewhere."""
        return self.matrix.figure()

    @property
    def is_busy(self) -> bool:
        """Whether cells are being drawn."""
        return self.matrix.is_busy

    def close_workers(self) -> None:
        """Wait for what is being drawn; no thread outlives this."""
        self.matrix.close_workers()

    def _on_document_prepared_changed(self) -> None:
        prepared = self._document.prepared
        names = () if prepared is None else axis_names(prepared)
        self._menu.clear()
        for name in names:
            action = self._menu.addAction(plain_action(name))
            action.setCheckable(True)
            action.setData(name)
            action.toggled.connect(self._on_action_toggled)
        self.columns.setVisible(len(names) > 2)
        self._pages.show_content(len(names) > 1)
        self.hint.setVisible(len(names) > 1)
        self._tick(range(min(MOST, len(names))))

    def _tick(self, columns: Sequence[int]) -> None:
        for i, action in enumerate(self._menu.actions()):
            action.blockSignals(True)
            action.setChecked(i in columns)
            action.blockSignals(False)
        self._show_columns(columns)

    def _show_columns(self, columns: Sequence[int]) -> None:
        """Show these, and say so where they are not all."""
        n = len(self._menu.actions())
        part = f"{len(columns)} of {n} columns. " if len(columns) < n else ""
        self.hint.setText(f"{part}{_HINT}", [f"{part}{_SHORT_HINT}"])
        self.matrix.show_columns(tuple(columns))

    def _on_action_toggled(self, _on: bool) -> None:
        ticked = [i for i, action in enumerate(self._menu.actions()) if action.isChecked()]
        full = len(ticked) >= MOST
        for action in self._menu.actions():
            action.setEnabled(action.isChecked() or not full)
        if len(ticked) > 1:
            self._show_columns(ticked)
