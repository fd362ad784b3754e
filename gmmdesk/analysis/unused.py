"""What the columns that were not used say of clusters: categories, and numbers on average."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gmmdesk.analysis.analysis import Analysis
from gmmdesk.data.dataset import Column, FloatArray, IntArray
from gmmdesk.text import plain

_CATEGORIES = 30  # a column with more is no column of categories
# A category is worth a word where most of the cluster has it, and so many times as often as others.
_MOST, _LIFT = 0.6, 1.3
_LARGE = 0.8  # standard deviations within two sets of rows, between their means (Cohen, 1988)
_NEXT_TO_NOTHING = 1e-6  # of the standard deviation of all


@dataclass(frozen=True, slots=True)
class Majority:
    """A category that most rows of a cluster have in a column that was not used.

    `share` is its share of the cluster's rows, `elsewhere` of all other used rows, those without a
    category among them. A column of a few whole numbers has these for categories.
    """

    column: str
    category: str
    share: float
    elsewhere: float


@dataclass(frozen=True, slots=True)
class Average:
    """The mean of a column of numbers that was not used, in a cluster and in all other used rows.

    `effect` is their difference in standard deviations `within` both.
    """

    column: str
    mean: float
    elsewhere: float
    effect: float
    within: float


def majorities(analysis: Analysis) -> tuple[tuple[Majority, ...], ...]:
    """Of each cluster, the categories that most of its rows have, the most telling first.

    Where two columns say the same of the same numbers of rows, the first one says it.
    """
    found: list[list[Majority]] = [[] for _ in range(analysis.n_clusters)]
    for column in _unused(analysis):
        counted = _counted(analysis, column)
        if counted is None:
            continue
        names, counts, sizes = counted
        total = counts.sum(axis=0)
        for k, own in enumerate(counts[: analysis.n_clusters]):
            n, n_else = sizes[k], sizes.sum() - sizes[k]
            if not (n and n_else):
                continue
            top = int(own.argmax())
            share = float(own[top] / n)
            elsewhere = float((total[top] - own[top]) / n_else)
            told = {(one.share, one.elsewhere) for one in found[k]}
            if share >= _MOST and share >= _LIFT * elsewhere and (share, elsewhere) not in told:
                found[k].append(Majority(column.name, names[top], share, elsewhere))
    return tuple(tuple(sorted(one, key=lambda m: m.elsewhere - m.share)) for one in found)


def averages(analysis: Analysis) -> tuple[tuple[Average, ...], ...]:
    """Of each cluster, the columns whose mean is far from that of all others, farthest first."""
    K, label = analysis.n_clusters, analysis.rows.label
    found: list[list[Average]] = [[] for _ in range(K)]
    for column in _unused(analysis):
        if not column.recommended or column.name in analysis.dataset.few_valued:
            continue
        values = column.numbers()[analysis.prepared.rows]
        there = np.isfinite(values)
        own = np.where(label < 0, K, label)[there]
        for k, one in _averages(column.name, values[there], own, K):
            found[k].append(one)
    return tuple(tuple(sorted(one, key=lambda a: -abs(a.effect))) for one in found)


def _averages(name: str, x: FloatArray, own: IntArray, K: int) -> list[tuple[int, Average]]:
    """The clusters of which the mean of `x` (n,) is far from that of all others; `own` (n,) is the
    cluster of each, K for none.
    """
    if not len(x):
        return []
    n = np.bincount(own, minlength=K + 1).astype(np.float64)
    rest = n.sum() - n
    with np.errstate(all="ignore"):  # squares of numbers that are too large tell nothing
        middle = float(x.mean())
        x = x - middle
        sums = np.asarray(np.bincount(own, x, K + 1), np.float64)
        means, others = sums / n, (sums.sum() - sums) / rest
        total = np.square(x).sum()
        within = np.sqrt(np.maximum(total - n * means**2 - rest * others**2, 0.0) / len(x))
        least = _NEXT_TO_NOTHING * np.sqrt(total / len(x))
        effects = (means - others) / np.maximum(within, least)
    within[within <= least] = 0.0  # what is left where each has one value is rounding
    told = zip(middle + means, middle + others, effects, within, strict=True)
    return [
        (k, Average(name, *map(float, numbers)))
        for k, numbers in enumerate(told)
        if k < K and abs(numbers[2]) >= _LARGE
    ]


def _unused(analysis: Analysis) -> list[Column]:
    used = set(analysis.prepared.preparation.needed)
    return [column for column in analysis.dataset.columns if column.name not in used]


def _counted(analysis: Analysis, column: Column) -> tuple[list[str], IntArray, IntArray] | None:
    """The categories of a column, how many rows of each cluster have them, (K + 1, c), and of how
    many, (K + 1,), whether they have one or not.

    None where it holds no categories. The last line is of the rows of no cluster.
    """
    coded = _coded_numbers(analysis, column) or _coded_text(analysis, column)
    if coded is None or not 1 < len(coded[0]) <= _CATEGORIES:
        return None
    names, codes = coded
    K = analysis.n_clusters
    labels = np.where(analysis.rows.label < 0, K, analysis.rows.label)
    there = codes >= 0
    counts = np.bincount(labels[there] * len(names) + codes[there], minlength=(K + 1) * len(names))
    return names, counts.reshape(K + 1, len(names)), np.bincount(labels, minlength=K + 1)


def _coded_numbers(analysis: Analysis, column: Column) -> tuple[list[str], IntArray] | None:
    """The few whole numbers in a column as categories, and that of each used row, -1 for none."""
    if column.name not in analysis.dataset.few_valued:
        return None
    numbers = column.numbers()[analysis.prepared.rows]
    there = np.isfinite(numbers)
    values, codes = np.unique(numbers[there], return_inverse=True)
    every = np.full(len(numbers), -1)
    every[there] = codes
    return [plain(float(value)) for value in values], every


def _coded_text(analysis: Analysis, column: Column) -> tuple[list[str], IntArray] | None:
    """The same of text, and of what is true or false."""
    kind = column.cells.type
    if column.parsed is not None or not (pa.types.is_string(kind) or pa.types.is_boolean(kind)):
        return None
    head = column.cells.slice(0, 10 * _CATEGORIES**2)
    if len(pc.unique(head)) > _CATEGORIES:
        return None
    rows = pa.array(analysis.prepared.rows)
    cells = column.cells.take(rows).combine_chunks().cast(pa.string()).dictionary_encode()
    if isinstance(cells, pa.ChunkedArray):
        cells = cells.combine_chunks()
    codes = pc.fill_null(cells.indices, -1).to_numpy(zero_copy_only=False)
    return cells.dictionary.to_pylist(), np.asarray(codes, np.int64)
