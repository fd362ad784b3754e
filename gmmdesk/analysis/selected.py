"""What selected rows are: how many of which cluster, and their centres beside those of all."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from gmmdesk.analysis.analysis import Analysis
from gmmdesk.analysis.known import known_labels
from gmmdesk.analysis.ranges import MIDDLE_AND_ENDS
from gmmdesk.analysis.scored import NO_CLUSTER, RowResults
from gmmdesk.analysis.settings import Settings
from gmmdesk.data.dataset import BoolArray, Dataset, FloatArray, IntArray
from gmmdesk.data.prepare import Prepared
from gmmdesk.data.row_set import RowSet
from gmmdesk.data.steps.fitted import Original
from gmmdesk.engine.rows.memberships import NOISE, belongs
from gmmdesk.task import Task

_CHUNK = 1 << 18
_SHORT_CHUNK = 1 << 14  # of rows whose probabilities are computed
_JUDGED = 200_000  # rows of which a mean share is known to a thousandth


class Beforehand(NamedTuple):
    """Of how many rows it was said where they belong, and where not."""

    n_known: int = 0
    n_kept_out: int = 0

    @classmethod
    def of(cls, labels: IntArray | None) -> Beforehand:
        """Of rows with these labels, as `known_labels` has them."""
        if labels is None:
            return cls()
        return cls(int(belongs(labels).sum()), int((labels < NOISE).sum()))


class Centers(NamedTuple):
    """The centre of the selected used rows in a column, and `of_all`, in the units of the file.

    Means where it `is_mean`; medians where a step has bent the column, as everywhere else. `spread`
    is the standard deviation of all used rows, or half the range of their middle 68.3 %. `effect`
    is the difference in standard deviations, on the scale of the fit. nan where there is no value.
    """

    own: float
    of_all: float
    spread: float
    effect: float
    is_mean: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Summary:
    """About the selected rows of a table.

    `n_used` of the `n_rows` take part in the analysis. `sizes` (K,) counts them by cluster,
    `n_noise` those of no cluster; None where there are no clusters. `columns` are those of the
    file that are used, `centers` what is typical of the selected and of all used rows there.
    `reasons` say why how many of them were left out, the most frequent first; `known` is what was
    said beforehand in the present answer and `next_known` in the next one, None where that is the
    same.
    """

    n_rows: int
    n_all: int
    n_used: int
    sizes: IntArray | None
    n_noise: int
    columns: tuple[str, ...]
    centers: tuple[Centers, ...]
    reasons: tuple[tuple[str, int], ...]
    known: Beforehand
    next_known: Beforehand | None

    @property
    def share(self) -> float:
        """Of all rows of the table."""
        return self.n_rows / self.n_all if self.n_all else math.nan


def rows_of_cluster(analysis: Analysis, cluster: int) -> RowSet:
    """The rows of a cluster (0-based), or with NO_CLUSTER those of none."""
    mask = np.zeros(analysis.dataset.n_rows, np.bool_)
    mask[analysis.prepared.rows] = analysis.rows.label == cluster
    return RowSet.of_mask(mask)


def used_places(selected: RowSet, prepared: Prepared) -> BoolArray:
    """Which of the used rows are selected, (n,)."""
    if len(prepared.rows) == selected.n_rows:
        return selected.mask
    return np.asarray(selected.mask[prepared.rows])


def only_rows(analysis: Analysis, selected: RowSet) -> Analysis:
    """The analysis with the selected rows of the table alone, to be written.

    The mixture, and what is told of whole clusters, stay those of all rows; a note says so. So do
    verdict and diagnosis: rows that somebody chose say nothing about either.
    """
    dataset, prepared = analysis.dataset, analysis.prepared
    rows, chosen = selected.rows(), used_places(selected, prepared)
    note = (
        f"Only {len(rows):,} selected rows of {dataset.n_rows:,} are in this file; clusters,"
        " parameters, comparisons and the diagnosis are those of all rows."
    )
    receipt = replace(dataset.receipt, picture=None, notes=(*dataset.receipt.notes, note))
    part = replace(
        dataset,
        columns=tuple(column.taken(rows) for column in dataset.columns),
        receipt=receipt,
        places=None,
        numbers=dataset.numbers_of(rows),
    )
    place_of = np.cumsum(selected.mask) - 1
    left_out = prepared.left_out[rows]
    kept = replace(
        prepared,
        X=prepared.X[chosen],
        rows=place_of[prepared.rows[chosen]],
        left_out=left_out,
        n_by_reason=np.bincount(left_out, minlength=len(prepared.reasons) + 1)[1:],
        n_incomplete=int(np.isnan(prepared.X[chosen]).any(axis=1).sum()),
        held_out=None if prepared.held_out is None else prepared.held_out[chosen],
        log_slope=None if prepared.log_slope is None else prepared.log_slope[chosen],
    )

    def with_rows(one: Analysis) -> Analysis:
        about = one.rows
        return replace(
            one,
            dataset=part,
            prepared=kept,
            rows=RowResults(
                label=about.label[chosen],
                probability=about.probability[chosen],
                second=about.second[chosen],
                log_density=about.log_density[chosen],
                squared_distance=about.squared_distance[chosen],
                n_values=about.n_values[chosen],
                known=None if about.known is None else about.known[chosen],
            ),
            known=None if one.known is None else one.known[chosen],
            of_components=None if one.of_components is None else with_rows(one.of_components),
            whole=one.whole or one,
        )

    return with_rows(analysis)


def summary(
    selected: RowSet,
    dataset: Dataset,
    prepared: Prepared,
    analysis: Analysis | None,
    settings: Settings | None = None,
) -> Summary:
    """What the selected rows are; of `analysis` only if it is about the rows of `prepared`.

    `settings` are those of the next fit.
    """
    chosen = used_places(selected, prepared)
    sizes, n_noise = None, 0
    if analysis is not None and analysis.prepared is prepared:
        labels = analysis.rows.label[chosen]
        counts = np.bincount(labels - NO_CLUSTER, minlength=analysis.n_clusters + 1)
        n_noise, sizes = int(counts[0]), counts[1:]
    known = None
    if analysis is not None and analysis.prepared is prepared and analysis.known is not None:
        known = analysis.known[chosen]
    counted = np.bincount(prepared.left_out[selected.rows()], minlength=1)[1:].tolist()
    reasons = [one for one in zip(prepared.reasons, counted, strict=False) if one[1]]
    names = prepared.preparation.inputs
    bent = {one.name: one for one in prepared.originals if not one.is_linear}
    centers = []
    for name in names:
        values = dataset.column(name).numbers()
        if name in bent:
            centers.append(_medians(values[prepared.rows], chosen, bent[name]))
        else:
            centers.append(_means(values, prepared.rows, chosen))
    return Summary(
        n_rows=selected.count,
        n_all=selected.n_rows,
        n_used=int(np.count_nonzero(chosen)),
        sizes=sizes,
        n_noise=n_noise,
        columns=tuple(names),
        centers=tuple(centers),
        reasons=tuple(sorted(reasons, key=lambda one: -one[1])),
        known=Beforehand.of(known),
        next_known=_next_known(selected, dataset, analysis, settings),
    )


def _next_known(
    selected: RowSet, dataset: Dataset, analysis: Analysis | None, settings: Settings | None
) -> Beforehand | None:
    if settings is None or (analysis is not None and _said(settings) == _said(analysis.settings)):
        return None
    labels = known_labels(settings, dataset)
    return Beforehand.of(None if labels is None else labels[selected.mask])


def _said(settings: Settings) -> tuple[object, ...]:
    return settings.known, settings.known_column, settings.forbidden


@dataclass(frozen=True, slots=True, eq=False)
class Sureness:
    """How sure the clusters of selected rows are; `n_used` of the rows take part in the analysis.

    `shares` (K,), or (K + 1,) with noise, are their mean probabilities of each cluster, nan without
    any. `curves` are the probabilities of those in each cluster, falling, thinned where there are
    many. `n_unsure` are less sure than was asked for.
    """

    n_used: int
    n_unsure: int
    shares: FloatArray
    curves: tuple[FloatArray, ...]


def sureness(
    selected: RowSet, analysis: Analysis, unsure: float, most: int, task: Task | None = None
) -> Sureness:
    """Of the selected rows; `most` of each cluster are kept, evenly spaced in their order.

    Raises Cancelled when the task is.
    """
    chosen = used_places(selected, analysis.prepared)
    label, probability = analysis.rows.label[chosen], analysis.rows.probability[chosen]
    curves = (-np.sort(-probability[label == k]) for k in range(analysis.n_clusters))
    return Sureness(
        n_used=len(label),
        n_unsure=int(np.count_nonzero(probability < unsure)),
        shares=_mean_responsibilities(analysis, chosen, task or Task()),
        curves=tuple(_thinned(curve, most) for curve in curves),
    )


def _thinned(ordered: FloatArray, most: int) -> FloatArray:
    """At most so many of the values, from the first to the last."""
    if len(ordered) <= most:
        return ordered
    return ordered[np.linspace(0, len(ordered) - 1, most).round().astype(np.int64)]


def _mean_responsibilities(analysis: Analysis, chosen: BoolArray, task: Task) -> FloatArray:
    """Of the used rows that are `chosen` (n,), or of a part of them where they are very many."""
    places = np.flatnonzero(chosen)
    places = places[:: max(1, -(-len(places) // _JUDGED))]
    n_parts = analysis.n_clusters + (analysis.noise is not None)
    if not len(places):
        return np.full(n_parts, np.nan)
    sums = np.zeros(n_parts)
    for start in range(0, len(places), _SHORT_CHUNK):
        task.step()
        sums += analysis.responsibilities(places[start : start + _SHORT_CHUNK]).sum(axis=0)
    return sums / len(places)


def _medians(values: FloatArray, chosen: BoolArray, one: Original) -> Centers:
    """Of the `chosen` of the used `values` (n,), and of all; nan for none."""
    straight = one.forward(values)
    there = ~np.isnan(straight)
    if not there.any():
        return Centers(math.nan, math.nan, math.nan, math.nan, is_mean=False)
    own = float(np.median(values[there & chosen])) if (there & chosen).any() else math.nan
    middle, low, high = np.quantile(values[there], MIDDLE_AND_ENDS).tolist()
    away, spread = np.diff(one.forward(np.array([middle, own])))[0], straight[there].std()
    effect = float(away / spread) if spread > 0.0 else math.nan
    return Centers(own, middle, 0.5 * (high - low), effect, is_mean=False)


def _means(values: FloatArray, rows: IntArray, chosen: BoolArray) -> Centers:
    """Of the chosen values and of all in `rows`; nan for none."""
    shift = 0.0  # the first value there is: far from zero, squares would lose their digits
    found = False
    sums = np.zeros(5)  # of the chosen: count, sum; of all: count, sum, sum of squares
    for start in range(0, len(rows), _CHUNK):
        part = values[rows[start : start + _CHUNK]]
        there = ~np.isnan(part)
        if not found and there.any():
            shift, found = float(part[there.argmax()]), True
        of_all = part[there] - shift
        of_chosen = part[there & chosen[start : start + _CHUNK]] - shift
        sums += np.array(
            [len(of_chosen), of_chosen.sum(), len(of_all), of_all.sum(), of_all @ of_all]
        )
    n_chosen, chosen_sum, n_all, all_sum, squares = sums
    if not n_all:
        return Centers(math.nan, math.nan, math.nan, math.nan)
    mean = all_sum / n_all
    spread = math.sqrt(max(squares / n_all - mean * mean, 0.0))
    own = chosen_sum / n_chosen if n_chosen else math.nan
    effect = (own - mean) / spread if spread > 0.0 else math.nan
    return Centers(shift + own, shift + mean, spread, effect)
