"""A picture of many rows: how many fall into each cell of the screen, and of which clusters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage

from gmmdesk.ui.views.map.shading import CodeArray

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_CHUNK = 1 << 17  # rows at a time: numpy holds the interpreter for no longer than that takes
_FAINTEST = 0.3  # opacity of a cell with one row; a full one has 1


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """Cells of a region of the map. `counts` (height, width) has its first row at the bottom."""

    region: QRectF  # in the axes' units, y upward
    counts: IntArray
    image: QImage


def rows_within(x: FloatArray, y: FloatArray, region: QRectF, limit: int) -> IntArray | None:
    """The rows (m,) inside `region`, or None when there are more than `limit`."""
    found: list[IntArray] = []
    n_found = 0
    for start in range(0, len(x), _CHUNK):
        part = slice(start, start + _CHUNK)
        inside = (x[part] >= region.left()) & (x[part] <= region.right())
        inside &= (y[part] >= region.top()) & (y[part] <= region.bottom())
        found.append(start + np.flatnonzero(inside))
        n_found += len(found[-1])
        if n_found > limit:
            return None
    return np.concatenate(found) if found else np.empty(0, np.int64)


def count_cells(x: FloatArray, y: FloatArray, region: QRectF, shape: tuple[int, int]) -> IntArray:
    """How many points fall into each of `shape` (height, width) cells of `region`."""
    counts = np.zeros(shape[0] * shape[1], np.int64)
    for cells, _rows in _cells(x, y, region, shape):
        counts += np.bincount(cells, minlength=counts.size)
    return counts.reshape(shape)


def draw(
    x: FloatArray,
    y: FloatArray,
    region: QRectF,
    shape: tuple[int, int],
    *,
    codes: CodeArray | None,
    inks: FloatArray,
) -> Picture:
    """Count the rows per cell and colour each cell with the mean ink of its rows.

    `codes` (n,) index `inks` (c, 3); without them every row has the first. Opacity grows with the
    logarithm of the count, so that one stray row is seen beside a crowd.
    """
    if codes is None:
        counts = count_cells(x, y, region, shape)
        colors = np.broadcast_to(inks[0], (*shape, 3))
    else:
        totals = np.zeros((4, shape[0] * shape[1]))
        for cells, rows in _cells(x, y, region, shape):
            of_rows = codes[rows]
            totals[3] += np.bincount(cells, minlength=totals.shape[1])
            for channel in range(3):
                ink = inks[:, channel][of_rows]
                totals[channel] += np.bincount(cells, weights=ink, minlength=totals.shape[1])
        counts = totals[3].astype(np.int64).reshape(shape)
        colors = (totals[:3] / np.maximum(totals[3], 1.0)).T.reshape(*shape, 3)
    return Picture(region, counts, _image(counts, colors))


def _cells(
    x: FloatArray, y: FloatArray, region: QRectF, shape: tuple[int, int]
) -> Iterator[tuple[IntArray, IntArray]]:
    """Chunk by chunk: the cells that points fall into, and which points these are."""
    height, width = shape
    to_column, to_row = width / region.width(), height / region.height()
    for start in range(0, len(x), _CHUNK):
        column = (x[start : start + _CHUNK] - region.left()) * to_column
        row = (y[start : start + _CHUNK] - region.top()) * to_row
        inside = (column >= 0) & (column <= width) & (row >= 0) & (row <= height)
        rows = np.flatnonzero(inside)
        # As in np.histogram2d, the last cell includes its far edge.
        column_index = np.minimum(column[rows].astype(np.int64), width - 1)
        row_index = np.minimum(row[rows].astype(np.int64), height - 1)
        yield row_index * width + column_index, start + rows


def _image(counts: IntArray, colors: FloatArray) -> QImage:
    """Cells as pixels, the bottom row last as the screen has it, colours times opacity."""
    height, width = counts.shape
    strength = np.log1p(counts) / np.log1p(max(int(counts.max(initial=0)), 1))
    opacity = np.where(counts > 0, _FAINTEST + (1.0 - _FAINTEST) * strength, 0.0)
    pixels = np.empty((height, width, 4), np.uint8)
    pixels[..., :3] = (255.0 * opacity[..., None] * colors + 0.5)[::-1]
    pixels[..., 3] = (255.0 * opacity + 0.5)[::-1]
    image = QImage(
        pixels.data, width, height, 4 * width, QImage.Format.Format_RGBA8888_Premultiplied
    )
    # The copy owns its pixels; this format is the one that is painted without conversion.
    return image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
