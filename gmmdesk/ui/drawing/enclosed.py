"""Which points lie inside an outline that was drawn with the mouse."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from gmmdesk.data.dataset import BoolArray

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

Places = Callable[[IntArray], tuple[FloatArray, FloatArray]]

CHUNK = 1 << 16  # rows at a time: numpy holds the interpreter for no longer than that takes
_CELLS = 256  # along each side of an outline, of which most lie wholly inside or outside
_OUTSIDE, _INSIDE, _EDGE = 0, 1, 2


class Rectangle:
    """The points between two x and two y, edges included; an infinite one sets no bound."""

    def __init__(self, x: tuple[float, float], y: tuple[float, float]) -> None:
        self._x, self._y = sorted(x), sorted(y)

    def holds(self, x: FloatArray, y: FloatArray) -> BoolArray:
        """Which of the points x, y (m,) lie inside; those at nan do not."""
        inside = (x >= self._x[0]) & (x <= self._x[1])
        inside &= (y >= self._y[0]) & (y <= self._y[1])
        return np.asarray(inside)


class Polygon:
    """The points inside a closed line through `corners` (m, 2), where it crosses itself by turns.

    By the rule of even and odd crossings. Of the cells of a grid over the polygon only those on its
    edge need their points looked at one by one.
    """

    def __init__(self, corners: FloatArray) -> None:
        self._corners = np.asarray(corners, np.float64)
        self._low, high = self._corners.min(axis=0), self._corners.max(axis=0)
        self._high = high
        self._size = np.maximum(high - self._low, np.finfo(float).tiny) / _CELLS
        self._cells = self._classified()

    def holds(self, x: FloatArray, y: FloatArray) -> BoolArray:
        """Which of the points x, y (m,) lie inside; those at nan do not."""
        near = Rectangle((self._low[0], self._high[0]), (self._low[1], self._high[1])).holds(x, y)
        inside = np.zeros(len(x), np.bool_)
        at = np.flatnonzero(near)
        state = self._cells[self._cell(y[at], 1), self._cell(x[at], 0)]
        inside[at] = state == _INSIDE
        edge = at[state == _EDGE]
        inside[edge] = _odd(x[edge], y[edge], self._corners)
        return inside

    def _cell(self, values: FloatArray, axis: int) -> IntArray:
        cells = ((values - self._low[axis]) / self._size[axis]).astype(np.int64)
        return np.minimum(cells, _CELLS - 1)

    def _classified(self) -> npt.NDArray[np.uint8]:
        """What every cell is, (cells of y, cells of x)."""
        middles = np.arange(_CELLS) + 0.5
        x = np.tile(self._low[0] + middles * self._size[0], _CELLS)
        y = np.repeat(self._low[1] + middles * self._size[1], _CELLS)
        cells = _odd(x, y, self._corners).reshape(_CELLS, _CELLS).astype(np.uint8)
        for begin, end in _edges((self._corners - self._low) / self._size):
            # Points closer than half a cell, and the neighbours of their cells: none is missed.
            steps = 2 * int(np.ceil(np.abs(end - begin).max())) + 2
            line = begin + np.linspace(0.0, 1.0, steps)[:, None] * (end - begin)
            column, row = np.clip(line.astype(np.int64), 0, _CELLS - 1).T
            for right in (-1, 0, 1):
                for up in (-1, 0, 1):
                    cells[
                        np.clip(row + up, 0, _CELLS - 1), np.clip(column + right, 0, _CELLS - 1)
                    ] = _EDGE
        return cells


Outline = Rectangle | Polygon


def enclosed(outline: Outline, n_rows: int, places: Places) -> BoolArray:
    """Which of `n_rows` lie inside; `places` gives x and y (m,) of some rows (m,)."""
    inside = np.empty(n_rows, np.bool_)
    for rows in chunks(n_rows):
        inside[rows[0] : rows[-1] + 1] = outline.holds(*places(rows))
    return inside


def chunks(n_rows: int) -> Iterator[IntArray]:
    """The numbers of all rows, some at a time."""
    for start in range(0, n_rows, CHUNK):
        yield np.arange(start, min(start + CHUNK, n_rows))


def _edges(corners: FloatArray) -> Iterator[tuple[FloatArray, FloatArray]]:
    return zip(corners, np.roll(corners, -1, axis=0), strict=True)


def _odd(x: FloatArray, y: FloatArray, corners: FloatArray) -> BoolArray:
    """Whether a line from each point to the right crosses the polygon an odd number of times."""
    odd = np.zeros(len(x), np.bool_)
    for (x0, y0), (x1, y1) in _edges(corners):
        if y0 != y1:
            crosses = (y0 > y) != (y1 > y)
            odd ^= crosses & (x < (x1 - x0) * ((y - y0) / (y1 - y0)) + x0)
    return odd
