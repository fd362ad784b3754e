"""How long a search takes, from what is done of it."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest

from gmmdesk.ui.time_left import TimeLeft

SECONDS = {"second": 1.0, "minute": 60.0, "hour": 3600.0}


def told(times, shares):
    left = TimeLeft()
    return [left.told(float(at), float(share)) for at, share in zip(times, shares, strict=True)]


def seconds(said):
    number, unit = re.fullmatch(r"about (\S+) (second|minute|hour)s? left", said).groups()
    return float(number.replace("½", ".5")) * SECONDS[unit]


@pytest.mark.parametrize("whole", [20.0, 100.0, 1_000.0, 20_000.0])
def test_even_progress_is_told_roughly_and_calmly(whole):
    times = np.linspace(0.0, 0.98 * whole, 3_000)
    said = told(times, times / whole)
    assert not any(said[: int(np.searchsorted(times, 4.0))])  # too early to say
    known = [(at, seconds(words)) for at, words in zip(times, said, strict=True) if words]
    assert len(known) > 0.7 * len(times)
    for at, left in known:
        assert (
            whole - at
            <= left
            <= max(2.0 * (whole - at) + 6.0, whole - at + 3600.0 * (whole > 7_000))
        )
    changes = sum(a != b for a, b in itertools.pairwise(said))
    assert changes <= 20


@pytest.mark.parametrize("power", [0.7, 1.5, 2.0, 2.5])
@pytest.mark.parametrize("whole", [30.0, 300.0])
def test_many_clusters_may_cost_less_or_more_than_was_thought(power, whole):
    """As on rows of taxis: 4 in 100 were done after a sixth of the time, 30 after a half."""
    times = np.linspace(0.0, 0.98 * whole, 3_000)
    said = told(times, (times / whole) ** power)
    known = [(at, seconds(words)) for at, words in zip(times, said, strict=True) if words]
    assert len(known) > 0.7 * len(times)
    assert all(0.9 * (whole - at) <= left <= 2.0 * (whole - at) + 6.0 for at, left in known)


def in_fits(seconds_of):
    """The course of a search whose share stands still while a fit goes on, as it does."""
    fits = [k for k in range(1, 10) for _ in range(5)]
    ends = np.cumsum([seconds_of(k) for k in fits])
    shares = np.cumsum(np.square(fits)) / np.sum(np.square(fits))
    times = np.arange(0.0, ends[-1], 0.1)
    return times, np.concatenate(([0.0], shares))[np.searchsorted(ends, times, side="right")]


@pytest.mark.parametrize("power", [2.0, 3.0, 4.0])
def test_a_long_fit_makes_no_more_of_what_is_left(power):
    times, shares = in_fits(lambda k: 100.0 * k**power / sum(5 * j**power for j in range(1, 10)))
    said = told(times, shares)
    known = [(at, seconds(words)) for at, words in zip(times, said, strict=True) if words]
    assert len(known) > 0.4 * len(times)
    assert all(left <= 2.0 * (times[-1] - at) + 6.0 for at, left in known)
    assert all(b <= a for (_, a), (_, b) in itertools.pairwise(known))


def test_what_has_proved_wrong_is_not_said_any_longer():
    """Fifteen seconds were left; half a minute later nothing more has ended."""
    left, at = TimeLeft(), np.arange(0.0, 60.0, 0.1)
    said = [left.told(float(now), min(float(now) / 30.0, 0.66)) for now in at]
    assert said[200] == "about 15 seconds left"
    assert said[-1] == ""


def test_nothing_is_said_while_it_cannot_be_known():
    """Shares that jump: each estimate is far from the one before."""
    times = np.arange(0.0, 30.0, 0.1)
    shares = np.where(np.floor(times / 2.0) % 2 == 0, 0.02, 0.9) * times / 30.0
    assert not any(told(times, shares))
    assert not any(told(times, np.zeros_like(times)))


def test_more_is_left_only_where_it_is_much_more():
    """It slows down: first by little, of which nothing is said, then by much."""
    left = TimeLeft()
    at, share, said = 0.0, 0.0, []
    for speed, steps in ((0.01, 200), (0.009, 200), (0.001, 800)):
        for _ in range(steps):
            at, share = at + 0.1, share + 0.1 * speed
            said.append(left.told(at, share))
    known = [seconds(words) for words in said if words]
    up = [j for j in range(1, len(known)) if known[j] > known[j - 1]]
    assert up
    assert all(known[j] > 1.3 * known[j - 1] for j in up)


def test_another_search_begins_anew():
    left = TimeLeft()
    for at in np.arange(0.0, 20.0, 0.1):
        said = left.told(float(at), float(at) / 40.0)
    assert said
    left.begin()
    assert left.told(25.0, 0.001) == ""  # it may be long before anything is told of it
