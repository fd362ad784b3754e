"""A picture of many rows: how many fall into each cell of the screen, and of which colours.

What is counted is kept apart from how it is coloured: other colours need no other count.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage
from scipy.sparse import coo_array, csr_array

from gmmdesk.ui.drawing.shading import CodeArray
from gmmdesk.ui.drawing.tiles import AnyArray, Countable, Loose, parts
from gmmdesk.ui.theme import Opacity

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
CellArray = npt.NDArray[np.int32]

_AROUND = 4  # cells on every side that are looked at for company
_COMPANY = 3  # rows there, with which one is still a stray


class Codes(Protocol):
    """The codes of points, by their place."""

    def __getitem__(self, places: slice | IntArray | CellArray, /) -> CodeArray: ...


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
class Composition:
    """Of which codes the rows of each cell are.

    `shares` (m, c) are the counts of codes in the m occupied cells of `counted`, of all their rows
    or of some.
    """

    counted: Counted
    shares: csr_array

    def paint(self, inks: FloatArray) -> QImage:
        """Mix the inks of each cell's rows; opacity grows with the logarithm of their number.

        So that one stray row is seen beside a crowd. Of `inks` (c, 3 or 4) the fourth number, 0 or
        1, says whether such rows are shown at all.
        """
        counted = self.counted
        shown = inks[:, 3] > 0.0 if inks.shape[1] == 4 else np.ones(len(inks), bool)
        planes = np.column_stack([np.rint(255.0 * inks[:, :3]) * shown[:, None], shown])
        red, green, blue, n_seen = (self.shares @ planes.astype(np.float32)).T
        counts = counted.counts.reshape(-1)[counted.occupied]
        if not shown.all():
            n_known = self.shares @ np.ones(len(inks), np.float32)
            counts = np.rint(counts * (n_seen / n_known)).astype(np.int32)
            np.maximum(counts, n_seen > 0.0, out=counts)
        n_seen = np.maximum(n_seen, 1.0)
        colors = (red / n_seen, green / n_seen, blue / n_seen)
        return _image(counted.counts.shape, counted.occupied, counts, colors)


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """An image of a region of the map.

    `counts` (height, width) of its cells have their first line at the bottom; None in a picture of
    dots.
    """

    region: QRectF
    counts: CellArray | None
    image: QImage


def count(points: Countable, region: QRectF, shape: tuple[int, int]) -> Counted:
    """Count the points in each of `shape` (height, width) cells.

    As in np.histogram2d, the last cells include their far edge.
    """
    counts, last = np.zeros(shape, np.int32), np.full(shape, -1, np.int32)
    flat_counts, flat_last = counts.reshape(-1), last.reshape(-1)
    one = np.int32(1)
    for part, inside, cells in _chunks(points, region, shape):
        np.add.at(flat_counts, cells, one)
        place = np.arange(part.start, part.stop, dtype=np.int32)
        flat_last[cells] = place if inside is None else place[inside]
    return Counted(region, counts, last)


def compose(
    points: Countable, counted: Counted, codes: Codes, n_codes: int, *, thinned: int = 1
) -> Composition:
    """Count the `codes` of the points in each cell, of one in `thinned` points and of the last.

    A part of very many is quick to look at, and tells the colours of a cell nearly as well.
    """
    n_cells, occupied = counted.counts.size, counted.occupied
    # Of as few bits as will do: they are sorted.
    kind = np.dtype(np.uint32 if n_cells * n_codes <= np.iinfo(np.uint32).max else np.uint64)
    found: list[npt.NDArray[Any]] = []
    numbers: list[CellArray] = []

    def keys_of(cells: IntArray | CellArray, of_cells: CodeArray) -> npt.NDArray[Any]:
        keys: npt.NDArray[Any] = cells.astype(kind) * kind.type(n_codes) + of_cells
        return keys

    for part, inside, cells in _chunks(points, counted.region, counted.counts.shape, thinned):
        keys = keys_of(cells, codes[part] if inside is None else codes[part][inside])
        keys.sort()
        first = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
        found.append(keys[first])
        numbers.append(np.diff(first, append=len(keys)).astype(np.int32))
    if thinned > 1:
        unseen = np.ones(n_cells, bool)
        for keys in found:
            unseen[keys // kind.type(n_codes)] = False
        left = occupied[unseen[occupied]]
        found.append(keys_of(left, codes[counted.last.reshape(-1)[left]]))  # each cell once
        numbers.append(np.ones(len(left), np.int32))
    rank = np.zeros(n_cells, np.int32)
    rank[occupied] = np.arange(len(occupied), dtype=np.int32)
    cell, code = np.divmod(np.concatenate([np.empty(0, kind), *found]), kind.type(n_codes))
    number = np.concatenate([np.empty(0, np.int32), *numbers]).astype(np.float32)
    shape = (len(occupied), n_codes)
    shares = coo_array((number, (rank[cell], code.astype(np.int32))), shape=shape)
    # What is counted in several parts need not be put together to be painted once.
    shares.has_canonical_format = thinned > 1
    return Composition(counted, shares.tocsr())


def plain(counted: Counted, ink: FloatArray) -> QImage:
    """Every row in one ink (3,)."""
    counts = counted.counts.reshape(-1)[counted.occupied]
    color = np.rint(255.0 * ink[:3]).astype(np.float32)
    colors = np.broadcast_to(color, (len(counts), 3)).T
    return _image(counted.counts.shape, counted.occupied, counts, colors)


def loose(x: FloatArray, y: FloatArray) -> Loose:
    """Points at x and y (n,) in any order."""
    return Loose(len(x), lambda rows: (x[rows], y[rows]))


def _chunks(
    points: Countable, region: QRectF, shape: tuple[int, int], step: int = 1
) -> Iterator[tuple[slice, npt.NDArray[np.bool_] | None, CellArray]]:
    """Parts of the points, which of them lie inside (None: all), and the cells of these."""
    height, width = shape
    for part in parts(points.runs(region), step):
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


def _all_within(values: AnyArray, end: int) -> bool:
    return bool(values.min() >= 0 and values.max() <= end)  # False where one is nan


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
