"""Discriminant directions against scipy's eigenproblem, t-SNE by what it must do."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import linalg

from gmmdesk.analysis.axes import marginal
from gmmdesk.data.prepare import Prepared
from gmmdesk.data.steps import Preparation
from gmmdesk.engine import Parameters
from gmmdesk.errors import Cancelled
from gmmdesk.task import Task
from gmmdesk.ui.drawing import embedding, projection
from gmmdesk.ui.drawing.discriminant import discriminants


def mixture(K, d, seed=0):
    rng = np.random.default_rng(seed)
    factors = rng.normal(size=(K, d, d))
    covariances = factors @ factors.transpose(0, 2, 1) + 0.3 * np.eye(d)
    return Parameters(rng.dirichlet(np.full(K, 5.0)), 4.0 * rng.normal(size=(K, d)), covariances)


def within_and_between(parameters):
    weights = parameters.weights
    away = parameters.means - weights @ parameters.means
    return np.einsum("k,kij->ij", weights, parameters.covariances), (away.T * weights) @ away


@pytest.mark.parametrize(("K", "d"), [(3, 2), (3, 5), (6, 4)])
def test_discriminants_solve_the_eigenproblem_of_between_and_within(K, d):
    parameters = mixture(K, d)
    within, between = within_and_between(parameters)
    values, vectors = linalg.eigh(between, within)
    for rank, axis in enumerate(discriminants(parameters), 1):
        expected = vectors[:, -rank] * np.sign(vectors[np.abs(vectors[:, -rank]).argmax(), -rank])
        np.testing.assert_allclose(axis.direction, expected, atol=1e-9)
        assert axis.direction @ within @ axis.direction == pytest.approx(1.0)
        share = f"{100 * values[-rank] / values.sum():.0f} %"
        assert share in axis.title
    means, _ = marginal(parameters, discriminants(parameters))
    np.testing.assert_allclose(parameters.weights @ means, 0.0, atol=1e-9)


def test_no_other_direction_separates_better():
    parameters = mixture(4, 6, seed=3)
    within, between = within_and_between(parameters)

    def separation(v):
        return (v @ between @ v) / (v @ within @ v)

    best = separation(discriminants(parameters)[0].direction)
    others = np.random.default_rng(1).normal(size=(2_000, 6))
    assert all(separation(v) <= best * (1 + 1e-12) for v in others)


def test_of_two_clusters_the_second_direction_is_that_of_different_spreads():
    means = np.array([[0.0, 0.0, 0.0], [5.0, 0.0, 0.0]])
    covariances = np.array([np.diag([1.0, 1.0, 0.2]), np.diag([1.0, 1.0, 5.0])])
    first, second = discriminants(Parameters(np.array([0.5, 0.5]), means, covariances))
    np.testing.assert_allclose(first.direction / np.abs(first.direction).max(), [1, 0, 0])
    np.testing.assert_allclose(second.direction / np.abs(second.direction).max(), [0, 0, 1])
    assert "by spreads" in second.title


def test_alike_covariances_leave_a_second_direction_all_the_same():
    means = np.array([[0.0, 0.0], [5.0, 1.0]])
    parameters = Parameters(np.array([0.3, 0.7]), means, np.array([np.eye(2)] * 2))
    axes = np.array([axis.direction for axis in discriminants(parameters)])
    np.testing.assert_allclose(axes @ axes.T, np.eye(2), atol=1e-12)


@pytest.mark.parametrize(
    "parameters",
    [
        mixture(1, 3),
        mixture(3, 1),
        Parameters(np.array([0.5, 0.5]), np.zeros((2, 2)), np.array([np.eye(2)] * 2)),
        Parameters(np.array([0.5, 0.5]), np.eye(2), np.zeros((2, 2, 2))),
    ],
)
def test_where_nothing_separates_there_are_no_directions(parameters):
    assert discriminants(parameters) is None


# -- t-SNE ----------------------------------------------------------------------------------------


def blobs(n=60, gap=()):
    rng = np.random.default_rng(0)
    X = np.asfortranarray(
        rng.normal(scale=0.1, size=(n, 4)) + np.repeat([0.0, 3.0], n // 2)[:, None]
    )
    X[list(gap), 1] = np.nan
    names = tuple("abcd")
    preparation = Preparation(inputs=names, columns=names, center=(0.0,) * 4, scale=(1.0,) * 4)
    left_out = np.zeros(n, np.uint16)
    ones = np.ones(4)
    return Prepared(
        names, X, np.arange(n), 0 * ones, ones, left_out, (), preparation, n_incomplete=len(gap)
    )


def test_an_embedding_keeps_neighbours_and_depends_on_the_seed_alone(monkeypatch):
    monkeypatch.setattr(embedding, "MOST_ROWS", 40)
    prepared, task = blobs(gap=(3,)), Task()
    axes = embedding.embed(prepared, 1, task)
    scene = projection.project(prepared, axes)
    assert task.fraction == 1.0
    placed = np.isfinite(scene.x)
    assert placed.sum() == 40
    assert not placed[3]
    assert scene.n_unplaced == 20
    assert not scene.is_linear
    points = np.stack([scene.x, scene.y], axis=1)[placed]
    away = np.linalg.norm(points[:, None] - points[None], axis=-1) + 1e9 * np.eye(40)
    blob = (np.flatnonzero(placed) >= 30).astype(int)
    assert (blob[away.argmin(axis=1)] == blob).all()
    again = embedding.embed(prepared, 1, Task())
    np.testing.assert_array_equal(again[0].positions, axes[0].positions)


def test_an_embedding_takes_seeds_that_scikit_learn_does_not():
    axes = embedding.embed(blobs(), 2**63 - 1, Task())
    assert np.isfinite(axes[0].positions).all()


def test_an_embedding_can_be_stopped():
    task = Task()
    task.cancel()
    with pytest.raises(Cancelled):
        embedding.embed(blobs(), 1, task)
