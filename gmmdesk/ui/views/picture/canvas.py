"""Two pictures beside each other, or one above the other."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QMargins, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QHelpEvent,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
)
from PySide6.QtWidgets import QStyle, QStyleOptionFocusRect, QToolTip, QWidget

from gmmdesk.export.picture import Codes
from gmmdesk.ui import theme


class PictureCanvas(QWidget):
    """A picture, and beside it the same by cluster.

    Signals: `pixel_clicked(cluster)`; `menu_wanted(is clustered, place on the screen)`, of one of
    the two.
    """

    pixel_clicked = Signal(int)
    menu_wanted = Signal(bool, QPoint)

    def __init__(self) -> None:
        super().__init__()
        self._original: QImage | None = None
        self._clustered: QImage | None = None
        self._veil: QImage | None = None
        self._codes: Codes | None = None
        self.names: tuple[str, ...] = ()
        self.setMinimumSize(120, 80)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # or the key for its menu goes elsewhere
        self.setAccessibleName("The picture, and beside it the clusters of its pixels")

    def show_original(self, image: QImage | None) -> None:
        self._original = image
        self.update()

    def show_clustered(self, image: QImage | None, codes: Codes | None) -> None:
        """Show which clusters pixels are of; None where that is not known."""
        self._clustered, self._codes = image, codes
        self.setCursor(
            Qt.CursorShape.ArrowCursor if codes is None else Qt.CursorShape.PointingHandCursor
        )
        self.update()

    def show_veil(self, image: QImage | None) -> None:
        """Lay this over both pictures: paper over the pixels that are not selected."""
        self._veil = image
        self.update()

    def twin(self) -> PictureCanvas:
        """Another that shows the same."""
        twin = PictureCanvas()
        twin._original, twin._clustered, twin._codes = self._original, self._clustered, self._codes
        twin._veil = self._veil
        return twin

    def cluster_at(self, place: QPointF) -> int | None:
        """The cluster of the pixel there, of either picture; None where there is none."""
        if self._codes is None:
            return None
        for area in self._areas():
            if area.contains(place):
                height, width = self._codes.shape
                x = int((place.x() - area.left()) / area.width() * width)
                y = int((place.y() - area.top()) / area.height() * height)
                return int(self._codes[min(y, height - 1), min(x, width - 1)])
        return None

    def paint_on(self, painter: QPainter) -> None:
        """Paint both pictures, each as large as there is room for."""
        for image, area in zip((self._original, self._clustered), self._areas(), strict=False):
            if image is not None:
                smaller = area.width() < image.width()
                painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smaller)
                painter.drawImage(area, image)
                if self._veil is not None:
                    painter.drawImage(area, self._veil)

    def paintEvent(self, _event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), self.palette().color(QPalette.ColorRole.Base))
            self.paint_on(painter)
            if self.hasFocus():
                option = QStyleOptionFocusRect()
                option.initFrom(self)
                frame = QStyle.PrimitiveElement.PE_FrameFocusRect
                self.style().drawPrimitive(frame, option, painter, self)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        cluster = self.cluster_at(event.position())
        if event.button() is Qt.MouseButton.LeftButton and cluster is not None:
            self.pixel_clicked.emit(cluster)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        areas = self._areas()
        of_keys = event.reason() is QContextMenuEvent.Reason.Keyboard
        at = areas[-1].center().toPoint() if of_keys and areas else event.pos()
        for is_clustered, area in zip((False, True), areas, strict=False):
            if area.contains(QPointF(at)):
                self.menu_wanted.emit(is_clustered, self.mapToGlobal(at))

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            cluster = self.cluster_at(QPointF(event.pos()))
            is_known = cluster is not None and cluster < len(self.names)
            text = self.names[cluster] if is_known and cluster is not None else ""
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def _areas(self) -> list[QRectF]:
        """Where the pictures are: beside each other, or one above the other if they get larger."""
        if self._original is None:
            return []
        n = 1 if self._clustered is None else 2
        gap, room = theme.SPACE, self.rect().marginsRemoved(QMargins(*[theme.SPACE] * 4))
        fitted = []
        for across, down in ((n, 1), (1, n)):
            cell = QSize(
                (room.width() - (across - 1) * gap) // across,
                (room.height() - (down - 1) * gap) // down,
            )
            size = self._original.size().scaled(cell, Qt.AspectRatioMode.KeepAspectRatio)
            fitted.append((size, QPoint(across > 1, down > 1)))
        size, direction = max(fitted, key=lambda choice: choice[0].width())
        step = QPointF(direction.x() * (size.width() + gap), direction.y() * (size.height() + gap))
        first = QRectF(QPointF(), size.toSizeF())
        first.moveCenter(QRectF(room).center() - step / 2 * (n - 1))
        return [first.translated(step * i) for i in range(n)]
