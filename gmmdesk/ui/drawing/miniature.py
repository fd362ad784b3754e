"""Small pictures of rows along two axes: dots while they are few, counts per cell when many."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from pyqtgraph.functions import arrayToQPolygonF
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QTransform

from gmmdesk.ui.drawing import density
from gmmdesk.ui.drawing.shading import CodeArray
from gmmdesk.ui.theme import Opacity

FloatArray = npt.NDArray[np.float64]

MOST_DOTS = 3_000
_DOT = 4.0  # pixels


def miniature(
    x: FloatArray,
    y: FloatArray,
    region: QRectF,
    size: QSize,
    *,
    codes: CodeArray | None,
    inks: FloatArray,
    ratio: float = 1.0,
) -> QImage:
    """The rows in `region` (y upward) as a picture of `size` pixels, each of `ratio` device pixels.

    `codes` (n,) index `inks` (c, 3), 0..1; without them every row has the first.
    """
    device = QSize(max(1, round(size.width() * ratio)), max(1, round(size.height() * ratio)))
    if len(x) > MOST_DOTS:
        shape = (device.height(), device.width())
        points = density.loose(x, y)
        counted = density.count(points, region, shape)
        if codes is None:
            image = density.plain(counted, inks[0])
        else:
            image = density.compose(points, counted, codes, len(inks)).paint(inks)
    else:
        across = (x - region.left()) * (device.width() / region.width())
        down = (region.bottom() - y) * (device.height() / region.height())
        image = QImage(device, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(Qt.GlobalColor.transparent)
        of_rows = np.zeros(len(x), np.uint16) if codes is None else codes
        _paint_dots(image, across, down, inks[of_rows], _DOT * ratio)
    image.setDevicePixelRatio(ratio)
    return image


def transposed(image: QImage, size: QSize) -> QImage:
    """A picture of the same rows with the two axes exchanged, stretched to `size` pixels."""
    ratio = image.devicePixelRatio()
    turned = image.transformed(QTransform(0.0, -1.0, -1.0, 0.0, 0.0, 0.0))
    device = QSize(max(1, round(size.width() * ratio)), max(1, round(size.height() * ratio)))
    stretched = turned.scaled(device)
    stretched.setDevicePixelRatio(ratio)
    return stretched


def _paint_dots(
    image: QImage, x: FloatArray, y: FloatArray, colors: FloatArray, diameter: float
) -> None:
    """Dots at pixels (n,) in `colors` (n, 3), those of one colour in one go."""
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    there = np.isfinite(x) & np.isfinite(y)
    x, y, colors = x[there], y[there], colors[there]
    different, which = np.unique(colors, axis=0, return_inverse=True)
    for i, (red, green, blue) in enumerate(different.tolist()):
        color = QColor.fromRgbF(red, green, blue, Opacity.DOT)
        painter.setPen(QPen(color, diameter, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawPoints(arrayToQPolygonF(x[which == i], y[which == i]))
    painter.end()
