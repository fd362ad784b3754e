"""The steps that choose rows."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from gmmdesk.data.conditions import fulfils, settled
from gmmdesk.data.dataset import Dataset
from gmmdesk.data.steps.fitted import FittedStep
from gmmdesk.data.steps.records import (
    DropColumn,
    HoldOut,
    Indicators,
    LeaveOutRows,
    LeaveOutWhere,
    Step,
)
from gmmdesk.data.steps.words import phrase
from gmmdesk.data.steps.work import Work, column_of, share
from gmmdesk.errors import DataError

_FEW = 1000  # rows that tell what a column can be compared with


def apply_condition(work: Work, step: LeaveOutWhere) -> None:
    column, decimal = work.column(step.column), work.dataset.receipt.decimal or "."
    which = fulfils(column, work.rows, step.operator, step.value, decimal)
    work.leave_out(which, step.reason or phrase(step))


def fit_condition(work: Work, step: LeaveOutWhere) -> tuple[FittedStep, str]:
    before = len(work.rows)
    apply_condition(work, step)
    # Other tables may have another decimal mark, or another order of dates.
    column, decimal = work.column(step.column), work.dataset.receipt.decimal or "."
    value = settled(column, step.operator, step.value, decimal)
    if value == step.value:
        fitted = step
    else:
        fitted = msgspec.structs.replace(step, value=value, reason=step.reason or phrase(step))
    return fitted, f"Left out {share(before - len(work.rows), before, 'row')}."


def _check_rows(dataset: Dataset, step: LeaveOutRows) -> None:
    if (highest := max(step.rows)) > dataset.last_number:
        raise DataError(
            f"There is no row {highest:,}; the last is {dataset.last_number:,}.",
            "Correct the list of rows.",
        )


def check(dataset: Dataset, step: Step) -> None:
    """Raise DataError where `step` cannot be taken in this table, wherever in a list it stands.

    Looks at a few rows of all. What depends on the steps before is not found out.
    """
    if isinstance(step, LeaveOutRows):
        _check_rows(dataset, step)
    elif isinstance(step, LeaveOutWhere | DropColumn | Indicators):
        column = column_of(dataset, step.column)
        if isinstance(step, LeaveOutWhere):
            few = np.unique(np.linspace(0, dataset.n_rows - 1, _FEW).astype(np.int64))
            decimal = dataset.receipt.decimal or "."
            fulfils(column.taken(few), np.arange(len(few)), step.operator, step.value, decimal)


def fit_rows(work: Work, step: LeaveOutRows) -> tuple[None, str]:
    dataset, numbers = work.dataset, np.unique(np.array(step.rows, np.int64))
    _check_rows(dataset, step)
    here, before = dataset.rows_numbered(numbers), len(work.rows)
    n = work.leave_out(np.isin(work.rows, here), step.reason or "left out by hand")
    told = f"Left out {share(n, before, 'row')}."
    if n < len(here):
        told += f" {len(here) - n:,} of those chosen had been left out before."
    if len(here) < len(numbers):
        told += (
            f" {len(numbers) - len(here):,} of those chosen are not in the sample that was read."
        )
    return None, told


def hold_out(work: Work, steps: Sequence[Step]) -> None:
    """Draw the rows to hold out, wherever the step stands, before anything is learnt.

    By their place in the table, so that other steps do not change which these are.
    """
    wanted = [step for step in steps if isinstance(step, HoldOut)]
    if len(wanted) > 1:
        raise DataError("Two steps hold out rows.", "Switch one of them off.")
    for step in wanted:
        n_rows = work.dataset.n_rows
        order = np.random.default_rng(step.seed).permutation(n_rows)
        work.held_out = np.zeros(n_rows, np.bool_)
        work.held_out[order[: round(step.share * n_rows)]] = True


def fit_hold_out(work: Work, _step: HoldOut) -> tuple[None, str]:
    n_seen = int(np.count_nonzero(work.is_fitted))
    held = share(len(work.rows) - n_seen, len(work.rows), "row")
    return None, f"The fit does not see {held}; it is judged on them."


def fit_drop(work: Work, step: DropColumn) -> tuple[None, str]:
    column = work.column(step.column)
    n_absent = column.n_missing + len(column.unreadable)
    return None, f"Column left aside: it lacks {share(n_absent, work.dataset.n_rows, 'value')}."
