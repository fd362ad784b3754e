"""The data as the kernels see them: moved to their mean and brought to a common unit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NoReturn

import numpy as np

from gmmdesk.engine.arrays import AnyArray, FloatArray, IntArray
from gmmdesk.engine.models.fixed import Fixed
from gmmdesk.engine.parallel import ChunkMap
from gmmdesk.engine.parameters import Parameters, Region
from gmmdesk.engine.rows.gaps import BoolArray, Group, group_rows, refuse_unusable
from gmmdesk.engine.rows.memberships import Memberships
from gmmdesk.engine.rows.source import (
    ArraySource,
    Source,
    chunks,
    distinct,
    passes,
    refuse_infinite,
    take,
)
from gmmdesk.errors import FitError

# What a fit may take beside the data, bytes.
MEMORY = 2 * 2**30
# Square matrices of all columns that measuring holds at once beside those of chunks under way.
FRAME_MATRICES = 4
# The medians of a column are taken from about so many rows, evenly spaced.
MIDDLE_ROWS = 20_000


# So many typical deviations from the median, the mean leaves hardly six digits of what most rows
# differ by: some value is a mistake, such as a fill value.
HIDING = 1e10
# Spreads up to so many times as large or small as 1 need no other unit, which would cost a step in
# every pass.
NEAR_UNIT = 16.0


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A source in the coordinates z = (x - center) / unit in which sums lose no digits.

    `unit` is one number, a power of two near the widest column's standard deviation: every model
    is equivariant to that, which scaling each column would not leave the spherical ones.
    `total` is sum_i z_i z_i^T, (d, d); `variances` are its mean diagonal, (d,). `medians` (d,) and
    `typical` (d,) say where most rows lie, however far out a few are: `typical` is the square of
    the median distance from the median among the values that differ from it, at most the
    variance, and the yardstick for "small" in every column. `distinct` are the first rows that
    differ from all before them, as many as were asked for.

    `weights` (n,) say how many rows each row stands for, None for one each; `size` is their sum.
    All of the above are those of the rows so repeated. `memberships` are what is known of them,
    and `fixed` the parameters that are known, in these coordinates. `region` is what the rows take
    up, where there is noise to spread over it.

    `gaps` are the rows once more, sorted by the columns they have, and `cells` (d,) what there is
    in each column, of rows repeated by their weights; both None where no cell is missing. All of
    the above is then from the cells that there are, with a column's others at its mean and with
    its variance.
    """

    source: Source
    center: FloatArray
    unit: float
    total: FloatArray
    variances: FloatArray
    medians: FloatArray
    typical: FloatArray
    distinct: IntArray
    size: float
    weights: FloatArray | None = None
    memberships: Memberships | None = None
    fixed: Fixed | None = None
    region: Region | None = None
    gaps: tuple[Group, ...] | None = None
    cells: FloatArray | None = None

    @property
    def shape(self) -> tuple[int, int]:
        return self.source.shape

    def read(self, start: int, stop: int, out: FloatArray) -> None:
        """Rows start..stop-1 into `out`, features first: (d, stop - start); nan is missing."""
        np.subtract(self.source.rows(start, stop).T, self.center[:, None], out=out)
        if self.unit != 1.0:
            out *= 1.0 / self.unit

    def sampled(
        self, rows: IntArray, chunk_map: ChunkMap, weights: FloatArray | None = None
    ) -> Frame:
        """The given rows only (sorted indices), held in memory, in the same coordinates.

        `weights` (len(rows),) are what each stands for, by default what it did before.
        """
        source = ArraySource(take(self.source, rows))
        if weights is None and self.weights is not None:
            weights = self.weights[rows]
        sample = replace(
            self,
            source=source,
            distinct=_distinct(source, len(self.distinct), chunk_map, self.gaps is not None),
            size=float(len(rows) if weights is None else weights.sum()),
            weights=weights,
            memberships=None if self.memberships is None else self.memberships.sampled(rows),
        )
        z = np.empty(source.shape[::-1])
        sample.read(0, len(rows), out=z)
        if self.gaps is not None:
            observed = ~np.isnan(z)
            z[~observed] = 0.0
            cells = observed @ (np.ones(len(rows)) if weights is None else weights)
        total = (z if weights is None else z * weights) @ z.T
        if self.gaps is not None:
            total += np.diag((sample.size - cells) * self.variances)
            sample = replace(sample, cells=cells).with_gaps(chunk_map)
        return replace(sample, total=total)

    def with_gaps(self, chunk_map: ChunkMap) -> Frame:
        """With its rows sorted by the columns they have, if any lacks one."""

        def observed(run: slice) -> BoolArray:
            return ~np.isnan(self.source.rows(run.start, run.stop))

        def values(run: slice) -> FloatArray:
            z = np.empty((self.shape[1], run.stop - run.start))
            self.read(run.start, run.stop, out=z)
            return z.T

        gaps = group_rows(self.shape, observed, values, self.weights, chunk_map)
        complete = all(group.observed.all() for group in gaps)
        if complete:
            return replace(self, gaps=None, cells=None)
        return replace(self, gaps=gaps)

    def complete_rows(self) -> IntArray:
        """The rows without missing cells, ascending, where some have any."""
        assert self.gaps is not None
        rows = [
            group.rows[group.observed.all(axis=1)][group.counts[group.observed.all(axis=1)] > 0.0]
            for group in self.gaps
        ]
        return np.sort(np.concatenate(rows))

    def without_outlying(
        self, deviations: float, chunk_map: ChunkMap
    ) -> tuple[IntArray, FloatArray]:
        """Rows with a value more than so many typical deviations from the median; what is left.

        The row numbers, ascending, and sum_i z_i z_i^T about their mean of the others, (d, d).
        """
        n, d = self.shape
        limit = deviations * np.sqrt(self.typical)[:, None]

        def sums(run: slice) -> tuple[IntArray, FloatArray]:
            z = np.ones((1 + d, run.stop - run.start))
            self.read(run.start, run.stop, out=z[1:])
            z[1:] -= self.medians[:, None]
            far = (np.abs(z[1:]) > limit).any(axis=0)
            near = z[:, ~far]
            return run.start + np.flatnonzero(far), near @ near.T

        outlying = []
        moments = np.zeros((1 + d, 1 + d))
        for rows, part in chunk_map(sums, passes(n, d)):
            outlying.append(rows)
            moments += part
        size, first, second = moments[0, 0], moments[0, 1:], moments[1:, 1:]
        total = second - np.multiply.outer(first, first) / max(1.0, size)
        return np.concatenate(outlying), total

    def standardized(self) -> FloatArray:
        """Every row with each column at unit variance, (n, d), column-major; for few rows.

        Missing cells at their column's mean.
        """
        n, d = self.shape
        z = np.empty((d, n))
        self.read(0, n, out=z)
        if self.gaps is not None:
            z[np.isnan(z)] = 0.0
        z /= np.sqrt(np.where(self.variances > 0, self.variances, 1.0))[:, None]
        return z.T

    def in_data_units(self, mixture: Parameters) -> Parameters:
        """A mixture in the frame's coordinates as one of the rows themselves."""
        return mixture.in_units(self.center, self.unit)

    def jacobian(self) -> float:
        """What to add to a log-likelihood in these coordinates to have it in the data's, nats."""
        cells = self.size * self.shape[1] if self.cells is None else float(self.cells.sum())
        return -cells * math.log(self.unit)


