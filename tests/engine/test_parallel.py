"""Threads: the same to the bit, stopped within a chunk, none left behind."""

from __future__ import annotations

import subprocess
import sys
import threading

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from gmmdesk.engine import MODELS, FitSpec, StopReason, ThreadedMap, fit, score, steps
from gmmdesk.engine.rows import tiles
from gmmdesk.errors import Cancelled


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    """Chunks of 256 rows, so that few rows make many of them."""
    monkeypatch.setattr(tiles, "TILE_BYTES", 1)
    monkeypatch.setattr(tiles, "MIN_TILE", 256)
    monkeypatch.setattr(tiles, "MAX_CHUNK_WORK", 1)


class Switch:
    """Answers True once it was asked `limit` times."""

    def __init__(self, limit: int) -> None:
        self.left = limit

    def __call__(self) -> bool:
        self.left -= 1
        return self.left < 0


def assert_same_bits(X, spec):
    """A fit and the scores of its rows on 1, 2, 3 and 8 threads."""
    results, scores = [], []
    for n_threads in (1, 2, 3, 8):
        with ThreadedMap(n_threads) as chunk_map:
            results.append(fit(X, spec, chunk_map=chunk_map))
            scores.append(score(results[0].parameters, X, chunk_map))
    for result, scored in zip(results[1:], scores[1:], strict=True):
        for name in ("history", "weights", "means", "covariances", "icl", "stop_reason"):
            np.testing.assert_array_equal(getattr(result, name), getattr(results[0], name))
        for name in ("label", "probability", "second", "log_density", "squared_distance"):
            np.testing.assert_array_equal(getattr(scored, name), getattr(scores[0], name))


@pytest.mark.parametrize("model", MODELS)
def test_any_number_of_threads_gives_the_same_bits(model, make_blobs):
    spec = FitSpec(n_components=3, model=model, restarts=2, max_iter=10)
    assert_same_bits(make_blobs(2_200, 3, 3).X, spec)  # a chunk for each thread, and one more


@pytest.mark.parametrize("model", ["VVV", "VVI", "EEE"])
@pytest.mark.parametrize("n", [255, 256, 257, 511, 512, 513, 2049])
def test_so_it_does_where_chunks_end(model, n, make_blobs):
    spec = FitSpec(n_components=2, model=model, restarts=2, max_iter=10)
    assert_same_bits(make_blobs(n, 2, 2).X, spec)


@pytest.mark.parametrize("model", ["VVV", "VVI", "EEE", "VEV"])
@pytest.mark.parametrize("d", [2, 64])
def test_so_it_does_with_the_exact_kernels(model, d, make_blobs):
    """A cluster so tight that the fast ones would lose it, and too many columns for them."""
    blobs = make_blobs(1025, d, 3)
    blobs.X[blobs.labels == 0] *= 1e-5
    assert_same_bits(blobs.X, FitSpec(n_components=3, model=model, max_iter=5))


@pytest.mark.parametrize("n", [40_000, 40_001])
def test_so_it_does_around_the_size_of_a_sample(n, make_blobs):
    assert_same_bits(make_blobs(n, 2, 3).X, FitSpec(n_components=3, restarts=2, max_iter=5))


@pytest.mark.parametrize("n_threads", [1, 3])
def test_results_come_in_order(n_threads):
    with ThreadedMap(n_threads) as chunk_map:
        assert list(chunk_map(lambda x: x * x, range(100))) == [x * x for x in range(100)]


def test_an_error_in_a_thread_comes_out():
    with ThreadedMap(2) as chunk_map, pytest.raises(ZeroDivisionError):
        list(chunk_map(lambda x: 1 // x, [1, 2, 0, 3]))


@pytest.mark.parametrize("n_threads", [1, 2])
def test_stopping_returns_the_last_complete_iteration(n_threads, make_blobs):
    blobs = make_blobs(5000, 3, 3)
    spec = FitSpec(n_components=3, tol=0.0)
    chunks = 20
    # Two passes measure the data and two the start; then three iterations and a half.
    switch = Switch(4 * chunks + 3 * chunks + chunks // 2)
    with ThreadedMap(n_threads, switch) as chunk_map:
        seen = []
        progress = steps(blobs.X, spec, blobs.labels, chunk_map=chunk_map)
        while True:
            try:
                seen.append(next(progress))
            except StopIteration as finished:
                result = finished.value
                break
    assert result.ending is StopReason.STOPPED
    assert not result.converged
    assert "stopped" in result.message
    assert 0 < len(seen) == result.n_iterations
    assert result.log_likelihood == seen[-1].log_likelihood
    full = fit(blobs.X, spec, blobs.labels)
    np.testing.assert_array_equal(result.history, full.history[: result.n_iterations])
    assert result.log_density(blobs.X).sum() == pytest.approx(result.log_likelihood, rel=1e-12)


def test_stopping_before_the_first_iteration(make_blobs):
    blobs = make_blobs(5000, 3, 3)
    with ThreadedMap(2, Switch(30)) as chunk_map, pytest.raises(Cancelled):
        fit(blobs.X, FitSpec(n_components=3), blobs.labels, chunk_map=chunk_map)


def test_stopping_keeps_the_best_restart(make_blobs):
    X = make_blobs(3000, 2, 5).X
    spec = FitSpec(n_components=5, restarts=4, tol=1e-4)
    stop = threading.Event()
    best = -np.inf
    with ThreadedMap(2, stop.is_set) as chunk_map:
        progress = steps(X, spec, chunk_map=chunk_map)
        while True:
            try:
                step = next(progress)
            except StopIteration as finished:
                result = finished.value
                break
            best = max(best, step.log_likelihood)
            if step.restart == 2:
                stop.set()
    assert result.ending is StopReason.STOPPED
    assert result.log_likelihood == best


def test_a_closed_generator_leaves_no_thread(make_blobs):
    blobs = make_blobs(5000, 3, 3)
    before = set(threading.enumerate())
    progress = steps(blobs.X, FitSpec(n_components=3), blobs.labels)
    next(progress)
    progress.close()
    assert set(threading.enumerate()) == before


def test_the_callers_map_stays_the_callers(make_blobs):
    blobs = make_blobs(5000, 3, 3)
    with ThreadedMap(2) as chunk_map:
        first = fit(blobs.X, FitSpec(n_components=3), blobs.labels, chunk_map=chunk_map)
        second = fit(blobs.X, FitSpec(n_components=3), blobs.labels, chunk_map=chunk_map)
    assert list(first.history) == list(second.history)


def blas_threads() -> list[int]:
    return [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]


def test_blas_is_held_to_one_thread_while_a_fit_runs(make_blobs):
    blobs = make_blobs(500, 3, 3)
    before = blas_threads()
    first = steps(blobs.X, FitSpec(n_components=3), blobs.labels)
    second = steps(blobs.X, FitSpec(n_components=3), blobs.labels)
    next(first), next(second)
    first.close()
    assert set(blas_threads()) == {1}
    second.close()
    assert blas_threads() == before


LOADS_LAPACK = """
from threadpoolctl import threadpool_info
from gmmdesk.engine.parallel import lapack, serial_blas

def threads():
    return {pool["filepath"]: pool["num_threads"] for pool in threadpool_info()}

before = threads()
with serial_blas():
    pass
with serial_blas():
    lapack()
    during = threads()
after = threads()
print({*during.values()} == {1}, {*after.values()} == {*before.values()})
"""


def test_so_is_a_blas_that_is_loaded_meanwhile():
    run = subprocess.run(
        [sys.executable, "-c", LOADS_LAPACK], capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == ["True", "True"]  # also where scipy has no BLAS of its own
