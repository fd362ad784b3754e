"""The window of the help: contents, search, one page, and the way back."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence

from PySide6.QtCore import QByteArray, QRect, QSettings, QSignalBlocker, Qt, QUrl, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from gmmdesk.ui import theme
from gmmdesk.ui.help import pages
from gmmdesk.ui.help.browser import Browser
from gmmdesk.ui.help.searching import Found, search, words_of
from gmmdesk.ui.icons import logo
from gmmdesk.ui.text import plain_tip
from gmmdesk.ui.theme import demi_bold
from gmmdesk.ui.widgets import secondary, tool_button

_NAME = Qt.ItemDataRole.UserRole
_WIDTH, _HEIGHT, _LEAST_WIDTH = 780, 640, 750  # pixels
_FRAME = 32  # pixels for a title bar
_CONTENTS = 220  # pixels of the width
_EXCERPT = 90  # letters
_NOTHING = "No page has these words."
_NEAREST = "No place has all these words. The nearest:"
_GEOMETRY, _DIVISION = "help_geometry", "help_division"  # as they are remembered


class HelpWindow(QWidget):
    """Shows pages in a window like others: it may lie before the main window or behind it.

    Signals: `sample_requested(str)` with its name, `action_requested(str)` with what stands
    behind `do:` in the link that was followed.
    """

    sample_requested = Signal(str)
    action_requested = Signal(str)

    def __init__(self) -> None:
        super().__init__()  # a window with a parent would always lie before that
        self.setWindowTitle("Help — gmmdesk")
        self.setWindowIcon(logo(256))
        self._visited: list[str] = []
        self._place = -1  # of the page that is shown, among those visited

        self.search = QLineEdit()
        self.search.setPlaceholderText("Search the help")
        self.search.setAccessibleName("Search the help")
        self.search.setClearButtonEnabled(True)
        self.contents = QListWidget()
        self.contents.setAccessibleName("Contents")
        self.nothing = secondary()
        self.nothing.hide()
        self.found = _FoundList()
        self.found.hide()
        self._items: dict[str, QListWidgetItem] = {}
        for section, titles in pages.SECTIONS.items():
            self._add_heading(section)
            for name, title in titles.items():
                self._items[name] = QListWidgetItem(title, self.contents)
                self._items[name].setData(_NAME, name)
        self.back = tool_button("Back", "The page before (Alt+Left)", "step-back")
        self.forward = tool_button("Forward", "The page after (Alt+Right)", "step-on")
        self.browser = Browser()

        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(*[theme.SPACE] * 4)
        column.setSpacing(theme.SPACE)
        column.addWidget(self.search)
        column.addWidget(self.nothing)
        column.addWidget(self.found, 1)
        column.addWidget(self.contents, 1)
        bar = QHBoxLayout()
        bar.setContentsMargins(theme.SPACE, theme.SPACE, theme.SPACE, 0)
        bar.addWidget(self.back)
        bar.addWidget(self.forward)
        bar.addStretch()
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(bar)
        column.addWidget(self.browser, 1)
        self._splitter = QSplitter()
        self._splitter.setChildrenCollapsible(False)
        self._splitter.addWidget(left)
        self._splitter.addWidget(right)
        self._splitter.setStretchFactor(1, 1)
        self._splitter.setSizes([_CONTENTS, _WIDTH - _CONTENTS])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._splitter)

        self.search.textChanged.connect(self._on_search_text_changed)
        self.contents.currentItemChanged.connect(self._on_contents_current_item_changed)
        self.back.clicked.connect(lambda: self._go(-1))
        self.forward.clicked.connect(lambda: self._go(1))
        QShortcut(QKeySequence(QKeySequence.StandardKey.Back), self, lambda: self._go(-1))
        QShortcut(QKeySequence(QKeySequence.StandardKey.Forward), self, lambda: self._go(1))
        QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self, self._begin_search)
        for keys in (QKeySequence.StandardKey.Cancel, QKeySequence.StandardKey.Close):
            QShortcut(QKeySequence(keys), self, self.close)
        self.search.returnPressed.connect(lambda: self._show_found(self.found.item(0)))
        self.found.itemClicked.connect(self._show_found)
        self.found.currentItemChanged.connect(self._show_found)
        self.browser.anchorClicked.connect(self._on_browser_anchor_clicked)
        self.browser.setFocus()  # where the keys scroll, and Tab goes from link to link

    @property
    def page(self) -> str:
        """The name of the page that is shown."""
        return self.browser.page

    def show_page(self, name: str) -> None:
        """Show a page, from which Back leads to the one before."""
        if name != self.page:
            self._visited[self._place + 1 :] = [name]
            self._place += 1
            self._show()

    def show_term(self, term: str) -> None:
        """Show an entry of the glossary; an underscore in a link stands for a space."""
        self.show_page(pages.GLOSSARY_PAGE)
        self.browser.show_heading(term.replace("_", " "))

    def place_beside(self, window: QWidget) -> None:
        """Be where it was last; at first beside `window`, or over as little of it as can be."""
        settings = QSettings()
        division, geometry = settings.value(_DIVISION), settings.value(_GEOMETRY)
        if isinstance(division, QByteArray):
            self._splitter.restoreState(division)
        if isinstance(geometry, QByteArray) and self.restoreGeometry(geometry):
            return
        self.setGeometry(_place_beside(window.frameGeometry(), window.screen().availableGeometry()))

    def closeEvent(self, event: QCloseEvent) -> None:
        settings = QSettings()
        settings.setValue(_GEOMETRY, self.saveGeometry())
        settings.setValue(_DIVISION, self._splitter.saveState())
        super().closeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take letters that are typed on a page for what is searched."""
        typed, held = event.text(), event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier
        if typed.strip() and typed.isprintable() and not held:
            self.search.setFocus()
            self.search.setText(typed)
        else:
            super().keyPressEvent(event)

    def _add_heading(self, section: str) -> None:
        """A line of the contents that is not a page."""
        item = QListWidgetItem(section, self.contents)
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        item.setFont(demi_bold(self.contents.font()))

    def _go(self, direction: int) -> None:
        if 0 <= self._place + direction < len(self._visited):
            self._place += direction
            self._show()

    def _show(self) -> None:
        name = self._visited[self._place]
        self.browser.show_page(name)
        with QSignalBlocker(self.contents):
            self.contents.setCurrentItem(self._items[name])
        self.back.setEnabled(self._place > 0)
        self.forward.setEnabled(self._place + 1 < len(self._visited))

    def _on_contents_current_item_changed(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.show_page(item.data(_NAME))

    def _on_search_text_changed(self, text: str) -> None:
        is_searching = bool(text.strip())
        answers = search(text)
        self.found.show_answers(answers)
        self.found.setVisible(bool(answers))
        self.contents.setHidden(is_searching)
        is_complete = bool(answers) and answers[0].is_complete
        self.nothing.setText(_NEAREST if answers else _NOTHING)
        self.nothing.setVisible(is_searching and not is_complete)
        self.browser.mark(" ".join(words_of(text)))

    def _begin_search(self) -> None:
        self.search.setFocus()
        self.search.selectAll()

    def _show_found(self, item: QListWidgetItem | None) -> None:
        """Show the place where an answer of the search stands."""
        if item is not None:
            place = item.data(_NAME)
            self.show_page(place.page)
            self.browser.show_heading(place.heading)

    def _on_browser_anchor_clicked(self, url: QUrl) -> None:
        follow: Callable[[str], object] | None = {
            "page": self.show_page,
            "term": self.show_term,
            "sample": self.sample_requested.emit,
            "do": self.action_requested.emit,
        }.get(url.scheme())
        if follow is not None:
            follow(url.path())


class _FoundList(QListWidget):
    """What a search has found: where it stands, and the words that stand there."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Found")
        self.setWordWrap(True)
        self.setAlternatingRowColors(True)
        self.setVerticalScrollMode(self.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def show_answers(self, answers: Sequence[Found]) -> None:
        """List these, the likeliest first."""
        with QSignalBlocker(self):
            self.clear()
            for one in answers:
                item = QListWidgetItem(f"{one.place.name}\n{_shortened(one.excerpt)}", self)
                item.setData(_NAME, one.place)
                item.setToolTip(plain_tip(one.excerpt))


def _shortened(words: str) -> str:
    """The beginning of `words`, not cut within one of them."""
    return textwrap.shorten(words, _EXCERPT, placeholder=" …")


def _place_beside(window: QRect, screen: QRect) -> QRect:
    """Right of `window` or left of it, where there is room; else at the right of the screen."""
    height = min(_HEIGHT, screen.height() - 2 * _FRAME)
    top = min(max(window.top(), screen.top()) + _FRAME, screen.bottom() - height)
    right, left = screen.right() - window.right(), window.left() - screen.left()
    width = min(max(right, left, _LEAST_WIDTH), _WIDTH, screen.width()) - _FRAME
    if right < _LEAST_WIDTH <= left:
        return QRect(window.left() - width, top, width, height)
    return QRect(min(window.right() + 1, screen.right() - width), top, width, height)
