"""What a row is called in words: its number, and whatever names it in the file."""

from __future__ import annotations

import pyarrow as pa

from gmmdesk.data.calendar import python_value
from gmmdesk.data.dataset import Dataset, IntArray
from gmmdesk.text import one_line, shortened

_MOST_ROWS = 5  # that are called one by one
_LONGEST = 30  # characters of what names a row


def identity(dataset: Dataset, row: int) -> str:
    """What the file calls a row (0-based), in one line of plain text; empty where it has no name.

    A text stands for itself, "Haus 204"; a number follows the name of its column, "customer 4711",
    and says nothing where it is the row's own.
    """
    column = dataset.row_identifier
    if column is None:
        return ""
    value = python_value(column.cells, row)
    if value is None or not (said := shortened(one_line(str(value)), _LONGEST)):
        return ""
    if said == str(dataset.number_of(row)):
        return ""
    is_text = pa.types.is_string(column.cells.type) or pa.types.is_large_string(column.cells.type)
    if is_text and column.parsed is None and not said.isdecimal():
        return said
    return f"{shortened(one_line(column.name), _LONGEST)} {said}"


def row_called(dataset: Dataset, row: int) -> str:
    """ "row 17 (Haus 204)": a row (0-based) by its number in the file, and its name there."""
    return f"row {_numbered(dataset, row)}"


def rows_called(dataset: Dataset, rows: IntArray) -> str:
    """The first of some rows (0-based) likewise: "rows 4 (Ann), 51 (Bob)"."""
    told = ", ".join(_numbered(dataset, row) for row in rows[:_MOST_ROWS].tolist())
    return f"row{'s' * (len(rows) > 1)} {told}{', ...' * (len(rows) > _MOST_ROWS)}"


def _numbered(dataset: Dataset, row: int) -> str:
    name = identity(dataset, row)
    return f"{dataset.number_of(row):,}{name and f' ({name})'}"
