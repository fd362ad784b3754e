"""One page of the help as it is read: pictures in the theme's colours, links that do not load."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QEvent, QUrl
from PySide6.QtGui import QImage, QPalette, QTextCursor, QTextDocument
from PySide6.QtWidgets import QTextBrowser, QTextEdit, QWidget

from gmmdesk.ui import theme
from gmmdesk.ui.help import pages, shapes, sketches

_PICTURES: Mapping[str, Callable[[str, QPalette, float], QImage]] = {  # by the scheme of their URL
    "model": lambda name, *look: shapes.picture(name.upper(), *look),
    "sketch": sketches.picture,
}


class Browser(QTextBrowser):
    """Shows pages of the help; what a link is for is up to who hears `anchorClicked`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Help page")
        self.setOpenLinks(False)
        self.setFrameShape(self.Shape.NoFrame)
        self.document().setDocumentMargin(2 * theme.SPACE)
        self._page = self._words = ""

    @property
    def page(self) -> str:
        """The name of the page that is shown."""
        return self._page

    def show_page(self, name: str) -> None:
        self._page = name
        self.setMarkdown(pages.text_of(name))
        self._mark_words()

    def show_heading(self, text: str) -> None:
        """Put the heading `text` at the top; the beginning where there is none."""
        if not text:
            self.moveCursor(QTextCursor.MoveOperation.Start)
            return
        block = self.document().begin()
        while block.isValid():
            if block.blockFormat().headingLevel() and block.text() == text:
                self.moveCursor(QTextCursor.MoveOperation.End)  # from below it comes to the top
                self.setTextCursor(QTextCursor(block))
                return
            block = block.next()

    def mark(self, words: str) -> None:
        """Mark each of `words` wherever they stand, on this page and the next ones."""
        self._words = words
        self._mark_words()

    def _mark_words(self) -> None:
        marks = []
        for word in self._words.split():
            cursor = self.document().find(word)
            while not cursor.isNull():
                marks.append(self._mark_at(cursor))
                cursor = self.document().find(word, cursor)
        self.setExtraSelections(marks)

    def _mark_at(self, cursor: QTextCursor) -> QTextEdit.ExtraSelection:
        mark = QTextEdit.ExtraSelection()
        mark.cursor = cursor
        mark.format.setBackground(self.palette().highlight())
        mark.format.setForeground(self.palette().highlightedText())
        return mark

    def loadResource(self, kind: int, name: QUrl | str) -> Any:
        url = QUrl(name)
        draw = _PICTURES.get(url.scheme())
        if kind != QTextDocument.ResourceType.ImageResource.value or draw is None:
            return None  # nothing is read from anywhere else
        return draw(url.path(), self.palette(), self.devicePixelRatioF())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and self._page:
            place = self.verticalScrollBar().value()
            self.document().clear()  # with the pictures in the colours from before
            self.show_page(self._page)
            self.verticalScrollBar().setValue(place)
