"""Rows of a worksheet as SpreadsheetML (ECMA-376 part 1, 18.3.1), made from Arrow columns.

XlsxWriter takes some eight microseconds a cell, over a minute for 200,000 rows of 36 columns.
The long sheet is therefore put together here by Arrow, a column at a time and without holding
the interpreter's lock; XlsxWriter makes all the rest of the workbook.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from xlsxwriter.utility import xl_col_to_name

from gmmdesk.export.rows import joined

MAX_TEXT = 32_767  # UTF-16 units in a cell
_CUT_MARK = f"… (cut: Excel holds {MAX_TEXT:,} characters in a cell)"
_MAX_DIGITS = 10**15  # Excel keeps 15 digits; a longer whole number is an identifier, so text
_DAY_ZERO = np.datetime64("1899-12-30", "us")
_FIRST_DAY = np.datetime64("1900-03-01", "us")  # before, Excel counts a 29 February 1900
_LAST_DAY = np.datetime64("9999-12-31T23:59:59.999999", "us")
_DAY = np.timedelta64(1, "D") / np.timedelta64(1, "us")

# Characters that XML 1.0 cannot hold or would change, and text that looks like their escape.
_UNSAFE = "[\x00-\x08\x0b-\x1f\ufffe\uffff]|_x[0-9a-fA-F]{4}_"
_NUMBER, _TEXT, _TRUTH = (
    ("><v>", "</v></c>"),
    (' t="inlineStr"><is><t xml:space="preserve">', "</t></is></c>"),
    (' t="b"><v>', "</v></c>"),
)


def rows_xml(columns: Sequence[pa.Array], styles: Sequence[pa.Array], first_row: int) -> memoryview:
    """The <row> elements, UTF-8, of equally long columns; `first_row` is the first's number.

    `styles` gives each column's style numbers: a string array as long as the column, or of
    length 1 for all its cells. A null becomes no cell at all. In a column of structs the first
    field that is not null is the cell.
    """
    n = len(columns[0])
    numbers = pa.array(np.arange(first_row, first_row + n)).cast(pa.string())
    cells = [
        _cells(column, xl_col_to_name(j), numbers, style if len(style) > 1 else style[0])
        for j, (column, style) in enumerate(zip(columns, styles, strict=True))
    ]
    start = pc.binary_join_element_wise('<row r="', numbers, '">', "")
    return joined(
        pc.binary_join_element_wise(
            start, *cells, "</row>", "", null_handling="replace", null_replacement=""
        )
    )


def too_long(text: pa.Array | pa.ChunkedArray) -> int:
    """How many cells of a column hold more text than a worksheet's cell can."""
    if not (pa.types.is_string(text.type) or pa.types.is_large_string(text.type)):
        return 0
    candidates = text.filter(pc.greater(pc.utf8_length(text), MAX_TEXT // 2))
    return sum(_utf16_length(value) > MAX_TEXT for value in candidates.to_pylist() if value)


def _cells(
    column: pa.Array, letters: str, numbers: pa.Array, style: pa.Array | pa.Scalar
) -> pa.Array:
    """The <c> elements of one column; null where there is no cell."""
    if pa.types.is_struct(column.type):
        return pc.coalesce(*(_cells(part, letters, numbers, style) for part in column.flatten()))

    def wrap(values: pa.Array, kind: tuple[str, str]) -> pa.Array:
        opening, closing = kind
        return pc.binary_join_element_wise(
            f'<c r="{letters}', numbers, '" s="', style, f'"{opening}', values, closing, ""
        )

    values, kind = column, _TEXT
    for accepts, to_cells, its_kind in _CONVERSIONS:
        if accepts(column.type):
            values, kind = to_cells(column), its_kind
            break
    plain = values.cast(pa.string())
    if kind is _TEXT:
        return wrap(_safe(plain), _TEXT)
    cells = wrap(plain, kind)
    # What the cell's type cannot hold (an infinity, a date before 1900) is written as text.
    lost = pc.and_(pc.is_null(plain), pc.is_valid(column))
    if pc.any(lost).as_py():
        text = pc.if_else(lost, column.cast(pa.string()), None)
        text = pc.if_else(pc.equal(text, "nan"), None, text)
        cells = pc.coalesce(cells, wrap(_safe(text), _TEXT))
    return cells


def _finite(column: pa.Array) -> pa.Array:
    return pc.if_else(pc.is_finite(column), column, None)


def _short(column: pa.Array) -> pa.Array:
    wide = column.cast(pa.float64(), safe=False)
    return pc.if_else(pc.less(pc.abs(wide), _MAX_DIGITS), column, None)


def _truth(column: pa.Array) -> pa.Array:
    return column.cast(pa.int8())


def _serial(column: pa.Array) -> pa.Array:
    """Days since 1899-12-30, as Excel keeps dates."""
    moments = column.cast(pa.timestamp("us"), safe=False)
    stamps = moments.to_numpy(zero_copy_only=False)
    outside = np.isnat(stamps) | (stamps < _FIRST_DAY) | (stamps > _LAST_DAY)
    days = (stamps - _DAY_ZERO) / np.timedelta64(1, "us") / _DAY
    return pa.array(days, mask=outside)


def is_moment(kind: pa.DataType) -> bool:
    """Whether a column of this type holds dates that a worksheet can hold as dates."""
    # Dates of a text file are text, and text from the file is written as text. As real dates they
    # would show the same only where the reading, in which 03.04. may be March or April, is right
    # and the reader's spreadsheet speaks the language of the format: months have other names, and
    # the letters for day and year too. A column of text may also hold dates in several styles.
    # A time zone has no place in a worksheet's cell, so such moments are written as text.
    return bool(pa.types.is_date(kind) or (pa.types.is_timestamp(kind) and kind.tz is None))


_CONVERSIONS = (
    (pa.types.is_floating, _finite, _NUMBER),
    (pa.types.is_integer, _short, _NUMBER),
    (pa.types.is_boolean, _truth, _TRUTH),
    (is_moment, _serial, _NUMBER),
)


def _safe(text: pa.Array) -> pa.Array:
    """Text escaped for XML, and cut with a mark where it is longer than a cell."""
    if too_long(text):
        text = pa.array([value and fitted(value) for value in text.to_pylist()], text.type)
    unsafe = pc.match_substring_regex(text, _UNSAFE)
    if pc.any(unsafe).as_py():
        text = pa.array(
            [value and re.sub(_UNSAFE, _escaped, value) for value in text.to_pylist()], text.type
        )
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = pc.replace_substring(text, character, entity)
    return text


def _escaped(match: re.Match[str]) -> str:
    found = match.group()
    return f"_x005F{found}" if len(found) > 1 else f"_x{ord(found):04X}_"


def fitted(value: str) -> str:
    """`value`, cut with a mark where it is longer than a worksheet's cell can be."""
    if _utf16_length(value) <= MAX_TEXT:
        return value
    units = value.encode("utf-16-le")[: 2 * (MAX_TEXT - len(_CUT_MARK))]
    return units.decode("utf-16-le", errors="ignore") + _CUT_MARK


def _utf16_length(value: str) -> int:
    return len(value) + sum(character > "\uffff" for character in value)
