"""What the panel of the steps finds out on its thread: what they do, and what would help."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from gmmdesk.data.steps import phrase
from gmmdesk.errors import GmmdeskError
from gmmdesk.ui.text import count

if TYPE_CHECKING:
    from gmmdesk.analysis.settings import Settings
    from gmmdesk.data.dataset import Dataset
    from gmmdesk.data.prepare import Prepared
    from gmmdesk.data.steps import Step
    from gmmdesk.data.steps.advice import Advice
    from gmmdesk.task import Task


class Looked(NamedTuple):
    """What the steps do to the table: a sentence for each that is on, or why they cannot.

    `first` and `last` say what happens before and after them; rows that are left out first can be
    used if `can_use_more`. `advice` is about long tails, `mistakes` about values that seem to be
    mistakes.
    """

    outcomes: Sequence[str] = ()
    problem: str = ""
    advice: Sequence[Advice] = ()
    mistakes: Sequence[Advice] = ()
    first: str = ""
    can_use_more: bool = False
    last: str = ""


class Columns(NamedTuple):
    """The names among which a step chooses: all, those of categories, and those that are used."""

    every: Sequence[str]
    categories: Sequence[str]
    used: Sequence[str]


def look(dataset: Dataset, settings: Settings, prepared: Prepared | None) -> Looked:
    """What the steps do; `prepared` with these settings if they have been taken already."""
    from gmmdesk.data.steps.advice import advise
    from gmmdesk.data.steps.mistakes import mistakes

    try:
        if prepared is None:
            prepared = _prepare(dataset, settings, settings.steps)
    except GmmdeskError as error:
        return Looked(problem=str(error))
    if prepared is None:
        return Looked()
    return Looked(
        outcomes=tuple(one.text for one in prepared.outcomes),
        advice=advise(dataset, prepared),
        mistakes=mistakes(dataset, prepared),
        first=_first(prepared),
        can_use_more=prepared.n_left_out_for_gaps > 0 and settings.missing == "leave-out",
        last=_LAST[settings.scaling],
    )


_LAST = {
    "standard": "Last, columns are scaled so that each counts alike.",
    "none": "Columns keep their scale.",
}


def _first(prepared: Prepared) -> str:
    """What became of rows with missing values, which comes before the steps."""
    n_left_out = prepared.n_left_out_for_gaps
    if prepared.n_incomplete:
        rows = count(prepared.n_incomplete, "row")
        return f"First, {rows} with missing values take part through those they have."
    if n_left_out:
        verb = "is" if n_left_out == 1 else "are"
        rows = count(n_left_out, "row")
        return f"First, {rows} with a missing or unreadable cell {verb} left out."
    return ""


class Told(NamedTuple):
    """What a step that is being filled in would do, or why it cannot be taken."""

    text: str
    is_problem: bool = False


def tell(
    dataset: Dataset, settings: Settings, earlier: Sequence[Step], step: Step, task: Task
) -> Told:
    """What `step` would do after the `earlier` ones."""
    try:
        prepared = _prepare(dataset, settings, (*earlier, step), task)
    except GmmdeskError as error:
        try:
            _prepare(dataset, settings, earlier, task)
        except GmmdeskError as before:
            return Told(f"The steps before this one cannot be taken: {before}", is_problem=True)
        return Told(str(error).removeprefix(f"Step “{phrase(step)}”: "), is_problem=True)
    return Told("" if prepared is None else f"Result: {prepared.outcomes[-1].text}")


def shares(dataset: Dataset, settings: Settings, earlier: Sequence[Step]) -> Sequence[float]:
    """How much of the variance each principal component holds after the `earlier` steps.

    Raises GmmdeskError where there are none.
    """
    from gmmdesk.data.steps import PrincipalComponents
    from gmmdesk.data.steps.fitted import Rotation

    before = [step for step in earlier if not isinstance(step, PrincipalComponents)]
    prepared = _prepare(dataset, settings, (*before, PrincipalComponents(share=1.0)))
    fitted = () if prepared is None else prepared.preparation.steps
    return next((step.shares for step in fitted if isinstance(step, Rotation)), ())


def columns(dataset: Dataset, settings: Settings, earlier: Sequence[Step]) -> Columns:
    """The columns that a step after the `earlier` ones can be for."""
    from gmmdesk.data.dataset import ColumnKind
    from gmmdesk.data.steps import DropColumn

    categories = [column for column in dataset.columns if not column.recommended]
    categories.sort(key=lambda column: column.kind is ColumnKind.IDENTIFIER)  # these come last
    dropped = {step.column for step in earlier if step.on and isinstance(step, DropColumn)}
    return Columns(
        every=[column.name for column in dataset.columns],
        categories=[column.name for column in categories],
        used=[name for name in settings.columns if name not in dropped],
    )


def _prepare(
    dataset: Dataset, settings: Settings, steps: Sequence[Step], task: Task | None = None
) -> Prepared | None:
    from gmmdesk.data.prepare import prepare

    if not settings.columns:
        return None
    chosen = msgspec.structs.replace(settings, steps=tuple(steps))
    return prepare(
        *(dataset, chosen.columns, chosen.scaling, task),
        missing=chosen.missing,
        steps=chosen.steps,
    )
