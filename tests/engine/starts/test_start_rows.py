"""The rows that short runs see, and the labels they begin with."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.cluster.hierarchy import cut_tree, ward

from gmmdesk.engine import ArraySource, ThreadedMap
from gmmdesk.engine.rows.frame import make_frame
from gmmdesk.engine.starts.hierarchy import TREE_ROWS, Hierarchy
from gmmdesk.engine.starts.start_rows import ENOUGH_ROWS, MOST_ROWS, StartRows


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


@pytest.mark.parametrize("n", [300, 3 * TREE_ROWS])
def test_the_tree_finds_clusters_whatever_the_scale(n):
    """Columns of very different spread, and a third that nearly repeats one of them."""
    random = np.random.default_rng(0)
    truth = np.arange(n) % 3
    Y = random.normal(size=(n, 2)) + np.array([[0.0, 0.0], [12.0, 0.0], [0.0, 12.0]])[truth]
    Z = np.column_stack([100.0 * Y[:, 0], Y[:, 1], Y[:, 1] + 0.3 * random.normal(size=n)])
    labels = Hierarchy(Z, np.random.default_rng(1)).labels(3)
    table = np.zeros((3, 3))
    np.add.at(table, (truth, labels), 1)
    assert table.max(axis=0).sum() > 0.97 * n
    assert len(set(table.argmax(axis=0))) == 3


def test_dependent_and_constant_columns_do_not_matter():
    random = np.random.default_rng(0)
    z = random.normal(size=(60, 1)) + 9.0 * (np.arange(60) % 2)[:, None]
    Z = np.concatenate([z, -2.0 * z, np.zeros((60, 1))], axis=1)
    labels = Hierarchy(Z, np.random.default_rng(1)).labels(2)
    assert len(np.unique(np.stack([np.arange(60) % 2, labels]), axis=1)[0]) == 2
    assert Hierarchy(z[:2], np.random.default_rng(1)).labels(2).tolist() in ([0, 1], [1, 0])


@pytest.mark.parametrize("K", [1, 2, 7, 299, 300])
def test_a_cut_of_the_tree_is_that_of_scipy(K):
    Z = np.random.default_rng(0).normal(size=(300, 2))
    labels = Hierarchy(Z, np.random.default_rng(1)).labels(K)
    centered = Z - Z.mean(axis=0)
    values, axes = np.linalg.eigh(np.cov(Z.T, bias=True))
    expected = cut_tree(ward(centered @ axes / np.sqrt(values)), [K])[:, 0]
    assert len(set(zip(labels, expected, strict=True))) == K == len(set(labels))
