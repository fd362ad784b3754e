"""Samples of the rows that stand for all of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gmmdesk.engine.arrays import FloatArray, IntArray
from gmmdesk.engine.density import score
from gmmdesk.engine.parallel import ChunkMap
from gmmdesk.engine.parameters import Parameters
from gmmdesk.engine.rows.frame import Frame
from gmmdesk.engine.rows.source import ArraySource, Source, take

# Among rows of so many numbers, chosen at random, the telling ones are looked for.
POOL_NUMBERS = 4_000_000
# So much farther from its component, squared, than expected, a row is as telling as it can be: a
# few typing errors would otherwise be all that there is to tell.
FARTHEST = 100.0


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Some rows of a frame: their indices, ascending, and them as a frame of their own."""

    rows: IntArray
    frame: Frame


def even_sample(
    frame: Frame, most: int, random: np.random.Generator, chunk_map: ChunkMap
) -> Sample:
    """So many rows at random, all with the same chance."""
    rows = np.sort(random.choice(frame.shape[0], most, replace=False))
    return _with_distinct(frame, rows, None, chunk_map)


def telling_sample(
    frame: Frame,
    mixture: Parameters,
    most: int,
    random: np.random.Generator,
    chunk_map: ChunkMap,
) -> Sample:
    """So many rows or some less, half of them for how badly `mixture` fits them.

    That is a mixture in the data's units. Each row counts by the inverse of its chance, so that
    sums over them are on average those over all rows; and a small cluster that the mixture misses
    is there in numbers. The sensitivities of Lucic, Faulkner, Krause and Feldman (2018), "Training
    Gaussian mixture models at scale via coresets", for one mixture that is roughly right.
    """
    n, d = frame.shape
    pool: IntArray = np.arange(n)
    source: Source = frame.source
    enough = max(most, POOL_NUMBERS // d)
    if n > enough:
        pool = np.sort(random.choice(n, enough, replace=False))
        source = ArraySource(take(source, pool))
    counts = np.ones(len(pool)) if frame.weights is None else frame.weights[pool]
    scores = score(mixture, source, chunk_map, missing=frame.gaps is not None)
    distances = scores.squared_distance
    telling = counts * np.clip(distances - scores.n_observed, 0.0, FARTHEST)
    chances = counts / counts.sum()
    if telling.any():
        chances = (chances + telling / telling.sum()) / 2.0
    chosen, shares = drawn(chances, most, random)
    weights = counts[chosen] * shares * (n / len(pool))
    return _with_distinct(frame, pool[chosen], weights, chunk_map)


def drawn(
    chances: FloatArray, most: int, random: np.random.Generator
) -> tuple[IntArray, FloatArray]:
    """So many rows or some less, each with a chance like one of `chances` (n,), which add to 1.

    Their indices, ascending, and for how many each stands: sums over them, so weighted, are on
    average those over all.
    """
    chances = np.minimum(most * chances, 1.0)
    # Systematic sampling: one random number, and no row twice.
    ends = np.cumsum(chances)
    chosen = np.searchsorted(ends, np.arange(random.random(), ends[-1], 1.0), side="right")
    return chosen, 1.0 / chances[chosen]


def _with_distinct(
    frame: Frame, rows: IntArray, weights: FloatArray | None, chunk_map: ChunkMap
) -> Sample:
    """A sample that has as many distinct rows as the frame knows: a start needs them."""
    sample = frame.sampled(rows, chunk_map, weights)
    if len(sample.distinct) == len(frame.distinct):
        return Sample(rows, sample)
    # Nearly all rows are copies of a few.
    more = np.setdiff1d(frame.distinct, rows)
    order = np.argsort(np.concatenate([rows, more]))
    rows = np.concatenate([rows, more])[order]
    if weights is not None:
        own = np.ones(len(more)) if frame.weights is None else frame.weights[more]
        weights = np.concatenate([weights, own])[order]
    return Sample(rows, frame.sampled(rows, chunk_map, weights))
