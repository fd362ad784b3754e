"""Small pictures of the 14 covariance models: three clusters each, in the colours of the theme."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPalette, QPen

from gmmdesk.ui.colors import cluster_color
from gmmdesk.ui.theme import Line, Opacity

WIDTH, HEIGHT = 168, 96  # pixels
_CENTRES = ((30.0, 60.0), (78.0, 32.0), (124.0, 58.0))
_MEAN_RADIUS = 16.0  # pixels: the root of the product of the half axes
# How the clusters differ where a model lets them (V), and what they share where it does not (E).
_SIZES, _SIZE = (0.76, 1.0, 1.2), 1.0
_STRETCHES, _STRETCH = (
    (1.15, 1.45, 1.75),
    1.5,
)  # of the longer half axis, and of the other's inverse
_ANGLES, _ANGLE = (-50.0, 15.0, 60.0), 30.0  # degrees


def picture(model: str, palette: QPalette, ratio: float = 1.0) -> QImage:
    """Three clusters as `model` (such as "VEV": volume, shape, orientation) lets them be."""
    image = QImage(round(WIDTH * ratio), round(HEIGHT * ratio), QImage.Format.Format_ARGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.transparent)
    paper = palette.color(QPalette.ColorRole.Base)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for i, (x, y) in enumerate(_CENTRES):
        color = cluster_color(i, paper, ())
        fill = QColor(color)
        fill.setAlphaF(Opacity.WASH)
        across, along, angle = half_axes(model, i)
        painter.save()
        painter.translate(QPointF(x, y))
        painter.rotate(-angle)
        painter.setPen(QPen(color, Line.FINE))
        painter.setBrush(fill)
        painter.drawEllipse(QRectF(-across, -along, 2 * across, 2 * along))
        painter.restore()
    painter.end()
    return image


def half_axes(model: str, cluster: int) -> tuple[float, float, float]:
    """Both half axes (pixels) and the angle (degrees) of one of the three clusters."""
    volume, shape, orientation = tuple(model)
    size = _SIZES[cluster] if volume == "V" else _SIZE
    stretch = {"I": 1.0, "E": _STRETCH, "V": _STRETCHES[cluster]}[shape]
    angle = {"I": 0.0, "E": _ANGLE, "V": _ANGLES[cluster]}[orientation]
    radius = _MEAN_RADIUS * size
    return radius * stretch, radius / stretch, angle
