"""Dates written with numbers: which of them is the day, and which cells are no dates."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
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
_YEAR_FIRST = r"^(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})(?:\D|$)"
_LONGEST_DAY = 10  # characters, where it is written with numbers
CENTURY = 69  # two digits up to here are of this century, as in POSIX


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
    distinct = pc.drop_null(pc.unique(_days(cells)))
    parts = pc.extract_regex(distinct, _YEAR_LAST)
    found = pc.drop_null(pc.if_else(pc.is_valid(parts), distinct, None))
    parts = pc.drop_null(parts)
    if not len(parts):
        iso = next((c for c in distinct[:100].to_pylist() if _FIRST.match(c)), "")
        return DateGuess("year-first", f"'{iso}' begins with the year") if iso else DateGuess()
    _, (first, second) = _numbers_of(found, _YEAR_LAST, ("first", "second"))
    late, early = np.flatnonzero(first > 12), np.flatnonzero(second > 12)
    if len(late) and len(early):
        return DateGuess(reason="days stand in front of months in some cells, behind in others")
    if len(late):
        return DateGuess("day-first", f"'{_day_in(found, late)}' can only be read so")
    if len(early):
        return DateGuess("month-first", f"'{_day_in(found, early)}' can only be read so")
    marks = pc.struct_field(parts, "mark")
    if pc.all(pc.equal(marks, ".")).as_py():
        return DateGuess("day-first", "points stand between day, month and year")
    different = np.flatnonzero(first != second)
    return DateGuess(example=_day_in(found, different)) if len(different) else DateGuess()


def unreadable_dates(cells: pa.ChunkedArray, order: str, missing: tuple[str, ...]) -> IntArray:
    """The rows with a cell that is there and no date."""
    encoded = pc.dictionary_encode(cells).combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = pa.concat_arrays(encoded.chunks)
    words = encoded.dictionary
    trimmed = pc.utf8_trim_whitespace(words)
    looks = pc.match_substring_regex(trimmed, DATE)
    absent = pc.or_(
        pc.equal(trimmed, ""), pc.is_in(trimmed, value_set=pa.array(missing, pa.string()))
    )
    bad = pc.and_(pc.invert(absent), pc.invert(looks)).to_numpy(zero_copy_only=False)
    days = pc.dictionary_encode(_days(trimmed))
    impossible = _impossible(days.dictionary, order)[days.indices.to_numpy()]
    bad = bad | (looks.to_numpy(zero_copy_only=False) & impossible)
    codes = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False)
    if not len(bad):
        return np.empty(0, np.int64)
    return np.flatnonzero((codes >= 0) & bad[codes]).astype(np.int64)


def _day_in(dates: pa.Array, rows: IntArray) -> str:
    """The first of `rows` without what follows the day."""
    match = _LAST.match(dates[int(rows[0])].as_py())
    assert match is not None
    return match[0][: match.end("year")]


def _days(cells: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """The days without the times behind them, of which there are many more."""
    return pc.utf8_slice_codeunits(pc.utf8_trim_whitespace(cells), 0, _LONGEST_DAY)


def _impossible(dates: pa.Array, order: str) -> npt.NDArray[np.bool_]:
    """Which dates are on no calendar, such as 31.02.2019."""
    impossible = np.zeros(len(dates), np.bool_)
    rows, (year, month, day) = _numbers_of(dates, _YEAR_FIRST, ("year", "month", "day"))
    impossible[rows] = ~_exist(year, month, day)
    rows, (first, second, year) = _numbers_of(dates, _YEAR_LAST, ("first", "second", "year"))
    year = np.where(year < 100, np.where(year >= CENTURY, year + 1900, year + 2000), year)
    exist = np.zeros(len(rows), np.bool_)
    if order != "month-first":
        exist |= _exist(year, second, first)
    if order != "day-first":
        exist |= _exist(year, first, second)
    impossible[rows] = ~exist
    return impossible


def _numbers_of(
    dates: pa.Array, pattern: str, names: tuple[str, ...]
) -> tuple[IntArray, list[IntArray]]:
    """The rows that fit a pattern, and the numbers in its groups of these names."""
    parts = pc.extract_regex(dates, pattern)
    rows = np.flatnonzero(pc.is_valid(parts).to_numpy(zero_copy_only=False))
    parts = pc.drop_null(parts)
    return rows, [
        pc.cast(pc.struct_field(parts, name), pa.int64()).to_numpy(zero_copy_only=False)
        for name in names
    ]


def _exist(year: IntArray, month: IntArray, day: IntArray) -> npt.NDArray[np.bool_]:
    """Whether there are such days."""
    possible = (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1)
    first = ((year - 1970) * 12 + np.clip(month, 1, 12) - 1).astype("datetime64[M]")
    lengths = (first + 1).astype("datetime64[D]") - first.astype("datetime64[D]")
    return np.asarray(possible & (day <= lengths.astype(np.int64)))


def iso_date(text: str, order: str) -> str | None:
    """A cell with a date of numbers as ISO 8601, the time left as it is; None if it is none."""
    text = text.strip()
    day = _on_calendar(text, order)
    if day is None:
        return None
    rest = re.sub(r"^\d+[-/.]\d+[-/.]\d+", "", text).strip(" T")
    return f"{day.isoformat()}{' ' + rest if rest else ''}"


def spoken_date(text: str, order: str) -> str:
    """A date of numbers as people say it, "5 January 2019"."""
    day = _on_calendar(text.strip(), order)
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}" if day is not None else text


_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September"),
    *("October", "November", "December"),
)
_FIRST, _LAST = re.compile(_YEAR_FIRST), re.compile(_YEAR_LAST)


def _on_calendar(text: str, order: str) -> dt.date | None:
    """The day; None where the text is written otherwise or there is no such day."""
    if match := _FIRST.match(text):
        year, month, day = map(int, match.groups())
    elif (match := _LAST.match(text)) and order in ("day-first", "month-first"):
        day, month = int(match["first"]), int(match["second"])
        if order == "month-first":
            day, month = month, day
        year = int(match["year"])
        if len(match["year"]) == 2:
            year += 1900 if year >= CENTURY else 2000
    else:
        return None
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None
