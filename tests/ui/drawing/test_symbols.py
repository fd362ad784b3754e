"""The shapes of clusters: told apart, and none heavier than another."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from gmmdesk.analysis import NO_CLUSTER
from gmmdesk.ui.drawing.symbols import LEAST_SIZE, REACH, paint_symbol

SIDE = 120


def painted(group: int | None, diameter: float, side: int = SIDE) -> np.ndarray:
    """How much of each pixel a shape covers, (side, side), 0..1."""
    image = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor("black"))
    paint_symbol(painter, group, QPointF(side / 2, side / 2), diameter)
    painter.end()
    return np.frombuffer(image.constBits(), np.uint8).reshape(side, side, 4)[..., 3] / 255.0


@pytest.mark.parametrize("group", [None, NO_CLUSTER, *range(8)])
def test_every_shape_has_the_area_of_a_disc_and_room(group: int | None) -> None:
    diameter = SIDE / REACH
    covers = painted(group, diameter)
    assert covers.sum() == pytest.approx(np.pi / 4 * diameter**2, rel=0.01)
    assert not covers[[0, -1]].any()
    assert not covers[:, [0, -1]].any()


def test_shapes_are_told_apart_when_they_are_as_small_as_they_get() -> None:
    shapes = [painted(group, LEAST_SIZE, 20) for group in (NO_CLUSTER, *range(7))]
    for i, one in enumerate(shapes):
        for other in shapes[:i]:
            # A tenth of a disc, at least, is covered by one of the two only.
            assert np.abs(one - other).sum() > 0.1 * np.pi / 4 * LEAST_SIZE**2
