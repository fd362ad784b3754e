"""Clusters that sit on a single value of a column which has few: counts, marks, codes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gmmdesk.data.conditions import number_text
from gmmdesk.data.dataset import FloatArray, IntArray

if TYPE_CHECKING:
    from gmmdesk.analysis.analysis import Analysis

LEAST = 5  # rows: fewer share a value by chance
_NEARLY_ALL = 0.9  # of a cluster's rows have the value, and of the others fewer
_MOST_VALUES = 20  # in a column that has few
_ROWS_A_VALUE = 10  # at least, on average
_FIRST = 1000  # rows that rule most columns out


@dataclass(frozen=True, slots=True)
class SingleValue:
    """A value that `n_rows` rows share in a `column`, in which all rows have `n_values` of them."""

    column: str
    value: float
    n_rows: int
    n_values: int

    @property
    def text(self) -> str:
        """The value as a person writes it."""
        return number_text(self.value)


def single_values(analysis: Analysis) -> dict[int, SingleValue]:
    """What nearly all rows of a component (0-based) share, and not of the others, where they do.

    In the columns of the file that were used, among these in the one that most of them share.
    """
    label = analysis.rows.label
    found: dict[int, SingleValue] = {}
    for name in analysis.prepared.preparation.inputs:
        column, rows = analysis.dataset.column(name).numbers(), analysis.prepared.rows
        values = _few_values(column, rows)
        if not len(values):
            continue
        numbers = column[rows]
        has = np.isfinite(numbers) & (label >= 0)
        code = np.searchsorted(values, numbers[has])
        cells = label[has].astype(np.int64) * len(values) + code
        counts = np.bincount(cells, minlength=len(analysis.sizes) * len(values))
        table = counts.reshape(len(analysis.sizes), len(values))
        for k in np.flatnonzero(analysis.sizes >= LEAST).tolist():
            v, size = int(table[k].argmax()), int(analysis.sizes[k])
            n_own, n_others = int(table[k, v]), int(table[:, v].sum() - table[k, v])
            is_single = n_own >= _NEARLY_ALL * size
            if not is_single or n_others >= _NEARLY_ALL * (int(analysis.sizes.sum()) - size):
                continue
            if k not in found or n_own > found[k].n_rows:
                found[k] = SingleValue(name, float(values[v]), n_own, len(values))
    return found


def shared_values(analysis: Analysis, rows: IntArray) -> tuple[SingleValue, ...]:
    """What nearly all of `rows` (0-based, of the table) share, in every column of the file that was
    used in which not all rows do.
    """
    found = []
    for name in analysis.prepared.preparation.inputs:
        column = analysis.dataset.column(name).numbers()
        own, every = (column[one] for one in (rows, analysis.prepared.rows))
        own, every = own[np.isfinite(own)], every[np.isfinite(every)]
        values, counts = np.unique(own, return_counts=True)
        if len(own) < LEAST or counts.max() < _NEARLY_ALL * len(rows) or np.ptp(every) == 0.0:
            continue
        at = int(counts.argmax())
        found.append(SingleValue(name, float(values[at]), int(counts[at]), len(np.unique(every))))
    return tuple(found)


def value_of(analysis: Analysis, rows: IntArray) -> SingleValue | None:
    """The value that `rows` (0-based, of the table) all share, in one column alone; else None.

    Rows that are the same in several columns are rather copies.
    """
    found: list[SingleValue] = []
    if len(rows) < LEAST:
        return None
    for name in analysis.prepared.preparation.inputs:
        numbers = analysis.dataset.column(name).numbers()
        every = numbers[analysis.prepared.rows]
        if np.ptp(numbers[rows]) == 0.0 and np.nanmin(every) < np.nanmax(every):
            n_values = len(np.unique(every[np.isfinite(every)]))
            found.append(SingleValue(name, float(numbers[rows[0]]), len(rows), n_values))
    return found[0] if len(found) == 1 else None


def _few_values(column: FloatArray, rows: IntArray) -> FloatArray:
    """The different values of a column, in order, where it has few for these rows; else none."""
    none = np.empty(0)
    for part in (rows[:_FIRST], rows):
        numbers = column[part]
        values = np.unique(numbers[np.isfinite(numbers)])
        if len(values) > min(_MOST_VALUES, len(rows) // _ROWS_A_VALUE):
            return none
    return values if len(values) > 1 else none
