"""Rows in the order of where they lie, so that what is near on the map is near in memory."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF
from scipy.sparse import coo_array

FloatArray = npt.NDArray[np.float64]
SingleArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]
RowArray = npt.NDArray[np.int32]

_ROWS = 2_500  # in a tile, about
_MOST = 64  # tiles along an axis
_CHUNK = 1 << 16
_CELLS = 1 << 14  # fine cells along an axis, between which tiles begin
# A region narrower than this share of the whole would show the steps of single precision.
_FINEST = 1.0 / 256.0


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
    bounds: tuple[float, float, float, float]
    exact: Callable[[IntArray | RowArray], tuple[FloatArray, FloatArray]]
    x_edges: SingleArray
    y_edges: SingleArray
    starts: IntArray

    @classmethod
    def of(
        cls,
        x: FloatArray,
        y: FloatArray,
        bounds: tuple[float, float, float, float],
        exact: Callable[[IntArray | RowArray], tuple[FloatArray, FloatArray]],
        sample: IntArray,
    ) -> Tiles:
        """The tiles of rows at x and y (n,), nan where they have no place; `sample` some rows."""
        n = len(x)
        side = min(_MOST, max(1, round(math.sqrt(n / _ROWS))))
        places, tile = np.empty(n, np.complex64), np.empty(n, np.int32)
        x_places, y_places = places.real, places.imag
        x_edges, y_edges = (
            _edges(_between(values[sample], *ends), side)
            for values, ends in ((x, bounds[:2]), (y, bounds[2:]))
        )
        x_tiles, y_tiles = _lookup(x_edges), side * _lookup(y_edges)
        for start in range(0, n, _CHUNK):  # numpy holds the interpreter no longer than that takes
            part = slice(start, start + _CHUNK)
            x_places[part] = _between(x[part], *bounds[:2])
            y_places[part] = _between(y[part], *bounds[2:])
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
        return cls(rows, places.real, places.imag, bounds, exact, x_edges, y_edges, starts)

    @property
    def n_rows(self) -> int:
        return len(self.rows)

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
        """Runs of places that hold every row of a region, and some beside it."""
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
        """The rows (m,) inside a region in file order, None when there are more than `limit`."""
        found: list[RowArray] = []
        n_found = 0
        for run in self.runs(region):
            for start in range(run.start, run.stop, _CHUNK):
                part = slice(start, min(start + _CHUNK, run.stop))
                rows = self.rows[part]
                found.append(rows[self._inside(part, region)])
                n_found += len(found[-1])
                if n_found > limit:
                    return None
        return np.sort(np.concatenate(found)).astype(np.int64) if found else np.empty(0, np.int64)

    def places(
        self, part: slice, region: QRectF, shape: tuple[int, int]
    ) -> tuple[FloatArray | SingleArray, FloatArray | SingleArray]:
        """Where the rows at `part` are in a region, in `shape` (height, width) cells of it."""
        left, width, lower, height = self.relative(region)
        if min(width, height) < _FINEST:
            return placed(*self.exact(self.rows[part]), region, shape)
        across, up = shape[1] / width, shape[0] / height
        x, y = self.x[part] * np.float32(across), self.y[part] * np.float32(up)
        x -= np.float32(left * across)
        y -= np.float32(lower * up)
        return x, y

    def _inside(self, part: slice, region: QRectF) -> npt.NDArray[np.bool_]:
        x, y = self.places(part, region, (1, 1))
        return np.asarray((x >= 0.0) & (x <= 1.0) & (y >= 0.0) & (y <= 1.0))

    @staticmethod
    def _span(edges: SingleArray, low: float, length: float) -> tuple[int, int]:
        """The first and the last tile along an axis that a range touches."""
        near = np.float32(1e-6)  # for what single precision has moved across an edge
        first = int(np.searchsorted(edges, np.float32(low) - near, side="right"))
        return first, int(np.searchsorted(edges, np.float32(low + length) + near, side="right"))


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
