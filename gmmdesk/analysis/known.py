"""Rows of which it is known beforehand which cluster, if any, they belong to, or do not."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gmmdesk.analysis.grouping import Grouping
from gmmdesk.analysis.settings import MOST_KNOWN, KnownRows, Settings
from gmmdesk.data.dataset import BoolArray, Column, Dataset, FloatArray, IntArray
from gmmdesk.engine import Parameters, RowScores
from gmmdesk.engine.density import responsibilities, squared_distances
from gmmdesk.engine.rows.memberships import (
    NOISE,
    UNKNOWN,
    belongs,
    forbidden,
    label_without,
)
from gmmdesk.errors import DataError, UsageError

_ROWS = re.compile(r"([0-9]+)(?:-([0-9]+))?")  # a row's number, or a range of them
MOST_LABELS = 100  # of a column that says which cluster rows belong to


def known_labels(settings: Settings, dataset: Dataset) -> IntArray | None:
    """Where rows of the table belong, (n_rows,): 0-based clusters, NOISE or UNKNOWN.

    Or `label_without` the clusters that they do not belong to. None where nothing is known. What
    was marked by hand comes before the column of labels. Raises DataError and UsageError where the
    settings do not fit the table.
    """
    if not settings.known and not settings.known_column and not settings.forbidden:
        return None
    labels = np.full(dataset.n_rows, UNKNOWN, np.int64)
    if settings.known_column:
        texts, names = _labels_in(dataset, settings.known_column)
        codes = pc.index_in(texts, value_set=pa.array(names, pa.string()))
        labels[:] = np.asarray(pc.fill_null(codes, UNKNOWN).to_numpy())
    _bar(labels, settings, dataset)
    for marked in settings.known:
        labels[_places(marked, dataset)] = marked.cluster - 1 if marked.cluster else NOISE
    return labels


def _bar(labels: IntArray, settings: Settings, dataset: Dataset) -> None:
    """Take rows out of the clusters that they do not belong to, of those at the start."""
    n_clusters = 0 if settings.start is None else len(settings.start.weights)
    without: dict[int, set[int]] = {}
    for marked in settings.forbidden:
        if settings.start is not None and marked.cluster > n_clusters:
            continue
        for row in _places(marked, dataset).tolist():
            without.setdefault(row, set()).add(marked.cluster - 1)
    for row, clusters in without.items():
        if labels[row] == UNKNOWN or labels[row] in clusters:
            labels[row] = label_without(clusters)


def _places(marked: KnownRows, dataset: Dataset) -> IntArray:
    """The rows, 0-based, that are here; raises DataError where there can be none of the number."""
    numbers = np.array(marked.rows, np.int64)
    if numbers.max(initial=0) > dataset.last_number:
        raise DataError(
            f"Row {numbers.max():,} is said to belong to a cluster, but there are"
            f" {dataset.last_number:,} rows.",
            "Give numbers of rows of the table, from 1.",
        )
    return dataset.rows_numbered(numbers)


def known_names(settings: Settings, dataset: Dataset) -> tuple[str, ...]:
    """The labels of the column of labels, cluster after cluster; empty without such a column."""
    return _labels_in(dataset, settings.known_column)[1] if settings.known_column else ()


def least_clusters(labels: IntArray | None) -> int:
    """How many clusters there have to be for these labels, 1 at least."""
    return 1 if labels is None else max(1, int(labels.max(initial=-1)) + 1)


def told_where(labels: IntArray | None) -> BoolArray | None:
    """The rows of which it is known where they belong, (n,); None where there are none."""
    told = None if labels is None else belongs(labels)
    return told if told is not None and told.any() else None


def order_of(weights: FloatArray, labels: IntArray | None) -> IntArray:
    """The order in which components are shown: those that are known keep their places.

    The others follow in the places that are left, by decreasing weight. Where rows are kept out of
    some, all keep theirs.
    """
    order = np.argsort(-weights, kind="stable")
    if labels is None:
        return order
    if (labels < NOISE).any():
        return np.arange(len(weights))  # the fit went on from clusters that have their numbers
    fixed = np.unique(labels[labels >= 0])
    fixed = fixed[fixed < len(weights)]
    if not len(fixed):
        return order
    placed = np.empty(len(weights), np.int64)
    placed[fixed] = fixed
    placed[np.setdiff1d(np.arange(len(weights)), fixed)] = order[~np.isin(order, fixed)]
    return placed


def hold(
    scores: RowScores,
    labels: IntArray,
    X: FloatArray,
    mixture: Parameters,
    grouping: Grouping | None = None,
) -> RowScores:
    """The scores with every known row in its cluster, certainly, and none where it cannot be.

    `labels` (n,) are those of X, of components as `mixture` has them; `scores` are those of their
    `grouping`, if there is one.
    """
    clusters = mixture if grouping is None else grouping.moments(mixture)
    K = len(clusters.weights)
    label, probability = scores.label.copy(), scores.probability.copy()
    second, distance = scores.second.copy(), scores.squared_distance.copy()
    known = np.flatnonzero(belongs(labels))
    wanted = np.where(labels[known] == NOISE, K, labels[known])
    if grouping is not None:
        wanted = np.append(grouping.of, K)[np.where(labels[known] == NOISE, -1, labels[known])]
    # What was likeliest is the second choice of a row that is known to belong elsewhere.
    second[known] = np.where(label[known] != wanted, label[known], second[known])
    label[known], probability[known] = wanted, 1.0
    kept_out = np.flatnonzero(labels < NOISE)
    if len(kept_out):
        shares = responsibilities(mixture, X[kept_out], missing=True, known=labels[kept_out])
        shares = shares if grouping is None else grouping.added(shares)
        at, likeliest = np.arange(len(kept_out)), shares.argmax(axis=1)
        label[kept_out], probability[kept_out] = likeliest, shares[at, likeliest]
        shares[at, likeliest] = -1.0
        if shares.shape[1] > 1:
            second[kept_out] = shares.argmax(axis=1)
    moved = (label != scores.label) & (label < K)
    for cluster in np.unique(label[moved]).tolist():
        rows = np.flatnonzero(moved & (label == cluster))
        distance[rows] = squared_distances(clusters, cluster, X[rows], missing=True)
    return replace(
        scores, label=label, probability=probability, second=second, squared_distance=distance
    )


def cannot_be(labels: IntArray, n_components: int, grouping: Grouping | None) -> BoolArray:
    """Which of the clusters rows with these labels cannot belong to, (n, C): by no component."""
    barred = forbidden(labels, n_components)
    if grouping is None:
        return barred
    of = np.array(grouping.of)
    return np.stack([barred[:, of == c].all(axis=1) for c in range(grouping.n_clusters)], axis=1)


def marked(settings: Settings, cluster: int | None, numbers: IntArray) -> Settings:
    """`settings` with rows of these numbers known to be in a cluster (0-based).

    Numbers are those of `Dataset.numbers_of`. -1 stands for no cluster, None for no more to be
    known about.
    """
    known = _without(settings.known, numbers)
    barred = settings.forbidden
    if cluster is not None:
        known.setdefault(cluster + 1, set()).update(numbers.tolist())
        barred = _records(_without(barred, numbers))
    return msgspec.structs.replace(settings, known=_records(known), forbidden=barred)


def barred(settings: Settings, cluster: int | None, numbers: IntArray) -> Settings:
    """`settings` in which rows of these numbers do not belong to a cluster (0-based) either.

    None stands for any cluster being possible again.
    """
    if cluster is None:
        free = _records(_without(settings.forbidden, numbers))
        return msgspec.structs.replace(settings, forbidden=free)
    kept = {one.cluster: set(one.rows) for one in settings.forbidden}
    kept.setdefault(cluster + 1, set()).update(numbers.tolist())
    known = _records(_without(settings.known, numbers))
    return msgspec.structs.replace(settings, known=known, forbidden=_records(kept))


def renumbered(settings: Settings, same: Mapping[int, int]) -> Settings:
    """`settings` for another answer, whose cluster k (0-based) is `same[k]` of the one before.

    A cluster that is none of these keeps no rows out any more.
    """
    now = {before + 1: after + 1 for after, before in same.items()}
    kept = {now[one.cluster]: set(one.rows) for one in settings.forbidden if one.cluster in now}
    return msgspec.structs.replace(settings, forbidden=_records(kept))


def _without(marked: Sequence[KnownRows], numbers: IntArray) -> dict[int, set[int]]:
    """The numbers of rows by cluster, numbered from 1, without some."""
    gone = set(numbers.tolist())
    return {one.cluster: set(one.rows) - gone for one in marked}


def _records(kept: Mapping[int, set[int]]) -> tuple[KnownRows, ...]:
    return tuple(
        KnownRows(cluster=one, rows=tuple(sorted(kept[one]))) for one in sorted(kept) if kept[one]
    )


def as_marked(labels: IntArray, dataset: Dataset) -> tuple[KnownRows, ...]:
    """`labels` (n,) as if the rows of `dataset` had been marked so by hand.

    Of rows kept out of clusters nothing is said.
    """
    found = []
    for label in np.unique(labels[belongs(labels)]).tolist():
        rows = dataset.numbers_of(np.flatnonzero(labels == label))
        cluster = 0 if label == NOISE else label + 1
        found.append(KnownRows(cluster=cluster, rows=tuple(rows.tolist())))
    return tuple(found)


def parse_known(text: str) -> KnownRows:
    """Rows as the command line has them: "2=5,17-19", "0=3" for rows of no cluster.

    Raises UsageError.
    """
    cluster, sign, numbers = text.partition("=")
    try:
        rows: set[int] = set()
        for part in numbers.split(","):
            match = _ROWS.fullmatch(part.strip())
            if match is None:
                raise ValueError
            lowest, highest = int(match[1]), int(match[2] or match[1])
            if len(rows) + highest - lowest >= MOST_KNOWN:
                raise UsageError(
                    f"'{text}' names more than {MOST_KNOWN:,} rows.",
                    "Name a column with their labels instead: --known-column.",
                )
            rows.update(range(lowest, highest + 1))
        if not (cluster.isascii() and cluster.strip().isdecimal()):
            raise ValueError
        known = KnownRows(cluster=int(cluster), rows=tuple(sorted(rows)))
    except (ValueError, msgspec.ValidationError):
        known = None
    if known is None or not sign or not rows:
        raise UsageError(
            f"'{text}' does not say which rows belong to which cluster.",
            "Write for example 2=5,17-19 for rows of cluster 2, or 0=3 for one of no cluster.",
        )
    return known


def known_command(known: KnownRows) -> str:
    """The same as a text."""
    return f"{known.cluster}={','.join(map(str, known.rows))}"


def _labels_in(dataset: Dataset, name: str) -> tuple[pa.ChunkedArray, tuple[str, ...]]:
    """The texts of a column of labels, null where there is none, and the labels in their order."""
    try:
        column: Column = dataset.column(name)
    except KeyError:
        raise DataError(
            f"There is no column '{name}' of known clusters.",
            f"The columns are {', '.join(one.name for one in dataset.columns[:10])}.",
        ) from None
    texts = pc.utf8_trim_whitespace(column.cells.cast(pa.string()))
    missing = pa.array(column.missing())
    texts = pc.if_else(missing, pa.scalar(None, pa.string()), texts)
    texts = pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts)
    names = sorted((label for label in texts.unique().to_pylist() if label is not None), key=_key)
    if not names:
        raise DataError(f"The column '{name}' has no labels.", "Choose one with some.")
    if len(names) > MOST_LABELS:
        raise DataError(
            f"The column '{name}' has {len(names):,} different labels.",
            f"Choose one with at most {MOST_LABELS}.",
        )
    return texts, tuple(names)


def _key(label: str) -> tuple[int, float, str]:
    """Numbers come before words, and by their value."""
    try:
        # Python alone reads 1_0 as 10, and digits of every script.
        value = float(label) if label.isascii() and "_" not in label else math.nan
    except ValueError:
        value = math.nan
    return (0, value, label) if math.isfinite(value) else (1, 0.0, label)
