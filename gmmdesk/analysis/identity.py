"""Which clusters of a later answer are those of an earlier one: most of their rows are the same."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from gmmdesk.analysis.analysis import Analysis
from gmmdesk.analysis.grouping import Grouping

# Looked at, evenly spaced: enough to tell clusters by.
_ROWS = 100_000
# Of the rows of either cluster, the share that both have (Jaccard): with less they are others.
_SAME = 0.5


def same_clusters(before: Analysis, after: Analysis) -> dict[int, int]:
    """The cluster of `before` that each cluster of `after` is, as far as there is one; 0-based.

    Both are about one table. Clusters are paired so that as many rows as possible stay together
    (Kuhn, 1955).
    """
    together = rows_together(before, after)
    sizes = np.add.outer(together.sum(axis=1), together.sum(axis=0))
    pairs = zip(*linear_sum_assignment(-together), strict=True)
    return {
        int(k): int(j)
        for k, j in pairs
        if together[k, j] >= _SAME * (sizes[k, j] - together[k, j]) > 0.0
    }


def merged_alike(before: Analysis, after: Analysis) -> Grouping | None:
    """The components of `after` combined as those of `before`, where these are the same.

    None where they are not, or none were combined.
    """
    if before.grouping is None:
        return None
    K, same = before.result.n_components, same_clusters(before.uncombined, after)
    if not len(same) == after.n_clusters == K:
        return None
    of = {old: k for k, old in same.items()}
    leads = [of[before.grouping.followed[same[k]]] for k in range(K)]
    return Grouping.led(leads, after.scaled.weights)


def rows_together(before: Analysis, after: Analysis) -> npt.NDArray[np.int64]:
    """How many rows each cluster of `after` has of each of `before`: (C after, C before).

    Of those in a cluster of both; of many rows, some that are evenly spaced.
    """
    n = before.dataset.n_rows
    rows = np.arange(0, n, -(-n // _ROWS))
    old, new = _labels(before, rows), _labels(after, rows)
    there = (old >= 0) & (new >= 0)
    shape = after.n_clusters, before.n_clusters
    places = new[there] * shape[1] + old[there]
    return np.bincount(places, minlength=shape[0] * shape[1]).reshape(shape)


def _labels(analysis: Analysis, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The clusters of rows of the table, -1 for those of none and those that were left out."""
    used = analysis.prepared.rows
    if len(used) == analysis.dataset.n_rows:  # all of them: nothing to look up
        return np.maximum(analysis.rows.label[rows], -1).astype(np.int64)
    at = np.minimum(np.searchsorted(used, rows), max(len(used) - 1, 0))
    found = np.where(used[at] == rows, analysis.rows.label[at], -1)
    return np.maximum(found, -1).astype(np.int64)
