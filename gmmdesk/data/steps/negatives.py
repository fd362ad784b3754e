"""Columns in which a few values are negative that seem not to belong there."""

from __future__ import annotations

import numpy as np

from gmmdesk.data.dataset import Dataset, FloatArray
from gmmdesk.data.prepare import Prepared
from gmmdesk.data.steps.advice import Advice
from gmmdesk.data.steps.records import LeaveOutWhere
from gmmdesk.text import number

_FEWEST_ROWS = 200
_FEW = 0.01  # of the values
_TIMES = 3.0  # as wide as the lowest twentieth of the others is the gap below them


def negative_values(dataset: Dataset, prepared: Prepared) -> tuple[Advice, ...]:
    """The used columns of which a few values are negative, with the step that leaves these out."""
    found = []
    for name in prepared.preparation.inputs:
        values = dataset.column(name).numbers()[prepared.rows]
        values = values[np.isfinite(values)]
        if not are_strange(values):
            continue
        negative = values < 0.0
        n, least = int(negative.sum()), float(values[~negative].min())
        reason = (
            f"{n:,} of {len(values):,} values of {name} {'is' if n == 1 else 'are'} negative, all"
            f" others {number(least, 3)} or more: a typing error, or a code for no value?"
        )
        step = LeaveOutWhere(column=name, operator="<", value=0.0, reason=f"negative {name}")
        found.append(Advice((name,), step, "without them", reason))
    return tuple(found)


def are_strange(values: FloatArray) -> bool:
    """Whether few of some values (n,) are negative, and these lie apart from the others.

    Where values thin out towards zero and go on below it, as temperatures do, the gap between the
    two is not large beside how far the lowest of the others lie apart.
    """
    negative = values < 0.0
    n = int(negative.sum())
    if len(values) < _FEWEST_ROWS or not 0 < n < _FEW * len(values):
        return False
    others = values[~negative]
    least = float(others.min())
    gap, lowest = least - float(values[negative].max()), float(np.quantile(others, 0.05)) - least
    return least > 0.0 and gap > _TIMES * lowest
