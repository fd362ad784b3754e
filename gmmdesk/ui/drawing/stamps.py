"""Very many rows as dots: each pixel shows the last row whose dot covers it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QImage

from gmmdesk.ui.drawing.shading import CodeArray
from gmmdesk.ui.theme import Opacity

FloatArray = npt.NDArray[np.float64]

_LINES = 32  # at a time, which stay in the processor's cache
_FINE = 4  # samples along each side of a pixel


def stamp(
    x: FloatArray,
    y: FloatArray,
    shape: tuple[int, int],
    *,
    diameter: float,
    codes: CodeArray,
    inks: FloatArray,
) -> QImage:
    """Dots around x and y (m,) in pixels of a picture of `shape` (height, width), y upward.

    In the inks (c, 3 or 4) of their `codes` (m,); a fourth number of 0 hides them. The time hardly
    depends on how many there are: rows are noted at their middle, and the greatest number around a
    pixel is that of the dot on top there.
    """
    if inks.shape[1] == 4:
        seen = inks[codes, 3] > 0.0
        x, y, codes = x[seen], y[seen], codes[seen]
    reach = int(np.ceil(diameter / 2.0))
    dy, dx, cover = _disc(diameter, reach)
    height, width = shape
    bits = len(cover).bit_length()
    middles = np.full((height + 2 * reach, width + 2 * reach), -(1 << bits), np.int32)
    line, column = np.floor(y).astype(np.int64), np.floor(x).astype(np.int64)
    inside = (line >= -reach) & (line < height + reach)
    inside &= (column >= -reach) & (column < width + reach)
    rows = np.flatnonzero(inside).astype(np.int32)
    middles[line[inside] + reach, column[inside] + reach] = rows << bits
    top = np.full(shape, -1, np.int32)
    shifted = np.empty((_LINES, width), np.int32)
    for first in range(0, height, _LINES):
        band = top[first : first + _LINES]
        for place, (down, right) in enumerate(zip(dy, dx, strict=True)):
            begin = first + reach - down
            near = middles[begin : begin + len(band), reach - right : reach - right + width]
            np.add(near, np.int32(place), out=shifted[: len(band)])
            np.maximum(band, shifted[: len(band)], out=band)
    covered = np.flatnonzero(top.reshape(-1) >= 0)
    found = top.reshape(-1)[covered]
    opacity = (Opacity.DOT * cover).astype(np.float32)[found & ((1 << bits) - 1)]
    values = (255.0 * opacity + 0.5).astype(np.uint32) << 24
    of_rows = codes[found >> bits]
    for ink, shift in zip((255.0 * inks[:, :3]).astype(np.float32).T, (16, 8, 0), strict=True):
        values |= (opacity * ink[of_rows] + 0.5).astype(np.uint32) << shift
    pixels = np.zeros(shape, np.uint32)
    pixels.reshape(-1)[covered] = values
    pixels = np.ascontiguousarray(pixels[::-1])
    return QImage(
        pixels.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied
    ).copy()


def _disc(diameter: float, reach: int) -> tuple[list[int], list[int], npt.NDArray[np.float64]]:
    """The pixels of a disc, from the edge to the middle, and how much of each it covers.

    What is nearest to a middle wins where one row has two dots' edges: it comes last.
    """
    fine = (np.arange(_FINE) + 0.5) / _FINE - 0.5
    side = np.arange(-reach, reach + 1)
    across = (side[:, None] + fine).reshape(-1)
    within = np.hypot(across[:, None], across[None, :]) <= diameter / 2.0
    cover = within.reshape(len(side), _FINE, len(side), _FINE).mean(axis=(1, 3))
    dy, dx = np.nonzero(cover > 0.0)
    order = np.argsort(cover[dy, dx], kind="stable")
    dy, dx = dy[order], dx[order]
    return (dy - reach).tolist(), (dx - reach).tolist(), cover[dy, dx]
