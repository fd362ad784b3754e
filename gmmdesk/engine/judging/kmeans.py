"""k-means, to compare with."""

from __future__ import annotations

import numpy as np

from gmmdesk.engine.arrays import FloatArray, IntArray
from gmmdesk.engine.parallel import ChunkMap, running
from gmmdesk.engine.starts.seeding import plus_plus, squared_distances, stream

STARTS = 10
_MOST_STEPS = 300


def k_means(
    Z: FloatArray, n_clusters: int, seed: int = 0, chunk_map: ChunkMap | None = None
) -> tuple[IntArray, FloatArray]:
    """The labels (n,) and centres (K, d) of the best of STARTS runs of Lloyd's algorithm.

    Lloyd (1982), from centres by k-means++ (Arthur and Vassilvitskii, 2007): the one that leaves
    the smallest sum of squared distances. Z is (n, d), its columns on comparable scales. A centre
    that loses all its rows stays where it was.
    """
    best: tuple[float, IntArray, FloatArray] | None = None
    with running(chunk_map) as run:
        for start in range(STARTS):
            chosen = plus_plus(Z, n_clusters, stream(seed, 0, 7, start), run)
            found = _lloyd(Z, Z[chosen].copy(), run)
            if best is None or found[0] < best[0]:
                best = found
    assert best is not None
    return best[1], best[2]


def _lloyd(
    Z: FloatArray, centers: FloatArray, chunk_map: ChunkMap
) -> tuple[float, IntArray, FloatArray]:
    labels = np.full(len(Z), -1)
    for _ in range(_MOST_STEPS):
        squares = squared_distances(Z, centers, chunk_map)
        moved = squares.argmin(axis=0)
        if np.array_equal(moved, labels):
            break
        labels = moved
        sizes = np.bincount(labels, minlength=len(centers))
        there = sizes > 0
        for j, z in enumerate(Z.T):
            sums = np.bincount(labels, z, len(centers))
            centers[there, j] = sums[there] / sizes[there]
    return float(squares.min(axis=0).sum()), np.asarray(labels), centers
