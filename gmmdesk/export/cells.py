"""The input's cells as each kind of file takes them.

Text stays as it stood in the file, with one exception: numbers in a local style, such as "8,1" in
a file with decimal commas. Spreadsheets could not sum them, and beside 0.97 they would be
ambiguous, so they are written as plain numbers wherever they were read as numbers
(`Column.parsed`). A cell in such a column that could not be read keeps its text, as do identifiers,
and so does one whose digits its number would not give back: 007, or more digits than a number has.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gmmdesk.data.dataset import Column, ColumnKind
from gmmdesk.data.number_styles import PLAIN

# Text of which its number tells less: leading zeros, and digits beyond those that a number has.
_LOSES_DIGITS = r"^[+-]?0\d|^[+-]?(?:\d\.?){16}"
# And where the number is all that is written, closing zeros and powers of ten: 1.10, 11E1.
_LOSES_TEXT = _LOSES_DIGITS + r"|\.\d*0$|[eE]"

# The cells start..stop of a column; all batches of a column have the same type.
CellsOf = Callable[[Column, int, int], pa.Array]


def delimited_cells(column: Column, start: int, stop: int) -> pa.Array:
    """For text files: a parsed cell whose text means another number to a program is rewritten."""
    cells = _slice(column.cells, start, stop)
    if not _is_local(column):
        return cells
    numbers = _parsed(column, start, stop)
    keeps = pc.is_valid(_plain(cells, numbers))
    return pc.coalesce(pc.if_else(keeps, None, numbers).cast(cells.type), cells)


def original_cells(column: Column, start: int, stop: int) -> pa.Array:
    """For text files in the dialect of the input: text, where it was kept, as it stood there."""
    return _slice(column.cells, start, stop)


def typed_cells(columns: Sequence[Column]) -> CellsOf:
    """For files with types: float64 where every cell was read and its number says all it says."""
    numeric = {column.name for column in columns if _is_local(column) and _says_all(column)}

    def cells_of(column: Column, start: int, stop: int) -> pa.Array:
        if column.name in numeric:
            return _parsed(column, start, stop)
        return delimited_cells(column, start, stop)

    return cells_of


def _says_all(column: Column) -> bool:
    if len(column.unreadable):
        return False
    n = len(column.cells)
    plain = _plain(_slice(column.cells, 0, n), _parsed(column, 0, n))
    return not pc.any(pc.match_substring_regex(plain, _LOSES_TEXT)).as_py()


def sheet_cells(column: Column, start: int, stop: int) -> pa.Array:
    """For worksheets: {number, text} in a parsed column, of which at most one is not null."""
    cells = _slice(column.cells, start, stop)
    if not _is_local(column):
        return cells
    numbers = _parsed(column, start, stop)
    lost = pc.match_substring_regex(_plain(cells, numbers), _LOSES_DIGITS)
    keeps_text = pc.fill_null(lost, fill_value=False)
    numbers = pc.if_else(pc.and_(pc.is_finite(numbers), pc.invert(keeps_text)), numbers, None)
    text = pc.if_else(pc.is_valid(numbers), None, cells)
    return pa.StructArray.from_arrays([numbers, text], ["number", "text"])


def _is_local(column: Column) -> bool:
    return column.parsed is not None and column.kind is not ColumnKind.IDENTIFIER


def _plain(cells: pa.Array, numbers: pa.Array) -> pa.Array:
    """The trimmed text of cells that mean their number to every program; null for the others."""
    trimmed = pc.utf8_trim_whitespace(cells)
    plain = pc.if_else(pc.match_substring_regex(trimmed, PLAIN.pattern), trimmed, None)
    # "1.234" is a plain number, but not the one that it is where points group thousands.
    value = pc.cast(pc.replace_substring_regex(plain, r"^\+", ""), pa.float64())
    return pc.if_else(pc.fill_null(pc.equal(value, numbers), fill_value=False), plain, None)


def _parsed(column: Column, start: int, stop: int) -> pa.Array:
    assert column.parsed is not None
    return pa.array(np.ascontiguousarray(column.parsed[start:stop]), from_pandas=True)


def _slice(cells: pa.ChunkedArray, start: int, stop: int) -> pa.Array:
    part = cells.slice(start, stop - start)
    if part.num_chunks == 1:
        return part.chunk(0)
    return pa.concat_arrays(part.chunks) if part.num_chunks else pa.array([], part.type)
