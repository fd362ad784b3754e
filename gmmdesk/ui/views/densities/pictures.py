"""One column as a histogram, with the mixture and its clusters as curves over it."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QFontMetricsF,
    QHelpEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
)
from PySide6.QtWidgets import (
    QApplication,
    QGridLayout,
    QSizePolicy,
    QToolTip,
    QWidget,
)

from gmmdesk.analysis.axes import MapAxis, axis_names, column_axis
from gmmdesk.analysis.bars import Bars, Mixture
from gmmdesk.analysis.palette import NO_NAME
from gmmdesk.data.dataset import IntArray
from gmmdesk.data.steps.maps import Map
from gmmdesk.ui import theme
from gmmdesk.ui.document import Document
from gmmdesk.ui.drawing.column_selection import rows_in_range
from gmmdesk.ui.drawing.device import unclip
from gmmdesk.ui.drawing.histogram import Histogram
from gmmdesk.ui.drawing.look import Look
from gmmdesk.ui.drawing.pane import TICK, Pane
from gmmdesk.ui.selection import HOW_TIP, how
from gmmdesk.ui.text import count, number, percent, plain_tip
from gmmdesk.ui.theme import Opacity, demi_bold

CELL = QSize(250, 150)  # pixels, at least
_HEADROOM = 1.05
_MARGIN = 0.02  # of the range, on both sides


class Counted(NamedTuple):
    """What one column is painted from."""

    name: str
    axis: MapAxis
    bars: Bars
    mixture: Mixture | None
    selected: IntArray | None = None  # rows in each bar


class ColumnPicture(QWidget):
    """One column's histogram with its name above.

    A click chooses the cluster under the mouse, a drag selects the rows of a range.
    """

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self.histogram = Histogram()
        self._column: Counted | None = None
        self.setAccessibleDescription(f"Drag to select the rows of a range. {HOW_TIP}")
        self._range: tuple[float, float] | None = None  # pixels, while it is dragged
        self.setMinimumSize(CELL)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def name(self) -> str:
        """Of the column."""
        return "" if self._column is None else self._column.name

    @property
    def title(self) -> str:
        """With the unit and the scale of the axis."""
        return "" if self._column is None else self._column.axis.title

    @property
    def scale(self) -> tuple[Map, ...]:
        """On which the axis is drawn."""
        return () if self._column is None else self._column.axis.scale

    def show_column(self, column: Counted) -> None:
        self._column = column
        self.histogram.bars, self.histogram.mixture = column.bars, column.mixture
        self.histogram.selected = column.selected
        self.setAccessibleName(f"Densities of {self.title}")
        self.update()

    def update_look(self, colors: QPalette) -> None:
        """Be painted in these colours and those of the clusters."""
        self.histogram.look = Look(
            chosen=self._document.chosen_clusters,
            ink=colors.color(QPalette.ColorRole.Text),
            paper=colors.color(QPalette.ColorRole.Base),
            colors=self._document.colors,
        )
        self.histogram.neutral = colors.color(QPalette.ColorRole.PlaceholderText)
        self.update()

    def twin(self) -> ColumnPicture:
        """Another one of the same column."""
        other = ColumnPicture(self._document)
        other.setMinimumSize(1, 1)
        assert self._column is not None
        other.show_column(self._column._replace(mixture=self.histogram.mixture))
        return other

    def show_mixture(self, mixture: Mixture) -> None:
        self.histogram.mixture = mixture
        self.update()

    def pane(self) -> Pane:
        """Where the bars are."""
        metrics = QFontMetricsF(self.font())
        top, bottom = metrics.height() + theme.SPACE, metrics.height() + TICK + 4
        area = QRectF(self.rect()).adjusted(theme.SPACE, top, -theme.SPACE, -bottom)
        bars = self.histogram.bars
        low, high = (0.0, 1.0) if bars is None else (float(bars.edges[0]), float(bars.edges[-1]))
        room = _MARGIN * (high - low)
        x, y = (low - room, high + room), (0.0, _HEADROOM * self.histogram.highest)
        return Pane(area, x, y, (self.scale, ()))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.palette().color(QPalette.ColorRole.Base))
        self.paint_on(painter)
        if self._range is not None:
            color = self.palette().color(QPalette.ColorRole.Accent)
            color.setAlphaF(Opacity.WASH)
            start, end = self._range
            area = self.pane().area
            painter.fillRect(QRectF(start, area.top(), end - start, area.height()), color)
        painter.end()

    def paint_on(self, painter: QPainter) -> None:
        """Paint the column without its background."""
        colors = self.palette()
        painter.setFont(self.font())
        pane, text = self.pane(), colors.color(QPalette.ColorRole.Text)
        painter.setClipRect(pane.area)
        self.histogram.paint(painter, pane.pixels, pane.x, pane.area.width())
        unclip(painter)
        pane.paint_x_axis(painter, colors.color(QPalette.ColorRole.Mid), text)
        font = demi_bold(self.font())
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        room = self.width() - 2 * theme.SPACE
        title = metrics.elidedText(self.title, Qt.TextElideMode.ElideMiddle, room)
        painter.setPen(text)
        painter.drawText(QPointF(theme.SPACE, theme.SPACE / 2 + metrics.ascent()), title)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._range = (event.position().x(), event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._range is not None:
            self._range = (self._range[0], event.position().x())
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        dragged, self._range = self._range, None
        self.update()
        if dragged is None:
            return
        x, _y = self.pane().units(event.position())
        if abs(event.position().x() - dragged[0]) < QApplication.startDragDistance():
            self._document.set_current_cluster(self.histogram.cluster_at(x))
            return
        start, _y = self.pane().units(QPointF(dragged[0], 0.0))
        low, high = sorted((start, x))
        prepared, name = self._document.prepared, self.name
        if prepared is not None and name in axis_names(prepared):
            axis = column_axis(prepared, name).drawn_on(self.scale)
            ends = " to ".join(map(number, axis.told(np.array([low, high])).tolist()))
            self._document.selection.find(
                lambda: rows_in_range(prepared, axis, low, high),
                how(event.modifiers()),
                f"rows with {name} from {ends}",
            )

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            x, _y = self.pane().units(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), self.tip_at(x), self)
            return True
        return super().event(event)

    def tip_at(self, x: float) -> str:
        """The bar at a place on the axis, in words."""
        bar, bars = self.histogram.bar_at(x), self.histogram.bars
        if bar is None or bars is None or self._column is None:
            return plain_tip(self.title)
        low, high = self._column.axis.told(bars.edges[bar : bar + 2]).tolist()
        counts = bars.counts[:, bar]
        lines = [f"{self.name} {number(low)} to {number(high)}: {count(int(counts.sum()), 'row')}"]
        names = ("", NO_NAME, *self._document.names)
        lines += [
            f"{names[group]}: {percent(counts[group] / counts.sum())}"
            for group in np.argsort(-counts, kind="stable")
            if 0 < group < len(names) and counts[group]
        ]
        return plain_tip("\n".join(lines))


def best_across(n: int, most: int, room: QSize, least_height: float = 1.0) -> int:
    """How many of `n` pictures to put side by side, `most` at most, to fill a room.

    So that none is much wider than high, or the other way round.
    """
    wanted = math.log(CELL.width() / CELL.height())

    def misfit(across: int) -> float:
        down = max(1, math.ceil(n / across))
        width = max(room.width() / across, 1.0)
        height = max(room.height() / down, least_height)
        return abs(math.log(width / height) - wanted)

    return min(range(1, max(1, most) + 1), key=misfit)


class Page(QWidget):
    """Pictures of columns in as many lines as suit its size, to be painted elsewhere."""

    def __init__(self, cells: list[ColumnPicture]) -> None:
        super().__init__()
        self._cells = cells
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(theme.SPACE)
        for cell in cells:
            self._grid.addWidget(cell)

    def settle(self) -> None:
        """Arrange the pictures so that none is much wider than high, or the other way round."""
        n = len(self._cells)
        across = best_across(n, n, self.size())
        for i, cell in enumerate(self._cells):
            self._grid.addWidget(cell, i // across, i % across)
            cell.update_look(self.palette())
        self._grid.activate()

    def paint_on(self, painter: QPainter) -> None:
        for cell in self._cells:
            painter.save()
            painter.translate(cell.pos())
            cell.paint_on(painter)
            painter.restore()
