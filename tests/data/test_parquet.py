"""Parquet files: every type of column, and damaged files."""

from __future__ import annotations

import datetime as dt
import decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gmmdesk.data import limits, parquet
from gmmdesk.data.dataset import ColumnKind
from gmmdesk.data.readers import read
from gmmdesk.errors import Cancelled, ReadError
from gmmdesk.task import Task


@pytest.fixture
def write(tmp_path):
    def write(columns, **options):
        path = tmp_path / "table.parquet"
        pq.write_table(pa.table(columns), path, **options)
        return path

    return write


@pytest.mark.parametrize(
    ("values", "cells", "kind"),
    [
        (pa.array([5, 3, None], pa.int8()), [5, 3, None], ColumnKind.NUMBER),
        (pa.array([5, 3, 2**63], pa.uint64()), [5, 3, 2**63], ColumnKind.IDENTIFIER),
        (pa.array([1.5, None, 2.5], pa.float32()), [1.5, None, 2.5], ColumnKind.NUMBER),
        (pa.array([1.5, float("nan"), 2.5]), [1.5, None, 2.5], ColumnKind.NUMBER),
        (
            pa.array([decimal.Decimal("1.25"), None, decimal.Decimal("3.50")]),
            [1.25, None, 3.5],
            ColumnKind.NUMBER,
        ),
        (pa.array([True, False, None]), [True, False, None], ColumnKind.TEXT),
        (pa.array(["a", "b", "a"]), ["a", "b", "a"], ColumnKind.TEXT),
        (pa.array(["a", "b", "a"]).dictionary_encode(), ["a", "b", "a"], ColumnKind.TEXT),
        (pa.array(["1,5", "2,5", "4"]), ["1,5", "2,5", "4"], ColumnKind.NUMBER),
        (
            pa.array([dt.date(2020, 1, 1), None, dt.date(2020, 1, 2)]),
            [dt.date(2020, 1, 1), None, dt.date(2020, 1, 2)],
            ColumnKind.DATE,
        ),
        (pa.array([[1, 2], [3], [3]]), ["[1, 2]", "[3]", "[3]"], ColumnKind.TEXT),
        (pa.array([{"a": 1}, None, {"a": 1}]), ['{"a": 1}', None, '{"a": 1}'], ColumnKind.CONSTANT),
        (pa.array([b"\x01", b"\xff", b"\x01"]), ["01", "ff", "01"], ColumnKind.TEXT),
        (pa.nulls(3), [None, None, None], ColumnKind.EMPTY),
    ],
)
def test_types_of_columns(write, values, cells, kind):
    dataset = read(write({"x": values, "y": [1.5, 2.5, 9.0]}))
    column = dataset.column("x")
    assert column.cells.to_pylist() == cells
    assert column.kind is kind
    assert dataset.receipt.format == "Parquet"


@pytest.mark.parametrize(
    "kind",
    [
        *(pa.int8(), pa.uint32(), pa.float32(), pa.bool_(), pa.date32(), pa.time64("ns")),
        *(pa.timestamp("ns"), pa.timestamp("us", "Europe/Berlin"), pa.timestamp("ms", "+01:00")),
    ],
)
def test_types_are_kept(write, kind):
    whole = pa.int32() if kind == pa.date32() else pa.int64()
    values = pa.array([0, 1, None], whole).cast(kind)
    cells = read(write({"x": values, "y": [1.5, 2.5, 9.0]})).column("x").cells
    assert cells.type == kind
    assert cells.combine_chunks().equals(values)


def test_nanoseconds_are_kept(write):
    times = pa.array([1, 1_000_000_007], pa.timestamp("ns"))
    assert read(write({"x": times})).column("x").cells.combine_chunks().equals(times)


def test_digits_beyond_those_of_a_float_are_kept_and_noted(write):
    values = [decimal.Decimal("12345678901234567.8"), decimal.Decimal("12345678901234568.9")]
    dataset = read(write({"x": values, "y": [1.5, 2.5]}))
    found = dataset.column("x")
    assert found.cells.to_pylist() == values
    assert found.numbers().tolist() == [float(value) for value in values]
    assert "15 digits or so of x" in " ".join(dataset.receipt.notes)
    values = [decimal.Decimal("12345678901234567.8"), decimal.Decimal("12345678901234567.9")]
    assert "beyond the digits" in read(write({"x": values})).column("x").reason


def test_a_long_text_repeated_is_weighed_before_it_is_unpacked(write, monkeypatch):
    path = write({"x": pa.array(["t" * 100_000, "u"]).take(pa.array([0, 1] * 2_000))})
    assert path.stat().st_size < 1_000_000
    monkeypatch.setattr(limits, "available_memory", lambda: 1 << 27)
    with pytest.raises(ReadError, match=r"needs about 0\.2 GB of memory"):
        read(path)


def test_repeated_text_is_unpacked(write, monkeypatch):
    monkeypatch.setattr(parquet, "_PIECE_BYTES", 1_000)
    values = ["a" * 90, None, "b"] * 500
    assert read(write({"x": values})).column("x").cells.to_pylist() == values


def test_rows_keep_their_order_across_row_groups(write):
    values = [0.5 * i for i in range(10_000)]
    dataset = read(write({"x": values, "": ["t"] * 10_000}, row_group_size=999))
    assert dataset.column("x").numbers().tolist() == values
    assert dataset.columns[1].name == "Column 2"


@pytest.mark.parametrize("kept", [4, 40, 200])
def test_a_damaged_file(write, kept):
    path = write({"x": [1.5, 2.5]})
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(ReadError, match="damaged"):
        read(path)


def test_a_damaged_page(write):
    path = write({"x": [float(i) for i in range(2_000)]}, use_dictionary=False)
    content = bytearray(path.read_bytes())
    content[10:400] = b"\xff" * 390
    path.write_bytes(content)
    with pytest.raises(ReadError, match="damaged"):
        read(path)


def test_no_rows(write):
    with pytest.raises(ReadError, match="no rows"):
        read(write({"x": pa.array([], pa.float64())}))


def test_a_file_that_claims_more_rows_than_fit_in_memory(write, monkeypatch):
    path = write({"x": pa.array([1.0] * 1_000_000)})
    monkeypatch.setattr(limits, "available_memory", lambda: 4_000_000)
    with pytest.raises(ReadError, match="memory"):
        read(path)


def test_cancelling(write):
    task = Task()
    task.cancel()
    with pytest.raises(Cancelled):
        read(write({"x": [1.5, 2.5]}), task=task)
