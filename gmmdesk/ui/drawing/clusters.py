"""The clusters on the map: an ellipse, a centre and the weight of each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pyqtgraph.functions import arrayToQPath, arrayToQPolygonF
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt, QTimer
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from gmmdesk.analysis import ellipse
from gmmdesk.analysis.axes import MapAxis, bent_back
from gmmdesk.analysis.grouping import Grouping
from gmmdesk.text import default_name
from gmmdesk.ui import text
from gmmdesk.ui.drawing.device import keeps_shapes, pixel_ratio
from gmmdesk.ui.drawing.label_places import leaders, place_labels
from gmmdesk.ui.drawing.layers import Layer
from gmmdesk.ui.drawing.look import Look
from gmmdesk.ui.plotting import ViewBox
from gmmdesk.ui.theme import Line, Opacity, demi_bold

FloatArray = npt.NDArray[np.float64]

_CENTER = 5.0  # half the arm of the cross at a centre, pixels
_REACH = 12.0  # pixels from a centre that still count as on it
_CROSS = _CENTER * np.array([[-1.0, 0.0], [1.0, 0.0], [0.0, -1.0], [0.0, 1.0]])
_MOST_PLATES = 200
_REST_MS = 100  # without a movement, after which everything is painted
_CROWDED = 12  # with more clusters, labels that find no free place are left out
_LONGEST_LABEL = 18  # characters of a name
_WIDENED = 0.4  # of the rows' range, on every side, for ellipses that reach beyond


@dataclass(frozen=True, slots=True, eq=False)
class Clusters:
    """A mixture as the map shows it: weights (K,), means (K, 2), covariances (K, 2, 2).

    Each component is a cluster, unless a `grouping` combines some: those of one cluster have its
    colour, and the one that leads it has its label. Along `axes` that bend: means become medians,
    and ellipses curves around the same rows. `own_shapes` (K,) says whose ellipse is that of its
    rows, see `ellipse.own_shapes`; None: every one.
    """

    weights: FloatArray
    means: FloatArray
    covariances: FloatArray
    axes: tuple[MapAxis, MapAxis] | None = None
    grouping: Grouping | None = None
    own_shapes: npt.NDArray[np.bool_] | None = None

    def has_own_shape(self, component: int) -> bool:
        """Whether an ellipse is that of the component's rows."""
        return self.own_shapes is None or bool(self.own_shapes[component])

    def is_guessed(self, cluster: int) -> bool:
        """Whether no ellipse of a cluster is that of its rows."""
        parts = (cluster,) if self.grouping is None else self.grouping.parts(cluster)
        return not any(map(self.has_own_shape, parts))

    def cluster(self, component: int) -> int:
        """The cluster of a component."""
        return component if self.grouping is None else self.grouping.of[component]

    def has_label(self, component: int) -> bool:
        """Whether the label of its cluster is beside it."""
        return self.grouping is None or component in self.grouping.leads

    def share(self, cluster: int) -> float:
        """The weight of a cluster."""
        parts = (cluster,) if self.grouping is None else self.grouping.parts(cluster)
        return float(self.weights[list(parts)].sum())

    @property
    def centers(self) -> FloatArray:
        """Where the crosses are, (K, 2)."""
        return self.back(self.means)

    def back(self, points: FloatArray) -> FloatArray:
        """Points (..., 2) among straight axes, in the units of the map."""
        return points if self.axes is None else bent_back(self.axes, points)

    def distances(self, point: FloatArray) -> FloatArray:
        """Mahalanobis distances (K,) of a point (2,) of the map; inf where there is none."""
        if self.axes is not None:
            straight = [axis.forward(point[[i]])[0] for i, axis in enumerate(self.axes)]
            point = np.array(straight)
        if not np.isfinite(point).all():
            return np.full(len(self.means), np.inf)
        return ellipse.distances(point, self.means, self.covariances)


