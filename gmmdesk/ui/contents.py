"""What a document holds: a table, the choices for it and the answer; how these begin and go on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from gmmdesk.errors import GmmdeskError
from gmmdesk.session.answer import Answer
from gmmdesk.session.past import Past
from gmmdesk.ui.reading import Found

if TYPE_CHECKING:  # these import numpy, scipy and pyarrow: not before the window is up
    from gmmdesk.analysis.settings import Settings
    from gmmdesk.data.dataset import Dataset
    from gmmdesk.data.row_set import RowSet

_NO_ANSWER = "Its clusters have to be found again, and named again."


class Contents(NamedTuple):
    """What there is to be saved, at one moment."""

    dataset: Dataset
    settings: Settings
    answer: Answer | None
    past: Past | None = None
    selected: RowSet | None = None


def fresh(dataset: Dataset) -> Contents:
    """A table with all choices at their defaults."""
    from gmmdesk.analysis.settings import Settings, models_for

    models = models_for(dataset.n_rows)
    return Contents(dataset, Settings(columns=dataset.recommended, models=models), None)


def is_read_again(before: Found | None, after: Found) -> bool:
    """Whether a table is the one from before, read with other options."""
    return (
        before is not None
        and before.source == after.source
        and before.dataset.receipt.sha256 == after.dataset.receipt.sha256
        and before.dataset.options != after.dataset.options
    )


def read_again(before: Contents, dataset: Dataset) -> tuple[Contents, Sequence[str]]:
    """The choices for a table that was read in another way, and in sentences what is lost."""
    from gmmdesk.analysis.carrying import carried_over, same_rows

    settings = before.settings
    if settings.columns == before.dataset.recommended:  # they are nobody's choice
        settings = msgspec.structs.replace(settings, columns=dataset.recommended)
    rows_are_same = same_rows(before.dataset, dataset)
    carried = carried_over(settings, dataset, rows_are_same=rows_are_same)
    lost = [*carried.lost, *[_NO_ANSWER] * (before.answer is not None)]
    return Contents(dataset, carried.settings, None), lost


def said(lost: Sequence[str]) -> GmmdeskError:
    """What is said about choices that are not kept."""
    return GmmdeskError("Not all choices fit the table as it is now.", "\n".join(lost))
