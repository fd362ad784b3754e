"""One column as bars, stacked by cluster, and the curves of the mixture over them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

import numpy as np
import numpy.typing as npt
import shiboken6
from pyqtgraph.functions import arrayToQPolygonF
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from gmmdesk.analysis.bars import Bars, Mixture
from gmmdesk.ui.drawing.layers import Layer
from gmmdesk.ui.drawing.look import Look
from gmmdesk.ui.plotting import ViewBox
from gmmdesk.ui.theme import Line, Opacity

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Pixels = Callable[[FloatArray], FloatArray]  # from the axes' units (m, 2)

_LEAST_HEIGHT = 2.0  # pixels of a bar in which some are selected
_APART = 6.0  # pixels from which on bars are set apart
_NUDGE = 1e-3  # pixels
_TOWERING = 2.0  # a peak higher than so many times the bars leaves the plot


@dataclass(slots=True)
class Histogram:
    """What is painted of one column, and how."""

    bars: Bars | None = None
    mixture: Mixture | None = None
    look: Look = field(default_factory=Look)
    neutral: QColor = field(default_factory=QColor)
    colors: tuple[str, ...] | None = None  # of the bars, where they are not of clusters
    hidden: frozenset[int] = frozenset()  # bars
    selected: IntArray | None = None  # rows in each bar

    @property
    def highest(self) -> float:
        """The density that must be in sight: of the bars, and of the curve unless it towers."""
        highest = self.bars.highest if self.bars is not None else 0.0
        if self.mixture is not None and len(self.mixture.peaks):
            peak = float(self.mixture.densities(self.mixture.peaks).sum(axis=0).max())
            highest = max(highest, min(peak, _TOWERING * highest) if highest else peak)
        return highest or 1.0

    def bar_at(self, x: float) -> int | None:
        """The bar above, below or around a place on the axis."""
        if self.bars is None:
            return None
        bar = int(np.searchsorted(self.bars.edges, x, side="right")) - 1
        return bar if 0 <= bar < len(self.bars.edges) - 1 else None

    def cluster_at(self, x: float) -> int | None:
        """The cluster with the most rows in the bar at a place on the axis."""
        bar = self.bar_at(x)
        if bar is None or self.bars is None or self.colors is not None:
            return None
        counts = self.bars.counts[2:, bar]
        return int(counts.argmax()) if counts.any() else None

    def paint(
        self, painter: QPainter, pixels: Pixels, x: tuple[float, float], width: float
    ) -> None:
        """Paint what is between the two `x`, `width` pixels apart."""
        if self.bars is not None:
            self._paint_bars(painter, self.bars, pixels)
            if self.selected is not None and len(self.selected) == len(self.bars.edges) - 1:
                self._paint_selected(painter, self.bars, self.selected, pixels)
        if self.mixture is not None and self.look.ellipses:
            # A point every two pixels would miss the peak of a narrow component: add the means.
            places = np.append(np.linspace(*x, int(width / 2) + 2), self.mixture.peaks)
            self._paint_curves(painter, self.mixture, pixels, np.sort(places))

    def _paint_bars(self, painter: QPainter, bars: Bars, pixels: Pixels) -> None:
        densities = bars.densities()
        tops = np.cumsum(densities, axis=0)
        painter.setPen(Qt.PenStyle.NoPen)
        for cluster, (top, height) in enumerate(zip(tops, densities, strict=True), start=-2):
            if cluster in self.hidden:
                continue
            color = QColor(self.neutral)
            if cluster >= 0:
                color = self.look.color(cluster)
                if self.colors is not None and cluster < len(self.colors):
                    color = QColor(self.colors[cluster])
            dimmed = Opacity.DIMMED if self.colors is None and self.look.dims(cluster) else 1.0
            color.setAlphaF(Opacity.BAR * dimmed)
            painter.setBrush(color)
            upper = pixels(np.stack([bars.edges[:-1], top], axis=1))
            lower = pixels(np.stack([bars.edges[1:], top - height], axis=1))
            _draw_bars(painter, upper, lower)

    def _paint_selected(
        self, painter: QPainter, bars: Bars, selected: IntArray, pixels: Pixels
    ) -> None:
        """The selected rows as a part of each bar, in the colour of the text."""
        ink = QColor(self.look.ink)
        ink.setAlphaF(Opacity.SELECTED)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        heights = selected / (max(1, bars.counts.sum()) * np.diff(bars.edges))
        upper = pixels(np.stack([bars.edges[:-1], heights], axis=1))
        lower = pixels(np.stack([bars.edges[1:], np.zeros(len(heights))], axis=1))
        upper[:, 1] = np.minimum(upper[:, 1], lower[:, 1] - _LEAST_HEIGHT)
        some = selected > 0
        _draw_bars(painter, upper[some], lower[some])

    def _paint_curves(
        self, painter: QPainter, mixture: Mixture, pixels: Pixels, x: FloatArray
    ) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        *curves, noise = densities = mixture.densities(x)

        def paint(y: FloatArray, color: QColor, width: float) -> None:
            points = pixels(np.stack([x, y], axis=1))
            painter.setPen(QPen(color, width))
            painter.drawPolyline(arrayToQPolygonF(points[:, 0], points[:, 1]))

        paint(densities.sum(axis=0), QColor(self.look.ink), Line.FINE)
        if mixture.noise:
            painter.setOpacity(Opacity.DIMMED if self.look.chosen else 1.0)
            paint(noise, self.neutral, Line.PLAIN)
        for cluster, curve in enumerate(curves):
            if cluster in self.look.hidden:
                continue
            painter.setOpacity(Opacity.DIMMED if self.look.dims(cluster) else 1.0)
            width = Line.CHOSEN if cluster in self.look.chosen else Line.PLAIN
            paint(curve, self.look.color(cluster), width)
        painter.setOpacity(1.0)


def _draw_bars(painter: QPainter, upper: FloatArray, lower: FloatArray) -> None:
    """Bars from their upper left to their lower right corners, (b, 2) each, in one call.

    Those without a height are left out; between two there is a pixel, if they are wide enough:
    many narrow ones would be hatching.
    """
    width, height = (lower - upper).T
    there = height > 0.0
    width = np.maximum(np.where(width < _APART, width, width - 1.0), 0.5)
    # Half pixels go to the one side or the other: between bars that meet there none may be left.
    bars = np.column_stack([upper - [_NUDGE, 0.0], width, height])[there]
    if len(bars):  # which has the layout of QRectF: x, y, width, height
        first = shiboken6.wrapInstance(bars.ctypes.data, QRectF)
        painter.drawRects(cast(QRectF, first), len(bars))


class HistogramLayer(Layer):
    """A histogram that fills the plot."""

    def __init__(self, box: ViewBox) -> None:
        super().__init__(box, -30)
        self.histogram = Histogram()

    @property
    def bars(self) -> Bars | None:
        return self.histogram.bars

    @property
    def mixture(self) -> Mixture | None:
        return self.histogram.mixture

    @property
    def highest(self) -> float:
        return self.histogram.highest

    def show_bars(self, bars: Bars | None) -> None:
        self.histogram.bars = bars
        self.update()

    def show_selected(self, counts: IntArray | None) -> None:
        """Mark so many rows of each bar as selected."""
        self.histogram.selected = counts
        self.update()

    def show_mixture(self, mixture: Mixture | None) -> None:
        self.histogram.mixture = mixture
        self.update()

    def set_look(
        self,
        look: Look,
        neutral: QColor,
        colors: tuple[str, ...] | None = None,
        hidden: frozenset[int] = frozenset(),
    ) -> None:
        """Curves look like `look`, bars have other `colors` where they are not of clusters."""
        self.histogram.look, self.histogram.neutral = look, neutral
        self.histogram.colors, self.histogram.hidden = colors, hidden
        self.update()

    def bar_at(self, position: QPointF) -> int | None:
        """The bar above, below or around a pixel."""
        return self.histogram.bar_at(self._place(position))

    def cluster_at(self, position: QPointF) -> int | None:
        """The cluster with the most rows in the bar at a pixel."""
        return self.histogram.cluster_at(self._place(position))

    def paint(
        self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        x, _y = self._box.viewRange()
        self.histogram.paint(painter, self.pixels, tuple(x), self._box.rect().width())

    def _place(self, position: QPointF) -> float:
        return float(self.units(np.array([position.x(), position.y()]))[0])
