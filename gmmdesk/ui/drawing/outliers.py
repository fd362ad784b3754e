"""Rings around the rows that are unlike every cluster."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from gmmdesk.ui.drawing.overlay import Ground, Overlay
from gmmdesk.ui.help import glossary
from gmmdesk.ui.theme import Line

FloatArray = npt.NDArray[np.float64]

_RADIUS = 6.0  # pixels
_MOST = 3_000  # rings: beyond, an even choice of them


class OutliersOverlay(Overlay):
    """A ring around each outlier; of one column a stroke at its foot."""

    name = "outliers"
    title = "&Outliers"
    tip = glossary.tip("Outlier")
    depth = -15.0
    of_single = True

    @staticmethod
    def compute(ground: Ground) -> FloatArray | None:
        """Places (m, 2) of the outliers in the region; their height in one column is 0."""
        if ground.outliers is None:
            return None
        scene, region = ground.scene, ground.region
        x, y = scene.places(ground.outliers)
        inside = (x >= region.left()) & (x <= region.right())
        if scene.is_single:
            y = np.zeros(len(x))
        else:
            inside &= (y >= region.top()) & (y <= region.bottom())
        found = np.stack([x, y], axis=-1)[inside]
        return found[:: max(1, -(-len(found) // _MOST))]

    def paint(
        self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        if self.content is None or not len(self.content):
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self.look.ink), Line.FINE))
        at = self.pixels(self.content)
        if not self.content[:, 1].any():
            for x, y in at.tolist():
                painter.drawLine(QPointF(x, y), QPointF(x, y - 2 * _RADIUS))
            return
        for x, y in at.tolist():
            painter.drawEllipse(QPointF(x, y), _RADIUS, _RADIUS)
