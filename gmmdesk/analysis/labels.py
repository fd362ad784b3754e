"""Columns of a few categories that were not used, and may say which clusters there are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gmmdesk.data.dataset import Column, IntArray
from gmmdesk.engine.judging.agreement import Agreement, agreement
from gmmdesk.errors import UsageError

if TYPE_CHECKING:
    from gmmdesk.analysis.analysis import Analysis

LABELS = 50  # categories, at most, of a column of known labels
_LOOKED_AT = 10_000  # cells, to tell such a column
_COMPARED = 50_000  # rows, evenly spaced
# A column is told with the answer from this adjusted Rand index on: recovery that Steinley (2004)
# calls moderate or better. In fewer rows than these chance alone may come to it.
AGREEING, _FEWEST_ROWS = 0.65, 20
# Of a column, or clusters, in which no more than these differ from most rows chance makes as much
# in up to two of a hundred columns (2 to 5 rows of 20 to 300); of codes of single rows in none.
_HANDFUL = 5


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """A column, and how far its categories agree with the clusters."""

    column: str
    agreement: Agreement


def label_columns(analysis: Analysis) -> tuple[str, ...]:
    """The columns that were not used and hold a few categories, which may be known labels."""
    used = {*analysis.prepared.preparation.needed, analysis.settings.known_column}
    return tuple(
        column.name
        for column in analysis.dataset.columns
        if column.name not in used and _may_be_labels(column)
    )


def _may_be_labels(column: Column) -> bool:
    kind = column.cells.type
    if not (pa.types.is_string(kind) or pa.types.is_boolean(kind) or pa.types.is_integer(kind)):
        return False
    return 1 < len(pc.unique(column.cells.slice(0, _LOOKED_AT))) <= LABELS


def agreeing_labels(analysis: Analysis, check: Callable[[], object] = bool) -> Labelled | None:
    """The column that agrees best with two clusters or more, by 50,000 rows; None if none does.

    Before those that hold a label in fewer than half of the rows come others.
    `check` is called before each column and may raise.
    """
    if analysis.n_clusters < 2:
        return None
    every = slice(None, None, -(-len(analysis.prepared.rows) // _COMPARED))
    rows, labels = analysis.prepared.rows[every], analysis.rows.label[every]
    agreeing = []
    for name in label_columns(analysis):
        check()
        try:
            names, codes = categories(analysis.dataset.column(name), rows)
        except UsageError:  # more of them than its first cells had
            continue
        found = agreement(labels, codes, (analysis.n_clusters, len(names)))
        if _is_no_chance(found) and found.adjusted_rand_index >= AGREEING:
            agreeing.append(Labelled(name, found))

    def rank(one: Labelled) -> tuple[bool, float]:
        return 2 * one.agreement.n >= len(rows), one.agreement.adjusted_rand_index

    return max(agreeing, key=rank, default=None)


def _is_no_chance(found: Agreement) -> bool:
    """Whether there are rows enough, of more than a handful that differ from most."""
    if not found.tells or found.n < _FEWEST_ROWS:
        return False
    return all(found.n - found.table.sum(axis=axis).max() > _HANDFUL for axis in (0, 1))


def categories(column: Column, rows: IntArray) -> tuple[tuple[str, ...], IntArray]:
    """The categories of a column, the most frequent first, and that of each row, -1 for none.

    Raises UsageError where they are more than `LABELS`.
    """
    cells = column.cells.take(pa.array(rows)).cast(pa.string()).combine_chunks()
    if isinstance(cells, pa.ChunkedArray):  # of an empty column
        cells = pa.concat_arrays(cells.chunks) if cells.num_chunks else pa.array([], pa.string())
    coded = cells.dictionary_encode()
    codes = np.asarray(pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False), np.int64)
    codes[column.missing()[rows]] = -1
    names = coded.dictionary.to_pylist()
    counts = np.bincount(codes[codes >= 0], minlength=len(names))
    order = [int(i) for i in np.argsort(-counts, kind="stable") if counts[i]]
    if len(order) > LABELS:
        raise UsageError(
            f"The column '{column.name}' has {len(order):,} different values.",
            f"Choose one with at most {LABELS}.",
        )
    place = np.full(len(names) + 1, -1)
    place[order] = np.arange(len(order))
    return tuple(str(names[i]) for i in order), place[codes]
