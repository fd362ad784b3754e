"""Model-based hierarchical clustering, against the criterion computed anew for every merge."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from gmmdesk.engine.starts.likeliest_merges import FEW_COLUMNS, likeliest_merges


def merged(Y, labels):
    """The groups before each merge, and after the last: sets of sets of rows."""
    groups = [frozenset(np.flatnonzero(labels == k)) for k in range(labels.max() + 1)]
    nodes, steps = list(groups), [set(groups)]
    for one, other in likeliest_merges(Y, labels):
        nodes.append(nodes[one] | nodes[other])
        steps.append(steps[-1] - {nodes[one], nodes[other]} | {nodes[-1]})
    return steps


def greedy(Y, labels):
    """The same by trying every pair."""
    d = Y.shape[1]
    least = Y.var(axis=0).sum() / d

    def value(rows):
        apart = Y[sorted(rows)] - Y[sorted(rows)].mean(axis=0)
        scatter = apart.T @ apart
        size = len(rows)
        volume = np.linalg.det(scatter / size) if size > d else 0.0
        return size * np.log(volume + (np.trace(scatter) + least) / size)

    groups = {frozenset(np.flatnonzero(labels == k)) for k in range(labels.max() + 1)}
    steps = [set(groups)]
    while len(groups) > 1:
        pairs = [*itertools.combinations(groups, 2)]
        costs = [value(a | b) - value(a) - value(b) for a, b in pairs]
        one, other = pairs[int(np.argmin(costs))]
        groups = groups - {one, other} | {one | other}
        steps.append(groups)
    return steps


@pytest.mark.parametrize("d", [1, 2, 3, FEW_COLUMNS + 1])
@pytest.mark.parametrize("scale", [1e-3, 0.3, 1.0, 1e3])
def test_each_merge_is_the_likeliest(d, scale):
    random = np.random.default_rng(d)
    spread = random.uniform(0.1, 1.0, size=(45, 1))
    Y = scale * (random.normal(size=(45, d)) * spread + (np.arange(45) % 3)[:, None])
    assert merged(Y, np.arange(45)) == greedy(Y, np.arange(45))


def test_groups_may_have_rows_already():
    random = np.random.default_rng(0)
    Y = random.normal(size=(90, 3)) + 4.0 * (np.arange(90) % 2)[:, None]
    labels = np.arange(90) // 6 * 2 + np.arange(90) % 2
    assert merged(Y, labels) == greedy(Y, labels)


@pytest.mark.parametrize("d", [2, FEW_COLUMNS + 1])
def test_singular_groups_are_merged_too(d):
    """Of equal rows, far from 0, and of others that all lie on a line."""
    t = np.random.default_rng(0).normal(size=(30, 1))
    for Y in (np.repeat(t, 2, axis=0) * np.ones(d) + 1e6, np.zeros((60, d))):
        steps = merged(Y, np.arange(60))
        assert [len(step) for step in steps] == [*range(60, 0, -1)]
        assert all(sum(map(len, step)) == 60 for step in steps)


def test_one_group_is_merged_with_none():
    assert likeliest_merges(np.zeros((3, 2)), np.zeros(3, dtype=int)).shape == (0, 2)
    assert likeliest_merges(np.zeros((2, 2)), np.arange(2)).tolist() == [[0, 1]]
