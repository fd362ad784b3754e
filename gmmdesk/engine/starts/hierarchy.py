"""Hierarchical clustering of a sample: one tree gives a start for every number of components."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from gmmdesk.engine.arrays import AnyArray, FloatArray, IntArray
from gmmdesk.engine.parallel import ChunkMap
from gmmdesk.engine.starts.likeliest_merges import likeliest_merges
from gmmdesk.engine.starts.seeding import squared_distances
from gmmdesk.engine.starts.ward import ward_tree

# Rows that Ward's tree is made of by default, at most: its cost grows with their square.
TREE_ROWS = 1_000
# Groups of them from which on merges are those that a mixture finds likeliest; few rows are left
# for each by then, so that before it hardly matters.
GROUPS = 200
# Numbers that the scatters of all groups may be: with more, merges take long, too.
MOST_NUMBERS = 1_000_000


class Hierarchy:
    """A tree over some rows of Z (n, d), columns of unit variance.

    Each merge is the likeliest for clusters that are normal distributions; of all rows where these
    are few (`most_rows` at least), so that labels of several columns are those mclust begins with;
    else of groups that Ward's method (1963) has made of a sample. In mclust's coordinates (Scrucca
    and Raftery, 2015, "SVD"), halfway to those in which all rows are spherical, so that correlated
    columns do not quite count twice.
    """

    def __init__(
        self,
        Z: FloatArray,
        random: np.random.Generator,
        chunk_map: ChunkMap,
        most_rows: int = TREE_ROWS,
    ) -> None:
        n = len(Z)
        rows = random.choice(n, min(n, most_rows), replace=False)
        self._rows: IntArray = np.sort(rows)
        values, axes = np.linalg.eigh(np.atleast_2d(np.cov(Z.T, bias=True)))
        kept = values > 1e-9 * values[-1]
        if not kept.any():  # rows that are all alike, as far as they were scaled for
            kept, values = np.arange(len(values)) == 0, np.ones(len(values))
        # By n - 1 as there: distances have a scale beside which determinants count.
        unit = np.sqrt((n - 1) / n) / ((n - 1) * values[kept]) ** 0.25
        self._Y = (Z @ axes[:, kept]) * unit
        self._chunk_map = chunk_map
        most = max(1, MOST_NUMBERS // self._Y.shape[1] ** 2)
        if n > most_rows:
            most = min(most, GROUPS)
        self._groups: IntArray = (
            np.arange(n) if n <= most else self._everywhere(_cut(self._ward, most))
        )
        self._merges = likeliest_merges(self._Y, self._groups)

    @cached_property
    def _ward(self) -> IntArray:
        """The tree of the rows that it is made of."""
        return ward_tree(self._Y[self._rows])

    def labels(self, n_components: int) -> IntArray:
        """Labels (n,): of the tree's rows their cluster, of others that of the nearest group."""
        if n_components <= len(self._merges):
            return _cut(self._merges, n_components)[self._groups]
        return self._everywhere(_cut(self._ward, n_components))

    def _everywhere(self, cut: IntArray) -> IntArray:
        """Labels (n,) from those of the tree's rows; of the others that of the nearest mean."""
        if len(self._rows) == len(self._Y):
            return cut
        means = _means(self._Y[self._rows], cut, np.bincount(cut))
        labels = squared_distances(self._Y, means, self._chunk_map).argmin(axis=0)
        labels[self._rows] = cut
        return np.asarray(labels)


def _cut(tree: AnyArray, n_clusters: int) -> IntArray:
    """The cluster of each leaf of a `tree` as scipy's when as many merges as there can be are made.

    All at once, which scipy's cut_tree takes some hundred times as long for.
    """
    n = len(tree) + 1
    n_merges = max(0, n - n_clusters)
    above = np.arange(n + n_merges)  # what each node is in: itself at the top
    above[tree[:n_merges, :2].astype(np.intp)] = np.arange(n, n + n_merges)[:, None]
    while True:
        higher = above[above]
        if np.array_equal(higher, above):
            return np.asarray(np.unique(above[:n], return_inverse=True)[1], dtype=np.int64)
        above = higher


def _means(Y: FloatArray, labels: IntArray, sizes: AnyArray) -> FloatArray:
    """Of the groups of Y (n, d), (K, d)."""
    sums = [np.bincount(labels, y, len(sizes)) for y in Y.T]
    return np.stack(sums, axis=1) / sizes[:, None]
