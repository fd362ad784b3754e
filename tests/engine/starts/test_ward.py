"""Ward's tree, against scipy's."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.cluster.hierarchy import cut_tree, is_valid_linkage, ward

from gmmdesk.engine.starts.ward import ward_tree


def heights(Y, tree):
    """What each merge of `tree` adds to the squared distances, and the rows in each node."""
    nodes = [[i] for i in range(len(Y))]
    added = []
    for one, other in tree:
        a, b = Y[nodes[one]], Y[nodes[other]]
        shift = a.mean(axis=0) - b.mean(axis=0)
        added.append(len(a) * len(b) / (len(a) + len(b)) * (shift @ shift))
        nodes.append(nodes[one] + nodes[other])
    return np.array(added), [len(node) for node in nodes[len(Y) :]]


@pytest.mark.parametrize(("n", "d"), [(2, 1), (3, 2), (120, 1), (250, 3), (90, 12)])
def test_the_tree_is_that_of_scipy(n, d):
    random = np.random.default_rng(n)
    Y = random.normal(size=(n, d)) + 4.0 * random.integers(3, size=(n, 1))
    tree, expected = ward_tree(Y), ward(Y)
    added, sizes = heights(Y, tree)
    np.testing.assert_array_equal(np.sort(tree, axis=1), np.sort(expected[:, :2], axis=1))
    np.testing.assert_allclose(np.sqrt(2.0 * added), expected[:, 2], rtol=1e-9)
    assert sizes == expected[:, 3].tolist()


@pytest.mark.parametrize("decimals", [0, 1])
def test_among_merges_that_cost_the_same_any_is_right(decimals):
    random = np.random.default_rng(0)
    Y = np.round(random.normal(size=(200, 2)) + 3.0 * random.integers(3, size=(200, 1)), decimals)
    tree = ward_tree(Y)
    added, sizes = heights(Y, tree)
    assert is_valid_linkage(np.column_stack([tree, np.sqrt(2.0 * added), sizes]))
    assert np.diff(added).min() > -1e-9
    n_distinct = len(np.unique(Y, axis=0))
    labels = cut_tree(np.column_stack([tree, added, sizes]), [n_distinct])[:, 0]
    assert len(np.unique(np.column_stack([Y, labels]), axis=0)) == n_distinct


def test_one_row_has_nothing_to_be_merged_with():
    assert ward_tree(np.zeros((1, 2))).shape == (0, 2)
