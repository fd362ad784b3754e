"""Which columns are said to be skewed, and what is proposed."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from gmmdesk.analysis import Settings, analyse
from gmmdesk.data.prepare import prepare
from gmmdesk.data.readers import read_text
from gmmdesk.data.steps import Logarithm, Power
from gmmdesk.data.steps.advice import advise, skewness
from gmmdesk.data.steps.negatives import are_strange, negative_values


def table(**columns):
    cells = zip(*(map(repr, values.tolist()) for values in columns.values()), strict=True)
    return read_text("\n".join(["\t".join(columns), *map("\t".join, cells)]))


@pytest.fixture
def skewed():
    rng = np.random.default_rng(0)
    return table(
        price=np.exp(rng.normal(size=200)),
        height=rng.normal(size=200),
        change=rng.gamma(0.5, size=200) - 0.1,
        fall=-np.exp(rng.normal(size=200)),
    )


def test_skewness_is_that_of_scipy():
    x = np.random.default_rng(0).gamma(2.0, size=50)
    assert skewness(x) == pytest.approx(stats.skew(x))
    assert skewness(np.ones(5)) == 0.0


def test_skewed_columns_are_named_and_a_step_proposed(skewed):
    logarithm, power = advise(skewed, prepare(skewed))
    assert logarithm.step == Logarithm(columns=("price",))
    assert power.step == Power(columns=("change", "fall"), method="yeo-johnson")
    assert logarithm.reason.startswith("price: skewness ")
    assert "after the logarithm" in logarithm.reason
    assert "; fall: skewness -" in power.reason


def test_nothing_is_proposed_for_columns_that_a_step_has_bent(skewed):
    steps = tuple(one.step for one in advise(skewed, prepare(skewed)))
    assert advise(skewed, prepare(skewed, steps=steps)) == ()


def test_straight_columns_and_few_rows_need_nothing(skewed):
    assert advise(skewed, prepare(skewed, ["height"])) == ()
    few = table(x=np.exp(np.arange(9.0)))
    assert advise(few, prepare(few)) == ()


def test_few_negative_values_apart_from_the_others_are_told():
    """A sign that was mistyped, or a code for no value; not what thins out below zero."""
    rng = np.random.default_rng(3)
    area, degrees = 45.0 + rng.gamma(2.0, 30.0, size=300), rng.normal(9, 3.5, size=300)
    area[[16, 200]] = -12.0
    assert 0 < (degrees < 0).sum() < 3
    data = table(area=area, degrees=degrees, balance=rng.normal(size=300))
    (advice,) = negative_values(data, prepare(data))
    assert advice.reason.startswith("2 of 300 values of area are negative, all others ")
    prepared = prepare(data, steps=(advice.step,))
    assert len(prepared.rows) == 298
    assert prepared.reasons == ("negative area",)
    assert negative_values(data, prepared) == ()


@pytest.mark.parametrize("n", [200, 1000])
def test_values_that_go_on_below_zero_raise_no_alarm(n):
    rng = np.random.default_rng(4)
    made = [rng.normal(mean, size=n) for mean in np.linspace(2.2, 3.5, 300)]
    made += [rng.gamma(2.0, size=n) - 0.1 for _ in range(100)]
    tried = [x for x in made if 0 < (x < 0).sum() < 0.01 * n]
    assert len(tried) > 40
    assert sum(map(are_strange, tried)) <= 0.02 * len(tried)


def test_the_proposal_takes_away_clusters_that_are_none():
    """One group of a log-normal: several clusters without the step, one with it."""
    rng = np.random.default_rng(2)
    data = table(price=np.exp(rng.normal(size=400)), weight=np.exp(rng.normal(size=400)))
    (advice,) = advise(data, prepare(data))

    def n_clusters(steps):
        chosen = Settings(k_max=4, models=("VVV",), restarts=2, steps=steps)
        generator = analyse(data, chosen, n_threads=1)
        while True:
            try:
                next(generator)
            except StopIteration as end:
                return end.value.n_clusters

    assert n_clusters(()) > 1
    assert n_clusters((advice.step,)) == 1
