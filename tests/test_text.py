"""Numbers and counts read as people write them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gmmdesk.text import (
    alike,
    beside,
    count,
    default_name,
    duration,
    exact,
    joined,
    narrow,
    number,
    one_line,
    percent,
    percents,
    plain,
    rough,
    sentence_case,
    shortened,
)


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
    ("value", "expected"),
    [(5.0, "5"), (-1204.0, "−1204"), (-12040.0, "−12,040"), (1.7, "1.7"), (math.inf, "–")],
)
def test_plain(value, expected):
    assert plain(value) == expected


def test_ends_of_a_range_have_the_digits_that_tell_them_apart():
    low, high = 100_000_000.7, 100_000_009.2
    assert (plain(low, high - low), plain(high, high - low)) == ("100,000,000.7", "100,000,009.2")
    assert plain(4.85, 1424.15) == "4.85"
    assert plain(45_690.395, 11_314.5) == "45,690"
    assert plain(-20_000.3, 40_000.1) == "−20,000"
    assert plain(1.0 / 3.0, 1.0) == "0.3333"


@pytest.mark.parametrize(
    ("value", "spread", "expected"),
    [
        (8402.4, 5190.0, "8402"),
        (645.94, 13.62, "645.94"),
        (100_000_003.4567, 0.77, "100,000,003.4567"),
        (0.5, 1000.0, "0.5000"),
        (5.0, 0.0, "5.000"),
        (math.nan, 1.0, "–"),
    ],
)
def test_a_value_has_the_digits_of_its_spread(value, spread, expected):
    assert beside(value, spread) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (100_000_000.7, "100,000,000.7"),
        (-0.1, "−0.1"),
        (6e-06, "6e−06"),
        (float(np.float32(0.1)), "0.1"),
        (float(np.float32(5117.0396)), "5117.0396"),
        (16_777_217.0, "16,777,217"),
        (123_456_792.0, "123,456,792"),
        (math.inf, "–"),
        (1234567.25, "1,234,567.25"),  # of single precision too, but by chance
    ],
)
def test_exact_is_what_stands_in_the_file(value, expected):
    assert exact(value) == expected


def test_shortened_words_end_in_an_ellipsis():
    assert shortened("short", 10) == "short"
    assert shortened("a name that is long", 10) == "a nam…long"


@pytest.mark.parametrize(
    ("difference", "decimals", "shown"),
    [
        (12.34, 1, "+12.3"),
        (-4.0, 1, "−4.0"),
        (999.4, 0, "+999"),
        (999.6, 0, "+1.0k"),
        (4_702.4, 0, "+4.7k"),
        (9_960.0, 0, "+10k"),
        (10_400.0, 0, "+10k"),
        (999_499.0, 0, "+999k"),
        (999_500.0, 0, "+1.0M"),
        (-7_012_345.0, 1, "−7.0M"),
    ],
)
def test_differences_stay_narrow(difference, decimals, shown):
    assert narrow(difference, decimals) == shown


def test_count():
    assert count(1, "row") == "1 row"
    assert count(1204, "row") == "1,204 rows"


def test_duration():
    assert duration(0.84) == "0.8 s"
    assert duration(125) == "2 min 05 s"


@pytest.mark.parametrize(
    ("value", "spread", "shown"),
    [
        (217.187, 6.5, "217"),
        (14.982, 1.1, "15.0"),
        (5076.0, 460.0, "5076"),
        (100_000_002.5, 0.5, "100,000,002.5"),
        (0.0, 1.0, "0"),
        (-0.0172, 5.9, "−0.0172"),  # as everywhere else
        (-0.0172, 59.0, "0"),
        (3.14159, 0.0, "3.14"),
    ],
)
def test_rough(value, spread, shown):
    assert rough(value, spread) == shown


def test_clusters_that_nobody_has_named_are_numbered():
    assert [default_name(k) for k in range(2)] == ["Cluster 1", "Cluster 2"]


def test_small_values_beside_each_other_have_the_same_decimals():
    values = (-0.00029074, 6.262e-05, 0.0, -3e-9)
    told = [alike(value, 8.7e-05) for value in values]
    assert told == ["−0.000291", "0.000063", "0.000000", "0.000000"]
    assert alike(-0.04, 1.8) == "0.0"


@pytest.mark.parametrize(
    ("n", "said"),
    [(0, ""), (1, "a"), (2, "a and b"), (3, "a, b and c"), (4, "a, b and 2 more")],
)
def test_lists_of_names_end_with_and(n, said):
    assert joined("abcd"[:n], 3 if n < 4 else 2) == said


def test_one_line_shows_no_characters_that_are_not_seen():
    assert one_line(" Haus\u202e\t204\n\x07 ") == "Haus 204"
    assert sentence_case("haus 204") == "Haus 204"


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        (0.421, 0.419, ("42.1 %", "41.9 %")),
        (0.4212, 0.4208, ("42.12 %", "42.08 %")),
        (0.6, 0.4, ("60 %", "40 %")),
        (0.5, 0.5, ("50 %", "50 %")),
    ],
)
def test_shares_side_by_side_are_told_apart(first, second, told):
    assert percents(first, second) == told
