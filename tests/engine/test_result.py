"""Results: units, order and scores."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from gmmdesk.engine import FitSpec, fit, steps
from gmmdesk.errors import FitError


@pytest.fixture
def result(blobs):
    return fit(blobs.X, FitSpec(n_components=3), blobs.labels)


def test_scores(result, blobs):
    X = blobs.X
    densities = np.stack(
        [
            weight * multivariate_normal(mean, covariance).pdf(X)
            for weight, mean, covariance in zip(
                result.weights, result.means, result.covariances, strict=True
            )
        ],
        axis=1,
    )
    likely = densities / densities.sum(axis=1, keepdims=True)
    order = np.argsort(-likely, axis=1)
    scores = result.score(X)
    np.testing.assert_array_equal(scores.label, order[:, 0])
    np.testing.assert_array_equal(scores.second, order[:, 1])
    np.testing.assert_allclose(scores.probability, likely.max(axis=1), rtol=1e-9)
    np.testing.assert_allclose(scores.log_density, np.log(densities.sum(axis=1)), rtol=1e-9)
    np.testing.assert_allclose(result.responsibilities(X), likely, atol=1e-12)
    differences = X - result.means[scores.label]
    precisions = np.linalg.inv(result.covariances)[scores.label]
    squared = np.einsum("nd,nde,ne->n", differences, precisions, differences)
    np.testing.assert_allclose(scores.squared_distance, squared, rtol=1e-9)


def test_one_component_has_no_second_choice(blobs):
    scores = fit(blobs.X, FitSpec()).score(blobs.X)
    assert set(scores.second) == {-1}
    assert set(scores.probability) == {1.0}


def test_rows_far_from_everything_have_finite_scores(result):
    scores = result.score(np.array([[1e6, 1e6, -1e6]]))
    assert np.isfinite(scores.log_density).all()
    assert scores.log_density[0] < -1e9
    assert scores.probability[0] == pytest.approx(1.0)


@pytest.mark.parametrize("far", [1e154, 1e200, -1.7e308])
def test_rows_whose_squares_overflow_go_to_the_least_scaled_distance(far, result):
    scores = result.score(np.array([[0.0, 0.0, 0.0], [far, far, far]]))
    direction = np.full(3, np.sign(far))
    nearest = np.argmin([direction @ np.linalg.solve(S, direction) for S in result.covariances])
    assert scores.label[1] == nearest
    assert scores.probability[1] == 1.0
    assert scores.second[1] != nearest
    assert scores.log_density[1] == -np.inf
    assert scores.squared_distance[1] == np.inf
    shares = result.responsibilities(np.full((1, 3), far))
    np.testing.assert_array_equal(shares, np.eye(3)[[nearest]])
    assert scores.log_density[0] == pytest.approx(result.log_density(np.zeros((1, 3)))[0])


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_rows_that_are_not_finite_are_refused(bad, result, blobs):
    blobs.X[17, 2] = bad
    with pytest.raises(FitError, match=f"Row 18, column 3 is {bad}"):
        result.score(blobs.X)


def test_other_columns_are_refused(result, blobs):
    with pytest.raises(FitError, match="2 columns, the mixture has 3"):
        result.score(blobs.X[:, :2])


def test_units(result, blobs):
    center, scale = np.array([1.0, -2.0, 300.0]), np.array([0.1, 5.0, 1e4])
    original = center + scale * blobs.X
    moved = result.in_units(center, scale)
    assert moved.log_likelihood == pytest.approx(moved.log_density(original).sum(), rel=1e-12)
    assert moved.history[-1] == moved.log_likelihood
    assert moved.icl - moved.bic == pytest.approx(result.icl - result.bic)
    np.testing.assert_allclose(
        moved.responsibilities(original), result.responsibilities(blobs.X), atol=1e-9
    )


@pytest.mark.parametrize(("model", "shape"), [("VVV", (3, 3, 3)), ("VVI", (3, 3))])
def test_progress_in_units_agrees_with_the_result(model, shape, blobs):
    center, scale = np.array([1.0, -2.0, 300.0]), np.array([0.1, 5.0, 1e4])
    spec = FitSpec(n_components=3, model=model)
    last = list(steps(blobs.X, spec, blobs.labels))[-1].in_units(center, scale)
    result = fit(blobs.X, spec, blobs.labels).in_units(center, scale)
    assert last.log_likelihood == result.log_likelihood
    assert last.compact.covariances.shape == shape
    np.testing.assert_array_equal(last.parameters.covariances, result.covariances)


def test_order(result, blobs):
    order = [2, 0, 1]
    reordered = result.reordered(order)
    np.testing.assert_array_equal(reordered.means, result.means[order])
    np.testing.assert_array_equal(
        np.array(order)[reordered.labels(blobs.X)], result.labels(blobs.X)
    )
    assert reordered.log_likelihood == result.log_likelihood


def test_order_follows_the_collapsed_component(blobs):
    X = np.concatenate([blobs.X, np.repeat([[30.0, 30.0, 30.0]], 20, axis=0)])
    result = fit(X, FitSpec(n_components=2), np.repeat([0, 1], [580, 40]))
    assert result.reordered([1, 0]).collapse.component == 0
