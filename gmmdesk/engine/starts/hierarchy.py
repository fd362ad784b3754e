"""Hierarchical clustering of a sample: one tree gives a start for every number of components."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from gmmdesk.engine.arrays import AnyArray, FloatArray, IntArray
from gmmdesk.engine.parallel import ChunkMap
from gmmdesk.engine.starts.seeding import squared_distances
from gmmdesk.engine.starts.ward import ward_tree

# Rows that Ward's tree is made of by default, at most: its cost grows with their square.
TREE_ROWS = 1_000
# Groups of them from which on merges are those that a mixture finds likeliest; few rows are left
# for each by then, so that before it hardly matters.
GROUPS = 200
_AT_ONCE = 16  # groups, whose distances to all others are found together


class Hierarchy:
    """A tree over some rows of Z (n, d), columns on comparable scales.

    Groups of rows are made by Ward's method (1963), and merged as clusters of spherical normal
    distributions that differ in volume, by what the merge costs of their likelihood (Fraley, 1998,
    SIAM Journal on Scientific Computing 20, 270-281, model VII): a tight cluster beside a wide one
    is found as such, which Ward's method alone would rather cut the wide one for. In coordinates
    halfway to those in which all rows are spherical, as in mclust's starts (Scrucca and Raftery,
    2015, "SVD"), so that correlated columns do not quite count twice.
    """

    def __init__(
        self,
        Z: FloatArray,
        random: np.random.Generator,
        chunk_map: ChunkMap,
        most_rows: int = TREE_ROWS,
    ) -> None:
        rows = random.choice(len(Z), min(len(Z), most_rows), replace=False)
        self._rows: IntArray = np.sort(rows)
        values, axes = np.linalg.eigh(np.atleast_2d(np.cov(Z.T, bias=True)))
        kept = values > 1e-9 * values[-1]
        if not kept.any():  # rows that are all alike, as far as they were scaled for
            kept, values = np.arange(len(values)) == 0, np.ones(len(values))
        self._Y = (Z @ axes[:, kept]) / values[kept] ** 0.25
        self._chunk_map = chunk_map
        if len(self._Y) <= GROUPS:
            self._groups: IntArray = np.arange(len(self._Y))
        else:
            self._groups = self._everywhere(_cut(self._ward, GROUPS))
        self._merges = _likeliest_merges(self._Y, self._groups)

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


def _likeliest_merges(Y: FloatArray, labels: IntArray) -> IntArray:
    """The merges (M - 1, 2) of the M groups of Y (n, d), a tree as scipy's: two nodes each.

    Each is the one that adds least to sum_k n_k d ln((tr W_k + tr W / nd) / (n_k d)), in which W_k
    is the scatter of group k and W that of all rows (Fraley, 1998).
    """
    d = Y.shape[1]
    sizes = np.bincount(labels).astype(np.float64)
    means = _means(Y, labels, sizes)
    squares = ((Y - means[labels]) ** 2).sum(axis=1)
    traces: FloatArray = np.asarray(np.bincount(labels, squares), dtype=np.float64)
    least = max(float(Y.var(axis=0).sum()) / d, np.finfo(np.float64).tiny)

    def value(n: FloatArray, trace: FloatArray) -> FloatArray:
        return np.asarray(n * d * np.log((trace + least) / (n * d)))

    def joined(ours: Any, others: Any) -> tuple[FloatArray, FloatArray]:
        n = sizes[ours] + sizes[others]
        between = sizes[ours] * sizes[others] / n * ((means[ours] - means[others]) ** 2).sum(-1)
        return n, traces[ours] + traces[others] + between

    def cost(ours: Any, others: Any) -> FloatArray:
        added = value(*joined(ours, others))
        added -= values[ours]
        added -= values[others]
        return added

    values = value(sizes, traces)
    every = np.arange(len(sizes))
    nodes = every.copy()
    # Both ways round, so that rows and columns can be written whole; the least is found in the row
    # of the lower group, whose order of sums it has. Some at a time: all take d times the room.
    some = np.array_split(every[:, None], -(-len(every) // _AT_ONCE))
    costs = np.triu(np.concatenate([cost(ours, every) for ours in some]), 1)
    costs += costs.T
    np.fill_diagonal(costs, np.inf)
    merges = np.empty((len(every) - 1, 2), dtype=np.int64)
    for merge in range(len(merges)):
        k, gone = divmod(int(np.argmin(costs)), len(every))
        merges[merge] = nodes[k], nodes[gone]
        n, trace = joined(k, gone)
        means[k] += sizes[gone] / n * (means[gone] - means[k])
        sizes[k], traces[k], nodes[k] = n, trace, len(every) + merge
        values[k] = value(n, trace)
        costs[gone], costs[:, gone] = np.inf, np.inf
        nodes[gone] = -1
        others = cost(k, every)
        others[nodes < 0] = others[k] = np.inf
        costs[k] = costs[:, k] = others
    return merges


def _means(Y: FloatArray, labels: IntArray, sizes: AnyArray) -> FloatArray:
    """Of the groups of Y (n, d), (K, d)."""
    sums = [np.bincount(labels, y, len(sizes)) for y in Y.T]
    return np.stack(sums, axis=1) / sizes[:, None]
