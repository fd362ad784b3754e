"""What nothing in the file decides, for the user to decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QLabel, QRadioButton, QVBoxLayout, QWidget

from gmmdesk.data.options import ReadOptions
from gmmdesk.ui import theme
from gmmdesk.ui.importing.box import Box

if TYPE_CHECKING:
    from gmmdesk.data.dataset import Question

_WORDS = {
    ("decimal", "."): "points are decimal marks, commas group thousands",
    ("decimal", ","): "commas are decimal marks, points group thousands",
    ("date_order", "day-first"): "the day comes first",
    ("date_order", "month-first"): "the month comes first",
}


class QuestionsBox(Box):
    """The open questions, with two answers each; hidden where there are none.

    Signals: `answered(str, str)` with an option and its value.
    """

    answered = Signal(str, str)

    def __init__(self) -> None:
        super().__init__()
        self._shown: list[Question] = []
        self._buttons: dict[tuple[str, str], list[QRadioButton]] = {}
        self.hide()

    def show_questions(self, questions: list[Question], options: ReadOptions) -> None:
        """Ask `questions`; `options` tell which of them are answered, and how."""
        if questions != self._shown:
            self._build(questions)
        for (option, value), buttons in self._buttons.items():
            for button in buttons:
                group = button.group()
                group.setExclusive(False)
                button.setChecked(getattr(options, option) == value)
                group.setExclusive(True)
        self.setVisible(bool(questions))

    def _build(self, questions: list[Question]) -> None:
        self._shown = list(questions)
        self._buttons.clear()
        while (item := self._layout.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for question in questions:
            self._layout.addWidget(self._make(question))

    def _make(self, question: Question) -> QWidget:
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE // 2)
        text = QLabel(question.text)
        text.setWordWrap(True)
        font = text.font()
        font.setBold(True)
        text.setFont(font)
        column.addWidget(text)
        group = QButtonGroup(box)
        for value, meaning in question.meanings:
            words = _WORDS.get((question.option, value), value)
            button = QRadioButton(f"{meaning}: {words}")
            button.setToolTip("Or choose another kind for the column, such as text")
            group.addButton(button)
            column.addWidget(button)
            button.clicked.connect(
                lambda _=False, option=question.option, value=value: self.answered.emit(
                    option, value
                )
            )
            self._buttons.setdefault((question.option, value), []).append(button)
        return box
