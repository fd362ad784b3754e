"""The legend on the map, which is also a switch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRectF, QSettings, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QIcon,
    QLinearGradient,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPixmap,
)
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QStyle,
    QStyleOptionToolButton,
    QStylePainter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gmmdesk.ui import text, theme
from gmmdesk.ui.drawing.calendar_ticks import Tick
from gmmdesk.ui.drawing.symbols import REACH, paint_symbol
from gmmdesk.ui.theme import Opacity
from gmmdesk.ui.widgets import Label

_SWATCH = 11  # pixels
_MOST = 14  # entries
_LONGEST = 24  # characters of a name
# Where it may stand by itself, across and down, the first if all are as good: in a corner, or
# somewhere along an edge.
_PLACES = (
    *((1.0, 0.0), (0.0, 0.0), (1.0, 1.0), (0.0, 1.0)),
    *((1.0, 0.5), (0.0, 0.5), (0.5, 0.0), (0.5, 1.0)),
    *((1.0, 0.25), (1.0, 0.75), (0.0, 0.25), (0.0, 0.75)),
    *((0.75, 0.0), (0.25, 0.0), (0.75, 1.0), (0.25, 1.0)),
)
_KEY = "legend_place"  # of a setting: where the user has put it
_MARGINS = (72, 2 * theme.SPACE, 2 * theme.SPACE, 56)  # left, right, top, bottom: axes have room
_BAR = QSize(110, 10)
_TICK = 4  # pixels
_PLACED = (QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Show, QEvent.Type.Hide)
_TIP = "Click to hide or show, double-click to show only this"


class Item(NamedTuple):
    """An entry: which group it is of, as in `MapState.hidden`, its name and its colour.

    `symbol` is its shape, see `palette.sign`, None for a disc.
    """

    group: int
    name: str
    color: QColor
    symbol: int | None = None


class Bar(NamedTuple):
    """Colours from the least to the greatest number, and these in words.

    Where there are `ticks`, they are written below the colours and not the ends.
    """

    colors: Sequence[QColor]
    ends: tuple[str, str]
    ticks: tuple[Tick, ...] = ()


class Legend(QFrame):
    """Names and colours where they cover least of the plot; they can be dragged elsewhere.

    Where to is remembered, until a double click. Or they are beside the plot, at its right.

    Signals: `hidden_changed(frozenset[int])`, when the user has hidden or shown groups;
    `menu_requested(int, QPoint)` for a group, at a place of the screen; `placed`, when it stands
    elsewhere, is of another size, or has come or gone.
    """

    hidden_changed = Signal(object)
    menu_requested = Signal(int, QPoint)
    placed = Signal()

    def __init__(self, room: QWidget) -> None:
        super().__init__(room)
        self._room = room
        self._items: tuple[Item, ...] = ()
        self._entries: list[_Entry] = []
        self._hidden: frozenset[int] = frozenset()
        self._content: object = None
        self._grip: QPoint | None = None
        self._moved_to = _remembered()  # of the room left over, 0..1
        self._corner = _PLACES[0]
        self._is_beside = False
        self.setAccessibleName("Legend")
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(*[theme.SPACE // 2] * 4)
        self._layout.setSpacing(0)
        room.installEventFilter(self)

    @property
    def items(self) -> tuple[Item, ...]:
        """The groups that are listed."""
        return self._items

    def show_items(self, title: str, items: Sequence[Item], hidden: frozenset[int]) -> None:
        """Show a list of groups, those that are `hidden` crossed out."""
        self._items = tuple(items)
        content = (title, [item.group for item in items])
        if content != self._content:  # else entries are kept, one of which may have the focus
            self._content = content
            self._clear(title)
            for item in items[:_MOST]:
                entry = _Entry(item)
                entry.clicked.connect(lambda _, group=item.group: self._toggle(group))
                entry.isolated.connect(self._isolate)
                entry.menu_requested.connect(self.menu_requested)
                self._entries.append(entry)
                self._layout.addWidget(entry)
            if len(items) > _MOST:
                self._layout.addWidget(QLabel(f"and {len(items) - _MOST} more"))
        self._hidden = hidden
        for entry, item in zip(self._entries, items, strict=False):  # not all are listed
            entry.show_item(item, is_shown=item.group not in hidden)
        self._place()

    def show_bar(self, title: str, bar: Bar) -> None:
        """Show the colours of a number."""
        self._items = ()
        if (title, bar) != self._content:
            self._content = (title, bar)
            self._clear(title)
            self._layout.addWidget(_Gradient(bar.colors, bar.ticks))
            if bar.ticks:
                self._place()
                return
            ends = QHBoxLayout()
            ends.addWidget(QLabel(bar.ends[0]))
            ends.addStretch()
            ends.addWidget(QLabel(bar.ends[1]))
            self._layout.addLayout(ends)
        self._place()

    def _clear(self, title: str) -> None:
        self._entries = []
        while (old := self._layout.takeAt(0)) is not None:
            inner = old.layout()
            while inner is not None and (part := inner.takeAt(0)) is not None:
                _drop(part.widget())
            _drop(old.widget())
        if title:
            heading = Label(text.shortened(title, _LONGEST), self)
            heading.setForegroundRole(QPalette.ColorRole.PlaceholderText)
            self._layout.addWidget(heading)

    # -- hiding ------------------------------------------------------------------------------

    def _toggle(self, group: int) -> None:
        self.hidden_changed.emit(self._hidden ^ {group})

    def _isolate(self, group: int) -> None:
        """Show one group only or, where it is the only one already, all."""
        every = frozenset(item.group for item in self._items)
        # The first click of the two has hidden it already.
        was_alone = every <= self._hidden
        self.hidden_changed.emit(frozenset() if was_alone else every - {group})

    # -- where it is -------------------------------------------------------------------------

    def set_beside(self, beside: bool) -> None:
        """Be beside the plot, or on it."""
        if beside != self._is_beside:
            self._is_beside = beside
            self._place()
            self.placed.emit()

    @property
    def room_beside(self) -> int:
        """Pixels at the right of the room that are to be kept free."""
        is_there = self._is_beside and not self.isHidden()
        return self.width() + theme.SPACE if is_there else 0

    def eventFilter(self, _room: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def event(self, event: QEvent) -> bool:
        if event.type() in _PLACED:
            self.placed.emit()
        return super().event(event)

    def avoid(self, areas: npt.NDArray[np.float64], points: npt.NDArray[np.float64]) -> None:
        """Be where it covers the fewest of the areas and, of such places, points.

        Areas (k, 4) are left, top, right, bottom, points (m, 2); in pixels of the room.
        """

        x, y = points.T
        lefts, tops, rights, bottoms = areas.T

        def covered(corner: tuple[float, float]) -> tuple[int, int]:
            place = QRectF(self._at(corner), self.size())
            touched = (lefts < place.right()) & (rights > place.left())
            touched &= (tops < place.bottom()) & (bottoms > place.top())
            inside = (x > place.left()) & (x < place.right())
            inside &= (y > place.top()) & (y < place.bottom())
            return int(np.count_nonzero(touched)), int(np.count_nonzero(inside))

        self._corner = min(_PLACES, key=covered)
        self._place()

    def _at(self, share: tuple[float, float]) -> QPoint:
        """Where it is with so much of the room left over beside and above it."""
        room = self._room.size() - self.size()
        left, right, top, bottom = _MARGINS
        across, down = share
        x = left + across * max(0, room.width() - left - right)
        y = top + down * max(0, room.height() - top - bottom)
        return QPoint(round(x), round(y))

    def _place(self) -> None:
        """Beside the plot, where it covers least, or where it was dragged, always inside."""
        for part in self.findChildren(QWidget):
            part.show()  # at once: what is new would be shown, and take room, a moment later
        self._layout.activate()
        self.adjustSize()
        if self._is_beside:
            self.move(max(0, self._room.width() - self.width() - theme.SPACE), theme.SPACE)
            return
        if self._moved_to is None:
            self.move(self._at(self._corner))
            return
        room = self._room.size() - self.size()
        across, down = self._moved_to
        self.move(max(0, round(across * room.width())), max(0, round(down * room.height())))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._grip = None if self._is_beside else event.position().toPoint()
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grip is None or not event.buttons() & Qt.MouseButton.LeftButton:
            return
        to = self.mapToParent(event.position().toPoint() - self._grip)
        room = self._room.size() - self.size()
        across, down = (
            min(max(at / max(most, 1), 0.0), 1.0)
            for at, most in ((to.x(), room.width()), (to.y(), room.height()))
        )
        self._moved_to = across, down
        self._place()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._grip = None
        if self._moved_to is not None:
            QSettings().setValue(_KEY, "{:.4f} {:.4f}".format(*self._moved_to))
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Be again where it covers least."""
        self._moved_to = None
        QSettings().remove(_KEY)
        self._place()
        event.accept()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paper = self.palette().color(QPalette.ColorRole.Base)
        paper.setAlphaF(Opacity.PLATE)
        painter.setBrush(paper)
        painter.setPen(self.palette().color(QPalette.ColorRole.Midlight))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.end()


