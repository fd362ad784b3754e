"""Starts from neighbours among the candidates of a search."""

from __future__ import annotations

import numpy as np
import pytest

from gmmdesk.engine import MODELS, FitSpec, Parameters, candidates, fit, search
from gmmdesk.engine.starts.warm_starts import parents, split, warm_starts
from gmmdesk.errors import FitError
from tests.running import finish


@pytest.mark.parametrize(
    ("model", "simpler"),
    [
        ("EII", set()),
        ("VVI", {"EVI", "VEI"}),
        ("EEE", {"EEI"}),
        ("VVV", {"EVV", "VEV", "VVE"}),
    ],
)
def test_parents_are_one_step_simpler(model, simpler):
    assert set(parents(model)) == simpler
    d = 4
    for name in parents(model):
        assert MODELS[name].n_parameters(3, d) < MODELS[model].n_parameters(3, d)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("start_model", ["EII", "VVI", "VVV"])
def test_a_mixture_of_any_model_is_a_start(model, start_model, blobs):
    """And what comes out is no lower, where it is a special case of the model."""
    before = fit(blobs.X, FitSpec(n_components=3, model=start_model), blobs.labels)
    after = fit(blobs.X, FitSpec(n_components=3, model=model), before.parameters)
    assert np.diff(after.history).min(initial=0.0) > -1e-8
    if start_model in parents(model) or start_model == model:
        assert after.history[0] >= before.log_likelihood - 1e-8


def test_halves_have_the_moments_of_the_whole():
    parameters = Parameters(
        np.array([0.25, 0.75]),
        np.array([[0.0, 0.0], [5.0, 5.0]]),
        np.array([[[4.0, 1.0], [1.0, 2.0]], np.eye(2)]),
    )
    halves = split(parameters, 0)
    assert halves.weights.tolist() == [0.75, 0.125, 0.125]
    means, covariances = halves.means[1:], halves.covariances[1:]
    np.testing.assert_allclose(means.mean(axis=0), [0.0, 0.0], atol=1e-12)
    spread = covariances.mean(axis=0) + np.einsum("ki,kj->ij", means, means) / 2.0
    np.testing.assert_allclose(spread, parameters.covariances[0], rtol=1e-12)
    assert np.linalg.eigvalsh(covariances).min() > 0.0
    np.testing.assert_array_equal(halves.means[0], parameters.means[1])


def test_each_component_of_one_less_is_split_in_turn(blobs):
    before = fit(blobs.X, FitSpec(n_components=3, model="VVI"), blobs.labels)
    starts = list(warm_starts("VVI", 4, [before]))
    expected = [split(before.parameters, k).means for k in np.argsort(-before.weights)]
    np.testing.assert_array_equal([start.means for start in starts], expected)


def test_what_collapsed_is_no_start(blobs):
    X = np.concatenate([blobs.X[:60], np.full((30, 3), 9.0)])
    collapsed = fit(X, FitSpec(n_components=2, restarts=2))
    assert collapsed.collapse is not None
    assert list(warm_starts("VVV", 3, [collapsed])) == []


def test_a_mixture_that_collapses_at_once_says_on_which_rows(blobs):
    narrow = Parameters(
        np.array([0.5, 0.5]), blobs.X[[0, 300]], np.stack([np.eye(3), 1e-4 * np.eye(3)])
    )
    with pytest.raises(FitError, match="Component 2 collapsed onto row 301"):
        fit(blobs.X, FitSpec(n_components=2), narrow)


@pytest.mark.parametrize(
    ("mixture", "message"),
    [
        ((np.ones(1), np.zeros((1, 3)), np.eye(3)[None]), "1 components in 3 columns"),
        ((np.ones(2), np.zeros((2, 2)), np.stack([np.eye(2)] * 2)), "2 components in 2 columns"),
        ((np.ones(2), np.full((2, 3), np.nan), np.stack([np.eye(3)] * 2)), "not finite"),
        ((np.array([1.0, 0.0]), np.zeros((2, 3)), np.stack([np.eye(3)] * 2)), "without weight"),
        ((np.ones(2), np.zeros((2, 3)), np.zeros((2, 3, 3))), "component 1 of the start"),
    ],
)
def test_a_mixture_that_is_no_start(mixture, message, blobs):
    with pytest.raises(FitError, match=message):
        fit(blobs.X, FitSpec(n_components=2), Parameters(*mixture))


def test_more_components_than_rows_to_go_round():
    """Warm starts that collapse at once are nothing more than that."""
    X = np.column_stack([np.arange(20.0), np.arange(20.0) ** 2 % 5])
    found = searched(X, ["VII"], range(1, 13), restarts=2)
    assert len(found.tried) == 12


def searched(X, models, K, **spec):
    return finish(search(X, candidates(models, K, FitSpec(**spec))))


def test_a_freer_model_and_one_component_more_are_likelier(make_blobs):
    """In every cell of a grid, which a search with single starts would not keep."""
    X = make_blobs(400, 3, 5, seed=4).X
    found = searched(X, MODELS, range(1, 6), restarts=3, tol=1e-7)
    value = {
        (one.spec.model, one.spec.n_components): one.result.log_likelihood
        for one in found.tried
        if one.sound
    }
    assert len(value) == 14 * 5
    for (model, K), log_likelihood in value.items():
        for simpler in parents(model):
            assert log_likelihood >= value[simpler, K] - 0.05
        if K > 1:
            assert log_likelihood >= value[model, K - 1] - 0.05


def test_weights_and_known_memberships_take_part(blobs):
    weights = np.where(np.arange(600) < 300, 2.0, 0.0)
    weighted = searched_with(blobs.X, weights=weights)
    repeated = searched_with(np.repeat(blobs.X[:300], 2, axis=0))
    assert weighted.best.bic == pytest.approx(repeated.best.bic, rel=1e-3)
    known = np.where(np.arange(600) % 3 == 0, blobs.labels, -1)
    assert searched_with(blobs.X, known=known).tried[-1].result.converged


def searched_with(X, **known):
    return finish(search(X, candidates(["EEE", "VVV"], [3], FitSpec(restarts=3)), **known))
