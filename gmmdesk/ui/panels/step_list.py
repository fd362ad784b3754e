"""A list of steps to tick and to move: with the mouse, or with the keyboard."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QSizePolicy


class StepList(QListWidget):
    """As high as its items; where there is no room what surrounds it scrolls.

    Signals: `edit_pressed` (Return), `remove_pressed` (Delete), `move_pressed(int)` (Ctrl with the
    arrow keys).
    """

    edit_pressed = Signal()
    remove_pressed = Signal()
    move_pressed = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._height = 0  # of all items, pixels
        self.setAccessibleName("Preparation steps")
        self.setAccessibleDescription(
            "Space switches a step off and on, Return changes it, Delete removes it, Control with"
            " the arrow keys moves it."
        )
        self.setWordWrap(True)
        self.setAlternatingRowColors(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)

    def fit(self) -> None:
        """Become as high as the items are, which have changed or wrap elsewhere."""
        self.doItemsLayout()
        height = self.contentsSize().height()
        if height != self._height:
            self._height = height
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        return QSize(200, self._height + 2 * self.frameWidth())

    def minimumSizeHint(self) -> QSize:
        return QSize(100, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        match event.key():
            case Qt.Key.Key_Delete:
                self.remove_pressed.emit()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if not control:
                self.edit_pressed.emit()
            case Qt.Key.Key_Up if control:
                self.move_pressed.emit(-1)
            case Qt.Key.Key_Down if control:
                self.move_pressed.emit(1)
            case _:
                super().keyPressEvent(event)
