"""The profiles as a figure: for any size, on paper, with text that stays text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QFontMetricsF, QPainter, QPalette
from PySide6.QtWidgets import QWidget

from gmmdesk.ui import theme
from gmmdesk.ui.colors import cluster_color
from gmmdesk.ui.document import Document
from gmmdesk.ui.drawing.entries import Entry
from gmmdesk.ui.drawing.figure import FigureSource
from gmmdesk.ui.drawing.symbols import paint_symbol
from gmmdesk.ui.tables.means_model import STRIP, MeansModel, SelectedRole, StripRole
from gmmdesk.ui.views.profiles.selected import SelectedProfile
from gmmdesk.ui.views.profiles.strip import MOST_LANE, paint_strip

Role = Qt.ItemDataRole
_LEAST_STRIP = 50.0  # units; with less the numbers give way
_MOST_OF_NAMES = 0.3  # of the width, for the names of columns
_MOST_OF_STRIPS = 0.4  # before columns of numbers grow with the names above them
_SYMBOL = 8.0  # units, the diameter
_LEAST_NAME = 40.0  # units of a cluster's name; with less the symbol stands alone
_MIDDLE = Qt.AlignmentFlag.AlignCenter
_BESIDE = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


def profiles_figure(document: Document) -> FigureSource:
    """What the view shows, to be painted elsewhere."""
    canvas = ProfilesFigure(document)
    return FigureSource(
        "Profiles",
        canvas,
        canvas.paint_on,
        canvas.legend,
        lambda _ratio: canvas.facts.refresh(),
        lambda: canvas.facts.is_busy,
        canvas.facts.close,
    )


class _Widths(NamedTuple):
    """Of the names, the strips and each column of numbers, 0 where these have no room."""

    names: float
    strips: float
    numbers: float


class ProfilesFigure(QWidget):
    """Names of columns, strips, and the numbers of each cluster where there is room for all."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._document = document
        self.means = MeansModel(document, self)
        self.facts = SelectedProfile(document, self.means, self)

    def legend(self, palette: QPalette) -> Sequence[Entry]:
        """The clusters with their shapes."""
        paper, colors = palette.color(QPalette.ColorRole.Base), self._document.colors
        return [
            Entry(name, cluster_color(k, paper, colors), self._document.signs[k])
            for k, name in enumerate(self._document.names)
        ]

    def widths(self) -> _Widths:
        """How the width is shared out."""
        means, metrics = self.means, QFontMetricsF(self.font())

        def widest(texts: Sequence[str]) -> float:
            return max(map(metrics.horizontalAdvance, texts), default=0.0) + theme.SPACE

        n = means.columnCount() - 1
        rows = range(means.rowCount())
        names = theme.SPACE + widest([self._name(row) for row in rows])
        names = min(names, _MOST_OF_NAMES * self.width())
        numbers = widest([self._number(row, 1 + k) for row in rows for k in range(n)])
        left = self.width() - names - n * numbers - theme.SPACE
        if left < _LEAST_STRIP:
            return _Widths(names, self.width() - names - theme.SPACE, 0.0)
        if (more := left - _MOST_OF_STRIPS * self.width()) > 0.0:
            headings = widest(self._document.names) + _SYMBOL + theme.SPACE / 2
            more = min(more, n * max(0.0, headings - numbers))
            return _Widths(names, left - more, numbers + more / n)
        return _Widths(names, left, numbers)

    def paint_on(self, painter: QPainter) -> None:
        """Paint it, as large as this is."""
        means, metrics, widths = self.means, QFontMetricsF(self.font()), self.widths()
        if not means.rowCount():
            return
        top = metrics.height() + theme.SPACE
        most = max(MOST_LANE * means.n_clusters + theme.SPACE, metrics.height() + theme.SPACE)
        line = min((self.height() - top) / means.rowCount(), most)
        painter.save()
        painter.setFont(self.font())
        painter.setPen(self.palette().color(QPalette.ColorRole.Text))
        self._paint_headings(painter, widths, top)
        for row in range(means.rowCount()):
            y = top + line * row
            name = metrics.elidedText(
                self._name(row), Qt.TextElideMode.ElideMiddle, widths.names - theme.SPACE
            )
            at = QRectF(theme.SPACE, y, widths.names - theme.SPACE, line)
            painter.drawText(at, _BESIDE, name)
            index = means.index(row, STRIP)
            paint_strip(
                painter,
                QRectF(widths.names + theme.SPACE, y, widths.strips - 2 * theme.SPACE, line),
                index.data(StripRole),
                index.data(SelectedRole),
                reach=means.reach,
                palette=self.palette(),
                colors=self._document.colors,
                chosen=self._document.chosen_clusters,
            )
            if widths.numbers:
                self._paint_numbers(painter, row, widths, QRectF(0.0, y, widths.numbers, line))
        painter.restore()

    def _paint_headings(self, painter: QPainter, widths: _Widths, height: float) -> None:
        metrics = QFontMetricsF(self.font())
        across = Qt.Orientation.Horizontal
        words = metrics.elidedText(
            self.means.headerData(STRIP, across, Role.DisplayRole),
            Qt.TextElideMode.ElideRight,
            widths.strips,
        )
        painter.drawText(QRectF(widths.names, 0.0, widths.strips, height), _MIDDLE, words)
        if not widths.numbers:
            return
        ink = painter.pen()
        paper = self.palette().color(QPalette.ColorRole.Base)
        for k in range(self.means.columnCount() - 1):
            left = widths.names + widths.strips + k * widths.numbers
            is_cluster = k < self.means.n_clusters
            room = widths.numbers - (_SYMBOL + theme.SPACE if is_cluster else 0.0)
            name = self.means.headerData(1 + k, across, Role.DisplayRole)
            shown = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, room)
            # The legend has the names in full: a letter or two would say nothing.
            name = shown if shown == name or room > _LEAST_NAME else ""
            wide = metrics.horizontalAdvance(name)
            wide += (_SYMBOL + theme.SPACE / 2 * bool(name)) * is_cluster
            x = left + (widths.numbers - wide) / 2
            if is_cluster:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(cluster_color(k, paper, self._document.colors))
                sign = self._document.signs[k]
                paint_symbol(painter, sign, QPointF(x + _SYMBOL / 2, height / 2), _SYMBOL)
                painter.setPen(ink)
                x += _SYMBOL + theme.SPACE / 2
            painter.drawText(QRectF(x, 0.0, widths.numbers, height), _BESIDE, name)

    def _paint_numbers(self, painter: QPainter, row: int, widths: _Widths, cell: QRectF) -> None:
        paper = self.palette().color(QPalette.ColorRole.Base)
        for k in range(self.means.columnCount() - 1):
            text = self._number(row, 1 + k)
            if not text:  # of rows that take no part
                continue
            ground, ink = self.means.inks(self.means.index(row, 1 + k), paper)
            cell.moveLeft(widths.names + widths.strips + k * widths.numbers)
            painter.fillRect(cell, QBrush(ground))
            painter.setPen(ink)
            painter.drawText(cell, _MIDDLE, text)
        painter.setPen(self.palette().color(QPalette.ColorRole.Text))

    def _name(self, row: int) -> str:
        return str(self.means.headerData(row, Qt.Orientation.Vertical, Role.DisplayRole))

    def _number(self, row: int, section: int) -> str:
        return self.means.index(row, section).data() or ""
