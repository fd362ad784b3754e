"""What is laid over a window to point at a part of it: a frame around it, and words beside it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from gmmdesk.ui import theme
from gmmdesk.ui.theme import Line
from gmmdesk.ui.widgets import Label, PrimaryButton, heading, secondary, tool_button

_GAP = theme.SPACE  # between a part of the window and its frame's outside, or the words
_WIDTH = 300  # pixels, of the words
_MOVED = (
    QEvent.Type.Move,
    QEvent.Type.Resize,
    QEvent.Type.Show,
    QEvent.Type.Hide,
    QEvent.Type.LayoutRequest,
)


class Follower(QObject):
    """Knows where a part of `window` is, wherever that goes.

    Signal: `moved(target)`, a QRect in the window, or None where the part cannot be seen.
    """

    moved = Signal(object)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._place: QWidget | None = None
        self._watched: list[QWidget] = []

    def follow(self, place: QWidget | None) -> None:
        """Go along with a part of the window from now on; None for no part."""
        for widget in self._watched:
            widget.removeEventFilter(self)
        self._place, self._watched = place, [self._window]
        around = place
        while around is not None and around is not self._window:
            self._watched.append(around)
            around = around.parentWidget()
        for widget in self._watched:
            widget.installEventFilter(self)
        self.moved.emit(self.target)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() in _MOVED:
            self.moved.emit(self.target)
        return False

    @property
    def target(self) -> QRect | None:
        """Where the part is in the window, None where it cannot be seen."""
        if self._place is None or not self._place.isVisibleTo(self._window):
            return None
        corner = self._place.mapTo(self._window, QPoint())
        return QRect(corner, self._place.size()) & self._window.rect()


class Frame(QFrame):
    """A line in the accent colour around a part of a window; the mouse goes through it."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def lay_around(self, target: QRect | None) -> None:
        """Lie around `target`; nowhere for None."""
        if target is None:
            self.hide()
            return
        self.setGeometry(target.adjusted(-4, -4, 4, 4))
        self.show()
        self.raise_()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Link), Line.CHOSEN))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(2, 2, -2, -2), 6, 6)
        painter.end()


class Callout(QFrame):
    """The words of a step. Signals: `back_requested`, `next_requested`, `stop_requested`."""

    back_requested = Signal()
    next_requested = Signal()
    stop_requested = Signal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._target: QRect | None = None
        self._spared: QWidget | None = None
        self._on = "Next"
        self.setObjectName("callout")
        self.setAccessibleName("Guided first analysis")
        self.setAutoFillBackground(True)
        self.hide()
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self._title = heading("")
        self._place_in_tour = secondary()
        self._place_in_tour.setWordWrap(False)
        self._text = Label()
        self._text.setWordWrap(True)
        self.back = QPushButton("Back")
        self.next = PrimaryButton("Next")
        self.stop = tool_button("Stop the guide", "Close the guide (Escape); Help starts it again")
        self.back.clicked.connect(self.back_requested)
        self.next.clicked.connect(self.next_requested)
        self.stop.clicked.connect(self.stop_requested)
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.SPACE)
        buttons.addWidget(self.stop)
        buttons.addStretch()
        buttons.addWidget(self.back)
        buttons.addWidget(self.next)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*[2 * theme.SPACE] * 4)
        layout.setSpacing(theme.SPACE)
        layout.addWidget(self._place_in_tour)
        layout.addWidget(self._title)
        layout.addWidget(self._text)
        layout.addLayout(buttons)

    @property
    def title(self) -> str:
        """Of the step that is shown."""
        return self._title.text()

    def say(self, step: int, n_steps: int, title: str, text: str) -> None:
        """Show the words of the 0-based `step`."""
        self._place_in_tour.setText(f"Step {step + 1} of {n_steps}")
        self._title.setText(title)
        self._text.setText(text)
        self.setAccessibleDescription(f"Step {step + 1} of {n_steps}: {title}. {text}")
        self.back.setEnabled(step > 0)
        self._on = "Done" if step + 1 == n_steps else "Next"
        self.let_go_on()
        self.show()
        self.lay_beside(self._target)  # the words may need other room

    def let_go_on(self, why_not: str = "") -> None:
        """Let the user press Next, or say there why not yet."""
        self.next.setEnabled(not why_not)
        self.next.setText(why_not or self._on)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().color(QPalette.ColorRole.Link))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def take_focus(self) -> None:
        """Let Return go on."""
        self.next.setFocus()

    def spare(self, part: QWidget | None) -> None:
        """Lie over as little as can be of a part of the window, of which the words speak."""
        self._spared = part

    def lay_beside(self, target: QRect | None) -> None:
        """Lie beside `target`, on whichever side has room; else in the middle of the window."""
        self._target = target
        width = max(_WIDTH, self.minimumSizeHint().width())
        height = max(self.heightForWidth(width), self.minimumSizeHint().height())
        self.resize(width, height)
        room = self._window.rect().adjusted(_GAP, _GAP, -_GAP, -_GAP)
        middle = QRect(QPoint(), self.size())
        middle.moveCenter(room.center())
        boxes = [] if target is None else _boxes(self.size(), target, room)
        self.move(min(boxes, key=self._covered, default=middle).topLeft())
        self.raise_()

    def _covered(self, box: QRect) -> int:
        """How much of what is to be spared would be covered, in pixels."""
        part = self._spared
        if part is None or not part.isVisibleTo(self._window):
            return 0
        covered = box & QRect(part.mapTo(self._window, QPoint()), part.size())
        return covered.width() * covered.height() if covered.isValid() else 0


def _boxes(size: QSize, target: QRect, room: QRect) -> list[QRect]:
    """Places beside `target`, those in the middle of its sides first, inside the room."""
    right, left = target.right() + 2 * _GAP, target.left() - 2 * _GAP - size.width()
    middle = target.center() - QPoint(size.width() // 2, size.height() // 2)
    ends = room.bottom() + 1 - size.height(), room.top()
    corners = [QPoint(x, y) for y in (middle.y(), *ends) for x in (right, left)]
    below, above = target.bottom() + 2 * _GAP, target.top() - 2 * _GAP - size.height()
    corners[2:2] = [QPoint(middle.x(), y) for y in (below, above)]
    boxes = []
    for corner in corners:
        box = QRect(corner, size)  # along a side it may shift, to stay inside
        if corner.x() in (right, left):
            box.moveTop(min(max(box.top(), room.top()), ends[0]))
        else:
            box.moveLeft(min(max(box.left(), room.left()), room.right() + 1 - size.width()))
        if room.contains(box) and not box.intersects(target):
            boxes.append(box)
    return boxes
