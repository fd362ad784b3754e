"""Starts."""

from __future__ import annotations

import numpy as np
import pytest

from gmmdesk.engine.seeding import distinct_rows, plus_plus, start_labels, stream


@pytest.mark.parametrize("choose", [plus_plus, distinct_rows])
def test_rows_of_distinct_values_are_chosen(choose):
    Z = np.repeat(np.random.default_rng(0).normal(size=(5, 2)), 20, axis=0)
    for seed in range(20):
        rows = choose(Z, 5, stream(seed, 1))
        assert len(np.unique(Z[rows], axis=0)) == 5


def test_plus_plus_spreads():
    """One row from each of five groups that lie far apart."""
    groups = np.repeat(np.arange(5), 50)
    Z = np.random.default_rng(0).normal(size=(250, 2))
    Z[:, 0] += 1000.0 * groups
    for seed in range(20):
        assert set(groups[plus_plus(Z, 5, stream(seed, 1))]) == set(range(5))


@pytest.mark.parametrize("restart", [0, 1])
def test_every_component_gets_rows(restart):
    Z = np.random.default_rng(0).normal(size=(40, 2))
    for seed in range(20):
        labels = start_labels(Z, 10, restart, seed)
        assert np.bincount(labels, minlength=10).min() > 0


def test_restarts_and_seeds_differ_and_repeat():
    Z = np.random.default_rng(0).normal(size=(200, 2))
    starts = [start_labels(Z, 4, restart, seed) for restart in range(4) for seed in range(2)]
    assert len({start.tobytes() for start in starts}) == 8
    np.testing.assert_array_equal(starts[0], start_labels(Z, 4, 0, 0))
