"""What all layers over and under the rows share: what they follow from, and images of cells."""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from gmmdesk.ui.drawing.landscape import Landscape
from gmmdesk.ui.drawing.layers import Layer
from gmmdesk.ui.drawing.look import Look
from gmmdesk.ui.drawing.projection import Scene
from gmmdesk.ui.plotting import ViewBox

IntArray = npt.NDArray[np.int64]
ByteArray = npt.NDArray[np.uint8]


class Ground(NamedTuple):
    """What layers follow from, frozen: the rows, the mixture over a region, and its outliers."""

    scene: Scene
    region: QRectF
    shape: tuple[int, int]  # height and width in cells
    landscape: Landscape | None
    outliers: IntArray | None


class Overlay(Layer):
    """A layer that can be switched.

    `title`, `tip` and `name`, which is that of the field of `MapState`, are those of its switch.
    `compute` is carried out on another thread and gives what is to be shown, None for nothing.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    tip: ClassVar[str]
    depth: ClassVar[float]
    compute: ClassVar[staticmethod[[Ground], Any]]
    of_mixture: ClassVar[bool] = True  # whether it needs clusters
    of_single: ClassVar[bool] = False  # whether there is such a thing of one column

    def __init__(self, box: ViewBox) -> None:
        super().__init__(box, self.depth)
        self.look = Look()
        self.content: Any = None

    def show_content(self, content: Any) -> None:
        """Show what was computed, in the look of the moment."""
        self.content = content
        self.update()

    def set_look(self, look: Look) -> None:
        self.look = look
        self.show_content(self.content)


class Cells(NamedTuple):
    """Numbers 0..255 of the cells (height, width) of a region, y upward."""

    region: QRectF
    values: ByteArray


class ImageOverlay(Overlay):
    """Cells in the colours that a table gives their numbers: `colors` are those of a look."""

    colors: ClassVar[staticmethod[[Look], list[QColor]]]

    def __init__(self, box: ViewBox) -> None:
        super().__init__(box)
        self._image = QImage()

    def show_content(self, content: Cells | None) -> None:
        if content is not None:
            lines = np.ascontiguousarray(content.values[::-1])
            height, width = lines.shape
            image = QImage(lines.data, width, height, width, QImage.Format.Format_Indexed8)
            image.setColorTable([color.rgba() for color in self.colors(self.look)])
            self._image = image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
        super().show_content(content)

    def paint(
        self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        if self.content is None:
            return
        region = self.content.region
        corners = np.array([[region.left(), region.bottom()], [region.right(), region.top()]])
        (left, top), (right, bottom) = self.pixels(corners)
        if len(self.content.values) == 1:  # of one column: the same at every height
            room = self.boundingRect()
            top, bottom = room.top(), room.bottom()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(QRectF(left, top, right - left, bottom - top), self._image)
