"""Where the pages of a report end: what belongs together stays together."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QRectF, QSizeF
from PySide6.QtGui import (
    QTextBlock,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFrame,
    QTextTable,
    QTextTableCell,
)

from gmmdesk.ui.report.text import FIGURE, SCALE

_BREAK = QTextFormat.PageBreakFlag.PageBreak_AlwaysBefore
_LEAST_SHARE = 0.6  # of its size that a figure is reduced to, to fit at the end of a page
_CAPTION = 52.0  # units below a figure for what it is called
_MOST_WHITE = 0.5  # of a page, left empty so that a table need not be cut
_SHORT = 4  # lines of a paragraph that is not cut
_PADDING = 4.0  # above a line that begins a page


def fit_to_pages(document: QTextDocument, size: QSizeF) -> None:
    """Lay the text out on pages with little white at their ends.

    No heading stands alone at an end, nor what leads over to what follows; no short paragraph is
    cut, and no table that fits on a page, unless half a page would be white. A figure for which the
    rest of a page is nearly enough is made to fit. From the top down, as each change moves what is
    below.
    """
    document.setPageSize(size)
    breaking = _Breaking(document)
    parts = [part for part in _parts(document.rootFrame()) if not _is_empty(part)]
    head: QTextBlock | None = None  # the first of what leads over to the next part
    above = 0.0  # where what is above ends
    for part, after in zip(parts, [*parts[1:], None], strict=True):
        if isinstance(part, QTextBlock) and _leads_over(part):
            head = head or part
        else:
            if isinstance(part, QTextTable):
                breaking.place_table(head, part, after)
            else:
                breaking.shrink_figure(part, above)
                breaking.place_block(head, part)
            head = None
        above = breaking.extent(part).bottom()
    document.setPageSize(size)  # all is laid out anew


class _Breaking:
    """Moves what would be cut at the end of a page of a document to the next one."""

    def __init__(self, document: QTextDocument) -> None:
        self._layout, self._height = document.documentLayout(), document.pageSize().height()

    def extent(self, part: QTextBlock | QTextTable) -> QRectF:
        """Where a part is laid out, in units from the top of the first page."""
        if isinstance(part, QTextTable):
            return self._layout.frameBoundingRect(part)
        return self._layout.blockBoundingRect(part)

    def shrink_figure(self, block: QTextBlock, above: float) -> None:
        """Make a figure fit, with its caption, for which the rest of the page is nearly enough."""
        cursor = QTextCursor(block)
        cursor.movePosition(
            QTextCursor.MoveOperation.NextCharacter, QTextCursor.MoveMode.KeepAnchor
        )
        shape = cursor.charFormat()
        if shape.objectType() != FIGURE:
            return
        height, extent = self._height, self.extent(block)
        if int(above // height) == int((extent.bottom() + _CAPTION) // height):
            return
        share = (height - above % height - _CAPTION) / extent.height()
        if _LEAST_SHARE <= share < 1.0:
            shape.setProperty(SCALE, share)
            cursor.setCharFormat(shape)

    def place_block(self, head: QTextBlock | None, block: QTextBlock) -> None:
        """Keep a short paragraph whole, and what leads over to any beside its first two lines."""
        lines, extent = block.layout(), self.extent(block)
        end = extent.bottom()
        if lines.lineCount() > _SHORT:
            end = extent.top() + lines.lineAt(1).rect().bottom()
        self._keep(head or block, end)

    def place_table(
        self, head: QTextBlock | None, table: QTextTable, after: QTextBlock | QTextTable | None
    ) -> None:
        """Keep a table whole, with what leads over to it and the caption below."""
        end = self.extent(table).bottom()
        if isinstance(after, QTextBlock) and after.layout().lineCount() <= _SHORT:
            end = self.extent(after).bottom()
        top = self.extent(head or table).top()
        white = self._height - top % self._height
        if end - top > self._height or white > _MOST_WHITE * self._height:
            self._keep(head or table, self._first_lines(table))
            self._keep_lines(table)
        else:
            self._keep(head or table, end)

    def _keep(self, first: QTextBlock | QTextTable, end: float) -> None:
        """Let `first` begin a page if what is from there to `end` would be cut."""
        top = self.extent(first).top()
        if top % self._height <= 1.0 or self._page(top) == self._page(end - 1.0):
            return
        if isinstance(first, QTextTable):
            outer = first.format().toTableFormat()
            outer.setPageBreakPolicy(_BREAK)
            first.setFormat(outer)
        else:
            shape = first.blockFormat()
            shape.setPageBreakPolicy(_BREAK)
            QTextCursor(first).setBlockFormat(shape)

    def _page(self, y: float) -> int:
        return int(y // self._height)

    def _first_lines(self, table: QTextTable) -> float:
        """Where the first line of a table's body ends."""
        last = min(_n_heads(table), table.rows() - 1)
        return max(self._bottom(cell) for cell in _cells(table, last))

    def _keep_lines(self, table: QTextTable) -> None:
        """Let a line of a table that the end of a page would cut begin the next page.

        There the table's head stands again, below which Qt puts what it moves by itself. Without a
        head the line above is stretched to the end of its page, as Qt leaves white above what it
        moves.
        """
        n_heads = _n_heads(table)
        heads = [cell for row in range(n_heads) for cell in _cells(table, row)]
        head = max((self._bottom(cell) - self._top(cell) for cell in heads), default=0.0)
        for row in range(n_heads, table.rows()):
            cells = _cells(table, row)
            top, bottom = min(map(self._top, cells)), max(map(self._bottom, cells))
            if bottom - top < self._height - head and self._page(top) != self._page(bottom - 1.0):
                rest = self._height - top % self._height
                if n_heads or not row:
                    _pad(cells, above=rest + _PADDING)
                else:
                    _pad(_cells(table, row - 1), below=rest)

    def _top(self, cell: QTextTableCell) -> float:
        return self._layout.blockBoundingRect(cell.firstCursorPosition().block()).top()

    def _bottom(self, cell: QTextTableCell) -> float:
        return self._layout.blockBoundingRect(cell.lastCursorPosition().block()).bottom()


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


def _is_empty(part: QTextBlock | QTextTable) -> bool:
    return isinstance(part, QTextBlock) and not part.text()


def _leads_over(block: QTextBlock) -> bool:
    """Whether a block is nothing without what follows it."""
    return block.blockFormat().headingLevel() > 0 or block.text().endswith(":")


def _n_heads(table: QTextTable) -> int:
    return table.format().toTableFormat().headerRowCount()


def _cells(table: QTextTable, row: int) -> list[QTextTableCell]:
    return [table.cellAt(row, column) for column in range(table.columns())]


def _pad(cells: list[QTextTableCell], *, above: float = 0.0, below: float = 0.0) -> None:
    """More room in cells, in units."""
    for cell in cells:
        padded = cell.format().toTableCellFormat()
        padded.setTopPadding(padded.topPadding() + above)
        padded.setBottomPadding(padded.bottomPadding() + below)
        cell.setFormat(padded)
