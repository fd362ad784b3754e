"""A long document laid out in short steps, so that the window goes on."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QEvent, QObject
from PySide6.QtGui import QTextBlock, QTextDocument
from shiboken6 import isValid

_STEP_MS = 8


class LayoutSteps(QObject):
    """Takes the place of the timer with which Qt lays out what is out of sight.

    Qt's own steps are twice as long each time, up to the whole document; these are of a few blocks.
    A table is always laid out at once. The document owns it.
    """

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        self._document = document
        self._layout = document.documentLayout()
        self._next = QTextBlock()
        self._width = -1.0
        self._layout.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        # The last one may come when the document is on its way out, or what has shown it is gone,
        # with which PySide takes the layout for gone too.
        if event.type() is not QEvent.Type.Timer or not isValid(self._layout):
            return False
        if self._document.textWidth() != self._width:  # all is laid out anew
            self._width = self._document.textWidth()
            self._next = self._document.begin()
        clock = QElapsedTimer()
        clock.start()
        while self._next.isValid() and clock.elapsed() < _STEP_MS:
            self._layout.blockBoundingRect(self._next)  # which has to lay it out for that
            self._next = self._next.next()
        return self._next.isValid()  # at the end Qt itself finds that all is done, and says so
