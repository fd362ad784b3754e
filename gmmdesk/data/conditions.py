"""Conditions on the cells of a column: how they are written, and which rows fulfil them.

The steps that leave out rows and the search in the table ask here, so that both find the same.
"""

from __future__ import annotations

import contextlib
import math
import operator
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gmmdesk.data.dataset import BoolArray, Column, ColumnKind, IntArray
from gmmdesk.data.moments import AmbiguousDateError, Moments, Stretch, moments_of, stretch_of
from gmmdesk.errors import DataError

Value = float | str | None
Numbers = npt.NDArray[Any]

COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")
# Those that ask nothing of the value.
PRESENCE = ("is-empty", "is-not-empty")
OPERATORS = (*COMPARISONS, "contains", *PRESENCE)
# Other ways to write them.
SPELLINGS = {
    **{"==": "=", "<>": "!=", "=<": "<=", "=>": ">=", "≠": "!=", "≤": "<=", "≥": ">="},
    **{"is empty": "is-empty", "is not empty": "is-not-empty"},
}

_OF_NUMBERS: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
# A day that was typed is all of that day: no moment in it is later, or earlier.
_OF_MOMENTS: dict[str, Callable[[Moments, Stretch], Any]] = {
    "=": lambda moments, day: (moments >= day.start) & (moments < day.end),
    "!=": lambda moments, day: (moments < day.start) | (moments >= day.end),
    "<": lambda moments, day: moments < day.start,
    "<=": lambda moments, day: moments < day.end,
    ">": lambda moments, day: moments >= day.end,
    ">=": lambda moments, day: moments >= day.start,
}
_GROUPS = {".": r",\s'’", ",": r".\s'’"}  # marks of thousands, by the decimal mark
_EXACT = 2**53  # up to which float64 keeps all whole numbers
_DATE_HINT = "Write it like 2024-05-31 or 2024-05-31 13:00."


def fulfils(
    column: Column, rows: IntArray, comparison: str, value: Value, decimal: str = "."
) -> BoolArray:
    """Whether each of `rows` (m,) has a cell in `column` for which the comparison holds, (m,).

    Numbers are compared as numbers, dates and times as such, text regardless of case and of blanks
    around it. A date without a time is the whole day, a month the whole month. Missing cells, by
    `Column.missing`, fulfil "is-empty" alone; unreadable ones are not empty, but equal and unlike
    nothing. `decimal` is the mark in numbers that are given as text.
    Raises DataError for a value that the column cannot be compared with.
    """
    if comparison in PRESENCE:
        missing = column.missing()[rows]
        return missing if comparison == "is-empty" else ~missing
    text = _checked(column, comparison, value)
    if comparison == "contains":
        return _contains(categories(column, rows), text)
    if holds_moments(column):
        return _compared_moments(column, rows, comparison, text)
    if column.is_numeric:
        number = value if isinstance(value, float) else _number(column, text, decimal)
        return compared_cells(column, rows, comparison, number, text)
    return compared_texts(column.name, categories(column, rows), comparison, text)


def settled(column: Column, comparison: str, value: Value, decimal: str = ".") -> Value:
    """The value so that it means the same in any table: a number, an ISO date, or the text.

    Raises DataError as `fulfils` does.
    """
    if comparison not in COMPARISONS or isinstance(value, float):
        return value
    text = _checked(column, comparison, value)
    if not holds_moments(column):
        if not column.is_numeric or _long_whole(text) is not None:
            return value
        return _number(column, text, decimal)
    stretch = _stretch(column, text)
    if (stretch.end - stretch.start) == np.timedelta64(1, "D") and not stretch.has_zone:
        return str(stretch.start.astype("datetime64[D]"))
    return text


def compared_cells(
    column: Column, rows: IntArray, comparison: str, number: float, text: str
) -> BoolArray:
    """For which of `rows` (m,) of a column of numbers the comparison with `number` holds, (m,).

    Where the `text` that it was typed as is whole and has more digits than a number keeps, it is
    compared digit by digit: identifiers that differ in the last one are different.
    """
    found = compared_numbers(column.numbers()[rows], comparison, number)
    if (whole := _long_whole(text)) is not None:
        cells = _whole_numbers(column, rows)
        is_whole = np.asarray(cells.is_valid())
        exact = cells.drop_null().to_numpy(zero_copy_only=False)
        found[is_whole] = _OF_NUMBERS[comparison](exact, whole)
    return found


