"""Components chained into bent groups: what a mixture makes of rings, moons and spirals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import scipy  # its modules load where they are used: that takes as long as many fits

from gmmdesk.engine.arrays import FloatArray
from gmmdesk.engine.density import log_density
from gmmdesk.engine.judging.separation import neighbours, ridge
from gmmdesk.engine.parameters import Parameters
from gmmdesk.engine.result import FitResult

# Two components touch where the density along their ridge stays above this share of the lower end.
TOUCHING = 0.2
# Between two that a chain joins, the straight way is bare where the density falls below this share.
BARE = 0.01
# So many such pairs, in groups that hold this share of all rows, are not found by chance.
LEAST_PAIRS, LEAST_SHARE = 2, 0.5
_STEPS = 33  # along a way


@dataclass(frozen=True, slots=True)
class Bent:
    """`groups` of components (0-based) that are chained although the straight way is bare.

    `n_pairs` are the pairs of components of which that is so, `share` the weight of the groups.
    """

    groups: tuple[tuple[int, ...], ...]
    n_pairs: int
    share: float

    @property
    def is_bent(self) -> bool:
        """Whether a mixture of Gaussians describes the rows badly."""
        return self.n_pairs >= LEAST_PAIRS and self.share >= LEAST_SHARE


NOT_BENT = Bent((), 0, 0.0)


def bent_groups(
    result: FitResult,
    check: Callable[[], object] = bool,
    groups: Sequence[int] | None = None,
) -> Bent:
    """The groups of components that touch each other in a chain and leave a hole or a bay.

    Components touch along the ridge between them (Ray and Lindsay, 2005, eq. 4), on which every
    peak and saddle of their mixture lies; those that are far from each other touch through others.
    Where a chain of touching ones joins two that do not touch, and the straight way between their
    means is bare, the group is not convex, as no Gaussian, nor any group with elliptical contours,
    is. `check` is called before the ways of each component and may raise. Components of different
    `groups` (K,) do not touch, such as those between which the rows have a gap.
    """
    mixture, K = result.parameters, result.n_components
    touching, bare = np.zeros((K, K), np.bool_), np.zeros((K, K), np.bool_)
    for i, near in enumerate(neighbours(mixture)):
        check()
        if near:
            low = _lowest(mixture, [ridge(mixture, i, j) for j in near])
            touching[i, near] = touching[near, i] = low >= TOUCHING
    if groups is not None:
        touching &= np.equal.outer(groups, groups)
    hops = scipy.sparse.csgraph.shortest_path(touching.astype(np.float64), unweighted=True)
    chained = np.triu(np.isfinite(hops) & (hops > 1))  # what no chain joins need not be asked
    for i in np.flatnonzero(chained.any(axis=1)).tolist():
        check()
        others = np.flatnonzero(chained[i])
        ways = [np.linspace(mixture.means[i], mixture.means[j], _STEPS) for j in others]
        bare[i, others] = bare[others, i] = _lowest(mixture, ways) <= BARE
    _, chain = scipy.sparse.csgraph.connected_components(touching)
    found = tuple(
        tuple(np.flatnonzero(chain == c).tolist()) for c in np.unique(chain[bare.any(axis=0)])
    )
    shares = mixture.weights / mixture.weights.sum()
    share = float(sum(shares[list(group)].sum() for group in found))
    return Bent(found, int(bare.sum()) // 2, share)


def _lowest(mixture: Parameters, ways: Sequence[FloatArray]) -> FloatArray:
    """The lowest density along each way (m, d), as a share of that at its lower end."""
    ends = np.cumsum([len(way) for way in ways])[:-1]
    found = np.split(log_density(mixture, np.concatenate(ways)), ends)
    return np.exp([float(logs.min() - min(logs[0], logs[-1])) for logs in found])
