"""The clusters along one column: each a dot on a line, on a lane of its own."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPalette, QPen

from gmmdesk.ui import theme
from gmmdesk.ui.colors import cluster_color
from gmmdesk.ui.tables.means_model import Place, Strip
from gmmdesk.ui.theme import Line, Opacity

LANE, MOST_LANE = 6, 80  # the height of a cluster in a strip, in pixels
_DOT, _MOST_DOT = 3.5, 6.0


def paint_strip(
    painter: QPainter,
    box: QRectF,
    strip: Strip,
    selected: Place | None,
    *,
    reach: float,
    palette: QPalette,
    colors: Sequence[str],
    chosen: Collection[int] = (),
) -> None:
    """Paint the clusters, which go up to `reach` to both sides, into `box`.

    With the `selected` rows as a band; where clusters are `chosen` the others are pale.
    """
    half = box.width() / 2

    def x(value: float) -> float:
        return float(box.center().x() + value / reach * half)

    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    ink = palette.color(QPalette.ColorRole.Text)
    if selected is not None:
        band = QColor(ink)
        band.setAlphaF(Opacity.WASH)
        left, right = (min(max(x(end), box.left()), box.right()) for end in selected[1:])
        painter.fillRect(QRectF(left, box.top(), right - left, box.height()), band)
    painter.setPen(QPen(palette.color(QPalette.ColorRole.Mid), Line.HAIR))
    painter.drawLine(QPointF(x(0.0), box.top()), QPointF(x(0.0), box.bottom()))
    lane = (box.height() - theme.SPACE) / max(1, len(strip.centers))
    lane = min(MOST_LANE, max(lane, 1.0))
    dot = min(max(_DOT, 0.4 * lane), _MOST_DOT)
    top = box.center().y() - 0.5 * lane * (len(strip.centers) - 1)
    paper = palette.color(QPalette.ColorRole.Base)
    for k, (center, low, high) in enumerate(zip(*strip, strict=True)):
        y = top + lane * k
        color = cluster_color(k, paper, colors)
        color.setAlphaF(Opacity.DIMMED if chosen and k not in chosen else 1.0)
        painter.setPen(QPen(color, Line.PLAIN))
        painter.drawLine(QPointF(x(low), y), QPointF(x(high), y))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawEllipse(QPointF(x(center), y), dot, dot)
    if selected is not None:
        middle = min(max(x(selected.center), box.left()), box.right())
        painter.setPen(QPen(ink, Line.FINE))
        painter.drawLine(QPointF(middle, box.top()), QPointF(middle, box.bottom()))
    painter.restore()
