"""Means and covariances that are left as they are."""

from __future__ import annotations

import numpy as np
import pytest

from gmmdesk.engine import MODELS, ConjugatePrior, FitSpec, Fixed, fit
from gmmdesk.errors import FitError

every_model = pytest.mark.parametrize("model", MODELS)


@every_model
def test_a_fixed_mean_stays_and_the_rest_is_likeliest(model, blobs):
    mean = blobs.X[blobs.labels == 1].mean(axis=0) + 0.5
    fixed = Fixed.of(3, 3, means={1: mean})
    spec = FitSpec(n_components=3, model=model, tol=1e-9, max_iter=2000)
    result = fit(blobs.X, spec, blobs.labels, fixed=fixed)
    free = fit(blobs.X, spec, blobs.labels)
    np.testing.assert_allclose(result.means[1], mean, rtol=1e-12)
    assert np.diff(result.history).min() > -1e-7
    assert result.log_likelihood < free.log_likelihood
    assert result.n_parameters == free.n_parameters - 3
    kept = fit(blobs.X, spec, blobs.labels, fixed=Fixed.of(3, 3, means={0: free.means[0]}))
    assert kept.log_likelihood == pytest.approx(free.log_likelihood, abs=1e-2)


@every_model
def test_a_fixed_covariance_stays(model, blobs):
    covariance = np.diag([1.0, 2.0, 0.5])
    fixed = Fixed.of(3, 3, covariances={2: covariance})
    result = fit(blobs.X, FitSpec(n_components=3, model=model), blobs.labels, fixed=fixed)
    np.testing.assert_allclose(result.covariances[2], covariance, rtol=1e-12)
    assert np.diff(result.history).min() > -1e-8
    two = MODELS[model].n_parameters(2, 3)
    assert result.n_parameters == 2 + 9 + two
    # The others obey the model among themselves.
    if MODELS[model].common:
        np.testing.assert_allclose(result.covariances[0], result.covariances[1], rtol=1e-12)


def test_a_background_of_known_shape(blobs):
    """All is known of one component: only its weight is estimated."""
    mean, covariance = np.zeros(3), 4.0 * np.eye(3)
    fixed = Fixed.of(2, 3, means={0: mean}, covariances={0: covariance})
    result = fit(blobs.X, FitSpec(n_components=2, restarts=3), fixed=fixed)
    np.testing.assert_allclose(result.means[0], mean, atol=1e-12)
    np.testing.assert_allclose(result.covariances[0], covariance, rtol=1e-12)
    assert result.n_parameters == 1 + 3 + 6
    shares = result.responsibilities(blobs.X).mean(axis=0)
    np.testing.assert_allclose(result.weights, shares, atol=1e-3)


def test_units_are_those_of_the_data(blobs):
    center, scale = np.array([1e6, 0.0, -3.0]), np.full(3, 100.0)
    mean, covariance = np.ones(3), np.eye(3)
    spec = FitSpec(n_components=3, max_iter=10)
    plain = fit(blobs.X, spec, blobs.labels, fixed=Fixed.of(3, 3, {0: mean}, {1: covariance}))
    moved = fit(
        center + scale * blobs.X,
        spec,
        blobs.labels,
        fixed=Fixed.of(3, 3, {0: center + scale * mean}, {1: 1e4 * covariance}),
    )
    np.testing.assert_allclose(moved.history, plain.in_units(center, scale).history, rtol=1e-8)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"means": {3: np.zeros(3)}}, "component 4 of 3"),
        ({"means": {0: np.zeros(2)}}, "shape"),
        ({"means": {0: np.full(3, np.inf)}}, "not finite"),
        ({"covariances": {0: np.zeros((3, 3))}}, "fixed covariance of component 1 is none"),
        ({"covariances": {0: np.arange(9.0).reshape(3, 3)}}, "covariance of component 1 is none"),
    ],
)
def test_what_cannot_be_fixed(given, message):
    with pytest.raises(FitError, match=message):
        Fixed.of(3, 3, **given)


def test_what_does_not_fit_the_fit(blobs):
    with pytest.raises(FitError, match="Give them for 2 components in 3 columns"):
        fit(blobs.X, FitSpec(n_components=2), fixed=Fixed.of(3, 3, means={0: np.zeros(3)}))
    with pytest.raises(FitError, match="Give them for 3 components in 3 columns"):
        fit(blobs.X, FitSpec(n_components=3), fixed=Fixed.of(3, 2, means={0: np.zeros(2)}))
    turned = np.array([[2.0, 1.0, 0.0], [1.0, 2.0, 0.0], [0.0, 0.0, 1.0]])
    with pytest.raises(FitError, match="has correlations"):
        fit(
            blobs.X,
            FitSpec(n_components=3, model="VVI"),
            fixed=Fixed.of(3, 3, covariances={0: turned}),
        )


def test_a_fixed_mean_with_a_prior_in_closed_form():
    """One component: scatter about the given mean, of the rows and of the prior's at the centre."""
    X = np.random.default_rng(0).normal(size=(40, 2))
    mean, d, n = np.array([1.0, -1.0]), 2, 40
    prior = ConjugatePrior(shrinkage=3.0)
    result = fit(X, FitSpec(prior=prior), np.zeros(n, int), fixed=Fixed.of(1, 2, means={0: mean}))
    center = X.mean(axis=0)
    scatter = (X - mean).T @ (X - mean) + 3.0 * np.outer(center - mean, center - mean)
    expected = (np.cov(X.T) + scatter) / (n + (d + 2) + d + 2)
    np.testing.assert_allclose(result.covariances[0], expected, rtol=1e-10)
