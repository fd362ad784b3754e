"""The conjugate prior: posterior modes, checked by the formulas and by their maximum."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gmmdesk.engine import MODELS, ConjugatePrior, FitSpec, fit, steps
from gmmdesk.errors import UsageError

every_model = pytest.mark.parametrize("model", MODELS)


def statistics(X, labels, K):
    sizes = np.bincount(labels, minlength=K)
    means = np.stack([X[labels == k].mean(axis=0) for k in range(K)])
    scatter = np.stack([np.cov(X[labels == k].T, bias=True) * sizes[k] for k in range(K)])
    return sizes, means, scatter


@pytest.mark.parametrize("model", ["EII", "VII", "EEI", "VVI", "EEE", "VVV"])
def test_first_m_step_is_the_published_mode(model, blobs):
    """Fraley and Raftery (2007), the table of modes, with the default hyperparameters."""
    X, K, d = blobs.X, 3, 3
    sizes, means, scatter = statistics(X, blobs.labels, K)
    shrinkage, degrees, center = 0.01, d + 2, X.mean(axis=0)
    away = means - center
    shares = shrinkage * sizes / (shrinkage + sizes)
    between = shares[:, None, None] * away[:, :, None] * away[:, None, :]
    W = scatter + between
    full = np.cov(X.T) / K ** (2 / d)
    scalar = np.trace(np.cov(X.T)) / d / K ** (2 / d)
    n, eye = len(X), np.eye(d)
    squares = W * eye
    traces = np.trace(W, axis1=1, axis2=2)[:, None, None]
    by_size = sizes[:, None, None]
    expected = {
        "EII": eye * (scalar + traces.sum()) / (degrees + (n + K) * d + 2),
        "VII": eye * (scalar + traces) / (degrees + (by_size + 1) * d + 2),
        "EEI": (scalar * eye + squares.sum(axis=0)) / (degrees + n + K + 2),
        "VVI": (scalar * eye + squares) / (degrees + by_size + 3),
        "EEE": (full + W.sum(axis=0)) / (degrees + n + d + K + 1),
        "VVV": (full + W) / (degrees + by_size + d + 2),
    }[model]
    spec = FitSpec(n_components=K, model=model, prior=ConjugatePrior(), max_iter=1)
    result = fit(X, spec, blobs.labels)
    np.testing.assert_allclose(
        result.covariances, np.broadcast_to(expected, (K, d, d)), rtol=1e-10, atol=1e-12
    )
    mode = (sizes[:, None] * means + shrinkage * center) / (sizes + shrinkage)[:, None]
    np.testing.assert_allclose(result.means, mode, rtol=1e-10)


def log_posterior(parameters, X, prior, model):
    """Log-likelihood plus the prior's logarithm by its definition, for VVV and VVI."""
    K, d = parameters.means.shape
    degrees, n = d + 2, len(X)
    scale = np.cov(X.T) / K ** (2 / d)
    value = 0.0
    joint = np.empty((n, K))
    for k in range(K):
        covariance = parameters.covariances[k]
        precision = np.linalg.inv(covariance)
        logdet = np.linalg.slogdet(covariance)[1]
        away = X - parameters.means[k]
        form = np.einsum("nd,de,ne->n", away, precision, away)
        joint[:, k] = np.log(parameters.weights[k]) - 0.5 * (d * np.log(2 * np.pi) + logdet + form)
        shift = parameters.means[k] - X.mean(axis=0)
        value -= 0.5 * (logdet + prior.shrinkage * shift @ precision @ shift)
        if model == "VVV":
            value -= 0.5 * ((degrees + d + 1) * logdet + np.trace(scale @ precision))
        else:
            scalar = np.trace(scale) / d
            value -= 0.5 * ((degrees + 2) * logdet + scalar * np.trace(precision))
    return np.logaddexp.reduce(joint, axis=1).sum() + value


