"""The clusters in the columns as the user knows them, whatever the steps have made of these."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gmmdesk.data.dataset import FloatArray
from gmmdesk.data.prepare import Prepared
from gmmdesk.data.steps.fitted import Original
from gmmdesk.engine import FitResult, Parameters


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """A column in the units of the file: what is typical of each cluster there, and of all rows.

    Where it `is_mean`, `centers` (K,) are means, `spreads` standard deviations, and `lows` and
    `highs` a standard deviation off. Else a step has bent the column: `centers` are medians, `lows`
    and `highs` the quantiles between which the same share of the cluster lies (68.3 %), `spreads`
    half their distance. `center` is the mean or median of all rows. Where the steps have lost
    something of the column it is not `exact`.
    """

    original: Original
    center: float
    centers: FloatArray
    spreads: FloatArray
    lows: FloatArray
    highs: FloatArray

    @property
    def name(self) -> str:
        return self.original.name

    @property
    def is_mean(self) -> bool:
        return self.original.is_linear

    @property
    def exact(self) -> bool:
        return self.original.exact

    def in_mixture(self, mixture: FitResult | Parameters) -> Profile:
        """What is typical of the clusters of another `mixture` of the same rows."""
        return _profile(self.original, mixture, self.center)


def profiles(
    result: FitResult | Parameters, prepared: Prepared, column_means: FloatArray
) -> tuple[Profile, ...]:
    """What is typical of each cluster of `result` and of all rows, both in prepared columns."""
    return tuple(
        _profile(one, result, _center(one, prepared, column_means)) for one in prepared.originals
    )


def _profile(one: Original, mixture: FitResult | Parameters, center: float) -> Profile:
    # A linear map of a Gaussian is Gaussian, and quantiles pass through a rising function.
    at, weights = one.at, one.weights
    middles = one.offset + mixture.means[:, at] @ weights
    covariances = mixture.covariances[:, at[:, None], at]
    spreads = np.sqrt(np.einsum("i,kij,j->k", weights, covariances, weights))
    lows, highs = one.back(middles - spreads), one.back(middles + spreads)
    if not one.is_linear:
        spreads = 0.5 * (highs - lows)
    return Profile(one, center, one.back(middles), spreads, lows, highs)


def _center(one: Original, prepared: Prepared, column_means: FloatArray) -> float:
    """The mean of all rows or, of a column that is bent, their median."""
    if one.is_linear:
        return one.offset + float(one.weights @ column_means[one.at])
    return float(one.back(np.nanmedian(_unbent(one, prepared), keepdims=True))[0])


def _unbent(one: Original, prepared: Prepared) -> FloatArray:
    """The rows of X in this column, before it is bent back, (n,)."""
    offset = one.offset + float(one.weights @ prepared.center[one.at])
    values = np.full(len(prepared.rows), offset)
    for j, weight in zip(one.at, one.weights, strict=True):
        values += (weight * prepared.scale[j]) * prepared.X[:, j]
    return values


def original_covariances(result: FitResult, prepared: Prepared) -> FloatArray | None:
    """Covariances (K, m, m) in the m columns of `Prepared.originals`; None where one is bent."""
    found = prepared.originals
    if not all(one.is_linear for one in found):
        return None
    loadings = np.zeros((len(found), len(prepared.columns)))
    for row, one in zip(loadings, found, strict=True):
        row[one.at] = one.weights
    return np.asarray(loadings @ result.covariances @ loadings.T)
