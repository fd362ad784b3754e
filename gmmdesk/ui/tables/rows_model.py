"""Every row of the table with what the answer says about it; nothing is copied."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QObject, Qt
from PySide6.QtGui import QBrush, QIcon, QPalette
from PySide6.QtWidgets import QApplication

from gmmdesk.analysis import NO_CLUSTER
from gmmdesk.analysis.palette import sign
from gmmdesk.data.row_set import RowSet
from gmmdesk.ui.colors import cluster_color
from gmmdesk.ui.tables.clusters_model import swatch
from gmmdesk.ui.tables.fields import ChoiceField, Field, RowNumbers, TextField
from gmmdesk.ui.tables.index import ROOT, Index
from gmmdesk.ui.text import plain_tip, shortened
from gmmdesk.ui.theme import Opacity, demi_bold

Role = Qt.ItemDataRole

_LONGEST = 200  # characters of a cell; the tooltip has more of them
_LONGEST_TIP = 2_000


class RowsModel(QAbstractTableModel):
    """The rows `order` of a table of `n_rows`, each with its number, under names of `fields`."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.fields: Sequence[Field] = ()
        self._n_rows = 0
        self._order: RowNumbers | None = None
        self._numbers: RowNumbers | None = None
        self._selected: RowSet | None = None
        self._colors: Sequence[str] = ()  # of the clusters
        self._signs: Sequence[int] = ()
        self._marked: frozenset[int] = frozenset()  # fields

    def set_looks(self, colors: Sequence[str], signs: Sequence[int]) -> None:
        """Give the clusters these colours."""
        self._colors, self._signs = colors, signs
        n = self.rowCount()
        if n and self.fields:
            self.dataChanged.emit(self.index(0, 0), self.index(n - 1, len(self.fields) - 1))

    def show_rows(
        self,
        fields: Sequence[Field],
        n_rows: int,
        order: RowNumbers | None,
        numbers: RowNumbers | None = None,
    ) -> None:
        """Show these rows instead; None stands for all of them as in the file.

        `numbers` (n_rows,) are what they are called, None where they are counted from 1.
        """
        is_other = order is not self._order or numbers is not self._numbers
        self._numbers = numbers
        same_fields = [(f.name, f.title) for f in fields] == [
            (f.name, f.title) for f in self.fields
        ]
        n_shown = n_rows if order is None else len(order)
        if same_fields and n_shown == self.rowCount():
            self.fields, self._n_rows, self._order = fields, n_rows, order
            if n_shown and fields:
                self.dataChanged.emit(self.index(0, 0), self.index(n_shown - 1, len(fields) - 1))
                if is_other:  # Qt goes through all of them
                    self.headerDataChanged.emit(Qt.Orientation.Vertical, 0, n_shown - 1)
            return
        self.beginResetModel()
        self.fields, self._n_rows, self._order = fields, n_rows, order
        self.endResetModel()

    def mark_fields(self, fields: Collection[int]) -> None:
        """Let the names of these fields stand out."""
        if self._marked != (marked := frozenset(fields)):
            self._marked = marked
            last = len(self.fields) - 1
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, last)

    @property
    def order(self) -> RowNumbers | None:
        """The rows that are shown, None for all of them as in the file."""
        return self._order

    def set_selected(self, rows: RowSet | None) -> None:
        """Mark these rows; whoever shows the table paints it again."""
        self._selected = rows

    def is_selected(self, line: int) -> bool:
        """Whether the row on a line is marked."""
        if self._selected is None or not 0 <= line < self.rowCount():
            return False
        row = self.row(line)
        return row < self._selected.n_rows and bool(self._selected.mask[row])

    def selected_rows(self) -> RowNumbers:
        """The marked rows that are shown, (m,), in their order."""
        if self._selected is None or not self._selected.count:
            return np.empty(0, np.int64)
        if self._order is None:
            return self._selected.rows()
        return self._order[self._selected.mask[self._order]]

    def first_selected(self, most: int) -> int | None:
        """The first line with a marked row among the first `most`."""
        if self._selected is None or not self._selected.count:
            return None
        mask = self._selected.mask
        marked = mask[:most] if self._order is None else mask[self._order[:most]]
        line = int(marked.argmax()) if len(marked) else 0
        return line if len(marked) and marked[line] else None

    def row(self, line: int) -> int:
        """The row of the file on a line of the table, from 0."""
        return line if self._order is None else int(self._order[line])

    def number(self, line: int) -> int:
        """What the row on a line is called."""
        row = self.row(line)
        return row + 1 if self._numbers is None else int(self._numbers[row])

    @property
    def largest_number(self) -> int:
        """What the last row of the file is called, 0 where there is none."""
        numbers = self._numbers
        return self._n_rows if numbers is None or not len(numbers) else int(numbers[-1])

    def rows(self, lines: range) -> RowNumbers:
        """The rows of the file on these neighbouring lines, from 0."""
        if self._order is None:
            return np.arange(lines.start, lines.stop)
        return self._order[lines.start : lines.stop]

    def rowCount(self, parent: Index = ROOT) -> int:
        if parent.isValid():
            return 0
        return self._n_rows if self._order is None else len(self._order)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self.fields)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if orientation is Qt.Orientation.Vertical:
            return f"{self.number(section):,}" if role == Role.DisplayRole else None
        field = self.fields[section]
        if role == Role.DisplayRole:
            return shortened(field.title)
        if role == Role.ToolTipRole:
            return plain_tip(f"{field.tip}\nClick to sort.")
        if role == Role.FontRole and section in self._marked:
            return demi_bold(QApplication.font())
        return None

    def data(self, index: Index, role: int = 0) -> Any:
        field, row = self.fields[index.column()], self.row(index.row())
        if role == Role.DisplayRole:
            return shortened(" ".join(field.cell(row).split()), _LONGEST)
        if role == Role.ToolTipRole:
            return plain_tip(shortened(field.cell(row), _LONGEST_TIP))
        if role == Role.TextAlignmentRole:
            number = field.is_number
            side = Qt.AlignmentFlag.AlignRight if number else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        if role == Role.BackgroundRole and self.is_selected(index.row()):
            color = QApplication.palette().color(QPalette.ColorRole.Highlight)
            color.setAlphaF(Opacity.FAINT)
            return QBrush(color)
        if role == Role.DecorationRole and isinstance(field, ChoiceField):
            return self._swatch(field.value(row))
        if role == Role.ForegroundRole and isinstance(field, TextField):
            return QApplication.palette().brush(QPalette.ColorRole.PlaceholderText)
        return None

    def _swatch(self, cluster: float | None) -> QIcon | None:
        if cluster is None or cluster < NO_CLUSTER:
            return None
        palette = QApplication.palette()
        color = palette.color(QPalette.ColorRole.PlaceholderText)
        if cluster != NO_CLUSTER:
            paper = palette.color(QPalette.ColorRole.Base)
            color = cluster_color(int(cluster), paper, self._colors)
        return swatch(color, sign=sign(int(cluster), self._signs))
