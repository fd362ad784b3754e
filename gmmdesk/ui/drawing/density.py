"""A picture of many rows: how many fall into each cell of the screen, and of which colours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage

from gmmdesk.ui.drawing.shading import CodeArray
from gmmdesk.ui.drawing.tiles import SingleArray, placed
from gmmdesk.ui.theme import Opacity

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
CellArray = npt.NDArray[np.int32]

# Rows at a time: numpy holds the interpreter for no longer than that takes, and sums of so many
# colours of 8 bits have 24.
_CHUNK = 1 << 16
_FIELD = float(1 << 24)
_AROUND = 4  # cells on every side that are looked at for company
_COMPANY = 3  # rows there, with which one is still a stray


class Points(Protocol):
    """Rows with a place; those near each other are best found in the same run."""

    def runs(self, region: QRectF, /) -> list[slice]:
        """Runs of rows that hold every row of a region."""
        ...

    def places(
        self, part: slice, region: QRectF, shape: tuple[int, int]
    ) -> tuple[FloatArray | SingleArray, FloatArray | SingleArray]:
        """Where rows are in a region, in `shape` (height, width) cells of it."""
        ...


class Codes(Protocol):
    """The codes of points, by their place."""

    def __getitem__(self, places: slice | IntArray | CellArray, /) -> CodeArray: ...


class Plain(NamedTuple):
    """Rows at x and y (n,) in any order."""

    x: FloatArray
    y: FloatArray

    def runs(self, _region: QRectF) -> list[slice]:
        return [slice(0, len(self.x))]

    def places(
        self, part: slice, region: QRectF, shape: tuple[int, int]
    ) -> tuple[FloatArray, FloatArray]:
        return placed(self.x[part], self.y[part], region, shape)


@dataclass(frozen=True, eq=False)
class Counted:
    """How many rows fall into each cell of a region, `counts` (height, width).

    `last` (height, width) is the place, among the points, of the last one in each cell, -1 where
    there is none. The first line is at the bottom.
    """

    region: QRectF  # in the axes' units, y upward
    counts: CellArray
    last: CellArray

    @cached_property
    def occupied(self) -> IntArray:
        """The cells that are not empty, line after line."""
        return np.flatnonzero(self.counts)

    @cached_property
    def strays(self) -> IntArray:
        """Places of rows with hardly any other in the cells around, which a picture would hide."""
        counts = self.counts
        total = np.zeros((counts.shape[0] + 1, counts.shape[1] + 1), np.int32)
        np.cumsum(np.cumsum(counts, axis=0, dtype=np.int32), axis=1, out=total[1:, 1:])
        few = self.occupied[counts.reshape(-1)[self.occupied] <= _COMPANY]
        lines, columns = np.divmod(few, counts.shape[1])
        low, high = np.maximum(lines - _AROUND, 0), np.minimum(lines + _AROUND + 1, len(counts))
        left = np.maximum(columns - _AROUND, 0)
        right = np.minimum(columns + _AROUND + 1, counts.shape[1])
        near = total[high, right] - total[low, right] - total[high, left] + total[low, left]
        lonely = near <= _COMPANY
        return self.last[lines[lonely], columns[lonely]].astype(np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """An image of a region of the map.

    `counts` (height, width) of its cells have their first line at the bottom; None in a picture of
    dots.
    """

    region: QRectF
    counts: CellArray | None
    image: QImage


def count(points: Points, region: QRectF, shape: tuple[int, int]) -> Counted:
    """Count the points in each of `shape` (height, width) cells.

    As in np.histogram2d, the last cells include their far edge.
    """
    counts, last = np.zeros(shape, np.int32), np.full(shape, -1, np.int32)
    flat_counts, flat_last = counts.reshape(-1), last.reshape(-1)
    for part, inside, cells in _chunks(points, region, shape):
        first = int(cells.min())
        found = np.bincount(cells - first)
        flat_counts[first : first + len(found)] += found
        place = np.arange(part.start, part.stop, dtype=np.int32)
        flat_last[cells] = place if inside is None else place[inside]
    return Counted(region, counts, last)


def paint(
    points: Points,
    counted: Counted,
    codes: Codes | None,
    inks: FloatArray,
    *,
    thinned: int = 1,
) -> QImage:
    """Mix the inks of each cell's rows; opacity grows with the logarithm of their number.

    So that one stray row is seen beside a crowd. `codes` of the points index `inks` (c, 3 or 4),
    whose fourth number, 0 or 1, says whether such rows are shown at all; without codes every point
    has the first. Where `thinned` is above 1, only one in so many rows tells of a cell's colours,
    which is quick and hardly different.
    """
    occupied, shape = counted.occupied, counted.counts.shape
    counts = counted.counts.reshape(-1)[occupied]
    if codes is None:
        colors = np.broadcast_to(np.rint(255.0 * inks[0, :3]).astype(np.float32), (len(counts), 3))
        return _image(shape, occupied, counts, colors.T)
    shown = inks[:, 3] > 0.0 if inks.shape[1] == 4 else np.ones(len(inks), bool)
    packed = np.rint(255.0 * inks[:, :3]) * shown[:, None]
    # Two numbers of 24 bits in one of 53: half as many passes.
    pairs = (packed[:, 0] + _FIELD * packed[:, 1], packed[:, 2] + _FIELD * shown)
    sums = np.zeros((4, shape[0] * shape[1]), np.float32)
    for part, inside, cells in _chunks(points, counted.region, shape, thinned):
        of_rows = codes[part] if inside is None else codes[part][inside]
        first = int(cells.min())
        near = cells - first
        for at, pair in enumerate(pairs):
            mixed = np.bincount(near, weights=pair[of_rows])
            high = np.floor(mixed * (1.0 / _FIELD))
            window = slice(first, first + len(mixed))
            sums[2 * at, window] += mixed - _FIELD * high
            sums[2 * at + 1, window] += high
    red, green, blue, n_seen = sums[:, occupied]
    if thinned > 1:
        unseen = np.flatnonzero(n_seen == 0.0)
        of_last = codes[counted.last.reshape(-1)[occupied[unseen]]]
        n_seen[unseen] = shown[of_last]
        for plane, ink in zip((red, green, blue), packed.T, strict=True):
            plane[unseen] = ink[of_last]
    if not shown.all():
        counts = np.where(n_seen > 0, counts if thinned > 1 else n_seen, 0).astype(np.int32)
    np.maximum(n_seen, 1.0, out=n_seen)
    return _image(shape, occupied, counts, (red / n_seen, green / n_seen, blue / n_seen))


def draw(
    x: FloatArray,
    y: FloatArray,
    region: QRectF,
    shape: tuple[int, int],
    *,
    codes: CodeArray | None,
    inks: FloatArray,
) -> Picture:
    """A picture of points at x and y (n,) in any order."""
    points = Plain(x, y)
    counted = count(points, region, shape)
    return Picture(region, counted.counts, paint(points, counted, codes, inks))


def _chunks(
    points: Points, region: QRectF, shape: tuple[int, int], step: int = 1
) -> Iterator[tuple[slice, npt.NDArray[np.bool_] | None, CellArray]]:
    """Parts of the points, which of them lie inside (None: all), and the cells of these."""
    height, width = shape
    for part in _parts(points.runs(region), step):
        column, line = points.places(part, region, shape)
        inside: npt.NDArray[np.bool_] | None = None
        if not _all_within(column, width) or not _all_within(line, height):
            inside = (column >= 0) & (column <= width) & (line >= 0) & (line <= height)
            column, line = column[inside], line[inside]
        if not len(column):
            continue
        cells = np.minimum(line.astype(np.int32), height - 1)
        cells *= width
        cells += np.minimum(column.astype(np.int32), width - 1)
        yield part, inside, cells


def _all_within(values: FloatArray | SingleArray, end: int) -> bool:
    return bool(values.min() >= 0 and values.max() <= end)  # False where one is nan


def _parts(runs: Iterable[slice], step: int) -> Iterator[slice]:
    for run in runs:
        for start in range(run.start, run.stop, step * _CHUNK):
            yield slice(start, min(start + step * _CHUNK, run.stop), step)


def _image(
    shape: tuple[int, int],
    occupied: IntArray,
    counts: CellArray,
    colors: Iterable[npt.NDArray[np.float32]],
) -> QImage:
    """Cells as pixels, the bottom row last as the screen has it, colours 0..255 times opacity."""
    height, width = shape
    fullest = int(counts.max(initial=0))
    # Logarithms of the few counts there can be, not of every cell.
    steps = np.log1p(np.arange(fullest + 1)) / np.log1p(max(fullest, 1))
    opacities = Opacity.SINGLE + (1.0 - Opacity.SINGLE) * steps
    opacities[0] = 0.0
    opacity = opacities.astype(np.float32)[counts]
    values = (255.0 * opacity + 0.5).astype(np.uint32) << 24
    for shift, plane in zip((16, 8, 0), colors, strict=True):
        values |= (opacity * plane + 0.5).astype(np.uint32) << shift
    pixels = np.zeros(shape, np.uint32)
    pixels.reshape(-1)[occupied] = values
    pixels = np.ascontiguousarray(pixels[::-1])
    # The copy owns its pixels.
    return QImage(
        pixels.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied
    ).copy()
