"""Moves that leave optima which EM cannot leave."""

from __future__ import annotations

import numpy as np
import pytest

from gmmdesk.engine import MODELS, FitSpec, ThreadedMap, fit
from gmmdesk.engine.acceleration import AcceleratedAscent
from gmmdesk.engine.ascent import Ascent
from gmmdesk.engine.moves import Moves
from gmmdesk.engine.rows.frame import make_frame
from gmmdesk.engine.rows.source import as_source
from gmmdesk.engine.rows_seen import kernels_for
from gmmdesk.engine.starts.given import Start

every_model = pytest.mark.parametrize("model", MODELS)


@pytest.fixture
def squares():
    """Four clusters; and labels that give two of them one component, and another two."""
    random = np.random.default_rng(0)
    truth = np.repeat(np.arange(4), 150)
    X = random.normal(size=(600, 2)) + 10.0 * np.array([[0, 0], [1, 0], [0, 1], [3, 3]])[truth]
    wrong = np.array([0, 0, 1, 2])[truth]
    wrong[(truth == 3) & (X[:, 0] > 30.0)] = 3
    return X, truth, wrong


@every_model
def test_a_move_leaves_an_optimum_that_em_cannot_leave(model, squares):
    X, truth, wrong = squares
    spec = FitSpec(n_components=4, model=model)
    stuck, best = fit(X, spec, wrong), fit(X, spec, truth)
    assert stuck.log_likelihood < best.log_likelihood - 100.0
    with ThreadedMap(1) as chunk_map:
        frame = make_frame(as_source(X), chunk_map, 4)
        kernels = kernels_for(frame, spec)
        ascent = Ascent(kernels, spec, chunk_map)
        for _ in ascent.from_start(Start(wrong, len(X), 4)):
            pass
        moves = Moves(ascent, kernels, np.random.default_rng(0), chunk_map)
        move = moves.promising()[0]
        assert set(move.merged) == {2, 3}
        assert move.split == 0
        after = moves.after(move)
        assert after.sizes.sum() == pytest.approx(600.0)
        moved = AcceleratedAscent(kernels, spec, chunk_map)
        for _ in moved.from_statistics(after):
            pass
    reached = moved.log_likelihood + frame.jacobian()
    assert reached == pytest.approx(best.log_likelihood, abs=0.01)
    if model == "VVV":  # where components have nothing in common, the promise is nearly kept
        assert move.promise == pytest.approx(reached - stuck.log_likelihood, rel=0.2)


def test_where_all_is_well_nothing_is_promised(squares):
    X, truth, _ = squares
    spec = FitSpec(n_components=4)
    with ThreadedMap(1) as chunk_map:
        kernels = kernels_for(make_frame(as_source(X), chunk_map, 4), spec)
        ascent = Ascent(kernels, spec, chunk_map)
        for _ in ascent.from_start(Start(truth, len(X), 4)):
            pass
        assert Moves(ascent, kernels, np.random.default_rng(0), chunk_map).promising() == []


@pytest.fixture
def tight_within_wide():
    """A tight cluster within a wide one, beside another; and which row is of which."""
    random = np.random.default_rng(3)
    truth = np.repeat(np.arange(3), [1_500, 1_500, 150])
    X = random.normal(size=(len(truth), 2)) * np.array([1.0, 1.0, 0.05])[truth][:, None]
    return X + np.array([[0.0, 0.0], [7.0, 0.0], [0.6, -0.5]])[truth], truth


@pytest.mark.parametrize("in_two", ["the other", "the wide one"])
def test_a_tight_cluster_is_found_within_a_wide_one(in_two, tight_within_wide):
    X, truth = tight_within_wide
    wrong = (truth == 1).astype(int)
    halved = wrong == (in_two == "the other")
    wrong[halved & (X[:, 1] > 0.0)] = 2
    spec = FitSpec(n_components=3)
    best = fit(X, spec, truth)
    with ThreadedMap(1) as chunk_map:
        kernels = kernels_for(make_frame(as_source(X), chunk_map, 3), spec)
        ascent = Ascent(kernels, FitSpec(n_components=3, max_iter=5), chunk_map)
        for _ in ascent.from_start(Start(wrong, len(X), 3)):
            pass
        assert ascent.log_likelihood < best.log_likelihood - 100.0
        moves = Moves(ascent, kernels, np.random.default_rng(0), chunk_map)
        move = moves.promising()[0]
        assert (move.split in move.merged) == (in_two == "the wide one")
        moved = AcceleratedAscent(kernels, spec, chunk_map)
        assert [*moved.from_statistics(moves.after(move))]
    reached = moved.log_likelihood + kernels.frame.jacobian()
    assert reached == pytest.approx(best.log_likelihood, abs=0.1)
