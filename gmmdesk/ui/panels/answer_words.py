"""The verdict as it is read: one sentence, and its grounds as a list below it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QGridLayout, QMenu, QToolButton, QVBoxLayout, QWidget

from gmmdesk.analysis.offers import Offer
from gmmdesk.analysis.remark import Grade
from gmmdesk.analysis.remedies import Remedy
from gmmdesk.analysis.verdict_words import Ground
from gmmdesk.ui import theme
from gmmdesk.ui.text import plain_action, plain_tip
from gmmdesk.ui.whole_lines import WholeLines
from gmmdesk.ui.widgets import Dot, Label, heading, tool_button

_MOST_LINES = 60  # more than there ever are: `most_height` is what counts
_LEAST_BUTTON = 60  # pixels
_DOUBT, _GROUND = QPalette.ColorRole.BrightText, QPalette.ColorRole.PlaceholderText
_TIP = {True: f"{Grade.IN_DOUBT.capitalize()}: it speaks against the answer", False: "A ground"}


class AnswerWords(WholeLines):
    """A headline, and a dot before each ground: another colour before what is a doubt.

    As high as its words, up to the `most_height` that it is given. Signals: `followed(Act)` when
    what a ground offers was pressed, `tried(Remedy)` when a remedy was.
    """

    followed = Signal(object)
    tried = Signal(object)

    def __init__(self) -> None:
        content = QWidget()
        self._headline = heading("")
        self._headline.setWordWrap(True)
        self._list = QGridLayout()
        self._list.setHorizontalSpacing(theme.SPACE)
        self._list.setVerticalSpacing(theme.SPACE // 2)
        self._list.setColumnStretch(1, 1)
        self._lines: list[_Line] = []
        self._said: tuple[str, tuple[Ground, ...], str] = ("", (), "")
        self._most_height = 0
        self._held: int | None = None  # the height, while it does not follow the words
        layout = QVBoxLayout(content)
        layout.setContentsMargins(0, 0, theme.SPACE // 2, 0)  # clear of the scroll bar
        layout.setSpacing(theme.SPACE // 2)
        layout.addWidget(self._headline)
        layout.addLayout(self._list)
        layout.addStretch(1)
        super().__init__(content, most_lines=_MOST_LINES)

    def text(self) -> str:
        """All of it as one paragraph."""
        shown = [line.label.text() for line in self._lines if not line.label.isHidden()]
        return " ".join([self._headline.text(), *shown])

    def set_most_height(self, height: int) -> None:
        """Scroll where the words need more pixels than these."""
        if height != self._most_height:
            self._most_height = height
            self.updateGeometry()

    def hold(self, on: bool) -> None:
        """Keep the height whatever is said, or follow the words again."""
        self._held = (self._held or self.height()) if on else None
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        size = super().sizeHint()
        return QSize(size.width(), self._held or min(size.height(), self._most_height))

    def say(self, headline: str, grounds: Sequence[Ground] = (), why_not: str = "") -> None:
        """Say this, from its beginning where it is another verdict than before.

        What it offers cannot be done where a reason `why_not` is given.
        """
        said = (headline, tuple(grounds), why_not)
        if said == self._said:
            return
        is_other = said[:2] != self._said[:2]
        self._said = said
        self._headline.setText(headline)
        while len(self._lines) < len(grounds):  # lines that are there are used again
            self._lines.append(_Line(self._list, len(self._lines), self))
            self._lines[-1].pressed.connect(self._on_line_pressed)
        for i, line in enumerate(self._lines):
            line.show(grounds[i] if i < len(grounds) else None, why_not)
        if is_other:
            self.verticalScrollBar().setValue(0)

    def _on_line_pressed(self, pressed: Offer | Remedy) -> None:
        self.setFocus()  # the button goes, and the keys would then act somewhere else in the window
        if isinstance(pressed, Offer):
            self.followed.emit(pressed.act)
        else:
            self.tried.emit(pressed)


class _Line(QObject):
    """A ground in a row of the list: a dot, its words, and below them the button that it offers.

    Of several remedies the button is the likeliest, and has the others in its menu. Signal:
    `pressed(Offer or Remedy)`.
    """

    pressed = Signal(object)

    def __init__(self, grid: QGridLayout, place: int, parent: QObject) -> None:
        super().__init__(parent)
        self._offered: Offer | Remedy | None = None
        self.dot, self.label = Dot(_GROUND), Label()
        self.label.setWordWrap(True)
        self.label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.button: QToolButton = tool_button("", "")
        self.button.setAutoRaise(False)
        self.button.setMinimumWidth(_LEAST_BUTTON)  # else a long one would push words out of sight
        self.button.clicked.connect(self._on_button_clicked)
        self._others = QMenu(self.button)
        self._others.setToolTipsVisible(True)
        grid.addWidget(self.dot, 2 * place, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(self.label, 2 * place, 1)
        grid.addWidget(self.button, 2 * place + 1, 1, Qt.AlignmentFlag.AlignLeft)

    def show(self, ground: Ground | None, why_not: str) -> None:
        for widget in (self.dot, self.label):
            widget.setVisible(ground is not None)
        self._offer(None if ground is None else ground, why_not)
        if ground is not None:
            self.dot.set_role(_DOUBT if ground.is_doubt else _GROUND)
            self.dot.setToolTip(_TIP[ground.is_doubt])
            self.label.setText(ground.said)
            self.label.setAccessibleName(Grade.IN_DOUBT.capitalize() if ground.is_doubt else "")

    def _offer(self, ground: Ground | None, why_not: str) -> None:
        """Offer what can be done, or what may help."""
        offer = None if ground is None else ground.offer
        likeliest, *others = (offer,) if ground is None or offer else ground.remedies or (None,)
        self._offered = likeliest
        self.button.setVisible(likeliest is not None)
        self._others.clear()
        for one in others:
            action = self._others.addAction(plain_action(one.text))
            action.setToolTip(plain_tip(one.tip))
            action.triggered.connect(lambda _checked=False, one=one: self.pressed.emit(one))
        self.button.setMenu(self._others if others else None)  # type: ignore[arg-type]  # or none
        mode = QToolButton.ToolButtonPopupMode
        self.button.setPopupMode(mode.MenuButtonPopup if others else mode.DelayedPopup)
        self.button.setText("" if likeliest is None else plain_action(likeliest.text))
        why_not = why_not if offer is not None and offer.act.goes_on else ""
        self.button.setEnabled(not why_not)
        if likeliest is not None:
            more = ". The arrow has what else may help" if others else ""
            self.button.setToolTip(plain_tip(why_not or f"{likeliest.tip}{more}"))

    def _on_button_clicked(self) -> None:
        if self._offered is not None:
            self.pressed.emit(self._offered)
