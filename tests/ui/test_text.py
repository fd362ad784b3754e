"""Numbers and counts read as people write them."""

from __future__ import annotations

import math

import pytest

from gmmdesk.ui.text import count, duration, number, percent, plain


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.0, "0"),
        (3.0, "3.000"),
        (-2.5, "−2.500"),
        (71234.5, "71,234"),
        (123456789.0, "123,456,789"),
        (0.00123456, "0.001235"),
        (1.5e-7, "1.500e−07"),
        (2e12, "2.000e+12"),
        (math.nan, "–"),
        (math.inf, "–"),
    ],
)
def test_number(value, expected):
    assert number(value) == expected


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        (0.0, "0 %"),
        (0.0004, "< 0.1 %"),
        (0.0005, "0.1 %"),
        (0.003, "0.3 %"),
        (0.0995, "10 %"),
        (0.234, "23 %"),
        (0.996, "99.6 %"),
        (1.0, "100 %"),
        (math.nan, "–"),
    ],
)
def test_percent(share, expected):
    assert percent(share) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [(5.0, "5"), (-1204.0, "−1,204"), (1.7, "1.700"), (math.inf, "–")]
)
def test_plain(value, expected):
    assert plain(value) == expected


def test_count():
    assert count(1, "row") == "1 row"
    assert count(1204, "row") == "1,204 rows"


def test_duration():
    assert duration(0.84) == "0.8 s"
    assert duration(125) == "2 min 05 s"
