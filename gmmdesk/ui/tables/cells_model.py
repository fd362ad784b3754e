"""Cells of a file as lines of a table: where they stand, their text, what it was taken for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, Qt

from gmmdesk.ui.tables.index import ROOT, Index
from gmmdesk.ui.text import exact, plain_tip

if TYPE_CHECKING:
    from gmmdesk.data.dataset import CellReading

Role = Qt.ItemDataRole
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class CellsModel(QAbstractTableModel):
    """Columns: row, place in the file if it is known, column, text, and value if they have some."""

    def __init__(self, cells: Sequence[CellReading], place: str, *, with_values: bool) -> None:
        super().__init__()
        self._cells = cells
        fields = [("Row", "row"), (place.capitalize(), "place"), ("Column", "column")]
        fields += [("In the file", "raw"), ("Read as", "value")]
        known = {"place": bool(place), "value": with_values}
        self._fields = [(heading, name) for heading, name in fields if known.get(name, True)]

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._cells)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._fields)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == Role.DisplayRole:
            return self._fields[section][0]
        return None

    def data(self, index: Index, role: int = 0) -> Any:
        value = getattr(self._cells[index.row()], self._fields[index.column()][1])
        if role == Role.DisplayRole:
            return _shown(value)
        if role == Role.ToolTipRole and isinstance(value, str):
            return plain_tip(value)
        if role == Role.TextAlignmentRole and isinstance(value, int | float):
            return _RIGHT
        return None


def _shown(value: object) -> str:
    """A value without marks between its digits: which ones a file has may be the question."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return exact(value).replace(",", "") if abs(value) != float("inf") else str(value)
    return str(value).replace("-", "−") if isinstance(value, int) else str(value)
