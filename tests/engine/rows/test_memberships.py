"""Rows of which it is known where they belong."""

from __future__ import annotations

import numpy as np
import pytest

from gmmdesk.engine import MODELS, FitSpec, fit
from gmmdesk.engine.density import responsibilities
from gmmdesk.engine.rows.memberships import UNKNOWN, Memberships, forbidden, label_without
from gmmdesk.errors import FitError

every_model = pytest.mark.parametrize("model", MODELS)


def restricted_log_likelihood(result, X, allowed):
    """By the definition: sum_i ln sum_(k allowed) pi_k N(x_i | k)."""
    with np.errstate(divide="ignore"):
        joint = np.log(result.responsibilities(X)) + result.log_density(X)[:, None]
    return np.logaddexp.reduce(np.where(allowed, joint, -np.inf), axis=1).sum()


@every_model
def test_log_likelihood_is_of_the_possible_components_and_rises(model, blobs):
    known = np.where(np.arange(600) % 5 == 0, blobs.labels, -1)
    allowed = (known[:, None] == np.arange(3)) | (known == -1)[:, None]
    spec = FitSpec(n_components=3, model=model, max_iter=40, tol=0.0)
    result = fit(blobs.X, spec, blobs.labels, known=known)
    assert np.diff(result.history).min() > -1e-8
    expected = restricted_log_likelihood(result, blobs.X, allowed)
    assert result.log_likelihood == pytest.approx(expected, rel=1e-10)
    same = fit(blobs.X, spec, blobs.labels, known=allowed)
    np.testing.assert_array_equal(same.history, result.history)


def test_nothing_known_changes_nothing(blobs):
    spec = FitSpec(n_components=3)
    plain = fit(blobs.X, spec, blobs.labels)
    unknown = fit(blobs.X, spec, blobs.labels, known=np.full(600, -1))
    assert list(unknown.history) == list(plain.history)


def test_everything_known_is_discriminant_analysis(blobs):
    """One M-step: the sample means and covariances of each class."""
    result = fit(blobs.X, FitSpec(n_components=3, tol=1e-12), known=blobs.labels)
    for k in range(3):
        rows = blobs.X[blobs.labels == k]
        np.testing.assert_allclose(result.means[k], rows.mean(axis=0), rtol=1e-9)
        np.testing.assert_allclose(result.covariances[k], np.cov(rows.T, bias=True), rtol=1e-8)


@pytest.mark.parametrize("n", [300, 45_000])
def test_labels_name_the_components_they_say(n, make_blobs):
    """Few rows are known; starts are numbered by chance, the result is not."""
    random = np.random.default_rng(0)
    truth = np.arange(n) % 3
    X = np.array([[0.0, 0.0], [9.0, 0.0], [0.0, 9.0]])[truth] + random.normal(size=(n, 2))
    known = np.where(np.arange(n) % 50 < 3, truth, -1)
    result = fit(X, FitSpec(n_components=3, restarts=3), known=known)
    np.testing.assert_array_equal(result.labels(X), truth)


def test_a_forbidden_component_gets_no_rows(blobs):
    allowed = np.ones((600, 3), bool)
    allowed[:300, 2] = False
    result = fit(blobs.X, FitSpec(n_components=3, restarts=2), known=allowed)
    expected = restricted_log_likelihood(result, blobs.X, allowed)
    assert result.log_likelihood == pytest.approx(expected, rel=1e-10)
    joint = np.where(allowed, result.responsibilities(blobs.X), 0.0)
    sizes = (joint / joint.sum(axis=1, keepdims=True)).sum(axis=0)
    np.testing.assert_allclose(result.weights, sizes / 600, atol=2e-3)


def test_a_row_may_be_known_as_noise(blobs):
    X = np.concatenate([blobs.X, [[40.0, 40.0, 40.0]], blobs.X[:1]])
    known = np.full(602, -1)
    known[601] = 3
    labels = np.concatenate([blobs.labels, [3, 3]])
    spec = FitSpec(n_components=3, noise=True)
    result = fit(X, spec, labels, known=known)
    free = fit(X, spec, labels)
    assert result.noise.weight * 602 == pytest.approx(2.0, abs=0.5)
    assert free.noise.weight < result.noise.weight


