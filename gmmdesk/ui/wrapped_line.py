"""Widgets side by side, that go on in another line where there is no more room."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gmmdesk.ui import theme

_GAP = theme.SPACE // 2


class WrappedLine(QWidget):
    """Shows its widgets as words in a text; as wide as the widest of them, at least."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[QWidget] = []
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def add(self, part: QWidget) -> None:
        """Show one more widget, after the others."""
        part.setParent(self)
        self._parts.append(part)
        part.show()
        self._arrange()

    @property
    def is_empty(self) -> bool:
        return not self._parts

    def sizeHint(self) -> QSize:
        sizes = [part.sizeHint() for part in self._parts]
        width = sum(size.width() + _GAP for size in sizes) - _GAP
        return QSize(max(0, width), max((size.height() for size in sizes), default=0))

    def minimumSizeHint(self) -> QSize:
        width = max((part.sizeHint().width() for part in self._parts), default=0)
        return QSize(width, self.sizeHint().height())

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._place(width, move=False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place(self.width(), move=True)

    def event(self, event: QEvent) -> bool:
        """Follow the sizes of the parts, of which they tell like to any layout."""
        done = super().event(event)
        if event.type() is QEvent.Type.LayoutRequest:
            self._arrange()
        return done

    def _arrange(self) -> None:
        self.updateGeometry()
        self._place(self.width(), move=True)

    def _place(self, width: int, *, move: bool) -> int:
        """Put the widgets into lines of this width, and tell how high these are."""
        x = y = high = 0
        for part in self._parts:
            size = part.sizeHint()
            if x and x + size.width() > width:
                x, y, high = 0, y + high + _GAP, 0
            if move:
                part.setGeometry(x, y, min(size.width(), width), size.height())
            x, high = x + size.width() + _GAP, max(high, size.height())
        return y + high
