"""Row weights: how many rows each row stands for."""

from __future__ import annotations

import numpy as np
import pytest

from gmmdesk.engine import MODELS, ConjugatePrior, FitSpec, ThreadedMap, fit
from gmmdesk.errors import FitError

every_model = pytest.mark.parametrize("model", MODELS)


@pytest.fixture
def repeated(blobs):
    """Rows, whole weights with some zeros, a start, and the same with the rows repeated."""
    X, labels = blobs.X[:200], blobs.labels[:200]
    weights = np.random.default_rng(1).integers(0, 4, 200)
    return X, weights, labels, np.repeat(X, weights, axis=0), np.repeat(labels, weights)


def assert_same(one, other):
    assert one.n_iterations == other.n_iterations
    np.testing.assert_allclose(one.history, other.history, rtol=1e-11)
    assert one.bic == pytest.approx(other.bic, rel=1e-11)
    assert one.icl == pytest.approx(other.icl, rel=1e-9)
    np.testing.assert_allclose(one.weights, other.weights, rtol=1e-9)
    np.testing.assert_allclose(one.means, other.means, rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(one.covariances, other.covariances, rtol=1e-8, atol=1e-9)


@every_model
def test_a_whole_weight_is_a_repeated_row(model, repeated):
    X, weights, labels, rows, of_rows = repeated
    spec = FitSpec(n_components=3, model=model, max_iter=30)
    assert_same(fit(X, spec, labels, weights=weights), fit(rows, spec, of_rows))


@pytest.mark.parametrize(
    "extra", [{"prior": ConjugatePrior()}, {"noise": True}, {"regularization": 0.01}]
)
@pytest.mark.parametrize("model", ["EEE", "VVV", "VVI"])
def test_also_with_what_is_added(model, extra, repeated):
    X, weights, labels, rows, of_rows = repeated
    spec = FitSpec(n_components=3, model=model, max_iter=30, **extra)
    assert_same(fit(X, spec, labels, weights=weights), fit(rows, spec, of_rows))


def test_weights_of_one_change_nothing(blobs):
    spec = FitSpec(n_components=3)
    plain = fit(blobs.X, spec, blobs.labels)
    weighted = fit(blobs.X, spec, blobs.labels, weights=np.ones(600))
    assert_same(weighted, plain)


def test_fractions_scale_the_log_likelihood(blobs):
    spec = FitSpec(n_components=3, max_iter=10, tol=0.0)
    plain = fit(blobs.X, spec, blobs.labels)
    half = fit(blobs.X, spec, blobs.labels, weights=np.full(600, 0.5))
    np.testing.assert_allclose(half.history, plain.history / 2, rtol=1e-11)
    np.testing.assert_allclose(half.covariances, plain.covariances, rtol=1e-9, atol=1e-12)
    assert half.n_rows == 600
    assert half.size == 300.0


def test_restarts_and_samples_keep_their_weights(make_blobs):
    """One cluster of rows of weight 9 is as large as the other: also among starts on a sample."""
    random = np.random.default_rng(0)
    X = random.normal(size=(60_000, 2))
    X[:6_000] += 8.0
    weights = np.where(np.arange(60_000) < 6_000, 9.0, 1.0)
    result = fit(X, FitSpec(n_components=2, restarts=2), weights=weights)
    np.testing.assert_allclose(result.weights, 0.5, atol=1e-6)


def test_an_absent_row_is_no_row(blobs):
    """Not finite, far out, in the start of its own: nothing of it matters."""
    X = np.concatenate([blobs.X, np.full((1, 3), 1e9), blobs.X[:2]])
    labels = np.concatenate([blobs.labels, [0, 0, 0]])
    weights = np.concatenate([np.ones(600), np.zeros(3)])
    X[-1] = np.nan
    spec = FitSpec(n_components=3)
    with ThreadedMap(1) as chunk_map:
        one = fit(X[:, :], spec, labels, weights=weights, chunk_map=chunk_map)
    assert_same(one, fit(blobs.X, spec, blobs.labels))


def test_rows_at_fault_are_numbered_as_given(blobs):
    weights = np.ones(600)
    weights[:10] = 0.0
    X = blobs.X.copy()
    X[17, 1] = np.inf
    with pytest.raises(FitError, match="Row 18, column 2 is inf"):
        fit(X, FitSpec(), weights=weights)
    labels = np.zeros(600, int)
    labels[[20, 30]] = 1
    with pytest.raises(FitError, match="collapsed onto rows 21, 31"):
        fit(blobs.X, FitSpec(n_components=2), labels, weights=weights)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (np.ones(5), "shape"),
        (np.zeros(600), "All weights are 0"),
        (np.full(600, -1.0), "Row 1: the weight -1"),
        (np.where(np.arange(600) == 3, np.nan, 1.0), "Row 4: the weight nan"),
        (np.full(600, "a"), "not numbers"),
    ],
)
def test_what_is_no_weight(weights, message, blobs):
    with pytest.raises(FitError, match=message):
        fit(blobs.X, FitSpec(), weights=weights)
