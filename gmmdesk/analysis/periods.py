"""Columns that count time: clusters in which they take part may merely be periods."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gmmdesk.data.dataset import FloatArray

if TYPE_CHECKING:
    from gmmdesk.analysis.analysis import Analysis

_YEARS = (1900.0, 2100.0)
_FEWEST_YEARS, _FEWEST_ROWS = 3, 20
# A code of a few values, by which a table is sorted, is no time. Where time passes, of the steps up
# at least so many are alike, and so are the numbers of rows between them: in a table that is sorted
# by a measurement most values are near its middle.
_FEWEST_STEPS, _ALIKE = 9, 0.9
_ROUNDING = 1e-6  # of a step
_AS_MANY = 2.0  # times as many rows, or as few


def period_columns(analysis: Analysis) -> tuple[str, ...]:
    """The columns of the file that were used and count time."""
    prepared = analysis.prepared
    return tuple(
        name
        for name in prepared.preparation.inputs
        if counts_time(analysis.dataset.column(name).numbers()[prepared.rows])
    )


def counts_time(x: FloatArray) -> bool:
    """Whether values x (n,), nan where missing, are years, or pass steadily from row to row."""
    x = x[np.isfinite(x)]
    return len(x) >= _FEWEST_ROWS and (_are_years(x) or _pass_steadily(x))


def _are_years(x: FloatArray) -> bool:
    low, high = _YEARS
    if x.min() < low or x.max() > high or (x != np.round(x)).any():
        return False
    return len(np.unique(x)) >= _FEWEST_YEARS


def _pass_steadily(x: FloatArray) -> bool:
    """Whether values rise by nearly always the same, each time after about as many rows."""
    steps = np.diff(x)
    ends = np.flatnonzero(steps)  # the last row of each value but the last
    if (steps < 0.0).any() or len(ends) < _FEWEST_STEPS:
        return False
    up, n_rows = steps[ends], np.diff(ends, prepend=-1)
    usual, many = float(np.median(up)), float(np.median(n_rows))
    alike = np.abs(up - usual) <= _ROUNDING * usual
    as_many = (n_rows <= _AS_MANY * many) & (_AS_MANY * n_rows >= many)
    return bool(min(alike.mean(), as_many.mean()) >= _ALIKE)
