"""Dates as they are compared, beside Python's own reading of them."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gmmdesk.data.dataset import Column, ColumnKind
from gmmdesk.data.moments import AmbiguousDateError, moments_of, stretch_of

FORMS = (
    ("%Y-%m-%d", "year-first"),
    ("%Y/%m/%d %H:%M:%S", "year-first"),
    ("%Y-%m-%dT%H:%M:%S.%f", "year-first"),
    ("%d.%m.%Y", "day-first"),
    ("%d-%m-%y %H:%M", "day-first"),
    ("%m/%d/%Y %I:%M %p", "month-first"),
    ("%d %B %Y", ""),
    ("%d-%b-%y", ""),
    ("%b %d, %Y", ""),
    ("%Y-%m", ""),
    ("%H:%M:%S", ""),
)


def column(cells, order=""):
    return Column("d", ColumnKind.DATE, pa.chunked_array([cells]), 0, date_order=order)


@given(
    st.lists(st.datetimes(dt.datetime(1970, 1, 1), dt.datetime(2068, 12, 31)), min_size=1),
    st.sampled_from(FORMS),
)
def test_every_form_is_read_as_python_reads_it(moments, form):
    pattern, order = form
    texts = [moment.strftime(pattern) for moment in moments]
    expected = [dt.datetime.strptime(text, pattern) for text in texts]
    if pattern.startswith("%H"):
        expected = [moment.replace(year=1970) for moment in expected]
    found, is_clock = moments_of(
        column(pa.array(texts), order), np.arange(len(texts)), in_zone=False
    )
    assert found.tolist() == expected
    assert is_clock == pattern.startswith("%H")
    if order or "b" in pattern.lower():
        stretch = stretch_of(texts[0], order)
        assert stretch.start.item() == expected[0] < stretch.end.item()


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2024", "2024-01-01", "2025-01-01"),
        ("2024-12", "2024-12-01", "2025-01-01"),
        ("2024-02-28", "2024-02-28", "2024-02-29"),
        ("29.02.2024", "2024-02-29", "2024-03-01"),
        ("2024-05-31 13:00", "2024-05-31T13:00", "2024-05-31T13:01"),
        ("2024-05-31 1:00:05 pm", "2024-05-31T13:00:05", "2024-05-31T13:00:06"),
        ("2024-05-31T12:00Z", "2024-05-31T12:00", "2024-05-31T12:01"),
        ("2024-05-31T00:30 +02:00", "2024-05-30T22:30", "2024-05-30T22:31"),
        ("12:30", "1970-01-01T12:30", "1970-01-01T12:31"),
    ],
)
def test_what_is_typed_lasts_as_long_as_it_says(text, start, end):
    stretch = stretch_of(text, "day-first")
    assert (stretch.start, stretch.end) == (np.datetime64(start), np.datetime64(end))


@pytest.mark.parametrize(
    "text", ["", "A", "31.02.2024", "2024-13-01", "31.5", "25:00", "0,9", "1e5"]
)
def test_what_is_no_date(text):
    assert stretch_of(text, "day-first") is None


def test_nothing_is_guessed_where_a_date_may_be_two():
    with pytest.raises(AmbiguousDateError, match="1/2/2024"):
        stretch_of("1/2/2024", "")
    assert stretch_of("13/2/2024", "").start == np.datetime64("2024-02-13")
    assert stretch_of("2/13/2024", "").start == np.datetime64("2024-02-13")
    assert stretch_of("2/2/2024", "").start == np.datetime64("2024-02-02")
    with pytest.raises(AmbiguousDateError):
        moments_of(column(pa.array(["13/2/2024", "1/2/2024"])), np.arange(2), in_zone=False)


def test_zones_count_only_where_they_are_asked_for():
    texts = column(pa.array(["2024-05-31T00:30+02:00", None, "never"]))
    typed = column(pa.array([dt.datetime(2024, 5, 30, 22, 30)], pa.timestamp("s", "Europe/Oslo")))
    for in_zone, expected in ((False, "2024-05-31T00:30"), (True, "2024-05-30T22:30")):
        found, _ = moments_of(texts, np.arange(3), in_zone=in_zone)
        assert found[0] == np.datetime64(expected)
        assert np.isnat(found[1:]).all()
        found, _ = moments_of(typed, np.arange(1), in_zone=in_zone)
        assert found[0] == np.datetime64(expected)
