"""Rows unlike all others: of low density under the model, and the columns that make them so."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from gmmdesk.analysis.analysis import Analysis
from gmmdesk.analysis.doubts import SMALL_SHARE
from gmmdesk.analysis.straight import straight
from gmmdesk.data.dataset import BoolArray, FloatArray, IntArray
from gmmdesk.engine import Parameters
from gmmdesk.engine.density import log_density, score
from gmmdesk.engine.judging.decomposition import distance_shares
from gmmdesk.engine.simulation import simulate

# Shares of the model's own rows that are as rare: what may be chosen, and what is told unasked.
LEVELS = (0.0001, 0.001, 0.01, 0.05)
LEVEL = 0.001
SIMULATED = 100_000  # rows that the model makes up: a share of 0.0001 is known to a third
_CHUNK = 1 << 18
_TELLING = 0.2  # of the distance, at least, is due to a column that is named
_MOST_COLUMNS = 3
_MOST_OF_IT = 0.5  # of a small cluster, where it is said to be made of odd rows


@dataclass(frozen=True, slots=True, eq=False)
class Outliers:
    """The rows (0-based, of the table) rarer than `level` of the model's own, rarest first.

    `rarity` is that share for each. Of `n_rows` that were judged `n_expected` would be so rare if
    the model held; `n_incomplete` of them lack cells.
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

    `low` and `high` leave out 5 % of the cluster. Where the value lies between them it is `odd
    together` with others only. `share` of the row's squared distance is due to it.
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


def outliers(analysis: Analysis, level: float = LEVEL, seed: int = 0) -> Outliers:
    """The rows whose density is below that of all but a share of `level` of the model's own rows.

    The share is that of SIMULATED rows made up by the model's clusters; noise, which has a density
    everywhere, does not count. A row with missing cells is judged by its squared distance from the
    nearest cluster, against chi-square with a degree of freedom for each of its cells.
    """
    from scipy.special import chdtrc

    prepared = analysis.prepared
    clusters = replace(analysis.scaled.parameters, noise=None)
    clusters = replace(clusters, weights=clusters.weights / clusters.weights.sum())
    made_up, _ = simulate(clusters, SIMULATED, seed)
    densities = np.sort(log_density(clusters, made_up))
    X = prepared.X
    found, rarity, n_incomplete = [], [], 0
    for start in range(0, len(X), _CHUNK):
        part = np.asarray(X[start : start + _CHUNK])
        whole = ~np.isnan(part).any(axis=1) if prepared.n_incomplete else np.ones(len(part), bool)
        share = np.empty(len(part))
        below = np.searchsorted(densities, log_density(clusters, part[whole]))
        share[whole] = (below + 0.5) / (SIMULATED + 1)
        if not whole.all():
            n_incomplete += int((~whole).sum())
            scores = score(clusters, part[~whole], missing=True)
            share[~whole] = chdtrc(scores.n_observed, scores.squared_distance)
        rare = np.flatnonzero(share < level)
        found.append(start + rare)
        rarity.append(share[rare])
    at, shares = np.concatenate(found), np.concatenate(rarity)
    order = np.lexsort((analysis.rows.log_density[at], shares))
    return Outliers(level, prepared.rows[at[order]], shares[order], len(X), n_incomplete)


def odd_clusters(analysis: Analysis, level: float = LEVEL) -> tuple[OddCluster, ...]:
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
                shares[np.ix_(own, columns)] = squares / squares.sum(axis=1, keepdims=True)
    values = space.values(Y)
    inputs = prepared.preparation.inputs
    for j, name in enumerate(space.columns):
        if name in inputs:  # as it stands in the file, without the rounding of the way back
            column = analysis.dataset.column(name)
            values[:, j] = [column.number(row) for row in rows.tolist()]
    spreads = 1.96 * np.sqrt(np.diagonal(space.mixture.covariances, axis1=1, axis2=2))
    lows, highs = (space.values(space.mixture.means + side * spreads) for side in (-1.0, 1.0))
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
