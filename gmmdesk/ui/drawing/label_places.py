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
    of a centre, nor does it stand where it is `covered` itself, (m, 4), nor, if it can, nearer to
    another centre than to its own. Those that come first in `order` choose first, and the others of
    K have none (nan).
    Where there is no such place it has the one that covers the least, or, unless `all_of_them` are
    asked for, none; the first of the order always has one.
    """
    found = np.full((len(centers), 4), np.nan)
    crosses = np.concatenate([centers - reach, centers + reach], axis=1)
    taken = crosses if covered is None else np.concatenate([crosses, covered])
    around = _inside(_around(centers, sizes), room)
    for k in order:
        for places in (around[k, : len(_SIDES)], around[k]):  # most find room beside the centre
            hidden, astray = _shared(places, taken).sum(axis=1), _astray(places, centers, k)
            # The first, so the nearest, of those that cover nothing and can only be the centre's.
            best = int(np.lexsort((astray, hidden))[0])
            if hidden[best] == 0.0 and not astray[best]:
                break
        if hidden[best] > 0.0 and not all_of_them and k != order[0]:
            continue
        found[k] = places[best]
        taken = np.concatenate([taken, places[best : best + 1]])
    return found


def leaders(centers: FloatArray, places: FloatArray) -> list[tuple[int, FloatArray]]:
    """The centres (K, 2) that need a line to their label, each with the place (2,) nearest on it.

    Because they are far from it, or others are as near.
    """
    nearest = np.clip(centers, places[:, :2], places[:, 2:])
    away = np.hypot(*(nearest - centers).T)
    return [
        (k, nearest[k])
        for k in range(len(centers))
        if away[k] > _FAR or bool(_astray(places[[k]], centers, k)[0])
    ]


def _astray(places: FloatArray, centers: FloatArray, own: int) -> npt.NDArray[np.bool_]:
    """Whether labels (m, 4) at these places are nearer to another centre than to their own."""
    nearest = np.clip(centers, places[:, None, :2], places[:, None, 2:])
    away = np.hypot(*np.moveaxis(nearest - centers, -1, 0))
    return np.asarray(away.min(axis=1) < away[:, own] - 0.5)  # pixels


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