def refuse_memory(numbers: int, what: str) -> None:
    """Raise FitError when `what` would hold so many numbers that MEMORY is exceeded."""
    if 8 * numbers > MEMORY:
        raise FitError(
            f"{what} would need about {8 * numbers / 2**30:,.1f} GB of memory.",
            "Use fewer columns or components.",
        )


def make_frame(
    source: Source,
    chunk_map: ChunkMap,
    enough: int = 1,
    weights: FloatArray | None = None,
    memberships: Memberships | None = None,
    *,
    missing: bool = False,
) -> Frame:
    """Measure `source` in two passes: its mean, then second moments about it.

    Distinct rows are looked for until there are `enough`. `weights` (n,) are positive. Cells that
    are nan are refused unless they may be `missing`; where some are, a copy of the rows is made.
    Raises FitError naming the first cell that is not finite, or a row or column without any value,
    or when d is beyond all bounds.
    """
    n, d = source.shape
    size = float(n if weights is None else weights.sum())
    runs = passes(n, d)
    under_way = min(2 * chunk_map.n_threads, len(runs))
    refuse_memory((FRAME_MATRICES + under_way) * d * d, f"The covariance of {d:,} columns")

    apart = -(-n // MIDDLE_ROWS)
    spaced = np.empty((-(-n // apart), d))
    first = _first_values(source, runs, missing)[:, None]

    @np.errstate(over="ignore", invalid="ignore")
    def above_first(run: slice) -> FloatArray:
        """Sums of what rows are above the first one, and the number of missing cells.

        Above the first, for an offset of all would take up the digits. Puts the rows for medians
        where they belong.
        """
        part = source.rows(run.start, run.stop)
        absent = np.zeros(d)
        if not missing:
            refuse_infinite(part, run.start)
        else:
            gap = ~refuse_unusable(part, run.start).T
            absent += gap.sum(axis=1) if weights is None else gap @ weights[run]
        # Features first whatever the source's memory order, on which the order of adding depends.
        x = np.ascontiguousarray(part.T, dtype=np.float64)
        begin, end = -(-run.start // apart), -(-run.stop // apart)
        spaced[begin:end] = x[:, begin * apart - run.start :: apart].T
        x = x - first
        if absent.any():
            x[gap] = 0.0
        return np.stack([x.sum(axis=1) if weights is None else x @ weights[run], absent])

    with np.errstate(over="ignore", invalid="ignore"):
        sums, absent = np.stack(list(chunk_map(above_first, runs))).sum(axis=0)
        cells = size - absent
        center = first[:, 0] + sums / cells

        def second_moments(run: slice) -> FloatArray:
            z = np.empty((d, run.stop - run.start))
            np.subtract(source.rows(run.start, run.stop).T, center[:, None], out=z)
            if absent.any():
                z[np.isnan(z)] = 0.0
            with np.errstate(over="ignore", invalid="ignore"):
                return np.asarray((z if weights is None else z * weights[run]) @ z.T)

        total = np.zeros((d, d))
        for moments in chunk_map(second_moments, runs):
            total += moments
    if not (np.isfinite(center).all() and np.isfinite(total).all()):
        raise FitError(
            "The data hold numbers so large that their squares overflow.", "Rescale the columns."
        )
    total += np.diag(absent * total.diagonal() / cells)
    widest = math.sqrt(total.diagonal().max() / size)
    unit = 2.0 ** round(math.log2(widest)) if widest > 0 else 1.0
    unit = 1.0 if 1.0 / NEAR_UNIT <= unit <= NEAR_UNIT else unit
    total = total / unit**2
    variances = total.diagonal() / size
    medians, deviations = _middle(spaced, center, None if weights is None else weights[::apart])
    hidden = np.abs(center - medians) > HIDING * deviations
    if (hidden & (deviations > 0.0)).any():
        _refuse_hiding(source, int(np.argmax(hidden & (deviations > 0.0))), medians)
    frame = Frame(
        source,
        center,
        unit,
        total,
        variances,
        (medians - center) / unit,
        np.where(deviations > 0, np.minimum((deviations / unit) ** 2, variances), variances),
        _distinct(source, enough, chunk_map, bool(absent.any())),
        size,
        weights,
        memberships,
    )
    return replace(frame, cells=cells).with_gaps(chunk_map) if absent.any() else frame


def _refuse_hiding(source: Source, column: int, medians: FloatArray) -> NoReturn:
    """Raise FitError naming the row that is farthest from the median of `column`."""
    n, d = source.shape
    farthest, row, value = -1.0, 0, 0.0
    for run in passes(n, d):
        values = source.rows(run.start, run.stop)[:, column].astype(np.float64)
        away = np.where(np.isnan(values), 0.0, np.abs(values - medians[column]))
        if away.max() > farthest:
            at = int(away.argmax())
            farthest, row, value = float(away[at]), run.start + at, float(values[at])
    raise FitError(
        f"{{rows}}, {{column}} is {value:g}: so far out that beside it the other rows look like "
        "one point.",
        "Correct it or leave it out.",
        column,
        np.array([row]),
    )


def _first_values(source: Source, runs: Sequence[slice], missing: bool) -> FloatArray:
    """The first value of each column, (d,).

    Raises FitError for a first row that cannot be used, or a column in which nothing can.
    """
    if not missing:
        row = source.rows(0, 1)
        refuse_infinite(row, 0)
        return np.asarray(row[0], dtype=np.float64)
    found = np.full(source.shape[1], np.nan)
    for run in runs:  # mostly the first one
        part = source.rows(run.start, run.stop)
        observed = refuse_unusable(part, run.start)
        new = np.flatnonzero(np.isnan(found) & observed.any(axis=0))
        found[new] = part[observed[:, new].argmax(axis=0), new]
        if not np.isnan(found).any():
            return found
    raise FitError(
        "{column} has no value in any row.",
        "Leave the column out.",
        int(np.argmax(np.isnan(found))),
    )


def _distinct(source: Source, enough: int, chunk_map: ChunkMap, gaps: bool) -> IntArray:
    n, d = source.shape
    runs = chunks(n, max(256, 2**15 // d))

    def read(run: slice) -> AnyArray:
        part = source.rows(run.start, run.stop)
        # Missing cells are alike, and nothing else is infinite.
        return np.where(np.isnan(part), np.inf, part) if gaps else part

    return distinct(read, runs, enough, chunk_map)


def _middle(
    X: FloatArray, center: FloatArray, weights: FloatArray | None
) -> tuple[FloatArray, FloatArray]:
    """Of each column of X (n, d) the median and the median deviation that is not 0, both (d,).

    Unlike the usual median absolute deviation this is 0 for constant columns only. Missing cells
    do not count; a column without others has its `center` (d,) for a median.
    """
    medians, deviations = center.copy(), np.zeros(X.shape[1])
    for j, column in enumerate(X.T):  # no copies of all columns at once
        there = ~np.isnan(column)
        if not there.any():
            continue
        whole = bool(there.all())
        values = column if whole else column[there]
        counts = weights if whole or weights is None else weights[there]
        medians[j] = median(values, counts)
        away = np.abs(values - medians[j])
        moved = away > 0
        if moved.any():
            deviations[j] = median(away[moved], None if counts is None else counts[moved])
    return medians, deviations


def median(values: FloatArray, weights: FloatArray | None) -> float:
    """The median of `values` (n,), each repeated as its weight says; fractions count too."""
    if weights is None:
        return float(np.median(values))
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    low = np.searchsorted(reached, 0.5 * reached[-1], side="left")
    high = np.searchsorted(reached, 0.5 * reached[-1], side="right")
    return float(values[order[[low, min(high, len(order) - 1)]]].mean())
