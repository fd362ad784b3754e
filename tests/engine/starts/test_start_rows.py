"""The rows that short runs see, and the labels they begin with."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.cluster.hierarchy import cut_tree, ward

from gmmdesk.data.samples import load_sample
from gmmdesk.engine import ArraySource, ThreadedMap
from gmmdesk.engine.rows.frame import make_frame
from gmmdesk.engine.starts.hierarchy import GROUPS, TREE_ROWS, Hierarchy
from gmmdesk.engine.starts.likeliest_merges import likeliest_merges
from gmmdesk.engine.starts.start_rows import ENOUGH_ROWS, HIERARCHICAL, MOST_ROWS, StartRows
from gmmdesk.engine.starts.ward import ward_tree


def rows_of(X, seed=0):
    with ThreadedMap(1) as chunk_map:
        return StartRows(make_frame(ArraySource(X), chunk_map, 5), seed, chunk_map)


@pytest.mark.parametrize(
    ("n", "seen"),
    [(100, 100), (2_001, ENOUGH_ROWS), (30_000, 6_000), (100_000, MOST_ROWS)],
)
def test_a_share_of_many_rows(n, seen):
    rows = rows_of(np.random.default_rng(0).normal(size=(n, 1)))
    assert rows.frame.shape[0] == seen
    assert (rows.sample is None) == (seen == n)


@pytest.mark.parametrize("restart", range(4))
def test_every_restart_gives_every_component_rows(restart, make_blobs):
    rows = rows_of(make_blobs(200, 3, 4).X)
    for K in (1, 2, 5):
        labels = rows.labels(K, restart)
        assert labels.shape == (200,)
        assert np.bincount(labels, minlength=K).min() > 0
        np.testing.assert_array_equal(labels, rows.labels(K, restart))


@pytest.mark.parametrize("n", [300, 3_000])
def test_one_column_is_cut_at_its_quantiles(n):
    rows = rows_of(np.random.default_rng(0).normal(size=(n, 1)))
    labels = rows.labels(4, HIERARCHICAL)
    assert np.bincount(labels).tolist() == [len(labels) // 4] * 4
    assert (np.diff(labels[np.argsort(rows.frame.standardized()[:, 0])]) >= 0).all()


@pytest.mark.parametrize("restart", [0, HIERARCHICAL])
def test_one_column_of_few_values_has_starts_too(restart):
    rows = rows_of(np.repeat([0.0, 5.0, 6.0], [60, 20, 20])[:, None])
    assert sorted(np.bincount(rows.labels(3, restart))) == [20, 20, 60]


def tree_labels(Z, K):
    with ThreadedMap(1) as chunk_map:
        return Hierarchy(Z, np.random.default_rng(1), chunk_map).labels(K)


@pytest.mark.parametrize("n", [300, 3 * TREE_ROWS])
def test_the_tree_finds_clusters_beside_a_column_that_nearly_repeats_another(n):
    random = np.random.default_rng(0)
    truth = np.arange(n) % 3
    Y = random.normal(size=(n, 2)) + np.array([[0.0, 0.0], [12.0, 0.0], [0.0, 12.0]])[truth]
    Z = np.column_stack([Y[:, 0], Y[:, 1], Y[:, 1] + 0.3 * random.normal(size=n)])
    labels = tree_labels(Z, 3)
    table = np.zeros((3, 3))
    np.add.at(table, (truth, labels), 1)
    assert table.max(axis=0).sum() > 0.97 * n
    assert len(set(table.argmax(axis=0))) == 3


@pytest.mark.parametrize(("n", "in_tree"), [(1_500, []), (4_000, [TREE_ROWS])])
def test_only_where_rows_are_many_are_groups_made_of_a_sample(monkeypatch, n, in_tree):
    made = []

    def watched(Y):
        made.append(len(Y))
        return ward_tree(Y)

    monkeypatch.setattr("gmmdesk.engine.starts.hierarchy.ward_tree", watched)
    rows_of(np.random.default_rng(0).normal(size=(n, 2))).labels(3, HIERARCHICAL)
    assert made == in_tree


def test_dependent_and_constant_columns_do_not_matter():
    random = np.random.default_rng(0)
    z = random.normal(size=(60, 1)) + 9.0 * (np.arange(60) % 2)[:, None]
    Z = np.concatenate([z, -2.0 * z, np.zeros((60, 1))], axis=1)
    labels = tree_labels(Z, 2)
    assert len(np.unique(np.stack([np.arange(60) % 2, labels]), axis=1)[0]) == 2
    assert tree_labels(z[:2], 2).tolist() in ([0, 1], [1, 0])


def partition(labels):
    """The sets of rows that have the same label."""
    return {frozenset(np.flatnonzero(labels == label)) for label in np.unique(labels)}


@pytest.mark.parametrize("numbers", [0, 1, 200 * 4])
@pytest.mark.parametrize("K", [200, 299, 300])
def test_groups_of_more_columns_than_merges_can_be_made_of_are_those_of_ward(
    K, numbers, monkeypatch
):
    monkeypatch.setattr("gmmdesk.engine.starts.hierarchy.MOST_NUMBERS", numbers)
    Z = np.random.default_rng(0).normal(size=(300, 2))
    values, axes = np.linalg.eigh(np.cov(Z.T, bias=True))
    expected = cut_tree(ward(Z @ axes / values**0.25), [K])[:, 0]
    assert partition(tree_labels(Z, K)) == partition(expected)


def test_of_many_rows_no_more_groups_are_merged_than_time_allows(monkeypatch):
    merged = []

    def watched(Y, labels):
        merged.append(len(np.unique(labels)))
        return likeliest_merges(Y, labels)

    monkeypatch.setattr("gmmdesk.engine.starts.hierarchy.likeliest_merges", watched)
    for n in (900, 3_000):
        tree_labels(np.random.default_rng(0).normal(size=(n, 2)), 3)
    assert merged == [900, GROUPS]


# Sizes of the classes of hclass(hc(X, modelName="VVV", use="SVD"), 2:9): R 4.2.2, mclust 6.0.0.
OF_MCLUST = {
    "iris": [
        [49, 101],
        [39, 49, 62],
        [16, 33, 39, 62],
        [16, 18, 33, 39, 44],
        [16, 17, 18, 22, 33, 44],
        [13, 16, 17, 18, 20, 22, 44],
        [10, 12, 13, 16, 17, 18, 20, 44],
        [9, 10, 12, 13, 16, 17, 18, 20, 35],
    ],
    "faithful": [  # where many rows are equal
        [97, 175],
        [40, 97, 135],
        [32, 40, 65, 135],
        [32, 40, 65, 65, 70],
        [29, 32, 36, 40, 65, 70],
        [29, 31, 32, 34, 36, 40, 70],
        [14, 26, 29, 31, 32, 34, 36, 70],
        [11, 14, 26, 29, 31, 32, 34, 36, 59],
    ],
}


@pytest.mark.parametrize("sample", OF_MCLUST)
def test_of_few_rows_clusters_are_those_mclust_begins_with(sample):
    table = load_sample(sample)
    X = np.column_stack([table.column(name).numbers() for name in table.recommended])
    Z = (X - X.mean(axis=0)) / X.std(axis=0)
    found = [sorted(np.bincount(tree_labels(Z, K))) for K in range(2, 10)]
    assert found == OF_MCLUST[sample]


def test_a_tight_cluster_is_told_from_a_wide_one():
    """Where Ward's method alone cuts the wide one: it asks for as many rows in each."""
    random = np.random.default_rng(0)
    Z = np.concatenate([4.0 * random.normal(size=(150, 2)), 0.1 * random.normal(size=(50, 2)) + 6])
    found = partition(tree_labels(Z, 2))
    assert any(len(rows ^ set(range(150, 200))) <= 6 for rows in found)
