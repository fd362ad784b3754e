"""Starts: which rows begin in which component."""

from __future__ import annotations

import math

import numpy as np

from gmmdesk.engine.arrays import FloatArray, IntArray
from gmmdesk.engine.parallel import ChunkMap
from gmmdesk.engine.rows.source import chunks, distinct, passes

LLOYD_STEPS = 5


def stream(seed: int, *purpose: int) -> np.random.Generator:
    """A random stream of its own for each purpose.

    0 is for the sample of the short runs, (0, 0) for the one of the finalists, (0, 1) for moves,
    (0, 2, i) for half i of the rows, (0, 3, i) for rows made up, (0, 4) for the component that a
    row is drawn to, (0, 7, i) for start i of k-means, 1 + r for restart r. With seed 0 whatever the
    user's, (0, 5, n, d) and (0, 6, n) are for draws of n rows that shapes are compared with, and
    (0, 6, d) for orders of d columns.
    """
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=purpose))


def start_labels(
    Z: FloatArray, n_components: int, restart: int, seed: int, chunk_map: ChunkMap
) -> IntArray:
    """Labels (n,) for one restart, from rows Z (n, d) on comparable scales, best column-major.

    Even restarts choose centres by k-means++ and take a few steps of k-means, odd ones choose
    distinct rows at random. Every component gets a row, if Z has as many.
    """
    random = stream(seed, 1 + restart)
    choose = (plus_plus, distinct_rows)[restart % 2]
    chosen = choose(Z, n_components, random, chunk_map)
    if len(chosen) < n_components:  # the others differ by rounding errors, if at all
        others = np.setdiff1d(np.arange(len(Z)), chosen)
        more = random.choice(others, n_components - len(chosen), replace=False)
        chosen = np.concatenate([chosen, more])
    labels = _nearest(Z, Z[chosen], chunk_map)
    labels[chosen] = np.arange(n_components)
    if choose is plus_plus:
        for _ in range(LLOYD_STEPS):
            sizes = np.bincount(labels, minlength=n_components)
            sums = np.stack([np.bincount(labels, z, n_components) for z in Z.T], axis=1)
            moved = _nearest(Z, sums / sizes[:, None], chunk_map)
            if not np.bincount(moved, minlength=n_components).all():
                break
            labels = moved
    return labels


def plus_plus(
    Z: FloatArray, n_components: int, random: np.random.Generator, chunk_map: ChunkMap
) -> IntArray:
    """Rows chosen by greedy k-means++ (Arthur and Vassilvitskii, 2007), indices (K,).

    Each next row is the best of 2 + ln K drawn with probability proportional to the squared
    distance from those already chosen, so none is chosen twice; fewer than K where the others
    have no distance from them.
    """
    n = len(Z)
    chosen = [int(random.integers(n))]
    nearest = squared_distances(Z, Z[chosen], chunk_map)[0]
    while len(chosen) < n_components and nearest.sum() > np.finfo(np.float64).tiny:
        drawn = random.choice(n, size=2 + int(math.log(n_components)), p=nearest / nearest.sum())
        trials = np.minimum(nearest, squared_distances(Z, Z[drawn], chunk_map))
        best = int(np.argmin(trials.sum(axis=1)))
        chosen.append(int(drawn[best]))
        nearest = trials[best]
    return np.array(chosen)


def distinct_rows(
    Z: FloatArray, n_components: int, random: np.random.Generator, chunk_map: ChunkMap
) -> IntArray:
    """Rows of distinct values chosen at random, indices (K,); fewer where there are fewer."""
    order = random.permutation(len(Z))
    runs = chunks(len(Z), 1024)
    first = distinct(lambda run: Z[order[run]], runs, n_components, chunk_map)
    return np.asarray(order[first])


def _nearest(Z: FloatArray, centers: FloatArray, chunk_map: ChunkMap) -> IntArray:
    """The nearest of `centers` (K, d) for each row, (n,)."""
    return np.asarray(squared_distances(Z, centers, chunk_map).argmin(axis=0))


def squared_distances(Z: FloatArray, centers: FloatArray, chunk_map: ChunkMap) -> FloatArray:
    """From `centers` (K, d) to each row of Z (n, d): (K, n).

    By the differences themselves: expanded into products, the squares of a far row's coordinates
    would leave nothing of the distances between the others.
    """
    n, d = Z.shape

    def part(run: slice) -> FloatArray:
        differences = (Z[run].T - center[:, None] for center in centers)
        return np.stack([np.einsum("dm,dm->m", y, y) for y in differences])

    return np.concatenate(list(chunk_map(part, passes(n, d))), axis=1)
