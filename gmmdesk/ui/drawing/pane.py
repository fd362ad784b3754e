"""A rectangle of a widget with an axis along each side, for pictures that are painted by hand."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

from gmmdesk.analysis.ticks import scale_ticks, tick_steps, tick_texts
from gmmdesk.data.steps.maps import Map

FloatArray = npt.NDArray[np.float64]

TICK = 4.0  # pixels
_LABEL_WIDTH, _LABEL_HEIGHT = 58.0, 30.0  # pixels from one number to the next, at least


class Pane(NamedTuple):
    """The visible ranges of x and y, y upward, and where they are in the widget.

    The ranges are of places on the axes; `scales` are those on which x and y are drawn.
    """

    area: QRectF
    x: tuple[float, float]
    y: tuple[float, float]
    scales: tuple[tuple[Map, ...], tuple[Map, ...]] = ((), ())

    def pixels(self, points: FloatArray) -> FloatArray:
        """Points (..., 2) in the axes' units, in pixels of the widget."""
        (x0, x1), (y0, y1), area = self.x, self.y, self.area
        scale = np.array([area.width() / (x1 - x0), -area.height() / (y1 - y0)])
        corner = np.array([area.left(), area.bottom()])
        return np.asarray(corner + (points - np.array([x0, y0])) * scale)

    def units(self, position: QPointF) -> tuple[float, float]:
        """A pixel of the widget in the axes' units."""
        (x0, x1), (y0, y1), area = self.x, self.y, self.area
        return (
            x0 + (position.x() - area.left()) * (x1 - x0) / area.width(),
            y0 + (area.bottom() - position.y()) * (y1 - y0) / area.height(),
        )

    def paint_x_axis(self, painter: QPainter, line: QColor, ink: QColor) -> None:
        """Ticks with numbers below the area, as many as have room."""
        texts = self._ticks(0)
        metrics = QFontMetricsF(painter.font())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        area = self.area
        painter.setPen(line)
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        for value, text in texts:
            x = area.left() + (value - self.x[0]) * area.width() / (self.x[1] - self.x[0])
            painter.setPen(line)
            painter.drawLine(QPointF(x, area.bottom()), QPointF(x, area.bottom() + TICK))
            width = metrics.horizontalAdvance(text)
            left = min(max(x - width / 2, area.left()), area.right() - width)
            painter.setPen(ink)
            painter.drawText(QPointF(left, area.bottom() + TICK + metrics.ascent() + 1), text)

    def paint_y_axis(self, painter: QPainter, line: QColor, ink: QColor) -> None:
        """Ticks with numbers on the left of the area."""
        texts = self._ticks(1)
        metrics = QFontMetricsF(painter.font())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        area = self.area
        painter.setPen(line)
        painter.drawLine(area.topLeft(), area.bottomLeft())
        for value, text in texts:
            y = area.bottom() - (value - self.y[0]) * area.height() / (self.y[1] - self.y[0])
            painter.setPen(line)
            painter.drawLine(QPointF(area.left() - TICK, y), QPointF(area.left(), y))
            top = min(max(y - metrics.height() / 2, area.top()), area.bottom() - metrics.height())
            place = QRectF(0.0, top, area.left() - TICK - 2.0, metrics.height())
            painter.setPen(ink)
            painter.drawText(place, Qt.AlignmentFlag.AlignRight, text)

    def _ticks(self, side: int) -> list[tuple[float, str]]:
        low, high = (self.x, self.y)[side]
        length = self.area.height() if side else self.area.width()
        room = _LABEL_HEIGHT if side else _LABEL_WIDTH
        if not self.scales[side]:
            return _round_ticks(low, high, length, room)
        places, texts, _fine = scale_ticks(self.scales[side], low, high, length, room)
        return list(zip(places, texts, strict=True))


def _round_ticks(low: float, high: float, length: float, room: float) -> list[tuple[float, str]]:
    found = tick_steps(low, high, length, room)
    if found is None:
        return []
    step, _fine = found
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    values = [i * step for i in range(first, last + 1)]
    return list(zip(values, tick_texts(values, step), strict=True))
