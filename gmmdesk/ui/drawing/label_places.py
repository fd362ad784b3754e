"""Where the labels of clusters stand, so that none covers another or a centre."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

# Pixels from a centre to its label; the nearest distance at which there is room is taken.
_AWAY = (10.0, 26.0, 46.0, 72.0, 104.0, 142.0)
_FAR = 20.0  # pixels from which on a line leads from the centre to its label
# Beside the centre, below, above, then at the corners: across and down, in halves of what is there.
_SIDES = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (1, -1), (-1, 1), (-1, -1))


def place_labels(
    centers: FloatArray,
    sizes: FloatArray,
    room: FloatArray,
    order: Sequence[int],
    *,
    reach: float,
    covered: FloatArray | None = None,
    all_of_them: bool = True,
) -> FloatArray:
    """The rectangles (K, 4), left, top, right, bottom, of labels of `sizes` (K, 2) by `centers`.

    In pixels, all inside the `room` (4,). A label covers neither another nor what is within `reach`
    of a centre, nor does it stand where it is `covered` itself, (m, 4). Those that come first in
    `order` choose first, and the others of K have none (nan).
    Where there is no such place it has the one that covers the least, or, unless `all_of_them` are
    asked for, none; the first of the order always has one.
    """
    found = np.full((len(centers), 4), np.nan)
    crosses = np.concatenate([centers - reach, centers + reach], axis=1)
    taken = crosses if covered is None else np.concatenate([crosses, covered])
    around = _inside(_around(centers, sizes), room)
    for k in order:
        for places in (around[k, : len(_SIDES)], around[k]):  # most find room beside the centre
            hidden = _shared(places, taken).sum(axis=1)
            best = int(hidden.argmin())  # the first, so the nearest, of those that cover nothing
            if hidden[best] == 0.0:
                break
        if hidden[best] > 0.0 and not all_of_them and k != order[0]:
            continue
        found[k] = places[best]
        taken = np.concatenate([taken, places[best : best + 1]])
    return found


def leaders(centers: FloatArray, places: FloatArray) -> list[tuple[int, FloatArray]]:
    """The centres (K, 2) that are far from their label, each with the place (2,) nearest on it."""
    nearest = np.clip(centers, places[:, :2], places[:, 2:])
    away = np.hypot(*(nearest - centers).T)
    return [(int(k), nearest[k]) for k in np.flatnonzero(away > _FAR)]


def _around(centers: FloatArray, sizes: FloatArray) -> FloatArray:
    """Places for each label, nearest first, (K, m, 4)."""
    side = np.array(_SIDES, np.float64)
    away = np.array(_AWAY)[:, None, None]
    size = sizes[:, None, None, :]
    middle = centers[:, None, None, :] + side * (size / 2 + away)
    middle = middle.reshape(len(centers), len(_AWAY) * len(_SIDES), 2)
    half = sizes[:, None, :] / 2
    return np.concatenate([middle - half, middle + half], axis=2)


def _inside(places: FloatArray, room: FloatArray) -> FloatArray:
    """The places moved into the room; where that is too small, to its left and top."""
    size = places[..., 2:] - places[..., :2]
    corner = np.maximum(room[:2], np.minimum(places[..., :2], room[2:] - size))
    return np.concatenate([corner, corner + size], axis=-1)


def _shared(places: FloatArray, others: FloatArray) -> FloatArray:
    """The areas that rectangles (m, 4) and (n, 4) share, (m, n)."""
    left, top, right, bottom = places.T[:, :, None]
    width = np.minimum(right, others[:, 2]) - np.maximum(left, others[:, 0])
    height = np.minimum(bottom, others[:, 3]) - np.maximum(top, others[:, 1])
    return np.asarray(np.maximum(width, 0.0) * np.maximum(height, 0.0))
