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
    from gmmdesk.data.options import ReadOptions
    from gmmdesk.data.row_set import RowSet
    from gmmdesk.engine import Resampled

FIT_WAS_STOPPED = "Finding clusters was stopped for it; what was found until then is kept."
_NO_ANSWER = "Its clusters have to be found again, and named again."


class Contents(NamedTuple):
    """What there is to be saved, at one moment.

    `resampled` tells how far halves of the rows led to the clusters of the answer.
    """

    dataset: Dataset
    settings: Settings
    answer: Answer | None
    past: Past | None = None
    selected: RowSet | None = None
    resampled: Resampled | None = None


def fresh(dataset: Dataset) -> Contents:
    """A table with all choices at their defaults."""
    from gmmdesk.analysis.settings import Settings, models_for

    models = models_for(dataset.n_rows)
    return Contents(dataset, Settings(columns=dataset.suggested, models=models), None)


def is_read_again(before: Found | None, after: Found) -> bool:
    """Whether a table is the one from before, read with other options."""
    return (
        before is not None
        and before.source == after.source
        and before.dataset.receipt.hashes == after.dataset.receipt.hashes
        and before.dataset.options != after.dataset.options
    )


def read_again(before: Contents, dataset: Dataset) -> tuple[Contents, Sequence[str]]:
    """The choices for a table that was read in another way, and in sentences what is lost."""
    from gmmdesk.analysis.carrying import carried_over, same_rows

    settings = before.settings
    if settings.columns == before.dataset.suggested:  # they are nobody's choice
        settings = msgspec.structs.replace(settings, columns=dataset.suggested)
    rows_are_same = same_rows(before.dataset, dataset)
    carried = carried_over(settings, dataset, rows_are_same=rows_are_same)
    lost = [*carried.lost, *[_NO_ANSWER] * (before.answer is not None)]
    return Contents(dataset, carried.settings, None), lost


# What is called what in the history.
_CHOICES = {
    "sheet": "sheet",
    "cell_range": "range of cells",
    "encoding": "encoding",
    "delimiter": "delimiter",
    "quote": "quotation mark",
    "skip_rows": "first lines",
    "header_rows": "header",
    "units_row": "units row",
    "decimal": "decimal mark",
    "thousands": "mark of thousands",
    "date_order": "order of dates",
    "missing_words": "missing values",
    "kinds": "kinds of columns",
    "row_limit": "rows",
    "sample_rows": "rows",
    "sample_seed": "rows",
}


def told(before: ReadOptions, after: ReadOptions) -> str:
    """What was done where a table was read in another way, for the history."""
    pairs = msgspec.structs.asdict(before), msgspec.structs.asdict(after)
    changed = dict.fromkeys(
        _CHOICES[name] for name, value in pairs[0].items() if value != pairs[1][name]
    )
    if len(changed) > 3:
        return "reading the table in another way"
    return f"reading the table again ({', '.join(changed)})"


def said(lost: Sequence[str], *, can_undo: bool = False) -> GmmdeskError:
    """What is said about choices that are not kept."""
    way_back = ["Undo goes back to the table as it was read before."] * can_undo
    return GmmdeskError(
        "Not all choices fit the table as it is now.", "\n".join([*lost, *way_back])
    )


def gave_way() -> GmmdeskError:
    """What is said where a step could not be gone to, as the table had to be read for it first."""
    return GmmdeskError(
        "While the table was read as it was before, something else was begun or changed.",
        "What is in the window stays, and no step was undone or made again. Try it once more.",
    )
