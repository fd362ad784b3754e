"""Conditions on cells of every kind."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gmmdesk.data.conditions import fulfils, number_hint, read_number, settled
from gmmdesk.data.dataset import ColumnKind
from gmmdesk.data.readers import read, read_text
from gmmdesk.errors import DataError

DAYS = [dt.date(2024, 1, 1) + dt.timedelta(days=7 * i) for i in range(40)]
OPERATORS = {
    "=": dt.date.__eq__,
    "!=": dt.date.__ne__,
    "<": dt.date.__lt__,
    "<=": dt.date.__le__,
    ">": dt.date.__gt__,
    ">=": dt.date.__ge__,
}


def table(pattern):
    return read_text("d\tx\n" + "".join(f"{day:{pattern}}\t{i}.5\n" for i, day in enumerate(DAYS)))


@pytest.fixture(scope="module")
def stamps(tmp_path_factory):
    path = tmp_path_factory.mktemp("stamps") / "stamps.parquet"
    noon = [dt.datetime.combine(day, dt.time(12)) for day in DAYS]
    columns = {
        "d": pa.array(DAYS),
        "s": pa.array(noon),
        "z": pa.array(noon, pa.timestamp("ns", "UTC")),
        "t": pa.array([dt.time(i % 24) for i in range(40)]),
    }
    pq.write_table(pa.table(columns | {"x": np.arange(40.0) ** 2}), path)
    return read(path)


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("pattern", ["%d.%m.%Y", "%Y-%m-%d", "%m/%d/%Y", "%d %b %Y", "%Y%m%d"])
@pytest.mark.parametrize("value", ["2024-05-27", "2024-05-31"])
def test_dates_are_compared_as_dates(operator, pattern, value):
    day = dt.date.fromisoformat(value)
    column = table(pattern).column("d")
    expected = [OPERATORS[operator](one, day) for one in DAYS]
    for typed in {value, f"{day:{pattern}}"}:
        assert fulfils(column, np.arange(40), operator, typed).tolist() == expected
        assert fulfils(column, np.arange(40)[::-1], operator, typed).tolist() == expected[::-1]


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("name", ["d", "s", "z"])
def test_a_day_is_the_whole_day_of_timestamps(stamps, operator, name):
    day = dt.date(2024, 5, 27)
    found = fulfils(stamps.column(name), np.arange(40), operator, "2024-05-27")
    assert found.tolist() == [OPERATORS[operator](one, day) for one in DAYS]


def test_times_of_day(stamps):
    found = fulfils(stamps.column("t"), np.arange(40), ">=", "22:00")
    assert np.flatnonzero(found).tolist() == [22, 23]
    with pytest.raises(DataError, match="holds times; '2024-05-27' is a date"):
        fulfils(stamps.column("t"), np.arange(40), "=", "2024-05-27")
    with pytest.raises(DataError, match="holds dates; '22:00' is a time"):
        fulfils(stamps.column("s"), np.arange(40), "=", "22:00")


@pytest.mark.parametrize("value", ["soon", "31.02.2024", 31.5, "2024-99"])
def test_what_is_no_date_is_refused(value):
    with pytest.raises(DataError, match=r"holds dates; '.*' is not one. Write it like 2024-05-31"):
        fulfils(table("%d.%m.%Y").column("d"), np.arange(40), ">", value)


def test_counts_of_days_are_no_dates_as_whole_numbers():
    days = read_text("d\tx\n" + "".join(f"{19_000 + i * i}\t{i}.5\n" for i in range(40)))
    column = replace(days.column("d"), kind=ColumnKind.DATE)
    with pytest.raises(DataError, match="holds numbers; '2024-05-27' is not one"):
        fulfils(column, np.arange(40), ">", "2024-05-27")


def test_the_order_of_numbers_in_a_date_must_be_known():
    unknown = read_text(
        "d\tx\n" + "".join(f"{i % 9 + 1}/{i % 7 + 2}/2024\t{i}.5\n" for i in range(9))
    )
    with pytest.raises(DataError, match="Nothing tells which number is the day"):
        fulfils(unknown.column("d"), np.arange(9), ">", "2024-05-31")
    with pytest.raises(DataError, match="'1/2/2024' may be two different days"):
        fulfils(table("%Y-%m-%d").column("d"), np.arange(40), ">", "1/2/2024")


@pytest.mark.parametrize(
    ("text", "point", "comma"),
    [
        ("50000", 50000.0, 50000.0),
        ("50,000", 50000.0, 50.0),
        ("50.000", 50.0, None),
        ("0,9", None, 0.9),
        ("0.9", 0.9, 0.9),
        ("0,900", None, 0.9),
        ("1,50", None, 1.5),
        ("1,5,0", None, None),
        ("1,234,567.5", 1234567.5, None),
        ("1.234.567,5", None, 1234567.5),
        ("1,234.567,8", None, None),
        ("12 345", 12345.0, 12345.0),
        ("-5 %", -5.0, -5.0),
        ("\N{MINUS SIGN}5", -5.0, -5.0),
        ("1e3", 1000.0, 1000.0),
        ("1e999", None, None),
        ("nan", None, None),
        ("٣", None, None),
        ("", None, None),
    ],
)
def test_numbers_are_read_by_the_decimal_mark(text, point, comma):
    assert (read_number(text, "."), read_number(text, ",")) == (point, comma)


def test_a_number_that_may_be_two_says_how_to_write_it():
    said = number_hint("1.234", ",")
    assert said == "It could be two numbers: write 1234 for one, 1,234 for the other."
    said = number_hint("50.000", ",")  # "50,000" would look like the first
    assert said == "It could be two numbers: write 50000 for one, 50,0 for the other."
    assert number_hint("0,9") == "The decimal mark is a point here: write 0.9."
    assert number_hint("rich") == "Compare it with a number."


def test_a_settled_value_means_the_same():
    column = table("%d.%m.%Y").column("d")
    assert settled(column, ">", "3.5.2024") == "2024-05-03"
    assert settled(column, ">", "2024-05") == "2024-05"
    assert settled(column, "contains", "3.5") == "3.5"
    number = table("%d.%m.%Y").column("x")
    assert settled(number, ">", "1,5", ",") == 1.5
    with pytest.raises(DataError, match="'1,5' is not one"):
        settled(number, ">", "1,5")


@pytest.mark.parametrize("gap", ["", "unreadable", "NA"])
@pytest.mark.parametrize(
    ("operator", "expected"),
    [("=", [5]), ("!=", [0, 1, 2, 3, 4, 6, 7, 8]), (">", [6, 7, 8]), ("<=", [0, 1, 2, 3, 4, 5])],
)
def test_identifiers_of_many_digits_are_told_apart_by_the_last_one(operator, expected, gap):
    """Those of float64 are 2 apart here."""
    ids = [*(str(10**16 + i) for i in range(9)), gap]
    dataset = read_text("id\tx\n" + "".join(f"{one}\t{i}.5\n" for i, one in enumerate(ids)))
    column = dataset.column("id")
    wanted = str(10**16 + 5)
    found = fulfils(column, np.arange(10), operator, wanted)
    assert np.flatnonzero(found).tolist() == expected
    assert fulfils(column, np.arange(10), operator, settled(column, operator, wanted)).tolist() == (
        found.tolist()
    )