@pytest.mark.parametrize(
    ("known", "message"),
    [
        (np.zeros(5, int), "shape"),
        (np.full(600, 3), "not there"),
        (np.full(600, -2), "not there"),
        (np.zeros(600), "type float64"),
        (np.ones((600, 2), bool), "for 2 components, but there are 3"),
        (np.arange(600)[:, None] != np.full((600, 3), 7), "Row 8 may belong to no component"),
    ],
)
def test_what_is_no_knowledge(known, message, blobs):
    with pytest.raises(FitError, match=message):
        fit(blobs.X, FitSpec(n_components=3), known=known)


@pytest.mark.parametrize("seed", range(8))
def test_a_component_that_nobody_is_known_in_is_found(seed):
    random = np.random.default_rng(seed)
    truth = np.arange(80) % 4
    X = random.normal(size=(80, 2)) + 3.0 * random.normal(size=(4, 2))[truth]
    known = np.where((truth < 3) & (random.random(80) < 0.7), truth, -1)
    result = fit(X, FitSpec(n_components=4, restarts=5), known=known)
    assert result.weights.min() > 0.0


@every_model
def test_rows_kept_out_of_components_are_as_with_booleans(model, blobs):
    known = np.full(600, -1)
    known[:60:2], known[1:60:2], known[100] = label_without([0]), label_without([2, 1]), 1
    allowed = ~forbidden(known, 3)
    allowed[100] = [False, True, False]
    assert allowed[:2].tolist() == [[False, True, True], [True, False, False]]
    spec = FitSpec(n_components=3, model=model, max_iter=40, tol=0.0)
    found = fit(blobs.X, spec, blobs.labels, known=known)
    same = fit(blobs.X, spec, blobs.labels, known=allowed)
    np.testing.assert_array_equal(found.history, same.history)
    shares = responsibilities(found.parameters, blobs.X, known=known)
    free = found.responsibilities(blobs.X)
    expected = np.where(allowed, free, 0.0)
    sure = expected.sum(axis=1) > 1e-9
    np.testing.assert_allclose(
        shares[sure], (expected / expected.sum(axis=1, keepdims=True))[sure], atol=1e-9
    )


@pytest.mark.parametrize("noise", [True, False])
def test_a_row_kept_out_of_a_component_that_is_not_there_is_refused(noise, blobs):
    known = np.full(600, label_without([3]))
    spec = FitSpec(n_components=3, max_iter=3, noise=noise)
    with pytest.raises(FitError, match="a component that is not there"):
        fit(blobs.X, spec, blobs.labels, known=known)


def test_starts_are_where_rows_may_be():
    known = np.array([label_without([1])] * 3 + [UNKNOWN] * 3 + [label_without([0, 1])])
    for labels in (np.zeros(7, np.int64), np.ones(7, np.int64)):
        settled = Memberships(known, 7).settle(labels, 2)
        assert settled[:3].tolist() == [0, 0, 0]
        assert 1 in settled[3:6]
        assert settled[6] == 2  # noise, which is all that is left


def test_labels_without_a_sign_are_read_too(blobs):
    spec = FitSpec(n_components=3, max_iter=3)
    known = blobs.labels.astype(np.uint8)
    found, same = (fit(blobs.X, spec, known=one) for one in (known, known.astype(np.int64)))
    assert found.log_likelihood == same.log_likelihood


def test_a_row_kept_out_of_every_component_is_refused_unless_it_may_be_noise(blobs):
    known = np.full(600, -1)
    known[7] = label_without(range(3))
    with pytest.raises(FitError, match="may belong to no component"):
        fit(blobs.X, FitSpec(n_components=3, max_iter=3), blobs.labels, known=known)
    noisy = FitSpec(n_components=3, noise=True, max_iter=3)
    found = fit(blobs.X, noisy, blobs.labels, known=known)
    shares = responsibilities(found.parameters, blobs.X[7:8], known=known[7:8])
    assert shares.tolist() == [[0.0, 0.0, 0.0, 1.0]]