class ClustersLayer(Layer):
    """Paints ellipses, centres and weights over the rows; dashed where the rows give no ellipse.

    A label has the cluster's number, or the name it was given.
    """

    def __init__(self, box: ViewBox) -> None:
        super().__init__(box, -10)
        self.clusters: Clusters | None = None
        self.look = Look()
        # By level, the ellipses of all clusters (K, m, 2), and their axes (K, 2, m, 2).
        self._outlines: list[FloatArray] = []
        self._crosses: FloatArray = np.empty((0, 2, 2, 2))
        self._names: Sequence[str] = ()
        self._covered = np.empty((0, 4))
        self._placed: tuple[object, FloatArray] | None = None  # labels, and by what
        self._plates: dict[tuple[object, ...], QPixmap] = {}
        self._sizes: dict[tuple[str, str], QSizeF] = {}
        self._moving = QTimer(self, interval=_REST_MS, singleShot=True)
        self._moving.timeout.connect(self.update)

    @property
    def is_moving(self) -> bool:
        """Whether the range has just changed: lines are painted without what takes long."""
        return self._moving.isActive()

    def _on_box_range_changed(self, *_: object) -> None:
        super()._on_box_range_changed()
        self._moving.start()

    def show_clusters(self, clusters: Clusters | None, names: Sequence[str]) -> None:
        self.clusters, self._names = clusters, names
        self._trace()

    def set_look(self, look: Look) -> None:
        self.look = look
        self._trace()

    def outline(self, component: int) -> FloatArray:
        """The largest ellipse of a component in the axes' units, (m, 2)."""
        return self._outlines[-1][component]

    def extent(self, low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray]:
        """The corners (2,) and (2,) widened for the ellipses, by `_WIDENED` at most."""
        if not self._outlines or not self.look.ellipses:
            return low, high
        assert self.clusters is not None
        own = [o for k, o in enumerate(self._outlines[-1]) if self.clusters.has_own_shape(k)]
        points = np.concatenate([*own, self.clusters.centers])
        room = _WIDENED * (high - low)
        return (
            np.maximum(low - room, np.minimum(low, points.min(axis=0))),
            np.minimum(high + room, np.maximum(high, points.max(axis=0))),
        )

    def center_at(self, position: QPointF) -> int | None:
        """The cluster whose centre is near a pixel."""
        if self.clusters is None or not self.look.labels:
            return None
        away = np.hypot(*(self.pixels(self.clusters.centers) - (position.x(), position.y())).T)
        if away.min() > _REACH:
            return None
        return self.clusters.cluster(int(away.argmin()))

    def ellipse_at(self, position: QPointF) -> int | None:
        """Of the clusters whose ellipse surrounds a pixel, the one with the nearest centre.

        Near in the sense of Mahalanobis: measured in the cluster's own spreads.
        """
        if self.clusters is None or not self.look.ellipses or not self.look.levels:
            return None
        point = self.units(np.array([position.x(), position.y()]))
        away = self.clusters.distances(point)
        if away.min() > ellipse.radius(max(self.look.levels)):
            return None
        return self.clusters.cluster(int(away.argmin()))

    def paint(
        self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        if self.clusters is None or not len(self.clusters.means):
            return
        # Every call of the painter gives up the interpreter, and during a fit waits to get it back:
        # few calls, with paths that hold what has one colour.
        if self.look.ellipses:
            self._paint_ellipses(painter)
        if self.look.labels:
            self._paint_centers(painter)
            self._paint_labels(painter)
        painter.setOpacity(1.0)

    def _opacity(self, cluster: int) -> float:
        return Opacity.DIMMED if self.look.dims(cluster) else 1.0

    def _trace(self) -> None:
        self._outlines, self._crosses = [], np.empty((0, 2, 2, 2))
        clusters, levels = self.clusters, self.look.levels
        if clusters is not None and levels and len(clusters.means):
            each = list(zip(clusters.means, clusters.covariances, strict=True))
            self._outlines = [
                clusters.back(np.array([ellipse.outline(*one, level) for one in each]))
                for level in levels
            ]
            self._crosses = clusters.back(
                np.array([ellipse.axes(*one, levels[-1]) for one in each])
            )
        self.update()

    def _back_to_front(self) -> Sequence[tuple[int, int]]:
        """The components that are shown, each with its cluster, those of the chosen last."""
        if self.clusters is None:
            return ()
        every = [(k, self.clusters.cluster(k)) for k in range(len(self.clusters.means))]
        shown = [one for one in every if one[1] not in self.look.hidden]
        return sorted(shown, key=lambda one: one[1] in self.look.chosen)

    def _paint_ellipses(self, painter: QPainter) -> None:
        for outlines in self._outlines:
            self._paint_lines(painter, outlines)
        if self.look.axes:
            for axis in range(2):
                self._paint_lines(painter, self._crosses[:, axis], thin=True)

    def _paint_lines(self, painter: QPainter, lines: FloatArray, *, thin: bool = False) -> None:
        """One line (m, 2) of each component."""
        at, order = self.pixels(lines), self._back_to_front()
        sound = np.asarray(np.isfinite(at).all(axis=(1, 2)))
        sound[np.setdiff1d(np.arange(len(sound)), [k for k, _ in order])] = False
        shown = at[sound]
        if not len(shown):
            return
        n_points = shown.shape[1]
        x, y = shown[..., 0].ravel(), shown[..., 1].ravel()
        if not self.is_moving:
            self._paint_halos(painter, x, y, n_points)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        places = {int(k): i * n_points for i, k in enumerate(np.flatnonzero(sound))}
        for component, cluster in order:
            if component not in places:
                continue
            part = slice(places[component], places[component] + n_points)
            if self.look.chosen:
                painter.setOpacity(self._opacity(cluster))
            width = Line.CHOSEN if cluster in self.look.chosen else Line.PLAIN
            is_own = self.clusters is None or self.clusters.has_own_shape(component)
            painter.setPen(self.look.line(cluster, Line.HAIR if thin else width, is_own=is_own))
            painter.drawPolyline(arrayToQPolygonF(x[part], y[part]))
        painter.setOpacity(1.0)

    def _paint_halos(self, painter: QPainter, x: FloatArray, y: FloatArray, n_points: int) -> None:
        """A little of the background's colour below lines of so many points each.

        It keeps an ellipse apart from dots of its colour and leaves the dots to be seen; without
        smoothing, which takes most of the time.
        """
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        halo = QColor(self.look.paper)
        halo.setAlphaF(Opacity.HALO)
        painter.setPen(QPen(halo, Line.PLAIN + Line.HAIR))
        joined = np.arange(1, len(x) + 1) % n_points > 0  # the next line begins anew
        painter.drawPath(arrayToQPath(x, y, connect=joined, finiteCheck=False))

    def _paint_centers(self, painter: QPainter) -> None:
        """All crosses as one path, those of chosen clusters in full strength above the others."""
        assert self.clusters is not None
        centers = self.pixels(self.clusters.centers)
        chosen, order = self.look.chosen, self._back_to_front()
        others = [k for k, cluster in order if cluster not in chosen]
        own = [k for k, cluster in order if cluster in chosen]
        groups = [(Opacity.DIMMED if own else 1.0, centers[others]), (1.0, centers[own])]
        for opacity, group in groups:
            if not len(group):
                continue
            ends = (group[:, None] + _CROSS).reshape(-1, 2)
            path = arrayToQPath(ends[:, 0], ends[:, 1], connect="pairs", finiteCheck=False)
            painter.setOpacity(opacity)
            for color, width in ((self.look.paper, Line.BEHIND), (self.look.ink, Line.PLAIN)):
                painter.setPen(QPen(color, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
                painter.drawPath(path)

    def center_areas(self) -> FloatArray:
        """Where centres are that are shown, (m, 4), as in `label_areas`."""
        if self.clusters is None:
            return np.empty((0, 4))
        shown = [component for component, _ in self._back_to_front()]
        at = self.pixels(self.clusters.centers[shown])
        return np.concatenate([at - _CENTER, at + _CENTER], axis=1)

    def outline_points(self) -> FloatArray:
        """Points (m, 2) of the ellipses that are shown, in pixels of the view box."""
        shown = [component for component, _ in self._back_to_front()]
        if not self.look.ellipses or not self._outlines or not shown:
            return np.empty((0, 2))
        return self.pixels(self._outlines[-1][shown].reshape(-1, 2))

    def label_areas(self) -> FloatArray:
        """Where labels are if nothing else is, (m, 4): left, top, right, bottom in pixels."""
        if self.clusters is None or not self.look.labels or not len(self.clusters.means):
            return np.empty((0, 4))
        at = self.pixels(self.clusters.centers)
        places = self._label_places(at, self.scene().font(), np.empty((0, 4)))
        return places[~np.isnan(places[:, 0])]

    def keep_off(self, area: QRectF) -> None:
        """Have no labels in this area, in pixels of the view box, where there is room elsewhere."""
        covered = np.array([area.getCoords()])
        if not np.array_equal(covered, self._covered):
            self._covered = covered
            self.update()

    def _label_places(self, at: FloatArray, font: QFont, covered: FloatArray) -> FloatArray:
        """Beside the centres `at` (K, 2); those of chosen clusters first, then by weight."""
        assert self.clusters is not None
        weights = self.clusters.weights
        order = [
            component
            for component, cluster in sorted(
                self._back_to_front(),
                key=lambda one: (one[1] not in self.look.chosen, -weights[one[0]]),
            )
            if self.clusters.has_label(component)
        ]
        sizes = np.zeros((len(at), 2))
        for component in order:
            size = self._plate_size(self.clusters.cluster(component), font)
            sizes[component] = size.width(), size.height()
        room = np.array(self.boundingRect().getCoords())
        few = len(at) <= _CROWDED
        by = (*(one.tobytes() for one in (at, sizes, room, covered)), tuple(order))
        if self._placed is None or self._placed[0] != by:  # else only something else has changed
            places = place_labels(
                at, sizes, room, order, reach=_CENTER, covered=covered, all_of_them=few
            )
            self._placed = by, places
        return self._placed[1]

    def _paint_labels(self, painter: QPainter) -> None:
        """Weights beside the centres, moved aside where they would cover one another or a cross."""
        assert self.clusters is not None
        at = self.pixels(self.clusters.centers)
        places = self._label_places(at, painter.font(), self._covered)
        for component, end in leaders(at, places):
            cluster = self.clusters.cluster(component)
            painter.setOpacity(self._opacity(cluster))
            painter.setPen(QPen(self.look.color(cluster), Line.HAIR))
            painter.drawLine(QPointF(*at[component]), QPointF(*end))
        painter.setOpacity(1.0)
        for component, cluster in self._back_to_front():
            left, top, right, bottom = places[component].tolist()
            if math.isnan(left):
                continue
            place = QRectF(QPointF(left, top), QPointF(right, bottom))
            if self.look.chosen:
                painter.setOpacity(self._opacity(cluster))
            if keeps_shapes(painter):
                self._paint_plate(painter, cluster, place)
            else:
                plate = self._plate(cluster, painter.font(), pixel_ratio(painter))
                painter.drawPixmap(place.topLeft(), plate)

    def _plate_size(self, cluster: int, font: QFont) -> QSizeF:
        key = (self._label(cluster), font.key())
        if key not in self._sizes:
            if len(self._sizes) > _MOST_PLATES:
                self._sizes.clear()
            size = QFontMetricsF(demi_bold(font)).size(0, key[0])
            self._sizes[key] = QSizeF(math.ceil(size.width()) + 12, math.ceil(size.height()) + 4)
        return self._sizes[key]

    def _paint_plate(self, painter: QPainter, cluster: int, area: QRectF) -> None:
        """The label of a cluster on its plate."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(demi_bold(painter.font()))
        painter.setPen(QPen(self.look.color(cluster), Line.HAIR))
        paper = QColor(self.look.paper)
        paper.setAlphaF(Opacity.PLATE)
        painter.setBrush(paper)
        painter.drawRoundedRect(area.adjusted(1, 1, -1, -1), 4, 4)
        painter.setPen(self.look.ink)
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, self._label(cluster))
        painter.restore()

    def _plate(self, cluster: int, font: QFont, ratio: float) -> QPixmap:
        """The same as a picture; painted when it has changed."""
        label, color = self._label(cluster), self.look.color(cluster)
        paper, ink = QColor(self.look.paper), QColor(self.look.ink)
        key = (label, color.name(), paper.rgb(), ink.rgb(), font.key(), ratio)
        if key in self._plates:
            return self._plates[key]
        if len(self._plates) > _MOST_PLATES:
            self._plates.clear()
        area = QRectF(QPointF(), self._plate_size(cluster, font))
        pixmap = QPixmap((area.size() * ratio).toSize())
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setFont(font)
        self._paint_plate(painter, cluster, area)
        painter.end()
        self._plates[key] = pixmap
        return pixmap

    def _label(self, cluster: int) -> str:
        assert self.clusters is not None
        share = text.percent(self.clusters.share(cluster))
        name = self._names[cluster] if cluster < len(self._names) else ""
        renamed = name not in ("", default_name(cluster))
        return f"{text.shortened(name, _LONGEST_LABEL) if renamed else cluster + 1}: {share}"
