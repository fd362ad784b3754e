"""The search for the best of many optima: samples, moves, what is found and where it may stop."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from gmmdesk.engine import FitSpec, StopReason, ThreadedMap, acceleration, fit, rows_seen, steps
from gmmdesk.engine.starts import start_rows
from gmmdesk.errors import Cancelled


@pytest.fixture
def small_samples(monkeypatch):
    monkeypatch.setattr(start_rows, "MOST_ROWS", 400)
    monkeypatch.setattr(rows_seen, "SAMPLE_ROWS", 1_000)


def scattered(K, n, seed):
    """K round clusters of the same size that do not touch, and the cluster of each row."""
    random = np.random.default_rng(seed)
    centers = 12.0 * np.stack(np.unravel_index(random.permutation(25)[:K], (5, 5)), axis=1)
    truth = np.arange(n) % K
    return random.normal(size=(n, 2)) + centers[truth], truth


@pytest.mark.parametrize("seed", range(3))
def test_ten_clusters_are_found_from_two_starts(seed, small_samples):
    X, truth = scattered(10, 4_000, seed)
    spec = FitSpec(n_components=10, restarts=2, seed=seed)
    best = fit(X, spec, truth)
    assert fit(X, spec).log_likelihood == pytest.approx(best.log_likelihood, abs=0.1)


@pytest.mark.parametrize("share", [0.005, 0.001])
@pytest.mark.parametrize("seed", range(2))
def test_a_rare_cluster_is_not_lost_among_the_rows_that_were_not_sampled(share, seed):
    random = np.random.default_rng(seed)
    n = 60_000
    n_rare = int(share * n)
    centers = np.array([[0.0, 0.0], [6.0, 0.0], [0.0, 6.0]])
    many = random.normal(size=(n - n_rare, 2)) + centers[np.arange(n - n_rare) % 3]
    X = np.concatenate([many, random.normal([6.0, 6.0], 0.5, size=(n_rare, 2))])
    truth = np.concatenate([np.arange(n - n_rare) % 3, np.full(n_rare, 3)])
    result = fit(X, FitSpec(n_components=4, restarts=4, seed=seed))
    assert result.weights.min() == pytest.approx(share, rel=0.05)
    best = fit(X, FitSpec(n_components=4), truth)
    assert result.log_likelihood == pytest.approx(best.log_likelihood, abs=1.0)


def test_the_end_has_seen_all_rows_and_left_hardly_anything(small_samples, make_blobs):
    X = make_blobs(3_000, 2, 4).X
    result = fit(X, FitSpec(n_components=4, restarts=4, tol=1e-3))
    assert result.n_sampled == 3_000
    further = fit(X, FitSpec(n_components=4, tol=1e-9), result.parameters)
    assert 0.0 <= further.log_likelihood - result.log_likelihood < 1.0


def test_progress_goes_from_few_rows_to_all_and_up_within_each_run(small_samples):
    X, _ = scattered(8, 4_000, 1)
    progress = list(steps(X, FitSpec(n_components=8, restarts=3)))
    sizes = [step.n_sampled for step in progress]
    assert sizes == sorted(sizes)
    assert sizes[0] == 400
    assert sizes[-1] == 4_000
    assert {step.n_restarts for step in progress} == {3}
    for before, after in itertools.pairwise(progress):
        if after.iteration == before.iteration + 1 and after.n_sampled == before.n_sampled:
            assert after.log_likelihood >= before.log_likelihood - 1e-6


def test_of_its_own_starts_none_is_given_up_on_the_way(monkeypatch):
    """Here one that is nearly at rest far below another comes out 24 nats above it."""
    random = np.random.default_rng(16)
    means, of = random.normal(scale=2.5, size=(2, 5)), random.integers(2, size=2_500)
    roots = 0.6 * random.normal(size=(2, 5, 5)) + np.eye(5)
    X = means[of] + np.einsum("nij,nj->ni", roots[of], random.normal(size=(2_500, 5)))
    spec = FitSpec(n_components=3, seed=16, restarts=8)
    found = fit(X, spec)
    monkeypatch.setattr(acceleration, "TIMES_LEFT", np.inf)
    assert found.log_likelihood == fit(X, spec).log_likelihood


def test_any_number_of_threads_finds_the_same_bits(small_samples):
    X, _ = scattered(6, 20_000, 2)
    spec = FitSpec(n_components=6, restarts=3)
    found = []
    for n_threads in (1, 3):
        with ThreadedMap(n_threads) as chunk_map:
            found.append(fit(X, spec, chunk_map=chunk_map).history.tolist())
    assert found[0] == found[1]


def test_a_search_stopped_anywhere_is_a_fit(small_samples):
    """Among short runs, while moves are weighed and tried, and on all rows."""
    X, _ = scattered(5, 1_500, 3)
    spec = FitSpec(n_components=5, restarts=2, tol=1e-4)
    asked = [0]

    def count():
        asked[0] += 1
        return False

    with ThreadedMap(1, count) as chunk_map:
        fit(X, spec, chunk_map=chunk_map)
    stopped = []
    for limit in range(0, asked[0], 17):
        left = iter([False] * limit)
        with ThreadedMap(1, lambda left=left: next(left, True)) as chunk_map:
            try:
                stopped.append(fit(X, spec, chunk_map=chunk_map))
            except Cancelled:
                assert not stopped  # only before the first iteration
    assert len(stopped) > 20
    for result in stopped:
        assert result.ending is StopReason.STOPPED
        assert np.linalg.eigvalsh(result.covariances).min() > 0.0
        if result.n_sampled == len(X):
            whole = result.log_density(X).sum()
            assert whole == pytest.approx(result.log_likelihood, rel=1e-9)


def test_progress_tells_what_led_on_beside_iterations():
    """A start is chosen, a component split and others merged; each once where it happened."""
    rng = np.random.default_rng(0)
    X = np.concatenate([rng.normal(rng.uniform(-6, 6, 2), 0.4, (40, 2)) for _ in range(6)])
    spec = FitSpec(n_components=6, model="VVV", seed=0, restarts=2)
    progress = list(steps(X, spec))
    events = [one for one in progress if one.event]
    assert [one.event for one in events] == ["chosen", "chosen", "moved"]
    assert {one.restart for one in events[:2]} == {0, 1}
    moved = events[2].restart
    before = [one for one in progress[: progress.index(events[2])] if one.restart == moved]
    assert events[2].log_likelihood > max(one.log_likelihood for one in before)
    assert events[2].iteration > max(one.iteration for one in before)
    result = fit(X, spec)
    assert result.n_iterations == progress[-1].iteration
    assert (np.diff(result.history) >= 0.0).all()
    single = steps(X, FitSpec(n_components=6, model="VVV", seed=0, restarts=1))
    assert not any(one.event for one in single)


def test_progress_tells_when_a_component_is_kept_from_collapse():
    X = np.concatenate([np.random.default_rng(0).normal(size=(60, 2)), np.full((40, 2), 4.0)])
    progress = list(steps(X, FitSpec(n_components=2, restarts=3, tol=1e-4)))
    kept = [one for one in progress if one.event == "kept"]
    assert kept
    for one in kept:  # on the floor under a covariance, which nothing else holds up
        assert np.linalg.eigvalsh(one.parameters.covariances).max(axis=1).min() < 1e-5
