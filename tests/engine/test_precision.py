"""Against decimal arithmetic of 50 digits: 1e-8 nats for a row, wherever the data lie."""

from __future__ import annotations

import importlib.util
import sys
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gmmdesk.engine import MODELS, FitSpec, Parameters, fit, score
from gmmdesk.engine.density import log_density, responsibilities


def _beside(name: str):
    """The module of that name in this folder, which is no package."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


reference = _beside("reference")

every_model = pytest.mark.parametrize("model", MODELS)
PER_ROW = 1e-8  # nats
# Numbers of an inner iteration that ends where the likelihood no longer feels it.
SETTLED = 1e-7
EPSILON = np.finfo(np.float64).eps


def clusters(n, d, K, *, tight=1.0, scales=1.0, offset=0.0, small=0, seed=0):
    """Rows (n, d) of K ellipsoids and their labels.

    The first is `tight` times as wide as the others, columns are as wide as `scales`, and with
    `small` it has so many rows only.
    """
    random = np.random.default_rng(seed)
    labels = np.arange(n) % K
    if small:
        labels = np.where(np.arange(n) < small, 0, 1 + np.arange(n) % (K - 1))
    X = random.normal(size=(n, d))
    for k in range(K):
        shape = (np.eye(d) + random.normal(size=(d, d)) / (2 * d)) * (1.0 if k else tight)
        X[labels == k] = X[labels == k] @ shape + random.normal(scale=2.0, size=d)
    return X * scales + offset, labels


def assert_rows_exact(parameters, X):
    """Densities and responsibilities of rows are those of the very numbers in `parameters`."""
    mixture = reference.Mixture(parameters.weights, parameters.means, parameters.covariances)
    expected, shares = (reference.rounded(part) for part in reference.evaluate(mixture, X))
    # Of rows 1e5 nats out and further, thirteen digits.
    np.testing.assert_allclose(log_density(parameters, X), expected, rtol=1e-13, atol=PER_ROW)
    np.testing.assert_allclose(responsibilities(parameters, X), shares, rtol=0, atol=PER_ROW)
    np.testing.assert_array_equal(score(parameters, X).log_density, log_density(parameters, X))


def assert_exact(X, labels, model, *, iterations=2, parameters=PER_ROW):
    """EM from labels goes the way that it goes without rounding."""
    n, K = len(X), labels.max() + 1
    spec = FitSpec(n_components=K, model=model, max_iter=iterations, tol=0.0)
    result = fit(X, spec, labels)
    exact, history = reference.em(X, labels, model, result.n_iterations)
    errors = [Decimal(float(a)) - b for a, b in zip(result.history, history, strict=True)]
    assert max(map(abs, errors)) / n < PER_ROW
    np.testing.assert_allclose(result.weights, reference.rounded(exact.weights), rtol=PER_ROW)
    for k in range(K):
        factor = reference.cholesky(exact.covariances[k])
        # What a double can hold of a mean is what its distance is to be measured beside.
        held = (
            2
            * EPSILON
            * np.abs(result.means[k])
            / reference.rounded(np.sqrt(np.diagonal(exact.covariances[k])))
        )
        away = reference.exact(result.means[k]) - exact.means[k]
        spread = np.sqrt(np.diagonal(exact.covariances[k]))
        assert (np.abs(reference.rounded(away / spread)) < parameters + held).all()
        wrong = reference.exact(result.covariances[k]) - exact.covariances[k]
        half = reference.solve_lower(factor, wrong)
        wrong = reference.rounded(reference.solve_lower(factor, half.T))
        assert np.abs(wrong).max() < parameters
    assert_rows_exact(result.parameters, X[:: -(-n // 25)])


TABLES = {
    "plain": {},
    "tight": {"tight": 1e-6},
    "far": {"offset": 1e8},
    "scales": {"scales": np.array([1e6, 1e-6, 1.0])},
    "small": {"small": 6},
}


@every_model
@pytest.mark.parametrize("table", TABLES)
def test_two_iterations_of_every_model(model, table):
    X, labels = clusters(48, 3, 2, **TABLES[table])
    axes = model in ("EVE", "VVE")
    assert_exact(X, labels, model, parameters=SETTLED if axes else PER_ROW)


@every_model
def test_two_iterations_in_one_column(model):
    for table in ({}, {"tight": 1e-6}, {"offset": 1e8}, {"scales": 1e-6}):
        assert_exact(*clusters(30, 1, 2, **table), model)


@every_model
def test_repeated_rows(model):
    X, labels = clusters(24, 2, 2)
    axes = model in ("EVE", "VVE")
    X, labels = np.repeat(X, 3, axis=0), np.repeat(labels, 3)
    assert_exact(X, labels, model, parameters=SETTLED if axes else PER_ROW)


@pytest.mark.parametrize("model", ["VVV", "EEE", "VVI"])
@pytest.mark.parametrize("d", [2, 5, 10, 30])
def test_one_row_more_than_columns(model, d):
    X = np.random.default_rng(d).normal(size=(d + 1, d)) * np.logspace(-6, 6, d)
    assert_exact(X, np.zeros(d + 1, int), model)


@pytest.mark.parametrize(
    ("model", "d"), [*(("VVV", d) for d in (63, 64, 65, 100)), ("EEE", 64), ("VVI", 100)]
)
def test_wide_tables(model, d):
    X = np.random.default_rng(d).normal(size=(d + 1, d)) * np.logspace(-6, 6, d)[::-1]
    assert_exact(X, np.zeros(d + 1, int), model)


@pytest.mark.parametrize("table", [{}, {"tight": 1e-6}, {"tight": 1e-2, "offset": 1e8}])
@pytest.mark.parametrize(("n", "d", "K"), [(60, 10, 2), (80, 30, 2), (70, 2, 10), (90, 5, 3)])
def test_more_columns_and_components(table, n, d, K):
    assert_exact(*clusters(n, d, K, **table), "VVV")


@pytest.mark.parametrize("model", ["VII", "EEE"])
def test_fifty_components(model):
    assert_exact(*clusters(150, 2, 50, tight=1e-6), model)


@pytest.mark.parametrize("model", ["VVV", "EEE", "VII", "VEI", "EEV"])
def test_the_end_of_a_fit(model):
    X, labels = clusters(60, 2, 3, tight=0.1, seed=4)
    assert_exact(X, labels, model, iterations=15)


@pytest.mark.parametrize("width", [1e-2, 1e-4, 1e-5, 3e-6])
@pytest.mark.parametrize("d", [2, 5])
def test_rows_of_a_thin_component(width, d):
    """A covariance that is all but singular, taken for exactly what it says."""
    random = np.random.default_rng(d)
    axes = np.linalg.qr(random.normal(size=(d, d)))[0] * np.r_[np.ones(d - 1), width]
    thin = axes @ axes.T
    parameters = Parameters(
        np.array([0.3, 0.7]),
        random.normal(size=(2, d)),
        np.stack([(thin + thin.T) / 2, np.eye(d)]),
    )
    z = random.normal(size=(30, d))
    assert_rows_exact(parameters, np.concatenate([z @ axes.T + parameters.means[0], 3.0 * z]))


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(
    d=st.integers(1, 6),
    K=st.integers(1, 4),
    seed=st.integers(0, 2**32 - 1),
    log_scales=st.lists(st.floats(-6, 6), min_size=6, max_size=6),
    log_spreads=st.lists(st.floats(-7, 0), min_size=4, max_size=4),
    offset=st.sampled_from([0.0, 1.0, -1e4, 1e8]),
    typo=st.sampled_from([0.0, 1e3, 1e12]),
)
def test_rows_of_any_mixture(*, d, K, seed, log_scales, log_spreads, offset, typo):
    random = np.random.default_rng(seed)
    scales = 10.0 ** np.array(log_scales[:d])
    spreads = 10.0 ** np.array(log_spreads[:K])
    roots = (np.eye(d) + random.normal(size=(K, d, d)) / 2) * spreads[:, None, None]
    means = random.normal(size=(K, d)) * 3.0
    z = random.normal(size=(8, K, d))
    X = (means + np.einsum("kde,mke->mkd", roots, z)).reshape(-1, d)
    X = np.concatenate([X, np.full((1, d), typo)]) * scales + offset
    covariances = roots @ roots.transpose(0, 2, 1) * np.multiply.outer(scales, scales)
    covariances = (covariances + covariances.transpose(0, 2, 1)) / 2
    weights = random.dirichlet(np.ones(K)) * 0.9 + 0.1 / K
    assert_rows_exact(Parameters(weights, means * scales + offset, covariances), X)
