"""Hierarchical clustering of a sample: one tree gives a start for every number of components."""

from __future__ import annotations

import numpy as np
from scipy.cluster.hierarchy import ward

from gmmdesk.engine.arrays import FloatArray, IntArray

# Rows that the tree is made of, at most: its cost grows with their square.
TREE_ROWS = 1_000


class Hierarchy:
    """Ward's tree (Ward, 1963) over some rows of Z (n, d), columns on comparable scales.

    In the coordinates in which the rows as a whole are spherical, as in mclust's starts (Scrucca
    and Raftery, 2015, "SVD"), so that correlated columns do not count twice.
    """

    def __init__(self, Z: FloatArray, random: np.random.Generator) -> None:
        rows = random.choice(len(Z), min(len(Z), TREE_ROWS), replace=False)
        self._rows: IntArray = np.sort(rows)
        values, axes = np.linalg.eigh(np.atleast_2d(np.cov(Z.T, bias=True)))
        kept = values > 1e-9 * values[-1]
        if not kept.any():  # rows that are all alike, as far as they were scaled for
            kept, values = np.arange(len(values)) == 0, np.ones(len(values))
        self._Y = (Z @ axes[:, kept]) / np.sqrt(values[kept])
        self._tree = ward(self._Y[self._rows])

    def labels(self, n_components: int) -> IntArray:
        """Labels (n,): of the tree's rows their cluster, of the others that of the nearest mean."""
        cut = self._cut(n_components)
        if len(self._rows) == len(self._Y):
            return cut
        sample = self._Y[self._rows]
        sizes = np.bincount(cut, minlength=n_components)
        means = np.stack([np.bincount(cut, y, n_components) / sizes for y in sample.T], axis=1)
        distances = [((self._Y - mean) ** 2).sum(axis=1) for mean in means]
        labels: IntArray = np.asarray(np.argmin(distances, axis=0))
        labels[self._rows] = cut
        return labels

    def _cut(self, n_components: int) -> IntArray:
        """The cluster of each of the tree's rows when as many merges as there can be are made.

        All at once, which scipy's cut_tree takes some hundred times as long for.
        """
        n = len(self._tree) + 1
        n_merges = max(0, n - n_components)
        above = np.arange(n + n_merges)  # what each node is in: itself at the top
        above[self._tree[:n_merges, :2].astype(np.intp)] = np.arange(n, n + n_merges)[:, None]
        while True:
            higher = above[above]
            if np.array_equal(higher, above):
                return np.asarray(np.unique(above[:n], return_inverse=True)[1], dtype=np.int64)
            above = higher
