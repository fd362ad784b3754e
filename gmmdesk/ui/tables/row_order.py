"""Which rows the table shows, and in which order: computed off the UI thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pyarrow.compute as pc

from gmmdesk.analysis import Analysis
from gmmdesk.ui.tables.conditions import NOTHING, Mask, Wanted
from gmmdesk.ui.tables.fields import Field, RowNumbers

UNSURE = 0.795  # a probability below, told as less than 80 %, leaves open where a row belongs

# Rows to show, by the word for them: everything but "all" needs an answer.
KINDS: dict[str, Callable[[Analysis], Mask]] = {
    "used": lambda analysis: _spread(analysis, np.ones(len(analysis.prepared.rows), np.bool_)),
    "unsure": lambda analysis: _spread(analysis, analysis.rows.probability < UNSURE),
    "outliers": lambda analysis: _spread(analysis, analysis.rows.outliers(analysis.outlier_level)),
    "left out": lambda analysis: np.asarray(analysis.prepared.left_out > 0),
}


@dataclass(frozen=True, slots=True)
class Query:
    """`kind` is a key of KINDS, or "all"; sorted by the field at `sort`, or as in the file."""

    wanted: Wanted = NOTHING
    kind: str = "all"
    sort: int | None = None
    descending: bool = False


class Found(NamedTuple):
    """The rows to show, None for all as in the file, and the fields whose name has the words.

    `in_names_only` says that no cell has them, so that the rows are those without any words.
    """

    rows: RowNumbers | None
    named: tuple[int, ...] = ()
    in_names_only: bool = False


def found_for(
    query: Query, fields: Sequence[Field], n_rows: int, analysis: Analysis | None
) -> Found:
    """What is there to show; raises UsageError for a condition that cannot be met."""
    named = query.wanted.named(fields)
    rows = rows_for(query, fields, n_rows, analysis)
    if not named or rows is None or len(rows):
        return Found(rows, named)
    without = replace(query, wanted=NOTHING)
    return Found(rows_for(without, fields, n_rows, analysis), named, in_names_only=True)


def rows_for(
    query: Query, fields: Sequence[Field], n_rows: int, analysis: Analysis | None
) -> RowNumbers | None:
    """The rows (m,) to show in their order; None for all of them as in the file.

    Rows without a value come last in either direction. Raises UsageError for a condition that
    cannot be met.
    """
    order: RowNumbers | None = None
    if query.sort is not None and query.sort < len(fields):
        order = _sorted(fields[query.sort], query.descending)
    if query.wanted.words.strip() or (query.kind in KINDS and analysis is not None):
        mask = query.wanted.rows(fields, n_rows)
        if query.kind in KINDS and analysis is not None:
            mask &= KINDS[query.kind](analysis)
        order = np.flatnonzero(mask) if order is None else order[mask[order]]
    return order if order is None else _compact(order)


def _sorted(field: Field, descending: bool) -> RowNumbers:
    numbers = field.numbers()
    if numbers is None:
        texts = field.texts()
        direction = "descending" if descending else "ascending"
        order = pc.array_sort_indices(texts, order=direction, null_placement="at_end")
        return np.asarray(order.to_numpy()).astype(np.int64)
    # Equal ones stay in the order of the file; nan sorts last.
    return np.argsort(-numbers if descending else numbers, kind="stable")


def _compact(order: RowNumbers) -> RowNumbers:
    return order.astype(np.uint32) if order.dtype != np.uint32 else order


def _spread(analysis: Analysis, of_used: Mask) -> Mask:
    full = np.zeros(analysis.dataset.n_rows, np.bool_)
    full[analysis.prepared.rows] = of_used
    return full