def _long_whole(text: str) -> int | None:
    """The whole number in `text`, if float64 would not keep all of its digits."""
    if not re.fullmatch(r"[-+]?\d{16,18}", text, re.ASCII):
        return None
    whole = int(text)
    return whole if abs(whole) > _EXACT else None


def _whole_numbers(column: Column, rows: IntArray) -> pa.Array:
    """The cells of `rows` with all their digits, (m,), null where they are no whole numbers."""
    cells = column.cells.take(pa.array(rows)).combine_chunks()
    if pa.types.is_integer(cells.type):
        return cells
    texts = pc.utf8_trim_whitespace(cells.cast(pa.string()))
    is_whole = pc.match_substring_regex(texts, r"^-?\d{1,18}$")
    return pc.cast(pc.if_else(is_whole, texts, None), pa.int64())


def compared_numbers(numbers: Numbers, comparison: str, wanted: float) -> BoolArray:
    """For which of `numbers` (m,) the comparison holds, (m,); for none that is nan."""
    with np.errstate(invalid="ignore"):
        return np.asarray(_OF_NUMBERS[comparison](numbers, wanted) & ~np.isnan(numbers))


def compared_texts(
    name: str, texts: pa.Array | pa.ChunkedArray, comparison: str, wanted: str
) -> BoolArray:
    """For which of `texts` (m,) the comparison holds, (m,); for none that is null.

    Raises DataError for an order, which text (of a column called `name`) does not have.
    """
    if comparison == "contains":
        return _contains(texts, wanted)
    if comparison not in ("=", "!="):
        raise DataError(
            f"Column '{name}' holds text, which is not larger or smaller.",
            "Compare it with =, ≠ or contains.",
        )
    same = pc.equal(_folded(texts), _folded(pa.scalar(wanted)))
    return _true(same if comparison == "=" else pc.invert(same))


def categories(column: Column, rows: IntArray) -> pa.Array:
    """The cells of `rows` as text, null where missing."""
    texts = column.cells.take(pa.array(rows)).combine_chunks().cast(pa.string())
    return pc.if_else(pa.array(column.missing()[rows]), pa.scalar(None, pa.string()), texts)


