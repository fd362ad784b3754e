"""A report as a text document of Qt: real text, and figures that stay lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import QByteArray, QCoreApplication, QRect, QRectF, QSizeF
from PySide6.QtGui import (
    QFont,
    QPainter,
    QPyTextObject,
    QTextBlock,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFrame,
    QTextTable,
    QTextTableCell,
)
from PySide6.QtSvg import QSvgRenderer

from gmmdesk.export.report import Report, sections
from gmmdesk.export.report.figures import Figure
from gmmdesk.export.report.style import Style

_FIGURE = QTextFormat.ObjectTypes.UserObject + 1
_NUMBER = QTextFormat.Property.UserProperty + 1
_SCALE = QTextFormat.Property.UserProperty + 2
_KEEP = QTextCursor.MoveMode.KeepAnchor
_LEAST_SHARE = 0.6  # of its size that a figure is reduced to, to fit at the end of a page
_CAPTION = 52.0  # units below a figure for what it is called
_WHOLE = 0.3  # of a page: no larger table is kept in one piece
_SHORT = 24  # lines of a table that is no longer than a page
_PADDING = 4.0  # above a line that begins a page
_WIDEST = 760.0  # of a figure, in pixels
_PLACE = "\N{INVISIBLE SEPARATOR}figure {}\N{INVISIBLE SEPARATOR}"
# Qt knows only some of CSS, and of the rest what attributes say.
_SAID_BY_ATTRIBUTES = (
    ('<table class="lines', '<table width="100%" cellpadding="4" class="lines'),
    ('<table class="facts"', '<table cellpadding="2" class="facts"'),
    ('class="number"', 'class="number" align="right"'),
)
_CSS = """
h1 {{ font-size: xx-large; }}
h2 {{ font-size: large; margin-top: 22px; }}
h3 {{ font-size: medium; margin-top: 12px; }}
p {{ margin-top: 4px; margin-bottom: 4px; }}
.verdict {{ font-size: large; background-color: {tint}; }}
.quiet, .caption {{ color: {quiet}; }}
.reference {{ margin-left: 20px; text-indent: -20px; }}
table {{ border-collapse: collapse; margin-top: 4px; margin-bottom: 6px; }}
td.number {{ white-space: nowrap; }}
th {{ text-align: left; vertical-align: bottom; }}
td {{ vertical-align: top; }}
.lines td, .lines th {{ border-bottom: 1px solid {grid}; }}
.facts th {{ font-weight: normal; color: {quiet}; vertical-align: top; }}
.doubt {{ color: {doubt}; }}
.note {{ color: {note}; }}
.fine {{ color: {fine}; }}
.grade {{ vertical-align: top; }}
pre {{ font-family: monospace; white-space: pre-wrap; }}
"""
_GRADES = {
    False: {"doubt": "#A1371D", "note": "#7A5A00", "fine": "#1C6B3A"},
    True: {"doubt": "#FF9C85", "note": "#E6C15A", "fine": "#7FD09B"},
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


def built(content: Pages, font: QFont) -> ReportDocument:
    """A document that then belongs to the UI thread, built where that need not wait for it.

    Without a layout, which would hold letters that end with this thread: `begin_layout` is for
    the other one. Whoever calls this on a thread must not be the last to hold the document.
    """
    document = ReportDocument(content, font, has_layout=False)
    document.move_to_ui_thread()
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
            shape.setObjectType(_FIGURE)
            shape.setProperty(_NUMBER, number)
            cursor.insertText("\N{OBJECT REPLACEMENT CHARACTER}", shape)
        if has_layout:
            self.begin_layout()

    def begin_layout(self) -> None:
        """Have a layout, which from here on every change has follow."""
        self.documentLayout().registerHandler(_FIGURE, self._painter)

    def move_to_ui_thread(self) -> None:
        """With all that draws its figures."""
        app = QCoreApplication.instance()
        assert app is not None
        for part in (self, self._painter, *self._painter.renderers):
            part.moveToThread(app.thread())

    def fit_to_pages(self, size: QSizeF) -> None:
        """Lay the text out on pages with little white at their ends.

        No line of a table is cut, no heading alone at an end, and what is short stays together; a
        figure for which the rest of a page is nearly enough is made to fit. From the top down, as
        each change moves what is below.
        """
        self.setPageSize(size)
        head: QTextBlock | None = None  # the first of the headings right above
        above = 0.0  # where what is above ends
        for part in list(_parts(self.rootFrame())):
            if isinstance(part, QTextBlock) and not part.text():
                continue
            if isinstance(part, QTextBlock) and part.blockFormat().headingLevel():
                head = head or part
            else:
                if isinstance(part, QTextBlock):
                    self._shrink_figure(part, above)
                self._keep_together(head, part)
                if isinstance(part, QTextTable):
                    self._keep_lines(part)
                head = None
            above = self._extent(part).bottom()
        self.setPageSize(size)  # all is laid out anew

    def _extent(self, part: QTextBlock | QTextTable) -> QRectF:
        layout = self.documentLayout()
        if isinstance(part, QTextTable):
            return layout.frameBoundingRect(part)
        return layout.blockBoundingRect(part)

    def _shrink_figure(self, block: QTextBlock, above: float) -> None:
        """Make a figure fit, with its caption, for which the rest of the page is nearly enough."""
        cursor = QTextCursor(block)
        cursor.movePosition(QTextCursor.MoveOperation.NextCharacter, _KEEP)
        shape = cursor.charFormat()
        if shape.objectType() != _FIGURE:
            return
        height, extent = self.pageSize().height(), self._extent(block)
        if int(above // height) == int((extent.bottom() + _CAPTION) // height):
            return
        share = (height - above % height - _CAPTION) / extent.height()
        if _LEAST_SHARE <= share < 1.0:
            shape.setProperty(_SCALE, share)
            cursor.setCharFormat(shape)

    def _keep_together(self, head: QTextBlock | None, part: QTextBlock | QTextTable) -> None:
        """Let headings, or a short table without one, begin the page that what follows is on."""
        height, extent = self.pageSize().height(), self._extent(part)
        if isinstance(part, QTextTable):
            whole = extent.height() <= _WHOLE * height
            end = extent.bottom() if whole else self._first_lines(part)
        else:
            lines = part.layout()
            first = lines.lineAt(0).rect().bottom() if lines.lineCount() else 0.0
            end = extent.top() + first
        top = self._extent(head).top() if head is not None else extent.top()
        if top % height <= 1.0 or int(top // height) == int((end - 1.0) // height):
            return
        before = QTextFormat.PageBreakFlag.PageBreak_AlwaysBefore
        if head is not None:
            shape = head.blockFormat()
            shape.setPageBreakPolicy(before)
            QTextCursor(head).setBlockFormat(shape)
        elif isinstance(part, QTextTable):
            outer = part.format().toTableFormat()
            outer.setPageBreakPolicy(before)
            part.setFormat(outer)

    def _first_lines(self, table: QTextTable) -> float:
        """Where the first line of a table's body ends."""
        layout = self.documentLayout()
        last = min(table.format().toTableFormat().headerRowCount(), table.rows() - 1)
        columns = range(table.columns())
        ends = [layout.blockBoundingRect(_last(table.cellAt(last, j))) for j in columns]
        return max(end.bottom() for end in ends)

    def _keep_lines(self, table: QTextTable) -> None:
        """Let a line of a table that the end of a page would cut begin the next page.

        Tables of more than a page keep Qt's own way, which heads each page with the table's head.
        """
        layout, height = self.documentLayout(), self.pageSize().height()
        if table.rows() > _SHORT:
            return
        shape = table.format().toTableFormat()
        shape.setHeaderRowCount(0)
        table.setFormat(shape)
        for row in range(table.rows()):
            cells = [table.cellAt(row, column) for column in range(table.columns())]
            top = min(layout.blockBoundingRect(_first(cell)).top() for cell in cells)
            bottom = max(layout.blockBoundingRect(_last(cell)).bottom() for cell in cells)
            rest = height - top % height
            if bottom - top < height and bottom > top + rest + 1.0:
                for cell in cells:
                    pushed = cell.format().toTableCellFormat()
                    pushed.setTopPadding(pushed.topPadding() + rest + _PADDING)
                    cell.setFormat(pushed)


def _parts(frame: QTextFrame) -> Iterator[QTextBlock | QTextTable]:
    """The blocks and tables of a frame, in their order."""
    at = frame.begin()
    while not at.atEnd():
        inner = at.currentFrame()
        if isinstance(inner, QTextTable):
            yield inner
        elif at.currentBlock().isValid():
            yield at.currentBlock()
        at += 1


def _first(cell: QTextTableCell) -> QTextBlock:
    return cell.firstCursorPosition().block()


def _last(cell: QTextTableCell) -> QTextBlock:
    return cell.lastCursorPosition().block()


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
        width *= shape.doubleProperty(_SCALE) or 1.0
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
