"""The choices for one table taken over to another, as far as they fit."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

from gmmdesk.analysis.settings import Settings
from gmmdesk.data.dataset import Dataset
from gmmdesk.data.options import ReadOptions
from gmmdesk.data.steps import (
    DropColumn,
    Indicators,
    LeaveOutRows,
    LeaveOutWhere,
    Logarithm,
    Power,
    PrincipalComponents,
    Step,
    phrase,
)
from gmmdesk.data.steps.maps import BoxCox, Log, YeoJohnson

# What says how cells are to be understood, and not which rows there are.
_ABOUT_CELLS = ("decimal", "thousands", "date_order", "missing_words", "kinds")


@dataclass(frozen=True, slots=True)
class Carried:
    """Settings for another table, and in sentences what of them does not fit it.

    Steps that do not fit are switched off and not removed: the user sees them, and may mend them.
    """

    settings: Settings
    lost: tuple[str, ...]


def same_rows(before: Dataset, after: Dataset) -> bool:
    """Whether row i of both tables is the same row of the same file, whatever its cells mean."""
    receipts = before.receipt, after.receipt
    return (
        receipts[0].sha256 == receipts[1].sha256
        and before.n_rows == after.n_rows
        and _about_rows(before.options) == _about_rows(after.options)
    )


def _about_rows(options: ReadOptions) -> dict[str, Any]:
    chosen = msgspec.structs.asdict(options)
    return {name: value for name, value in chosen.items() if name not in _ABOUT_CELLS}


def carried_over(settings: Settings, dataset: Dataset, *, rows_are_same: bool = False) -> Carried:
    """`settings` with the columns that `dataset` has, and steps that do not fit it switched off.

    Rows chosen by number fit only where `rows_are_same`. Where no column is left those suggested
    are chosen.
    """
    numeric = {column.name for column in dataset.columns if column.is_numeric}
    columns = tuple(name for name in settings.columns if name in numeric)
    gone = [name for name in settings.columns if name not in numeric]
    lost = []
    if gone:
        lost.append(f"No column with numbers is called {' or '.join(gone)} now.")
    known = {column.name for column in dataset.columns}
    steps: list[Step] = []
    for step in settings.steps:
        flaw = _flaw(step, known, numeric, rows_are_same) if step.on else ""
        if flaw:
            lost.append(f"The step “{phrase(step)}” is switched off: {flaw}.")
            steps.append(msgspec.structs.replace(step, on=False))
            continue
        steps.append(step)
        makes = _MAKES.get(type(step))
        if step.on and makes is not None:
            numeric |= makes(step, dataset)
    marked, labels = settings.known, settings.known_column
    if marked and not rows_are_same:
        lost.append("Which cluster rows belong to is not known any more: they may be others now.")
        marked = ()
    if settings.forbidden and not rows_are_same:
        lost.append("Which cluster rows cannot belong to is not known any more either.")
    if labels and labels not in known:
        lost.append(f"There is no column {labels} any more with known clusters.")
        labels = ""
    carried = msgspec.structs.replace(
        settings,
        columns=columns or dataset.suggested,
        steps=tuple(steps),
        known=marked,
        known_column=labels,
        forbidden=settings.forbidden if rows_are_same else (),
        start=None,  # which holds for one fit
    )
    return Carried(carried, tuple(lost))


def _flaw(step: Step, known: Iterable[str], numeric: Iterable[str], rows_are_same: bool) -> str:
    """Why a step does not fit, as a sentence goes on; empty where it does."""
    if isinstance(step, LeaveOutRows):
        return "" if rows_are_same else "its rows are chosen by number, and may be others now"
    if isinstance(step, LeaveOutWhere | DropColumn | Indicators):
        return "" if step.column in known else f"there is no column {step.column}"
    if isinstance(step, Logarithm | Power):
        absent = [name for name in step.columns if name not in numeric]
        return f"no column with numbers is called {' or '.join(absent)}" if absent else ""
    return ""


def _from_logarithm(step: Logarithm, _dataset: Dataset) -> set[str]:
    return {Log(shift=step.shift).named(name) for name in step.columns}


def _from_power(step: Power, _dataset: Dataset) -> set[str]:
    made = (BoxCox if step.method == "box-cox" else YeoJohnson)(power=1.0)
    return {made.named(name) for name in step.columns}


def _from_components(step: PrincipalComponents, dataset: Dataset) -> set[str]:
    return {f"PC{k + 1}" for k in range(step.number or len(dataset.columns))}


# The columns of numbers that steps make, as later steps may name them.
_MAKES: dict[type, Callable[[Any, Dataset], set[str]]] = {
    Logarithm: _from_logarithm,
    Power: _from_power,
    PrincipalComponents: _from_components,
}
