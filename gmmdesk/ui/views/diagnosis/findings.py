"""What speaks against the answer, as a list of questions with their answers and remedies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QGridLayout, QToolButton, QVBoxLayout, QWidget

from gmmdesk.analysis.offers import Act
from gmmdesk.analysis.remark import Grade, Remark
from gmmdesk.analysis.remedies import Remedy
from gmmdesk.data.dataset import IntArray
from gmmdesk.ui import theme
from gmmdesk.ui.help import glossary
from gmmdesk.ui.text import plain_action
from gmmdesk.ui.widgets import Dot, Label, heading, scrolled, tool_button
from gmmdesk.ui.wrapped_line import WrappedLine

# Beside the words, never alone.
_COLORS = {
    Grade.IN_ORDER: QPalette.ColorRole.Mid,
    Grade.TO_NOTE: QPalette.ColorRole.Link,
    Grade.IN_DOUBT: QPalette.ColorRole.BrightText,
}
_TOGETHER = "Merge them into one cluster"
_MERGE_TIP = "Merge the clusters along it: probabilities are added up, nothing is fitted again"


class FindingsPage(QWidget):
    """A card for each question; buttons call `apply` with a remedy, `show_rows` with rows.

    And `compare`, to see density-based clusters beside these, `merge` with components that are to
    be one cluster, `follow` with what a remark offers.
    """

    def __init__(
        self,
        apply: Callable[[Remedy], object],
        show_rows: Callable[[IntArray], object],
        compare: Callable[[], object],
        merge: Callable[[Sequence[Sequence[int]]], object],
        follow: Callable[[Act], object],
    ) -> None:
        super().__init__()
        self._apply, self._show_rows, self._compare = apply, show_rows, compare
        self._merge, self._follow = merge, follow
        self._offers: list[tuple[QToolButton, str]] = []  # what can be followed, and its tip
        self._why_not = ""
        self._holder = QWidget()
        self._cards = QVBoxLayout(self._holder)
        self._cards.setContentsMargins(*[theme.SPACE] * 4)
        self._cards.setSpacing(2 * theme.SPACE)
        self._cards.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(scrolled(self._holder))

    def show_remarks(self, remarks: Sequence[Remark]) -> None:
        """Show these, what is in doubt first."""
        self._offers = []
        while self._cards.count() > 1:
            item = self._cards.takeAt(0)
            card = item.widget() if item is not None else None
            if card is not None:
                if card.isAncestorOf(self.focusWidget()):
                    self.setFocus()  # else the keys would act somewhere else in the window
                card.hide()
                card.deleteLater()
        order = (Grade.IN_DOUBT, Grade.TO_NOTE, Grade.IN_ORDER)
        asked: dict[str, list[Remark]] = {}  # each question once, with all that is said to it
        for remark in sorted(remarks, key=lambda remark: order.index(remark.grade)):
            asked.setdefault(remark.about, []).append(remark)
        for i, own in enumerate(asked.values()):
            self._cards.insertWidget(i, self._card(own))

    def forbid_offers(self, why_not: str) -> None:
        """What remarks offer cannot be done for this reason, or can where it is empty."""
        self._why_not = why_not
        for button, tip in self._offers:
            button.setEnabled(not why_not)
            button.setToolTip(why_not or tip)

    def _card(self, remarks: Sequence[Remark]) -> QWidget:
        """What was found to one question, the worst of it first."""
        card, worst = QWidget(), remarks[0]
        grid = QGridLayout(card)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.SPACE)
        grid.setVerticalSpacing(theme.SPACE // 2)
        grid.addWidget(Dot(_COLORS[worst.grade]), 0, 0)
        about = heading(worst.about)
        grid.addWidget(about, 0, 1)
        grade = Label(worst.grade.capitalize())
        grade.setToolTip(glossary.tip("In order, to note, in doubt"))
        grade.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        grid.addWidget(grade, 0, 2)
        for i, remark in enumerate(remarks):
            text = Label(remark.text)
            text.setWordWrap(True)
            text.setAccessibleName(f"{remark.about} {remark.grade.capitalize()}")
            text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            grid.addWidget(text, 2 * i + 1, 1, 1, 2)
            buttons = self._buttons(remark)
            if not buttons.is_empty:
                grid.addWidget(buttons, 2 * i + 2, 1, 1, 2)
        grid.setColumnStretch(1, 1)
        return card

    def _buttons(self, remark: Remark) -> WrappedLine:
        """What can be done about a finding."""
        offered: list[tuple[str, str, Callable[[], object]]] = []
        if len(remark.rows):
            show = partial(self._show_rows, remark.rows)
            offered.append(("Select the rows", "Select these rows in every view", show))
        if remark.offer is not None:
            follow = partial(self._follow, remark.offer.act)
            offered.append((remark.offer.text, remark.offer.tip, follow))
        if remark.density:
            tip = "See beside these what HDBSCAN finds, for bands too"
            offered.append(("Density-based clusters…", tip, self._compare))
        if remark.chains:
            text = "Merge each band into one cluster" if len(remark.chains) > 1 else _TOGETHER
            offered.append((text, _MERGE_TIP, partial(self._merge, remark.chains)))
        offered += [(one.text, one.tip, partial(self._apply, one)) for one in remark.remedies]
        line = WrappedLine()
        for text, tip, do in offered:
            button = tool_button(plain_action(text), tip)
            button.setAutoRaise(False)
            button.clicked.connect(lambda _checked=False, do=do: do())
            line.add(button)
            if remark.offer is not None and text == remark.offer.text:
                self._offers.append((button, tip))
        self.forbid_offers(self._why_not)
        return line
