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
    assert "; fall: skewness −" in power.reason


def test_nothing_is_proposed_for_columns_that_a_step_has_bent(skewed):
    steps = tuple(one.step for one in advise(skewed, prepare(skewed)))
    assert advise(skewed, prepare(skewed, steps=steps)) == ()


def test_straight_columns_and_few_rows_need_nothing(skewed):
    assert advise(skewed, prepare(skewed, ["height"])) == ()
    few = table(x=np.exp(np.arange(9.0)))
    assert advise(few, prepare(few)) == ()


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
