"""One look: Fusion, light or dark, one accent, one scale of spaces."""

from __future__ import annotations

from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QLabel, QWidget

SPACE = 8  # pixels; every gap is a multiple or a half of it

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
    "Window": "#20262D", "WindowText": "#E6EAEE", "Base": "#171C22", "AlternateBase": "#1D232A",
    "Text": "#E6EAEE", "Button": "#2B333C", "ButtonText": "#E6EAEE", "Highlight": "#2F75BD",
    "HighlightedText": "#FFFFFF", "Accent": "#2F75BD", "Link": "#7DB7F0", "LinkVisited": "#7DB7F0",
    "PlaceholderText": "#9AA6B2", "Mid": "#3B454F", "Midlight": "#313A43", "Dark": "#12161B",
    "Light": "#46515C", "Shadow": "#0B0E11", "ToolTipBase": "#2B333C", "ToolTipText": "#E6EAEE",
    "BrightText": "#FF8A80",
}  # fmt: skip
_DISABLED = {"light": "#98A2AD", "dark": "#6A7682"}


def install(app: QApplication) -> None:
    """Give the application its style, the scheme chosen last, and the following of the system."""
    app.setStyle("Fusion")
    app.styleHints().colorSchemeChanged.connect(lambda _scheme: _apply_palette(app))
    set_scheme(chosen_scheme())
    _apply_palette(app)


def chosen_scheme() -> str:
    """What the user chose: a key of `SCHEMES`."""
    name = str(QSettings().value("theme", "system"))
    return name if name in SCHEMES else "system"


def set_scheme(name: str) -> None:
    """Use and remember one of `SCHEMES`."""
    QSettings().setValue("theme", name)
    QGuiApplication.styleHints().setColorScheme(SCHEMES[name])


def is_dark() -> bool:
    return QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark


def _apply_palette(app: QApplication) -> None:
    dark = is_dark()
    palette = QPalette()
    for role, value in (_DARK if dark else _LIGHT).items():
        palette.setColor(QPalette.ColorRole[role], QColor(value))
    for role in ("WindowText", "Text", "ButtonText", "HighlightedText"):
        palette.setColor(
            QPalette.ColorGroup.Disabled,
            QPalette.ColorRole[role],
            QColor(_DISABLED["dark" if dark else "light"]),
        )
    app.setPalette(palette)


def heading(text: str, parent: QWidget | None = None) -> QLabel:
    """A label that opens a section."""
    label = QLabel(text, parent)
    font = QFont(label.font())
    font.setWeight(QFont.Weight.DemiBold)
    font.setPointSizeF(font.pointSizeF() * 1.08)
    label.setFont(font)
    return label


def secondary(text: str = "", parent: QWidget | None = None) -> QLabel:
    """A label for what explains: quieter than the text, still readable."""
    label = QLabel(text, parent)
    label.setWordWrap(True)
    label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    return label


def make_primary(button: QWidget) -> None:
    """Mark the one button that leads on."""
    font = QFont(button.font())
    font.setWeight(QFont.Weight.DemiBold)
    button.setFont(font)
    button.setProperty("primary", True)
    button.setStyleSheet(
        "QPushButton { background: palette(accent); color: palette(highlighted-text);"
        " border: 1px solid palette(accent); border-radius: 4px; padding: 7px 14px; }"
        "QPushButton:hover { border-color: palette(window-text); }"
        "QPushButton:focus { border: 2px solid palette(window-text); padding: 6px 13px; }"
        "QPushButton:disabled { background: palette(midlight); color: palette(placeholder-text);"
        " border-color: palette(mid); }"
    )