class _Entry(QToolButton):
    """A name with its colour.

    Signals: `isolated(int)`, by a double click; `menu_requested(int, QPoint)`.
    """

    isolated = Signal(int)
    menu_requested = Signal(int, QPoint)

    def __init__(self, item: Item) -> None:
        super().__init__()
        self.item = item
        self.setCheckable(True)  # for those who hear it: what is shown is on
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setIconSize(QSize(_SWATCH, _SWATCH))
        self.setAutoRaise(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """As a name, and no pressed button, where it is on."""
        option = QStyleOptionToolButton()
        self.initStyleOption(option)
        option.state &= ~QStyle.StateFlag.State_On
        painter = QStylePainter(self)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ToolButton, option)
        painter.end()

    def show_item(self, item: Item, *, is_shown: bool) -> None:
        self.item = item
        self.setText(text.plain_action(text.shortened(item.name, _LONGEST)))
        self.setAccessibleName(item.name)
        self.setAccessibleDescription("" if is_shown else "Hidden")
        self.setToolTip(text.plain_tip(f"{item.name}\n{_TIP}"))
        self.setChecked(is_shown)
        self.setIcon(_swatch(item, is_shown, self.devicePixelRatioF()))
        font = self.font()
        font.setStrikeOut(not is_shown)
        self.setFont(font)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_requested.emit(self.item.group, event.globalPos())
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.isolated.emit(self.item.group)
        event.accept()


