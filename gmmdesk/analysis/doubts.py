"""Clusters that may be made of nothing: which, why, and what may help.

Verdict, findings, sheets and the command line take them, and the words, from here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gmmdesk.analysis import remedies
from gmmdesk.analysis.remedies import Remedy
from gmmdesk.analysis.settings import MOST_CLUSTERS
from gmmdesk.analysis.single_values import SingleValue, shared_values, single_values, value_of
from gmmdesk.data.dataset import IntArray
from gmmdesk.data.row_names import rows_called
from gmmdesk.text import count, joined, sentence_case, spelt

if TYPE_CHECKING:
    from gmmdesk.analysis.analysis import Analysis

_UNNAMED = re.compile(r"Cluster \d+( \(part \d+\))?")  # as `default_name` and `part_names` say
_ROWS_KEPT = 10_000  # of a spurious cluster
SMALL_SHARE = 0.05  # of all rows, at most, is in a small cluster
_TIMES_AS_WIDE = 3.0  # as the others is a small cluster that is none
_ONE_COLUMN = 0.9  # of a flat direction lies in one column, which is then named
_MOST_LEFT_OUT = 0.2  # of all rows: a larger cluster is no accident
_TOLD_TOGETHER = 3  # clusters with the same doubt
_HANDFUL, _OF_MANY = 5, 10  # rows that are no group, where there are so many times as many


@dataclass(frozen=True, slots=True, eq=False)
class Doubt:
    """A cluster that may be made of nothing, or one that would be but for a guard.

    `kind` is "collapsed" onto `rows` (0-based, of the table), "kept" from it by a floor, "guarded"
    from it by a prior, on "one value" of `column`, of "few" rows for its own shape, "flat" along
    `column` (or none alone), "scattered": a small one that spreads over the room of the others, or
    a "handful" of rows. `values` are those that nearly all rows share where it is flat along these
    columns.
    `cluster` (0-based, of the components) is None where it is not there any more; `n_rows` counts
    all its rows. `where` says which rows these are (`rows_called`), `single` is the value that they
    share.
    """

    kind: str
    cluster: int | None
    rows: IntArray
    n_rows: int
    where: str
    column: str = ""
    single: SingleValue | None = None
    values: tuple[SingleValue, ...] = ()

    @property
    def is_grave(self) -> bool:
        """Whether the cluster may be none; a guard has only kept one from that."""
        return self.kind != "guarded"


def doubts_of(analysis: Analysis) -> tuple[Doubt, ...]:
    """The doubtful components of an answer of which none are combined; nothing is fitted."""
    result, trust = analysis.result, analysis.trust
    nobody = np.empty(0, np.int64)
    found = []

    def doubt(
        kind: str,
        k: int | None,
        rows: IntArray,
        n: int,
        *,
        column: str = "",
        single: SingleValue | None = None,
        values: tuple[SingleValue, ...] = (),
    ) -> None:
        column = column if single is None else single.column
        where = rows_called(analysis.dataset, rows) if len(rows) else ""
        found.append(Doubt(kind, k, rows, n, where, column, single, values))

    if result.guarded is not None:
        single = value_of(analysis, result.guarded)
        doubt("guarded", None, result.guarded, len(result.guarded), single=single)
    if result.collapse is not None:
        collapse = result.collapse
        kind = "kept" if collapse.kept else "collapsed"
        single = value_of(analysis, collapse.rows)
        doubt(kind, collapse.component, collapse.rows, len(collapse.rows), single=single)
    # What a component shrinks onto is both few and flat: once is enough.
    known = set(result.mended) | {one.cluster for one in found}

    def rows_of(k: int) -> IntArray:
        own = np.flatnonzero(analysis.rows.label == k)[:_ROWS_KEPT]
        return analysis.prepared.rows[own]

    for k, single in single_values(analysis).items():
        if k not in known:
            known.add(k)
            doubt("one value", k, rows_of(k), int(analysis.sizes[k]), single=single)
    for kind, clusters in (("few", trust.few_rows), ("flat", trust.flat)):
        for k in clusters:
            if k in known:
                continue
            known.add(k)
            n = int(analysis.sizes[k])
            rows = rows_of(k) if n else nobody
            column, values = _flat_along(analysis, k, rows) if kind == "flat" else ("", ())
            doubt(kind, k, rows, n, column=column, values=values)
    for kind, more in (("scattered", _scattered(analysis)), ("handful", _handfuls(analysis))):
        for k in more:
            if k not in known:
                doubt(kind, k, rows_of(k), int(analysis.sizes[k]))
        known.update(more)
    return tuple(found)


def recounted(doubt: Doubt, analysis: Analysis) -> Doubt:
    """What is doubtful about a component, with the rows of its cluster where it is all of one.

    Once others are combined, a row may be likelier to be of these together. What has collapsed has
    rows of its own.
    """
    grouping = analysis.grouping
    if grouping is None or doubt.cluster is None or doubt.kind in ("collapsed", "kept"):
        return doubt
    cluster = grouping.of[doubt.cluster]
    if len(grouping.parts(cluster)) > 1:
        return doubt
    rows = analysis.prepared.rows[analysis.rows.label == cluster]
    single = doubt.single
    if single is not None:
        values = analysis.dataset.column(single.column).numbers()[rows]
        single = replace(single, n_rows=int((values == single.value).sum()))
    kept = rows[:_ROWS_KEPT]
    where = rows_called(analysis.dataset, kept) if len(kept) else ""
    return replace(doubt, rows=kept, n_rows=len(rows), where=where, single=single)


def stray_components(analysis: Analysis) -> set[int]:
    """The components (0-based) of an answer, none combined, that are a few rows on their own.

    They may be mistakes or outliers, and are no part of a group of others: scattered widely, or no
    more than a handful.
    """
    scattered = {one.cluster for one in analysis.doubts if one.kind == "scattered"}
    return {*_handfuls(analysis), *(k for k in scattered if k is not None)}


def _handfuls(analysis: Analysis) -> list[int]:
    """Clusters of so few rows, of many, that these may be mistakes."""
    sizes, n_rows = analysis.sizes, analysis.result.n_rows
    return np.flatnonzero((sizes > 0) & (sizes <= min(_HANDFUL, n_rows // _OF_MANY))).tolist()


def _scattered(analysis: Analysis) -> list[int]:
    """Small clusters that are many times as wide as the others: rows that have no cluster may be
    gathered in one.
    """
    result = analysis.scaled
    if result.n_components == 1:
        return []
    # The geometric mean of the standard deviations along the axes of each.
    log_width = 0.5 * np.linalg.slogdet(result.covariances)[1] / result.means.shape[1]
    found = []
    for k in np.flatnonzero(result.weights < SMALL_SHARE):
        others = np.delete(np.arange(result.n_components), k)
        pooled = np.average(log_width[others], weights=result.weights[others])
        if log_width[k] - pooled > np.log(_TIMES_AS_WIDE):
            found.append(int(k))
    return found


def _flat_along(
    analysis: Analysis, cluster: int, rows: IntArray
) -> tuple[str, tuple[SingleValue, ...]]:
    """The prepared column along which a cluster is flat, where it is one alone, and the values that
    nearly all its `rows` share, where these are why.
    """
    axes = np.linalg.eigh(analysis.scaled.covariances[cluster])[1]
    shares = dict(zip(analysis.prepared.columns, axes[:, 0] ** 2, strict=True))
    values = tuple(one for one in shared_values(analysis, rows) if one.column in shares)
    if values and sum(shares[one.column] for one in values) >= _ONE_COLUMN:
        return values[0].column, values
    column = max(shares, key=lambda name: shares[name])
    return (column if shares[column] >= _ONE_COLUMN else ""), ()


def doubt_in_words(doubt: Doubt, names: Sequence[str]) -> str:
    """Why a cluster may be spurious."""
    name = "" if doubt.cluster is None else names[doubt.cluster]
    where = doubt.where and f" ({doubt.where})"
    single = doubt.single
    if single is not None and doubt.kind == "one value":
        return (
            f"{_most(single.n_rows, doubt.n_rows)} rows of {name} have {single.column} ="
            f" {single.text}: {_few_values(single)}."
        )
    if single is not None:
        where += f", all of which have {single.column} = {single.text}"
    if doubt.kind == "guarded":
        onto = f" onto {count(doubt.n_rows, 'row')}{where}" if doubt.n_rows else ""
        return (
            f"Without a prior a cluster would have collapsed{onto}: a prior was brought in, which"
            " keeps clusters wide."
        )
    if doubt.kind == "collapsed":
        onto = f" onto {count(doubt.n_rows, 'row')}{where}" if doubt.n_rows else ""
        return f"{name} has collapsed{onto}: the last state before that is shown."
    if doubt.kind == "kept":
        return (
            f"{name} was kept from collapsing onto {count(doubt.n_rows, 'row')}{where}: its size in"
            " the model is a lower limit, no estimate."
        )
    if doubt.kind == "few":
        return f"{name} has so few rows, {doubt.n_rows:,}{where}, that its shape may be chance."
    if doubt.kind == "scattered":
        rows = count(doubt.n_rows, "row")
        return (
            f"{name} is {rows}{where}, scattered many times as widely as the other clusters: they"
            " may be outliers and no group."
        )
    if doubt.kind == "handful":
        has = f"{name} has only {count(doubt.n_rows, 'row')}{where}"
        return f"{has}: look at them in the table, they may be mistakes."
    rows = f"The {count(doubt.n_rows, 'row')} of {name}"
    if doubt.values:
        return f"{rows} {_on_values(doubt.values)}."
    along = f" in {doubt.column}" if doubt.column else " in one direction"
    why = "they nearly share one value" if doubt.column else "there some columns say the same"
    return f"{rows} have hardly any extent{along}: {why}."


def _on_values(values: Sequence[SingleValue]) -> str:
    columns = joined([one.column for one in values])
    told = joined([f"{one.column} = {one.text}" for one in values])
    return f"have hardly any extent in {columns}: nearly all have {told}"


def _most(n: int, of: int) -> str:
    return f"All {n:,}" if n == of else f"{n:,} of the {of:,}"


def _few_values(single: SingleValue) -> str:
    return (
        f"with only {single.n_values:,} different values in this column, clusters form on single"
        " values"
    )


def gathered(doubts: Sequence[Doubt]) -> list[list[Doubt]]:
    """Doubts in their order, those together that several clusters share; most stand alone."""

    def reason(doubt: Doubt) -> Hashable:
        return doubt.kind, doubt.column, tuple((one.column, one.value) for one in doubt.values)

    alike: dict[Hashable, list[Doubt]] = {}
    for one in doubts:
        alike.setdefault(reason(one), []).append(one)
    told = []
    for one in doubts:
        own = alike[reason(one)]
        if one.kind not in _SHARED or len(own) < _TOLD_TOGETHER:
            told.append([one])
        elif one is own[0]:
            told.append(own)
    return told


def shared_in_words(doubts: Sequence[Doubt], called: str) -> str:
    """The same as `doubt_in_words` of several clusters that are `called` so, for one reason."""
    return f"{sentence_case(called)} {_SHARED[doubts[0].kind](doubts)}"


def _sizes(doubts: Sequence[Doubt]) -> str:
    return joined([f"{one.n_rows:,}" for one in doubts])


def _one_value(doubts: Sequence[Doubt]) -> str:
    singles = [one.single for one in doubts if one.single is not None]
    values = joined([*dict.fromkeys(one.text for one in singles)])
    few = _few_values(singles[0])
    return f"each have one value of {singles[0].column} in nearly all rows ({values}): {few}."


def _flat(doubts: Sequence[Doubt]) -> str:
    column, values = doubts[0].column, doubts[0].values
    if values:
        return f"{_on_values(values)}."
    if column:
        return f"have hardly any extent in {column}: their rows nearly share one value."
    return "have hardly any extent in one direction: there some columns say the same."


# Reasons that several clusters may share, by the kind of doubt.
_SHARED: Mapping[str, Callable[[Sequence[Doubt]], str]] = {
    "one value": _one_value,
    "few": lambda own: f"have so few rows ({_sizes(own)}) that their shapes may be chance.",
    "flat": _flat,
    "scattered": lambda own: (
        f"({_sizes(own)} rows) are scattered many times as widely as the other clusters: their rows"
        " may be outliers and no groups."
    ),
    "handful": lambda own: (
        f"have only a handful of rows ({_sizes(own)}): look at them in the table, they may be"
        " mistakes."
    ),
}


def doubt_remedies(analysis: Analysis, doubt: Doubt) -> tuple[Remedy, ...]:
    """What may help, the likeliest first."""
    settings, inputs = analysis.settings, analysis.prepared.preparation.inputs
    offered, fewer_rows, fewer_columns = [], [], []
    if doubt.kind == "scattered" and not settings.noise:
        offered.append(remedies.allow_noise())
    most = min(remedies.MOST_ROWS, _MOST_LEFT_OUT * len(analysis.prepared.rows))
    if 0 < doubt.n_rows <= most and doubt.kind != "one value":
        fewer_rows.append(
            remedies.leave_out_rows(analysis.dataset, doubt.rows, "a cluster of its own")
        )
    columns = [one.column for one in doubt.values] or [doubt.column]
    if set(columns) <= set(inputs) and len(inputs) > len(columns):
        fewer_columns.append(remedies.leave_out_columns(columns, inputs))
    # Many rows are ordinary ones, a few may be mistakes.
    is_many = doubt.n_rows > SMALL_SHARE * len(analysis.prepared.rows)
    by_column = doubt.single is not None or is_many
    offered += fewer_columns + fewer_rows if by_column else fewer_rows + fewer_columns
    if doubt.kind in ("scattered", "handful"):  # it shrinks onto nothing
        return tuple(offered)
    if not analysis.has_prior and doubt.kind != "one value":
        offered.append(remedies.use_prior())
    offered += remedies.alike(analysis.result.model, len(analysis.prepared.columns))
    return (*offered, *fewer_components(analysis))


def fewer_components(analysis: Analysis) -> tuple[Remedy, ...]:
    """One less, of which there are several still; not of those that are merged, as it would be more
    clusters than are shown.
    """
    n = analysis.result.n_components
    return () if n < 3 or analysis.grouping is not None else (remedies.fewer_clusters(n - 1),)


def shared_remedies(offered: Sequence[Sequence[Remedy]]) -> tuple[Remedy, ...]:
    """Those of the first doubt that may help against all of several."""
    first, *others = offered
    told = [{remedy.text for remedy in one} for one in others]
    return tuple(one for one in first if all(one.text in texts for texts in told))


def named(clusters: Sequence[int], names: Sequence[str], most: int = MOST_CLUSTERS) -> str:
    """The first of clusters (0-based) by their names: "clusters 1, 3 and 4 (part 1)" by number."""
    called = [names[k] for k in clusters]
    if len(called) > 1 and all(_UNNAMED.fullmatch(name) for name in called):
        numbers = [name.partition(" ")[2] for name in called]
        if (rest := len(numbers) - most) > 1:  # "and 2 more" would read as another number
            return f"clusters {', '.join(numbers[:most])} and {spelt(rest)} others"
        return f"clusters {joined(numbers, most)}"
    return joined(called, most)
