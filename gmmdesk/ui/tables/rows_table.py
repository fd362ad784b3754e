"""The widget that shows rows: what is chosen in it by mouse and keys."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QItemSelectionModel, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QStyle, QStyleFactory, QTableView

from gmmdesk.ui import theme
from gmmdesk.ui.tables.fields import RowNumbers
from gmmdesk.ui.tables.rows_model import RowsModel

_COPY = QKeySequence.StandardKey.Copy
_MOST_MEASURED = 200  # lines that say how wide a column is


class _LineNumbers(QHeaderView):
    """As wide as the largest number needs: Qt would ask two hundred lines, and often."""

    def __init__(self, parent: QTableView) -> None:
        super().__init__(Qt.Orientation.Vertical, parent)
        self.setSectionsClickable(True)
        self.setHighlightSections(True)

    def sizeHint(self) -> QSize:
        model = self.model()
        largest = model.largest_number if isinstance(model, RowsModel) else 0
        return QSize(self.fontMetrics().horizontalAdvance(f"{largest:,}") + 2 * theme.SPACE, 0)


class RowsTable(QTableView):
    """Rows of which neighbours can be chosen, above those that are selected anyway.

    Signals: `copy_requested` when a key asks for them; `toggled(int)`, a line that was clicked with
    Ctrl or Alt held.
    """

    copy_requested = Signal()
    toggled = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Rows")
        self.setFrameShape(self.Shape.NoFrame)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ContiguousSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setVerticalHeader(_LineNumbers(self))
        # The program's own style is asked, in Python, for the ground of every cell.
        plain = QStyleFactory.create("Fusion")
        plain.setParent(self)
        self.setStyle(plain)
        header, lines = self.horizontalHeader(), self.verticalHeader()
        header.setSectionsClickable(True)
        header.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        header.setSortIndicatorShown(True)
        header.setHighlightSections(False)
        header.setResizeContentsPrecision(0)  # by the lines in sight: Qt would measure a thousand
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        lines.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)  # which costs nothing per row
        lines.setDefaultSectionSize(self.fontMetrics().height() + theme.SPACE)
        lines.setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

    def setSelectionModel(self, selectionModel: QItemSelectionModel) -> None:
        super().setSelectionModel(selectionModel)
        # To paint its headings it would ask of every row whether all of a column is selected.
        nothing = QItemSelectionModel(self.model(), self)
        self.horizontalHeader().setSelectionModel(nothing)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(_COPY):
            self.copy_requested.emit()
            event.accept()
            return
        super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Copying is the table's own affair: its rows are in another order than the file's."""
        is_override = event.type() is QEvent.Type.ShortcutOverride
        if isinstance(event, QKeyEvent) and is_override and event.matches(_COPY):
            event.accept()
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        line = self.rowAt(round(event.position().y()))
        takes_away = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
        if event.button() == Qt.MouseButton.RightButton and self._rows_model().is_selected(line):
            return  # the menu is about all that are selected
        if event.button() == Qt.MouseButton.LeftButton and event.modifiers() & takes_away:
            if line >= 0:
                self.toggled.emit(line)
            return
        super().mousePressEvent(event)

    @property
    def n_chosen(self) -> int:
        """How many rows are chosen here, or if none is, selected and shown."""
        return sum(map(len, self.chosen_lines())) or len(self._selected_rows())

    def chosen_rows(self) -> RowNumbers:
        """These rows of the file, (m,), in the order that they are shown."""
        model = self._rows_model()
        lines = self.chosen_lines()
        if not lines:
            return self._selected_rows()
        return np.concatenate([model.rows(some) for some in lines])

    def _selected_rows(self) -> RowNumbers:
        return self._rows_model().selected_rows()

    def _rows_model(self) -> RowsModel:
        model = self.model()
        assert isinstance(model, RowsModel)
        return model

    def chosen_lines(self) -> list[range]:
        """The selected lines, neighbours together: of many rows there are few such spans."""
        spans: list[range] = []
        selection = self.selectionModel().selection()
        chosen = [selection.at(i) for i in range(selection.count())]
        for top, bottom in sorted((one.top(), one.bottom()) for one in chosen):
            if spans and top <= spans[-1].stop:
                spans[-1] = range(spans[-1].start, max(spans[-1].stop, bottom + 1))
            else:
                spans.append(range(top, bottom + 1))
        return spans

    def sizeHintForColumn(self, column: int) -> int:
        """By the lines in sight, with room for the mark of sorting beside the name.

        They are measured here: Qt would ask for ten things of every cell, which takes long.
        """
        model, measured = self._rows_model(), self.fontMetrics().horizontalAdvance
        bottom = self.rowAt(self.viewport().height() - 1)
        first, last = max(0, self.rowAt(0)), model.rowCount() - 1 if bottom < 0 else bottom
        last = min(last, first + _MOST_MEASURED)  # of a table without height none is the bottom
        cells = [model.index(line, column) for line in range(first, last + 1)]
        widest = max((measured(model.data(cell)) for cell in cells), default=0)
        margin = 1 + self.style().pixelMetric(QStyle.PixelMetric.PM_FocusFrameHMargin, None, self)
        if any(model.data(cell, Qt.ItemDataRole.DecorationRole) for cell in cells):
            icon = self.style().pixelMetric(QStyle.PixelMetric.PM_SmallIconSize, None, self)
            widest += icon + 2 * margin
        name = model.headerData(column, Qt.Orientation.Horizontal)
        return max(widest + 2 * margin + 1, measured(name) + 4 * theme.SPACE)
