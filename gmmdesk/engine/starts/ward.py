"""Ward's method (1963, Journal of the American Statistical Association 58, 236-244)."""

from __future__ import annotations

import numpy as np

from gmmdesk.engine.arrays import FloatArray, IntArray


def ward_tree(Y: FloatArray) -> IntArray:
    """The merges (n - 1, 2) of the rows Y (n, d), a tree as scipy's: two nodes each.

    Each is the one that adds least to the squared distances from the means. Found along chains of
    nearest neighbours (Murtagh, 1983, The Computer Journal 26, 354-359), from means and sizes
    alone. Each step is short: scipy's takes about as long for many rows, but lets no other thread
    have the interpreter before all is done.
    """
    n = len(Y)
    groups = np.arange(n)  # each by the row that stands for it
    means, sizes, heights, gone = np.array(Y.T, order="C"), np.ones(n), np.zeros(n), np.zeros(n)
    found: list[tuple[float, int, int]] = []
    chain: list[int] = []
    while len(found) < n - 1:
        if not chain:
            chain.append(int(np.argmin(gone)))
        k = chain[-1]
        apart = means - means[:, k, None]
        costs = np.einsum("dn,dn->n", apart, apart)
        costs *= sizes / (sizes + sizes[k])
        costs += gone
        costs[k] = np.inf
        nearest = int(np.argmin(costs))
        if len(chain) == 1 or costs[nearest] < costs[chain[-2]]:
            chain.append(nearest)
            continue
        lower, upper = sorted((chain.pop(), chain.pop()))
        height = float(max(costs[lower + upper - k] * sizes[k], heights[lower], heights[upper]))
        found.append((height, int(groups[lower]), int(groups[upper])))
        size = sizes[lower] + sizes[upper]
        means[:, upper] += sizes[lower] / size * (means[:, lower] - means[:, upper])
        sizes[upper], heights[upper], gone[lower] = size, height, np.inf
        if 2 * (n - len(found)) <= len(groups):
            left = np.flatnonzero(gone == 0.0)
            chain = np.searchsorted(left, chain).tolist()
            groups, means, sizes = groups[left], np.ascontiguousarray(means[:, left]), sizes[left]
            heights, gone = heights[left], gone[left]
    nodes = np.arange(n)
    merges = np.empty((n - 1, 2), dtype=np.int64)
    for merge, (_, lower, upper) in enumerate(sorted(found, key=lambda one: one[0])):
        merges[merge] = nodes[lower], nodes[upper]
        nodes[upper] = n + merge
    return merges
