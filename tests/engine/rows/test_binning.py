"""Cells of a grid stand for their rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gmmdesk.engine import ArraySource, FitSpec, ThreadedMap, fit, steps
from gmmdesk.engine.parameters import Parameters
from gmmdesk.engine.rows import binning
from gmmdesk.engine.rows.binning import binned, can_bin, resolves
from gmmdesk.engine.rows.frame import make_frame
from gmmdesk.errors import Cancelled


@pytest.fixture
def small_grid(monkeypatch):
    monkeypatch.setattr(binning, "CELLS", {1: 2048, 2: 64})


def cells_of(X, weights=None, n_threads=2):
    with ThreadedMap(n_threads) as chunk_map:
        frame = make_frame(ArraySource(X), chunk_map, weights=weights)
        cells = binned(frame, chunk_map)
        assert cells is not None
        return frame, cells


@pytest.mark.parametrize("d", [1, 2])
def test_cells_have_the_rows_moments(d, small_grid):
    X = np.random.default_rng(0).normal(size=(20_000, d)) * [10.0, 0.1][:d] + 1e6
    frame, cells = cells_of(X)
    assert cells.size == 20_000
    assert len(cells.weights) == cells.shape[0] < 64**2
    rows = cells.source.rows(0, cells.shape[0])
    np.testing.assert_allclose(cells.weights @ rows / 20_000, X.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(
        cells.total.diagonal(), frame.total.diagonal(), rtol=1e-4 if d == 1 else 0.02
    )


@pytest.mark.parametrize("d", [1, 2])
def test_a_fit_to_the_cells_is_near_that_to_the_rows(d, small_grid):
    random = np.random.default_rng(1)
    X = random.normal(size=(30_000, d)) + 5.0 * (np.arange(30_000) % 2)[:, None]
    _, cells = cells_of(X)
    rows = cells.source.rows(0, cells.shape[0])
    spec = FitSpec(n_components=2, tol=1e-9)
    of_cells = fit(rows, spec, (rows[:, 0] > 2.5).astype(int), weights=cells.weights)
    of_rows = fit(X, spec, (X[:, 0] > 2.5).astype(int))
    np.testing.assert_allclose(of_cells.means, of_rows.means, atol=1e-2)
    np.testing.assert_allclose(of_cells.covariances, of_rows.covariances, rtol=0.05, atol=0.02)


def test_a_typo_takes_no_cells(small_grid):
    X = np.random.default_rng(0).normal(size=(20_000, 2))
    before = cells_of(X)[1].shape[0]
    X[7] = 1e12
    after = cells_of(X)[1]
    assert after.shape[0] > before / 20
    assert after.weights[np.argmax(after.source.rows(0, after.shape[0])[:, 0])] == 1.0


def test_weights_count_and_threads_do_not(small_grid):
    random = np.random.default_rng(0)
    X = random.normal(size=(20_000, 2))
    weights = random.integers(1, 4, 20_000).astype(float)
    one, two = (cells_of(X, weights, n)[1] for n in (1, 3))
    np.testing.assert_array_equal(one.weights, two.weights)
    np.testing.assert_array_equal(one.source.rows(0, 99), two.source.rows(0, 99))
    assert one.size == weights.sum()


def test_only_few_columns_of_many_rows(small_grid):
    X = np.random.default_rng(0).normal(size=(20_000, 3))
    with ThreadedMap(1) as chunk_map:
        frames = [
            make_frame(ArraySource(X[:n, :d]), chunk_map)
            for n, d in ((20_000, 1), (20_000, 2), (20_000, 3), (8_000, 2))
        ]
    assert [can_bin(frame) for frame in frames] == [True, True, False, False]


def test_a_constant_column_beside_another(small_grid):
    X = np.random.default_rng(0).normal(size=(20_000, 2))
    X[:, 1] = 3.0
    cells = cells_of(X)[1]
    np.testing.assert_array_equal(cells.source.rows(0, 10)[:, 1], 3.0)


@pytest.mark.parametrize("d", [1, 2])
@pytest.mark.parametrize("model", ["VVV", "EEE", "VII"])
def test_the_answer_is_that_of_all_rows_in_few_passes_over_them(d, model, monkeypatch):
    monkeypatch.setattr(binning, "CELLS", {1: 2**13, 2: 2**8})
    monkeypatch.setattr(binning, "ROWS_PER_CELL", 1)
    random = np.random.default_rng(0)
    n = 70_000
    X = random.normal(size=(n, d)) + 2.5 * (np.arange(n) % 3)[:, None]
    spec = FitSpec(n_components=3, model=model, restarts=2)
    seen = list(steps(X, spec))
    assert len([one for one in seen if one.n_sampled == n]) <= 5
    result = fit(X, spec)
    longer = fit(X, replace(spec, tol=1e-10, max_iter=5_000), result.parameters)
    assert longer.log_likelihood - result.log_likelihood < 0.2  # in total


def test_a_cluster_within_one_cell_does_not_collapse(small_grid):
    random = np.random.default_rng(2)
    of = np.arange(20_000) % 3
    X = random.normal(size=(20_000, 2)) * np.where(of == 2, 1e-5, 1.0)[:, None]
    X += np.array([[0.0, 0.0], [12.0, 0.0], [0.0, 12.0]])[of]
    result = fit(X, FitSpec(n_components=3, restarts=3))
    assert result.collapse is None
    tight = int(np.argmin(np.linalg.det(result.covariances)))
    found = np.sqrt(np.diag(result.covariances[tight]))
    np.testing.assert_allclose(found, X[of == 2].std(axis=0), rtol=1e-3)


def test_a_cluster_that_the_grid_hides_is_found_among_the_rows(small_grid):
    """Within a cell of a wide one: what the cells are fitted best by has no place for it."""
    random = np.random.default_rng(1)
    of = random.choice(3, 20_000, p=[0.5, 0.4, 0.1])
    X = random.normal(size=(20_000, 2)) * np.array([1.0, 1.0, 0.003])[of][:, None]
    X += np.array([[0.0, 0.0], [6.0, 0.0], [0.0, 0.5]])[of]
    result = fit(X, FitSpec(n_components=3, restarts=10))
    assert np.linalg.det(result.covariances).min() == pytest.approx(0.003**4, rel=0.2)
    with ThreadedMap(2) as chunk_map:
        assert binned(make_frame(ArraySource(X), chunk_map), chunk_map) is None
        rounded = make_frame(ArraySource(X[of == 0].round(1)), chunk_map)
        assert binned(rounded, chunk_map) is not None  # equal numbers are not crowded


def test_components_are_resolved_that_are_wider_than_the_cells_where_they_lie(small_grid):
    X = np.random.default_rng(0).normal(size=(20_000, 2)) * [3.0, 0.5] + [1e3, 0.0]
    frame, _ = cells_of(X)
    middle, far = np.array([[1e3, 0.0]]), np.array([[1e3 + 90.0, 0.0]])

    def mixture(mean, spread):
        return Parameters(np.ones(1), mean, np.diag([9.0 * spread**2, 0.25 * spread**2])[None])

    assert resolves(frame, mixture(middle, 1.0))
    assert resolves(frame, mixture(middle, 0.2))
    assert not resolves(frame, mixture(middle, 0.05))
    assert not resolves(frame, mixture(far, 1.0))
    tilted = np.array([[9.0, 1.4999], [1.4999, 0.25]])[None]
    assert not resolves(frame, Parameters(np.ones(1), middle, tilted))


def test_few_cells_tell_more_than_a_sample_of_more_rows(small_grid):
    """What is on the way over them goes on from short runs, and is kept where the user stops."""
    n = 20_000
    random = np.random.default_rng(0)
    X = random.multivariate_normal([0.0, 0.0], [[1.0, 0.7], [0.7, 1.0]], n)
    X += np.array([[0.0, 0.0], [2.5, -2.5], [2.5, 2.5]])[np.arange(n) % 3]
    runs = steps(X, FitSpec(n_components=3, restarts=3))
    seen = [next(runs)]
    while seen[-1].event != "chosen":
        seen.append(next(runs))
    assert seen[-2].n_sampled < seen[-1].n_sampled < n
    later = next(runs)
    with pytest.raises(StopIteration) as stopped:
        runs.throw(Cancelled)
    result = stopped.value.value
    assert result.n_sampled == later.n_sampled
    assert result.log_likelihood == pytest.approx(later.log_likelihood)


@pytest.mark.parametrize("seed", range(3))
def test_a_cluster_about_as_wide_as_a_cell_is_found_within_a_wide_one(seed, small_grid):
    random = np.random.default_rng(seed)
    truth = np.repeat(np.arange(3), [9_800, 9_800, 400])
    X = random.normal(size=(20_000, 2)) * np.array([1.0, 1.0, 0.15])[truth][:, None]
    X += np.array([[0.0, 0.0], [7.0, 0.0], random.uniform(-1.0, 1.0, 2)])[truth]
    spec = FitSpec(n_components=3, restarts=3, seed=seed)
    best = fit(X, spec, truth)
    assert fit(X, spec).log_likelihood > best.log_likelihood - 1.0
