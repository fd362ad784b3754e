"""Between which values the rows of each cluster lie: what is told of it stays within these.

The Gaussian of a cluster reaches beyond its rows: below zero where all tips are paid, far out where
two rows have a prior's width.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from gmmdesk.data.dataset import Dataset, FloatArray, IntArray
from gmmdesk.data.prepare import Prepared
from gmmdesk.data.steps.fitted import Original

# Of a Gaussian's values, below a standard deviation under its mean; as many above one over it.
_TAIL = float(ndtr(-1.0))
MIDDLE_AND_ENDS = (0.5, _TAIL, 1.0 - _TAIL)


class Range(NamedTuple):
    """The `least` and `greatest` value in each of K clusters, (K,); nan of one without rows.

    `quantiles` (3, K) are those of the rows at `MIDDLE_AND_ENDS`; None where nobody needs them.
    """

    least: FloatArray
    greatest: FloatArray
    quantiles: FloatArray | None = None

    @classmethod
    def unknown(cls, n_clusters: int) -> Range:
        """That holds nothing."""
        return cls(np.full(n_clusters, np.nan), np.full(n_clusters, np.nan))

    @property
    def of_all(self) -> Range:
        """That of all their rows, (1,)."""
        ends = np.fmin.reduce(self.least), np.fmax.reduce(self.greatest)
        return Range(*(np.array([end]) for end in ends))

    def held(self, values: FloatArray) -> FloatArray:
        """`values` (K,), those beyond the range of their cluster at its end."""
        return np.fmin(np.fmax(values, self.least), self.greatest)

    def held_spreads(self, spreads: FloatArray) -> FloatArray:
        """Standard deviations (K,) that rows in this range can have: half of it is the most."""
        return np.fmin(spreads, 0.5 * (self.greatest - self.least))


def ranges(
    dataset: Dataset, prepared: Prepared, labels: npt.NDArray[np.int32], n_clusters: int
) -> tuple[Range, ...]:
    """Of each of `Prepared.originals`, in the units of the file; of those that are bent, quantiles.

    `labels` (n,) are the clusters of the rows of X, negative where a row has none.
    """
    # A column is gathered cluster by cluster, so that each is a run.
    order = np.argsort(labels, kind="stable")
    order = order[np.count_nonzero(labels < 0) :]
    sizes = np.bincount(labels[order], minlength=n_clusters)
    there = np.flatnonzero(sizes)
    starts = (np.cumsum(sizes) - sizes)[there]
    found = []
    for one in prepared.originals:
        own = Range.unknown(n_clusters)
        if len(order):
            values = _values(one, dataset, prepared)[order]
            own.least[there] = np.fmin.reduceat(values, starts)
            own.greatest[there] = np.fmax.reduceat(values, starts)
            if not one.is_linear:
                own = own._replace(quantiles=_quantiles(values, starts, there, n_clusters))
        found.append(own)
    return tuple(found)


def _quantiles(
    values: FloatArray, starts: IntArray, there: IntArray, n_clusters: int
) -> FloatArray:
    """Of the runs of `values` that begin at `starts`, those of the clusters `there`, (3, K)."""
    found = np.full((len(MIDDLE_AND_ENDS), n_clusters), np.nan)
    for k, run in zip(there.tolist(), np.split(values, starts[1:]), strict=True):
        own = run[~np.isnan(run)]
        if len(own):
            found[:, k] = np.quantile(own, MIDDLE_AND_ENDS)
    return found


def _values(one: Original, dataset: Dataset, prepared: Prepared) -> FloatArray:
    """The rows of X in a column, (n,): as it stands in the file, where it is one of these."""
    if one.exact and one.name in prepared.preparation.inputs:
        return dataset.column(one.name).numbers()[prepared.rows]
    return one.back(unbent(one, prepared))


def unbent(
    one: Original, prepared: Prepared, rows: slice | npt.NDArray[np.bool_] | IntArray = slice(None)
) -> FloatArray:
    """The `rows` of X in a column, before it is bent back, (m,)."""
    values = np.full(len(prepared.rows[rows]), one.offset + one.weights @ prepared.center[one.at])
    for j, weight in zip(one.at, one.weights, strict=True):
        values += (weight * prepared.scale[j]) * prepared.X[rows, j]
    return values
