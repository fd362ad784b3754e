"""What is painted on: the screen or a picture in pixels, or a file of lines and text."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPaintEngine, QPainter

_VECTOR = {QPaintEngine.Type.SVG, QPaintEngine.Type.Pdf, QPaintEngine.Type.Picture}
_EVERYWHERE = QRectF(-1e5, -1e5, 2e5, 2e5)


def keeps_shapes(painter: QPainter) -> bool:
    """Whether text stays text and a circle a circle on the device of `painter`."""
    return painter.paintEngine().type() in _VECTOR


def pixel_ratio(painter: QPainter) -> float:
    """Pixels of the device for one unit of the painter."""
    return float(painter.deviceTransform().m11())


def unclip(painter: QPainter) -> None:
    """Paint everywhere again; where clipping merely ends, QSvgGenerator goes on with the last."""
    painter.setClipRect(_EVERYWHERE)


def on_paper(image: QImage, paper: QColor) -> QImage:
    """An opaque copy, for files: readers that scale it would mix in what is under transparency."""
    whole = QImage(image.size(), QImage.Format.Format_RGB32)
    whole.setDevicePixelRatio(image.devicePixelRatio())
    whole.fill(paper)
    painter = QPainter(whole)
    painter.drawImage(0, 0, image)
    painter.end()
    return whole
