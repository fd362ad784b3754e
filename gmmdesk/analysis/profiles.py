"""The clusters in the columns as the user knows them, whatever the steps have made of these.

Means and spreads are those of the model, as far as rows can have them: nothing is told of a cluster
that lies beyond its rows (`ranges`). Medians and quantiles are those of its rows, wherever these
are there: a bell that a step has bent back need not have the median of its rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.special import ndtr, ndtri

from gmmdesk.analysis.grouping import Grouping
from gmmdesk.analysis.ranges import MIDDLE_AND_ENDS, Range, unbent
from gmmdesk.data.dataset import BoolArray, FloatArray
from gmmdesk.data.prepare import Prepared
from gmmdesk.data.steps.fitted import Original, Preparation, originals
from gmmdesk.engine import FitResult, Noise, Parameters, Region
from gmmdesk.task import Task

_HALVINGS = 60  # of a range that holds a quantile: to the last digit
_ROUNDING = 1e-13  # of the largest centre or spread in a column: less is none


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """A column in the units of the file: what is typical of each cluster there, and of all rows.

    Where it `is_mean`, `centers` (K,) are means, `spreads` standard deviations, and `lows` and
    `highs` a standard deviation off. Else a step has bent the column: `centers` are medians, `lows`
    and `highs` the quantiles between which the same share of the cluster lies (68.3 %), `spreads`
    half their distance. `center` is the mean or median of all rows. Where the steps have lost
    something of the column it is not `exact`. All are `held` within the rows of their cluster,
    where these are known.
    """

    original: Original
    center: float
    centers: FloatArray
    spreads: FloatArray
    lows: FloatArray
    highs: FloatArray
    within: Range | None = None

    @property
    def name(self) -> str:
        return self.original.name

    @property
    def title(self) -> str:
        """The name with the unit, where the file states one."""
        return self.original.title

    @property
    def is_mean(self) -> bool:
        return self.original.is_linear

    @property
    def exact(self) -> bool:
        return self.original.exact

    @property
    def least_spread(self) -> float:
        """The smallest but those of clusters with one value; infinite where all have one."""
        return float(self.spreads.min(where=self.spreads > 0.0, initial=np.inf))

    @property
    def straight(self) -> Profile:
        """The same on the scale of the fit, where clusters are Gaussian: what differences are
        judged by. Itself, unless a step has bent the column.

        A cluster without rows may lie beyond what values can be: it is put to those of all rows.
        """
        if self.is_mean:
            return self
        center = float(self.original.forward(np.array([self.center]))[0])
        ends = (self.original.forward(each) for each in (self.centers, self.lows, self.highs))
        centers, lows, highs = (np.where(np.isfinite(each), each, center) for each in ends)
        spreads = 0.5 * (highs - lows)
        return Profile(self.original, center, centers, spreads, lows, highs)

    def in_mixture(self, mixture: Parameters, grouping: Grouping | None = None) -> Profile:
        """What is typical of the clusters of another `mixture` of the same rows.

        Which rows those would have is not known: it is held within the range of all.
        """
        if grouping is None:
            told = _profile(self.original, mixture, self.center)
        else:
            told = self.combined(mixture, grouping)
        return told if self.within is None else told.held(self.within.of_all)

    def held(self, within: Range) -> Profile:
        """The same, within the range of the rows of each cluster, or with their quantiles."""
        told = np.stack([self.centers, self.lows, self.highs])
        if within.quantiles is not None:
            told = np.where(np.isnan(within.quantiles), told, within.quantiles)
        centers, lows, highs = map(within.held, told)
        spreads = within.held_spreads(self.spreads) if self.is_mean else 0.5 * (highs - lows)
        return Profile(self.original, self.center, centers, spreads, lows, highs, within)

    def combined(self, mixture: Parameters, grouping: Grouping) -> Profile:
        """What is typical of the clusters that `grouping` makes of the components of `mixture`."""
        one = self.original
        straight = grouping.moments(mixture)
        if one.is_linear:
            return _profile(one, straight, self.center)
        middles, spreads = _along(one, mixture)
        each = [list(grouping.parts(cluster)) for cluster in range(grouping.n_clusters)]
        centers, lows, highs = (
            one.back(
                np.array(
                    [_quantile(mixture.weights[at], middles[at], spreads[at], p) for at in each]
                )
            )
            for p in MIDDLE_AND_ENDS
        )
        return Profile(one, self.center, centers, 0.5 * (highs - lows), lows, highs)


def profiles(
    result: FitResult | Parameters, prepared: Prepared, column_means: FloatArray
) -> tuple[Profile, ...]:
    """What is typical of each cluster of `result` and of all rows, both in prepared columns."""
    return tuple(
        _profile(one, result, _center(one, prepared, column_means)) for one in prepared.originals
    )


def _profile(one: Original, mixture: FitResult | Parameters, center: float) -> Profile:
    # A linear map of a Gaussian is Gaussian, and quantiles pass through a rising function.
    middles, spreads = _along(one, mixture)
    lows, highs = one.back(middles - spreads), one.back(middles + spreads)
    if not one.is_linear:
        spreads = 0.5 * (highs - lows)
    centers = one.back(middles)
    size = max(float(np.abs(centers).max()), float(spreads.max()))
    centers[np.abs(centers) < _ROUNDING * size] = 0.0  # it is what rounding errors have left of it
    return Profile(one, center, centers, spreads, lows, highs)


class Typical(NamedTuple):
    """What is typical of `n_rows` rows in each column of `Prepared.originals`, as in `Profile`.

    `centers`, `lows` and `highs` (p,) are in the units of the file, nan where there is no value.
    """

    n_rows: int
    centers: FloatArray
    lows: FloatArray
    highs: FloatArray


def typical(prepared: Prepared, chosen: BoolArray, task: Task | None = None) -> Typical:
    """Of the used rows that are True in `chosen` (n,); raises Cancelled when the task is."""
    task = task or Task()
    found = np.full((len(prepared.originals), 3), np.nan)
    for place, one in zip(found, prepared.originals, strict=True):
        task.step()
        values = unbent(one, prepared, chosen)
        values = values[~np.isnan(values)]
        if not len(values):
            continue
        if one.is_linear:
            middle, spread = values.mean(), values.std()
            ends = middle, middle - spread, middle + spread
            place[:] = np.clip(ends, values.min(), values.max())
        else:
            place[:] = one.back(np.quantile(values, MIDDLE_AND_ENDS))
    return Typical(int(np.count_nonzero(chosen)), *found.T)


def _along(one: Original, mixture: FitResult | Parameters) -> tuple[FloatArray, FloatArray]:
    """Means and standard deviations of the components in a column before it is bent, (K,) each."""
    at, weights = one.at, one.weights
    middles = one.offset + mixture.means[:, at] @ weights
    covariances = mixture.covariances[:, at[:, None], at]
    return middles, np.sqrt(np.einsum("i,kij,j->k", weights, covariances, weights))


def _quantile(weights: FloatArray, means: FloatArray, spreads: FloatArray, share: float) -> float:
    """Below which a `share` of a mixture in one column lies, (K,) each: by bisection."""
    z = float(ndtri(share))
    low, high = float((means + z * spreads).min()), float((means + z * spreads).max())
    shares = weights / weights.sum()
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        below = float(shares @ ndtr((middle - means) / spreads))
        low, high = (middle, high) if below < share else (low, middle)
    return 0.5 * (low + high)


def _center(one: Original, prepared: Prepared, column_means: FloatArray) -> float:
    """The mean of all rows or, of a column that is bent, their median."""
    if one.is_linear:
        return one.offset + float(one.weights @ column_means[one.at])
    return float(one.back(np.nanmedian(unbent(one, prepared), keepdims=True))[0])


def original_covariances(result: FitResult, prepared: Prepared) -> FloatArray | None:
    """Covariances (K, m, m) in the m columns of `Prepared.originals`; None where one is bent."""
    found = prepared.originals
    if not all(one.is_linear for one in found):
        return None
    loadings = _loadings(found, len(prepared.columns))
    return np.asarray(loadings @ result.covariances @ loadings.T)


@dataclass(frozen=True, slots=True, eq=False)
class WayBack:
    """How values v (d,) of the prepared columns lead to those of the d `columns` of the file.

    These are `offset` (d,) + `loadings` (d, d) @ v.
    """

    columns: tuple[str, ...]
    offset: FloatArray
    loadings: FloatArray

    def mixture(self, prepared: Parameters) -> Parameters:
        """A mixture in the prepared columns, in those of the file."""
        L, noise = self.loadings, prepared.noise
        if noise is not None:
            region = Region(self.offset + L @ noise.region.origin, L @ noise.region.edges)
            noise = Noise(noise.weight, region)
        covariances = L @ prepared.covariances @ L.T
        return Parameters(
            prepared.weights,
            self.offset + prepared.means @ L.T,
            0.5 * (covariances + covariances.swapaxes(1, 2)),
            noise,
        )


def way_back(preparation: Preparation) -> WayBack | None:
    """The way back to the columns of the file where steps have turned these and lost nothing.

    None where no step has turned them, and where a step has bent one or lost something of it:
    there the prepared columns are the only ones in which clusters have means and covariances.
    """
    found = originals(preparation)
    names = tuple(one.name for one in found)
    if names == preparation.columns or not all(one.is_linear and one.exact for one in found):
        return None
    offset = np.array([one.offset for one in found])
    return WayBack(names, offset, _loadings(found, len(preparation.columns)))


def in_file_columns(
    mixture: Parameters, preparation: Preparation
) -> tuple[tuple[str, ...], Parameters]:
    """The columns of the file and a mixture in them, as far as there is a `way_back`.

    Else the prepared columns and the mixture as it is, which is in their units.
    """
    way = way_back(preparation)
    if way is None:
        return preparation.columns, mixture
    return way.columns, way.mixture(mixture)


def _loadings(found: Sequence[Original], n_prepared: int) -> FloatArray:
    loadings = np.zeros((len(found), n_prepared))
    for row, one in zip(loadings, found, strict=True):
        row[one.at] = one.weights
    return loadings
