"""Rows unlike all others: far from their cluster, and the columns that make them so."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from gmmdesk.analysis.analysis import Analysis
from gmmdesk.analysis.doubts import SMALL_SHARE
from gmmdesk.analysis.fitted_model import OUTLIER_LEVEL
from gmmdesk.analysis.straight import straight
from gmmdesk.data.dataset import BoolArray, FloatArray, IntArray
from gmmdesk.engine import Parameters
from gmmdesk.engine.density import score
from gmmdesk.engine.judging.decomposition import distance_shares

# Shares of a cluster's rows that should lie as far out as an outlier: what may be chosen.
LEVELS = (0.0001, OUTLIER_LEVEL, 0.01, 0.05)
_TELLING = 0.2  # of the distance, at least, is due to a column that is named
_MOST_COLUMNS = 3
_MOST_OF_IT = 0.5  # of a small cluster, where it is said to be made of odd rows


@dataclass(frozen=True, slots=True, eq=False)
class Outliers:
    """The outliers (0-based, rows of the table) at a `level`, the farthest out first.

    `rarity` is the share of its cluster's rows that should lie as far out, for each. Of `n_rows`
    that were judged about `n_expected` would be outliers if the model held; `n_incomplete` of them
    lack cells.
    """

    level: float
    rows: IntArray
    rarity: FloatArray
    n_rows: int
    n_incomplete: int = 0

    @property
    def n(self) -> int:
        return len(self.rows)

    @property
    def n_expected(self) -> float:
        return self.level * self.n_rows

    def where(self, wanted: BoolArray) -> Outliers:
        """Those of them that are `wanted` (n,)."""
        return replace(self, rows=self.rows[wanted], rarity=self.rarity[wanted])


@dataclass(frozen=True, slots=True)
class OddColumn:
    """A column that makes a row odd: its `value` there, and between what most of the cluster lies.

    `low` and `high` leave out 5 % of the cluster as the model has it, and lie within its rows.
    Where the value lies between them it is `odd together` with others only. `share` of the row's
    squared distance is due to it.
    """

    column: str
    value: float
    low: float
    high: float
    share: float

    @property
    def is_odd_alone(self) -> bool:
        return not self.low <= self.value <= self.high

    @property
    def word(self) -> str:
        if not self.is_odd_alone:
            return "unusual together with the others"
        return "high" if self.value > self.high else "low"


@dataclass(frozen=True, slots=True, eq=False)
class OddCluster:
    """A small component (0-based) whose `rows` (0-based, of the table) are unlike all others.

    Its own density hides them from `Outliers`.
    """

    component: int
    rows: IntArray


@dataclass(frozen=True, slots=True)
class OddRow:
    """A row of the table and its nearest component (both 0-based), and the columns to look at."""

    row: int
    cluster: int
    rarity: float
    columns: tuple[OddColumn, ...]


def outliers(analysis: Analysis, level: float) -> Outliers:
    """The rows that are outliers at `level` (`RowResults.outliers`), with how rare each is."""
    from scipy.special import chdtrc

    prepared, rows = analysis.prepared, analysis.rows
    at = np.flatnonzero(rows.outliers(level))
    rarity = np.asarray(chdtrc(rows.n_values[at], rows.squared_distance[at]), np.float64)
    order = np.lexsort((-rows.squared_distance[at], rarity))  # rarity may be 0 of several
    n_rows = len(prepared.rows)
    return Outliers(level, prepared.rows[at[order]], rarity[order], n_rows, prepared.n_incomplete)


def odd_clusters(analysis: Analysis, level: float) -> tuple[OddCluster, ...]:
    """The small components of which most rows are too far from every other for `level`.

    By their squared distances from the others, against chi-square with a degree of freedom for each
    cell that they have. Components of `analysis` are not combined.
    """
    from scipy.special import chdtrc

    prepared, mixture = analysis.prepared, analysis.scaled.parameters
    K = len(mixture.weights)
    found = []
    for k in np.flatnonzero((mixture.weights < SMALL_SHARE) & (analysis.sizes > 0)).tolist():
        if K == 1:
            break
        own = np.flatnonzero(analysis.rows.label == k)
        X = np.asarray(prepared.X[own])
        nearest = np.zeros(len(own))
        for j in range(K):
            if j != k:
                other = Parameters(np.ones(1), mixture.means[[j]], mixture.covariances[[j]])
                scores = score(other, X, missing=bool(prepared.n_incomplete))
                nearest = np.maximum(nearest, chdtrc(scores.n_observed, scores.squared_distance))
        if (nearest < level).mean() > _MOST_OF_IT:
            found.append(OddCluster(k, prepared.rows[own]))
    return tuple(found)


def odd_rows(analysis: Analysis, found: Outliers, most: int) -> tuple[OddRow, ...]:
    """The first of the outliers with the columns that make them odd.

    Each column has its share of the squared distance from the nearest cluster, as in
    `distance_shares`: in the columns of the file, before a step has bent them.
    """
    prepared, space = analysis.prepared, straight(analysis)
    rows, rarity = found.rows[:most], found.rarity[:most]
    at = np.searchsorted(prepared.rows, rows)
    Z = np.asarray(prepared.X[at])
    if not len(Z):
        return ()
    Y = space.rows(Z)
    clusters = replace(analysis.scaled.parameters, noise=None)
    nearest = score(clusters, Z, missing=bool(prepared.n_incomplete)).label
    shares = np.zeros_like(Y)
    observed = ~np.isnan(Y)
    patterns, of = np.unique(observed, axis=0, return_inverse=True)
    for k in np.unique(nearest):
        mean, covariance = space.mixture.means[k], space.mixture.covariances[k]
        for p, seen in enumerate(patterns):
            own = np.flatnonzero((nearest == k) & (np.ravel(of) == p))
            if len(own) and seen.any():
                columns = np.flatnonzero(seen)
                squares, _ = distance_shares(
                    mean[columns], covariance[np.ix_(columns, columns)], Y[np.ix_(own, columns)]
                )
                total = squares.sum(axis=1, keepdims=True)  # 0 of one known to belong elsewhere
                shares[np.ix_(own, columns)] = squares / np.where(total > 0.0, total, 1.0)
    values = space.values(Y)
    inputs = prepared.preparation.inputs
    for j, name in enumerate(space.columns):
        if name in inputs:  # as it stands in the file, without the rounding of the way back
            column = analysis.dataset.column(name)
            values[:, j] = [column.number(row) for row in rows.tolist()]
    spreads = 1.96 * np.sqrt(np.diagonal(space.mixture.covariances, axis1=1, axis2=2))
    lows, highs = (
        space.in_file_by_component(space.mixture.means + side * spreads) for side in (-1.0, 1.0)
    )
    told = []
    for i, row in enumerate(rows.tolist()):
        k = int(nearest[i])
        ranked = np.argsort(-shares[i])[:_MOST_COLUMNS]
        named = [j for n, j in enumerate(ranked) if n == 0 or shares[i, j] >= _TELLING]
        odd = tuple(
            OddColumn(
                space.columns[j],
                float(values[i, j]),
                float(lows[k, j]),
                float(highs[k, j]),
                float(shares[i, j]),
            )
            for j in named
        )
        told.append(OddRow(row, k, float(rarity[i]), odd))
    return tuple(told)
