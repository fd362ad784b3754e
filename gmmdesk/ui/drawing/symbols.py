"""A shape for each cluster beside its colour, so that nobody has to tell colours apart."""

from __future__ import annotations

import math
from functools import cache

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainter, QPainterPath, QPolygonF, QTransform

from gmmdesk.analysis import NO_CLUSTER

LEAST_SIZE = 6.0  # pixels of a dot, in fewer of which shapes cannot be told apart
REACH = 1.6  # diameters of a disc, in which every shape has room
_AREA = math.pi / 4.0  # of every shape: none seems to weigh more than the disc of diameter 1
_ARM = 0.36  # half the width of a cross' arms, as a part of their length

_Outline = list[tuple[float, float]]


def _polygon(n_corners: int, first: float, inner: float = 0.0) -> _Outline:
    """Corners on a circle from the angle `first` on, in turns; of a star with `inner` ones."""
    radii = [1.0, inner] if inner else [1.0]
    n = n_corners * len(radii)
    angles = [2.0 * math.pi * (first + i / n) for i in range(n)]
    return [
        (radii[i % len(radii)] * math.cos(angle), radii[i % len(radii)] * math.sin(angle))
        for i, angle in enumerate(angles)
    ]


def _cross() -> _Outline:
    a = _ARM
    corner = [(1.0, -a), (1.0, a), (a, a)]
    turns = [(1, 0, 0, 1), (0, -1, 1, 0), (-1, 0, 0, -1), (0, 1, -1, 0)]
    return [(c * x + s * y, t * x + u * y) for c, s, t, u in turns for x, y in corner]


# The first is the disc; `palette.character` is the same for text. They begin anew where there are
# more clusters than shapes.
_OUTLINES: tuple[_Outline, ...] = (
    [],
    _polygon(3, -0.25),
    _polygon(4, 0.125),
    _polygon(4, 0.0),
    _polygon(3, 0.25),
    _cross(),
    _polygon(5, -0.25, 0.45),
)


@cache
def _symbol(group: int | None) -> QPainterPath | None:
    """The shape around 0; None for the disc, which is better painted as one."""
    if group == NO_CLUSTER:
        return QTransform().rotate(45.0).map(_filled(_cross()))
    outline = [] if group is None else _OUTLINES[group % len(_OUTLINES)]
    return _filled(outline) if outline else None


def paint_symbol(painter: QPainter, group: int | None, at: QPointF, diameter: float) -> None:
    """Paint the shape of a cluster (0-based) or of NO_CLUSTER; of None, a disc.

    With the painter's pen and brush, as large as a disc of that diameter.
    """
    shape = _symbol(group)
    if shape is None:
        painter.drawEllipse(at, diameter / 2.0, diameter / 2.0)
    else:
        placed = QTransform.fromTranslate(at.x(), at.y()).scale(diameter, diameter)
        painter.drawPath(placed.map(shape))


def _filled(outline: _Outline) -> QPainterPath:
    """The shape of these corners, scaled to the area that all have."""
    pairs = list(zip(outline, outline[1:] + outline[:1], strict=True))
    area = 0.5 * sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in pairs)
    scale = math.sqrt(_AREA / abs(area))
    path = QPainterPath()
    path.addPolygon(QPolygonF([QPointF(scale * x, scale * y) for x, y in outline]))
    path.closeSubpath()
    return path
