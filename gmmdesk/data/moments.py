"""Dates and times as they are compared: each cell a moment, each typed date a stretch of time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gmmdesk.data.dataset import Column, IntArray
from gmmdesk.data.dates import CENTURY

Moments = npt.NDArray[np.datetime64]  # of microseconds, NaT where there is none

_UNIT = "datetime64[us]"
_MONTH = r"(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
_DAYS = (
    r"(?P<iso_year>\d{4})[-/.](?P<iso_month>\d{1,2})(?:[-/.](?P<iso_day>\d{1,2}))?",
    r"(?P<first>\d{1,2})[-/.](?P<second>\d{1,2})[-/.](?P<last_year>\d{4}|\d{2})",
    rf"(?P<day>\d{{1,2}})[- .]+(?P<month>{_MONTH})[a-z]*[- .,]+(?P<year>\d{{4}}|\d{{2}})",
    rf"(?P<us_month>{_MONTH})[a-z]* (?P<us_day>\d{{1,2}}),? (?P<us_year>\d{{4}})",
    r"(?P<only_year>\d{4})",
)
_CLOCK = (
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<seconds>\d{2})(?:[.,](?P<fraction>\d+))?)?"
    r"(?: ?(?P<half>[AaPp])[Mm])?"
)
_ZONE = r"(?P<zone>Z| ?[-+]\d\d:?\d\d)"
_MOMENT = rf"^(?:(?:{'|'.join(_DAYS)})(?:[T ]+{_CLOCK}{_ZONE}?)?|{_CLOCK.replace('P<', 'P<t_')})$"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# How long what was typed lasts, by the finest of the groups that say something.
_FINEST = {
    **dict.fromkeys(("fraction", "t_fraction"), "us"),
    **dict.fromkeys(("seconds", "t_seconds"), "s"),
    **dict.fromkeys(("minute", "t_minute"), "m"),
    **dict.fromkeys(("iso_day", "first", "day", "us_day"), "D"),
    "iso_month": "M",
    "only_year": "Y",
}


class Stretch(NamedTuple):
    """From `start` to before `end`: a day where a day was typed, a minute where a minute was.

    `is_clock` tells that it is a time of any day, `has_zone` that it says which zone it is in.
    """

    start: np.datetime64
    end: np.datetime64
    is_clock: bool
    has_zone: bool


class AmbiguousDateError(ValueError):
    """A date such as 1/2/2024, of which nothing tells which number is the day."""


def stretch_of(text: str, order: str) -> Stretch | None:
    """What a date or time that was typed means; None if it is none.

    Raises AmbiguousDateError where it depends on `order`, which is unknown.
    """
    groups = _groups(pa.array([text.strip()]))
    moments, unsure = _moments(groups, order)
    if unsure[0]:
        raise AmbiguousDateError(text)
    start = moments[0]
    if np.isnat(start):
        return None
    said = {name for name, column in groups.items() if column[0].as_py()}
    finest = next(unit for group, unit in _FINEST.items() if group in said)
    end = (start.astype(f"datetime64[{finest}]") + 1).astype(_UNIT)
    later = _offsets(groups)[0]
    return Stretch(start - later, end - later, "t_hour" in said, "zone" in said)


def moments_of(column: Column, rows: IntArray, *, in_zone: bool) -> tuple[Moments, bool]:
    """The moments in `rows` (m,) of a column of dates, and whether they are times of any day.

    With `in_zone` they are in UTC where the cells say their zone, else what a clock there shows.
    Raises AmbiguousDateError where nothing tells the day from the month.
    """
    cells = column.cells.take(pa.array(rows)).combine_chunks()
    if pa.types.is_time(cells.type):
        finest = pa.time64("us")
        numbers = pc.cast(pc.cast(cells, finest, safe=False), pa.int64())
        return _typed(numbers), True
    if pa.types.is_temporal(cells.type):
        if pa.types.is_timestamp(cells.type) and cells.type.tz and not in_zone:
            cells = pc.local_timestamp(cells)
        finest = pa.timestamp("us", getattr(cells.type, "tz", None))
        return _typed(pc.cast(pc.cast(cells, finest, safe=False), pa.int64())), False
    encoded = pc.dictionary_encode(pc.utf8_trim_whitespace(cells.cast(pa.string())))
    groups = _groups(encoded.dictionary)
    moments, unsure = _moments(groups, column.date_order)
    if unsure.any():
        raise AmbiguousDateError(encoded.dictionary[int(np.flatnonzero(unsure)[0])].as_py())
    if in_zone:
        moments = moments - _offsets(groups)
    codes = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False)
    has_clock = pc.greater(pc.binary_length(groups["t_hour"]), 0)
    is_clock = bool(len(has_clock)) and bool(pc.all(has_clock).as_py())
    return np.append(moments, np.datetime64("NaT"))[codes], is_clock


def _typed(numbers: pa.Array) -> Moments:
    gaps = np.asarray(numbers.is_null())
    moments: Moments = pc.fill_null(numbers, 0).to_numpy(zero_copy_only=False).astype(_UNIT)
    moments[gaps] = np.datetime64("NaT")
    return moments


# --- text --------------------------------------------------------------------------------------


def _groups(texts: pa.Array) -> dict[str, pa.Array]:
    """What each group of `_MOMENT` found in each of `texts`, "" where it found nothing."""
    found = pc.extract_regex(texts, _MOMENT)
    return {
        field.name: pc.fill_null(pc.struct_field(found, field.name), "") for field in found.type
    }


def _number(groups: dict[str, pa.Array], name: str, absent: int = 0) -> IntArray:
    texts = groups[name]
    held = pc.if_else(pc.equal(texts, ""), None, texts)
    numbers = pc.fill_null(pc.cast(held, pa.int64()), absent)
    return np.asarray(numbers.to_numpy(zero_copy_only=False))


def _moments(groups: dict[str, pa.Array], order: str) -> tuple[Moments, npt.NDArray[np.bool_]]:
    """The moments (n,) as the clock there shows them, and which may be two different days."""
    year = _number(groups, "iso_year") + _number(groups, "year") + _number(groups, "us_year")
    year += _number(groups, "last_year") + _number(groups, "only_year")
    short = pc.or_(_is_short(groups["year"]), _is_short(groups["last_year"])).to_numpy(
        zero_copy_only=False
    )
    year = np.where(short, np.where(year >= CENTURY, year + 1900, year + 2000), year)
    first, second = _number(groups, "first"), _number(groups, "second")
    swapped = (order == "month-first") | ((order != "day-first") & (second > 12))
    numbered = first > 0
    unsure = (
        numbered
        & (order not in ("day-first", "month-first"))
        & (first <= 12)
        & (second <= 12)
        & (first != second)
    )
    only_year = _number(groups, "only_year") > 0
    month = _number(groups, "iso_month") + np.where(swapped, first, second) + only_year
    day = _number(groups, "iso_day") + _number(groups, "day") + _number(groups, "us_day")
    day += np.where(swapped, second, first)
    for name in ("month", "us_month"):
        places = pc.index_in(pc.utf8_lower(groups[name]), value_set=pa.array(_MONTHS))
        month = month + np.asarray(pc.fill_null(places, -1)) + 1
    to_the_month = only_year | ((_number(groups, "iso_year") > 0) & (day == 0))
    day = np.where(to_the_month, 1, day)
    is_clock = pc.greater(pc.binary_length(groups["t_hour"]), 0).to_numpy(zero_copy_only=False)
    year, month, day = (
        np.where(is_clock, one, part) for one, part in ((1970, year), (1, month), (1, day))
    )
    start = ((year - 1970) * 12 + np.clip(month, 1, 12) - 1).astype("datetime64[M]")
    lengths = (start + 1).astype("datetime64[D]") - start.astype("datetime64[D]")
    possible = (year >= 1) & (month >= 1) & (month <= 12)
    possible &= (day >= 1) & (day <= lengths.astype(np.int64))
    clock = _clock(groups, "") + _clock(groups, "t_")
    possible &= clock < np.timedelta64(1, "D")
    moments = start.astype(_UNIT) + (day - 1).astype("timedelta64[D]") + clock
    moments[~possible] = np.datetime64("NaT")
    return moments, unsure


def _is_short(years: pa.Array) -> pa.Array:
    return pc.equal(pc.binary_length(years), 2)


def _clock(groups: dict[str, pa.Array], prefix: str) -> npt.NDArray[np.timedelta64]:
    hour, half = _number(groups, f"{prefix}hour"), pc.utf8_lower(groups[f"{prefix}half"])
    in_half, late = (
        pc.greater(pc.binary_length(half), 0).to_numpy(zero_copy_only=False),
        pc.equal(half, "p").to_numpy(zero_copy_only=False),
    )
    hour = np.where(in_half, hour % 12 + 12 * late, hour)
    minutes = 60 * hour + _number(groups, f"{prefix}minute")
    seconds = 60 * minutes + _number(groups, f"{prefix}seconds")
    digits = pc.utf8_slice_codeunits(groups[f"{prefix}fraction"], 0, 6)
    padded = pc.if_else(pc.equal(digits, ""), "0", pc.utf8_rpad(digits, 6, "0"))
    fraction = pc.cast(padded, pa.int64()).to_numpy(zero_copy_only=False)
    return np.asarray(1_000_000 * seconds + fraction).astype("timedelta64[us]")


def _offsets(groups: dict[str, pa.Array]) -> npt.NDArray[np.timedelta64]:
    """How much later than UTC the clocks are that the texts were read from, 0 where unknown."""
    parts = pc.extract_regex(groups["zone"], r"(?P<sign>[-+])(?P<hours>\d\d):?(?P<minutes>\d\d)")
    hours, minutes = (
        pc.fill_null(pc.cast(pc.struct_field(parts, name), pa.int64()), 0).to_numpy(
            zero_copy_only=False
        )
        for name in ("hours", "minutes")
    )
    late = pc.fill_null(pc.equal(pc.struct_field(parts, "sign"), "-"), False)
    sign = np.where(late.to_numpy(zero_copy_only=False), -1, 1)
    return np.asarray(sign * (60 * hours + minutes)).astype("timedelta64[m]")
