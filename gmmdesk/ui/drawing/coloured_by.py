"""Rows coloured by any column of the table, or by how sure they are."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gmmdesk.analysis import Analysis
from gmmdesk.data.conditions import holds_moments
from gmmdesk.data.dataset import Column
from gmmdesk.data.moments import AmbiguousDateError, moments_of
from gmmdesk.data.prepare import Prepared
from gmmdesk.ui import text
from gmmdesk.ui.drawing.calendar_ticks import Tick, calendar_ticks, ends_said
from gmmdesk.ui.drawing.schemes import OTHER, STEPS, Scheme
from gmmdesk.ui.drawing.shading import CERTAINTIES, UNKNOWN, CodeArray, RowArray, Shading

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_MOST_CATEGORIES = 11  # the most frequent, then all others
_FEW = 10  # whole numbers with no more values are categories
_LOOKED_AT = 100_000  # rows that tell the range of a column
_UNIT = (0.0, 1.0)  # the range of a column without numbers
_TAIL = 0.005  # of the rows on each side, which have the colour of the ends
CERTAINTY = "How sure"
NO_VALUE = "No value"


def by_certainty(analysis: Analysis) -> Shading:
    """Rows by the probability of the cluster that they were given."""
    least = 1.0 / max(analysis.n_clusters, 2)
    steps = Steps(analysis.rows.probability, None, (least, 1.0))
    return _by_number(CERTAINTY, steps, (text.percent(least), text.percent(1.0)))


def by_column(column: Column, prepared: Prepared) -> Shading:
    """Rows by the numbers or the categories of any column of the table."""
    if column.is_numeric and not _is_few(column):
        values = column.numbers()
        ends = _range(values, prepared.rows)
        words = (NO_VALUE, "") if ends is None else (text.number(ends[0]), text.number(ends[1]))
        return _by_number(column.title, Steps(values, prepared.rows, ends or _UNIT), words)
    if holds_moments(column):
        with suppress(AmbiguousDateError):  # else each date is a category
            return _by_moment(column, prepared.rows)
    return _by_category(column, prepared.rows)


def _is_few(column: Column) -> bool:
    """Whether a column's numbers are codes of categories."""
    if not pa.types.is_integer(column.cells.type):
        return False
    return len(column.cells.slice(0, 10_000).unique()) <= _FEW and (
        pc.count_distinct(column.cells).as_py() <= _FEW
    )


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """Codes by a number: which of STEPS between the `ends` it lies in.

    The numbers are `values` at `rows`, (n,), or at all.
    """

    values: FloatArray
    rows: IntArray | None
    ends: tuple[float, float]

    def __len__(self) -> int:
        return len(self.values if self.rows is None else self.rows)

    def __getitem__(self, places: slice | IntArray | RowArray) -> CodeArray:
        low, high = self.ends
        step = self.values[places if self.rows is None else self.rows[places]] - low
        there = np.isfinite(step)
        complete = bool(there.all())
        if not complete:
            step[~there] = 0.0
        step /= (high - low) or 1.0  # in place: of all rows of a large table, and soon
        step *= STEPS
        np.clip(step, 0, STEPS - 1, out=step)
        codes = step.astype(np.uint16)
        codes += 2
        codes *= CERTAINTIES
        if not complete:
            codes[~there] = UNKNOWN
        return codes


def _by_moment(column: Column, rows: IntArray) -> Shading:
    """Rows by their dates, or by their times of any day."""
    moments, is_clock = moments_of(column, rows, in_zone=True)
    values = np.where(np.isnat(moments), np.nan, moments.astype(np.int64).astype(np.float64))
    ends = _range(values, np.arange(len(values)))
    if ends is None:
        return _by_number(column.title, Steps(values, None, _UNIT), (NO_VALUE, ""))
    words = ends_said(*ends, is_clock=is_clock)
    return _by_number(column.title, Steps(values, None, ends), words, calendar_ticks(*ends))


def _by_number(
    title: str, steps: Steps, words: tuple[str, str], ticks: tuple[Tick, ...] = ()
) -> Shading:
    scheme = Scheme(title, scale=steps.ends, ends=words, ticks=ticks)
    return Shading(steps, STEPS, None, scheme)


def _by_category(column: Column, rows: IntArray) -> Shading:
    encoded = pc.dictionary_encode(column.cells.combine_chunks())
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    indices = np.asarray(pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False))[rows]
    words = [str(word) for word in encoded.dictionary.to_pylist()]
    counts = np.bincount(indices[indices >= 0], minlength=len(words))
    kept = [int(i) for i in np.argsort(-counts, kind="stable") if counts[i]]
    lost = len(kept) > _MOST_CATEGORIES
    kept = sorted(kept[:_MOST_CATEGORIES], key=lambda i: _sortable(words[i]))
    group = np.full(len(words) + 1, len(kept), np.int64)  # the last is for no value
    group[kept] = np.arange(len(kept))
    codes = np.where(indices >= 0, _code(group[indices]), UNKNOWN).astype(np.uint16)
    names = [words[i] for i in kept] + [OTHER] * lost
    return Shading(codes, len(names), None, Scheme(column.title, tuple(names)))


def _sortable(word: str) -> tuple[float, str]:
    try:
        return float(word), word
    except ValueError:
        return np.inf, word


def _code(group: IntArray) -> CodeArray:
    """The codes of rows that belong to groups for certain."""
    return ((group + 2) * CERTAINTIES).astype(np.uint16)


def _range(values: FloatArray, rows: IntArray) -> tuple[float, float] | None:
    """The values whose colours are those of the ends, by a sample, else by all rows.

    None where no row has a value.
    """
    low = high = np.nan
    sample = values[rows[:: max(1, len(rows) // _LOOKED_AT)]]
    if (there := sample[np.isfinite(sample)]).size:
        low, high = np.quantile(there, (_TAIL, 1.0 - _TAIL)).tolist()
    if not high > low:
        there = values[rows]
        there = there[np.isfinite(there)]
        if not len(there):
            return None
        low, high = float(there.min()), float(there.max())
    return low, high
