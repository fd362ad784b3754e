"""A list and what stands beside it, and how they share the room."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QTableView, QVBoxLayout, QWidget

_LEAST_LINES = 4  # that are in sight however little room there is


class Column(QWidget):
    """Widgets below each other, which takes what height their words need at its width.

    A splitter asks for heights without saying for which width.
    """

    def __init__(self) -> None:
        super().__init__()
        self.column = QVBoxLayout(self)

    def sizeHint(self) -> QSize:
        size = super().sizeHint()
        if self.column.hasHeightForWidth():
            size.setHeight(self.column.totalHeightForWidth(self.width()))
        return size

    def minimumSizeHint(self) -> QSize:
        least = super().minimumSizeHint()
        if self.column.hasHeightForWidth():
            least.setHeight(self.column.minimumHeightForWidth(self.width()))
        return least

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()


class ListSplitter(QSplitter):
    """Of two parts, one above the other, that with a `table`, or it alone, gets the room it needs.

    But no more than half of it where the other part needs the rest. What the user makes of that by
    the handle holds from then on.
    """

    def __init__(self, table: QTableView, upper: QWidget, lower: QWidget) -> None:
        super().__init__(Qt.Orientation.Vertical)
        self._table, self._parts = table, (upper, lower)
        self._is_chosen = False
        self.setChildrenCollapsible(False)
        for widget in self._parts:
            self.addWidget(widget)
            widget.installEventFilter(self)
        self.splitterMoved.connect(self._on_splitter_moved)
        model = table.model()
        for signal in (model.rowsInserted, model.rowsRemoved, model.modelReset):
            signal.connect(self._divide)
        table.verticalHeader().sectionResized.connect(self._divide)
        self._divide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._divide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.LayoutRequest:
            self._divide()  # another cluster is chosen, or other words
        return super().eventFilter(watched, event)

    def _divide(self) -> None:
        n = self._table.model().rowCount()
        self._table.setMinimumHeight(self._height_of(min(n, _LEAST_LINES)))
        if self._is_chosen:
            return
        upper, lower = self._parts
        is_above = upper.isAncestorOf(self._table)
        own, other = (upper, lower) if is_above else (lower, upper)
        room = self.height() - self.handleWidth()
        beside = own.sizeHint().height() - self._table.sizeHint().height()
        height = min(self._height_of(n) + beside, max(room - other.sizeHint().height(), room // 2))
        height = max(height, own.minimumSizeHint().height())
        rest = max(0, room - height)
        self.setSizes([height, rest] if is_above else [rest, height])

    def _height_of(self, n_lines: int) -> int:
        """Of the table with so many lines, in pixels."""
        lines = sum(map(self._table.verticalHeader().sectionSize, range(n_lines)))
        head = self._table.horizontalHeader().sizeHint().height()
        return head + lines + 2 * self._table.frameWidth()

    def _on_splitter_moved(self) -> None:
        self._is_chosen = True
