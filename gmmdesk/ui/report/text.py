"""A report as a text document of Qt: real text, and figures that stay lines."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QByteArray, QRect, QRectF, QSizeF
from PySide6.QtGui import (
    QFont,
    QPainter,
    QPyTextObject,
    QTextCharFormat,
    QTextDocument,
    QTextFormat,
)
from PySide6.QtSvg import QSvgRenderer

from gmmdesk.export.report import Report, sections
from gmmdesk.export.report.figures import Figure
from gmmdesk.export.report.style import Style

FIGURE = QTextFormat.ObjectTypes.UserObject + 1
_NUMBER = QTextFormat.Property.UserProperty + 1
SCALE = QTextFormat.Property.UserProperty + 2
_WIDEST = 760.0  # of a figure, in pixels
_PLACE = "\N{INVISIBLE SEPARATOR}figure {}\N{INVISIBLE SEPARATOR}"
# Qt knows only some of CSS, and of the rest what attributes say.
_SAID_BY_ATTRIBUTES = (
    ('<table class="lines', '<table width="100%" cellpadding="4" class="lines'),
    ('<table class="facts"', '<table cellpadding="2" class="facts"'),
    ('class="number', 'align="right" class="number'),
)
_CSS = """
h1 {{ font-size: xx-large; }}
h2 {{ font-size: large; margin-top: 22px; }}
h3 {{ font-size: medium; margin-top: 12px; }}
p {{ margin-top: 4px; margin-bottom: 4px; }}
.verdict {{ font-size: large; font-weight: 600; background-color: {tint}; }}
.grounds {{ margin-top: 4px; margin-bottom: 4px; }}
.quiet, .caption {{ color: {quiet}; }}
.reference {{ margin-left: 20px; text-indent: -20px; }}
table {{ border-collapse: collapse; margin-top: 4px; margin-bottom: 6px; }}
td.number, .short {{ white-space: nowrap; }}
th {{ text-align: left; vertical-align: bottom; }}
td {{ vertical-align: top; }}
.lines td, .lines th {{ border-bottom: 1px solid {grid}; }}
.facts th {{ padding-right: 14px; font-weight: normal; color: {quiet}; vertical-align: top; }}
.in_doubt {{ color: {in_doubt}; }}
.to_note {{ color: {to_note}; }}
.in_order {{ color: {in_order}; }}
.grade {{ vertical-align: top; white-space: nowrap; }}
pre {{ font-family: monospace; white-space: pre-wrap; }}
"""
_GRADES = {
    False: {"in_doubt": "#A1371D", "to_note": "#7A5A00", "in_order": "#1C6B3A"},
    True: {"in_doubt": "#FF9C85", "to_note": "#E6C15A", "in_order": "#7FD09B"},
}


@dataclass(frozen=True, slots=True)
class Pages:
    """A report in one style: `html` with a place for each figure, `figures` as SVG."""

    html: str
    css: str
    figures: tuple[str, ...]
    ink: str


def pages(content: Report, look: Style, *, dark: bool) -> Pages:
    """Draws the figures: not for the UI thread."""
    style, drawn = content.style(look), []

    def place(figure: Figure) -> str:
        drawn.append(figure.draw(style))
        return _PLACE.format(len(drawn) - 1)

    html = str(sections(content, look, place))
    for known, said in _SAID_BY_ATTRIBUTES:
        html = html.replace(known, said)
    tint = "#242C34" if dark else "#F1F4F8"
    css = _CSS.format(tint=tint, quiet=style.quiet, grid=style.grid, **_GRADES[dark])
    return Pages(html, css, tuple(drawn), style.ink)


def built(content: Pages, font: QFont, *, margin: float, width: float) -> ReportDocument:
    """A document of that width, which is laid out from now on.

    For the thread that shows it. To move one there takes a lock of Qt for each of its hundreds of
    parts, which other threads hold while they wait for the interpreter: that came to a deadlock.
    """
    document = ReportDocument(content, font, has_layout=False)
    document.setDocumentMargin(margin)  # while nothing follows from either
    document.setTextWidth(width)
    document.begin_layout()
    return document


class ReportDocument(QTextDocument):
    """The text to be laid out; figures are as wide as it, 760 pixels at most."""

    def __init__(self, content: Pages, font: QFont, *, has_layout: bool = True) -> None:
        super().__init__()
        self.setUndoRedoEnabled(False)
        self.setDefaultFont(font)
        self.setDefaultStyleSheet(f"body {{ color: {content.ink}; }}{content.css}")
        self.setHtml(f"<html><body>{content.html}</body></html>")
        renderers = [QSvgRenderer(QByteArray(svg.encode())) for svg in content.figures]
        self._painter = _Figures(renderers)
        for number in range(len(renderers)):
            cursor = self.find(_PLACE.format(number))
            shape = QTextCharFormat()
            shape.setObjectType(FIGURE)
            shape.setProperty(_NUMBER, number)
            cursor.insertText("\N{OBJECT REPLACEMENT CHARACTER}", shape)
        if has_layout:
            self.begin_layout()

    def begin_layout(self) -> None:
        """Have a layout, which from here on every change has follow."""
        self.documentLayout().registerHandler(FIGURE, self._painter)


class _Figures(QPyTextObject):
    """Draws a figure in the place of its character, as lines and text."""

    def __init__(self, renderers: list[QSvgRenderer]) -> None:
        super().__init__()
        self.renderers = renderers

    def intrinsicSize(self, doc: QTextDocument, _at: int, shape: QTextFormat) -> QSizeF:
        renderer = self.renderers[shape.intProperty(_NUMBER)]
        size = renderer.defaultSize()
        room = doc.pageSize().width() if doc.pageSize().width() > 0 else doc.textWidth()
        width = min(_WIDEST, room - 2.0 * doc.documentMargin() - 1.0)
        width *= shape.doubleProperty(SCALE) or 1.0
        return QSizeF(width, width * size.height() / max(1, size.width()))

    def drawObject(
        self,
        painter: QPainter,
        rect: QRectF | QRect,
        _doc: QTextDocument,
        _at: int,
        shape: QTextFormat,
    ) -> None:
        self.renderers[shape.intProperty(_NUMBER)].render(painter, QRectF(rect))
