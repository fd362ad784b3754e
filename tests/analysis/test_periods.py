"""A column that counts time is pointed out: clusters may merely be periods."""

from __future__ import annotations

import numpy as np
import pytest

from gmmdesk.analysis import Settings, analyse
from gmmdesk.analysis.periods import counts_time, period_columns
from gmmdesk.analysis.verdict_words import verdict_in_words
from gmmdesk.data.readers import read_text
from gmmdesk.data.samples import load_sample
from tests.running import finish

RANDOM = np.random.default_rng(0)
PANEL = np.repeat(np.arange(1970.0, 2000.0), 4)


@pytest.mark.parametrize(
    "x",
    [
        PANEL,
        RANDOM.permutation(PANEL),
        np.where(np.arange(120) % 7 == 0, np.nan, PANEL),
        # Years of two digits, as they come in the file (cars of 1970 to 1982).
        np.repeat(np.arange(70.0, 83.0), [29, 28, 28, 40, 27, 30, 34, 28, 36, 29, 29, 29, 31]),
        0.1 * np.arange(50.0),
        np.append(np.arange(40.0), 45.0),  # with a gap
    ],
    ids=["panel", "years in any order", "with gaps", "model years", "seconds", "a pause"],
)
def test_years_and_what_passes_steadily_count_time(x):
    assert counts_time(x)


@pytest.mark.parametrize(
    "x",
    [
        RANDOM.normal(1990.0, 10.0, 200),
        np.sort(RANDOM.normal(size=200)),  # a table that is sorted by a measurement
        np.sort(RANDOM.normal(size=200).round(1)),
        np.repeat([0.0, 1.0, 2.0], [59, 71, 48]),
        RANDOM.integers(1800, 2300, 200).astype(float),
        np.repeat([1990.0, 1991.0], 50),
        np.arange(50.0)[::-1],
        np.arange(1990.0, 2005.0),
        np.full(60, 2000.0),
        np.full(60, np.nan),
    ],
    ids=[
        "no whole",
        "sorted",
        "sorted and rounded",
        "a code",
        "weights",
        "two years",
        "falling",
        "few",
        "constant",
        "empty",
    ],
)
def test_other_numbers_do_not(x):
    assert not counts_time(x)


@pytest.fixture(scope="module")
def spending():
    """What grows from year to year, in two countries."""
    year = np.repeat(np.arange(1970, 2020), 4)
    spent = np.exp(0.03 * (year - 1970) + RANDOM.normal(0.0, 0.1, 200)) + 3.0 * (year > 1994)
    table = "\n".join(f"{y},{s:.4f}" for y, s in zip(year, spent, strict=True))
    settings = Settings(columns=("Year", "spent"), k_max=3, models=("VVV",), restarts=2)
    return finish(analyse(read_text(f"Year,spent\n{table}"), settings))


def test_clusters_in_time_are_told_to_be_periods_perhaps(spending):
    assert spending.verdict.is_claimed
    told = [one for one in verdict_in_words(spending.verdict).grounds if "periods" in one.said]
    (one,) = told
    assert one.is_doubt
    assert one.said == "Year counts time, as it seems: the clusters may merely be periods."
    assert [remedy.text for remedy in one.remedies] == ["Do without Year"]
    assert one.remedies[0].changes(spending.settings) == {"columns": ("spent",)}


@pytest.mark.parametrize("name", ["iris", "penguins", "faithful", "customers"])
def test_measurements_count_no_time(name):
    settings = Settings(k_min=1, k_max=1, models=("VVV",), restarts=1)
    analysis = finish(analyse(load_sample(name), settings))
    assert period_columns(analysis) == ()
    for column in analysis.prepared.preparation.inputs:
        assert not counts_time(np.sort(analysis.dataset.column(column).numbers())), column
