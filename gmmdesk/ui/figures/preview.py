"""The figure as it is going to be, as large as there is room."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gmmdesk.ui import theme
from gmmdesk.ui.figures.composing import Figure


class FigurePreview(QWidget):
    """Shows what was painted last, until it is refreshed."""

    def __init__(self) -> None:
        super().__init__()
        self._figure: Figure | None = None
        self._painted = QPixmap()
        self.setMinimumSize(320, 240)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Preview of the figure")

    def sizeHint(self) -> QSize:
        return QSize(520, 420)

    @property
    def is_shown(self) -> bool:
        """Whether there is something to be seen."""
        return not self._painted.isNull()

    def refresh(self, figure: Figure) -> None:
        """Paint `figure`, which is not busy."""
        self._figure = figure
        self._paint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._figure is not None and not self._figure.is_busy:
            self._paint()

    def _place(self, size: QSizeF) -> QRectF:
        """In the middle, as large as there is room for something of this shape."""
        room = QRectF(self.rect()).adjusted(*[theme.SPACE] * 2, *[-theme.SPACE] * 2)
        place = QRectF(room.topLeft(), size.scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio))
        place.moveCenter(room.center())
        return place

    def _paint(self) -> None:
        figure = self._figure
        assert figure is not None
        place, ratio = self._place(figure.options.size), self.devicePixelRatioF()
        painted = QPixmap((place.size() * ratio).toSize().expandedTo(QSize(1, 1)))
        painted.fill(Qt.GlobalColor.white)
        painter = QPainter(painted)
        scale = painted.width() / figure.options.size.width()
        painter.scale(scale, scale)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        figure.paint(painter)
        painter.end()
        self._painted = painted
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self.is_shown:
            place = self._place(QSizeF(self._painted.size()))
            painter.drawPixmap(place, self._painted, QRectF(self._painted.rect()))
            painter.setPen(self.palette().color(QPalette.ColorRole.Mid))
            painter.drawRect(place)
        painter.end()
