"""The clusters on the map: an ellipse, a centre and the weight of each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pyqtgraph.functions import arrayToQPolygonF
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from gmmdesk.ui import text
from gmmdesk.ui.plotting import ViewBox
from gmmdesk.ui.views.map import ellipse
from gmmdesk.ui.views.map.layers import Layer
from gmmdesk.ui.views.map.shading import legible

FloatArray = npt.NDArray[np.float64]

_CENTER = 5.0  # half the arm of the cross at a centre, pixels
_REACH = 12.0  # pixels from a centre that still count as on it
_DIMMED = 0.35


@dataclass(frozen=True, slots=True, eq=False)
class Clusters:
    """A mixture as the map shows it: weights (K,), means (K, 2), covariances (K, 2, 2)."""

    weights: FloatArray
    means: FloatArray
    covariances: FloatArray


@dataclass(frozen=True, slots=True)
class Look:
    """What is shown of the clusters, and how."""

    level: float = 0.9
    ellipses: bool = True
    labels: bool = True
    current: int | None = None
    ink: QColor | Qt.GlobalColor = Qt.GlobalColor.black
    paper: QColor | Qt.GlobalColor = Qt.GlobalColor.white


class ClustersLayer(Layer):
    """Paints ellipses, centres and weights over the rows; `names` label the renamed clusters."""

    def __init__(self, box: ViewBox) -> None:
        super().__init__(box, -10)
        self.clusters: Clusters | None = None
        self.look = Look()
        self._outlines: list[FloatArray] = []
        self._names: Sequence[str] = ()

    def show_clusters(self, clusters: Clusters | None, names: Sequence[str]) -> None:
        self.clusters, self._names = clusters, names
        self._trace()

    def set_look(self, look: Look) -> None:
        self.look = look
        self._trace()

    def outline(self, cluster: int) -> FloatArray:
        """The ellipse of a cluster in the axes' units, (m, 2)."""
        return self._outlines[cluster]

    def extent(self, low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray]:
        """The corners (2,) and (2,) widened for the ellipses, by half on each side at most."""
        if not self._outlines or not self.look.ellipses:
            return low, high
        points = np.concatenate(self._outlines)
        room = 0.5 * (high - low)
        return (
            np.maximum(low - room, np.minimum(low, points.min(axis=0))),
            np.minimum(high + room, np.maximum(high, points.max(axis=0))),
        )

    def center_at(self, position: QPointF) -> int | None:
        """The cluster whose centre is near a pixel."""
        if self.clusters is None or not self.look.labels:
            return None
        away = np.hypot(*(self.pixels(self.clusters.means) - (position.x(), position.y())).T)
        return int(away.argmin()) if away.min() <= _REACH else None

    def ellipse_at(self, position: QPointF) -> int | None:
        """Of the clusters whose ellipse surrounds a pixel, the one with the nearest centre.

        Near in the sense of Mahalanobis: measured in the cluster's own spreads.
        """
        if self.clusters is None or not self.look.ellipses:
            return None
        point = self.units(np.array([position.x(), position.y()]))
        away = ellipse.distances(point, self.clusters.means, self.clusters.covariances)
        return int(away.argmin()) if away.min() <= ellipse.radius(self.look.level) else None

    def paint(
        self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        if self.clusters is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for cluster in self._back_to_front():
            painter.setOpacity(1.0 if self.look.current in (None, cluster) else _DIMMED)
            if self.look.ellipses:
                self._paint_ellipse(painter, cluster)
            if self.look.labels:
                self._paint_center(painter, cluster)
        if self.look.labels:
            self._paint_labels(painter)
        painter.setOpacity(1.0)

    def _trace(self) -> None:
        self._outlines = []
        if self.clusters is not None:
            self._outlines = [
                ellipse.outline(mean, covariance, self.look.level)
                for mean, covariance in zip(
                    self.clusters.means, self.clusters.covariances, strict=True
                )
            ]
        self.update()

    def _back_to_front(self) -> Iterable[int]:
        order = list(range(len(self._outlines)))
        return sorted(order, key=lambda cluster: cluster == self.look.current)

    def _paint_ellipse(self, painter: QPainter, cluster: int) -> None:
        points = self.pixels(self._outlines[cluster])
        if not np.isfinite(points).all():
            return
        polygon = arrayToQPolygonF(points[:, 0], points[:, 1])
        width = 3.5 if cluster == self.look.current else 2.0
        # A line of the background's colour below keeps the ellipse apart from dots of its colour;
        # without smoothing, which nobody sees there and which takes most of the time.
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(QPen(self.look.paper, width + 2.5))
        painter.drawPolyline(polygon)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(legible(cluster, QColor(self.look.paper)), width))
        painter.drawPolyline(polygon)

    def _paint_center(self, painter: QPainter, cluster: int) -> None:
        assert self.clusters is not None
        x, y = self.pixels(self.clusters.means[cluster])
        for color, width in ((self.look.paper, 5.0), (self.look.ink, 2.0)):
            painter.setPen(QPen(color, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.drawLine(QPointF(x - _CENTER, y), QPointF(x + _CENTER, y))
            painter.drawLine(QPointF(x, y - _CENTER), QPointF(x, y + _CENTER))

    def _paint_labels(self, painter: QPainter) -> None:
        """Weights beside the centres, moved aside where they would cover one another."""
        assert self.clusters is not None
        font = QFont(painter.font())
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        taken: list[QRectF] = []
        at = self.pixels(self.clusters.means)
        for cluster in self._back_to_front():
            mean = at[cluster]
            label = self._label(cluster)
            size = metrics.size(0, label)
            width, height = size.width() + 10, size.height() + 2
            places = [
                QRectF(mean[0] + dx, mean[1] + dy, width, height)
                for dx, dy in (
                    (10, -height / 2),
                    (-10 - width, -height / 2),
                    (-width / 2, 10),
                    (-width / 2, -10 - height),
                )
            ]
            free = (p for p in places if not any(p.intersects(other) for other in taken))
            place = next(free, places[0])
            taken.append(place)
            painter.setOpacity(1.0 if self.look.current in (None, cluster) else _DIMMED)
            plate = QColor(self.look.paper)
            plate.setAlphaF(0.85)
            painter.setPen(QPen(legible(cluster, QColor(self.look.paper)), 1.0))
            painter.setBrush(plate)
            painter.drawRoundedRect(place, 4, 4)
            painter.setPen(QColor(self.look.ink))
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, label)
            painter.setBrush(Qt.BrushStyle.NoBrush)

    def _label(self, cluster: int) -> str:
        assert self.clusters is not None
        share = text.percent(float(self.clusters.weights[cluster]))
        name = self._names[cluster] if cluster < len(self._names) else ""
        renamed = name not in ("", f"Cluster {cluster + 1}")
        return f"{name}  {share}" if renamed else share
