"""The list of columns and the preparation below it, and how they share the room."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSettings, Qt
from PySide6.QtGui import QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSplitter, QSplitterHandle

from gmmdesk.ui import theme
from gmmdesk.ui.panels.columns_panel import ColumnsPanel
from gmmdesk.ui.panels.preparation_panel import PreparationPanel

_KEY = "preparation_height"  # of a setting, in pixels


class ColumnsAndSteps(QSplitter):
    """The preparation is as high as it needs, as long as some columns are in sight above it.

    What the user makes of that by the handle between them is remembered.
    """

    def __init__(self, columns: ColumnsPanel, steps: PreparationPanel) -> None:
        super().__init__(Qt.Orientation.Vertical)
        self._columns, self._steps = columns, steps
        self._chosen = _remembered()
        self.setChildrenCollapsible(False)
        self.setHandleWidth(2 * theme.SPACE)
        self.addWidget(columns)
        self.addWidget(steps)
        self.splitterMoved.connect(self._on_splitter_moved)
        steps.header.toggled.connect(self._divide)
        steps.installEventFilter(self)
        self._divide()

    def createHandle(self) -> QSplitterHandle:
        return _Handle(self.orientation(), self)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._divide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.LayoutRequest:
            self._divide()  # there are more steps or fewer
        return super().eventFilter(watched, event)

    def _divide(self) -> None:
        is_open = self._steps.header.isChecked()
        room = self.height() - self.handleWidth()
        height = self._steps.sizeHint().height()
        if is_open and self._chosen is not None:
            height = self._chosen
        height = min(height, room - self._columns.good_height())
        height = max(height, self._steps.minimumSizeHint().height())
        handle = self.handle(1)
        handle.setEnabled(is_open)
        handle.setCursor(Qt.CursorShape.SplitVCursor if is_open else Qt.CursorShape.ArrowCursor)
        self.setSizes([max(0, room - height), height])

    def _on_splitter_moved(self) -> None:
        self._chosen = self.sizes()[1]
        QSettings().setValue(_KEY, self._chosen)


class _Handle(QSplitterHandle):
    """Not to be seen where there is nothing to be divided."""

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.isEnabled():
            super().paintEvent(event)


def _remembered() -> int | None:
    try:
        height = int(str(QSettings().value(_KEY)))
    except ValueError:  # there is none, or a broken settings file
        return None
    return height if height > 0 else None
