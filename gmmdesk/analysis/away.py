"""How far selected rows are from each cluster, and in which columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gmmdesk.analysis.analysis import Analysis
from gmmdesk.analysis.selected import used_places
from gmmdesk.data.dataset import FloatArray, IntArray
from gmmdesk.data.row_set import RowSet
from gmmdesk.engine.density import squared_distances

MOST_ROWS = 20_000  # that are looked at; of more, evenly spaced ones


@dataclass(frozen=True, slots=True, eq=False)
class Away:
    """Distances of `n_rows` to K clusters, in their own spreads.

    `distances` (K,) are medians of Mahalanobis distances over the rows without gaps, nan where
    there are none, from the nearest component of a cluster that is made of several; `sizes` (K,)
    count the rows of each cluster. `by_column` (d, K) is how far the mean of the rows lies from a
    cluster's, in standard deviations of that cluster, above or below.
    """

    n_rows: int
    distances: FloatArray
    sizes: IntArray
    columns: tuple[str, ...]
    by_column: FloatArray


def away(analysis: Analysis, selected: RowSet) -> Away | None:
    """How far the selected rows are from each cluster; None where none of them is used."""
    places = np.flatnonzero(used_places(selected, analysis.prepared))
    if not len(places):
        return None
    n_rows, labels = len(places), analysis.rows.label[places]
    if len(places) > MOST_ROWS:
        places = places[np.linspace(0, len(places) - 1, MOST_ROWS).astype(np.int64)]
    X, mixture, grouping = (
        analysis.prepared.X[places],
        analysis.scaled.parameters,
        analysis.grouping,
    )
    clusters = analysis.scaled_clusters
    K, d = clusters.means.shape
    complete = X[~np.isnan(X).any(axis=1)]
    distances = np.full(K, np.nan)
    for k in range(K if len(complete) else 0):
        parts = (k,) if grouping is None else grouping.parts(k)
        squares = [squared_distances(mixture, part, complete) for part in parts]
        distances[k] = np.median(np.sqrt(np.min(squares, axis=0)))
    there = ~np.isnan(X)
    n_there = there.sum(axis=0)
    sums = np.where(there, X, 0.0).sum(axis=0)
    means = np.divide(sums, n_there, out=np.full(d, np.nan), where=n_there > 0)
    spreads = np.sqrt(clusters.covariances[:, np.arange(d), np.arange(d)])
    return Away(
        n_rows=n_rows,
        distances=distances,
        sizes=np.bincount(labels[labels >= 0], minlength=K),
        columns=analysis.prepared.columns,
        by_column=((means - clusters.means) / spreads).T,
    )
