"""The entries of a legend: a sign in the colour of what it stands for, and its name."""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPalette, QPen

from gmmdesk.ui.drawing.symbols import paint_symbol
from gmmdesk.ui.theme import Line

_SWATCH = 9.0  # side of a sign
_GAP = 5.0  # from the sign to its name
_DASHES = (2.0, 1.0)  # in widths of the line, of which the sign has room for two
BETWEEN = 14.0  # from one entry to the next in a line


class Sign(enum.Enum):
    """What stands before a name in a legend that is not about groups of rows."""

    SQUARE = enum.auto()
    LINE = enum.auto()
    DASHES = enum.auto()
    RING = enum.auto()


class Entry(NamedTuple):
    """An entry of a legend; `symbol` is the shape it has, of the palette or another."""

    name: str
    color: QColor
    symbol: int | Sign = Sign.SQUARE

    def elided(self, metrics: QFontMetricsF, room: float) -> Entry:
        """As much of the name as has room beside the sign."""
        most = room - _SWATCH - _GAP
        return self._replace(name=metrics.elidedText(self.name, Qt.TextElideMode.ElideRight, most))

    def width(self, metrics: QFontMetricsF) -> float:
        """How much room sign and name take."""
        return _SWATCH + _GAP + metrics.horizontalAdvance(self.name)


# The legend in the colours of a palette.
Legend = Callable[[QPalette], Sequence[Entry]]


def line_width(entries: Sequence[Entry], metrics: QFontMetricsF) -> float:
    """How much room entries take side by side."""
    return sum(entry.width(metrics) for entry in entries) + BETWEEN * (len(entries) - 1)


def paint_line(
    painter: QPainter, entries: Sequence[Entry], left: float, baseline: float, color: QColor
) -> None:
    """Paint entries side by side, their names on the baseline in a colour."""
    metrics = QFontMetricsF(painter.font())
    for entry in entries:
        _paint_sign(painter, entry, QRectF(left, baseline - _SWATCH, _SWATCH, _SWATCH))
        painter.setPen(color)
        painter.drawText(QPointF(left + _SWATCH + _GAP, baseline), entry.name)
        left += entry.width(metrics) + BETWEEN


def _paint_sign(painter: QPainter, entry: Entry, square: QRectF) -> None:
    """What stands for an entry in the plot: the shape of a group, a line, a ring or its colour."""
    sign, center = entry.symbol, square.center()
    painter.setPen(QPen(entry.color, Line.PLAIN))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if sign is Sign.SQUARE:
        painter.fillRect(square, entry.color)
    elif sign in (Sign.LINE, Sign.DASHES):
        if sign is Sign.DASHES:
            pen = painter.pen()
            pen.setDashPattern(_DASHES)
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            painter.setPen(pen)
        painter.drawLine(QPointF(square.left(), center.y()), QPointF(square.right(), center.y()))
    elif sign is Sign.RING:
        painter.setPen(QPen(entry.color, Line.FINE))
        painter.drawEllipse(center, _SWATCH / 2.0, _SWATCH / 2.0)
    else:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(entry.color)
        paint_symbol(painter, sign, center, _SWATCH)
