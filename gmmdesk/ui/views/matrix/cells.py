"""The cells of the matrix: rows along two columns, a histogram on the diagonal."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import (
    QFontInfo,
    QFontMetricsF,
    QImage,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QResizeEvent,
)

from gmmdesk.analysis.axes import axis_names
from gmmdesk.text import count
from gmmdesk.ui import theme
from gmmdesk.ui.background import LatestWorker
from gmmdesk.ui.document import Document
from gmmdesk.ui.drawing.device import keeps_shapes, on_paper, unclip
from gmmdesk.ui.drawing.figure import FigureSource, cluster_legend
from gmmdesk.ui.drawing.known import grouping_of, known_clusters, parameters_of
from gmmdesk.ui.drawing.look import Look
from gmmdesk.ui.drawing.matrix_cells import Drawn, Frame, Place, draw_cells, is_counted
from gmmdesk.ui.drawing.matrix_shapes import Shapes
from gmmdesk.ui.drawing.pane import Pane
from gmmdesk.ui.late_view import LateView
from gmmdesk.ui.text import broken
from gmmdesk.ui.theme import Line, Opacity, demi_bold

_LEAST_CELL = 84  # pixels
_GAP = 4
_LEFT, _BOTTOM = 62, 30  # pixels for numbers and names along the edges
_SETTLE_MS = 120  # after a change of size, before pictures are drawn anew
_LIVE_MS = 300  # between two states of a fit, which needs the cores itself
_SMALLEST = 0.7  # of the letters' size, for a name that has no room
_PLATE = (-2 * theme.SPACE, -theme.SPACE, 2 * theme.SPACE, theme.SPACE)
_HEADROOM = 1.3  # of the highest bar: the column's name is above


class Cells(LateView):
    """The cells, painted from pictures that are drawn in the background."""

    def __init__(self, document: Document, worker: type[LatestWorker]) -> None:
        super().__init__()
        self._document = document
        self._columns: tuple[int, ...] = ()
        self._drawn: Drawn | None = None
        self._ratio: float | None = None  # pixels for one of the widget, if not the screen's
        self._shapes: QImage | None = None  # over the rows
        self._worker, self._tracer = worker(self), worker(self)
        for each in (self._worker, self._tracer):
            each.failed.connect(document.problem_raised)
        self._following = QTimer(self, interval=_LIVE_MS, singleShot=True)
        self._following.timeout.connect(self._trace)
        self._settling = QTimer(self, interval=_SETTLE_MS, singleShot=True)
        self._settling.timeout.connect(self._outdate)
        self.setAccessibleName("Columns against each other")
        document.analysis_changed.connect(self._outdate)
        document.progressed.connect(self._on_document_progressed)
        document.timeline.moved.connect(self._on_document_progressed)
        document.axes_scale.changed.connect(self._on_axes_scale_changed)
        document.current_cluster_changed.connect(self._outdate)
        document.names_changed.connect(self.update)
        document.colors_changed.connect(self._outdate)
        document.selection.changed.connect(self._outdate)

    @property
    def is_busy(self) -> bool:
        """Whether pictures are being drawn, or are going to be."""
        waits = self._settling.isActive() or self._following.isActive()
        return waits or self.is_awaited or self._worker.is_busy or self._tracer.is_busy

    @property
    def drawn(self) -> Drawn | None:
        return self._drawn

    def show_columns(self, columns: tuple[int, ...]) -> None:
        """Show these columns of the matrix of rows."""
        self._columns = columns
        side = _LEAST_CELL * len(columns)
        self.setMinimumSize(side + _LEFT, side + _BOTTOM)
        self._drawn = self._shapes = None
        self.update()
        self._outdate()

    def _on_axes_scale_changed(self) -> None:
        self.show_columns(self._columns)

    def figure(self) -> FigureSource | None:
        """The cells, to be painted elsewhere."""
        if self._document.prepared is None or len(self._columns) < 2:
            return None
        twin = Cells(self._document, LatestWorker)
        twin.show_columns(self._columns)

        def settle(ratio: float) -> None:
            twin._ratio = ratio
            twin._renew()

        return FigureSource(
            "Matrix",
            twin,
            twin.paint_on,
            cluster_legend(self._document),
            settle,
            lambda: twin.is_busy,
            twin.close_workers,
        )

    def close_workers(self) -> None:
        self._settling.stop()
        self._following.stop()
        self._worker.close()
        self._tracer.close()

    # -- where cells are ---------------------------------------------------------------------

    def cell(self, place: Place) -> QRectF:
        """The area of a cell, in pixels."""
        n = max(1, len(self._columns))
        width = (self.width() - _LEFT - theme.SPACE) / n
        height = (self.height() - _BOTTOM) / n
        line, column = place
        return QRectF(
            _LEFT + column * width, line * height, max(1.0, width - _GAP), max(1.0, height - _GAP)
        )

    def place_at(self, position: QPointF) -> Place | None:
        """The cell at a pixel."""
        return next((at for at in self._places() if self.cell(at).contains(position)), None)

    def _places(self) -> Iterator[Place]:
        n = len(self._columns)
        return itertools.product(range(n), range(n))

    def _pane(self, place: Place) -> Pane:
        drawn = self._drawn
        assert drawn is not None
        line, column = place
        y = drawn.ranges[line]
        if line == column:
            y = (0.0, _HEADROOM * drawn.histograms[line].highest)
        return Pane(self.cell(place), drawn.ranges[column], y)

    # -- drawing -----------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._is_outdated = True
        if self.isVisible():
            self._settling.start()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._outdate()

    def _look(self) -> Look:
        colors = self.palette()
        return Look(
            chosen=self._document.chosen_clusters,
            ink=colors.color(QPalette.ColorRole.Text),
            paper=colors.color(QPalette.ColorRole.Base),
            colors=self._document.colors,
        )

    def _renew(self) -> None:
        prepared, columns = self._document.prepared, self._columns
        self._settling.stop()
        if prepared is None or len(columns) < 2 or max(columns) >= len(axis_names(prepared)):
            self._worker.cancel()
            return
        analysis = self._document.analysis
        known = analysis if analysis is not None and analysis.prepared is prepared else None
        look, before = self._look(), self._drawn
        neutral = self.palette().color(QPalette.ColorRole.PlaceholderText)
        ratio, selected = self._ratio or self.devicePixelRatioF(), self._document.selection.rows
        size, scale = self.cell((0, 0)).size().toSize(), self._document.axes_scale
        frame = Frame(prepared, columns, size, ratio, scale.is_prepared)

        def show(drawn: Drawn) -> None:
            is_wanted = columns == self._columns and frame.as_prepared == scale.is_prepared
            if prepared is self._document.prepared and is_wanted:
                self._drawn = drawn
                self._trace()
                if drawn.frame != frame and not self._worker.is_busy:
                    self._worker.submit(lambda: compute(frame), show)

        def compute(wanted: Frame) -> Drawn:
            return draw_cells(wanted, known, selected, look=look, neutral=neutral, before=before)

        # On paper there is but one picture, and colours alone take no time.
        drafts = self._ratio is None and not is_counted(before, frame, known)
        self._worker.submit(lambda: compute(frame.draft if drafts else frame), show)

    def _trace(self) -> None:
        """Draw what lies over the rows, and show it with them."""
        shapes, size, ratio = self._wanted_shapes(), self.size(), self._ratio
        if shapes is None:
            return
        ratio = ratio or self.devicePixelRatioF()

        def show(image: QImage) -> None:
            self._shapes = image
            self.update()

        self._tracer.submit(lambda: shapes.image(size, ratio), show)

    def _wanted_shapes(self) -> Shapes | None:
        drawn = self._drawn
        if drawn is None or not self._is_shown:
            return None
        known = known_clusters(self._document, drawn.prepared)
        return Shapes(
            {place: self._pane(place) for place in self._places()},
            drawn.axes,
            drawn.histograms,
            parameters_of(known),
            self._look(),
            grouping_of(known),
            len(drawn.prepared.rows),
        )

    def _on_document_progressed(self) -> None:
        if self.isVisible() and not self._following.isActive():
            self._following.start()

    # -- painting ----------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        for place in self._places():
            painter.fillRect(self.cell(place), self.palette().color(QPalette.ColorRole.Base))
        if self._is_shown:
            self.paint_on(painter)
        else:
            self._paint_waiting(painter)
        painter.end()

    def paint_on(self, painter: QPainter) -> None:
        """Paint the cells without their background, and the axes."""
        drawn = self._drawn
        if drawn is None or not self._is_shown:
            return
        painter.setFont(self.font())
        self._paint_rows(painter, drawn)
        if self._ratio is None:
            if self._shapes is not None:  # stretched, until there are those of a new size
                painter.drawImage(QRectF(self.rect()), self._shapes)
        elif (shapes := self._wanted_shapes()) is not None:
            shapes.paint(painter)
        for i, axis in enumerate(drawn.axes):
            self._paint_name(painter, self.cell((i, i)), axis.title)
        self._paint_edges(painter, drawn)
        if self._ratio is not None:  # on the screen the ground between cells parts them
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Mid), Line.HAIR))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRects([self.cell(place) for place in self._places()])

    @property
    def _is_shown(self) -> bool:
        """Whether there are pictures of the rows as they are prepared now."""
        return self._drawn is not None and self._drawn.prepared is self._document.prepared

    def _paint_waiting(self, painter: QPainter) -> None:
        """Say what the empty cells wait for, on a ground of its own in the middle of them."""
        said = f"Drawing {count(len(self._columns), 'column')} against each other…"
        room, flags = self.visibleRegion().boundingRect(), Qt.AlignmentFlag.AlignCenter
        plate = painter.boundingRect(room, flags, said).adjusted(*_PLATE)
        painter.fillRect(plate, self.palette().color(QPalette.ColorRole.Window))
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        painter.drawText(room, flags, said)

    def _paint_rows(self, painter: QPainter, drawn: Drawn) -> None:
        for place, picture in drawn.pictures.items():
            area, paper = self.cell(place), self.palette().color(QPalette.ColorRole.Base)
            painter.setClipRect(area)
            layers = [picture]
            if drawn.selected is not None:
                layers.append(drawn.selected[place])
            if keeps_shapes(painter):
                layers = [on_paper(layer, paper) for layer in layers]
            painter.drawImage(area.topLeft(), layers[0])
            if len(layers) > 1:  # the others fade
                paper.setAlphaF(Opacity.VEIL)
                painter.fillRect(area, paper)
                painter.drawImage(area.topLeft(), layers[1])
        unclip(painter)

    def _paint_name(self, painter: QPainter, area: QRectF, name: str) -> None:
        font = demi_bold(self.font())
        room = area.adjusted(4, 2, -4, 0)
        needed = QFontMetricsF(font).horizontalAdvance(name) + 1.0
        scale = max(_SMALLEST, min(1.0, room.width() / needed))
        font.setPixelSize(int(QFontInfo(font).pixelSize() * scale))
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        lines = [
            metrics.elidedText(line, Qt.TextElideMode.ElideMiddle, room.width())
            for line in broken(name, metrics.horizontalAdvance, room.width())
            if line
        ]
        shown = "\n".join(lines)
        room.setHeight(len(lines) * metrics.lineSpacing())
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
        plate = metrics.boundingRect(room, flags, shown)
        paper = self.palette().color(QPalette.ColorRole.Base)
        paper.setAlphaF(Opacity.PLATE)
        painter.fillRect(plate, paper)
        painter.setPen(self.palette().color(QPalette.ColorRole.Text))
        painter.drawText(room, flags, shown)
        painter.setFont(self.font())

    def _paint_edges(self, painter: QPainter, drawn: Drawn) -> None:
        colors = self.palette()
        line = colors.color(QPalette.ColorRole.Mid)
        ink = colors.color(QPalette.ColorRole.PlaceholderText)
        last = len(drawn.columns) - 1
        for i, axis in enumerate(drawn.axes):
            scales = (axis.scale, axis.scale)
            below = Pane(self.cell((last, i)), drawn.ranges[i], (0.0, 1.0), scales)
            below.paint_x_axis(painter, line, ink)
            if i:  # the first line's ticks would be those of the density
                beside = Pane(self.cell((i, 0)), (0.0, 1.0), drawn.ranges[i], scales)
                beside.paint_y_axis(painter, line, ink)
