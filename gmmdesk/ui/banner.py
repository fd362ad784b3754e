"""A line beside an answer that says how things stand with it, and what to press next."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QToolButton, QVBoxLayout, QWidget

from gmmdesk.text import joined
from gmmdesk.ui import theme
from gmmdesk.ui.document import Document
from gmmdesk.ui.widgets import Label, tool_button
from gmmdesk.ui.wrapped_line import WrappedLine

_LINE = 3  # pixels


class Banner(QWidget):
    """Words that wrap, and buttons below them, on a ground of their own beside a coloured line."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.said = Label()
        self.said.setWordWrap(True)
        self.said.setAccessibleName(name)
        self._buttons = WrappedLine()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.SPACE, theme.SPACE // 2, theme.SPACE // 2, theme.SPACE // 2)
        layout.setSpacing(theme.SPACE // 2)
        layout.addWidget(self.said)
        layout.addWidget(self._buttons)
        self.hide()

    def paintEvent(self, _event: QPaintEvent) -> None:
        # No style sheet: that keeps the colours that were there when it was first shown.
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.palette().alternateBase())
        painter.fillRect(0, 0, _LINE, self.height(), self.palette().accent())
        painter.end()

    def button(self, text: str, tip: str, icon_name: str = "") -> QToolButton:
        """A new button in it."""
        button = tool_button(text, tip, icon_name)
        button.setAutoRaise(False)
        self._buttons.add(button)
        return button

    def say(self, text: str, *, with_buttons: bool = True) -> None:
        """Be there, with these words; without any, be not."""
        self.said.setText(text)
        self._buttons.setVisible(with_buttons)
        self.setVisible(bool(text))


class StaleBanner(Banner):
    """Says that the choices are others than those of the answer, which ones, and finds it anew."""

    def __init__(self, document: Document) -> None:
        super().__init__("What has changed since")
        self._document = document
        self.again = self.button("Find clusters again", "With the choices as they are now", "find")
        self.back = self.button("Undo", "Take the last change back", "undo")
        self.again.clicked.connect(document.start_fit, Qt.ConnectionType.QueuedConnection)
        self.back.clicked.connect(document.undo, Qt.ConnectionType.QueuedConnection)
        for signal in (
            document.settings_changed,
            document.analysis_changed,
            document.run_started,
        ):
            signal.connect(self.update_words)
        self.update_words()

    def update_words(self) -> None:
        """Say what has changed, if something has."""
        document = self._document
        analysis, settings = document.analysis, document.settings
        if analysis is None or settings is None or document.is_running or not document.is_stale:
            self.say("")
            return
        from gmmdesk.analysis.changed import changed_choices

        changed = changed_choices(analysis.settings, settings)
        self.say(f"Out of date: since these clusters were found, {joined(changed, 3)} changed.")
