"""Starts: which rows begin in which component."""

from __future__ import annotations

import math

import numpy as np

from gmmdesk.engine.arrays import FloatArray, IntArray

LLOYD_STEPS = 5


def stream(seed: int, purpose: int) -> np.random.Generator:
    """A random stream of its own for each purpose: 0 for the sample, 1 + r for restart r."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(purpose,)))


def start_labels(Z: FloatArray, n_components: int, restart: int, seed: int) -> IntArray:
    """Labels (n,) for one restart, from rows Z (n, d) on comparable scales.

    Even restarts choose centres by k-means++ and take a few steps of k-means, odd ones choose
    distinct rows at random. Z must have at least `n_components` distinct rows.
    """
    random = stream(seed, 1 + restart)
    choose = (plus_plus, distinct_rows)[restart % 2]
    labels = _nearest(Z, Z[choose(Z, n_components, random)])
    if choose is plus_plus:
        for _ in range(LLOYD_STEPS):
            sizes = np.bincount(labels, minlength=n_components)
            sums = np.stack([np.bincount(labels, z, n_components) for z in Z.T], axis=1)
            moved = _nearest(Z, sums / sizes[:, None])
            if not np.bincount(moved, minlength=n_components).all():
                break
            labels = moved
    return labels


def plus_plus(Z: FloatArray, n_components: int, random: np.random.Generator) -> IntArray:
    """Rows chosen by greedy k-means++ (Arthur and Vassilvitskii, 2007), indices (K,).

    Each next row is the best of 2 + ln K drawn with probability proportional to the squared
    distance from those already chosen, so none is chosen twice.
    """
    n = len(Z)
    chosen = [int(random.integers(n))]
    nearest = ((Z - Z[chosen[0]]) ** 2).sum(axis=1)
    for _ in range(n_components - 1):
        drawn = random.choice(n, size=2 + int(math.log(n_components)), p=nearest / nearest.sum())
        trials = [np.minimum(nearest, ((Z - Z[row]) ** 2).sum(axis=1)) for row in drawn]
        best = int(np.argmin([trial.sum() for trial in trials]))
        chosen.append(int(drawn[best]))
        nearest = trials[best]
    return np.array(chosen)


def distinct_rows(Z: FloatArray, n_components: int, random: np.random.Generator) -> IntArray:
    """Rows of distinct values chosen at random, indices (K,)."""
    chosen: list[int] = []
    values: set[tuple[float, ...]] = set()
    for row in random.permutation(len(Z)):
        value = tuple(Z[row].tolist())
        if value not in values:
            values.add(value)
            chosen.append(int(row))
            if len(chosen) == n_components:
                break
    return np.array(chosen)


def _nearest(Z: FloatArray, centers: FloatArray) -> IntArray:
    """The nearest of `centers` (K, d) for each row, (n,)."""
    distances = (centers**2).sum(axis=1)[:, None] - 2.0 * (centers @ Z.T)
    return np.asarray(distances.argmin(axis=0))
