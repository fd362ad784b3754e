"""The rows on their way from the table to the fit, as the steps find and leave them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from gmmdesk.data.dataset import Column, Dataset, FloatArray, IntArray
from gmmdesk.data.reasons import Codes, Reasons
from gmmdesk.errors import DataError
from gmmdesk.task import Task

BoolArray = npt.NDArray[np.bool_]


@dataclass(slots=True)
class Work:
    """The rows on their way from the table to the fit.

    `values` are the columns by the name that they have so far, (m,) each, of the m `rows` that are
    left. `held_out` (n_rows,) are those of the table that nothing is learnt from. `log_slope` (m,)
    is the logarithm of how much the steps stretch the space around each row.
    """

    dataset: Dataset
    scaling: str
    missing: str
    task: Task
    rows: IntArray
    left_out: Codes
    reasons: Reasons
    values: dict[str, FloatArray] = field(default_factory=dict)
    held_out: BoolArray | None = None
    log_slope: FloatArray | None = None
    components: tuple[str, ...] = ()

    @property
    def is_fitted(self) -> BoolArray:
        """The rows that the fit learns from, (m,)."""
        if self.held_out is None:
            return np.ones(len(self.rows), np.bool_)
        return ~self.held_out[self.rows]

    def leave_out(self, which: BoolArray, reason: str) -> int:
        """Leave out rows (m,) for a `reason`; how many these are."""
        n = int(np.count_nonzero(which))
        if n:
            self.left_out[self.rows[which]] = self.reasons.code(reason)
            kept = ~which
            self.rows = self.rows[kept]
            for name in self.values:  # one at a time, so that a column at most is there twice
                self.values[name] = self.values[name][kept]
            if self.log_slope is not None:
                self.log_slope = self.log_slope[kept]
        return n

    def stretch(self, log_slope: FloatArray | float) -> None:
        """Note by how much a step stretches the space, of cells that are there."""
        if self.log_slope is None:
            self.log_slope = np.zeros(len(self.rows))
        self.log_slope = self.log_slope + np.where(np.isnan(log_slope), 0.0, log_slope)

    def column(self, name: str) -> Column:
        """A column of the table; raises DataError where there is none."""
        return column_of(self.dataset, name)

    def learnt_from(self, name: str) -> FloatArray:
        """The values of a column in rows that are not held out; raises DataError without any."""
        if name not in self.values:
            raise DataError(
                f"Column '{name}' is not among those that have come so far:"
                f" {', '.join(self.values)}.",
                "Tick it, or move or switch off the step.",
            )
        x = self.values[name][self.is_fitted]
        x = x[~np.isnan(x)]
        if not len(x):
            raise DataError(f"Column '{name}' has no value left.", "Switch off the step.")
        return x


def column_of(dataset: Dataset, name: str) -> Column:
    """A column of the table; raises DataError where there is none."""
    try:
        return dataset.column(name)
    except KeyError:
        known = ", ".join(column.name for column in dataset.columns[:12])
        raise DataError(
            f"{dataset.name} has no column '{name}'.", f"Its columns are {known}."
        ) from None


def count(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'s' * (n != 1)}"


def share(n: int, total: int, noun: str) -> str:
    return f"{n:,} of {count(total, noun)}"
