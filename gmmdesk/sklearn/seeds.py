"""Where EM begins: the four choices of `init_params`, with scikit-learn's own draws."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from sklearn.cluster import KMeans, kmeans_plusplus

from gmmdesk.engine.arrays import AnyArray, FloatArray, IntArray
from gmmdesk.engine.rows.statistics import Statistics
from gmmdesk.sklearn.rows import Rows

Seed = Callable[[Rows, AnyArray, int, np.random.RandomState], Statistics]


def _kmeans(rows: Rows, X: AnyArray, K: int, random_state: np.random.RandomState) -> Statistics:
    """Every row belongs to its cluster of k-means."""
    labels = KMeans(K, n_init=1, random_state=random_state).fit(X).labels_
    components = np.arange(K)[:, None]

    def read(part: slice | IntArray, out: FloatArray) -> None:
        np.equal(labels[part], components, out=out, casting="unsafe")

    return rows.measured(read)


def _random(rows: Rows, X: AnyArray, K: int, random_state: np.random.RandomState) -> Statistics:
    """Every row belongs to all components, with uniform random responsibilities."""
    responsibilities = random_state.uniform(size=(len(X), K)).astype(X.dtype)
    responsibilities /= responsibilities.sum(axis=1, keepdims=True)

    def read(part: slice | IntArray, out: FloatArray) -> None:
        out[...] = responsibilities[part].T

    return rows.measured(read)


def _random_from_data(
    rows: Rows, X: AnyArray, K: int, random_state: np.random.RandomState
) -> Statistics:
    """Each component is one row, chosen at random."""
    return rows.single(random_state.choice(len(X), size=K, replace=False))


def _kmeans_plus_plus(
    rows: Rows, X: AnyArray, K: int, random_state: np.random.RandomState
) -> Statistics:
    """Each component is one row, chosen far from the others (Arthur and Vassilvitskii, 2007)."""
    return rows.single(kmeans_plusplus(X, K, random_state=random_state)[1])


SEEDS: dict[str, Seed] = {
    "kmeans": _kmeans,
    "k-means++": _kmeans_plus_plus,
    "random": _random,
    "random_from_data": _random_from_data,
}
# What k-means of scikit-learn is needed for is not there for arrays of other libraries.
ARRAY_API_SEEDS = ["random", "random_from_data"]
