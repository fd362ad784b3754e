"""The noise component."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gmmdesk.engine import MODELS, FitSpec, fit, steps
from gmmdesk.errors import FitError

every_model = pytest.mark.parametrize("model", MODELS)


@pytest.fixture
def littered(make_blobs):
    """400 rows in two ellipsoids and 80 spread evenly; labels -1 for those."""
    random = np.random.default_rng(3)
    clean = make_blobs(400, 2, 2)
    X = np.concatenate([clean.X, random.uniform(-25.0, 25.0, size=(80, 2))])
    return X, np.concatenate([clean.labels, np.full(80, -1)])


def reference(X, labels, model, n_iterations):
    """Plain EM with a uniform density, written from the definition, for VVV and EEE."""
    n = len(X)
    K = labels.max() + 1
    r = (labels[:, None] == [*range(K), -1]).astype(float)
    scores = (X - X.mean(axis=0)) @ np.linalg.svd(X - X.mean(axis=0), full_matrices=False)[2].T
    volume = min(np.prod(np.ptp(X, axis=0)), np.prod(np.ptp(scores, axis=0)))
    history = []
    for _ in range(n_iterations):
        sizes = r.sum(axis=0)
        means = (r[:, :K].T @ X) / sizes[:K, None]
        centered = X[None] - means[:, None]
        scatter = np.einsum("nk,knd,kne->kde", r[:, :K], centered, centered)
        covariances = scatter / sizes[:K, None, None]
        if model == "EEE":
            covariances = np.tile(scatter.sum(axis=0) / sizes[:K].sum(), (K, 1, 1))
        joint = np.empty((n, K + 1))
        for k in range(K):
            form = np.einsum("nd,de,ne->n", centered[k], np.linalg.inv(covariances[k]), centered[k])
            logdet = np.linalg.slogdet(2 * np.pi * covariances[k])[1]
            joint[:, k] = np.log(sizes[k] / n) - 0.5 * (logdet + form)
        joint[:, K] = np.log(sizes[K] / n) - np.log(volume)
        total = np.logaddexp.reduce(joint, axis=1)
        r = np.exp(joint - total[:, None])
        history.append(total.sum())
    return np.array(history), r, sizes / n


@pytest.mark.parametrize("model", ["VVV", "EEE"])
def test_the_iterates_are_those_of_the_definition(model, littered):
    X, labels = littered
    history, _, weights = reference(X, labels, model, 15)
    result = fit(X, FitSpec(n_components=2, model=model, noise=True, max_iter=15, tol=0.0), labels)
    np.testing.assert_allclose(result.history, history, rtol=1e-11)
    np.testing.assert_allclose([*result.weights, result.noise.weight], weights, rtol=1e-9)


@every_model
def test_it_rises_and_belongs_to_the_parameters(model, littered):
    X, labels = littered
    spec = FitSpec(n_components=2, model=model, noise=True, tol=1e-10)
    result = fit(X, spec, labels)
    assert np.diff(result.history).min() > -1e-8
    assert result.log_likelihood == pytest.approx(result.log_density(X).sum(), rel=1e-11)
    responsibilities = result.responsibilities(X)
    assert responsibilities.shape == (480, 3)
    np.testing.assert_allclose(responsibilities.sum(axis=1), 1.0)
    certainty = np.log(responsibilities.max(axis=1)).sum()
    assert result.icl == pytest.approx(result.bic - 2 * certainty, rel=1e-11)
    assert result.weights.sum() + result.noise.weight == pytest.approx(1.0)
    plain = fit(X, FitSpec(n_components=2, model=model))
    assert result.n_parameters == plain.n_parameters + 2
    assert result.bic < plain.bic


def test_it_is_found_without_being_told(littered):
    X, _ = littered
    result = fit(X, FitSpec(n_components=2, noise=True, restarts=4))
    found = result.labels(X)
    assert set(np.unique(found)) == {-1, 0, 1}
    assert 40 < (found[400:] == -1).sum() < 80
    assert (found[:400] == -1).mean() < 0.05


def test_labels_and_responsibilities_are_the_same_start(littered):
    X, labels = littered
    spec = FitSpec(n_components=2, noise=True, max_iter=3)
    hard = (labels[:, None] == [0, 1, -1]).astype(float)
    starts = (labels, np.where(labels == -1, 2, labels), hard)
    first, *others = (fit(X, spec, start).history for start in starts)
    for other in others:
        assert list(other) == list(first)


def test_units_are_those_of_the_data(littered):
    X, labels = littered
    spec = FitSpec(n_components=2, noise=True, max_iter=20)
    plain = fit(X, spec, labels)
    center, scale = np.array([1e6, -50.0]), np.full(2, 1000.0)
    moved = fit(center + scale * X, spec, labels)
    expected = plain.in_units(center, scale)
    assert moved.log_likelihood == pytest.approx(expected.log_likelihood, rel=1e-9)
    assert moved.noise.log_density == pytest.approx(expected.noise.log_density, rel=1e-9)
    last = list(steps(X, spec, labels))[-1].in_units(center, scale)
    assert last.parameters.noise.log_density == pytest.approx(expected.noise.log_density)


def test_scores_name_noise_and_its_rivals(littered):
    X, labels = littered
    result = fit(X, FitSpec(n_components=2, noise=True), labels)
    scores = result.score(X)
    assert set(np.unique(scores.label)) == {0, 1, 2}
    assert (scores.label != scores.second).all()
    assert scores.second.min() >= 0
    noise = scores.label == 2
    assert scores.squared_distance[noise].min() > 5.0
    alone = result.score(np.full((1, 2), 1e200))
    assert alone.label[0] == 2


def test_one_component_beside_noise(littered):
    X, _ = littered
    result = fit(X, FitSpec(n_components=1, noise=True))
    assert result.converged
    assert result.n_iterations > 1
    assert 0.0 < result.noise.weight < 0.5


def test_without_volume_there_is_no_noise():
    X = np.random.default_rng(0).normal(size=(50, 2))
    X[:, 1] = 3.0
    with pytest.raises(FitError, match="no volume"):
        fit(X, FitSpec(n_components=2, model="VII", noise=True))


def test_a_mixture_without_noise_is_a_start_too(littered):
    X, labels = littered
    plain = fit(X, FitSpec(n_components=2), np.where(labels == -1, 0, labels))
    spec = FitSpec(n_components=2, noise=True)
    result = fit(X, spec, plain.parameters)
    assert np.diff(result.history).min() > -1e-8
    assert result.log_likelihood == pytest.approx(result.log_density(X).sum(), rel=1e-11)
    assert 0.01 < fit(X, replace(spec, max_iter=1), plain.parameters).noise.weight < 0.3
    back = fit(X, FitSpec(n_components=2), result.parameters)
    assert back.noise is None
    assert back.weights.sum() == pytest.approx(1.0)


def test_noise_may_die_out(blobs):
    """All rows are known to be no noise: its weight goes to nothing without a warning."""
    spec = FitSpec(n_components=3, noise=True)
    result = fit(blobs.X, spec, blobs.labels, known=blobs.labels)
    assert result.noise.weight < 1e-12
    assert np.isfinite(result.log_density(blobs.X)).all()


def test_what_is_not_finite_is_not_noise(littered):
    X, labels = littered
    result = fit(X, FitSpec(n_components=2, noise=True), labels)
    with pytest.raises(FitError, match="Row 1, column 2 is inf"):
        result.labels(np.array([[0.0, np.inf]]))