@pytest.mark.parametrize("model", ["VVV", "VVI"])
def test_the_posterior_rises_to_the_end(model, blobs):
    prior = ConjugatePrior(shrinkage=5.0)
    spec = FitSpec(n_components=3, model=model, prior=prior, tol=1e-8)
    start = np.random.default_rng(0).integers(3, size=600)
    values = [
        log_posterior(step.parameters, blobs.X, prior, model)
        for step in steps(blobs.X, spec, start)
    ]
    gains = np.diff(values) / 600
    assert gains.min() > -1e-12
    assert gains[-1] <= 1e-8 < gains[:-1].min() * 1.01


@every_model
def test_every_model_settles_at_a_fixed_point(model, blobs):
    spec = FitSpec(n_components=3, model=model, prior=ConjugatePrior(), tol=1e-11, max_iter=5000)
    result = fit(blobs.X, spec, blobs.labels)
    assert result.converged
    again = fit(blobs.X, spec, result.responsibilities(blobs.X))
    np.testing.assert_allclose(again.means, result.means, atol=1e-3)
    assert result.log_likelihood == pytest.approx(result.log_density(blobs.X).sum(), rel=1e-11)


@every_model
def test_it_keeps_components_from_collapsing(model):
    """Half the rows are one point: without the prior the fit has to be mended."""
    rows = np.random.default_rng(0).normal(size=(30, 2))
    X = np.concatenate([rows, np.full((30, 2), 5.0)])
    result = fit(X, FitSpec(n_components=2, model=model, restarts=2, prior=ConjugatePrior()))
    assert result.converged
    assert result.collapse is None
    assert np.linalg.eigvalsh(result.covariances).min() > 1e-4


@every_model
def test_units_do_not_matter(model, blobs):
    spec = FitSpec(n_components=3, model=model, prior=ConjugatePrior(), max_iter=10, tol=0.0)
    plain = fit(blobs.X, spec, blobs.labels)
    center, scale = np.array([5.0, -100.0, 1e6]), np.full(3, 8.0)
    moved = fit(center + scale * blobs.X, spec, blobs.labels)
    expected = plain.in_units(center, scale)
    np.testing.assert_allclose(moved.history, expected.history, rtol=1e-9)
    np.testing.assert_allclose(moved.covariances, expected.covariances, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize(
    "wrong", [{"shrinkage": -1.0}, {"scale": 0.0}, {"degrees_of_freedom": float("inf")}]
)
def test_values_out_of_range_are_named(wrong):
    with pytest.raises(UsageError, match="prior's"):
        ConjugatePrior(**wrong)


def half_one_point():
    rows = np.random.default_rng(0).normal(size=(30, 2))
    return np.concatenate([rows, np.full((30, 2), 5.0)])


@every_model
def test_as_a_guard_it_is_there_when_it_is_needed(model, blobs):
    spec = FitSpec(n_components=2, model=model, restarts=4, guard="prior")
    sound = fit(blobs.X, spec)
    assert sound.guarded is None
    plain = fit(blobs.X, replace(spec, guard="floor"))
    assert list(sound.history) == list(plain.history)
    result = fit(half_one_point(), spec)
    assert result.converged
    assert result.collapse is None
    if model in ("VII", "VVI", "VVV"):
        assert result.guarded.tolist() == list(range(30, 60))
        assert "A prior keeps" in result.message
        assert "without one a component collapsed onto 30 rows (31, 32" in result.stop_reason
        assert result.with_rows(np.arange(100, 160)).guarded.tolist() == list(range(130, 160))
        asked = fit(half_one_point(), replace(spec, prior=ConjugatePrior()))
        assert asked.guarded is None
        assert asked.log_likelihood == pytest.approx(result.log_likelihood, abs=0.05)


def test_an_unknown_guard():
    with pytest.raises(UsageError, match="no guard 'wall'"):
        FitSpec(guard="wall")


@pytest.mark.parametrize("size", [0.5, 1.0, 300.0])
def test_weights_that_are_shares(size, blobs):
    spec = FitSpec(n_components=2, restarts=2, prior=ConjugatePrior())
    result = fit(blobs.X, spec, weights=np.full(600, size / 600))
    assert result.converged
    assert np.linalg.eigvalsh(result.covariances).max() < 1e3
