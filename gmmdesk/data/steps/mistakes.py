"""Columns in which a few values seem not to belong, with the step that leaves these out."""

from __future__ import annotations

import numpy as np

from gmmdesk.data.dataset import BoolArray, Dataset
from gmmdesk.data.prepare import Prepared
from gmmdesk.data.steps.advice import Advice
from gmmdesk.data.steps.records import LeaveOutWhere
from gmmdesk.data.steps.strange_values import far_above, few_are_negative, few_are_zero
from gmmdesk.text import number, plain


def mistakes(dataset: Dataset, prepared: Prepared) -> tuple[Advice, ...]:
    """Steps for those of the used columns in which few values are negative, 0 or far too large."""
    found = []
    for name in prepared.preparation.inputs:
        values = dataset.column(name).numbers()[prepared.rows]
        values = values[np.isfinite(values)]
        if few_are_negative(values):
            told = (
                f"{_few(values < 0.0, name)} negative, all others"
                f" {number(float(values[values >= 0.0].min()), 3)} or more: a typing error, or a"
                " code for no value?"
            )
            step = LeaveOutWhere(column=name, operator="<", value=0.0, reason=f"negative {name}")
            found.append(Advice((name,), step, told))
        if few_are_zero(values):
            told = (
                f"{_few(values == 0.0, name)} 0, all others"
                f" {plain(float(values[values > 0.0].min()))} or more: a code for no value, or a"
                " typing error?"
            )
            step = LeaveOutWhere(column=name, operator="=", value=0.0, reason=f"{name} is 0")
            found.append(Advice((name,), step, told))
        if (far := far_above(values)) is not None:
            which, below = values >= far, float(values[values < far].max())
            least = f"{plain(far)} or more" if which.sum() > 1 else plain(far)
            told = (
                f"{_few(which, name)} far above all others, {least} beside {plain(below)} at most:"
                " a typing error, or another unit?"
            )
            step = LeaveOutWhere(
                column=name, operator=">=", value=far, reason=f"{name} far above all others"
            )
            found.append(Advice((name,), step, told))
    return tuple(found)


def _few(which: BoolArray, name: str) -> str:
    n = int(which.sum())
    return f"{n:,} of {len(which):,} values of {name} {'is' if n == 1 else 'are'}"
