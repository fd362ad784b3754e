"""One column: a histogram with the density of the mixture and of its weighted components."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from pyqtgraph.functions import arrayToQPolygonF
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from gmmdesk.engine import Parameters
from gmmdesk.ui.colors import cluster_color
from gmmdesk.ui.drawing.clusters import Look
from gmmdesk.ui.drawing.layers import Layer
from gmmdesk.ui.drawing.projection import MapAxis, marginal
from gmmdesk.ui.drawing.shading import CodeArray, groups_of
from gmmdesk.ui.plotting import ViewBox

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_FEWEST, _MOST = 5, 200  # bars
_CHUNK = 1 << 17
_DIMMED = 0.3
_TOWERING = 2.0  # a peak higher than so many times the bars leaves the plot


@dataclass(frozen=True, slots=True, eq=False)
class Bars:
    """Bars between `edges` (b + 1,); `counts` (2 + K, b): unknown, no and each cluster."""

    edges: FloatArray
    counts: IntArray

    def densities(self) -> FloatArray:
        """Heights (2 + K, b) such that the areas of all bars add up to 1."""
        return self.counts / (max(1, self.counts.sum()) * np.diff(self.edges))

    @property
    def highest(self) -> float:
        return float(self.densities().sum(axis=0).max())


class Mixture(NamedTuple):
    """A mixture along one axis: weights, means and variances (K,), and the density of noise."""

    weights: FloatArray
    means: FloatArray
    variances: FloatArray
    noise: float = 0.0

    @classmethod
    def along(cls, parameters: Parameters, axis: MapAxis) -> Mixture:
        """The mixture of one column in the units of `axis`."""
        means, covariances = marginal(parameters, (axis,))
        noise = parameters.noise
        density = 0.0 if noise is None else noise.weight * math.exp(noise.log_density)
        return cls(
            parameters.weights,
            means[:, 0],
            covariances[:, 0, 0],
            float(density / np.abs(axis.direction[0])),
        )

    def densities(self, x: FloatArray) -> FloatArray:
        """At x (m,): that of each component, then of the noise, (K + 1, m)."""
        components = component_densities(x, self.weights, self.means, self.variances)
        return np.vstack([components, np.full(len(x), self.noise)])


def count_bars(values: FloatArray, codes: CodeArray | None, n_clusters: int) -> Bars:
    """Bars of equal width, as many as Freedman and Diaconis (1981) ask for, at most 200.

    Their rule suits a single hump; several far apart make its bars too wide, hence at least the
    square root of the number of rows. Values that are nan are left out.
    """
    there = np.isfinite(values)
    if not there.all():
        values = values[there]
        codes = None if codes is None else codes[there]
    if not len(values):
        return Bars(np.linspace(0.0, 1.0, _FEWEST + 1), np.zeros((2 + n_clusters, _FEWEST), int))
    low, high = float(values.min()), float(values.max())
    if not high > low:
        low, high = low - 0.5, high + 0.5
    quarter, three_quarters = np.quantile(values, (0.25, 0.75))
    width = 2.0 * float(three_quarters - quarter) / len(values) ** (1 / 3)
    wanted = (high - low) / width if width > 0 else _MOST
    n_bars = int(np.clip(max(wanted, np.sqrt(len(values))), _FEWEST, _MOST))
    counts = np.zeros((2 + n_clusters) * n_bars, np.int64)
    for start in range(0, len(values), _CHUNK):
        part = slice(start, start + _CHUNK)
        bar = ((values[part] - low) * (n_bars / (high - low))).astype(np.int64)
        bar = np.minimum(bar, n_bars - 1)  # the last bar includes its far edge
        if codes is not None:
            bar += groups_of(codes[part]) * n_bars
        counts += np.bincount(bar, minlength=counts.size)
    return Bars(np.linspace(low, high, n_bars + 1), counts.reshape(2 + n_clusters, n_bars))


def component_densities(
    x: FloatArray, weights: FloatArray, means: FloatArray, variances: FloatArray
) -> FloatArray:
    """Weighted densities (K, m) of K Gaussians (K,) at x (m,)."""
    squared = np.square(x - means[:, None]) / variances[:, None]
    scale: FloatArray = weights / np.sqrt(2.0 * np.pi * variances)
    return scale[:, None] * np.exp(-0.5 * squared)


class HistogramLayer(Layer):
    """Paints the bars, stacked by cluster, and the curves over them."""

    def __init__(self, box: ViewBox) -> None:
        super().__init__(box, -30)
        self.bars: Bars | None = None
        self.mixture: Mixture | None = None
        self.look = Look()
        self._neutral = QColor()

    def show_bars(self, bars: Bars | None) -> None:
        self.bars = bars
        self.update()

    def show_mixture(self, mixture: Mixture | None) -> None:
        self.mixture = mixture
        self.update()

    def set_look(self, look: Look, neutral: QColor) -> None:
        self.look, self._neutral = look, neutral
        self.update()

    @property
    def highest(self) -> float:
        """The density that must be in sight: of the bars, and of the curve unless it towers."""
        highest = self.bars.highest if self.bars is not None else 0.0
        if self.mixture is not None:
            peak = float(self.mixture.densities(self.mixture.means).sum(axis=0).max())
            highest = max(highest, min(peak, _TOWERING * highest) if highest else peak)
        return highest or 1.0

    def bar_at(self, position: QPointF) -> int | None:
        """The bar above, below or around a pixel."""
        if self.bars is None:
            return None
        edges = self.pixels(np.stack([self.bars.edges, np.zeros_like(self.bars.edges)], axis=1))
        bar = int(np.searchsorted(edges[:, 0], position.x(), side="right")) - 1
        return bar if 0 <= bar < len(self.bars.edges) - 1 else None

    def cluster_at(self, position: QPointF) -> int | None:
        """The cluster with the most rows in the bar at a pixel."""
        bar = self.bar_at(position)
        if bar is None or self.bars is None:
            return None
        counts = self.bars.counts[2:, bar]
        return int(counts.argmax()) if counts.any() else None

    def paint(
        self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        if self.bars is not None:
            self._paint_bars(painter, self.bars)
        if self.mixture is not None and self.look.ellipses:
            self._paint_curves(painter, self.mixture)

    def _paint_bars(self, painter: QPainter, bars: Bars) -> None:
        densities = bars.densities()
        tops = np.cumsum(densities, axis=0)
        painter.setPen(Qt.PenStyle.NoPen)
        for cluster, (top, height) in enumerate(zip(tops, densities, strict=True), start=-2):
            color = QColor(self._neutral)
            if cluster >= 0:
                color = cluster_color(cluster, QColor(self.look.paper))
            color.setAlphaF(0.6 if self.look.current in (None, cluster) else 0.6 * _DIMMED)
            painter.setBrush(color)
            upper = self.pixels(np.stack([bars.edges[:-1], top], axis=1))
            lower = self.pixels(np.stack([bars.edges[1:], top - height], axis=1))
            for (x0, y0), (x1, y1) in zip(upper, lower, strict=True):
                if y1 > y0:
                    painter.drawRect(QRectF(x0, y0, max(x1 - x0 - 1.0, 0.5), y1 - y0))

    def _paint_curves(self, painter: QPainter, mixture: Mixture) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        (x0, x1), _ = self._box.viewRange()
        # A point every two pixels would miss the peak of a narrow component: add the means.
        x = np.linspace(x0, x1, int(self._box.rect().width() / 2) + 2)
        x = np.sort(np.append(x, mixture.means))
        *curves, noise = densities = mixture.densities(x)
        self._paint_curve(painter, x, densities.sum(axis=0), QColor(self.look.ink), 1.5)
        if mixture.noise:
            painter.setOpacity(1.0 if self.look.current is None else _DIMMED)
            self._paint_curve(painter, x, noise, self._neutral, 2.0)
        for cluster, curve in enumerate(curves):
            current = self.look.current
            painter.setOpacity(1.0 if current in (None, cluster) else _DIMMED)
            width = 3.0 if cluster == current else 2.0
            self._paint_curve(
                painter, x, curve, cluster_color(cluster, QColor(self.look.paper)), width
            )
        painter.setOpacity(1.0)

    def _paint_curve(
        self, painter: QPainter, x: FloatArray, y: FloatArray, color: QColor, width: float
    ) -> None:
        points = self.pixels(np.stack([x, y], axis=1))
        painter.setPen(QPen(color, width))
        painter.drawPolyline(arrayToQPolygonF(points[:, 0], points[:, 1]))
