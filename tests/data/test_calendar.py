"""Times that Python's calendar does not have, in the formats that can hold them."""

from __future__ import annotations

import datetime as dt
import io
import sys

import numpy as np
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
import pytest

from gmmdesk.data.readers import read

pytestmark = pytest.mark.usefixtures("parsers_here")
# A type, a number that is beyond the years 1 to 9999 (or a day), and what is counted.
BEYOND = [
    (pa.timestamp("s"), 253_402_300_800, "seconds since 1970-01-01"),
    (pa.timestamp("ms"), -62_135_596_800_001, "milliseconds since 1970-01-01"),
    (pa.timestamp("us", "UTC"), 2**62, "microseconds since 1970-01-01"),
    (pa.date32(), 2_932_897, "days since 1970-01-01"),
    (pa.date32(), -719_163, "days since 1970-01-01"),
    (pa.time32("ms"), 86_400_000, "milliseconds since midnight"),
    (pa.time64("ns"), -1, "nanoseconds since midnight"),
]


def times(kind, *numbers):
    bits = pa.int64() if kind.bit_width == 64 else pa.int32()
    return pa.array(numbers, bits).view(kind)


def npy(array):
    sink = io.BytesIO()
    np.save(sink, array)
    return sink.getvalue()


@pytest.mark.parametrize(
    ("write", "kind", "number", "unit"),
    [(pa.feather.write_feather, *case) for case in BEYOND if not pa.types.is_time(case[0])]
    + [(pa.parquet.write_table, *case) for case in BEYOND if "[s]" not in str(case[0])],
)
def test_times_beyond_a_calendar_stay_the_numbers_they_are(tmp_path, write, kind, number, unit):
    path = tmp_path / "t.file"
    write(pa.table({"t": times(kind, 5, None, number), "x": [1.5, 2.5, 3.5]}), path)
    dataset = read(path)
    column = dataset.column("t")
    assert column.cells.to_pylist() == [5, None, number]
    assert column.kind == "date"
    assert "beyond the years 1 to 9999" in column.reason
    assert dataset.recommended == ("x",)
    assert any(f"in {unit}: 't'." in note for note in dataset.receipt.notes)


@pytest.mark.parametrize(
    ("kind", "number", "time"),
    [
        (pa.timestamp("s"), 253_402_300_799, dt.datetime(9999, 12, 31, 23, 59, 59)),
        (pa.timestamp("us"), -62_135_596_800_000_000, dt.datetime(1, 1, 1)),
        (pa.date32(), 2_932_896, dt.date(9999, 12, 31)),
        (pa.date32(), -719_162, dt.date(1, 1, 1)),
        (pa.time32("s"), 86_399, dt.time(23, 59, 59)),
    ],
    ids=str,
)
def test_the_last_times_of_a_calendar_stay_times(tmp_path, kind, number, time):
    path = tmp_path / "t.parquet"
    pa.parquet.write_table(pa.table({"t": times(kind, 5, number)}), path)
    dataset = read(path)
    assert pa.types.is_temporal(dataset.column("t").cells.type)
    assert dataset.column("t").cells[1].as_py() == time
    assert dataset.receipt.notes == ()


def test_nanoseconds_are_shown_whatever_else_is_installed(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    path = tmp_path / "t.feather"
    pa.feather.write_feather(pa.table({"t": times(pa.timestamp("ns"), 1_001, 2_000)}), path)
    dataset = read(path)
    assert dataset.column("t").cells.type == pa.timestamp("ns")
    shown = [cell.raw for cell in dataset.receipt.cells]
    assert shown == ["1970-01-01 00:00:00.000001001", "1970-01-01 00:00:00.000002000"]


def test_times_within_lists_are_written_out_or_say_that_they_cannot_be(tmp_path):
    path = tmp_path / "t.feather"
    lists = pa.array([[2**60], [0], None], pa.list_(pa.int64())).cast(pa.list_(pa.timestamp("s")))
    pa.feather.write_feather(pa.table({"t": lists, "x": [1.5, 2.5, 3.5]}), path)
    cells = read(path).column("t").cells.to_pylist()
    assert str(2**60) in cells[0]
    assert "1970-01-01" in cells[1]
    assert cells[2] is None


@pytest.mark.parametrize(
    ("unit", "number", "notes"),
    [
        ("Y", 10**12, 1),
        ("M", 2**62, 1),
        ("D", 2_932_897, 1),
        ("25s", 2**62, 1),
        ("s", 2**62, 1),
        ("Y", -1969 - 1, 1),
    ],
)
def test_of_numpy_beyond_a_calendar(file, unit, number, notes):
    numbers = np.array([3, number, np.iinfo(np.int64).min])
    dataset = read(file(npy(numbers.view(f"M8[{unit}]")), "t.npy"))
    assert dataset.columns[0].cells.to_pylist() == [3, number, None]
    assert dataset.columns[0].kind == "date"
    assert len([note for note in dataset.receipt.notes if "'x1'" in note]) == notes


@pytest.mark.parametrize(
    ("unit", "numbers", "microseconds", "notes"),
    [
        ("ps", [5 * 10**6, 7 * 10**6], [5, 7], 0),
        ("ps", [5 * 10**6, 7 * 10**6 + 1], [5, 7], 1),
        ("fs", [-1, 10**9], [-1, 1], 1),
        ("as", [10**12, 2 * 10**12], [1, 2], 0),
        ("Y", [0, 1], [0, 365 * 86_400 * 10**6], 0),
        ("25s", [1, 2], [25 * 10**6, 50 * 10**6], 0),
        ("ns", [999, 2_000], [0, 2], 0),
    ],
)
def test_units_of_numpy(file, unit, numbers, microseconds, notes):
    dataset = read(file(npy(np.array(numbers).view(f"M8[{unit}]")), "t.npy"))
    cells = dataset.columns[0].cells
    assert pa.types.is_timestamp(cells.type)
    assert cells.cast(pa.timestamp("us"), safe=False).cast(pa.int64()).to_pylist() == microseconds
    assert len(dataset.receipt.notes) == notes
