"""Partitions compared: the numbers are those of scikit-learn."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score
from sklearn.metrics.cluster import contingency_matrix

from gmmdesk.engine.judging.agreement import agreement
from gmmdesk.engine.judging.kmeans import k_means


def test_table_index_and_accuracy():
    random = np.random.default_rng(0)
    first = random.integers(0, 3, 200)
    second = np.where(random.random(200) < 0.7, (first + 1) % 3, random.integers(0, 4, 200))
    found = agreement(first, second, (3, 4))
    assert np.array_equal(found.table, contingency_matrix(first, second))
    assert found.adjusted_rand_index == pytest.approx(adjusted_rand_score(first, second))
    best = max(
        sum(found.table[i, j] for i, j in enumerate(chosen))
        for chosen in itertools.permutations(range(4), 3)
    )
    assert found.n_agreeing == best
    assert found.accuracy == pytest.approx(best / 200)


@pytest.mark.parametrize(
    "first",
    [np.repeat([0, 1, 2], [700, 200, 100]), np.arange(50) % 5],
    ids=["groups of unlike sizes", "few rows in many groups"],
)
def test_what_agrees_by_chance_is_what_agrees_of_shuffled_rows(first):
    """Each time matched anew, as the groups themselves were."""
    random, K = np.random.default_rng(0), first.max() + 1
    second = np.where(random.random(len(first)) < 0.5, first, 0)
    found = agreement(first, second, (K, K))
    shuffled = []
    for _ in range(400):
        other = random.permutation(second)
        counts = contingency_matrix(first, other)
        shuffled.append(counts[linear_sum_assignment(counts, maximize=True)].sum() / len(first))
    assert found.by_chance == pytest.approx(np.mean(shuffled), abs=0.01)
    one_match = (np.bincount(first) @ np.bincount(second)[found.match]) / len(first) ** 2
    assert found.by_chance > one_match


def test_rows_without_a_group_do_not_count():
    found = agreement(np.array([0, 1, -1, 1]), np.array([0, -1, 1, 1]), (2, 2))
    assert found.n == 2
    assert found.accuracy == 1.0


def test_more_groups_than_the_other_leave_some_without_a_match():
    found = agreement(np.array([0, 1, 2]), np.array([0, 0, 0]), (3, 1))
    assert sorted(found.match) == [-1, -1, 0]
    assert found.n_agreeing == 1


@pytest.mark.parametrize("n_clusters", [1, 3, 5])
def test_k_means_is_as_good_as_that_of_scikit_learn(n_clusters):
    random = np.random.default_rng(1)
    Z = random.normal(size=(400, 3)) + np.repeat(random.normal(0, 3, (4, 3)), 100, axis=0)
    labels, centers = k_means(Z, n_clusters)
    inertia = ((Z - centers[labels]) ** 2).sum()
    reference = KMeans(n_clusters, n_init=10, random_state=0).fit(Z)
    assert inertia <= 1.001 * reference.inertia_
    assert np.bincount(labels, minlength=n_clusters).min() > 0


@pytest.mark.parametrize(
    ("second", "tells"),
    [([0, 0, 1, 1], True), ([0, 0, -1, -1], False), ([1, 1, 1, 1], False), ([-1] * 4, False)],
)
def test_rows_of_one_group_alone_tell_nothing(second, tells):
    found = agreement(np.array([0, 0, 1, 1]), np.array(second), (2, 2))
    assert found.tells == tells
