"""Selecting rows on the map: tools for the mouse, clicks, and the keys that go with them."""

from __future__ import annotations

import enum
from collections.abc import Callable
from functools import partial

import numpy as np
import numpy.typing as npt
from pyqtgraph.GraphicsScene.mouseEvents import MouseDragEvent
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMenu,
    QStyleOptionGraphicsItem,
    QToolButton,
    QWidget,
)

from gmmdesk.data.row_set import RowSet
from gmmdesk.ui.cluster_actions import add_cluster_actions, select_clusters
from gmmdesk.ui.document import Document
from gmmdesk.ui.drawing.enclosed import Outline, Polygon, Rectangle, enclosed
from gmmdesk.ui.drawing.layers import Layer
from gmmdesk.ui.drawing.projection import Scene
from gmmdesk.ui.drawing.rows import RowsPainter
from gmmdesk.ui.icons import icon
from gmmdesk.ui.plotting import Plot, ViewBox
from gmmdesk.ui.row_actions import open_row_menu
from gmmdesk.ui.selection import HOW_TIP, how, how_clicked
from gmmdesk.ui.theme import Line, Opacity
from gmmdesk.ui.widgets import tool_button

FloatArray = npt.NDArray[np.float64]

_CLOSE = 3.0  # pixels between two corners of a lasso, at least


class Tool(enum.Enum):
    """What dragging with the left button does."""

    PAN = ("pan", "Move the map", "Drag moves the map; the wheel zooms, Shift and drag to a box.")
    RECTANGLE = ("rectangle", "Select in a rectangle", f"Drag a rectangle. {HOW_TIP}")
    LASSO = ("lasso", "Select with a lasso", f"Draw around the rows. {HOW_TIP}")
    STEER = (
        "steer",
        "Steer the clusters",
        "Move, stretch, turn, add and remove clusters by hand, and find them on from there.",
    )

    def __init__(self, icon_name: str, title: str, tip: str) -> None:
        self.icon_name, self.title, self.tip = icon_name, title, tip


