"""One look: Fusion, light or dark, one accent, one scale of spaces, of lines and of type.

What is drawn takes its measures from here, so that the same means the same in every view: `Line`
and `Opacity`. Colours of clusters are in `analysis.palette` and `colors`, those of densities in
`drawing.schemes`.
"""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSettings, Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QIcon, QPainter, QPalette, QPen
from PySide6.QtWidgets import (
    QApplication,
    QDialogButtonBox,
    QProxyStyle,
    QPushButton,
    QStyle,
    QStyleOption,
    QTabBar,
    QToolButton,
    QWidget,
)

SPACE = 8  # pixels; every gap is a multiple or a half of it


class Line:
    """Widths of lines, in pixels of the window."""

    EDGE = 0.8  # around a dot
    HAIR = 1.0  # axes, frames, what others stand before
    FINE = 1.5  # contours, marks, the outline of what is being chosen
    PLAIN = 2.0  # what carries the data: curves, ellipses, centres
    CHOSEN = 3.0  # the same of the chosen cluster
    BEHIND = 5.0  # the paper behind a plain line, where it crosses dots


class Opacity:
    """How much of a colour is seen before what lies below."""

    WASH = 0.18  # of what fills an area: a region, a band, a range
    FAINT = 0.25  # a row that could be of any cluster, or is of another than the chosen one
    DIMMED = 0.3  # a line or area of another cluster than the chosen one
    SINGLE = 0.45  # of a cell with one row, where rows are counted; a full one has 1
    HALO = 0.5  # the paper around a line, where it crosses dots
    BAR = 0.6  # bars, and cells that are as full as can be: lines and words stand on them
    SELECTED = 0.7  # the selected rows, as a part of a bar
    VEIL = 0.6  # the paper over rows that are not selected
    EDGE = 0.75  # the line around a dot
    PLATE = 0.85  # the paper behind words on a picture
    DOT = 0.9  # a row
    TICKS = (1.0, 0.5, 1.0 / 3.0)  # along an axis, the coarsest first
    # Behind a candidate, by how close its criterion is to the best one's: less and less.
    CLOSE = (0.3, 0.18, 0.09, 0.0)


class TypeSize:
    """Sizes of type, as multiples of the window's own; on paper in points."""

    HEADING = 1.08  # opens a section
    TITLE = 1.8  # of the first page
    PAPER = 9.0  # the report's text


def demi_bold(font: QFont) -> QFont:
    """The same letters, for what opens or names something."""
    heavier = QFont(font)
    heavier.setWeight(QFont.Weight.DemiBold)
    return heavier


SCHEMES = {
    "system": Qt.ColorScheme.Unknown,
    "light": Qt.ColorScheme.Light,
    "dark": Qt.ColorScheme.Dark,
}

_LIGHT = {
    "Window": "#F5F6F8", "WindowText": "#1B2530", "Base": "#FFFFFF", "AlternateBase": "#F3F5F8",
    "Text": "#1B2530", "Button": "#FCFCFD", "ButtonText": "#1B2530", "Highlight": "#2166AC",
    "HighlightedText": "#FFFFFF", "Accent": "#2166AC", "Link": "#1A5A9C", "LinkVisited": "#1A5A9C",
    "PlaceholderText": "#5C6875", "Mid": "#C3CAD3", "Midlight": "#E3E7EC", "Dark": "#9AA5B1",
    "Light": "#FFFFFF", "Shadow": "#6B7683", "ToolTipBase": "#FFFFFF", "ToolTipText": "#1B2530",
    "BrightText": "#B3261E",
}  # fmt: skip
_DARK = {
    "Window": "#181D22", "WindowText": "#E6EAEE", "Base": "#20262C", "AlternateBase": "#262D34",
    "Text": "#E6EAEE", "Button": "#2B333C", "ButtonText": "#E6EAEE", "Highlight": "#2F75BD",
    "HighlightedText": "#FFFFFF", "Accent": "#2F75BD", "Link": "#7DB7F0", "LinkVisited": "#7DB7F0",
    "PlaceholderText": "#9AA6B2", "Mid": "#3B454F", "Midlight": "#313A43", "Dark": "#12161B",
    "Light": "#46515C", "Shadow": "#0B0E11", "ToolTipBase": "#2B333C", "ToolTipText": "#E6EAEE",
    "BrightText": "#FF8A80",
}  # fmt: skip
_DISABLED = {"light": "#98A2AD", "dark": "#6A7682"}


