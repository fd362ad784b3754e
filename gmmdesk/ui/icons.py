"""The program's icons: line drawings in the colour of the text, sharp at every scale."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QIconEngine, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer


@cache
def _source(name: str) -> str:
    return (files("gmmdesk.resources") / "icons" / f"{name}.svg").read_text(encoding="utf-8")


@cache
def _renderer(name: str, color: str) -> QSvgRenderer:
    svg = _source(name).replace("currentColor", color)
    return QSvgRenderer(QByteArray(svg.encode()))


class _SvgIconEngine(QIconEngine):
    """Draws with the palette of the moment, so icons follow the theme by themselves."""

    def __init__(self, name: str, role: QPalette.ColorRole) -> None:
        super().__init__()
        self._name = name
        self._role = role

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, _state: QIcon.State) -> None:
        palette = QGuiApplication.palette()
        disabled = mode is QIcon.Mode.Disabled
        group = QPalette.ColorGroup.Disabled if disabled else QPalette.ColorGroup.Active
        color = palette.color(group, self._role).name()
        _renderer(self._name, color).render(painter, QRectF(rect))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, QRect(0, 0, size.width(), size.height()), mode, state)
        painter.end()
        return pixmap

    def clone(self) -> QIconEngine:
        return _SvgIconEngine(self._name, self._role)


ON_ACCENT = QPalette.ColorRole.HighlightedText


def icon(name: str, role: QPalette.ColorRole = QPalette.ColorRole.WindowText) -> QIcon:
    """The icon drawn in resources/icons/NAME.svg, in the palette's colour for `role`."""
    return QIcon(_SvgIconEngine(name, role))


def logo(size: int = 64) -> QPixmap:
    """The program's own picture."""
    pixmap = QPixmap(size, size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    _renderer("gmmdesk", "#000000").render(painter, QRectF(0, 0, size, size))
    painter.end()
    return pixmap
