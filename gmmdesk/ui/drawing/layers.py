"""What is painted on the map, each in pixels of the view box: cells, dots, ellipses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
import numpy.typing as npt
import shiboken6
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap
from PySide6.QtWidgets import QGraphicsObject, QStyleOptionGraphicsItem, QWidget

from gmmdesk.analysis.palette import sign
from gmmdesk.ui.drawing.density import Picture
from gmmdesk.ui.drawing.device import keeps_shapes, on_paper, pixel_ratio
from gmmdesk.ui.drawing.shading import UNKNOWN, CodeArray, clusters_of
from gmmdesk.ui.drawing.symbols import LEAST_SIZE, REACH, paint_symbol
from gmmdesk.ui.plotting import ViewBox
from gmmdesk.ui.theme import Line, Opacity

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

# Diameter of a dot in pixels, up to a number of dots.
_DIAMETERS = ((300, 8.0), (2_000, 6.5), (20_000, 5.0), (60_000, 4.0), (1 << 62, 3.0))
_SAMPLED = 4.0


def diameter_of(n_dots: int) -> float:
    """How wide so many dots are, in pixels."""
    return next(size for most, size in _DIAMETERS if n_dots <= most)


class Layer(QGraphicsObject):
    """Covers the view box and follows its range; subclasses paint with `pixels`.

    Painting in pixels, not in the axes' units, keeps lines crisp and costs nothing per zoom.
    """

    def __init__(self, box: ViewBox, depth: float) -> None:
        super().__init__(box)
        self._box = box
        self.setZValue(depth)
        box.sigRangeChanged.connect(self._on_box_range_changed)
        box.sigResized.connect(self._on_box_range_changed)

    def boundingRect(self) -> QRectF:
        return QRectF(self._box.rect())

    def pixels(self, points: FloatArray) -> FloatArray:
        """Points (..., 2) in the axes' units, in pixels of the view box."""
        origin, scale = self._origin_and_scale()
        return (points - origin) * scale

    def units(self, pixels: FloatArray) -> FloatArray:
        """The inverse of `pixels`."""
        origin, scale = self._origin_and_scale()
        return origin + pixels / scale

    def _origin_and_scale(self) -> tuple[FloatArray, FloatArray]:
        (x0, x1), (y0, y1) = self._box.viewRange()
        size = self._box.rect()
        return np.array([x0, y1]), np.array([size.width() / (x1 - x0), -size.height() / (y1 - y0)])

    def _on_box_range_changed(self, *_: object) -> None:
        self.prepareGeometryChange()
        self.update()