def install(app: QApplication) -> None:
    """Give the application its style, the scheme chosen last, and the following of the system."""
    app.setStyle(_Style("Fusion"))
    app.styleHints().colorSchemeChanged.connect(lambda _scheme: _apply_palette())
    _use(chosen_scheme())


class _Style(QProxyStyle):
    """Fusion, with boxes to tick that can be seen in the dark, and plain buttons in dialogs."""

    _BOXES = (
        QStyle.PrimitiveElement.PE_IndicatorCheckBox,
        QStyle.PrimitiveElement.PE_IndicatorItemViewItemCheck,
    )

    # Three functions in Qt, as which its stubs declare it; here one is called for all.
    def polish(self, polished: QWidget | QApplication | QPalette) -> None:  # type: ignore[override]
        super().polish(polished)
        # Some desktops have icons on the buttons of dialogs. Not by the style's hint for it: what
        # is asked for so often is not to be answered from Python.
        if isinstance(polished, QPushButton) and isinstance(polished.parent(), QDialogButtonBox):
            polished.setIcon(QIcon())

    def drawPrimitive(
        self,
        element: QStyle.PrimitiveElement,
        option: QStyleOption,
        painter: QPainter,
        widget: QWidget | None = None,
    ) -> None:
        if element is QStyle.PrimitiveElement.PE_FrameFocusRect and isinstance(widget, QToolButton):
            self._draw_focus(option, painter)
            return
        super().drawPrimitive(element, option, painter, widget)
        radio = element is QStyle.PrimitiveElement.PE_IndicatorRadioButton
        if not radio and element not in self._BOXES:
            return
        enabled = QStyle.StateFlag.State_Enabled in option.state
        role = QPalette.ColorRole.PlaceholderText if enabled else QPalette.ColorRole.Mid
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, radio)
        painter.setPen(option.palette.color(role))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        frame = option.rect.adjusted(0, 0, -1, -1)
        if radio:
            painter.drawEllipse(frame)
        else:
            painter.drawRect(frame)
        painter.restore()

    @staticmethod
    def _draw_focus(option: QStyleOption, painter: QPainter) -> None:
        """A line in the colour of links: Fusion's is hardly seen around flat buttons."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(option.palette.color(QPalette.ColorRole.Link), Line.FINE))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(option.rect).adjusted(1, 1, -1, -1), 3, 3)
        painter.restore()


class _NarrowTabs(QProxyStyle):
    def pixelMetric(
        self,
        metric: QStyle.PixelMetric,
        option: QStyleOption | None = None,
        widget: QWidget | None = None,
    ) -> int:
        if metric is QStyle.PixelMetric.PM_TabBarTabHSpace:
            return 2 * SPACE
        return super().pixelMetric(metric, option, widget)


def narrow(tabs: QTabBar) -> None:
    """Less room around the titles: those of all views have room side by side in a small window."""
    style = _NarrowTabs("Fusion")  # not for all widgets: they ask for sizes 20,000 times at a load
    style.setParent(tabs)
    tabs.setStyle(style)


def chosen_scheme() -> str:
    """What the user chose: a key of `SCHEMES`."""
    name = str(QSettings().value("theme", "system"))
    return name if name in SCHEMES else "system"


def set_scheme(name: str) -> None:
    """Use and remember one of `SCHEMES`."""
    QSettings().setValue("theme", name)
    _use(name)


def _use(name: str) -> None:
    QGuiApplication.styleHints().setColorScheme(SCHEMES[name])
    _apply_palette()  # some platforms have no colour scheme to change, and send no signal


def _apply_palette() -> None:
    scheme = SCHEMES[chosen_scheme()]
    if scheme is Qt.ColorScheme.Unknown:
        scheme = QGuiApplication.styleHints().colorScheme()
    QApplication.setPalette(palette(dark=scheme is Qt.ColorScheme.Dark))


def palette(*, dark: bool) -> QPalette:
    """The colours of the light or the dark scheme."""
    palette = QPalette()
    for role, value in (_DARK if dark else _LIGHT).items():
        palette.setColor(QPalette.ColorRole[role], QColor(value))
    for role in ("WindowText", "Text", "ButtonText", "HighlightedText"):
        palette.setColor(
            QPalette.ColorGroup.Disabled,
            QPalette.ColorRole[role],
            QColor(_DISABLED["dark" if dark else "light"]),
        )
    return palette
