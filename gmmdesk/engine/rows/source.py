"""Where rows come from: anything that has a shape and hands out runs of rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from gmmdesk.engine.arrays import AnyArray, FloatArray, IntArray
from gmmdesk.engine.parallel import ChunkMap
from gmmdesk.errors import FitError

# Rows between two that are wanted, more of which are not worth reading on the way.
SKIPPED_ROWS = 256

REAL = "Give an array of real numbers."


@runtime_checkable
class Source(Protocol):
    """A matrix of n rows and d columns that is read in runs of rows, from any thread."""

    @property
    def shape(self) -> tuple[int, int]:
        """(n, d)"""

    def rows(self, start: int, stop: int) -> AnyArray:
        """Rows start..stop-1 as an (stop - start, d) array of real numbers; never written to."""


def real_numbers(values: npt.ArrayLike, what: str) -> AnyArray:
    """`values` as an array of real numbers; `what` says in an error what they are: "The data are".

    Raises FitError for anything that would have to lose something on the way: text, dates,
    imaginary parts, masks, lists of different lengths.
    """
    try:
        array = np.asarray(values)
        if array.dtype == np.object_:
            array = array.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise FitError(f"{what} no array of numbers: {error}.", REAL) from error
    if array.dtype.kind not in "fiub":
        raise FitError(f"{what} of type {array.dtype}, not numbers.", REAL)
    if np.ma.is_masked(values):
        raise FitError(f"{what} masked in part.", "Leave out rows with masked values.")
    return array


def refuse_infinite(part: AnyArray, start: int) -> None:
    """Raise FitError naming the first cell of `part`, rows from `start` on, that is not finite."""
    finite = np.isfinite(part)
    if not finite.all():
        row, column = np.argwhere(~finite)[0]
        raise FitError(
            f"{{rows}}, {{column}} is {part[row, column]}.",
            "Leave out rows with missing or infinite values"
            + (', or fit with missing="em".' if np.isnan(part[row, column]) else "."),
            int(column),
            np.array([start + row]),
        )


class ArraySource:
    """A Source over an (n, d) array in either memory order, which is not copied.

    Raises FitError when `X` is no two-dimensional array of real numbers.
    """

    def __init__(self, X: npt.ArrayLike) -> None:
        array = real_numbers(X, "The data are")
        if array.ndim != 2 or 0 in array.shape:
            raise FitError(
                f"The data have the shape {array.shape}.",
                "Give an array of at least one row and one column, (n, d).",
            )
        self._array = array

    @property
    def shape(self) -> tuple[int, int]:
        n, d = self._array.shape
        return n, d

    def rows(self, start: int, stop: int) -> AnyArray:
        return self._array[start:stop]


class SelectedSource:
    """Some rows of another source, by ascending indices; read as they are asked for."""

    def __init__(self, source: Source, rows: IntArray) -> None:
        self._source = source
        self._rows = rows

    @property
    def shape(self) -> tuple[int, int]:
        return len(self._rows), self._source.shape[1]

    def rows(self, start: int, stop: int) -> AnyArray:
        wanted = self._rows[start:stop]
        runs = np.split(wanted, np.flatnonzero(np.diff(wanted) > SKIPPED_ROWS) + 1)
        read = [self._source.rows(run[0], run[-1] + 1)[run - run[0]] for run in runs]
        return read[0] if len(read) == 1 else np.concatenate(read)


def as_source(X: Source | npt.ArrayLike) -> Source:
    """`X` itself when it is a Source, else an ArraySource over it."""
    # An ndarray has a shape but no `rows`, so it is never taken for a Source.
    return X if isinstance(X, Source) else ArraySource(X)


def chunks(n: int, size: int) -> Sequence[slice]:
    """Runs of `size` rows that cover 0..n-1, the last one shorter."""
    return [slice(start, min(start + size, n)) for start in range(0, n, size)]


def passes(n: int, d: int) -> Sequence[slice]:
    """Runs of rows (n, d) that a pass reads: so long that calls cost little, few enough to hold."""
    return chunks(n, max(256, 2**17 // d))


def take(source: Source, rows: IntArray) -> FloatArray:
    """The given rows (sorted indices) of `source` as an array of its own, (len(rows), d)."""
    n, d = source.shape
    taken = np.empty((len(rows), d))
    for chunk in passes(n, d):
        low, high = np.searchsorted(rows, (chunk.start, chunk.stop))
        if low < high:
            part = source.rows(chunk.start, chunk.stop)
            taken[low:high] = part[rows[low:high] - chunk.start]
    return taken


def evenly_spaced(X: Source | npt.ArrayLike, most: int) -> ArraySource:
    """At most so many rows of X (n, d), from the first on, equally far from each other."""
    source = as_source(X)
    n = source.shape[0]
    return ArraySource(take(source, np.arange(0, n, -(-n // most))))


def distinct(
    read: Callable[[slice], AnyArray], runs: Sequence[slice], enough: int, chunk_map: ChunkMap
) -> IntArray:
    """The first rows that differ from all before them: indices, at most `enough` of them.

    `read` gives the rows of one of the consecutive `runs`, (m, d).
    """

    def first(run: slice) -> tuple[IntArray, FloatArray]:
        part = np.asarray(read(run), dtype=np.float64)
        rows = _first_distinct(part, enough)
        return run.start + rows, part[rows]

    found: IntArray = np.empty(0, np.int64)
    seen: FloatArray | None = None
    for rows, values in chunk_map(first, runs):
        seen = values if seen is None else np.concatenate([seen, values])
        new = _first_distinct(seen, enough)
        found, seen = np.concatenate([found, rows])[new], seen[new]
        if len(found) == enough:
            break
    return found


def _first_distinct(rows: FloatArray, enough: int) -> IntArray:
    """`distinct` for rows (m, d) in memory: as many passes over them as there are to be found."""
    found: list[int] = []
    left = np.arange(len(rows))
    while len(left) and len(found) < enough:
        found.append(left[0])
        left = left[(rows[left] != rows[left[0]]).any(axis=1)]
    return np.array(found)
