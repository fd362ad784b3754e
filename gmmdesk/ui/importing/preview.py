"""The first rows of a file as they would be read, each column with its kind to choose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QPainter, QPalette
from PySide6.QtWidgets import QAbstractItemView, QApplication, QComboBox, QHeaderView, QTableView

from gmmdesk.data.options import Kind
from gmmdesk.ui import theme
from gmmdesk.ui.tables.index import ROOT, Index
from gmmdesk.ui.text import plain_tip

if TYPE_CHECKING:
    from gmmdesk.data.dataset import Column, Dataset

Role = Qt.ItemDataRole

SHOWN_ROWS = 100
_FITTED = 40
_WIDEST = 280
_WIDTH = 140  # pixels of a column
_UNREADABLE = {"light": "#F8D7DA", "dark": "#6B2B31"}
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


def unreadable_color() -> QColor:
    """The ground of cells that could not be read."""
    dark = QApplication.palette().color(QPalette.ColorRole.Base).lightnessF() < 0.5
    return QColor(_UNREADABLE["dark" if dark else "light"])


class PreviewModel(QAbstractTableModel):
    """Cells as their text stands in the file; what they were taken for is in their tooltips."""

    def __init__(self) -> None:
        super().__init__()
        self.dataset: Dataset | None = None
        self._unreadable: list[frozenset[int]] = []

    def set_dataset(self, dataset: Dataset) -> None:
        self.beginResetModel()
        self.dataset = dataset
        self._unreadable = [
            frozenset(c.unreadable[c.unreadable < SHOWN_ROWS].tolist()) for c in dataset.columns
        ]
        self.endResetModel()

    @property
    def n_unreadable(self) -> int:
        """How many of the cells shown could not be read."""
        return sum(map(len, self._unreadable))

    def rowCount(self, parent: Index = ROOT) -> int:
        if parent.isValid() or self.dataset is None:
            return 0
        return min(SHOWN_ROWS, self.dataset.n_rows)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() or self.dataset is None else len(self.dataset.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if self.dataset is None:
            return None
        if orientation is Qt.Orientation.Vertical:
            places = self.dataset.places
            place = places.of(section) if places is not None else section + 1
            if role == Role.DisplayRole:
                return f"{place:,}"
            if role == Role.ToolTipRole:
                what = places.what.capitalize() if places is not None else "Row"
                return f"{what} {place:,}"
            return None
        column = self.dataset.columns[section]
        if role == Role.DisplayRole:
            return column.title
        if role == Role.ToolTipRole:
            return plain_tip("\n".join(filter(None, (column.name, column.reason))))
        return None

    def data(self, index: Index, role: int = 0) -> Any:
        dataset = self.dataset
        if dataset is None:
            return None
        row, j = index.row(), index.column()
        column = dataset.columns[j]
        if role == Role.DisplayRole:
            return self._text(row, j) + self._meaning(column, row, j)
        if role == Role.BackgroundRole and row in self._unreadable[j]:
            return unreadable_color()
        if role == Role.ForegroundRole and (column.kind == "left out" or self._is_gap(row, j)):
            return QApplication.palette().color(QPalette.ColorRole.PlaceholderText)
        if role == Role.TextAlignmentRole:
            return _RIGHT if column.is_numeric else _LEFT
        if role == Role.ToolTipRole:
            return plain_tip(self._tip(column, row, j))
        return None

    def _text(self, row: int, j: int) -> str:
        from gmmdesk.data.receipt import raw_text

        assert self.dataset is not None
        head = self.dataset.head
        if row < len(head):
            return head[row][j] if j < len(head[row]) else ""
        return raw_text(self.dataset.columns[j], row)

    def _meaning(self, column: Column, row: int, j: int) -> str:
        """What a cell was taken for, where its text may be taken for something else."""
        from gmmdesk.data.receipt import cell_value

        value, text = cell_value(column, row), self._text(row, j).strip()
        if isinstance(value, float) and column.parsed is not None:
            return "" if _as_number(text) == value else f" → {value:.15g}"
        if column.kind == "date" and isinstance(value, str):
            return "" if value == text else f" → {value}"
        return ""

    def _is_gap(self, row: int, j: int) -> bool:
        from gmmdesk.data.receipt import cell_value

        assert self.dataset is not None
        return row not in self._unreadable[j] and (cell_value(self.dataset.columns[j], row) is None)

    def _tip(self, column: Column, row: int, j: int) -> str:
        from gmmdesk.data.receipt import cell_value

        if row in self._unreadable[j]:
            return f"Cannot be read as a {column.kind}"
        value = cell_value(column, row)
        if value is None:
            return "Missing"
        return f"Read as {value:.15g}" if isinstance(value, float) else f"Read as {value}"


def _as_number(text: str) -> float | None:
    """The number that a program would take a text for."""
    try:
        return float(text)
    except ValueError:
        return None


class KindHeader(QHeaderView):
    """The names of the columns, and below each a list of the kinds it can be.

    Lists exist only for columns in sight. Signals: `chosen(str, object)` with the column's name and
    a Kind, or None to find it out.
    """

    chosen = Signal(str, object)

    def __init__(self, model: PreviewModel) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._preview = model
        self._combos: dict[int, QComboBox] = {}
        self._kinds: dict[str, Kind] = {}
        self._found: dict[str, str] = {}
        self._names: list[str] = []
        self.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.sectionResized.connect(lambda *_: self._place())
        self.setSectionsClickable(False)
        self._combo_height = QComboBox().sizeHint().height()

    def set_kinds(self, kinds: dict[str, Kind]) -> None:
        """Show which kinds are chosen, after the columns were set."""
        self._kinds = kinds
        dataset = self._preview.dataset
        if dataset is not None:
            for column in dataset.columns:
                if column.name not in kinds:
                    self._found[column.name] = str(column.kind)
            names = [column.name for column in dataset.columns]
            if names != self._names:
                self._names = names
                for combo in self._combos.values():
                    combo.hide()
                    combo.deleteLater()
                self._combos.clear()
        for i, combo in self._combos.items():  # which may have the focus
            self._show_kind(combo, self._names[i])
        self._place()

    def _show_kind(self, combo: QComboBox, name: str) -> None:
        found, chosen = self._found.get(name), self._kinds.get(name)
        combo.setItemText(0, f"Found: {found}" if found else "Find out")
        combo.setCurrentIndex(0 if chosen is None else list(Kind).index(chosen) + 1)

    def sizeHint(self) -> QSize:
        size = super().sizeHint()
        return QSize(size.width(), self._text_height() + self._combo_height + theme.SPACE // 2)

    def _text_height(self) -> int:
        return self.fontMetrics().height() + theme.SPACE

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:
        painter.fillRect(rect, self.palette().color(QPalette.ColorRole.Button))
        upper = QRect(rect.x(), rect.y(), rect.width(), self._text_height())
        super().paintSection(painter, upper, logicalIndex)

    def updateGeometries(self) -> None:
        super().updateGeometries()
        self._place()

    def setOffset(self, offset: int) -> None:
        super().setOffset(offset)
        self._place()

    def _place(self) -> None:
        """Put the lists of the columns in sight where these are."""
        dataset = self._preview.dataset
        if dataset is None or self.count() == 0:
            return
        room = self.viewport().width()
        for i in range(self.count()):
            x, width = self.sectionViewportPosition(i), self.sectionSize(i)
            seen = x < room and x + width > 0
            combo = self._combos.get(i)
            if not seen:
                if combo is not None:
                    combo.hide()
                continue
            if combo is None:
                combo = self._combos[i] = self._make_combo(dataset.columns[i].name)
            combo.setGeometry(x + 1, self._text_height(), width - 3, self._combo_height)
            combo.show()

    def _make_combo(self, name: str) -> QComboBox:
        combo = QComboBox(self.viewport())
        combo.setAccessibleName(f"Kind of {name}")
        combo.setToolTip(
            plain_tip(f"What {name} holds; a column that is left out stays in the export")
        )
        combo.addItem("")
        for kind in Kind:
            combo.addItem(kind.capitalize())
        self._show_kind(combo, name)
        combo.activated.connect(
            lambda index: self.chosen.emit(name, list(Kind)[index - 1] if index else None)
        )
        return combo


def fit_columns(table: QTableView) -> None:
    """Give the first columns the width that their cells need, within limits; more take too long."""
    for j in range(min(_FITTED, table.model().columnCount())):
        table.setColumnWidth(j, max(_WIDTH, min(_WIDEST, table.sizeHintForColumn(j) + theme.SPACE)))


def preview_table(model: PreviewModel) -> tuple[QTableView, KindHeader]:
    """The table of a preview, and its header."""
    table = QTableView()
    header = KindHeader(model)
    table.setHorizontalHeader(header)
    table.setModel(model)
    header.setDefaultSectionSize(_WIDTH)
    header.setMinimumSectionSize(60)
    table.setAccessibleName("Preview of the table")
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + theme.SPACE)
    table.setTabKeyNavigation(False)
    table.setWordWrap(False)
    return table, header
