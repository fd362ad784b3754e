"""Ticks along dates are round, few, and where the calendar has them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gmmdesk.ui.drawing.calendar_ticks import calendar_ticks, ends_said


def microseconds(moment: str) -> float:
    return float(np.datetime64(moment, "us").astype(np.int64))


@pytest.mark.parametrize(
    ("low", "high", "texts"),
    [
        ("1850-03-01", "2024-06-01", ["1900", "2000"]),
        ("2019-01-02", "2024-03-12", ["2020", "2022", "2024"]),
        ("2023-05-20", "2024-02-10", ["2023-07", "2024-01"]),
        ("2024-02-25", "2024-03-06", ["2024-02-26", "2024-03-04"]),
        ("2024-02-25T05:00", "2024-02-25T19:00", ["06:00", "12:00", "18:00"]),
        ("2024-02-25T21:00", "2024-02-26T15:00", ["02-26 00:00", "02-26 12:00"]),
        ("2024-02-25T05:00:10", "2024-02-25T05:01:20", ["05:00:30", "05:01:00"]),
        ("2024-02-25", "2024-02-25", []),
    ],
)
def test_ticks_are_round(low: str, high: str, texts: list[str]) -> None:
    ticks = calendar_ticks(microseconds(low), microseconds(high))
    assert [tick.text for tick in ticks] == texts
    begin, end = microseconds(low), microseconds(high)
    for tick in ticks:
        if ":" not in tick.text:
            assert begin + tick.share * (end - begin) == pytest.approx(microseconds(tick.text))


@pytest.mark.parametrize(
    ("low", "high", "is_clock", "words"),
    [
        ("2019-01-02T03:04", "2024-03-12", False, ("2019-01-02", "2024-03-12")),
        ("2024-02-25T05:00", "2024-02-25T19:00", False, ("2024-02-25 05:00", "2024-02-25 19:00")),
        (
            "2024-02-25T05:00:01",
            "2024-02-25T05:00:01.5",
            False,
            ("2024-02-25 05:00:01.000", "2024-02-25 05:00:01.500"),
        ),
        ("2024-02-25T05:00", "2024-02-25T05:00", False, ("2024-02-25", "")),
        ("1970-01-01T05:00", "1970-01-01T19:30", True, ("05:00", "19:30")),
        ("1970-01-01T05:00:01", "1970-01-01T05:00:02", True, ("05:00:01", "05:00:02")),
        ("1970-01-01T05:00", "1970-01-01T05:00", True, ("05:00", "")),
    ],
)
def test_ends_are_as_fine_as_it_takes(
    low: str, high: str, is_clock: bool, words: tuple[str, str]
) -> None:
    assert ends_said(microseconds(low), microseconds(high), is_clock=is_clock) == words


@given(st.integers(-(2**55), 2**55), st.integers(4_000_000, 2**55))
def test_there_are_a_few_and_they_differ(low: int, length: int) -> None:
    ticks = calendar_ticks(float(low), float(low + length))
    assert 2 <= len(ticks) <= 8
    assert len({tick.text for tick in ticks}) == len(ticks)
    shares = [tick.share for tick in ticks]
    assert shares == sorted(shares)
    assert shares[0] >= 0.0
    assert shares[-1] <= 1.0
