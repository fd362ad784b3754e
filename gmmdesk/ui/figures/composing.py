"""A figure: its title, the plot of a view, and the legend below it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontInfo, QFontMetricsF, QGuiApplication, QPainter, QPalette, QPen

from gmmdesk.ui import theme
from gmmdesk.ui.drawing.device import unclip
from gmmdesk.ui.drawing.figure import Entry, FigureSource, Sign
from gmmdesk.ui.drawing.symbols import paint_symbol
from gmmdesk.ui.figures.options import FONT_PIXELS, FigureOptions
from gmmdesk.ui.theme import Line, demi_bold

_MARGIN = 6.0  # units on every side of title and legend
_TOP = 3.0  # above a plot without a title, for lines along its edge
_SWATCH = 9.0  # side of a legend's sign
_GAP = 5.0  # from the square to its name
_BETWEEN = 14.0  # from one entry to the next
_LEAST_PLOT = 0.4  # of the height: a longer legend is cut off


class Figure:
    """A view's plot with what is around it, laid out for a size; painted when it is not busy."""

    def __init__(self, source: FigureSource, options: FigureOptions) -> None:
        self.source = source
        self.lay_out(options)

    @property
    def is_busy(self) -> bool:
        """Whether pictures are still being drawn."""
        return self.source.is_busy()

    def lay_out(self, options: FigureOptions) -> None:
        """Be as `options` say."""
        self.options = options
        self._palette = theme.palette(dark=options.dark)
        # Lines that are quiet on the screen would be too faint on paper.
        quiet = self._palette.color(QPalette.ColorRole.PlaceholderText)
        self._palette.setColor(QPalette.ColorRole.Mid, quiet)
        # By the name of the font that is there: "Sans Serif" is none in a file.
        self._font = QFont(QFontInfo(QGuiApplication.font()).family())
        self._font.setPixelSize(FONT_PIXELS)
        self._title_font = demi_bold(self._font)
        size = options.size
        title = QFontMetricsF(self._title_font).height() + _MARGIN if options.title else _TOP
        self._lines = self._legend_lines() if options.legend else []
        line = QFontMetricsF(self._font).height() * 1.15
        while self._lines and title + self._legend_height(line) > (1 - _LEAST_PLOT) * size.height():
            self._lines.pop()
        legend = self._legend_height(line)
        self._title_area = QRectF(_MARGIN, _MARGIN, size.width() - 2 * _MARGIN, title - _MARGIN)
        self._plot_area = QRectF(0.0, title, size.width(), size.height() - title - legend)
        self._legend_area = QRectF(
            _MARGIN, size.height() - legend, size.width() - 2 * _MARGIN, line
        )
        self.source.lay_out(
            self._plot_area.size().toSize(), self._palette, self._font, options.pixel_ratio
        )

    def paint(self, painter: QPainter) -> None:
        """Paint everything, in units from the top left corner."""
        paper = self._palette.color(QPalette.ColorRole.Base)
        painter.fillRect(QRectF(QPointF(), self.options.size), paper)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._font)
        painter.save()
        painter.translate(self._plot_area.topLeft())
        self.source.paint(painter)
        painter.restore()
        unclip(painter)
        painter.setPen(self._palette.color(QPalette.ColorRole.Text))
        if self.options.title:
            painter.setFont(self._title_font)
            title = QFontMetricsF(self._title_font).elidedText(
                self.options.title, Qt.TextElideMode.ElideRight, self._title_area.width()
            )
            painter.drawText(self._title_area, Qt.AlignmentFlag.AlignCenter, title)
            painter.setFont(self._font)
        self._paint_legend(painter)

    # -- the legend --------------------------------------------------------------------------

    def _legend_height(self, line: float) -> float:
        return len(self._lines) * line + _MARGIN if self._lines else 0.0

    def _width(self, entry: Entry) -> float:
        return _SWATCH + _GAP + QFontMetricsF(self._font).horizontalAdvance(entry.name)

    def _legend_lines(self) -> list[list[Entry]]:
        """The entries, as many in a line as have room; a longer name loses its end."""
        room = self.options.size.width() - 2 * _MARGIN
        metrics = QFontMetricsF(self._font)
        lines: list[list[Entry]] = []
        left = 0.0
        for entry in self.source.legend(self._palette):
            name = metrics.elidedText(
                entry.name, Qt.TextElideMode.ElideRight, room - _SWATCH - _GAP
            )
            shown = entry._replace(name=name)
            width = self._width(shown) + _BETWEEN
            if not lines or left + width - _BETWEEN > room:
                lines.append([])
                left = 0.0
            lines[-1].append(shown)
            left += width
        return lines

    def _paint_legend(self, painter: QPainter) -> None:
        area = QRectF(self._legend_area)
        ascent = QFontMetricsF(self._font).ascent()
        for line in self._lines:
            x = area.center().x() - self._line_width(line) / 2.0
            for entry in line:
                square = QRectF(x, area.top() + ascent - _SWATCH, _SWATCH, _SWATCH)
                _paint_sign(painter, entry, square)
                painter.setPen(self._palette.color(QPalette.ColorRole.Text))
                at = QPointF(x + _SWATCH + _GAP, area.top() + ascent)
                painter.drawText(at, entry.name)
                x += self._width(entry) + _BETWEEN
            area.translate(0.0, area.height())

    def _line_width(self, line: Sequence[Entry]) -> float:
        return sum(map(self._width, line)) + _BETWEEN * (len(line) - 1)


def _paint_sign(painter: QPainter, entry: Entry, square: QRectF) -> None:
    """What stands for an entry in the plot: the shape of a group, a line, a ring or its colour."""
    sign, center = entry.symbol, square.center()
    painter.setPen(QPen(entry.color, Line.PLAIN))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if sign is Sign.SQUARE:
        painter.fillRect(square, entry.color)
    elif sign is Sign.LINE:
        painter.drawLine(QPointF(square.left(), center.y()), QPointF(square.right(), center.y()))
    elif sign is Sign.RING:
        painter.setPen(QPen(entry.color, Line.FINE))
        painter.drawEllipse(center, _SWATCH / 2.0, _SWATCH / 2.0)
    else:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(entry.color)
        paint_symbol(painter, sign, center, _SWATCH)
