"""Curves and dots in a plot, of the same width on every device."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from pyqtgraph.functions import arrayToQPath
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPalette, QPen
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from gmmdesk.ui.drawing.entries import Entry, Legend, line_width, paint_line
from gmmdesk.ui.drawing.layers import Layer
from gmmdesk.ui.plotting import Plot, ViewBox
from gmmdesk.ui.theme import Line, Opacity

FloatArray = npt.NDArray[np.float64]

_REACH = 14.0  # pixels from a dot that still count as on it
_LEGEND_MARGIN = 4.0  # pixels


class Curve(NamedTuple):
    """A line through x and y (m,) in the axes' units; nan leaves a gap. Width in pixels."""

    x: FloatArray
    y: FloatArray
    color: QColor
    width: float = Line.PLAIN


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
            painter.setPen(QPen(curve.color, curve.width))
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


class LegendLayer(Layer):
    """Names what there is to be told apart, in a line on its own paper in a corner at the right."""

    def __init__(self, box: ViewBox) -> None:
        super().__init__(box, 10)
        self.entries: Sequence[Entry] = ()
        self._palette, self._font = QPalette(), QFont()
        self._is_above = False

    def show_entries(
        self, entries: Sequence[Entry], palette: QPalette, font: QFont, *, is_above: bool
    ) -> None:
        self.entries, self._palette, self._font = entries, palette, font
        self._is_above = is_above
        self.update()

    def paint(
        self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        metrics, room = QFontMetricsF(self._font), self.boundingRect()
        entries = self.entries
        while entries and line_width(entries, metrics) + 2.0 * _LEGEND_MARGIN > room.width():
            entries = entries[:-1]
        if not entries:
            return
        width = line_width(entries, metrics) + 2.0 * _LEGEND_MARGIN
        plate = QRectF(room.right() - width, 0.0, width, metrics.height())
        if not self._is_above:
            plate.moveBottom(room.bottom() - _LEGEND_MARGIN)
        paper = QColor(self._palette.color(QPalette.ColorRole.Base))
        paper.setAlphaF(Opacity.PLATE)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(plate, paper)
        painter.setFont(self._font)
        left, baseline = plate.left() + _LEGEND_MARGIN, plate.top() + metrics.ascent()
        text = self._palette.color(QPalette.ColorRole.Text)
        paint_line(painter, entries, left, baseline, text)


class CurvePlot(Plot):
    """A plot of curves and dots, which keep to its palette."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._layer, self._legend_layer = CurvesLayer(self.box), LegendLayer(self.box)
        self._paints: Paints = lambda _palette: Content()
        self._legend: Legend = lambda _palette: ()
        self._is_legend_above = False
        self.palette_changed.connect(self._show)

    @property
    def legend(self) -> Legend:
        """What names the curves and dots, in the colours of any palette."""
        return self._legend

    def show_legend(self, legend: Legend, *, is_above: bool = False) -> None:
        """Name what is shown, `is_above` or below the curves; one alone has a title already."""
        self._legend, self._is_legend_above = legend, is_above
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
        self._legend_layer.show_entries(
            entries if len(entries) > 1 else (),
            self.palette(),
            self.font(),
            is_above=self._is_legend_above,
        )
