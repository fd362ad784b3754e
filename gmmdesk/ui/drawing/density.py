"""A picture of many rows: how many fall into each cell of the screen, and of which clusters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage

from gmmdesk.ui.drawing.shading import CodeArray

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_CHUNK = 1 << 15  # rows at a time: numpy holds the interpreter for no longer than that takes
_FAINTEST = 0.45  # opacity of a cell with one row; a full one has 1


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


def draw(
    x: FloatArray,
    y: FloatArray,
    region: QRectF,
    shape: tuple[int, int],
    *,
    codes: CodeArray | None,
    inks: FloatArray,
) -> Picture:
    """Count the points in each of `shape` (height, width) cells and mix the inks of each cell.

    `codes` (n,) index `inks` (c, 3); without them every point has the first. Opacity grows with the
    logarithm of the count, so that one stray row is seen beside a crowd. As in np.histogram2d, the
    last cells include their far edge.
    """
    cells, of_points = _cells(x, y, region, shape, codes)
    n_cells = shape[0] * shape[1]
    counts = np.bincount(cells, minlength=n_cells)
    if of_points is None:
        colors = np.broadcast_to(inks[0], (n_cells, 3))
    else:
        colors = np.empty((n_cells, 3))
        for channel in range(3):
            ink = inks[:, channel][of_points]
            sums = np.bincount(cells, weights=ink, minlength=n_cells)
            np.divide(sums, np.maximum(counts, 1), out=colors[:, channel])
    counts = counts.reshape(shape)
    return Picture(region, counts, _image(counts, colors.reshape(*shape, 3)))


def _cells(
    x: FloatArray,
    y: FloatArray,
    region: QRectF,
    shape: tuple[int, int],
    codes: CodeArray | None,
) -> tuple[IntArray, CodeArray | None]:
    """The cells that the points inside the region fall into, and the codes of these points."""
    height, width = shape
    to_column, to_row = width / region.width(), height / region.height()
    cells: list[IntArray] = []
    of_points: list[CodeArray] = []
    for start in range(0, len(x), _CHUNK):
        part = slice(start, start + _CHUNK)
        column = (x[part] - region.left()) * to_column
        row = (y[part] - region.top()) * to_row
        inside = (column >= 0) & (column <= width) & (row >= 0) & (row <= height)
        column_index = np.minimum(column[inside].astype(np.int64), width - 1)
        row_index = np.minimum(row[inside].astype(np.int64), height - 1)
        cells.append(row_index * width + column_index)
        if codes is not None:
            of_points.append(codes[part][inside])
    return np.concatenate(cells), np.concatenate(of_points) if codes is not None else None


def _image(counts: IntArray, colors: FloatArray) -> QImage:
    """Cells as pixels, the bottom row last as the screen has it, colours times opacity."""
    height, width = counts.shape
    fullest = int(counts.max(initial=0))
    # Logarithms of the few counts there can be, not of every cell.
    opacities = _FAINTEST + (1.0 - _FAINTEST) * np.log1p(np.arange(fullest + 1)) / np.log1p(
        max(fullest, 1)
    )
    opacities[0] = 0.0
    opacity = 255.0 * opacities[counts]
    pixels = np.empty((height, width, 4), np.uint8)
    pixels[..., :3] = (opacity[..., None] * colors + 0.5)[::-1]
    pixels[..., 3] = (opacity + 0.5)[::-1]
    image = QImage(
        pixels.data, width, height, 4 * width, QImage.Format.Format_RGBA8888_Premultiplied
    )
    # The copy owns its pixels; this format is the one that is painted without conversion.
    return image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
