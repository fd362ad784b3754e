"""Figures as SVG of real text and lines, without a library: small, sharp and free of scripts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from gmmdesk.analysis.ticks import scale_ticks
from gmmdesk.data.dataset import FloatArray
from gmmdesk.data.steps.maps import Map
from gmmdesk.export.report.style import FONT, SMALL, TEXT, Style
from gmmdesk.text import number, shortened, thousands

_NICE = (1.0, 2.0, 2.5, 5.0, 10.0)
_LETTER = 0.6  # the width of a letter in its size, on average; rather more than less
_TICK = 4.0
Point = tuple[float, float]


class Drawing:
    """What is drawn, from the top left; `text` escapes whatever it is given."""

    def __init__(self, width: float, height: float, title: str) -> None:
        self.width, self.height, self._title = width, height, title
        self._parts: list[str] = []

    def line(self, start: Point, end: Point, color: str, width: float) -> None:
        (x0, y0), (x1, y1) = start, end
        self._parts.append(
            f'<line x1="{_n(x0)}" y1="{_n(y0)}" x2="{_n(x1)}" y2="{_n(y1)}" stroke="{color}"'
            f' stroke-width="{width:g}"/>'
        )

    def rect(self, at: Point, size: Point, color: str, opacity: float = 1.0) -> None:
        """A filled rectangle with its top left corner `at` a point."""
        (x, y), (width, height) = at, size
        self._parts.append(
            f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}"'
            f' fill="{color}"{_opacity(opacity)}/>'
        )

    def circle(self, center: Point, radius: float, fill: str, stroke: str = "none") -> None:
        x, y = center
        self._parts.append(
            f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{radius:g}" fill="{fill}" stroke="{stroke}"'
            ' stroke-width="2"/>'
        )

    def polyline(
        self, points: FloatArray, color: str, width: float, *, dashed: bool = False
    ) -> None:
        """A line through points (m, 2); broken where one is not finite."""
        path, pen = [], "M"
        for x, y in _told(points).tolist():
            if not (math.isfinite(x) and math.isfinite(y)):
                pen = "M"
                continue
            path.append(f"{pen}{_n(x)} {_n(y)}")
            pen = "L"
        if path:
            dashes = ' stroke-dasharray="5 4"' if dashed else ""
            self._parts.append(
                f'<path d="{"".join(path)}" fill="none" stroke="{color}" stroke-width="{width:g}"'
                f' stroke-linejoin="round"{dashes}/>'
            )

    def dots(self, points: FloatArray, size: float, color: str, opacity: float) -> None:
        """Round dots at points (m, 2), in one path: a tenth of the size of as many circles."""
        path = "".join(f"M{x:.1f} {y:.1f}h.01" for x, y in points.tolist())
        if path:
            self._parts.append(
                f'<path d="{path}" fill="none" stroke="{color}" stroke-width="{size:g}"'
                f' stroke-linecap="round"{_opacity(opacity, "stroke-opacity")}/>'
            )

    def squares(self, corners: FloatArray, size: float, color: str, opacity: float) -> None:
        """Squares with their top left corners at (m, 2), in one path."""
        side = f"{size:g}"
        path = "".join(f"M{x:g} {y:g}h{side}v{side}h-{side}z" for x, y in corners.tolist())
        if path:
            self._parts.append(f'<path d="{path}" fill="{color}"{_opacity(opacity)}/>')

    def text(
        self,
        x: float,
        y: float,
        words: str,
        color: str,
        *,
        anchor: str = "start",
        size: float = SMALL,
        bold: bool = False,
        turned: bool = False,
        halo: str = "",
    ) -> None:
        """Words whose base line begins, has its middle or ends (`anchor`) at a point."""
        turn = f' transform="rotate(-90 {_n(x)} {_n(y)})"' if turned else ""
        weight = ' font-weight="bold"' if bold else ""
        start = f'<text x="{_n(x)}" y="{_n(y)}" font-size="{size:g}" text-anchor="{anchor}"'
        inner = f"{weight}{turn}>{escape(_printable(words))}</text>"
        if halo:  # not paint-order, which few programs know
            self._parts.append(
                f'{start} fill="{halo}" stroke="{halo}" stroke-width="4"'
                f' stroke-linejoin="round" aria-hidden="true"{inner}'
            )
        self._parts.append(f'{start} fill="{color}"{inner}')

    def svg(self) -> str:
        """The figure as an element to be placed in a page, or as a file of its own."""
        title = escape(_printable(self._title))
        return (
            '<svg xmlns="http://www.w3.org/2000/svg" role="img"'
            f' viewBox="0 0 {self.width:g} {self.height:g}" width="{self.width:g}"'
            f' height="{self.height:g}" font-family="{escape(FONT)}"><title>{title}</title>'
            f"{''.join(self._parts)}</svg>"
        )


@dataclass(frozen=True, slots=True)
class Scale:
    """A range of places on an axis, along a stretch of the drawing.

    `bent` is the scale on which the axis draws values; without one they are the places.
    """

    low: float
    high: float
    start: float
    end: float
    bent: tuple[Map, ...] = ()

    def at(self, values: FloatArray) -> FloatArray:
        """Where values (m,) lie."""
        share = (values - self.low) / (self.high - self.low)
        return np.asarray(self.start + share * (self.end - self.start))

    def ticks(self, room: float, *, whole: bool = False) -> list[tuple[float, str]]:
        """Places of round values within the range, `room` apart at least, and what these are."""
        length = abs(self.end - self.start)
        if self.bent:
            places, texts, _fine = scale_ticks(self.bent, self.low, self.high, length, room)
            return list(zip(places, texts, strict=True))
        values = self._values(max(2, int(length / room)), whole=whole)
        return [(value, tick_text(value, values)) for value in values]

    def _values(self, most: int, *, whole: bool) -> list[float]:
        """Round values within the range, `most` at most."""
        rough = (self.high - self.low) / most
        unit = 10.0 ** math.floor(math.log10(rough))
        step = next(unit * nice for nice in _NICE if unit * nice >= rough * (1.0 - 1e-9))
        if whole:
            step = max(1.0, math.ceil(step))
        first = math.ceil(self.low / step - 1e-9)
        last = math.floor(self.high / step + 1e-9)
        return [
            round(i * step, 12) if abs(step) > 1e-9 else i * step for i in range(first, last + 1)
        ]


def widened(low: float, high: float, room: float = 0.04) -> tuple[float, float]:
    """A range with some room at both ends, and with an extent."""
    if not high > low:
        half = abs(low) * 0.05 or 0.5
        return low - half, high + half
    return low - room * (high - low), high + room * (high - low)


def x_axis(
    drawing: Drawing, scale: Scale, y: float, title: str, style: Style, *, whole: bool = False
) -> None:
    """A line with ticks, their values and a title below."""
    drawing.line((scale.start, y), (scale.end, y), style.quiet, 1.0)
    room = 26.0 if whole else 75.0  # for a value
    for tick, words in scale.ticks(room, whole=whole):
        at = float(scale.at(np.array(tick)))
        drawing.line((at, y), (at, y + _TICK), style.quiet, 1.0)
        drawing.text(at, y + _TICK + 11.0, words, style.quiet, anchor="middle")
    if title:
        words = fitted(title, scale.end - scale.start, TEXT)
        middle = (scale.start + scale.end) / 2.0
        drawing.text(middle, y + 33.0, words, style.ink, anchor="middle", size=TEXT)


def y_axis(
    drawing: Drawing, scale: Scale, across: tuple[float, float], title: str, style: Style
) -> None:
    """Lines `across`, their values on the left of them, and a title."""
    x, end = across
    for tick, words in scale.ticks(36.0):
        at = float(scale.at(np.array(tick)))
        drawing.line((x, at), (end, at), style.grid, 1.0)
        drawing.text(x - 6.0, at + 4.0, words, style.quiet, anchor="end")
    if title:
        words = fitted(title, scale.start - scale.end, TEXT)
        middle = (scale.start + scale.end) / 2.0
        drawing.text(14.0, middle, words, style.ink, anchor="middle", size=TEXT, turned=True)


def tick_text(tick: float, ticks: Sequence[float]) -> str:
    """A tick's value with no more digits than tell the ticks apart."""
    step = ticks[1] - ticks[0] if len(ticks) > 1 else abs(tick)
    largest = max(map(abs, ticks))
    if not step or largest >= 1e9 or step < 1e-4:
        return number(tick, 3)
    places = max(0, -math.floor(math.log10(step) + 1e-9))
    if abs(step * 10**places - round(step * 10**places)) > 1e-6:
        places += 1
    return f"{tick:{thousands(largest)}.{places}f}".replace("-", "−")


def width_of(words: str, size: float = SMALL) -> float:
    """About how wide words are."""
    wide = sum(2 if ord(letter) > 0x2E80 else 1 for letter in words)
    return wide * size * _LETTER


def fitted(words: str, room: float, size: float = SMALL) -> str:
    """As much of some words as has room."""
    letters = max(4, int(room / (size * _LETTER)))
    if any(ord(letter) > 0x2E80 for letter in words):
        letters = max(2, letters // 2)
    return shortened(words, letters)


def _printable(words: str) -> str:
    """Without the characters that XML cannot hold, and on one line."""
    return "".join(c if c.isprintable() else " " for c in words)


def _told(points: FloatArray) -> FloatArray:
    """Points (m, 2) without those inside a run that is level to a tenth of a pixel."""
    height = np.round(points[:, 1], 1)
    level = height[1:] == height[:-1]
    inner = np.zeros(len(points), np.bool_)
    inner[1:-1] = level[:-1] & level[1:]
    return points[~inner]


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _opacity(value: float, name: str = "fill-opacity") -> str:
    return "" if value >= 1.0 else f' {name}="{value:g}"'
