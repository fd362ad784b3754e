"""Dates written with numbers: which of them is the day, and which cells are no dates."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gmmdesk.data.dataset import IntArray

_TIME = r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?[AaPp][Mm])?"
_MONTH = r"(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_DATES = (
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}",
    r"\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})",
    r"\d{4}-\d{1,2}",
    rf"\d{{1,2}}[- .]+{_MONTH}[- .,]+\d{{2,4}}",
    rf"{_MONTH} \d{{1,2}},? \d{{4}}",
)
DATE = rf"^(?:(?:{'|'.join(_DATES)})(?:[T ]+{_TIME}(?:Z| ?[-+]\d\d:?\d\d)?)?|{_TIME})$"
# Three numbers, the last or the first of which is the year, whatever follows (a time).
_YEAR_LAST = (
    r"^(?P<first>\d{1,2})(?P<mark>[-/.])(?P<second>\d{1,2})[-/.](?P<year>\d{4}|\d{2})"
    r"(?:\D|$)"
)
_YEAR_FIRST = re.compile(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_CENTURY = 69  # two digits up to here are of this century, as in POSIX


@dataclass(frozen=True, slots=True)
class DateGuess:
    """The order of the numbers in a column of dates, if they have one.

    `order` is one of DATE_ORDERS, "" where it is unknown or there is none to know; `reason` says
    what tells it. `example` is a cell that means two dates where the column leaves it open.
    """

    order: str = ""
    reason: str = ""
    example: str = ""


def guess_order(cells: pa.ChunkedArray) -> DateGuess:
    """Which of the first two numbers of dates is the day, as far as the cells prove it."""
    distinct = pc.utf8_trim_whitespace(pc.drop_null(pc.unique(cells)))
    parts = pc.extract_regex(distinct, _YEAR_LAST)
    found = pc.drop_null(pc.if_else(pc.is_valid(parts), distinct, None))
    parts = pc.drop_null(parts)
    if not len(parts):
        iso = next((c for c in distinct[:100].to_pylist() if _YEAR_FIRST.match(c)), "")
        return DateGuess("year-first", f"'{iso}' begins with the year") if iso else DateGuess()
    first, second = (
        pc.cast(pc.struct_field(parts, name), pa.int64()).to_numpy(zero_copy_only=False)
        for name in ("first", "second")
    )
    late, early = np.flatnonzero(first > 12), np.flatnonzero(second > 12)
    if len(late) and len(early):
        return DateGuess(reason="days stand in front of months in some cells, behind in others")
    if len(late):
        return DateGuess("day-first", f"'{found[int(late[0])].as_py()}' can only be read so")
    if len(early):
        return DateGuess("month-first", f"'{found[int(early[0])].as_py()}' can only be read so")
    marks = pc.struct_field(parts, "mark")
    if pc.all(pc.equal(marks, ".")).as_py():
        return DateGuess("day-first", "points stand between day, month and year")
    different = np.flatnonzero(first != second)
    return DateGuess(example=found[int(different[0])].as_py()) if len(different) else DateGuess()


def unreadable_dates(cells: pa.ChunkedArray, order: str, missing: tuple[str, ...]) -> IntArray:
    """The rows with a cell that is there and no date."""
    encoded = pc.dictionary_encode(cells).combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = pa.concat_arrays(encoded.chunks)
    words = encoded.dictionary
    trimmed = pc.utf8_trim_whitespace(words)
    looks = pc.match_substring_regex(trimmed, DATE)
    absent = pc.or_(pc.equal(trimmed, ""), pc.is_in(trimmed, value_set=pa.array(missing)))
    bad = pc.and_(pc.invert(absent), pc.invert(looks)).to_numpy(zero_copy_only=False)
    bad = bad | (looks.to_numpy(zero_copy_only=False) & _impossible(trimmed, order))
    codes = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False)
    return (
        np.flatnonzero((codes >= 0) & bad[codes]).astype(np.int64)
        if len(bad)
        else (np.empty(0, np.int64))
    )


def _impossible(dates: pa.Array, order: str) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which dates are on no calendar, such as 31.02.2019."""
    orders = (order,) if order in ("day-first", "month-first") else ("day-first", "month-first")
    return np.fromiter(
        (all(_on_calendar(text, o) is False for o in orders) for text in dates.to_pylist()),
        np.bool_,
        len(dates),
    )


def iso_date(text: str, order: str) -> str | None:
    """A cell with a date of numbers as ISO 8601, the time left as it is; None if it is none."""
    text = text.strip()
    day = _on_calendar(text, order)
    if not isinstance(day, dt.date):
        return None
    rest = re.sub(r"^\d+[-/.]\d+[-/.]\d+", "", text).strip(" T")
    return f"{day.isoformat()}{' ' + rest if rest else ''}"


def spoken_date(text: str, order: str) -> str:
    """A date of numbers as people say it, "5 January 2019"."""
    day = _on_calendar(text.strip(), order)
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}" if isinstance(day, dt.date) else text


_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September"),
    *("October", "November", "December"),
)
_LAST = re.compile(_YEAR_LAST)


def _on_calendar(text: str, order: str) -> dt.date | bool | None:
    """The day; None where the text is written otherwise, False where there is no such day."""
    if match := _YEAR_FIRST.match(text):
        year, month, day = map(int, match.groups())
    elif (match := _LAST.match(text)) and order in ("day-first", "month-first"):
        day, month = int(match["first"]), int(match["second"])
        if order == "month-first":
            day, month = month, day
        year = int(match["year"])
        if len(match["year"]) == 2:
            year += 1900 if year >= _CENTURY else 2000
    else:
        return None
    try:
        return dt.date(year, month, day)
    except ValueError:
        return False
