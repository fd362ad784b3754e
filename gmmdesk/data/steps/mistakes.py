"""Columns in which a few values seem not to belong, with the step that leaves these out."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gmmdesk.data.dataset import BoolArray, Dataset, FloatArray
from gmmdesk.data.prepare import Prepared
from gmmdesk.data.steps.advice import Advice
from gmmdesk.data.steps.records import LeaveOutWhere
from gmmdesk.data.steps.strange_values import far_above, few_are_negative, few_are_zero
from gmmdesk.text import number, plain


def mistakes(dataset: Dataset, prepared: Prepared) -> tuple[Advice, ...]:
    """Steps for those of the used columns in which few values are negative, 0 or far too large."""
    found: list[Advice] = []
    for name in prepared.preparation.inputs:
        values = dataset.column(name).numbers()[prepared.rows]
        found += _mistakes(name, values[np.isfinite(values)])
    return tuple(found)


def _mistakes(name: str, values: FloatArray) -> Iterator[Advice]:
    if few_are_negative(values):
        least = number(float(values[values >= 0.0].min()), 3)
        told = f"negative, all others {least} or more: a typing error, or a code for no value?"
        step = LeaveOutWhere(column=name, operator="<", value=0.0, reason=f"negative {name}")
        yield _advice(step, values < 0.0, told)
    if few_are_zero(values):
        least = plain(float(values[values > 0.0].min()))
        told = f"0, all others {least} or more: a code for no value, or a typing error?"
        step = LeaveOutWhere(column=name, operator="=", value=0.0, reason=f"{name} is 0")
        yield _advice(step, values == 0.0, told)
    if (far := far_above(values)) is not None:
        which, below = values >= far, plain(float(values[values < far].max()))
        least = f"{plain(far)} or more" if which.sum() > 1 else plain(far)
        told = (
            f"far above all others, {least} beside {below} at most: a typing error, or another"
            " unit?"
        )
        reason = f"{name} far above all others"
        step = LeaveOutWhere(column=name, operator=">=", value=far, reason=reason)
        yield _advice(step, which, told)


def _advice(step: LeaveOutWhere, which: BoolArray, told: str) -> Advice:
    n, are = int(which.sum()), "is" if which.sum() == 1 else "are"
    return Advice(
        (step.column,), step, f"{n:,} of {len(which):,} values of {step.column} {are} {told}"
    )
