"""Times that a calendar has: those of the years 1 to 9999.

Arrow's times go far beyond, and Python's, which everything that shows or writes a cell uses, do
not. So columns that hold others are settled once, when a table is recognised.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from gmmdesk.data.raw import RawTable
from gmmdesk.text import joined

_DAY = 86_400
_FIRST = -719_162 * _DAY  # 0001-01-01, in seconds since 1970-01-01
_END = 2_932_897 * _DAY  # 10000-01-01
_PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
_UNITS = {
    "day": "days",
    "s": "seconds",
    "ms": "milliseconds",
    "us": "microseconds",
    "ns": "nanoseconds",
}
# What there is to say of columns: the last is why one is no measurement.
BEYOND_YEARS = "Times beyond the years 1 to 9999 were kept as numbers"
CUT_TIMES = "Times finer than a nanosecond were cut to a microsecond"
COUNTED_TIMES = "times, some beyond the years 1 to 9999, kept as whole numbers"


def settle_times(raw: RawTable) -> None:
    """Make the columns of times in `raw` such as Python has, and note what became of them.

    A column of which a time is beyond the years 1 to 9999 (or, of times of day, beyond a day) is
    kept as whole numbers, which lose nothing.
    """
    counted: dict[str, list[str]] = {}
    for i, name in enumerate(raw.names):
        column = raw.columns[i]
        kind = column.type
        if not (pa.types.is_date(kind) or pa.types.is_timestamp(kind) or pa.types.is_time(kind)):
            continue
        numbers = _numbers(column)
        ends = pc.min_max(numbers).as_py()
        first, end = _bounds(kind)
        if ends["min"] is None:
            continue
        if ends["min"] < first or ends["max"] >= end:
            raw.columns[i] = numbers
            raw.kinds[name] = ("date", COUNTED_TIMES)
            counted.setdefault(_meaning(kind), []).append(f"'{name}'")
    raw.notes += [
        f"{BEYOND_YEARS}, in {meaning}: {joined(names)}." for meaning, names in counted.items()
    ]


def _numbers(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The whole numbers by which the times of a column are kept."""
    bits = pa.int64() if column.type.bit_width == 64 else pa.int32()
    bare = pa.chunked_array([chunk.view(bits) for chunk in column.chunks], bits)
    return bare.cast(pa.int64())


def _bounds(kind: Any) -> tuple[int, int]:
    """The least number of a time that Python has, and the one after the largest."""
    if pa.types.is_date32(kind):
        return _FIRST // _DAY, _END // _DAY
    if pa.types.is_date64(kind):
        return _FIRST * 1_000, _END * 1_000
    scale = _PER_SECOND[kind.unit]
    if pa.types.is_time(kind):
        return 0, _DAY * scale
    zone = 0 if kind.tz is None else _DAY  # what a zone may add to a time or take from it
    return (_FIRST + zone) * scale, (_END - zone) * scale


def _meaning(kind: Any) -> str:
    unit = "day" if pa.types.is_date32(kind) else "ms" if pa.types.is_date64(kind) else kind.unit
    since = "midnight" if pa.types.is_time(kind) else "1970-01-01"
    return f"{_UNITS[unit]} since {since}"


def python_value(cells: pa.ChunkedArray, row: int) -> Any:
    """A cell as Python has it; a time of nanoseconds, which only pandas adds to it, as text."""
    cell = cells[row]
    if pa.types.is_timestamp(cells.type) and cells.type.unit == "ns":
        return cell.cast(pa.string()).as_py()
    return cell.as_py()


def python_values(cells: pa.Array | pa.ChunkedArray) -> list[Any]:
    """All cells (m,) as `python_value` gives them."""
    if pa.types.is_timestamp(cells.type) and cells.type.unit == "ns":
        cells = cells.cast(pa.string())
    values: list[Any] = cells.to_pylist()
    return values
