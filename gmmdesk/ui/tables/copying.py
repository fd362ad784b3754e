"""Rows of the table as text that a spreadsheet takes from the clipboard."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gmmdesk.errors import UsageError
from gmmdesk.ui.tables.fields import Field, RowNumbers

MOST_CELLS = 1_000_000  # what a spreadsheet still takes
MOST_CHARACTERS = 50_000_000

# What ends a cell or a line; "\r\n" is one end.
_ENDS = re.compile(r"\r\n|[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]")


def copied(fields: Sequence[Field], rows: RowNumbers, most: int = MOST_CHARACTERS) -> str:
    """The names of the fields and their cells in `rows` (m,), a line each, tabs between them.

    Blanks stay; a tab or a line end inside a cell becomes one. Raises UsageError where the text
    would be longer than `most` characters.
    """
    columns = []
    n_characters = 0
    for field in fields:
        columns.append([_clean(cell) for cell in field.plain(rows)])
        n_characters += sum(map(len, columns[-1])) + len(rows)
        if n_characters > most:
            raise UsageError(
                f"These rows have more than {most:,} characters, too many to copy.",
                "Choose fewer rows, or export the table.",
            )
    lines = ["\t".join(_clean(field.name) for field in fields)]
    lines.extend("\t".join(cells) for cells in zip(*columns, strict=True))
    return "\n".join(lines)


def _clean(cell: str) -> str:
    return _ENDS.sub(" ", cell)
