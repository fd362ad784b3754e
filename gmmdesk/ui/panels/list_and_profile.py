"""The list of clusters and what is typical of one, and how they share the room."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QTableView, QVBoxLayout, QWidget

_LEAST_LINES = 4  # clusters that are in sight however little room there is


class Column(QWidget):
    """Widgets below each other, which takes what height their words need at its width.

    A splitter asks for a least height without saying for which width.
    """

    def __init__(self) -> None:
        super().__init__()
        self.column = QVBoxLayout(self)

    def minimumSizeHint(self) -> QSize:
        least = super().minimumSizeHint()
        if self.column.hasHeightForWidth():
            least.setHeight(self.column.minimumHeightForWidth(self.width()))
        return least

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()


class ListAndProfile(QSplitter):
    """All clusters are in sight as far as the profile below needs no more than half of the room.

    What the user makes of that by the handle holds from then on.
    """

    def __init__(self, clusters: QTableView, upper: QWidget, lower: QWidget) -> None:
        super().__init__(Qt.Orientation.Vertical)
        self._clusters, self._upper, self._lower = clusters, upper, lower
        self._is_chosen = False
        self.setChildrenCollapsible(False)
        for widget in (upper, lower):
            self.addWidget(widget)
            widget.installEventFilter(self)
        self.splitterMoved.connect(self._on_splitter_moved)
        model = clusters.model()
        for signal in (model.rowsInserted, model.rowsRemoved, model.modelReset):
            signal.connect(self._divide)
        self._divide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._divide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.LayoutRequest:
            self._divide()  # another cluster is chosen, or other words
        return super().eventFilter(watched, event)

    def _divide(self) -> None:
        n = self._clusters.model().rowCount()
        self._clusters.setMinimumHeight(self._height_of(min(n, _LEAST_LINES)))
        if self._is_chosen:
            return
        room = self.height() - self.handleWidth()
        others = self._upper.sizeHint().height() - self._clusters.sizeHint().height()
        height = min(
            self._height_of(n) + others, max(room - self._lower.sizeHint().height(), room // 2)
        )
        height = max(height, self._upper.minimumSizeHint().height())
        self.setSizes([height, max(0, room - height)])

    def _height_of(self, n_lines: int) -> int:
        """Of the list with so many lines, in pixels."""
        lines = n_lines * self._clusters.verticalHeader().defaultSectionSize()
        head = self._clusters.horizontalHeader().sizeHint().height()
        return head + lines + 2 * self._clusters.frameWidth()

    def _on_splitter_moved(self) -> None:
        self._is_chosen = True