def read_number(text: str, decimal: str = ".") -> float | None:
    """The number that a person means by `text`; None where it is none.

    `decimal` is its decimal mark. Marks of thousands stand between groups of three digits. A point
    is a decimal mark in any case where it cannot be one of thousands; None where it could be both.
    """
    plain = text.strip().removesuffix("%").strip().replace("\N{MINUS SIGN}", "-")
    mark, group = re.escape(decimal), _GROUPS[decimal]
    grouped = rf"[-+]?[1-9]\d{{0,2}}(?:([{group}])\d{{3}})(?:\1\d{{3}})*(?:{mark}\d*)?"
    number = None
    if re.fullmatch(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?", plain, re.ASCII):
        if decimal == "," and re.fullmatch(grouped, plain, re.ASCII):
            return None
        number = float(plain)
    elif re.fullmatch(grouped, plain, re.ASCII):
        number = float(re.sub(f"[{group}]", "", plain).replace(decimal, "."))
    elif re.fullmatch(rf"[-+]?(?:\d+{mark}?\d*|{mark}\d+)(?:[eE][-+]?\d+)?", plain, re.ASCII):
        number = float(plain.replace(decimal, "."))
    return number if number is not None and math.isfinite(number) else None


def number_hint(text: str, decimal: str = ".") -> str:
    """What to write instead of a `text` that is no number."""
    plain = text.strip().replace(",", ".")
    with contextlib.suppress(ValueError):
        number = float(plain)
        if decimal == "," and "." in text:
            whole, part = plain.replace(".", ""), number_text(number).replace(".", ",")
            part += "" if "," in part else ",0"
            return f"It could be two numbers: write {whole} for one, {part} for the other."
        return f"The decimal mark is a point here: write {number:g}."
    return "Compare it with a number."


def number_text(value: float) -> str:
    """A number with the digits that it has, and without the fraction of a whole one."""
    short = f"{value:.15g}"
    return short if float(short) == value else f"{value!r}".removesuffix(".0")


def _checked(column: Column, comparison: str, value: Value) -> str:
    """The value as text; raises DataError for one that stands for nothing."""
    text = number_text(value) if isinstance(value, float) else (value or "").strip()
    if not text:
        raise DataError(
            f"There is nothing to compare column '{column.name}' with.",
            "Give a value, or ask whether it is empty.",
        )
    is_word = isinstance(value, str) and text in column.missing_words
    if is_word and comparison in ("=", "!="):
        raise DataError(
            f"'{text}' stands for a missing value in column '{column.name}'.",
            "Ask whether it is empty.",
        )
    return text


# --- numbers and dates -------------------------------------------------------------------------


def _number(column: Column, text: str, decimal: str) -> float:
    number = read_number(text, decimal)
    if number is None and column.kind is ColumnKind.DATE:
        number = _written_whole(column, text)
    if number is None:
        raise DataError(
            f"Column '{column.name}' holds numbers; '{text}' is not one.",
            number_hint(text, decimal),
        )
    return number


def _written_whole(column: Column, text: str) -> float | None:
    """A day as yyyymmdd, where the whole numbers of a column of dates are such."""
    numbers = column.numbers()[~column.missing()]
    if not len(numbers) or numbers.min() < 1900_01_01 or numbers.max() > 2100_12_31:
        return None
    with contextlib.suppress(AmbiguousDateError):
        day = stretch_of(text, "")
        if day is not None and day.end - day.start == np.timedelta64(1, "D"):
            return float(str(day.start.astype("datetime64[D]")).replace("-", ""))
    return None


def holds_moments(column: Column) -> bool:
    kind = column.cells.type
    if pa.types.is_temporal(kind) and not pa.types.is_duration(kind):
        return True
    return column.kind is ColumnKind.DATE and bool(pa.types.is_string(kind))


def _stretch(column: Column, text: str) -> Stretch:
    try:
        stretch = stretch_of(text, column.date_order)
    except AmbiguousDateError:
        raise DataError(f"'{text}' may be two different days.", _DATE_HINT) from None
    if stretch is None:
        raise DataError(f"Column '{column.name}' holds dates; '{text}' is not one.", _DATE_HINT)
    return stretch


def _compared_moments(column: Column, rows: IntArray, comparison: str, text: str) -> BoolArray:
    stretch = _stretch(column, text)
    try:
        moments, are_clocks = moments_of(column, rows, in_zone=stretch.has_zone)
    except AmbiguousDateError as error:
        raise DataError(
            f"Nothing tells which number is the day in '{error}' of column '{column.name}'.",
            "Choose the order of dates with which the file is read.",
        ) from None
    if stretch.is_clock != are_clocks and not np.isnat(moments).all():
        holds, other = ("times", "date") if are_clocks else ("dates", "time")
        raise DataError(f"Column '{column.name}' holds {holds}; '{text}' is a {other}.", _DATE_HINT)
    return np.asarray(_OF_MOMENTS[comparison](moments, stretch) & ~np.isnat(moments))


# --- text --------------------------------------------------------------------------------------


def _folded(texts: Any) -> Any:
    return pc.utf8_lower(pc.utf8_trim_whitespace(texts))


def _contains(texts: pa.Array | pa.ChunkedArray, wanted: str) -> BoolArray:
    return _true(pc.match_substring(texts, wanted.strip(), ignore_case=True))


def _true(found: pa.Array | pa.ChunkedArray) -> BoolArray:
    filled = pc.fill_null(found, fill_value=False)
    if isinstance(filled, pa.ChunkedArray):
        return np.asarray(filled.to_numpy(), np.bool_)
    return np.asarray(filled.to_numpy(zero_copy_only=False), np.bool_)
