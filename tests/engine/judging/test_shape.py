"""Rows of a Gaussian pass for a bell; others do not, and it is said how they differ."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from gmmdesk.engine import ConjugatePrior, FitSpec, fit
from gmmdesk.engine.judging.shape import LEVEL, distance_quantiles, shapes


def rows(kind, n=600):
    random = np.random.default_rng(5)
    X = random.normal(size=(n, 2))
    if kind == "skewed":
        X[:, 1] = np.exp(0.7 * X[:, 1])
    elif kind == "heavy":
        X /= np.sqrt(random.chisquare(4, size=(n, 1)) / 4)
    elif kind == "light":
        X = random.uniform(-1, 1, size=(n, 2))
    elif kind == "other":
        X[:, 1] *= 2.0
    return X


@pytest.mark.parametrize(
    ("kind", "model"),
    [("skewed", "VVV"), ("heavy", "VVV"), ("light", "VVV"), ("other", "VII")],
)
def test_what_is_no_bell_is_found_and_named(kind, model):
    X = rows(kind)
    (shape,) = shapes(fit(X, FitSpec(model=model)), X)
    assert not shape.is_bell
    assert shape.departure == kind


def test_the_skewed_column_is_the_one_that_is_skewed():
    X = rows("skewed")
    (shape,) = shapes(fit(X, FitSpec()), X)
    assert shape.skewness == pytest.approx(stats.skew(X, axis=0))


def test_overlapping_bells_are_bells():
    random = np.random.default_rng(3)
    X = random.normal(size=(900, 2)) + np.repeat([[0, 0], [2.5, 0], [0, 3]], 300, axis=0)
    found = shapes(fit(X, FitSpec(n_components=3, restarts=5)), X)
    assert all(shape.is_bell and shape.is_judged for shape in found)
    assert sum(shape.n_rows for shape in found) == 900


def test_false_alarms_are_as_rare_as_stated():
    random = np.random.default_rng(11)
    alarms = 0
    for _ in range(150):
        X = random.normal(size=(100, 3))
        (shape,) = shapes(fit(X, FitSpec()), X)
        alarms += not shape.is_bell
    assert stats.binomtest(alarms, 150, 0.05, "greater").pvalue > 0.01


def test_distances_are_expected_to_be_those_of_their_own_moments():
    """Their sum is n d to the last digit, whatever the rows: so is that of the quantiles nearly."""
    random = np.random.default_rng(1)
    X = random.normal(size=(40, 3))
    (shape,) = shapes(fit(X, FitSpec()), X)
    assert shape.distances.mean() == pytest.approx(3.0)
    assert shape.expected.mean() == pytest.approx(3.0, rel=0.02)
    shares, n, d = np.linspace(0.01, 0.99, 9), 500, 3
    beta = stats.beta(d / 2, (n - d - 1) / 2).ppf(shares) * (n - 1)
    assert distance_quantiles(shares, d, n) == pytest.approx(beta)
    assert distance_quantiles(shares, 3, 3) == pytest.approx(stats.chi2(3).ppf(shares))


@pytest.mark.parametrize(("model", "K", "n"), [("EEV", 3, 60), ("EEE", 2, 40), ("VII", 1, 30)])
def test_of_bells_all_distances_lie_within_the_bands_but_in_few_answers(model, K, n):
    draws, d, n_out = 200, 3, 0
    labels = np.repeat(np.arange(K), n)
    for seed in range(draws):
        X = np.random.default_rng(seed).normal(size=(K * n, d)) + 20.0 * labels[:, None]
        result = fit(X, FitSpec(n_components=K, model=model), start=labels)
        n_out += any(
            (one.distances < one.low).any() or (one.distances > one.high).any()
            for one in shapes(result, X)
        )
    assert n_out <= stats.binom(draws, LEVEL).ppf(0.999)


def test_the_bands_are_those_of_draws_and_as_narrow_as_they_may_be():
    """Of a known Gaussian some are out in as many draws as told."""
    n, random = 50, np.random.default_rng(3)
    X = random.normal(size=(n, 2))
    (shape,) = shapes(fit(X, FitSpec(model="EII")), X)
    drawn = np.sort(random.chisquare(2, size=(4_000, n)), axis=1)
    out = ((drawn < shape.low) | (drawn > shape.high)).any(axis=1)
    assert out.mean() == pytest.approx(LEVEL, abs=0.02)


def test_of_many_rows_some_distances_are_kept_and_the_largest():
    X = np.random.default_rng(1).normal(size=(3000, 2))
    result = fit(X, FitSpec())
    (shape,) = shapes(result, X)
    assert len(shape.distances) <= 400
    assert shape.distances[-1] == pytest.approx(result.score(X).squared_distance.max())


def test_a_handful_of_rows_is_not_judged():
    random = np.random.default_rng(1)
    X = random.normal(size=(15, 2))
    (shape,) = shapes(fit(X, FitSpec()), X)
    assert not shape.is_judged
    assert shape.is_bell


def test_rows_with_gaps_take_no_part():
    random = np.random.default_rng(1)
    X = random.normal(size=(200, 2))
    X[:50, 0] = np.nan
    (shape,) = shapes(fit(X, FitSpec(missing="em")), X)
    assert shape.n_rows == 150


def test_rows_in_a_plane_have_no_shape_to_judge():
    """A component that only a prior keeps from collapsing lies on one value of a column."""
    random = np.random.default_rng(5)
    X = random.normal(size=(400, 2))
    X[200:] = np.c_[random.normal(size=200), np.full(200, 6.0)]
    found = fit(X, FitSpec(n_components=2, prior=ConjugatePrior(), restarts=2))
    flat = int(np.argmin(np.linalg.det(found.covariances)))
    judged = shapes(found, X)
    assert not judged[flat].is_judged
    assert judged[1 - flat].is_judged