class CellsLayer(Layer):
    """The picture of counts; while it is out of date, the old one moves with the axes.

    Beyond it there is the `backdrop`, the last picture of all rows, so that zooming out never
    shows an empty margin.
    """

    def __init__(self, box: ViewBox) -> None:
        super().__init__(box, -30)
        self.paper = QColor()
        self.picture: Picture | None = None
        self.backdrop: Picture | None = None

    def show_picture(self, picture: Picture | None) -> None:
        self.picture = picture
        if picture is None:
            self.backdrop = None
        self.update()

    def paint(
        self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        if self.picture is None:
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        area, room = self._area(self.picture), self.boundingRect()
        self._paint_picture(painter, self.picture, area)
        if self.backdrop not in (None, self.picture) and not area.contains(room):
            assert self.backdrop is not None
            outside = QPainterPath()
            outside.addRect(room)
            hole = QPainterPath()
            hole.addRect(area)
            painter.setClipPath(outside.subtracted(hole))
            self._paint_picture(painter, self.backdrop, self._area(self.backdrop))

    def _area(self, picture: Picture) -> QRectF:
        region = picture.region
        corners = np.array([[region.left(), region.bottom()], [region.right(), region.top()]])
        (left, top), (right, bottom) = self.pixels(corners)
        return QRectF(left, top, right - left, bottom - top)

    def _paint_picture(self, painter: QPainter, picture: Picture, area: QRectF) -> None:
        image = on_paper(picture.image, self.paper) if keeps_shapes(painter) else picture.image
        painter.drawImage(area, image)


class DotsLayer(Layer):
    """One dot per row, in the order of the file, so that no cluster hides another by its number."""

    def __init__(self, box: ViewBox) -> None:
        super().__init__(box, -20)
        self.over_cells = False  # whether the dots are a sample laid over the picture of all rows
        self.in_picture = False  # whether the picture shows the dots already
        self.rows: IntArray = np.empty(0, np.int64)
        self._points = np.empty((0, 2))
        self._codes: CodeArray = np.empty(0, np.uint16)
        self._inks = np.zeros((1, 3))
        self._edge = QColor()
        self._signs: Sequence[int] | None = None
        self._atlas: tuple[float, float, QPixmap] | None = None

    def set_inks(self, inks: FloatArray, edge: QColor, signs: Sequence[int] | None = None) -> None:
        """The colour of every code (c, 3 or 4), and that of the thin line around a dot.

        With `signs` each group has a shape of its own, where dots are large enough: the one that
        they say, or that of its number where they do not.
        """
        self._inks, self._edge, self._atlas, self._signs = inks, edge, None, signs
        self.update()

    def show_dots(self, rows: IntArray, x: FloatArray, y: FloatArray, codes: CodeArray) -> None:
        """Show `rows` (m,) at x and y (m,) in the inks of `codes` (m,)."""
        self.rows, self._codes = rows, codes
        self._points = np.stack([x, y], axis=1)
        self.update()

    @property
    def diameter(self) -> float:
        size = diameter_of(len(self.rows))
        return min(size, _SAMPLED) if self.over_cells else size

    @property
    def has_shapes(self) -> bool:
        """Whether groups differ in their shape too."""
        return self._signs is not None and self.diameter >= LEAST_SIZE and not self.in_picture

    @property
    def signs(self) -> Sequence[int] | None:
        """The shapes of groups, None where they have none."""
        return self._signs if self.has_shapes else None

    def _symbol(self, code: int) -> int | None:
        if not self.has_shapes or code == UNKNOWN:
            return None
        return self.sign(int(clusters_of(np.array([code]))[0]))

    def sign(self, group: int) -> int:
        """The shape of a group, where they differ."""
        return sign(group, self._signs or ())

    def nearest(self, position: QPointF, reach: float) -> int | None:
        """The place in `rows` of the dot nearest to a pixel, within `reach` pixels."""
        if not len(self.rows):
            return None
        delta = self.pixels(self._points) - (position.x(), position.y())
        squared = np.einsum("ij,ij->i", delta, delta)
        best = int(squared.argmin())
        return best if squared[best] <= reach * reach else None

    def cluster(self, place: int) -> int | None:
        """The cluster of a dot, if it is known and there is one."""
        cluster = int(clusters_of(self._codes[place : place + 1])[0])
        return cluster if cluster >= 0 else None

    def position(self, place: int) -> QPointF:
        """Where a dot is, in pixels."""
        return QPointF(*self.pixels(self._points[place]))

    def paint(
        self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        if self.in_picture:
            return
        at = self.pixels(self._points)
        size, margin = self._box.rect(), self.diameter
        seen = (at[:, 0] > -margin) & (at[:, 0] < size.width() + margin)
        seen &= (at[:, 1] > -margin) & (at[:, 1] < size.height() + margin)
        at, codes = at[seen], self._codes[seen]
        if not len(at):
            return
        if keeps_shapes(painter):
            self._paint_shapes(painter, at, codes)
            return
        ratio = pixel_ratio(painter)
        atlas = self._dots(ratio)
        side = float(atlas.height())
        fragments = np.empty((len(at), 10))
        fragments[:, :2] = at
        fragments[:, 2] = codes * side
        fragments[:, 3:] = (0.0, side, side, 1 / ratio, 1 / ratio, 0.0, 1.0)
        # The array has the layout of PixmapFragment: x, y, sourceLeft, sourceTop, width, height,
        # scaleX, scaleY, rotation, opacity. A list of objects would cost a call for each.
        first = shiboken6.wrapInstance(fragments.ctypes.data, QPainter.PixmapFragment)
        painter.drawPixmapFragments(cast(QPainter.PixmapFragment, first), len(at), atlas)

    def _paint_shapes(self, painter: QPainter, at: FloatArray, codes: CodeArray) -> None:
        """The dots as shapes, those of one colour that follow each other in one go."""
        painter.setPen(self._edge_pen(1.0))
        breaks = np.flatnonzero(np.diff(codes)) + 1
        for points, code in zip(
            np.split(at, breaks), codes[np.r_[0, breaks]].tolist(), strict=True
        ):
            painter.setBrush(self._ink(code))
            group = self._symbol(code)
            for x, y in points.tolist():
                paint_symbol(painter, group, QPointF(x, y), self.diameter)

    def _ink(self, code: int) -> QColor:
        red, green, blue = self._inks[code, :3].tolist()
        return QColor.fromRgbF(red, green, blue, Opacity.DOT)

    def _edge_pen(self, ratio: float) -> QPen:
        edge = QColor(self._edge)
        edge.setAlphaF(Opacity.EDGE)
        return QPen(edge, Line.EDGE * ratio)

    def _dots(self, ratio: float) -> QPixmap:
        """One dot for each ink side by side, in device pixels."""
        if self._atlas is None or self._atlas[:2] != (ratio, self.diameter):
            reach = REACH if self.has_shapes else 1.0
            side = int(np.ceil((reach * self.diameter + 2.0) * ratio))
            pixmap = QPixmap(side * len(self._inks), side)
            pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(pixmap)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(self._edge_pen(ratio))
            for code in range(len(self._inks)):
                painter.setBrush(self._ink(code))
                middle = QPointF((code + 0.5) * side, 0.5 * side)
                paint_symbol(painter, self._symbol(code), middle, self.diameter * ratio)
            painter.end()
            self._atlas = (ratio, self.diameter, pixmap)
        return self._atlas[2]
