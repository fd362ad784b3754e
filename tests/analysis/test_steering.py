"""Mixtures that are changed by hand along the axes of a map."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gmmdesk.analysis.axes import MapAxis, marginal
from gmmdesk.analysis.steering import (
    is_free,
    one_component,
    why_not_steerable,
    with_component,
    with_marginal,
    without_component,
)
from gmmdesk.data.dataset import Column, ColumnKind, Dataset, Receipt
from gmmdesk.data.prepare import prepare
from gmmdesk.data.steps.maps import Log
from gmmdesk.engine import Parameters

seeds = st.integers(0, 2**32 - 1)


def random_covariance(rng, d):
    root = rng.normal(size=(d, d + 2))
    return root @ root.T / d


def a_case(seed):
    """A mixture in 2 to 6 columns, two axes, and a mean and covariance for them."""
    rng = np.random.default_rng(seed)
    d, K = int(rng.integers(2, 7)), int(rng.integers(1, 5))
    mixture = Parameters(
        rng.dirichlet(np.ones(K)),
        rng.normal(size=(K, d)),
        np.array([random_covariance(rng, d) for _ in range(K)]),
    )
    axes = tuple(MapAxis(title, rng.normal(size=d), rng.normal()) for title in "xy")
    return rng, mixture, axes, rng.normal(size=2), random_covariance(rng, 2)


@settings(max_examples=60, deadline=None)
@given(seeds)
def test_the_dragged_ellipse_is_met_exactly_and_the_rest_stays(seed):
    rng, mixture, axes, mean, covariance = a_case(seed)
    k = int(rng.integers(len(mixture.weights)))
    changed = with_marginal(mixture, axes, k, mean, covariance)
    means, covariances = marginal(changed, axes)
    np.testing.assert_allclose(means[k], mean, atol=1e-8)
    np.testing.assert_allclose(covariances[k], covariance, rtol=1e-7, atol=1e-8)
    assert np.linalg.eigvalsh(changed.covariances[k])[0] > 0.0
    others = np.arange(len(mixture.weights)) != k
    for before, after in (
        (mixture.means, changed.means),
        (mixture.covariances, changed.covariances),
    ):
        np.testing.assert_array_equal(before[others], after[others])
    np.testing.assert_array_equal(mixture.weights, changed.weights)
    # What the axes say about the other columns, and what they leave open, is what it was.
    W = np.stack([axis.direction for axis in axes])
    rests = []
    for S in (mixture.covariances[k], changed.covariances[k]):
        G = S @ W.T @ np.linalg.inv(W @ S @ W.T)
        rests.append((G, S - G @ W @ S))
    np.testing.assert_allclose(*(G for G, _ in rests), rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(*(rest for _, rest in rests), rtol=1e-6, atol=1e-7)


@settings(max_examples=30, deadline=None)
@given(seeds)
def test_a_move_is_the_shortest_in_the_metric_of_the_covariance(seed):
    rng, mixture, axes, mean, _ = a_case(seed)
    covariance = marginal(mixture, axes)[1][0]
    moved = with_marginal(mixture, axes, 0, mean, covariance).means[0] - mixture.means[0]
    W = np.stack([axis.direction for axis in axes])
    idle = rng.normal(size=len(moved))
    idle -= np.linalg.pinv(W) @ W @ idle  # along which the map shows nothing
    inverse = np.linalg.inv(mixture.covariances[0])
    assert moved @ inverse @ moved <= (moved + idle) @ inverse @ (moved + idle) * (1 + 1e-9)


@settings(max_examples=30, deadline=None)
@given(seeds)
def test_units_of_the_columns_do_not_matter(seed):
    rng, mixture, axes, mean, covariance = a_case(seed)
    d = mixture.means.shape[1]
    scale, center = 10.0 ** rng.uniform(-3, 3, d), rng.normal(size=d)
    other = mixture.in_units(center, scale)
    seen = tuple(
        MapAxis(
            axis.title,
            axis.direction / scale,
            axis.offset - float(axis.direction / scale @ center),
        )
        for axis in axes
    )
    for change in (
        lambda mixture, axes: with_marginal(mixture, axes, 0, mean, covariance),
        lambda mixture, axes: with_component(mixture, axes, mean),
    ):
        expected, found = change(mixture, axes).in_units(center, scale), change(other, seen)
        np.testing.assert_allclose(found.means, expected.means, rtol=1e-6, atol=1e-6)
        sizes = np.multiply.outer(scale, scale)
        np.testing.assert_allclose(
            found.covariances / sizes, expected.covariances / sizes, rtol=1e-6, atol=1e-6
        )


@settings(max_examples=30, deadline=None)
@given(seeds)
def test_a_component_is_added_where_it_was_asked_for_and_removed_again(seed):
    _, mixture, axes, point, _ = a_case(seed)
    more = with_component(mixture, axes, point)
    K = len(mixture.weights)
    assert more.weights.sum() == pytest.approx(1.0)
    assert more.weights[-1] == pytest.approx(1 / (K + 1))
    np.testing.assert_allclose(marginal(more, axes)[0][-1], point, atol=1e-8)
    within = np.einsum("k,kij->ij", mixture.weights, mixture.covariances)
    np.testing.assert_allclose(more.covariances[-1], within / 4)
    again = without_component(more, K)
    np.testing.assert_allclose(again.weights, mixture.weights)
    np.testing.assert_array_equal(again.means, mixture.means)
    np.testing.assert_array_equal(again.covariances, mixture.covariances)


def test_it_says_why_axes_do_not_serve():
    _, mixture, axes, _, _ = a_case(1)
    assert why_not_steerable(mixture, axes) == ""
    x, y = axes
    assert "bent" in why_not_steerable(mixture, (x, replace(y, maps=(Log(shift=0.0),))))
    assert why_not_steerable(mixture, (x, replace(y, maps=(Log(shift=0.0),)).as_fitted())) == ""
    assert "same" in why_not_steerable(mixture, (x, replace(x, direction=-2.0 * x.direction)))
    single = Parameters(np.ones(1), np.zeros((1, 1)), np.ones((1, 1, 1)))
    bent = MapAxis("x", np.ones(1), 0.0, (Log(shift=0.0),))
    assert why_not_steerable(single, (bent,)) == ""


def test_along_a_single_column_mean_and_variance_are_those_that_were_dragged():
    mixture = Parameters(np.array([0.3, 0.7]), np.array([[1.0], [5.0]]), np.ones((2, 1, 1)))
    axes = (MapAxis("x", np.array([10.0]), 3.0),)  # in units of the file
    changed = with_marginal(mixture, axes, 1, np.array([83.0]), np.array([[400.0]]))
    np.testing.assert_allclose(changed.means[:, 0], (1.0, 8.0))
    np.testing.assert_allclose(changed.covariances[:, 0, 0], (1.0, 4.0))
    more = with_component(mixture, axes, np.array([23.0]))
    np.testing.assert_allclose(more.means[:, 0], (1.0, 5.0, 2.0))
    np.testing.assert_allclose(more.weights, (0.2, 0.7 * 2 / 3, 1 / 3))


@pytest.mark.parametrize(
    ("model", "n_columns", "free"),
    [("VVV", 2, True), ("VII", 2, False), ("VII", 1, True), ("EII", 1, False)],
)
def test_shapes_by_hand_are_kept_by_free_models_only(model, n_columns, free):
    assert is_free(model, n_columns) is free


def test_one_component_for_all_rows_has_their_mean_and_covariance():
    X = np.random.default_rng(0).normal(size=(200, 3)) @ np.diag([1.0, 5.0, 0.1]) + 4.0
    columns = tuple(
        Column(name, ColumnKind.NUMBER, pa.chunked_array([values]), 0)
        for name, values in zip("abc", X.T, strict=True)
    )
    dataset = Dataset("table", columns, Receipt("test", "CSV", 0, ""))
    prepared = prepare(dataset, ("a", "b", "c"))
    mixture = one_component(prepared).in_units(prepared.center, prepared.scale)
    np.testing.assert_allclose(mixture.means[0], X.mean(axis=0))
    np.testing.assert_allclose(mixture.covariances[0], np.cov(X.T, bias=True), rtol=1e-5, atol=1e-9)
