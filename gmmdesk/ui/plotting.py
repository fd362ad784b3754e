"""The plot every view is built on: the window's colours, plain ticks, mouse and keyboard."""

from __future__ import annotations

from collections.abc import Callable

import pyqtgraph as pg
from pyqtgraph.GraphicsScene.mouseEvents import MouseClickEvent, MouseDragEvent
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPalette,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from gmmdesk.ui.axis import Axis
from gmmdesk.ui.theme import Line, Opacity

# Without a rate limit, which would drop the last movement of the mouse.
pg.setConfigOptions(antialias=True, useOpenGL=False, mouseRateLimit=-1)

_PAN = 0.1  # of the visible range, for one press of an arrow key
_ZOOM = 0.8
_TIGHTER = 3  # pixels, between numbers and title of an axis in a figure
_MOST_ROUNDS = 4  # of laying out, until the axes have their width


class ViewBox(pg.ViewBox):
    """Wheel zooms, drag pans, Shift and drag zooms to a box, right drag stretches."""

    def __init__(self) -> None:
        super().__init__(enableMenu=False, defaultPadding=0.0)
        # Takes a drag, at pixels of this box, that is not to move the axes; False where it is.
        self.on_drag: Callable[[QPointF], bool] = lambda _position: False
        # Takes a drag with the left button, whatever keys are held; before `on_drag` is asked.
        self.on_stroke: Callable[[MouseDragEvent], bool] = lambda _event: False

    def set_accent(self, color: QColor) -> None:
        """Draw the box to zoom to in this colour."""
        self.rbScaleBox.setPen(pg.mkPen(color))
        fill = QColor(color)
        fill.setAlphaF(Opacity.WASH)
        self.rbScaleBox.setBrush(fill)

    def mouseDragEvent(self, ev: MouseDragEvent, axis: int | None = None) -> None:
        if ev.button() == Qt.MouseButton.LeftButton and self.on_stroke(ev):
            ev.accept()
            return
        boxing = bool(ev.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        plain = ev.button() == Qt.MouseButton.LeftButton and not boxing
        if plain and self.on_drag(self.mapFromScene(ev.scenePos())):
            ev.accept()
            return
        if boxing or self.rbScaleBox.isVisible():
            self.state["mouseMode"] = pg.ViewBox.RectMode
        super().mouseDragEvent(ev, axis)
        self.state["mouseMode"] = pg.ViewBox.PanMode


class Plot(pg.GraphicsView):
    """A plot in the palette's colours: a view box with an axis at its left and one below it.

    Without the other axes, the title, the menus and their dozens of widgets that pyqtgraph's own
    PlotWidget makes for every plot, whether they are used or not, and keeps up with every frame.
    Arrow keys pan, + and - zoom. Signals: `reset_requested` (double click or Home);
    `clicked(QPointF, Qt.KeyboardModifier)` in pixels of the view box and with the keys held;
    `menu_requested(QPointF)` likewise, by the right button; `palette_changed`.
    """

    reset_requested = Signal()
    clicked = Signal(object, object)
    menu_requested = Signal(object)
    palette_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        self.box = ViewBox()
        # Takes a click, at pixels of the box, that is to have no other meaning; False where it has.
        self.takes_click: Callable[[MouseClickEvent, QPointF], bool] = lambda _event, _at: False
        self.x_axis, self.y_axis = Axis("bottom"), Axis("left")
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._grid = self.centralLayout
        self._grid.setSpacing(0)
        self._grid.addItem(self.box, 0, 1)
        self._grid.setRowStretchFactor(0, 1)
        self._grid.setColumnStretchFactor(1, 1)
        for axis, place in ((self.y_axis, (0, 0)), (self.x_axis, (1, 1))):
            axis.linkToView(self.box)
            axis.setZValue(0.5)  # above pictures, below what is to be drawn over an axis
            # Drawn anew when it changes, not with every frame: it takes hundreds of calls.
            axis.setCacheMode(axis.CacheMode.DeviceCoordinateCache)
            self._grid.addItem(axis, *place)
        self.leave_room(0)
        self.box.sigResized.connect(self._on_box_resized)
        self.scene().sigMouseClicked.connect(self._on_scene_mouse_clicked)
        self._apply_palette()

    def _on_box_resized(self) -> None:
        """Paint over what an axis was that has moved, as its numbers need another room.

        Of a plot that comes in sight Qt forgets it.
        """
        self.viewport().update()

    def color(self, role: QPalette.ColorRole) -> QColor:
        return self.palette().color(role)

    def leave_room(self, width: int) -> None:
        """Keep so many pixels at the right free for something else."""
        margins = 8, 8, 12 + width, 6
        if self._grid.getContentsMargins() != margins:
            self._grid.setContentsMargins(*margins)

    def visible_rect(self) -> QRectF:
        """The visible ranges of x and y, y upward."""
        (x0, x1), (y0, y1) = self.box.viewRange()
        return QRectF(x0, y0, x1 - x0, y1 - y0)

    def settle(self) -> None:
        """Give the axes the room that their numbers need, which painting alone finds out."""
        for axis in (self.x_axis, self.y_axis):
            axis.is_live = False
            axis.setStyle(tickTextHeight=round(QFontMetricsF(self.font()).height()) - _TIGHTER)
            axis.setCacheMode(axis.CacheMode.NoCache)
        for _ in range(_MOST_ROUNDS):
            before = self.box.rect()
            scrap = QPixmap(1, 1)
            painter = QPainter(scrap)
            self.paint_on(painter)
            painter.end()
            self.lay_out()
            if self.box.rect() == before:
                break

    def lay_out(self) -> None:
        """Share out the room at once, as the axes need it, and not with the next events."""
        self._grid.activate()

    def paint_on(self, painter: QPainter) -> None:
        """Paint the plot without its background, as large as it is here."""
        area = QRectF(self.viewport().rect())
        self.scene().render(painter, area, area, Qt.AspectRatioMode.IgnoreAspectRatio)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        x, y = self.box.mouseEnabled()  # an axis the mouse may not move, keys may not either
        shown = self.visible_rect()
        match event.key():
            case Qt.Key.Key_Left if x:
                self.box.translateBy(x=-_PAN * shown.width())
            case Qt.Key.Key_Right if x:
                self.box.translateBy(x=_PAN * shown.width())
            case Qt.Key.Key_Up if y:
                self.box.translateBy(y=_PAN * shown.height())
            case Qt.Key.Key_Down if y:
                self.box.translateBy(y=-_PAN * shown.height())
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                self.box.scaleBy(x=_ZOOM if x else None, y=_ZOOM if y else None)
            case Qt.Key.Key_Minus:
                self.box.scaleBy(x=1 / _ZOOM if x else None, y=1 / _ZOOM if y else None)
            case Qt.Key.Key_Home:
                self.reset_requested.emit()
            case _:
                event.ignore()
                return
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        event.accept()  # else it would go on to the widget around the plot

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        super().mouseDoubleClickEvent(event)
        event.accept()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._apply_palette()
            self.palette_changed.emit()

    def _on_scene_mouse_clicked(self, event: MouseClickEvent) -> None:
        position = self.box.mapFromScene(event.scenePos())
        if not self.box.rect().contains(position):
            return
        if self.takes_click(event, position):
            return
        if event.button() is Qt.MouseButton.RightButton:
            self.menu_requested.emit(position)
        elif event.button() is not Qt.MouseButton.LeftButton:
            return
        elif event.double():
            self.reset_requested.emit()
        else:
            self.clicked.emit(position, event.modifiers())

    def _apply_palette(self) -> None:
        self.setBackground(self.color(QPalette.ColorRole.Base))
        self.box.set_accent(self.color(QPalette.ColorRole.Accent))
        for axis in (self.x_axis, self.y_axis):
            # Not pyqtgraph's pens, which are as thin as the device can draw, whatever it is.
            axis.setPen(QPen(self.color(QPalette.ColorRole.Mid), Line.HAIR))
            axis.setTextPen(QPen(self.color(QPalette.ColorRole.Text), Line.HAIR))
            axis.setTickFont(self.font())
            axis.label.setDefaultTextColor(self.color(QPalette.ColorRole.Text))
            axis.label.setFont(self.font())
