"""Lines of equal height through a landscape (marching squares)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF

FloatArray = npt.NDArray[np.float64]

_FINE = 10**8  # steps along each side of what is drawn, in which ends of segments meet

# Corners of a cell, anticlockwise from the lower left, as (line, column); edge e is that between
# corners e and e + 1.
_CORNERS = ((0, 0), (0, 1), (1, 1), (1, 0))


def contour(heights: FloatArray, level: float, region: QRectF) -> FloatArray:
    """Segments (m, 2, 2), of two points each, along which `heights` (h, w) have a level.

    Heights are those at the middles of the cells of a region, y upward; between them they are taken
    to be linear. Where a saddle leaves two ways, the mean of the four corners decides (Lorensen and
    Cline, 1987, in two dimensions).
    """
    above = heights > level
    if not above.any() or above.all():
        return np.empty((0, 2, 2))
    corners = [_corner(above, corner) for corner in _CORNERS]
    some, every = np.logical_or.reduce(corners), np.logical_and.reduce(corners)
    lines, columns = np.nonzero(some & ~every)
    values = np.stack([heights[lines + down, columns + right] for down, right in _CORNERS])
    # A cell without any density is as far below as one can draw.
    values = np.maximum(values, level - 1e3)
    middle = values.mean(axis=0) > level
    crossings = np.stack([_crossing(values, edge, level) for edge in range(4)])
    crossed = np.stack([(values[e] > level) != (values[(e + 1) % 4] > level) for e in range(4)])
    found: list[FloatArray] = []
    plain = crossed.sum(axis=0) == 2
    order = np.argsort(~crossed, axis=0, kind="stable")  # crossed edges first
    at = np.arange(len(lines))
    ends = np.stack([crossings[order[0], at], crossings[order[1], at]], axis=1)
    found.append(_placed(ends, lines, columns)[plain])
    saddle = ~plain
    if saddle.any():
        # Where the middle is like the corner 0, the line cuts off corners 1 and 3, else 0 and 2.
        first_high = values[0] > level
        cuts_odd = (middle == first_high)[saddle]
        for odd, pairs in ((True, ((0, 1), (2, 3))), (False, ((3, 0), (1, 2)))):
            chosen = np.flatnonzero(saddle)[cuts_odd == odd]
            for one, other in pairs:
                ends = np.stack([crossings[one, chosen], crossings[other, chosen]], axis=1)
                found.append(_placed(ends, lines[chosen], columns[chosen]))
    segments = np.concatenate(found)
    height, width = heights.shape
    unit = np.array([region.width() / width, region.height() / height])
    return np.asarray(np.array([region.left(), region.top()]) + (segments + 0.5) * unit)


def joined(segments: FloatArray) -> list[FloatArray]:
    """The lines (m, 2) that segments (n, 2, 2) make where they meet, closed ones ending as begun.

    Drawn in one stroke they are quicker to paint, and smoother, than piece by piece.
    """
    if not len(segments):
        return []
    span = np.ptp(segments.reshape(-1, 2), axis=0)
    grid = np.rint((segments - segments.min(axis=(0, 1))) / np.maximum(span, 1e-300) * _FINE)
    places = grid.reshape(-1, 2).astype(np.int64)
    # As one number, which is sorted ten times as soon as a pair of them.
    _, ends = np.unique(places[:, 0] * (_FINE + 1) + places[:, 1], return_inverse=True)
    pairs = ends.reshape(-1, 2)
    meetings: list[list[int]] = [[] for _ in range(int(pairs.max()) + 1)]
    for segment, (begin, end) in enumerate(pairs.tolist()):
        meetings[begin].append(segment)
        meetings[end].append(segment)
    at = pairs.tolist()
    left = [True] * len(at)
    lines: list[FloatArray] = []

    def follow(end: int) -> list[int]:
        path = [end]
        while (segment := next((one for one in meetings[end] if left[one]), None)) is not None:
            left[segment] = False
            begin, other = at[segment]
            end = other if begin == end else begin
            path.append(end)
        return path

    points = np.empty((len(meetings), 2))
    points[ends] = segments.reshape(-1, 2)
    # From loose ends first, so that only closed lines begin in their middle.
    for end in sorted(range(len(meetings)), key=lambda end: len(meetings[end]) != 1):
        while any(left[segment] for segment in meetings[end]):
            lines.append(points[follow(end)])
    return lines


def _corner(array: npt.NDArray[np.bool_], corner: tuple[int, int]) -> npt.NDArray[np.bool_]:
    (down, right), (height, width) = corner, array.shape
    return array[down : height - 1 + down, right : width - 1 + right]


def _crossing(values: FloatArray, edge: int, level: float) -> FloatArray:
    """Where the level is met on an edge, (m, 2) as x and y from the lower left corner."""
    (line, column), (to_line, to_column) = _CORNERS[edge], _CORNERS[(edge + 1) % 4]
    begin, end = values[edge], values[(edge + 1) % 4]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.clip((level - begin) / (end - begin), 0.0, 1.0)
    x = column + share * (to_column - column)
    return np.stack([x, line + share * (to_line - line)], axis=-1)


def _placed(
    ends: FloatArray, lines: npt.NDArray[np.int64], columns: npt.NDArray[np.int64]
) -> FloatArray:
    return np.asarray(ends + np.stack([columns, lines], axis=-1)[:, None, :])
