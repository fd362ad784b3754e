"""What the panel of the steps finds out on its thread: what they do, and what would help."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from gmmdesk.errors import GmmdeskError

if TYPE_CHECKING:
    from gmmdesk.analysis.settings import Settings
    from gmmdesk.data.dataset import Dataset
    from gmmdesk.data.prepare import Prepared
    from gmmdesk.data.steps import Step
    from gmmdesk.data.steps.advice import Advice


class Looked(NamedTuple):
    """What the steps do to the table: a sentence for each that is on, or why they cannot."""

    outcomes: Sequence[str] = ()
    problem: str = ""
    advice: Sequence[Advice] = ()


class Columns(NamedTuple):
    """The names among which a step chooses: all, those of categories, and those that are used."""

    every: Sequence[str]
    categories: Sequence[str]
    used: Sequence[str]


def look(dataset: Dataset, settings: Settings, prepared: Prepared | None) -> Looked:
    """What the steps do; `prepared` with these settings if they have been taken already."""
    from gmmdesk.data.steps.advice import advise

    try:
        if prepared is None:
            prepared = _prepare(dataset, settings, settings.steps)
    except GmmdeskError as error:
        return Looked(problem=str(error))
    advice = () if prepared is None else advise(dataset, prepared)
    outcomes = () if prepared is None else tuple(one.text for one in prepared.outcomes)
    return Looked(outcomes, "", advice)


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
    from gmmdesk.data.steps import DropColumn

    dropped = {step.column for step in earlier if step.on and isinstance(step, DropColumn)}
    return Columns(
        every=[column.name for column in dataset.columns],
        categories=[column.name for column in dataset.columns if not column.recommended],
        used=[name for name in settings.columns if name not in dropped],
    )


def _prepare(dataset: Dataset, settings: Settings, steps: Sequence[Step]) -> Prepared | None:
    from gmmdesk.data.prepare import prepare

    if not settings.columns:
        return None
    chosen = msgspec.structs.replace(settings, steps=tuple(steps))
    return prepare(
        dataset, chosen.columns, chosen.scaling, missing=chosen.missing, steps=chosen.steps
    )
