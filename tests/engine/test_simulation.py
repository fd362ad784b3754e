"""Rows drawn from a mixture have its moments, and a fit finds it again."""

from __future__ import annotations

import numpy as np
import pytest

from gmmdesk.engine import FitSpec, Noise, Parameters, Region, fit, simulate
from gmmdesk.errors import FitError, UsageError


@pytest.fixture
def mixture():
    means = np.array([[0.0, 0.0], [1e6, -3.0]])
    covariances = np.array([[[1.0, 0.5], [0.5, 2.0]], [[4.0, -1.0], [-1.0, 1.0]]])
    return Parameters(np.array([0.3, 0.7]), means, covariances)


def test_moments(mixture):
    rows, labels = simulate(mixture, 40_000, seed=3)
    assert np.bincount(labels)[0] / 40_000 == pytest.approx(0.3, abs=0.01)
    for k in range(2):
        own = rows[labels == k]
        np.testing.assert_allclose(own.mean(axis=0), mixture.means[k], atol=0.06)
        np.testing.assert_allclose(np.cov(own.T), mixture.covariances[k], atol=0.1)


def test_the_seed_decides(mixture):
    first, again, other = (simulate(mixture, 50, seed=seed)[0] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_a_fit_finds_the_mixture(mixture):
    rows, labels = simulate(mixture, 5_000)
    result = fit(rows, FitSpec(n_components=2), labels)
    np.testing.assert_allclose(result.covariances, mixture.covariances, atol=0.25)
    drawn, _ = result.simulate(5_000, seed=1)
    here, there = result.log_density(rows).mean(), result.log_density(drawn).mean()
    assert here == pytest.approx(there, abs=0.1)


def test_noise_fills_its_region():
    region = Region(np.array([-1.0, -1.0]), np.array([[2.0, 2.0], [-2.0, 2.0]]))
    noise = Noise(0.5, region)
    assert noise.log_density == pytest.approx(-np.log(8.0))
    parameters = Parameters(np.array([0.5]), np.zeros((1, 2)), 1e-4 * np.eye(2)[None], noise)
    rows, labels = simulate(parameters, 4_000)
    assert (labels == -1).mean() == pytest.approx(0.5, abs=0.03)
    inside = np.linalg.solve(region.edges, (rows[labels == -1] - region.origin).T)
    assert inside.min() >= 0.0
    assert inside.max() <= 1.0
    np.testing.assert_allclose(inside.mean(axis=1), 0.5, atol=0.03)


def test_along_the_axes_too():
    parameters = Parameters(np.ones(1), np.zeros((1, 2)), np.array([[1.0, 100.0]]))
    rows, _ = simulate(parameters, 2_000)
    np.testing.assert_allclose(rows.std(axis=0), [1.0, 10.0], rtol=0.05)


def test_what_cannot_be_drawn(mixture):
    with pytest.raises(UsageError, match="0 rows"):
        simulate(mixture, 0)
    flat = Parameters(np.ones(1), np.zeros((1, 2)), np.zeros((1, 2, 2)))
    with pytest.raises(FitError, match="component 1 is not positive definite"):
        simulate(flat, 5)
