"""Which components are apart: several without a gap between them may be one group of any shape."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from gmmdesk.engine.arrays import FloatArray, IntArray
from gmmdesk.engine.density import labels, log_density
from gmmdesk.engine.judging.dip import has_gap
from gmmdesk.engine.parameters import Parameters
from gmmdesk.engine.result import FitResult
from gmmdesk.engine.rows.source import Source, evenly_spaced

# Two components are apart where the density between them falls below this share of the lower peak
# (Hennig, 2010, Methods for merging Gaussian mixture components, section 4.2: ridgeline ratio), or
# where their rows have a gap along the line that separates them best (section 4.3: dip test).
VALLEY = 0.2
JUDGED_ROWS = 20_000  # evenly spaced
_PAIR_ROWS = 2_000  # of a pair: where these have no gap, one of use has to be looked for
_STEPS = 33  # along a ridge


def groups_of(result: FitResult, X: Source | npt.ArrayLike) -> IntArray:
    """The group of each component, (K,) in 0..G-1 by first appearance: groups lie apart.

    X (n, d) are the rows `result` was fitted to. Components are joined along the highest ridges
    first (Ray and Lindsay, 2005), and with each other through those between them; a component
    whose peak is low beside the others', such as a wide one around all, joins none of these to
    another. Rows that lack a value take no part.
    """
    mixture = result.parameters
    K = len(mixture.weights)
    if K == 1:
        return np.zeros(1, np.int64)
    rows = evenly_spaced(X, JUDGED_ROWS)
    values = np.asarray(rows.rows(0, rows.shape[0]), np.float64)
    values = values[np.isfinite(values).all(axis=1)]
    own = labels(mixture, values) if len(values) else np.empty(0, np.int32)
    peaks = log_density(mixture, mixture.means)
    first, second = np.triu_indices(K, 1)
    ridges = [
        float(log_density(mixture, ridge(mixture, i, j)).min())
        for i, j in zip(first.tolist(), second.tolist(), strict=True)
    ]
    leader = list(range(K))  # of each component's group, that with the highest peak
    for at in np.argsort(ridges)[::-1]:
        i, j = int(first[at]), int(second[at])
        high, low = sorted((leader[i], leader[j]), key=lambda k: -peaks[k])
        if high == low or ridges[at] < peaks[low] + math.log(VALLEY):
            continue
        if not _has_gap(mixture, values, own, i, j):
            leader = [high if k == low else k for k in leader]
    return np.unique(leader, return_inverse=True)[1]


def ridge(mixture: Parameters, i: int, j: int) -> FloatArray:
    """Points (m, d) from the mean of a component to another's along the top of their mixture.

    All its peaks and saddles lie there (Ray and Lindsay, 2005, The topography of multivariate
    normal mixtures, eq. 4).
    """
    precisions = np.linalg.inv(mixture.covariances[[i, j]])
    pulls = np.einsum("kij,kj->ki", precisions, mixture.means[[i, j]])
    share = np.linspace(0.0, 1.0, _STEPS)[:, None]
    shares = np.hstack([1.0 - share, share])
    both = np.einsum("mk,kij->mij", shares, precisions)
    return np.asarray(np.linalg.solve(both, (shares @ pulls)[:, :, None])[:, :, 0])


def _has_gap(
    mixture: Parameters, rows: FloatArray, own: npt.NDArray[np.int32], i: int, j: int
) -> bool:
    """Whether the rows of two components have a gap along Fisher's linear discriminant."""
    within = np.einsum("k,kij->ij", mixture.weights[[i, j]], mixture.covariances[[i, j]])
    direction = np.linalg.solve(within, mixture.means[i] - mixture.means[j])
    pair = rows[(own == i) | (own == j)]
    return has_gap(pair[:: -(-len(pair) // _PAIR_ROWS) or 1] @ direction)
