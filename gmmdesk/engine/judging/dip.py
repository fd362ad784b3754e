"""Whether numbers lie in one heap or in several: the dip test.

Hartigan and Hartigan (1985), The dip test of unimodality.
"""

from __future__ import annotations

import math

import numpy as np

from gmmdesk.engine.arrays import FloatArray, IntArray

# sqrt(n) times the dip that one in a hundred samples of n evenly spread numbers exceeds: of all
# that have one heap these are the most likely to (their section 5). Simulated.
_N = (10, 20, 50, 100, 200, 500, 1000, 2000)
_EXCEEDED = (0.503, 0.538, 0.571, 0.589, 0.606, 0.612, 0.618, 0.624)


def dip(x: FloatArray) -> float:
    """The largest distance of the distribution of x (n,) from the nearest that has one heap.

    From 1 / (2 n), where x has one, to 1/4. With a convex minorant up to the heap and a concave
    majorant behind it, the heap is narrowed down until nothing is left to gain (their section 4).
    """
    at, counts = np.unique(np.asarray(x, np.float64), return_counts=True)
    above = np.cumsum(counts).astype(np.float64)
    below = above - counts
    low, high, found = 0, len(at) - 1, 1.0
    while True:
        heap = slice(low, high + 1)
        convex = low + _lower_hull(at[heap], below[heap])
        concave = low + _lower_hull(at[heap], -above[heap])
        minorant = np.interp(at, at[convex], below[convex])
        majorant = np.interp(at, at[concave], above[concave])
        corners = np.union1d(convex, concave)
        apart = (majorant - minorant)[corners]
        widest = int(corners[apart.argmax()])
        if apart.max() <= found:
            break
        left = int(convex[np.searchsorted(convex, widest, "right") - 1])
        right = int(concave[np.searchsorted(concave, widest)])
        off = int(left < right)  # where the heap is a single number, it may hold many
        before, behind = slice(low, left + off), slice(right + 1 - off, high + 1)
        found = max(
            float((above - minorant)[before].max(initial=found)),
            float((majorant - below)[behind].max(initial=found)),
        )
        if (left, right) == (low, high):
            break
        low, high = left, right
    return found / (2.0 * float(above[-1]))


def has_gap(x: FloatArray) -> bool:
    """Whether x (n,) lies in more than one heap: by chance in at most one of a hundred samples.

    Numbers that are equal because they are rounded are spread first: each would be a heap.
    """
    x = _spread(x)
    return len(x) >= _N[0] and dip(x) > _exceeded(len(x))


def can_show_gap(fewer: int, more: int) -> bool:
    """Whether two heaps of so many numbers could pass for several: the dip is half the share of the
    smaller one at most.
    """
    n = fewer + more
    return n >= _N[0] and fewer / (2.0 * n) > _exceeded(n)


def _exceeded(n: int) -> float:
    """The dip that one in a hundred samples of n evenly spread numbers exceeds."""
    return float(np.interp(math.log(n), np.log(_N), _EXCEEDED)) / math.sqrt(n)


def _spread(x: FloatArray) -> FloatArray:
    """x (n,) where equal numbers are spread evenly, as far as distinct ones lie apart mostly."""
    at, counts = np.unique(x, return_counts=True)
    if len(at) < 2 or len(at) == len(x):
        return x
    unit = float(np.median(np.diff(at)))
    first = np.repeat(np.cumsum(counts) - counts, counts)
    many = np.repeat(counts, counts)
    place = (np.arange(len(x)) - first + 0.5) / many - 0.5
    return np.asarray(np.repeat(at, counts) + unit * place)


def _lower_hull(x: FloatArray, y: FloatArray) -> IntArray:
    """The corners of the largest convex function below the points, by rising x (Andrew, 1979)."""
    hull: list[int] = []
    points = list(zip(x.tolist(), y.tolist(), strict=True))
    for i, (xi, yi) in enumerate(points):
        while len(hull) > 1:
            (xa, ya), (xb, yb) = points[hull[-2]], points[hull[-1]]
            if (yb - ya) * (xi - xb) < (yi - yb) * (xb - xa):
                break
            hull.pop()
        hull.append(i)
    return np.array(hull)
