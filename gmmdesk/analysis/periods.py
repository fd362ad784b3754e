"""Columns that count time: clusters in which they take part may merely be periods."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gmmdesk.data.dataset import FloatArray

if TYPE_CHECKING:
    from gmmdesk.analysis.analysis import Analysis

_YEARS = (1900.0, 2100.0)
_FEWEST_YEARS, _FEWEST_ROWS = 3, 20
# Of the steps up from row to row, at least, are alike where time passes; a table that is sorted by
# a measurement has steps of every size.
_ALIKE = 0.9
_ROUNDING = 1e-6  # of a step


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
    """Whether none is less than the one before, and nearly all that are more are so by the same."""
    steps = np.diff(x)
    up = steps[steps > 0.0]
    if (steps < 0.0).any() or len(up) < _FEWEST_YEARS - 1:
        return False
    usual = float(np.median(up))
    return bool((np.abs(up - usual) <= _ROUNDING * usual).mean() >= _ALIKE)
