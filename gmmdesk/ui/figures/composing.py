"""A figure: its title, the plot of a view, and the legend below it."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontInfo, QFontMetricsF, QGuiApplication, QPainter, QPalette

from gmmdesk.ui import theme
from gmmdesk.ui.drawing.device import unclip
from gmmdesk.ui.drawing.entries import BETWEEN, Entry, line_width, paint_line
from gmmdesk.ui.drawing.figure import FigureSource
from gmmdesk.ui.figures.options import FONT_PIXELS, FigureOptions
from gmmdesk.ui.theme import demi_bold

_MARGIN = 6.0  # units on every side of title and legend
_TOP = 3.0  # above a plot without a title, for lines along its edge
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

    def _legend_lines(self) -> list[list[Entry]]:
        """The entries, as many in a line as have room; a longer name loses its end."""
        room = self.options.size.width() - 2 * _MARGIN
        metrics = QFontMetricsF(self._font)
        lines: list[list[Entry]] = []
        left = 0.0
        for entry in self.source.legend(self._palette):
            shown = entry.elided(metrics, room)
            width = shown.width(metrics) + BETWEEN
            if not lines or left + width - BETWEEN > room:
                lines.append([])
                left = 0.0
            lines[-1].append(shown)
            left += width
        return lines

    def _paint_legend(self, painter: QPainter) -> None:
        area = QRectF(self._legend_area)
        metrics = QFontMetricsF(self._font)
        for line in self._lines:
            left = area.center().x() - line_width(line, metrics) / 2.0
            color = self._palette.color(QPalette.ColorRole.Text)
            paint_line(painter, line, left, area.top() + metrics.ascent(), color)
            area.translate(0.0, area.height())