class _Gradient(QWidget):
    """The colours of a number; below them what is written at `ticks`, as far as there is room."""

    def __init__(self, colors: Sequence[QColor], ticks: Sequence[Tick]) -> None:
        super().__init__()
        self._colors, self._ticks = colors, ticks
        words = _TICK + self.fontMetrics().height() if ticks else 0
        self.setFixedSize(_BAR.width() * (2 if ticks else 1), _BAR.height() + words)
        self.setAccessibleName(", ".join(tick.text for tick in ticks))

    def paintEvent(self, _event: QPaintEvent) -> None:
        gradient = QLinearGradient(0.0, 0.0, float(self.width()), 0.0)
        last = max(1, len(self._colors) - 1)
        for i, color in enumerate(self._colors):
            gradient.setColorAt(i / last, color)
        painter = QPainter(self)
        painter.fillRect(QRectF(0.0, 0.0, self.width(), _BAR.height()), gradient)
        self._paint_ticks(painter)
        painter.end()

    def _paint_ticks(self, painter: QPainter) -> None:
        metrics, taken = self.fontMetrics(), -1.0
        top = float(_BAR.height())
        painter.setPen(self.palette().color(QPalette.ColorRole.Text))
        for tick in self._ticks:
            x = tick.share * (self.width() - 1)
            painter.drawLine(QPointF(x, top), QPointF(x, top + _TICK))
            width = metrics.horizontalAdvance(tick.text)
            left = min(max(0.0, x - width / 2), self.width() - width)
            if left > taken:
                painter.drawText(QPointF(left, top + _TICK + metrics.ascent()), tick.text)
                taken = left + width + theme.SPACE


def _swatch(item: Item, shown: bool, ratio: float) -> QIcon:
    pixmap = QPixmap(QSize(_SWATCH, _SWATCH) * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(item.color)
    painter.setBrush(item.color if shown else Qt.BrushStyle.NoBrush)
    size = _SWATCH - 1.0 if item.symbol is None else (_SWATCH - 1.0) / REACH * 1.25
    paint_symbol(painter, item.symbol, QPointF(_SWATCH / 2, _SWATCH / 2), size)
    painter.end()
    return QIcon(pixmap)


def _remembered() -> tuple[float, float] | None:
    try:
        across, down = (float(part) for part in str(QSettings().value(_KEY, "")).split())
    except ValueError:  # it was never put anywhere, or the settings file is broken
        return None
    return (across, down) if 0.0 <= across <= 1.0 and 0.0 <= down <= 1.0 else None


def _drop(widget: QWidget | None) -> None:
    if widget is not None:
        widget.hide()
        widget.setParent(None)
        widget.deleteLater()
