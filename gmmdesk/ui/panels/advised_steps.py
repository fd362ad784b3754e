"""Steps that the columns ask for, each with why and a button that adds it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from gmmdesk.data.steps import phrase
from gmmdesk.data.steps.advice import WHY, Advice
from gmmdesk.ui import theme
from gmmdesk.ui.help.glossary import tip
from gmmdesk.ui.text import plain_tip
from gmmdesk.ui.widgets import secondary, tool_button


class AdvisedSteps(QWidget):
    """Hidden where there is nothing to advise. Signal: `chosen(Step)`."""

    chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._lines = QGridLayout(self)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setSpacing(theme.SPACE // 2)
        self._lines.setColumnStretch(0, 1)

    def show_advice(self, mistakes: Sequence[Advice], skewed: Sequence[Advice]) -> None:
        """Advise these: values that look like mistakes first, then columns with a long tail."""
        while (taken := self._lines.takeAt(0)) is not None:
            widget = taken.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.setVisible(bool(mistakes or skewed))
        self._add(mistakes, 0)
        if skewed:
            why = secondary(f"{WHY}:")
            why.setToolTip(tip("Skewness"))
            self._lines.addWidget(why, len(mistakes), 0, 1, 2)
        self._add(skewed, len(mistakes) + 1)

    def _add(self, advised: Sequence[Advice], first: int) -> None:
        """A line for each, from line `first` on."""
        for at, advice in enumerate(advised, start=first):
            button = tool_button("Add", plain_tip(f"Add the step “{phrase(advice.step)}”"))
            button.setAutoRaise(False)
            button.setAccessibleName(f"Add {phrase(advice.step)}")
            button.clicked.connect(partial(self.chosen.emit, advice.step))
            self._lines.addWidget(secondary(advice.reason), at, 0)
            self._lines.addWidget(button, at, 1, Qt.AlignmentFlag.AlignTop)
