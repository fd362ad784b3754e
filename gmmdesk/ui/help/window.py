"""The window of the help: contents, search, one page, and the way back."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSignalBlocker, Qt, QUrl, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialog,
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
from gmmdesk.ui.widgets import secondary, tool_button

_NAME = Qt.ItemDataRole.UserRole


class HelpWindow(QDialog):
    """Shows pages, beside the main window and not in its way.

    Signals: `sample_requested(str)` with its name, `action_requested(str)` with what stands
    behind `do:` in the link that was followed.
    """

    sample_requested = Signal(str)
    action_requested = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Help")
        self._visited: list[str] = []
        self._place = -1  # of the page that is shown, among those visited

        self.search = QLineEdit()
        self.search.setPlaceholderText("Search the help")
        self.search.setAccessibleName("Search the help")
        self.search.setClearButtonEnabled(True)
        self.contents = QListWidget()
        self.contents.setAccessibleName("Contents")
        self.nothing = secondary("No page has these words.")
        self.nothing.hide()
        for name, title in pages.PAGES.items():
            item = QListWidgetItem(title)
            item.setData(_NAME, name)
            self.contents.addItem(item)
        self.back = tool_button("Back", "The page before (Alt+Left)", "step-back")
        self.forward = tool_button("Forward", "The page after (Alt+Right)", "step-on")
        self.browser = Browser()

        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(*[theme.SPACE] * 4)
        column.setSpacing(theme.SPACE)
        column.addWidget(self.search)
        column.addWidget(self.nothing)
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
        splitter = QSplitter()
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(left)
        splitter.addWidget(right)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([230, 560])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(splitter)
        self.resize(800, 600)

        self.search.textChanged.connect(self._on_search_text_changed)
        self.contents.currentItemChanged.connect(self._on_contents_current_item_changed)
        self.back.clicked.connect(lambda: self._go(-1))
        self.forward.clicked.connect(lambda: self._go(1))
        QShortcut(QKeySequence(QKeySequence.StandardKey.Back), self, lambda: self._go(-1))
        QShortcut(QKeySequence(QKeySequence.StandardKey.Forward), self, lambda: self._go(1))
        QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self, self.search.setFocus)
        self.browser.anchorClicked.connect(self._on_browser_anchor_clicked)
        self.show_page(next(iter(pages.PAGES)))

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

    def _go(self, direction: int) -> None:
        if 0 <= self._place + direction < len(self._visited):
            self._place += direction
            self._show()

    def _show(self) -> None:
        name = self._visited[self._place]
        self.browser.show_page(name)
        with QSignalBlocker(self.contents):
            self.contents.setCurrentRow(list(pages.PAGES).index(name))
        self.back.setEnabled(self._place > 0)
        self.forward.setEnabled(self._place + 1 < len(self._visited))

    def _on_contents_current_item_changed(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.show_page(item.data(_NAME))

    def _on_search_text_changed(self, text: str) -> None:
        found = set(pages.with_words(text))
        for row in range(self.contents.count()):
            item = self.contents.item(row)
            item.setHidden(item.data(_NAME) not in found)
        self.nothing.setVisible(not found)
        self.browser.mark(text)

    def _on_browser_anchor_clicked(self, url: QUrl) -> None:
        follow: Callable[[str], object] | None = {
            "page": self.show_page,
            "term": self.show_term,
            "sample": self.sample_requested.emit,
            "do": self.action_requested.emit,
        }.get(url.scheme())
        if follow is not None:
            follow(url.path())
