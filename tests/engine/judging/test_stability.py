"""Clusters that are there are found again; those that are not, are not."""

from __future__ import annotations

from importlib import resources

import numpy as np
import pytest

from gmmdesk.engine import FitSpec, LikelihoodRatio, Resampled, fit, likelihood_ratio, resampled
from tests.running import drain


def sample(name: str) -> np.ndarray:
    file = resources.files("gmmdesk") / "resources" / "samples" / f"{name}.csv"
    columns = {"iris": range(4), "faithful": range(2)}[name]
    X = np.loadtxt(str(file), delimiter=",", skiprows=1, usecols=columns)
    return (X - X.mean(axis=0)) / X.std(axis=0)


@pytest.mark.parametrize(("name", "K"), [("iris", 2), ("faithful", 2)])
def test_clusters_that_lie_apart_are_found_in_every_half(name: str, K: int) -> None:
    X, spec = sample(name), FitSpec(n_components=K, restarts=3)
    found, seen = drain(resampled(fit(X, spec), X, spec, 6))
    assert found.n == 6
    assert found.n_same == 6
    assert [one.n for one in seen] == list(range(1, 7))


def test_parts_of_one_group_are_not_found_again() -> None:
    X = np.random.default_rng(5).normal(size=(200, 2))
    spec = FitSpec(n_components=4, restarts=3)
    result = fit(X, spec)
    found, _ = drain(resampled(result, X, spec, 6))
    assert found.n_same <= 1
    again, _ = drain(resampled(result, X, spec, 2))
    assert again.agreements == found.agreements[:2]
    rest, seen = drain(resampled(result, X, spec, 6, done=again))
    assert rest == found  # as if it had not ended in between
    assert [one.n for one in seen] == [3, 4, 5, 6]


def test_what_components_are_merged_into_is_found_again_where_they_are_not() -> None:
    """One group that three components share, and one beside it."""
    random = np.random.default_rng(5)
    X = random.normal(size=(280, 2))
    X[200:, 0] += 9
    spec = FitSpec(n_components=4, model="VVI", restarts=2, tol=1e-4)
    result = fit(X, spec)
    found, _ = drain(resampled(result, X, spec, 4))
    beside = result.means[:, 0] > 5
    merged = found.of_clusters(beside.astype(int))
    assert merged.agreements == (1.0,) * 4
    assert found.n_same < 4
    alone = found.of_clusters(range(4))
    assert all(a >= b - 1e-12 for a, b in zip(alone.agreements, found.agreements, strict=True))
    assert Resampled(found.agreements).of_clusters((0, 0, 0, 1)) is None


def test_rows_of_noise_are_a_group_that_is_found_again() -> None:
    random = np.random.default_rng(1)
    heaps = random.normal(size=(200, 2)) + np.repeat([[0.0, 0.0], [12.0, 0.0]], 100, axis=0)
    X = np.vstack([heaps, random.uniform(-60.0, 60.0, size=(40, 2))])
    spec = FitSpec(n_components=2, model="EII", restarts=2, noise=True)
    result = fit(X, spec)
    assert 30 < (result.labels(X) < 0).sum() < 50
    found, _ = drain(resampled(result, X, spec, 4))
    assert found.n_same == 4
    assert [table.shape for table in found.tables] == [(2, 2)] * 4
    assert all(table.sum() < len(X) for table in found.tables)
    assert found.of_clusters((0, 1)).n_same == 4


def test_a_half_that_cannot_be_fitted_does_not_agree() -> None:
    X = np.random.default_rng(0).normal(size=(7, 2))
    spec = FitSpec(n_components=4, model="EII")
    found, _ = drain(resampled(fit(X, spec), X, spec, 2))
    assert found.agreements == (-1.0, -1.0)  # three rows are no four clusters
    assert found.n_same == 0
    assert found.of_clusters((0, 0, 1, 1)).agreements == (-1.0, -1.0)


def test_two_clusters_are_told_from_one() -> None:
    """faithful: mclustBootstrapLRT gives p = 0.01 with 99 simulations, the least there is."""
    X, spec = sample("faithful"), FitSpec(n_components=1, restarts=3)
    one, two = (fit(X, FitSpec(n_components=K, restarts=3)) for K in (1, 2))
    found, _ = drain(likelihood_ratio(one, two, spec, 19))
    assert found.observed == pytest.approx(2 * (two.log_likelihood - one.log_likelihood))
    assert found.p_value == pytest.approx(1 / 20)
    assert max(found.simulated) < found.observed / 4


def test_one_group_is_not_taken_for_two_more_often_than_the_level_says() -> None:
    p_values = []
    for seed in range(8):
        X = np.random.default_rng(seed).normal(size=(60, 2))
        one, two = (fit(X, FitSpec(n_components=K, model="EEE", restarts=3)) for K in (1, 2))
        spec = FitSpec(n_components=1, model="EEE", seed=seed)
        found, _ = drain(likelihood_ratio(one, two, spec, 19))
        assert min(found.simulated) > -1e-6  # a nested mixture is never likelier
        p_values.append(found.p_value)
    assert sum(p <= 0.05 for p in p_values) <= 2  # of 8: more have a chance of 1 in 170
    assert np.mean(p_values) > 0.25


def test_the_p_value_counts() -> None:
    assert LikelihoodRatio(5.0, (1.0, 2.0, 5.0, 9.0)).p_value == pytest.approx(3 / 5)
    assert LikelihoodRatio(5.0, ()).p_value == 1.0
