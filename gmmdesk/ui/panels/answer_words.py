"""The verdict as it is read: one sentence, and its grounds as a list below it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from gmmdesk.analysis.verdict_words import Ground
from gmmdesk.ui import theme
from gmmdesk.ui.widgets import Dot, Label, ScrolledForm, heading

_MOST_LINES = 17  # before it scrolls: the clusters below are to be seen too
_DOUBT, _GROUND = QPalette.ColorRole.BrightText, QPalette.ColorRole.Mid


class AnswerWords(ScrolledForm):
    """A headline, and a dot before each ground: another colour before what is a doubt."""

    def __init__(self) -> None:
        content = QWidget()
        self._headline = heading("")
        self._headline.setWordWrap(True)
        self._list = QGridLayout()
        self._list.setHorizontalSpacing(theme.SPACE)
        self._list.setVerticalSpacing(theme.SPACE // 2)
        self._list.setColumnStretch(1, 1)
        self._lines: list[tuple[Dot, Label]] = []
        layout = QVBoxLayout(content)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE // 2)
        layout.addWidget(self._headline)
        layout.addLayout(self._list)
        layout.addStretch(1)
        super().__init__(content, most_lines=_MOST_LINES)

    def text(self) -> str:
        """All of it as one paragraph."""
        shown = [label.text() for _dot, label in self._lines if not label.isHidden()]
        return " ".join([self._headline.text(), *shown])

    def say(self, headline: str, grounds: Sequence[Ground] = ()) -> None:
        """Say this; lines that are there are used again, as it comes many times in a row."""
        self._headline.setText(headline)
        while len(self._lines) < len(grounds):
            self._add_line()
        for i, (dot, label) in enumerate(self._lines):
            ground = grounds[i] if i < len(grounds) else None
            for widget in (dot, label):
                widget.setVisible(ground is not None)
            if ground is not None:
                dot.set_role(_DOUBT if ground.is_doubt else _GROUND)
                label.setText(ground.text)
                label.setAccessibleName("Doubt" if ground.is_doubt else "")

    def _add_line(self) -> None:
        row = len(self._lines)
        dot, label = Dot(_GROUND), Label()
        label.setWordWrap(True)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._list.addWidget(dot, row, 0, Qt.AlignmentFlag.AlignTop)
        self._list.addWidget(label, row, 1)
        self._lines.append((dot, label))
