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


def few_are_zero(values: FloatArray) -> bool:
    """Whether few of some values (n,) are 0, and these lie apart from the others, all positive.

    So lies a code for no value. Where values thin out towards zero, the way there from the lowest
    hundredth of the others is not long beside that from there to the lowest twentieth, or beside
    the step from one count to the next. Others below may be mistyped too, but are fewer: of a rare
    group around 0 they are not.
    """
    n = int(np.count_nonzero(values == 0.0))
    if len(values) < _FEWEST or not 0 < n < _FEW * len(values) or float(values.min()) < 0.0:
        return False
    others = values[values > 0.0]
    hundredth, twentieth = np.quantile(others, (0.01, 0.05)).tolist()
    lowest = np.unique(others[others <= twentieth])
    step = float(np.diff(lowest, prepend=0.0).min())
    n_near = int(np.count_nonzero(others < hundredth / 2.0))
    return 2 * n_near < n and hundredth > _TIMES * max(twentieth - hundredth, step)


def far_above(values: FloatArray) -> float | None:
    """The least of few values that lie far above all others of (n,), None where none do.

    The gap has to be twice as wide as all below it lie apart and, where none are negative, wider
    than these by their logarithms too: a long tail thins out, it does not end in such a gap. Where
    some are 0 half of the median of the others is added to all of them, for the logarithms. Of
    several such gaps it is the lowest.
    """
    most = math.ceil(_FEW * len(values)) - 1
    if len(values) < _FEWEST or not most or not values.any():
        return None
    if few_are_zero(values):
        values = values[values > 0.0]
    top = np.sort(np.partition(values, len(values) - most - 1)[-most - 1 :])
    least = float(values.min())
    below, far = top[:-1], top[1:]
    is_far = (far - below > _FAR_TIMES * (below - least)) & (below > least)
    if least >= 0.0:
        added = 0.0 if least > 0.0 else float(np.median(values[values > 0.0])) / 2.0
        is_far &= (far + added) / (below + added) > (below + added) / (least + added)
    return float(far[is_far.argmax()]) if is_far.any() else None
