"""Which columns the map begins with."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from gmmdesk.analysis.axes import most_separating
from gmmdesk.engine import Parameters


def mixture(means, weights=None):
    means = np.array(means, float)
    K, d = means.shape
    weights = np.full(K, 1.0 / K) if weights is None else np.array(weights)
    return Parameters(weights, means, np.stack([np.eye(d)] * K))


def test_one_far_cluster_does_not_hide_that_others_overlap():
    """It is far off in every column, the others are apart in the last two only."""
    means = [[0, 0, 0, 0], [0, 0, 4, 0], [0, 0, 0, 4], [50, 60, 30, 30]]
    assert most_separating(mixture(means)) == (2, 3)


@pytest.mark.parametrize("d", [3, 40])
def test_it_is_where_least_overlaps(d):
    random = np.random.default_rng(d)
    weights = random.dirichlet(np.ones(4))
    means = np.zeros((4, d))
    means[:, [1, d - 1]] = random.normal(scale=3.0, size=(4, 2))
    found = most_separating(mixture(means, weights))

    def separation(pair):
        share = 0.0
        for a, b in itertools.combinations(range(4), 2):
            square = ((means[a] - means[b])[list(pair)] ** 2).sum()
            share += weights[a] * weights[b] * -math.expm1(-square / 8.0)
        return share

    assert found == max(itertools.combinations(range(d), 2), key=separation)


def test_what_lies_apart_across_a_streak_only_is_not_seen():
    """The first two columns say nearly the same; clusters lie apart by what is left."""
    streak = np.array([[100.0, 99.99, 0.0], [99.99, 100.0, 0.0], [0.0, 0.0, 1.0]])
    means = np.array([[0.0, 0.0, 0.0], [0.6, -0.6, 4.0], [-0.6, 0.6, 8.0]])
    found = most_separating(Parameters(np.full(3, 1.0 / 3.0), means, np.stack([streak] * 3)))
    assert 2 in found


def test_a_single_cluster_is_shown_in_the_first_columns():
    assert most_separating(mixture([[0, 0, 0]])) == (0, 1)
