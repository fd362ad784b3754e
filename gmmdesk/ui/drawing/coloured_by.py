"""Rows coloured by any column of the table, or by how sure they are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gmmdesk.analysis import Analysis
from gmmdesk.data.dataset import Column
from gmmdesk.data.prepare import Prepared
from gmmdesk.ui import text
from gmmdesk.ui.drawing.schemes import OTHER, STEPS, Scheme
from gmmdesk.ui.drawing.shading import CERTAINTIES, UNKNOWN, CodeArray, Shading

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_MOST_CATEGORIES = 11  # the most frequent, then all others
_FEW = 10  # whole numbers with no more values are categories
_TAIL = 0.005  # of the rows on each side, which have the colour of the ends
CERTAINTY = "How sure"


def by_certainty(analysis: Analysis) -> Shading:
    """Rows by the probability of the cluster that they were given."""
    least = 1.0 / max(analysis.n_clusters, 2)
    return _by_number(CERTAINTY, analysis.rows.probability, (least, 1.0), text.percent)


def by_column(column: Column, prepared: Prepared) -> Shading:
    """Rows by the numbers or the categories of any column of the table."""
    cells = column.cells
    if column.is_numeric and not _is_few(column):
        values = column.numbers()[prepared.rows]
        return _by_number(column.name, values, _range(values), text.number)
    if pa.types.is_temporal(cells.type) and not pa.types.is_time(cells.type):
        moments = pc.cast(pc.cast(cells, pa.timestamp("us")), pa.int64())
        values = np.asarray(moments.to_numpy(), np.float64)[prepared.rows]
        return _by_number(column.name, values, _range(values), _date)
    return _by_category(column, prepared.rows)


def _is_few(column: Column) -> bool:
    """Whether a column's numbers are codes of categories."""
    if not pa.types.is_integer(column.cells.type):
        return False
    return len(column.cells.slice(0, 10_000).unique()) <= _FEW and (
        pc.count_distinct(column.cells).as_py() <= _FEW
    )


def _by_number(
    title: str, values: FloatArray, ends: tuple[float, float], say: Callable[[float], str]
) -> Shading:
    low, high = ends
    there = np.isfinite(values)
    share = (np.where(there, values, low) - low) / ((high - low) or 1.0)
    step = np.clip(share * STEPS, 0, STEPS - 1).astype(np.int64)
    codes = np.where(there, _code(step), UNKNOWN).astype(np.uint16)
    return Shading(codes, STEPS, None, Scheme(title, scale=ends, ends=(say(low), say(high))))


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
    return Shading(codes, len(names), None, Scheme(column.name, tuple(names)))


def _sortable(word: str) -> tuple[float, str]:
    try:
        return float(word), word
    except ValueError:
        return np.inf, word


def _code(group: IntArray) -> CodeArray:
    """The codes of rows that belong to groups for certain."""
    return ((group + 2) * CERTAINTIES).astype(np.uint16)


def _range(values: FloatArray) -> tuple[float, float]:
    there = values[np.isfinite(values)]
    if not len(there):
        return 0.0, 1.0
    sample = there[:: max(1, len(there) // 100_000)]
    low, high = np.quantile(sample, (_TAIL, 1.0 - _TAIL)).tolist()
    return (low, high) if high > low else (float(there.min()), float(there.max()))


def _date(microseconds: float) -> str:
    return datetime.fromtimestamp(microseconds / 1e6, UTC).date().isoformat()
