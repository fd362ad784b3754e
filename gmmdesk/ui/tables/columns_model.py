"""The columns of the table as a checkable list."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QObject, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication

from gmmdesk.ui.document import Document
from gmmdesk.ui.tables.index import ROOT, Index
from gmmdesk.ui.text import count, plain, plain_tip

Role = Qt.ItemDataRole


class ColumnsModel(QAbstractTableModel):
    """Name with a tick, and what was found in the column; ticking changes the document."""

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        document.dataset_changed.connect(self._on_document_dataset_changed)
        document.settings_changed.connect(self._on_document_settings_changed)

    def rowCount(self, parent: Index = ROOT) -> int:
        dataset = self._document.dataset
        return 0 if parent.isValid() or dataset is None else len(dataset.columns)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else 2

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == Role.DisplayRole:
            return ("Column", "What is in it")[section]
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren
        if self._column(index).is_numeric:
            flags |= Qt.ItemFlag.ItemIsEnabled
            if index.column() == 0:
                flags |= Qt.ItemFlag.ItemIsUserCheckable
        return flags

    def data(self, index: Index, role: int = 0) -> Any:
        column = self._column(index)
        if role == Role.ToolTipRole:
            return plain_tip(self._tip(column))
        if index.column() == 0:
            if role == Role.DisplayRole:
                return column.title
            if role == Role.CheckStateRole:  # text shows an empty box that cannot be ticked
                ticked = column.name in self._document.ticks
                return Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked
        elif role == Role.DisplayRole:
            return self._note(column)
        elif role == Role.ForegroundRole:
            return QApplication.palette().brush(QPalette.ColorRole.PlaceholderText)
        return None

    def setData(self, index: Index, value: Any, role: int = 0) -> bool:
        if role != Role.CheckStateRole:
            return False
        self._document.ticks.set(
            self._column(index).name, Qt.CheckState(value) is Qt.CheckState.Checked
        )
        return True

    def _column(self, index: Index) -> Any:
        dataset = self._document.dataset
        assert dataset is not None
        return dataset.columns[index.row()]

    def _note(self, column: Any) -> str:
        parts = [column.reason] if column.reason else []
        if not column.reason and column.name in self._document.ranges:
            low, high = self._document.ranges[column.name]
            few = self._few_values(column)
            only = f"only {few} values, " if few else ""
            parts.append(f"{only}{plain(low, high - low)} to {plain(high, high - low)}")
        if len(column.unreadable):
            parts.append(f"{count(len(column.unreadable), 'unreadable cell')}")
        if column.n_missing:
            parts.append(f"{column.n_missing:,} missing")
        return "; ".join(parts)

    def _few_values(self, column: Any) -> int:
        """How many values a column has, where it is not suggested for having so few; else 0."""
        dataset = self._document.dataset
        if dataset is None or column.name in dataset.suggested:
            return 0
        return dataset.few_valued.get(column.name, 0)

    def _tip(self, column: Any) -> str:
        unit = f" in {column.unit}" if column.unit else ""
        lines = [f"{column.name}: {column.kind}{unit}"]
        if column.label:
            lines.append(column.label)
        if column.reason:
            lines.append(f"Not suggested: {column.reason}.")
        if few := self._few_values(column):
            lines.append(
                f"Not suggested: only {few} different whole numbers, on each of which a cluster may"
                " form. Tick it where they are measurements all the same."
            )
        if not column.is_numeric:
            lines.append("Only numbers can be clustered.")
        if column.n_missing:
            lines.append(f"{count(column.n_missing, 'cell')} missing.")
        dataset = self._document.dataset
        if len(column.unreadable) and dataset is not None:
            lines.append(
                f"{count(len(column.unreadable), 'cell')} could not be read as a "
                f"{'date' if column.kind == 'date' else 'number'}, "
                f"the first in row {dataset.number_of(int(column.unreadable[0])):,}: "
                f"“{column.cells[int(column.unreadable[0])].as_py()}”."
            )
        return "\n".join(lines)

    def _on_document_dataset_changed(self) -> None:
        self.beginResetModel()
        self.endResetModel()

    def _on_document_settings_changed(self) -> None:
        if self.rowCount():
            last = self.index(self.rowCount() - 1, 0)
            self.dataChanged.emit(self.index(0, 0), last, [Role.CheckStateRole])
