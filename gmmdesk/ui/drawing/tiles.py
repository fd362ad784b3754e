"""Rows in the order of where they lie, so that what is near on the map is near in memory."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF
from scipy.sparse import coo_array

FloatArray = npt.NDArray[np.float64]
SingleArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]
RowArray = npt.NDArray[np.int32]
AnyArray = FloatArray | SingleArray | RowArray
Bounds = tuple[float, float, float, float]  # least and greatest x, least and greatest y
# Some rows, as x and y (m,) in the units of the map; nan where they have no place.
Exact = Callable[[IntArray | RowArray | slice], tuple[FloatArray, FloatArray]]

_ROWS = 2_500  # in a tile, about
_MOST = 64  # tiles along an axis
_CHUNK = 1 << 16
_CELLS = 1 << 14  # fine cells along an axis, between which tiles begin
# A region narrower than this share of the whole would show the steps of single precision.
_FINEST = 1.0 / 256.0


class Countable(Protocol):
    """Rows with a place, in some order; those near each other are best found in the same run."""

    def runs(self, region: QRectF, /) -> list[slice]:
        """Runs in that order that hold every row of a region, and some beside it."""
        ...

    def places(
        self, part: slice, region: QRectF, shape: tuple[int, int], /
    ) -> tuple[AnyArray, AnyArray]:
        """Where the rows at `part` are in a region, in `shape` (height, width) cells of it."""
        ...


class Points(Countable, Protocol):
    """Rows that are also found by where they are."""

    @property
    def n_rows(self) -> int: ...

    def rows_at(self, places: slice | IntArray | RowArray, /) -> IntArray | RowArray:
        """The rows at some places in that order."""
        ...

    def within(self, region: QRectF, limit: int, /) -> IntArray | None:
        """The rows (m,) inside a region in file order, None when there are more than `limit`."""
        ...

    def exact(self, rows: IntArray | RowArray | slice, /) -> tuple[FloatArray, FloatArray]:
        """Some rows in the units of the map."""
        ...


class Loose(NamedTuple):
    """Rows in the order of the file: there at once, but each look goes through all of them."""

    n_rows: int
    exact: Exact

    def runs(self, _region: QRectF) -> list[slice]:
        return [slice(0, self.n_rows)]

    def rows_at(self, places: slice | IntArray | RowArray) -> IntArray | RowArray:
        return np.arange(*places.indices(self.n_rows)) if isinstance(places, slice) else places

    def places(
        self, part: slice, region: QRectF, shape: tuple[int, int]
    ) -> tuple[FloatArray, FloatArray]:
        return placed(*self.exact(part), region, shape)

    def within(self, region: QRectF, limit: int) -> IntArray | None:
        return _within(self, region, limit)

    @property
    def bounds(self) -> Bounds:
        """The least and greatest x and y that are not nan; around 0 where all are."""
        low, high = np.full(2, np.nan), np.full(2, np.nan)
        for part in parts(self.runs(QRectF())):
            for i, values in enumerate(self.exact(part)):
                low[i] = np.fmin(low[i], np.fmin.reduce(values))
                high[i] = np.fmax(high[i], np.fmax.reduce(values))
        low, high = np.where(np.isnan(low), -1.0, low), np.where(np.isnan(high), 1.0, high)
        return float(low[0]), float(high[0]), float(low[1]), float(high[1])


@dataclass(frozen=True, slots=True, eq=False)
class Tiles:
    """The m rows that have a place: `rows` (m,), tile after tile, each tile's rows in file order.

    `x` and `y` (m,) are their places between the `bounds` (x0, x1, y0, y1) of all, 0..1, in single
    precision; `exact` gives those of some rows in the units of the map. Tiles are bounded by
    quantiles along each axis, so that they hold about as many rows wherever these crowd; tile t of
    g x g has the places starts[t] to starts[t + 1], along x first.
    """

    rows: RowArray
    x: SingleArray
    y: SingleArray
    bounds: Bounds
    exact: Exact
    x_edges: SingleArray
    y_edges: SingleArray
    starts: IntArray

    @classmethod
    def of(cls, loose: Loose, bounds: Bounds, sample: IntArray) -> Tiles:
        """The tiles of all rows between the bounds; `sample` some rows."""
        n = loose.n_rows
        side = min(_MOST, max(1, round(math.sqrt(n / _ROWS))))
        places, tile = np.empty(n, np.complex64), np.empty(n, np.int32)
        x_places, y_places = places.real, places.imag
        x_edges, y_edges = (
            _edges(_between(values, *ends), side)
            for values, ends in zip(loose.exact(sample), (bounds[:2], bounds[2:]), strict=True)
        )
        x_tiles, y_tiles = _lookup(x_edges), side * _lookup(y_edges)
        for part in parts([slice(0, n)]):
            x, y = loose.exact(part)
            x_places[part], y_places[part] = _between(x, *bounds[:2]), _between(y, *bounds[2:])
            there = _fine(x_places[part]), _fine(y_places[part])
            tile[part] = x_tiles[there[0]] + y_tiles[there[1]]
            gone = np.isnan(x_places[part]) | np.isnan(y_places[part])
            tile[part][gone] = side * side
        # The conversion of sparse matrices is a sort by counting, much quicker than by comparing.
        grouped = coo_array(
            (places, (tile, np.arange(n, dtype=np.int32))), shape=(side * side + 1, n)
        ).tocsr()
        starts = grouped.indptr[: side * side + 1].astype(np.int64)
        rows, places = grouped.indices[: starts[-1]], grouped.data[: starts[-1]]
        exact = loose.exact
        return cls(rows, places.real, places.imag, bounds, exact, x_edges, y_edges, starts)

    @property
    def n_rows(self) -> int:
        return len(self.rows)

    def rows_at(self, places: slice | IntArray | RowArray) -> RowArray:
        return self.rows[places]

    def relative(self, region: QRectF) -> tuple[float, float, float, float]:
        """A region of the map (left, width, lower, height) between the bounds."""
        x0, x1, y0, y1 = self.bounds
        across, up = (x1 - x0) or 1.0, (y1 - y0) or 1.0
        return (
            (region.left() - x0) / across,
            region.width() / across,
            (region.top() - y0) / up,
            region.height() / up,
        )

    def runs(self, region: QRectF) -> list[slice]:
        left, width, lower, height = self.relative(region)
        side = len(self.x_edges) + 1
        first, last = self._span(self.x_edges, left, width)
        low, high = self._span(self.y_edges, lower, height)
        found: list[slice] = []
        for line in range(low, high + 1):
            begin = int(self.starts[line * side + first])
            end = int(self.starts[line * side + last + 1])
            if found and found[-1].stop == begin:
                found[-1] = slice(found[-1].start, end)
            elif end > begin:
                found.append(slice(begin, end))
        return found

    def within(self, region: QRectF, limit: int) -> IntArray | None:
        return _within(self, region, limit)

    def places(
        self, part: slice, region: QRectF, shape: tuple[int, int]
    ) -> tuple[AnyArray, AnyArray]:
        left, width, lower, height = self.relative(region)
        if min(width, height) < _FINEST:
            return placed(*self.exact(self.rows[part]), region, shape)
        across, up = shape[1] / width, shape[0] / height
        x, y = self.x[part] * np.float32(across), self.y[part] * np.float32(up)
        x -= np.float32(left * across)
        y -= np.float32(lower * up)
        return x, y

    @staticmethod
    def _span(edges: SingleArray, low: float, length: float) -> tuple[int, int]:
        """The first and the last tile along an axis that a range touches."""
        near = np.float32(1e-6)  # for what single precision has moved across an edge
        first = int(np.searchsorted(edges, np.float32(low) - near, side="right"))
        return first, int(np.searchsorted(edges, np.float32(low + length) + near, side="right"))


def parts(runs: list[slice], step: int = 1) -> Iterator[slice]:
    """Runs in pieces, of every `step`th row; numpy holds the interpreter no longer than for one."""
    for run in runs:
        for start in range(run.start, run.stop, step * _CHUNK):
            yield slice(start, min(start + step * _CHUNK, run.stop), step)


def _within(points: Points, region: QRectF, limit: int) -> IntArray | None:
    found: list[IntArray | RowArray] = [np.empty(0, np.int64)]
    n_found = 0
    for part in parts(points.runs(region)):
        x, y = points.places(part, region, (1, 1))
        inside = (x >= 0.0) & (x <= 1.0) & (y >= 0.0) & (y <= 1.0)
        found.append(points.rows_at(part)[inside])
        n_found += len(found[-1])
        if n_found > limit:
            return None
    return np.sort(np.concatenate(found)).astype(np.int64)


def placed(
    x: FloatArray, y: FloatArray, region: QRectF, shape: tuple[int, int]
) -> tuple[FloatArray, FloatArray]:
    """Points at x and y (n,) in `shape` (height, width) cells of a region."""
    to_column, to_line = shape[1] / region.width(), shape[0] / region.height()
    return (x - region.left()) * to_column, (y - region.top()) * to_line


def _between(values: FloatArray, low: float, high: float) -> FloatArray:
    return (values - low) * (1.0 / ((high - low) or 1.0))


def _fine(places: SingleArray) -> RowArray:
    """Which of the fine cells along an axis; any where there is no place."""
    cells = np.nan_to_num(places * np.float32(_CELLS), nan=0.0).astype(np.int32)
    return np.minimum(cells, _CELLS - 1)


def _edges(sample: FloatArray, side: int) -> SingleArray:
    """Edges (side - 1,) between tiles, at fine cells, with about as many of a sample between."""
    sample = sample[~np.isnan(sample)]
    if side == 1 or not len(sample):
        return np.zeros(side - 1, np.float32)
    quantiles = np.quantile(sample, np.arange(1, side) / side)
    return (np.rint(_CELLS * quantiles) / _CELLS).astype(np.float32)


def _lookup(edges: SingleArray) -> RowArray:
    """The tile along an axis of every fine cell, (c,); quicker than a search for every row."""
    middles = (np.arange(_CELLS) + 0.5) / _CELLS
    return np.searchsorted(edges, middles, side="right").astype(np.int32)
