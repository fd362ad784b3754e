"""Contours of the density: of the whole mixture, and of each of its components."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from pyqtgraph.functions import arrayToQPolygonF
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from gmmdesk.ui.drawing.contours import contour, joined
from gmmdesk.ui.drawing.landscape import Landscape
from gmmdesk.ui.drawing.overlay import Ground, Overlay
from gmmdesk.ui.help import glossary
from gmmdesk.ui.theme import Line, Opacity

FloatArray = npt.NDArray[np.float64]


class Lines(NamedTuple):
    """Points (m, 2) of lines one after the other; each is `joined` (m,) to the next, or is not."""

    points: FloatArray
    joined: npt.NDArray[np.bool_]

    @classmethod
    def along(cls, heights: FloatArray, levels: FloatArray, region: QRectF) -> Lines:
        """The contours of a landscape at some levels."""
        lines = [line for level in levels for line in joined(contour(heights, level, region))]
        if not lines:
            return cls(np.empty((0, 2)), np.empty(0, bool))
        is_joined = np.ones(sum(map(len, lines)), bool)
        is_joined[np.cumsum([len(line) for line in lines]) - 1] = False
        return cls(np.concatenate(lines), is_joined)


class _Isolines(Overlay):
    """The content has lines with their cluster, or with None, which is the mixture."""

    depth = -12.0

    def paint(
        self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for cluster, lines in self.content or ():
            if not len(lines.points) or cluster in self.look.hidden:
                continue
            painter.setPen(QPen(self._color(cluster), Line.FINE))
            ends = np.flatnonzero(~lines.joined)[:-1] + 1
            for line in np.split(self.pixels(lines.points), ends):  # one path takes far longer
                painter.drawPolyline(arrayToQPolygonF(line[:, 0], line[:, 1]))

    def _color(self, cluster: int | None) -> QColor:
        if cluster is None:
            return QColor(self.look.ink)
        color = self.look.color(cluster)
        color.setAlphaF(Opacity.DIMMED if self.look.dims(cluster) else 1.0)
        return color


class MixtureContours(_Isolines):
    """Lines around the densest places that hold 25, 50, 75, 90 and 99 % of all rows."""

    name = "contours"
    title = "&Contours of the mixture"
    tip = glossary.tip("Contours of the mixture")

    @staticmethod
    def compute(ground: Ground) -> list[tuple[int | None, Lines]] | None:
        land = _plane(ground)
        if land is None:
            return None
        return [(None, Lines.along(land.total, land.mixture.levels(), land.region))]


class ComponentContours(_Isolines):
    """The same of each component for itself, in the colour of its cluster."""

    name = "component_contours"
    title = "Contours of &each cluster"
    tip = glossary.tip("Contours of clusters")

    @staticmethod
    def compute(ground: Ground) -> list[tuple[int | None, Lines]] | None:
        land = _plane(ground)
        if land is None:
            return None
        numbers, grouping = range(land.n_components), land.mixture.grouping
        return [
            (own, Lines.along(land.logs[k], land.mixture.levels(k), land.region))
            for k, own in enumerate(numbers if grouping is None else grouping.of)
        ]


def _plane(ground: Ground) -> Landscape | None:
    """The landscape where it has two dimensions."""
    return None if ground.scene.is_single else ground.landscape
