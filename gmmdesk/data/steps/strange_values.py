"""Few values of a column that lie apart from all others, as mistyped ones and codes do."""

from __future__ import annotations

import math

import numpy as np

from gmmdesk.data.dataset import FloatArray

_FEWEST = 200  # values
_FEW = 0.01  # of the values
_TIMES = 3.0  # as wide as the lowest twentieth of the others is the gap below them
_FAR_TIMES = 2.0  # as wide as all others together is the gap above them


def few_are_negative(values: FloatArray) -> bool:
    """Whether few of some values (n,) are negative, and these lie apart from the others.

    Where values thin out towards zero and go on below it, as temperatures do, the gap between the
    two is not large beside how far the lowest of the others lie apart.
    """
    negative = values < 0.0
    n = int(negative.sum())
    if len(values) < _FEWEST or not 0 < n < _FEW * len(values):
        return False
    others = values[~negative]
    least = float(others.min())
    gap, lowest = least - float(values[negative].max()), float(np.quantile(others, 0.05)) - least
    return least > 0.0 and gap > _TIMES * lowest


def far_above(values: FloatArray) -> float | None:
    """The least of few values that lie far above all others of (n,), None where none do.

    The gap has to be twice as wide as all others lie apart and, where all are positive, wider than
    these by their logarithms too: a long tail thins out, it does not end in such a gap.
    """
    most = math.ceil(_FEW * len(values)) - 1
    if len(values) < _FEWEST or not most:
        return None
    top = np.sort(np.partition(values, len(values) - most - 1)[-most - 1 :])
    place = int(np.argmax(np.diff(top)))
    below, far, least = float(top[place]), float(top[place + 1]), float(values.min())
    if not far - below > _FAR_TIMES * (below - least) > 0.0:
        return None
    if least > 0.0 and far / below <= below / least:
        return None
    return far
