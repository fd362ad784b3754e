"""Rows of the table on the clipboard: as text, and as cells of which a spreadsheet keeps the kind.

A spreadsheet guesses what text means: "=1+1" becomes 2, "00123" becomes 123, and where commas are
decimal marks "8.666" is more than eight thousand. So there is HTML too, which says what is text and
what each number is, in the words of LibreOffice (sdval, sdnum) and of Excel (x:num,
mso-number-format).
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication

from gmmdesk.errors import UsageError
from gmmdesk.ui.tables.fields import Field, RowNumbers

MOST_CELLS = 1_000_000  # what a spreadsheet still takes
MOST_CHARACTERS = 50_000_000

# What ends a cell or a line; "\r\n" is one end.
_ENDS = re.compile(r"\r\n|[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]")
# Blanks that HTML makes one of, or none.
_BLANKS = re.compile(r"^ | $|  ")
# A number and nothing else: neither 12%, nor a code such as 0012.5.
_NUMBER = re.compile(r"(?![-+]?0\d)[-+\d.,'’\s\u2212eE]+")
_EXACT = 10**15  # a spreadsheet keeps so many digits of a number
_HEAD = (
    '<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><meta charset="utf-8">'
    '<style>td.t{mso-number-format:"\\@"}</style></head><body><table>\n'
)


class Copied(NamedTuple):
    """Rows for the clipboard, twice: as lines of text with tabs between cells, and as a table."""

    text: str
    html: str


def copied(fields: Sequence[Field], rows: RowNumbers, most: int = MOST_CHARACTERS) -> Copied:
    """The names of the fields and their cells in `rows` (m,), a line each.

    Blanks stay; a tab or a line end inside a cell becomes one. Raises UsageError where the text
    would be longer than `most` characters.
    """
    columns, marked = [], []
    n_characters = 0
    for field in fields:
        cells = [_clean(cell) for cell in field.plain(rows)]
        columns.append(cells)
        n_characters += sum(map(len, cells)) + len(rows)
        if n_characters > most:
            raise UsageError(
                f"These rows have more than {most:,} characters, too many to copy.",
                "Choose fewer rows, or export the table.",
            )
        values = field.values(rows)
        numbers = [np.nan] * len(cells) if values is None else values.tolist()
        marked.append([_marked(*cell) for cell in zip(cells, numbers, strict=True)])
    names = [_clean(field.name) for field in fields]
    lines = ["\t".join(line) for line in (names, *zip(*columns, strict=True))]
    head = [_marked(name) for name in names]
    table = [f"<tr>{''.join(line)}</tr>\n" for line in (head, *zip(*marked, strict=True))]
    return Copied("\n".join(lines), "".join((_HEAD, *table, "</table></body></html>")))


def put_on_clipboard(rows: Copied) -> None:
    data = QMimeData()
    data.setText(rows.text)
    data.setHtml(rows.html)
    QGuiApplication.clipboard().setMimeData(data)


def _clean(cell: str) -> str:
    return _ENDS.sub(" ", cell)


def _marked(cell: str, number: float = np.nan) -> str:
    """A cell that says whether it is text or a number, and which."""
    if not cell:
        return "<td></td>"
    shown = html.escape(cell)
    if abs(number) < _EXACT and _NUMBER.fullmatch(cell):
        return f'<td x:num="{number!r}" sdval="{number!r}" sdnum="1033;">{shown}</td>'
    if _BLANKS.search(cell):
        shown = f"<pre>{shown}</pre>"
    return f'<td class="t" sdnum="1033;0;@">{shown}</td>'
