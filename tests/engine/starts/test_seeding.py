"""Starts."""

from __future__ import annotations

import numpy as np
import pytest

from gmmdesk.engine.parallel import ThreadedMap
from gmmdesk.engine.starts.seeding import (
    LLOYD_STEPS,
    distinct_rows,
    plus_plus,
    start_labels,
    stream,
)
from gmmdesk.errors import Cancelled


@pytest.fixture
def chunk_map():
    with ThreadedMap(1) as serial:
        yield serial


@pytest.mark.parametrize("choose", [plus_plus, distinct_rows])
def test_rows_of_distinct_values_are_chosen(choose, chunk_map):
    Z = np.repeat(np.random.default_rng(0).normal(size=(5, 2)), 20, axis=0)
    for seed in range(20):
        rows = choose(Z, 5, stream(seed, 1), chunk_map)
        assert len(np.unique(Z[rows], axis=0)) == 5


def test_plus_plus_spreads(chunk_map):
    """One row from each of five groups that lie far apart."""
    groups = np.repeat(np.arange(5), 50)
    Z = np.random.default_rng(0).normal(size=(250, 2))
    Z[:, 0] += 1000.0 * groups
    for seed in range(20):
        assert set(groups[plus_plus(Z, 5, stream(seed, 1), chunk_map)]) == set(range(5))


@pytest.mark.parametrize("restart", [0, 1])
def test_every_component_gets_rows(restart, chunk_map):
    Z = np.random.default_rng(0).normal(size=(40, 2))
    for seed in range(20):
        labels = start_labels(Z, 10, restart, seed, chunk_map)
        assert np.bincount(labels, minlength=10).min() > 0


def test_restarts_and_seeds_differ_and_repeat(chunk_map):
    Z = np.random.default_rng(0).normal(size=(200, 2))
    starts = [
        start_labels(Z, 4, restart, seed, chunk_map) for restart in range(4) for seed in range(2)
    ]
    assert len({start.tobytes() for start in starts}) == 8
    np.testing.assert_array_equal(starts[0], start_labels(Z, 4, 0, 0, chunk_map))


@pytest.mark.parametrize("restart", [0, 1])
def test_rows_that_are_too_few_of_a_kind_are_shared_out(restart, chunk_map):
    """Two values for three components: rounding made the third equal to one of them."""
    Z = np.repeat([[0.0, 0.0], [1.0, 1.0]], 10, axis=0)
    for seed in range(20):
        labels = start_labels(Z, 3, restart, seed, chunk_map)
        assert np.bincount(labels, minlength=3).min() > 0


def test_a_far_row_leaves_the_distances_between_the_others(chunk_map):
    groups = np.repeat([0, 1], 50)
    Z = np.random.default_rng(0).normal(size=(100, 2)) + 30.0 * groups[:, None]
    Z = np.concatenate([Z, [[1e10, 1e10]]])
    for seed in range(20):
        labels = start_labels(Z, 3, 0, seed, chunk_map)
        assert {len(set(labels[:100][groups == group])) for group in (0, 1)} == {1}
        assert len({labels[0], labels[50], labels[100]}) == 3


@pytest.mark.parametrize("restart", [0, 1])
def test_any_number_of_threads_gives_the_same_start(restart, chunk_map):
    Z = np.random.default_rng(0).normal(size=(30_000, 9))
    expected = start_labels(Z, 4, restart, 0, chunk_map)
    with ThreadedMap(3) as threaded:
        np.testing.assert_array_equal(start_labels(Z, 4, restart, 0, threaded), expected)


def test_a_start_can_be_stopped_between_any_two_steps():
    Z = np.random.default_rng(0).normal(size=(500, 2))
    asked = [0]

    def count() -> bool:
        asked[0] += 1
        return False

    with ThreadedMap(1, count) as chunk_map:
        start_labels(Z, 6, 0, 0, chunk_map)
    assert asked[0] == 6 + 1 + LLOYD_STEPS  # rows chosen, nearest of them, steps of k-means
    for limit in range(asked[0]):
        left = iter([False] * limit + [True])
        with ThreadedMap(1, lambda left=left: next(left)) as chunk_map, pytest.raises(Cancelled):
            start_labels(Z, 6, 0, 0, chunk_map)
