"""Small drawings of what views show, with what to look for, in the colours of the theme."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPalette, QPen, QPolygonF

from gmmdesk.ui.colors import cluster_color
from gmmdesk.ui.theme import Line, Opacity

WIDTH, HEIGHT = 440, 170  # pixels
_FLOOR = 140.0  # where curves stand
_DOT = 2.5  # pixels, its radius
_PALE = 0.3  # of a row that could be another's


class _Paper:
    """Draws in the colours of a palette."""

    def __init__(self, painter: QPainter, palette: QPalette) -> None:
        self._painter = painter
        self._paper = palette.color(QPalette.ColorRole.Base)
        self.ink = palette.color(QPalette.ColorRole.Text)
        self.quiet = palette.color(QPalette.ColorRole.PlaceholderText)

    def cluster(self, k: int, opacity: float = 1.0) -> QColor:
        color = QColor(cluster_color(k, self._paper, ()))
        color.setAlphaF(opacity)
        return color

    def dot(self, x: float, y: float, color: QColor, radius: float = _DOT) -> None:
        self._painter.setPen(Qt.PenStyle.NoPen)
        self._painter.setBrush(color)
        self._painter.drawEllipse(QPointF(x, y), radius, radius)

    def ring(self, x: float, y: float) -> None:
        self._outline(self.ink)
        self._painter.drawEllipse(QPointF(x, y), 7.0, 7.0)

    def ellipse(self, place: tuple[float, ...], k: int) -> None:
        """The `place` is the centre and half axes in pixels, and the angle in degrees."""
        x, y, across, along, angle = place
        self._painter.save()
        self._painter.translate(x, y)
        self._painter.rotate(angle)
        self._outline(self.cluster(k))
        self._painter.drawEllipse(QPointF(0.0, 0.0), across, along)
        self._painter.restore()

    def box(self, x: float, y: float, width: float, height: float, color: QColor) -> None:
        self._painter.fillRect(QRectF(x, y, width, height), color)

    def curve(self, points: list[tuple[float, float]], color: QColor) -> None:
        self._outline(color)
        self._painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in points]))

    def say(self, x: float, y: float, text: str) -> None:
        """Words that begin at `x`, on the line `y`."""
        self._painter.setPen(self.ink)
        self._painter.drawText(QPointF(x, y), text)

    def point_out(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """A line from words to what they are about."""
        self._painter.setPen(QPen(self.quiet, Line.FINE))
        self._painter.drawLine(QPointF(*start), QPointF(*end))

    def _outline(self, color: QColor) -> None:
        self._painter.setPen(QPen(color, Line.CHOSEN))
        self._painter.setBrush(Qt.BrushStyle.NoBrush)


def picture(name: str, palette: QPalette, ratio: float = 1.0) -> QImage:
    """The sketch called `name`, one of `SKETCHES`."""
    image = QImage(round(WIDTH * ratio), round(HEIGHT * ratio), QImage.Format.Format_ARGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    font = painter.font()
    font.setPixelSize(12)
    painter.setFont(font)
    SKETCHES[name](_Paper(painter, palette))
    painter.end()
    return image


def _bell(x: float, middle: float, spread: float, height: float) -> float:
    return height * math.exp(-0.5 * ((x - middle) / spread) ** 2)


def _map(paper: _Paper) -> None:
    clusters = ((80.0, 70.0, 52.0, 24.0, -25.0), (200.0, 105.0, 50.0, 30.0, 10.0))
    rng = np.random.default_rng(4)
    for k, (x, y, across, along, angle) in enumerate(clusters):
        paper.ellipse((x, y, across, along, angle), k)
        turned = math.radians(angle)
        for u, v in rng.normal(0.0, 0.45, (26, 2)).tolist():
            at = x + u * across * math.cos(turned) - v * along * math.sin(turned)
            paper.dot(at, y + u * across * math.sin(turned) + v * along * math.cos(turned),
                      paper.cluster(k))  # fmt: skip
    paper.dot(140.0, 90.0, paper.cluster(1, _PALE), 2.0 * _DOT)
    for text, y, end in (
        ("a row, coloured by cluster", 40.0, (101.0, 60.0)),
        ("pale: it could be of either", 74.0, (146.0, 88.0)),
        ("holds 90 % of the cluster", 134.0, (246.0, 114.0)),
    ):
        paper.say(262.0, y, text)
        paper.point_out((258.0, y - 4.0), end)


def _densities(paper: _Paper) -> None:
    bells = ((110.0, 26.0, 72.0), (215.0, 20.0, 92.0))
    rng = np.random.default_rng(2)
    for x in range(30, 280, 10):
        height = sum(_bell(x + 5.0, *bell) for bell in bells) * rng.uniform(0.85, 1.15)
        paper.box(x, _FLOOR - height, 9.0, height, _washed(paper.quiet))
    xs = [float(x) for x in range(30, 281, 2)]
    paper.curve([(x, _FLOOR - sum(_bell(x, *bell) for bell in bells)) for x in xs], paper.ink)
    for k, bell in enumerate(bells):
        paper.curve([(x, _FLOOR - _bell(x, *bell)) for x in xs], paper.cluster(k))
    for text, y, end in (
        ("all clusters together", 40.0, (224.0, 58.0)),
        ("one cluster", 80.0, (232.0, 86.0)),
        ("rows", 124.0, (252.0, 132.0)),
    ):
        paper.say(296.0, y, text)
        paper.point_out((292.0, y - 4.0), end)
    paper.say(128.0, 158.0, "a valley: two groups")
    paper.point_out((165.0, 146.0), (163.0, 130.0))


def _profiles(paper: _Paper) -> None:
    red, blue = QColor("#D1495B"), QColor("#2E78B7")
    lines = (
        ("income", (0.8, -0.5, -0.3)),
        ("visits", (-0.5, 0.6, 0.05)),
        ("age", (0.1, 0.0, -0.1)),
    )
    for k in range(3):
        paper.dot(112.0 + 60.0 * k, 22.0, paper.cluster(k), 5.0)
    for i, (name, values) in enumerate(lines):
        y = 40.0 + 32.0 * i
        paper.say(20.0, y + 19.0, name)
        for k, value in enumerate(values):
            color = QColor(red if value > 0 else blue)
            color.setAlphaF(abs(value))
            paper.box(84.0 + 60.0 * k, y, 58.0, 30.0, color)
    for text, y, end in (
        ("far above the mean", 46.0, (120.0, 52.0)),
        ("far below", 80.0, (190.0, 58.0)),
        ("tells little about them", 124.0, (254.0, 120.0)),
    ):
        paper.say(282.0, y, text)
        paper.point_out((278.0, y - 4.0), end)


def _certainty(paper: _Paper) -> None:
    for k, (begin, depth) in enumerate(((0.85, 55.0), (0.35, 75.0))):
        shares = [i / 60.0 for i in range(61)]
        fall = [depth * max(0.0, (s - begin) / (1.0 - begin)) ** 2 for s in shares]
        paper.curve([(30.0 + 230.0 * s, 24.0 + f) for s, f in zip(shares, fall, strict=True)],
                    paper.cluster(k))  # fmt: skip
    paper.curve([(30.0, 18.0), (30.0, _FLOOR), (262.0, _FLOOR)], paper.quiet)
    paper.say(66.0, 158.0, "surest rows first")
    for text, y, end in (
        ("sure, nearly all of them", 40.0, (232.0, 27.0)),
        ("could be another's", 96.0, (216.0, 62.0)),
    ):
        paper.say(266.0, y, text)
        paper.point_out((262.0, y - 4.0), end)


def _choose_k(paper: _Paper) -> None:
    worths = ((30.0, 62.0, 112.0, 104.0, 92.0, 76.0), (24.0, 48.0, 84.0, 98.0, 90.0, 80.0))
    for worth, color in zip(worths, (paper.cluster(0), paper.quiet), strict=True):
        places = [(50.0 + 40.0 * i, 16.0 + one) for i, one in enumerate(worth)]
        paper.curve(places, color)
        for x, y in places:
            paper.dot(x, y, color)
    paper.curve([(30.0, 12.0), (30.0, _FLOOR), (270.0, _FLOOR)], paper.quiet)
    paper.ring(130.0, 128.0)
    for i in range(6):
        paper.say(47.0 + 40.0 * i, 158.0, str(i + 1))
    for text, y, end in (
        ("one shape", 66.0, (262.0, 94.0)),
        ("the answer: the lowest", 128.0, (140.0, 127.0)),
    ):
        paper.say(282.0, y, text)
        paper.point_out((278.0, y - 4.0), end)


def _shape(paper: _Paper) -> None:
    paper.curve([(30.0, _FLOOR), (270.0, 30.0)], paper.quiet)
    rng = np.random.default_rng(7)
    for share in np.sort(rng.beta(1.2, 2.2, 45)).tolist():
        tail = 90.0 * max(0.0, share - 0.55) ** 1.4
        x = 30.0 + 240.0 * share
        paper.dot(x, _FLOOR - 110.0 * share - tail + rng.normal(0.0, 1.0), paper.cluster(0))
    for text, y, end in (
        ("above the line: far out", 26.0, (222.0, 36.0)),
        ("a bell", 76.0, (224.0, 54.0)),
        ("on the line: as in a bell", 128.0, (96.0, 112.0)),
    ):
        paper.say(282.0, y, text)
        paper.point_out((278.0, y - 4.0), end)


def _washed(color: QColor) -> QColor:
    washed = QColor(color)
    washed.setAlphaF(Opacity.WASH)
    return washed


SKETCHES: Mapping[str, Callable[[_Paper], None]] = {
    "map": _map,
    "densities": _densities,
    "profiles": _profiles,
    "certainty": _certainty,
    "choose-k": _choose_k,
    "shape": _shape,
}
