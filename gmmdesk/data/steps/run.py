"""Taking the steps: what each learns from the rows, what it does to them, and what it did."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from gmmdesk.data.steps import columns, rows
from gmmdesk.data.steps.fitted import FittedStep, Levels, Mapped, Rotation
from gmmdesk.data.steps.records import (
    DropColumn,
    HoldOut,
    Indicators,
    LeaveOutRows,
    LeaveOutWhere,
    Logarithm,
    Power,
    PrincipalComponents,
    Step,
)
from gmmdesk.data.steps.words import phrase
from gmmdesk.data.steps.work import Work
from gmmdesk.errors import DataError


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one step did: in a sentence, and how many rows and columns it found and left.

    `fitted` is what it learnt, if there is anything to learn.
    """

    step: Step
    text: str
    rows_before: int
    rows_after: int
    columns_before: int
    columns_after: int
    fitted: FittedStep | None = None


def fit(work: Work, steps: Sequence[Step]) -> tuple[list[FittedStep], list[Outcome]]:
    """Take the steps one after the other; what they learnt, and what each did.

    Raises DataError that names the step.
    """
    fitted: list[FittedStep] = []
    outcomes: list[Outcome] = []
    rows.hold_out(work, steps)
    for i, step in enumerate(steps):
        work.task.step(i / len(steps), "Preparing")
        before = len(work.rows), len(work.values)
        try:
            learnt, text = STEPS[type(step)](work, step)
        except DataError as error:
            raise DataError(f"Step “{phrase(step)}”: {error.message}", error.hint) from None
        after = len(work.rows), len(work.values)
        outcomes.append(Outcome(step, text, before[0], after[0], before[1], after[1], learnt))
        if learnt is not None:
            fitted.append(learnt)
    return fitted, outcomes


def apply(work: Work, step: FittedStep) -> None:
    """Do to the rows what a fitted step says."""
    APPLIED[type(step)](work, step)


STEPS: dict[type, Callable[[Work, Any], tuple[FittedStep | None, str]]] = {
    LeaveOutWhere: rows.fit_condition,
    LeaveOutRows: rows.fit_rows,
    DropColumn: rows.fit_drop,
    Logarithm: columns.fit_logarithm,
    Power: columns.fit_power,
    Indicators: columns.fit_indicators,
    PrincipalComponents: columns.fit_components,
    HoldOut: rows.fit_hold_out,
}
APPLIED: dict[type, Callable[[Work, Any], None]] = {
    LeaveOutWhere: rows.apply_condition,
    Mapped: columns.apply_maps,
    Levels: columns.apply_levels,
    Rotation: columns.apply_rotation,
}
