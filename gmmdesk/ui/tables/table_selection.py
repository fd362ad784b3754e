"""What is chosen in the table and what is selected everywhere, each following the other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QObject, QSignalBlocker, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractItemView

from gmmdesk.data.row_set import RowSet
from gmmdesk.ui.selection import How, Selection, how_clicked
from gmmdesk.ui.tables.fields import RowNumbers
from gmmdesk.ui.tables.rows_model import RowsModel
from gmmdesk.ui.tables.rows_table import RowsTable

_RESTS_MS = 80  # after the last change of what is chosen, before all views follow
_MOST_SOUGHT = 2_000_000  # lines among which the first selected one is looked for


class TableSelection(QObject):
    """Selects what the user chooses in the table, and shows in it what is selected elsewhere."""

    def __init__(self, selection: Selection, model: RowsModel, table: RowsTable) -> None:
        super().__init__(table)
        self._selection, self._model, self._table = selection, model, table
        self._made: list[RowSet] = []  # what was chosen here last, as soon as it is known
        self._rests = QTimer(self, interval=_RESTS_MS, singleShot=True)
        self._rests.timeout.connect(self._select)
        self._is_toggling = False
        table.selectionModel().selectionChanged.connect(self._on_table_selection_changed)
        table.toggled.connect(self._on_table_toggled)
        selection.changed.connect(self._on_selection_changed)
        model.set_selected(selection.rows)

    @property
    def is_busy(self) -> bool:
        """Whether something was chosen that is not selected yet."""
        return self._rests.isActive() or self._selection.is_busy

    def commit(self) -> None:
        """Select now what was chosen."""
        if self._rests.isActive():
            self._rests.stop()
            self._select()

    def reveal(self) -> None:
        """Bring the first selected row into sight, where it was not chosen here."""
        line = self._model.first_selected(_MOST_SOUGHT)
        if line is not None and self._table.isVisible() and not self._table.chosen_lines():
            index, room = self._model.index(line, 0), self._table.viewport().rect()
            # With a line to spare: a scroll bar may still come.
            box = self._table.visualRect(index)
            if box.top() < 0 or box.bottom() + box.height() > room.bottom():
                self._table.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtCenter)

    def forget_lines(self) -> None:
        """Other rows are on the lines now: only the marks stay."""
        with QSignalBlocker(self._table.selectionModel()):
            self._table.selectionModel().clearSelection()
        self._rests.stop()

    def _select(self) -> None:
        rows, lines = self._selection.rows, self._table.chosen_lines()
        if rows is None or not lines:
            return
        order, n_rows = self._model.order, rows.n_rows
        self._made = made = []

        def find() -> RowSet:
            made.append(_rows_on(lines, order, n_rows))
            return made[0]

        self._selection.find(find, How.REPLACE, "rows in the table")

    def _on_table_selection_changed(self) -> None:
        self._rests.start()

    def _on_table_toggled(self, line: int) -> None:
        row = self._model.row(line)
        meant = how_clicked(QGuiApplication.keyboardModifiers(), self._model.is_selected(line))
        self._is_toggling = True
        self._selection.change_rows(np.array([row]), meant, f"row {self._model.number(line):,}")
        self._is_toggling = False

    def _on_selection_changed(self) -> None:
        self._model.set_selected(self._selection.rows)
        if not any(rows is self._selection.rows for rows in self._made):
            self.forget_lines()
            if not self._is_toggling:  # what was clicked stays under the mouse
                self.reveal()
        self._table.viewport().update()


def _rows_on(lines: Sequence[range], order: RowNumbers | None, n_rows: int) -> RowSet:
    """The rows on these lines of a table in this order."""
    mask = np.zeros(n_rows, np.bool_)
    for some in lines:
        if order is None:
            mask[some.start : some.stop] = True
        else:
            mask[order[some.start : some.stop]] = True
    return RowSet.of_mask(mask)
