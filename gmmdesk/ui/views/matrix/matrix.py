"""The matrix under the mouse: pairs to open, rows to select, to point at and to ask about."""

from __future__ import annotations

from functools import partial

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QHelpEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
)
from PySide6.QtWidgets import QMenu, QToolTip

from gmmdesk.analysis import NO_CLUSTER
from gmmdesk.analysis.axes import axis_names, title_of
from gmmdesk.ui import hover
from gmmdesk.ui.background import LatestWorker
from gmmdesk.ui.cluster_actions import add_cluster_actions
from gmmdesk.ui.document import Document
from gmmdesk.ui.drawing.column_selection import rows_in_rectangle
from gmmdesk.ui.drawing.enclosed import Rectangle
from gmmdesk.ui.drawing.known import grouping_of, known_clusters, parameters_of
from gmmdesk.ui.drawing.matrix_cells import Place
from gmmdesk.ui.row_actions import open_row_menu
from gmmdesk.ui.selection import how
from gmmdesk.ui.text import plain_tip
from gmmdesk.ui.theme import Line, Opacity
from gmmdesk.ui.views.matrix.cells import Cells

_DRAGGED = 5.0  # pixels from which on a click is a drag
_REACH = 6.0  # pixels between the mouse and a dot it still means


class Matrix(Cells):
    """A click opens a pair of columns, a drag selects rows, a right click offers what is there.

    Signal: `pair_chosen(str, str)`, x and y.
    """

    pair_chosen = Signal(str, str)

    def __init__(self, document: Document, worker: type[LatestWorker]) -> None:
        super().__init__(document, worker)
        self.card = hover.HoverCard(self)  # about the row under the mouse
        self._about: int | None = None
        self._drag: QRectF | None = None  # from where it began to where it is, in one cell
        self.setMouseTracking(True)
        for signal in (document.analysis_changed, document.names_changed):
            signal.connect(self._put_card_away)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._drag is None:
            return
        painter = QPainter(self)
        accent = self.palette().color(QPalette.ColorRole.Accent)
        painter.setPen(QPen(accent, Line.FINE))
        accent.setAlphaF(Opacity.WASH)
        painter.setBrush(accent)
        painter.drawRect(self._drag)
        painter.end()

    # -- what is where -----------------------------------------------------------------------

    def row_at(self, position: QPointF) -> int | None:
        """The row at a pixel, as its place among the used ones, where there are dots."""
        place, drawn = self.place_at(position), self._drawn
        if place is None or drawn is None or drawn.prepared is not self._document.prepared:
            return None
        points = drawn.points(place)
        if points is None:
            return None
        away = self._pane(place).pixels(points) - np.array([position.x(), position.y()])
        distances = np.nan_to_num(np.hypot(*away.T), nan=np.inf)
        nearest = int(distances.argmin())
        return nearest if distances[nearest] <= _REACH else None

    def _pair(self, place: Place) -> tuple[str, str]:
        """The names of a cell's columns, x and y."""
        prepared = self._document.prepared
        assert prepared is not None
        names = axis_names(prepared)
        y, x = (names[self._columns[side]] for side in place)
        return x, y

    def tip_at(self, position: QPoint) -> str:
        """The two columns of the cell at a pixel."""
        place, prepared = self.place_at(QPointF(position)), self._document.prepared
        if place is None or prepared is None:
            return ""
        x, y = (title_of(prepared, name) for name in self._pair(place))
        return plain_tip(x if x == y else f"{y} against {x}\nClick to see them on the map.")

    # -- the mouse ---------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._put_card_away()
        if event.button() is Qt.MouseButton.LeftButton and self.place_at(event.position()):
            self._drag = QRectF(event.position(), event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._drag is not None:
            self._drag.setBottomRight(event.position())
            self.update()
        elif not event.buttons():
            self._show_card(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        dragged, self._drag = self._drag, None
        self.update()
        if dragged is not None and max(abs(dragged.width()), abs(dragged.height())) >= _DRAGGED:
            self._select(dragged, event.modifiers())
            return
        place, prepared = self.place_at(event.position()), self._document.prepared
        if event.button() is Qt.MouseButton.LeftButton and place is not None and prepared:
            x, y = self._pair(place)
            if x != y:
                self.pair_chosen.emit(x, y)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._put_card_away()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self._put_card_away()
        position = QPointF(event.pos())
        document, place = self._document, self.place_at(position)
        prepared, analysis = document.prepared, document.analysis
        if place is None or prepared is None:
            return
        at, label = self.row_at(position), NO_CLUSTER
        row = None if at is None else int(prepared.rows[at])
        if at is not None and analysis is not None and analysis.prepared is prepared:
            label = int(analysis.rows.label[at])

        def add_others(menu: QMenu) -> None:
            x, y = self._pair(place)
            if x != y:
                menu.addAction("Open on the &map", partial(self.pair_chosen.emit, x, y))
                menu.addSeparator()
            if label != NO_CLUSTER:
                add_cluster_actions(menu, document, (label,))

        open_row_menu(document, self, event.globalPos(), row, add_others)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            if self.card.isHidden():
                QToolTip.showText(event.globalPos(), self.tip_at(event.pos()), self)
            return True
        return super().event(event)

    def _show_card(self, position: QPointF) -> None:
        """Say of the row under the mouse what the map says of it."""
        document, at = self._document, self.row_at(position)
        dataset, prepared = document.dataset, document.prepared
        if at is None or dataset is None or prepared is None:
            self._put_card_away()
            return
        if at == self._about:
            return
        known = known_clusters(document, prepared)
        likely = hover.likely(prepared, at, parameters_of(known), grouping_of(known))
        looks = hover.Looks(document.colors, document.signs)
        card = hover.row_card(dataset, prepared, at, likely, document.names, looks=looks)
        self.card.show_at(position.toPoint(), card)
        self._about = at
        QToolTip.hideText()

    def _put_card_away(self) -> None:
        self._about = None
        self.card.hide()

    def _select(self, dragged: QRectF, modifiers: Qt.KeyboardModifier) -> None:
        """Select the rows inside a rectangle that began in a cell; on the diagonal, in a range."""
        place, drawn = self.place_at(dragged.topLeft()), self._drawn
        prepared = self._document.prepared
        if place is None or drawn is None or prepared is None or drawn.prepared is not prepared:
            return
        pane = self._pane(place)
        axes = drawn.axes[place[1]], drawn.axes[place[0]]
        (x0, y0), (x1, y1) = pane.units(dragged.topLeft()), pane.units(dragged.bottomRight())
        if place[0] == place[1]:
            y0, y1 = -np.inf, np.inf
        outline = Rectangle((x0, x1), (y0, y1))
        self._document.selection.find(
            lambda: rows_in_rectangle(prepared, axes, outline),
            how(modifiers),
            "rows of the matrix",
        )
