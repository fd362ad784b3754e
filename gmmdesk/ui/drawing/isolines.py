"""Contours of the density: of the whole mixture, and of each of its components."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from pyqtgraph.functions import arrayToQPath
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from gmmdesk.ui.drawing.contours import contour
from gmmdesk.ui.drawing.overlay import Ground, Overlay

FloatArray = npt.NDArray[np.float64]

_WIDTH = 1.3  # pixels
_DIMMED = 0.35


class _Isolines(Overlay):
    """Each of the content is segments (m, 2, 2) in one colour."""

    depth = -12.0

    def paint(
        self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for cluster, segments in (self.content or {}).items():
            if not len(segments) or cluster in self.look.hidden:
                continue
            at = self.pixels(segments.reshape(-1, 2))
            painter.setPen(
                QPen(self._color(cluster), _WIDTH, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
            )
            painter.drawPath(
                arrayToQPath(
                    np.ascontiguousarray(at[:, 0]),
                    np.ascontiguousarray(at[:, 1]),
                    connect="pairs",
                    finiteCheck=False,
                )
            )

    def _color(self, cluster: int | None) -> QColor:
        if cluster is None:
            return QColor(self.look.ink)
        color = self.look.color(cluster)
        color.setAlphaF(1.0 if self.look.current in (None, cluster) else _DIMMED)
        return color


class MixtureContours(_Isolines):
    """Lines around the densest places that hold 25, 50, 75, 90 and 99 % of all rows."""

    name = "contours"
    title = "&Contours of the mixture"
    tip = "Around the densest places with 25, 50, 75, 90 and 99 % of all rows, by the mixture"

    @staticmethod
    def compute(ground: Ground) -> dict[int | None, FloatArray] | None:
        land = ground.landscape
        if land is None or ground.scene.is_single:
            return None
        lines = [contour(land.total, level, land.region) for level in land.mixture.levels()]
        return {None: np.concatenate([np.empty((0, 2, 2)), *lines])}


class ComponentContours(_Isolines):
    """The same of each cluster for itself."""

    name = "component_contours"
    title = "Contours of &each cluster"
    tip = "Around the densest places with 25, 50, 75, 90 and 99 % of each cluster (component)"

    @staticmethod
    def compute(ground: Ground) -> dict[int | None, FloatArray] | None:
        land = ground.landscape
        if land is None or ground.scene.is_single:
            return None
        found: dict[int | None, FloatArray] = {}
        for k in range(land.n_clusters):
            lines = [contour(land.logs[k], level, land.region) for level in land.mixture.levels(k)]
            found[k] = np.concatenate([np.empty((0, 2, 2)), *lines])
        return found
