"""Rows as they are read: the same fit from any memory order or file, in few passes and bytes."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from gmmdesk.engine import (
    MODELS,
    ArraySource,
    FitSpec,
    ThreadedMap,
    candidates,
    fit,
    rows_seen,
    score,
    search,
    steps,
)
from gmmdesk.engine.rows import frame as frame_module
from gmmdesk.engine.rows import tiles
from gmmdesk.engine.rows.frame import make_frame
from gmmdesk.engine.rows.source import evenly_spaced
from gmmdesk.engine.starts import start_rows


@pytest.mark.parametrize(("n", "most", "step"), [(5, 9, 1), (9, 9, 1), (10, 9, 2), (1000, 9, 112)])
def test_evenly_spaced_rows(n, most, step):
    X = np.arange(2.0 * n).reshape(n, 2)
    rows = evenly_spaced(X, most)
    assert len(rows.rows(0, n)) <= most
    np.testing.assert_array_equal(rows.rows(0, n), X[::step])


@pytest.mark.parametrize("n_threads", [1, 3])
@pytest.mark.parametrize(("n_values", "enough"), [(1, 3), (3, 3), (4, 9), (9, 4), (20, 20)])
def test_the_first_distinct_rows(n_threads, n_values, enough):
    random = np.random.default_rng(0)
    values = random.normal(size=(n_values, 2))
    which = np.sort(random.integers(n_values, size=40_000))  # the last ones come late
    X = values[which]
    with ThreadedMap(n_threads) as chunk_map:
        found = make_frame(ArraySource(X), chunk_map, enough).distinct
    np.testing.assert_array_equal(found, np.unique(which, return_index=True)[1][:enough])


def test_a_search_counts_them_once(monkeypatch, make_blobs):
    counted = []
    distinct = frame_module.distinct

    def counting(read, runs, enough, chunk_map):
        counted.append(enough)
        return distinct(read, runs, enough, chunk_map)

    monkeypatch.setattr(frame_module, "distinct", counting)
    for _ in search(make_blobs(100, 2, 3).X, candidates(["VII", "VVI"], [1, 3, 2], FitSpec())):
        pass
    assert counted == [3]


@pytest.fixture
def on_disk(tmp_path):
    """An array as a file that is mapped into memory: the system reads the pages asked for."""

    def on_disk(X):
        np.save(tmp_path / "rows.npy", X)
        return np.load(tmp_path / "rows.npy", mmap_mode="r")

    return on_disk


class CountingSource:
    """A source that notes how many rows were asked for."""

    def __init__(self, X):
        self._X = X
        self.shape = X.shape
        self.n_read = 0

    def rows(self, start, stop):
        self.n_read += stop - start
        return self._X[start:stop]

    def passes(self):
        """Whole passes over all rows since this was asked last."""
        passes, self.n_read = self.n_read // len(self._X), 0
        return passes


@pytest.mark.parametrize("model", MODELS)
def test_memory_order_changes_no_bit(model, make_blobs, on_disk):
    X = make_blobs(3_000, 7, 3).X * 10.0 ** np.arange(-3, 4) + 1e3
    spec = FitSpec(n_components=3, model=model, max_iter=4, tol=0.0)
    expected = fit(X, spec)
    for other in (np.asfortranarray(X), on_disk(X), np.repeat(X, 2, axis=0)[::2]):
        result = fit(other, spec)
        np.testing.assert_array_equal(result.history, expected.history)
        np.testing.assert_array_equal(result.covariances, expected.covariances)
        np.testing.assert_array_equal(result.log_density(other), expected.log_density(X))


@pytest.mark.parametrize("kind", [np.float32, np.int64, np.uint8])
def test_numbers_of_other_types_are_read_as_they_are(kind, make_blobs):
    X = (make_blobs(500, 3, 2).X * 10.0 + 100.0).astype(kind)
    spec = FitSpec(n_components=2, max_iter=4, tol=0.0)
    expected = fit(X.astype(np.float64), spec)
    np.testing.assert_array_equal(fit(X, spec).history, expected.history)


def test_how_often_rows_are_read(make_blobs, monkeypatch):
    monkeypatch.setattr(start_rows, "MOST_ROWS", 500)
    monkeypatch.setattr(rows_seen, "SAMPLE_ROWS", 500)
    monkeypatch.setattr(tiles, "TILE_BYTES", 2**15)  # rows of several: none stay in their array
    source = CountingSource(make_blobs(5_000, 2, 3).X)
    with ThreadedMap(1) as chunk_map:
        make_frame(source, chunk_map, 3)
        assert source.passes() == 3.0  # extents, moments, and of distinct rows one chunk: all here
        progress = list(steps(source, FitSpec(n_components=3, restarts=4), chunk_map=chunk_map))
        on_all = [one for one in progress if one.n_sampled == one.n_rows]
        assert {one.restart for one in progress} == {0, 1, 2, 3}
        # Two samples, what the rows of the second are weighed by, how sure the end is; then each
        # iteration, and leaps that did not pay, at most one in four.
        others = source.passes() - (3.0 + 2.0 + 1.0 + 1.0 + len(on_all))
        assert 0.0 <= others <= len(on_all) / 3
        result = fit(source, FitSpec(n_components=3), np.arange(5_000) % 3, chunk_map=chunk_map)
        assert source.passes() == 3.0 + 2.0 + result.n_iterations + 1.0  # means and scatter first
    for scored in (result.score, result.labels, result.log_density):
        scored(source)
        assert source.passes() == 1.0


def test_many_rows_are_never_held(on_disk):
    n, d, K = 600_000, 4, 8
    random = np.random.default_rng(0)
    X = on_disk(random.normal(size=(n, d)) + random.integers(K, size=(n, 1)))
    labels = np.arange(n, dtype=np.int8) % K
    with ThreadedMap(1) as chunk_map:
        tracemalloc.start()
        result = fit(X, FitSpec(n_components=K, max_iter=2), labels, chunk_map=chunk_map)
        fitted = tracemalloc.get_traced_memory()[1]
        tracemalloc.reset_peak()
        found = result.labels(X)
        labelled = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert max(fitted, labelled) < X.nbytes  # and so there is no n x K array, twice as large
    np.testing.assert_array_equal(found, score(result.parameters, X).label)


def test_rows_of_no_weight_are_passed_over(on_disk):
    """Single ones and long runs of them."""
    random = np.random.default_rng(0)
    X = on_disk(random.normal(size=(200_000, 4)))
    weights = np.where(np.arange(200_000) % 3, 1.0, 0.0)
    weights[50_000:150_000] = 0.0
    spec = FitSpec(n_components=2, max_iter=2)
    labels = np.arange(200_000, dtype=np.int8) % 2
    weighted = fit(X, spec, labels, weights=weights)
    rows = weights > 0
    of_rows = fit(X[rows], spec, labels[rows])
    np.testing.assert_allclose(weighted.history, of_rows.history, rtol=1e-13)
