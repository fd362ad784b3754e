"""Few values that seem to be mistakes are pointed out, and long tails are not taken for any."""

from __future__ import annotations

import numpy as np
import pytest

from gmmdesk.data.prepare import prepare
from gmmdesk.data.readers import read_text
from gmmdesk.data.steps.advice import advise
from gmmdesk.data.steps.mistakes import mistakes
from gmmdesk.data.steps.strange_values import far_above, few_are_negative, few_are_zero


def table(**columns):
    cells = zip(*(map(repr, values.tolist()) for values in columns.values()), strict=True)
    return read_text("\n".join(["\t".join(columns), *map("\t".join, cells)]))


def test_few_negative_values_apart_from_the_others_are_told():
    """A sign that was mistyped, or a code for no value; not what thins out below zero."""
    rng = np.random.default_rng(3)
    area, degrees = 45.0 + rng.gamma(2.0, 30.0, size=300), rng.normal(9, 3.5, size=300)
    area[[16, 200]] = -12.0
    assert 0 < (degrees < 0).sum() < 3
    data = table(area=area, degrees=degrees, balance=rng.normal(size=300))
    (advice,) = mistakes(data, prepare(data))
    assert advice.reason.startswith("2 of 300 values of area are negative, all others ")
    prepared = prepare(data, steps=(advice.step,))
    assert len(prepared.rows) == 298
    assert prepared.reasons == ("negative area",)
    assert mistakes(data, prepared) == ()


def test_few_values_far_above_the_others_are_told():
    """A decimal mark that was forgotten; it does not make the column one to be straightened."""
    rng = np.random.default_rng(3)
    area, use = 45.0 + rng.gamma(9.0, 8.0, size=640), rng.gamma(0.5, 100.0, size=640)
    area[77] = 1650.0
    use[:3], use[500] = 0.0, 98_000.0
    data = table(area=area, use=use)
    of_area, of_use = mistakes(data, prepare(data))
    assert of_area.reason.startswith(
        "1 of 640 values of area is far above all others, 1650 beside 219.9 at most"
    )
    assert of_use.step.value == 98_000.0
    prepared = prepare(data, steps=(of_area.step, of_use.step))
    assert len(prepared.rows) == 638
    assert mistakes(data, prepared) == ()
    (advice,) = advise(data, prepare(data))
    assert advice.columns == ("use",)
    assert advise(data, prepared)[0].reason == advice.reason


def test_few_zeros_apart_from_the_others_are_told():
    """A code for no value, also where other values are mistyped too; not counts that thin out."""
    rng = np.random.default_rng(3)
    width = rng.normal(5.7, 0.6, size=2000)
    width[[16, 200, 700]] = 0.0
    width[900] = 0.3
    counts = rng.poisson(5.0, size=2000).astype(float)
    assert 0 < (counts == 0).sum() < 20
    data = table(width=width, counts=counts)
    (advice,) = mistakes(data, prepare(data))
    assert advice.reason.startswith("3 of 2,000 values of width are 0, all others 0.3 or more")
    prepared = prepare(data, steps=(advice.step,))
    assert len(prepared.rows) == 1997
    assert prepared.reasons == ("width is 0",)
    assert mistakes(data, prepared) == ()


def test_a_rare_group_around_zero_is_no_code():
    rng = np.random.default_rng(8)
    tried = []
    for _ in range(50):
        rare = np.abs(rng.normal(0.0, 0.2, size=8)).round(1)
        tried.append(np.concatenate([rng.normal(8.0, 0.7, size=992), rare]))
    tried = [x for x in tried if (x == 0.0).any()]
    assert len(tried) > 40
    assert sum(map(few_are_zero, tried)) <= 0.1 * len(tried)


def test_of_values_far_above_the_others_all_are_told():
    """Also where one of them lies far above another."""
    rng = np.random.default_rng(3)
    width = rng.normal(5.7, 1.1, size=2000).clip(3.5, 9.0)
    width[[16, 200]] = 31.8, 580.9
    data = table(width=width)
    (advice,) = mistakes(data, prepare(data))
    assert advice.step.value == 31.8
    assert advice.reason.startswith("2 of 2,000 values of width are far above all others")


def test_counts_and_tails_that_reach_zero_raise_no_alarm():
    rng = np.random.default_rng(5)
    makers = (
        *(lambda rate=rate: rng.poisson(rate, size=1000) for rate in (4.0, 5.0, 6.0, 8.0)),
        *(lambda at=at: rng.normal(at, 1.0, size=1000).round().clip(0.0) for at in (2.5, 3.0, 3.5)),
        lambda: rng.binomial(20, 0.25, size=1000),
        lambda: rng.gamma(1.2, size=1000).round(1),
    )
    tried = [make().astype(float) for make in makers for _ in range(100)]
    told = [x for x in tried if 0 < (x == 0.0).sum() < 10]
    assert len(told) > 200
    assert sum(map(few_are_zero, told)) <= 0.01 * len(told)


def test_a_column_of_zeros_alone_raises_no_alarm():
    zeros = np.zeros(300)
    assert far_above(zeros) is None
    assert not few_are_zero(zeros)


@pytest.mark.parametrize("n", [200, 1000])
def test_a_long_tail_raises_no_alarm(n):
    rng = np.random.default_rng(6)
    makers = (
        lambda: np.exp(rng.normal(size=n)),
        lambda: np.exp(2.0 * rng.normal(size=n)),
        lambda: rng.pareto(1.0, size=n) + 1.0,
        lambda: rng.gamma(0.3, size=n),
        lambda: rng.standard_t(3, size=n),
        lambda: rng.poisson(0.5, size=n).astype(float),
    )
    tried = [make() for make in makers for _ in range(100)]
    assert sum(far_above(x) is not None for x in tried) <= 0.01 * len(tried)


def test_skewed_counts_with_some_zeros_raise_no_alarm():
    rng = np.random.default_rng(7)
    makers = (
        lambda: rng.pareto(1.0, size=500).round(),
        lambda: np.exp(1.0 + 1.8 * rng.normal(size=500)).round(),
    )
    tried = [make() for make in makers for _ in range(150)]
    assert all((x == 0.0).any() for x in tried)
    assert sum(far_above(x) is not None for x in tried) <= 0.01 * len(tried)


@pytest.mark.parametrize("n", [200, 1000])
def test_values_that_go_on_below_zero_raise_no_alarm(n):
    rng = np.random.default_rng(4)
    made = [rng.normal(mean, size=n) for mean in np.linspace(2.2, 3.5, 300)]
    made += [rng.gamma(2.0, size=n) - 0.1 for _ in range(100)]
    tried = [x for x in made if 0 < (x < 0).sum() < 0.01 * n]
    assert len(tried) > 40
    assert sum(map(few_are_negative, tried)) <= 0.02 * len(tried)
