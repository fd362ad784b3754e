"""Rows inside an outline, compared with Qt's own test of points."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPolygonF

from gmmdesk.ui.drawing.enclosed import CHUNK, Polygon, Rectangle, enclosed

_STAR = [(np.cos(0.8 * np.pi * i), np.sin(0.8 * np.pi * i)) for i in range(5)]
_SHAPES = {
    "triangle": [(-1.0, -1.0), (1.0, -0.8), (0.1, 1.0)],
    "hollow": [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (0.0, -0.5), (-1.0, 1.0)],
    "crossing itself": _STAR,
    "sliver": [(-1.0, -1.0), (1.0, 1.0), (1.0, 1.001)],
    "with a corner twice": [(-1.0, -1.0), (-1.0, -1.0), (1.0, -1.0), (0.0, 1.0)],
}


@pytest.mark.parametrize("shape", _SHAPES)
def test_rows_in_a_polygon_are_those_that_qt_finds(shape: str) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.uniform(-1.3, 1.3, (2, 4_000))
    polygon = QPolygonF([QPointF(*corner) for corner in _SHAPES[shape]])
    wanted = [
        polygon.containsPoint(QPointF(*point), Qt.FillRule.OddEvenFill)
        for point in zip(x, y, strict=True)
    ]
    np.testing.assert_array_equal(Polygon(np.array(_SHAPES[shape])).holds(x, y), wanted)


def test_a_line_encloses_nothing() -> None:
    x = y = np.linspace(0.0, 1.0, 11)
    assert not Polygon(np.array([(0.0, 0.0), (1.0, 1.0), (0.5, 0.5)])).holds(x + 0.01, y).any()
    assert not Polygon(np.array([(0.5, 0.5)] * 3)).holds(x, y).any()


def test_a_rectangle_has_its_edges_whichever_corner_comes_first() -> None:
    x, y = np.array([0.0, 1.0, 2.0, 3.0]), np.array([0.0, 1.0, 2.0, np.nan])
    assert Rectangle((2.0, 0.0), (2.0, 1.0)).holds(x, y).tolist() == [False, True, True, False]


def test_many_rows_are_looked_through_in_parts() -> None:
    n = CHUNK + 7
    values = np.arange(float(n))
    inside = enclosed(
        Rectangle((CHUNK - 2.0, CHUNK + 1.0), (-np.inf, np.inf)),
        n,
        lambda rows: (values[rows], values[rows]),
    )
    assert np.flatnonzero(inside).tolist() == [CHUNK - 2, CHUNK - 1, CHUNK, CHUNK + 1]
