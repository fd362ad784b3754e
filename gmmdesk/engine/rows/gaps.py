"""Rows some of whose cells are missing, sorted by which they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gmmdesk.engine.arrays import AnyArray, FloatArray, IntArray
from gmmdesk.engine.parallel import ChunkMap
from gmmdesk.engine.rows.source import passes
from gmmdesk.errors import FitError

BoolArray = npt.NDArray[np.bool_]

# Cells of a group, and numbers in a matrix of all columns for each of its patterns, at most.
GROUP_CELLS = 2**15
GROUP_MATRICES = 2**13
# Rows of a pattern that one group takes in any case: with fewer, matrix products are slow.
GROUP_ROWS = 128
# A group takes in patterns of down to this share of the rows of its largest one.
FULL = 0.5

# Whether cells (True) hold something, for a run of rows: (m, d).
ReadObserved = Callable[[slice], BoolArray]
# The values of a run of rows (m, d); those of missing cells do not matter.
ReadValues = Callable[[slice], AnyArray]


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Rows of B patterns at once, up to m of each, so that many small patterns are one big step.

    `observed` (B, d) tells which columns a pattern has. `rows` (B, m) are row numbers and `z`
    (B, d, m) the rows themselves, 0 where a cell is missing. `counts` (B, m) are the rows' weights,
    0 where a pattern has fewer rows; there `rows` repeats some row and `z` is 0.
    """

    observed: BoolArray
    rows: IntArray
    counts: FloatArray
    z: FloatArray


def group_rows(
    shape: tuple[int, int],
    observed: ReadObserved,
    values: ReadValues,
    weights: FloatArray | None,
    chunk_map: ChunkMap,
) -> tuple[Group, ...]:
    """The n rows of d columns sorted into groups, which hold a copy of them.

    The order depends on the patterns alone, not on the number of threads.
    """
    n, d = shape
    runs = passes(n, d)
    patterns, pattern_of = _patterns(n, d, observed, runs, chunk_map)
    order = np.argsort(pattern_of, kind="stable")
    sizes = np.bincount(pattern_of, minlength=len(patterns))
    begins = np.cumsum(sizes) - sizes

    most = max(GROUP_ROWS, GROUP_CELLS // d)
    parts = -(-sizes // most)
    part_pattern = np.repeat(np.arange(len(patterns)), parts)
    within = np.arange(len(part_pattern)) - np.repeat(np.cumsum(parts) - parts, parts)
    part_begins = begins[part_pattern] + within * most
    part_sizes = np.minimum(sizes[part_pattern] - within * most, most)
    largest_first = np.argsort(-part_sizes, kind="stable")

    groups = []
    # Where in `cells` those of a row are put: the first, and how far apart.
    place, stride = np.empty(n, np.int64), np.empty(n, np.int64)
    cells = np.zeros(_padded(part_sizes[largest_first], d) * d)
    at = 0
    for together in _together(part_sizes[largest_first], d):
        chosen = largest_first[together]
        B, m = len(chosen), int(part_sizes[chosen[0]])
        columns = np.arange(m)
        real = columns < part_sizes[chosen][:, None]
        rows = order[part_begins[chosen][:, None] + np.where(real, columns, 0)]
        counts = real.astype(np.float64) if weights is None else weights[rows] * real
        place[rows[real]] = at + (np.arange(B)[:, None] * d * m + columns)[real]
        stride[rows[real]] = m
        z = cells[at : at + B * d * m].reshape(B, d, m)
        groups.append(Group(patterns[part_pattern[chosen]], rows, counts, z))
        at += B * d * m

    def put(run: slice) -> None:
        x = np.where(observed(run), values(run), 0.0)
        cells[place[run][:, None] + stride[run][:, None] * np.arange(d)] = x

    for _ in chunk_map(put, runs):
        pass
    return tuple(groups)


def _together(sizes: IntArray, d: int) -> Sequence[slice]:
    """Which parts of patterns, of descending `sizes`, make a group: runs of them."""
    found, start = [], 0
    while start < len(sizes):
        most = max(1, min(GROUP_CELLS // (d * int(sizes[start])), GROUP_MATRICES // d**2))
        # Ascending after the change of sign.
        similar = int(np.searchsorted(-sizes, -FULL * sizes[start], side="right"))
        stop = min(start + most, similar)
        found.append(slice(start, stop))
        start = stop
    return found


def _padded(sizes: IntArray, d: int) -> int:
    """Rows that all groups have room for."""
    return sum((run.stop - run.start) * int(sizes[run.start]) for run in _together(sizes, d))


def _patterns(
    n: int, d: int, observed: ReadObserved, runs: Sequence[slice], chunk_map: ChunkMap
) -> tuple[BoolArray, IntArray]:
    """The patterns that there are, (P, d), and that of each row, (n,)."""
    words = np.zeros((n, -(-d // 64)), np.uint64)
    octets = words.view(np.uint8)

    def pack(run: slice) -> None:
        packed = np.packbits(observed(run), axis=1)
        octets[run, : packed.shape[1]] = packed

    for _ in chunk_map(pack, runs):
        pass
    pattern_of = np.zeros(n, np.int64)
    for word in words.T:
        _, part = np.unique(word, return_inverse=True)
        _, first, pattern_of = np.unique(
            pattern_of * (int(part.max()) + 1) + part, return_index=True, return_inverse=True
        )
    patterns = np.unpackbits(octets[first], axis=1, count=d).astype(np.bool_)
    return patterns, pattern_of


def refuse_unusable(part: AnyArray, start: int) -> BoolArray:
    """The cells of `part`, rows from `start` on, that hold something, (m, d).

    Raises FitError naming the first cell that is infinite, or row that has nothing at all.
    """
    observed = ~np.isnan(part)
    infinite = np.isinf(part)
    if infinite.any():
        row, column = np.argwhere(infinite)[0]
        raise FitError(
            f"{{rows}}, {{column}} is {part[row, column]}.",
            "Leave out rows with infinite values.",
            int(column),
            np.array([start + row]),
        )
    empty = ~observed.any(axis=1)
    if empty.any():
        raise FitError(
            "{rows} has no value in any column.",
            "Leave out rows of which nothing is known.",
            rows=np.array([start + int(np.argmax(empty))]),
        )
    return observed