class Tools(QWidget):
    """A button for each tool, of which one is down. Signal: `changed`.

    No group of Qt's: in one, Tab reaches only the button that is down.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.tool = Tool.PAN
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self.buttons: dict[Tool, QToolButton] = {}
        for tool in Tool:
            button = tool_button("", f"{tool.title}. {tool.tip}")
            button.setIcon(icon(tool.icon_name))
            button.setAccessibleName(tool.title)
            button.setCheckable(True)
            button.clicked.connect(lambda _down, tool=tool: self.use(tool))
            layout.addWidget(button)
            self.buttons[tool] = button
        self.use(self.tool)

    def use(self, tool: Tool) -> None:
        """Take this tool."""
        self.tool = tool
        for each, button in self.buttons.items():
            button.setChecked(each is tool)
        self.changed.emit()


class OutlineLayer(Layer):
    """What is being drawn with the mouse, in pixels of the box."""

    def __init__(self, box: ViewBox) -> None:
        super().__init__(box, 5)
        self.color = QColor("black")
        self._line = QPolygonF()

    def show_line(self, line: QPolygonF) -> None:
        """Show this outline, closed; none where it has no points."""
        self._line = line
        self.update()

    def paint(
        self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        if self._line.isEmpty():
            return
        fill = QColor(self.color)
        fill.setAlphaF(Opacity.WASH)
        painter.setBrush(fill)
        painter.setPen(QPen(self.color, Line.FINE))
        painter.drawPolygon(self._line)


class Selecting(QObject):
    """Makes rows of the map the selection; `cluster_at` says which cluster is at a pixel."""

    def __init__(
        self,
        document: Document,
        plot: Plot,
        rows: RowsPainter,
        *,
        tools: Tools,
        cluster_at: Callable[[QPointF], int | None],
        row_at: Callable[[QPointF], int | None],
    ) -> None:
        super().__init__(plot)
        self._document, self._plot, self._rows, self._tools = document, plot, rows, tools
        self._cluster_at, self._row_at = cluster_at, row_at
        self.outline = OutlineLayer(plot.box)
        self._line: list[QPointF] = []  # of the stroke under way; empty where there is none
        self._given_up = False  # whether the stroke under way does not count any more
        plot.box.on_stroke = self._on_stroke
        plot.clicked.connect(self._on_plot_clicked)
        plot.menu_requested.connect(self._on_plot_menu_requested)
        plot.installEventFilter(self)
        tools.changed.connect(self._on_tools_changed)

    # -- strokes -----------------------------------------------------------------------------

    def _on_stroke(self, event: MouseDragEvent) -> bool:
        scene = self._rows.scene
        if self._tools.tool in (Tool.PAN, Tool.STEER) or scene is None:
            return False
        box = self._plot.box
        if event.isStart():
            self._given_up = False
            self._line = [box.mapFromScene(event.buttonDownScenePos())]
        here = box.mapFromScene(event.scenePos())
        if self._given_up or not self._line:
            return True
        if event.isFinish() or (here - self._line[-1]).manhattanLength() >= _CLOSE:
            self._line.append(here)
        self.outline.show_line(self._shape(scene))
        if event.isFinish():
            self._finish(scene, event.modifiers())
        return True

    def _shape(self, scene: Scene) -> QPolygonF:
        """The outline of the stroke in pixels of the box."""
        if self._tools.tool is Tool.LASSO and not scene.is_single:
            return QPolygonF(self._line)
        start, end = self._line[0], self._line[-1]
        top, bottom = start.y(), end.y()
        if scene.is_single:  # densities have a height, rows have none
            top, bottom = 0.0, self._plot.box.rect().height()
        return QPolygonF(
            [
                QPointF(start.x(), top),
                QPointF(end.x(), top),
                QPointF(end.x(), bottom),
                QPointF(start.x(), bottom),
            ]
        )

    def _finish(self, scene: Scene, modifiers: Qt.KeyboardModifier) -> None:
        shape = self._shape(scene)
        self._forget()
        points = [(point.x(), point.y()) for point in shape.toList()]
        corners = self.outline.units(np.array(points))
        outline: Outline
        if len(corners) < 3:
            return
        if scene.is_single:
            outline = Rectangle((corners[0, 0], corners[1, 0]), (-np.inf, np.inf))
        elif self._tools.tool is Tool.LASSO:
            outline = Polygon(corners)
        else:
            outline = Rectangle((corners[0, 0], corners[1, 0]), (corners[0, 1], corners[2, 1]))
        self._document.selection.find(
            partial(_rows_inside, scene, outline), how(modifiers), "rows on the map"
        )

    def _forget(self) -> None:
        self._line = []
        self.outline.show_line(QPolygonF())

    def _on_tools_changed(self) -> None:
        self._forget()
        draws = self._tools.tool not in (Tool.PAN, Tool.STEER)
        shape = Qt.CursorShape.ArrowCursor if not draws else Qt.CursorShape.CrossCursor
        self._plot.viewport().setCursor(shape)

    # -- clicks and keys ---------------------------------------------------------------------

    def _on_plot_clicked(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        document, selection = self._document, self._document.selection
        if self._rows.scene is None:
            return
        row, cluster = self._clicked_row(point), self._cluster_at(point)
        if row is not None:
            mask = selection.mask
            meant = how_clicked(modifiers, mask is not None and bool(mask[row]))
            called = row + 1 if document.dataset is None else document.dataset.number_of(row)
            selection.change_rows(np.array([row]), meant, f"row {called:,}")
        elif cluster is not None and modifiers and document.analysis is not None:
            select_clusters(document, (cluster,), modifiers)
        elif cluster is None and not modifiers:
            selection.clear()

    def _clicked_row(self, point: QPointF) -> int | None:
        """The row of the table (0-based) at a pixel, if there is one."""
        scene, place = self._rows.scene, self._row_at(point)
        return None if scene is None or place is None else int(scene.prepared.rows[place])

    def _on_plot_menu_requested(self, point: QPointF) -> None:
        document, cluster = self._document, self._cluster_at(point)

        def add_cluster(menu: QMenu) -> None:
            if cluster is not None:
                add_cluster_actions(menu, document, (cluster,))

        place = self._plot.mapToGlobal(self._plot.mapFromScene(self._plot.box.mapToScene(point)))
        open_row_menu(document, self._plot, place, self._clicked_row(point), add_cluster)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Escape gives up what is being drawn."""
        if not isinstance(event, QKeyEvent) or event.type() is not QEvent.Type.KeyPress:
            return False
        if event.key() != Qt.Key.Key_Escape or not self._line:
            return False
        self._given_up = True
        self._forget()
        return True


def _rows_inside(scene: Scene, outline: Outline) -> RowSet:
    """The rows of the table that lie inside an outline of the map."""
    inside = enclosed(outline, scene.n_rows, scene.places)
    selected = np.zeros(len(scene.prepared.left_out), np.bool_)
    selected[scene.prepared.rows] = inside
    return RowSet.of_mask(selected)
