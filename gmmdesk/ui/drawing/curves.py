"""Curves and dots in a plot, of the same width on every device."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from pyqtgraph.functions import arrayToQPath
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPalette, QPen
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from gmmdesk.ui.drawing.entries import Legend
from gmmdesk.ui.drawing.layers import Layer
from gmmdesk.ui.plotting import Plot, ViewBox
from gmmdesk.ui.theme import Line

FloatArray = npt.NDArray[np.float64]

_REACH = 14.0  # pixels from a dot that still count as on it


class Curve(NamedTuple):
    """A line through x and y (m,) in the axes' units; nan leaves a gap. Width in pixels."""

    x: FloatArray
    y: FloatArray
    color: QColor
    width: float = Line.PLAIN
    is_dashed: bool = False


class Dots(NamedTuple):
    """Discs at x and y (m,), each in one of `colors`, or rings where they have a `ring`'s width."""

    x: FloatArray
    y: FloatArray
    colors: Sequence[QColor]
    diameter: float
    ring: float = 0.0


class Content(NamedTuple):
    """What a plot shows, painted in this order: curves, then dots."""

    curves: Sequence[Curve] = ()
    dots: Sequence[Dots] = ()


# The same in the colours of any palette.
Paints = Callable[[QPalette], Content]


class CurvesLayer(Layer):
    """Paints in pixels: pyqtgraph's own items are as thin as the device can draw."""

    def __init__(self, box: ViewBox) -> None:
        super().__init__(box, -20)
        self._content = Content()

    def show_content(self, content: Content) -> None:
        self._content = content
        self.update()

    def paint(
        self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for curve in self._content.curves:
            at = self.pixels(np.stack([curve.x, curve.y], axis=-1))
            style = Qt.PenStyle.DashLine if curve.is_dashed else Qt.PenStyle.SolidLine
            painter.setPen(QPen(curve.color, curve.width, style))
            painter.drawPath(arrayToQPath(at[:, 0], at[:, 1], connect="finite"))
        for dots in self._content.dots:
            radius = dots.diameter / 2.0
            for (x, y), color in zip(
                self.pixels(np.stack([dots.x, dots.y], axis=-1)).tolist(), dots.colors, strict=True
            ):
                if dots.ring:
                    painter.setPen(QPen(color, dots.ring))
                else:
                    painter.setPen(Qt.PenStyle.NoPen)
                    painter.setBrush(color)
                painter.drawEllipse(QPointF(x, y), radius, radius)
            painter.setBrush(Qt.BrushStyle.NoBrush)


class CurvePlot(Plot):
    """A plot of curves and dots, which keep to its palette."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._layer = CurvesLayer(self.box)
        self._paints: Paints = lambda _palette: Content()
        self._legend: Legend = lambda _palette: ()
        self.palette_changed.connect(self._show)

    def sizeHint(self) -> QSize:
        return QSize(480, 320)  # Qt's own is the size that it happens to have

    @property
    def legend(self) -> Legend:
        """What names the curves and dots, in the colours of any palette."""
        return self._legend

    def show_legend(self, legend: Legend) -> None:
        """Name what is shown, beside the title of the x axis; one alone needs no name."""
        self._legend = legend
        self._show_legend()

    def show_content(self, paints: Paints) -> None:
        """Show what `paints` makes of the palette, now and whenever that changes."""
        self._paints = paints
        self._show()

    def dot_at(self, position: QPointF, x: npt.ArrayLike, y: npt.ArrayLike) -> int | None:
        """Which of the dots at x and y (m,) is nearest to a pixel of the box, if one is near."""
        dots = self._layer.pixels(np.stack([np.asarray(x, float), np.asarray(y, float)], axis=-1))
        away = np.hypot(dots[:, 0] - position.x(), dots[:, 1] - position.y())
        near = np.flatnonzero(away <= _REACH)  # nan is no place
        return int(near[away[near].argmin()]) if len(near) else None

    def twin(self) -> CurvePlot:
        """Another plot that shows the same, and goes on to do so when this one changes."""
        other = CurvePlot()
        for mine, its in ((self.x_axis, other.x_axis), (self.y_axis, other.y_axis)):
            its.counts = mine.counts
            its.set_title(*mine.titles)
        shown: QRectF = self.visible_rect()
        other.box.setRange(shown, padding=0.0)
        other.show_content(self._paints)
        return other

    def _show(self) -> None:
        self._layer.show_content(self._paints(self.palette()))
        self._show_legend()

    def _show_legend(self) -> None:
        entries = self._legend(self.palette())
        self.x_axis.set_legend(entries if len(entries) > 1 else ())
