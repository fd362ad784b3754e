"""A small table of texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QAbstractTableModel, QLocale, QObject, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QStyledItemDelegate, QTableView

from gmmdesk.ui import theme
from gmmdesk.ui.tables.index import ROOT, Index
from gmmdesk.ui.text import plain_tip

Role = Qt.ItemDataRole
_MEASURED = 20  # lines that say how wide columns are
_FEWEST_LETTERS = 12  # of a column that gives way


class TextModel(QAbstractTableModel):
    """Lines of texts under headings; numbers, which stand right, are in the columns `right`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._headings: Sequence[str] = ()
        self._lines: Sequence[Sequence[str]] = ()
        self._right: frozenset[int] = frozenset()

    def show_lines(
        self,
        headings: Sequence[str],
        lines: Sequence[Sequence[str]],
        right: Sequence[int] = (),
    ) -> None:
        """Show these instead, if they are others."""
        shown = (headings, lines, frozenset(right))
        if shown == (self._headings, self._lines, self._right):
            return
        self.beginResetModel()
        self._headings, self._lines, self._right = shown
        self.endResetModel()

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._lines)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._headings)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Role.DisplayRole:
            return _spaced(self._headings[section])
        return self._alignment(section) if role == Role.TextAlignmentRole else None

    def data(self, index: Index, role: int = 0) -> Any:
        text = self._lines[index.row()][index.column()]
        if role == Role.DisplayRole:
            return text
        if role == Role.ToolTipRole:
            return plain_tip(text) if text else None
        return self._alignment(index.column()) if role == Role.TextAlignmentRole else None

    def _alignment(self, column: int) -> Qt.AlignmentFlag:
        side = Qt.AlignmentFlag.AlignRight if column in self._right else Qt.AlignmentFlag.AlignLeft
        return side | Qt.AlignmentFlag.AlignVCenter


def text_table(
    model: TextModel, name: str, *, selectable: bool = False, fills: bool = True
) -> QTableView:
    """A plain table of `model`, in which whole lines can be selected or nothing.

    Its last column `fills` what room there is, and is cut where there is too little; else the first
    gives way.
    """
    table = QTableView() if fills else _NarrowTable()
    table.setModel(model)
    table.setItemDelegate(_Spaced(table))
    table.setAccessibleName(name)
    table.setFrameShape(table.Shape.NoFrame)
    table.setShowGrid(False)
    table.setWordWrap(False)  # what has no room is cut in one line, where it ends
    table.setAlternatingRowColors(True)
    table.setTabKeyNavigation(False)
    table.setCornerButtonEnabled(False)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(
        QAbstractItemView.SelectionMode.ExtendedSelection
        if selectable
        else QAbstractItemView.SelectionMode.NoSelection
    )
    across, down = table.horizontalHeader(), table.verticalHeader()
    across.setHighlightSections(False)
    across.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    across.setResizeContentsPrecision(_MEASURED)
    across.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    if fills:
        model.modelReset.connect(lambda: _fill(across))
    down.hide()
    down.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    down.setDefaultSectionSize(table.fontMetrics().height() + theme.SPACE)
    return table


class _NarrowTable(QTableView):
    """Its first column is as wide as its texts where there is room, else they lose their middle."""

    def setModel(self, model: QAbstractItemModel | None) -> None:
        super().setModel(model)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        if model is not None:
            model.modelReset.connect(self._fit)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        header = self.horizontalHeader()
        if not header.count():
            return
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Fixed)
        others = header.length() - header.sectionSize(0)
        least = self.fontMetrics().averageCharWidth() * _FEWEST_LETTERS
        needed = max(self.sizeHintForColumn(0), header.sectionSizeHint(0))
        header.resizeSection(0, min(needed, max(self.viewport().width() - others, least)))


def _spaced(text: str) -> str:
    """Room at both sides: numbers at the right do not touch the words that follow."""
    return f"\N{NO-BREAK SPACE}{text}\N{NO-BREAK SPACE}"


class _Spaced(QStyledItemDelegate):
    """Room at both sides of a text."""

    def displayText(self, value: Any, locale: QLocale | QLocale.Language) -> str:
        return _spaced(super().displayText(value, locale))


def _fill(header: QHeaderView) -> None:
    modes = QHeaderView.ResizeMode
    last = header.count() - 1
    for section in range(header.count()):
        mode = modes.Stretch if section == last else modes.ResizeToContents
        if header.sectionResizeMode(section) != mode:  # each change measures all sections
            header.setSectionResizeMode(section, mode)
