"""Which number of a date is the day, and which cells are no dates."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gmmdesk.data.dates import guess_order, iso_date, spoken_date, unreadable_dates


def cells(*texts):
    return pa.chunked_array([pa.array(texts, pa.string())])


@pytest.mark.parametrize(
    ("texts", "order", "example"),
    [
        (["13/1/2020", "1/2/2020"], "day-first", ""),
        (["1/13/2020", "1/2/2020"], "month-first", ""),
        (["1/2/2020", "3/4/2020"], "", "1/2/2020"),
        (["5/5/2020", "3/4/20 10:30"], "", "3/4/20"),
        (["5/5/2020", "6/6/2020"], "", ""),  # the same day either way
        (["1.2.2020", "3.4.2020"], "day-first", ""),
        (["1-2-2020", "3-4-2020"], "", "1-2-2020"),
        (["13/1/2020", "1/13/2020"], "", ""),
        (["2020-01-02", None], "year-first", ""),
        (["5-Jan-2020", "10:30"], "", ""),
        ([None, None], "", ""),
    ],
)
def test_the_order_that_cells_prove(texts, order, example):
    guess = guess_order(cells(*texts))
    assert (guess.order, guess.example) == (order, example)
    assert bool(guess.reason) >= bool(order)


def test_days_that_are_on_no_calendar():
    texts = ["31.02.2019", "29.02.2020", "29.2.19", "1.13.2019", "0.1.2019", "x", None, "NA"]
    assert unreadable_dates(cells(*texts), "day-first", ("NA",)).tolist() == [0, 2, 3, 4, 5]
    texts = ["2019-02-29", "2020-02-29", "2019-13-01", "0000-01-01"]
    assert unreadable_dates(cells(*texts), "year-first", ()).tolist() == [0, 2, 3]
    assert unreadable_dates(cells("2/30/2019", "30/2/2019", "2/3/2019"), "", ()).tolist() == [0, 1]
    assert unreadable_dates(cells(None), "", ()).tolist() == []


@given(st.dates(dt.date(1970, 1, 1), dt.date(2068, 12, 31)), st.booleans(), st.booleans())
def test_dates_come_back_from_either_order(day, day_first, short):
    year = f"{day.year % 100:02d}" if short else str(day.year)
    numbers = (day.day, day.month) if day_first else (day.month, day.day)
    order = "day-first" if day_first else "month-first"
    text = f"{numbers[0]}/{numbers[1]}/{year}"
    assert iso_date(text, order) == day.isoformat()
    assert iso_date(f" {text} 10:30", order) == f"{day.isoformat()} 10:30"
    assert spoken_date(text, order).endswith(str(day.year))
    assert not len(unreadable_dates(cells(text), order, ()))


def test_what_is_no_date_of_numbers():
    assert iso_date("5-Jan-2020", "day-first") is None
    assert iso_date("1/2/2020", "") is None
    assert iso_date("31.02.2019", "day-first") is None
