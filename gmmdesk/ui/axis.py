"""The axes of every plot: round ticks, and numbers with the digits that they need."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QWidget

from gmmdesk.analysis.ticks import scale_ticks, tick_steps, tick_texts
from gmmdesk.data.steps.maps import Map
from gmmdesk.ui.drawing.device import unclip
from gmmdesk.ui.drawing.entries import BETWEEN, Entry, line_width, paint_line
from gmmdesk.ui.theme import Opacity

_LABEL_WIDTH, _LABEL_HEIGHT = 90, 32  # pixels from one labelled tick to the next, at least
_FEWEST = 5.0  # labelled ticks of a low plot, about
_CLOSER = 0.7  # times, in a figure, which is small
_BEYOND = {"bottom": 12, "left": 6}  # pixels of a number beyond the ends: a plot has a margin
_TITLE_MARGIN = 8  # pixels before and after an axis' title
_TIGHT = 0.8  # of a line's height, that numbers take


class Axis(pg.AxisItem):
    """An axis without SI prefixes, whose ticks keep enough digits to differ."""

    def __init__(self, orientation: str) -> None:
        self._titles: tuple[str, ...] = ()
        self._legend: Sequence[Entry] = ()
        self.counts = False  # whether there is nothing between two whole numbers
        self.is_live = True  # on the screen, where what was painted once is kept
        self._told: tuple[Map, ...] = ()  # the scale on which values are drawn
        super().__init__(orientation)
        self.enableAutoSIPrefix(False)
        beyond = _BEYOND[orientation]
        self.setStyle(tickLength=-5, tickTextOffset=4, maxTextLevel=0, hideOverlappingLabels=beyond)

    def set_scale(self, scale: tuple[Map, ...]) -> None:
        """Draw values on this scale: places on the axis are what it makes of them."""
        if scale != self._told:
            self._told = scale
            self.picture = None
            self.update()

    def set_title(self, *titles: str) -> None:
        """Name the axis, with the first of `titles` that has room; text, never markup."""
        self._titles = titles
        self._fit_title()

    @property
    def titles(self) -> tuple[str, ...]:
        """The names to choose from, the longest first."""
        return self._titles

    def set_legend(self, entries: Sequence[Entry]) -> None:
        """Name the curves at the right of the title, which then stands at the left."""
        if tuple(entries) != tuple(self._legend):
            self._legend = entries
            self.resizeEvent()
            self.update()

    def resizeEvent(self, event: object = None) -> None:
        super().resizeEvent(event)
        self._fit_title()

    def paint(self, painter: QPainter, _option: object, _widget: QWidget | None = None) -> None:
        """Line, ticks and numbers, which say how much room they need.

        At once, without the lists and the recording of pyqtgraph, which take three times as long
        in every frame of a zoom.
        """
        if not self.is_live:
            unclip(painter)
        upright = self.orientation == "left"
        width, height = self.size().width(), self.size().height()
        length, (low, high) = (height if upright else width), self.range
        if not (length > 0.0 and high > low):
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(self.pen())
        if upright:
            painter.drawLine(QPointF(width - 1.0, -1.0), QPointF(width - 1.0, height + 1.0))
        else:
            painter.drawLine(QPointF(-1.0, -1.0), QPointF(width + 1.0, -1.0))
        levels, texts = self._ticks(low, high, length)
        for rank, values in enumerate(levels):
            painter.setPen(self._tick_pen(rank))
            end = self.style["tickLength"] / (0.5 * rank + 1.0)
            places = [self._place(value) for value in values]
            if upright:
                ticks = [QLineF(width, at, width - end, at) for at in places]
            else:
                ticks = [QLineF(at, 0.0, at, end) for at in places]
            painter.drawLines(ticks)
        if levels:
            self._paint_numbers(painter, levels[0], texts)
        if self._legend:
            self._paint_legend(painter)

    def _paint_legend(self, painter: QPainter) -> None:
        """As many entries as have room beside the title."""
        metrics, entries = QFontMetricsF(self.label.font()), list(self._legend)
        room = self.size().width() - metrics.horizontalAdvance(self.labelText) - BETWEEN
        while entries and line_width(entries, metrics) > room:
            entries.pop()
        left = self.size().width() - line_width(entries, metrics)
        margin = self.label.document().documentMargin()
        baseline = self.label.pos().y() + margin + metrics.ascent()
        painter.setFont(self.label.font())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_line(painter, entries, left, baseline, self.textPen().color())

    def _ticks(self, low: float, high: float, length: float) -> tuple[list[list[float]], list[str]]:
        """Places of ticks with numbers and of finer ones, and what is written at the first."""
        if self._told:
            places, texts, fine = scale_ticks(self._told, low, high, length, self._room(length))
            return [places, fine], texts
        levels = self.tickValues(low, high, length)
        if not levels:
            return [], []
        spacing, values = levels[0]
        return [values for _spacing, values in levels], self.tickStrings(values, 1.0, spacing)

    def _paint_numbers(self, painter: QPainter, values: list[float], texts: list[str]) -> None:
        font, upright = self.style["tickFont"], self.orientation == "left"
        metrics, room = QFontMetricsF(font), self.boundingRect()
        painter.setFont(font)
        painter.setPen(self.textPen())
        height, widest = _TIGHT * metrics.height(), 0.0
        offset = self.style["tickTextOffset"][0 if upright else 1]
        beside = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        below = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop
        flags = (beside if upright else below) | Qt.TextFlag.TextDontClip
        for value, text in zip(values, texts, strict=True):
            width, at = math.ceil(metrics.horizontalAdvance(text)), self._place(value)
            widest = max(widest, width)
            left, top = at - width / 2.0, offset
            if upright:
                left, top = self.size().width() - offset - width, at - height / 2.0
            area = QRectF(left, top, width, height)
            if room.contains(area):
                painter.drawText(area, int(flags), text)
        self._updateMaxTextSize(widest if upright else height)

    def _place(self, value: float) -> float:
        """Where a value is along the axis, in pixels."""
        low, high = self.range
        share, size = (value - low) / (high - low), self.size()
        return size.height() * (1.0 - share) if self.orientation == "left" else size.width() * share

    def _tick_pen(self, rank: int) -> QPen:
        pen, color = QPen(self.pen()), QColor(self.pen().color())
        color.setAlphaF(Opacity.TICKS[min(rank, len(Opacity.TICKS) - 1)])
        pen.setColor(color)
        return pen

    def tickValues(
        self, minVal: float, maxVal: float, size: float
    ) -> list[tuple[float, list[float]]]:
        """The ticks that carry numbers, and the finer ones between them, each once."""
        found: list[tuple[float, list[float]]] = []
        coarser = 0.0
        for spacing, _offset in self.tickSpacing(minVal, maxVal, size):
            first, last = math.ceil(minVal / spacing - 1e-9), math.floor(maxVal / spacing + 1e-9)
            every = round(coarser / spacing) if coarser else 0
            values = [i * spacing for i in range(first, last + 1) if not every or i % every]
            found.append((spacing, values))
            coarser = spacing
        return found

    def _fit_title(self) -> None:
        if not self._titles:
            return
        length = self.size().width() if self.orientation == "bottom" else self.size().height()
        metrics = QFontMetricsF(self.label.font())
        if self._legend:
            length -= line_width(self._legend, metrics)
        room = max(length - 2 * _TITLE_MARGIN, 0.0)
        fits = (title for title in self._titles if metrics.horizontalAdvance(title) <= room)
        title = next(fits, "") or metrics.elidedText(
            self._titles[-1], Qt.TextElideMode.ElideRight, room
        )
        if html.escape(title) != self.labelText:
            self.setLabel(html.escape(title))
            super().resizeEvent(None)  # which alone puts the label in the middle
        if self._legend:
            self.label.setPos(-self.label.document().documentMargin(), self.label.pos().y())

    def tickSpacing(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, float]]:
        """Labelled ticks at a round distance, and finer ones between them without text."""
        room = self._room(size)
        steps = tick_steps(minVal, maxVal, size, room, counts=self.counts)
        return [] if steps is None else [(step, 0.0) for step in steps]

    def _room(self, size: float) -> float:
        """Pixels from one number to the next, at least."""
        room: float = _LABEL_WIDTH
        if self.orientation == "left":  # in a low plot labels come closer: one alone says little
            text = QFontMetricsF(self.label.font()).height()
            room = max(min(_LABEL_HEIGHT, size / _FEWEST), text)
        return room if self.is_live else _CLOSER * room

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return tick_texts([value * scale for value in values], spacing * scale)
