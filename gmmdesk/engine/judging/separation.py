"""Which components are apart: several without a gap between them may be one group of any shape."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import scipy  # its modules load where they are used: that takes as long as many fits

from gmmdesk.engine.arrays import FloatArray, IntArray
from gmmdesk.engine.density import labels, log_density
from gmmdesk.engine.judging.dip import can_show_gap, has_gap
from gmmdesk.engine.parameters import Parameters
from gmmdesk.engine.result import FitResult
from gmmdesk.engine.rows.source import Source, evenly_spaced

# Two components are apart where the density between them falls below this share of the lower peak
# (Hennig, 2010, Methods for merging Gaussian mixture components, section 4.2: ridgeline ratio), or
# where their rows have a gap along the line that separates them best (section 4.3: dip test). His
# share is 0.2; but components that follow a few rows each make such valleys by chance, which the
# rows then do not have. At 0.05 at most half as many pass for gaps in 100 rows, and hardly a real
# one is lost (docs/verdict.md).
VALLEY = 0.05
# A pass below a tenth of the lower peak, or over a component of fewer than a third of the rows of
# those on either side, may be a bridge of a few rows between groups that have a gap. Below a fifth,
# as Hennig's share is, the arms of spirals come apart (docs/verdict.md).
_LOW_PASS, _THIN = 0.1, 1.0 / 3.0
JUDGED_ROWS = 20_000  # evenly spaced
_PAIR_ROWS = 2_000  # of a pair: where these have no gap, one of use has to be looked for
_STEPS = 33  # along a ridge
# What the eye takes for two humps of a curve: a valley this deep beside the lower, which is no
# lower than that beside the highest.
_SEEN_VALLEY, _SEEN_HUMP = 0.7, 0.1
_CURVE = 257  # places at which a curve is looked at, and the means
_NEAREST = 20  # components that one is compared with: farther ones it can only reach through these


def groups_of(result: FitResult, X: Source | npt.ArrayLike) -> IntArray:
    """The group of each component, (K,) in 0..G-1: groups lie apart.

    X (n, d) are the rows `result` was fitted to. Components are joined along the highest ridges
    first (Ray and Lindsay, 2005), and with each other through those between them; but a component
    whose peak is low beside the others', such as a wide one around all, joins none of these to
    another, nor does one of so few rows that no gap beside them could be seen: there the gap is
    looked for between the groups that it would join. Where the pass is low, or leads over few rows,
    it is looked for between those on both sides of it too. Rows that lack a value take no part.
    The groups do not depend on the order of the components: passes over a shoulder, which no valley
    parts from either side, are equal, and then the smaller components come first.
    """
    K = len(result.parameters.weights)
    order = _by_size(result.parameters)
    leader = _leaders(result.parameters.reordered(order), X) if K > 1 else np.zeros(1, np.int64)
    groups = np.empty(K, np.int64)
    groups[order] = leader
    return np.unique(groups, return_inverse=True)[1]


def _by_size(mixture: Parameters) -> IntArray:
    """The order of components, (K,), the largest first; by their means where these are as large."""
    keys = (*mixture.means.T[::-1], -mixture.weights)
    return np.asarray(np.lexsort(keys), np.int64)


def _leaders(mixture: Parameters, X: Source | npt.ArrayLike) -> IntArray:
    """The component with the highest peak in the group of each, (K,): see `groups_of`."""
    K = len(mixture.weights)
    values, own = _judged(mixture, X)
    counts = np.bincount(own, minlength=K)
    peaks = log_density(mixture, mixture.means)
    passes = _passes(mixture)
    leader = np.arange(K)  # of each component's group, that with the highest peak
    edges = zip(*np.nonzero(np.triu(np.isfinite(passes), 1)), strict=True)
    for i, j in sorted(edges, key=lambda edge: (passes[edge], edge), reverse=True):
        high, low = sorted((leader[i], leader[j]), key=lambda k: -peaks[k])
        above = passes[i, j] - peaks[low]
        if high == low or above < math.log(VALLEY):
            continue
        groups = [np.flatnonzero(leader == leader[k]) for k in (i, j)]
        ends = [np.array([i]), np.array([j])]
        # Each with the nearest of its group: bands may turn, so that far ends have a gap.
        sides = [_nearest(k, group, passes) for k, group in zip((i, j), groups, strict=True)]
        looked_at = [ends]
        if not _can_show_gap(counts[[i, j]]):
            looked_at.append(groups)
        elif above < math.log(_LOW_PASS) or _is_thin(counts, *sides):
            looked_at.append(sides)
        if not any(_has_gap(mixture, values, own, *pair) for pair in looked_at):
            leader[leader == low] = high
    return leader


def unsure_groups(result: FitResult, X: Source | npt.ArrayLike, groups: IntArray) -> IntArray:
    """Those of the groups (G of them, by component in `groups`) whose gap may be chance.

    A group is sure where its rows and those of the nearest other have a gap along the line that
    separates both best, by the dip test at 1 %. A valley of the fitted density alone, which
    `groups_of` takes for a gap too, needs no more than a few rows that a component follows.
    """
    G = int(groups.max()) + 1
    if G == 1:
        return np.empty(0, np.int64)
    order = _by_size(result.parameters)
    mixture, groups = result.parameters.reordered(order), groups[order]
    called = list(dict.fromkeys(groups.tolist()))  # each group comes where its largest part does
    values, own = _judged(mixture, X)
    parts = [np.flatnonzero(groups == g) for g in called]
    apart = _squared_distances(mixture)
    nearest = [
        min((h for h in range(G) if h != g), key=lambda h: apart[np.ix_(parts[g], parts[h])].min())
        for g in range(G)
    ]
    pairs = enumerate(nearest)
    unsure = [called[g] for g, h in pairs if not _has_gap(mixture, values, own, parts[g], parts[h])]
    return np.array(sorted(unsure), np.int64)


def humped_columns(mixture: Parameters, groups: IntArray) -> IntArray:
    """The columns along which a group of several components has more than one hump, by number,
    where the whole mixture has, too: other groups may fill the valley.

    `groups` (K,) are those of `groups_of`: what has no gap may have a valley all the same, most of
    all in one column alone, where Gaussians are drawn as curves.
    """
    d = mixture.means.shape[1]
    sets = [np.flatnonzero(groups == g) for g in range(int(groups.max()) + 1)]
    together = [own for own in sets if len(own) > 1]
    spreads = np.sqrt(np.diagonal(mixture.covariances, axis1=1, axis2=2))
    found = [
        j
        for j in range(d)
        if _n_humps(mixture.weights, mixture.means[:, j], spreads[:, j]) > 1
        and any(
            _n_humps(mixture.weights[own], mixture.means[own, j], spreads[own, j]) > 1
            for own in together
        )
    ]
    return np.array(found, np.int64)


def _n_humps(weights: FloatArray, means: FloatArray, spreads: FloatArray) -> int:
    """How many humps the eye sees in a mixture along one column."""
    ends = (means - 3.0 * spreads).min(), (means + 3.0 * spreads).max()
    peaks = np.sort(means)
    between = (peaks[1:] + peaks[:-1]) / 2.0  # narrow humps lie between two of the even places
    x = np.sort(np.concatenate([np.linspace(*ends, _CURVE), peaks, between]))
    curves = np.exp(-0.5 * np.square((x - means[:, None]) / spreads[:, None]))
    heights = (weights / spreads) @ curves
    least = _SEEN_HUMP * heights.max()
    n, rises, turn = 0, True, 0.0  # the highest point of a rise, or the lowest of a fall
    for height in heights.tolist():
        if rises:
            turn = max(turn, height)
            if turn >= least and height < _SEEN_VALLEY * turn:
                n, rises, turn = n + 1, False, height
        else:
            turn = min(turn, height)
            if height > max(turn / _SEEN_VALLEY, least):
                rises, turn = True, height
    return n


def _judged(
    mixture: Parameters, X: Source | npt.ArrayLike
) -> tuple[FloatArray, npt.NDArray[np.int32]]:
    """Rows of X (n, d) that lack no value, evenly spaced, and the component of each."""
    rows = evenly_spaced(X, JUDGED_ROWS)
    values = np.asarray(rows.rows(0, rows.shape[0]), np.float64)
    values = values[np.isfinite(values).all(axis=1)]
    return values, labels(mixture, values) if len(values) else np.empty(0, np.int32)


def _passes(mixture: Parameters) -> FloatArray:
    """The lowest log density on the ridge between two components, (K, K); -inf where far apart."""
    K = len(mixture.weights)
    passes = np.full((K, K), -np.inf)
    for i, others in enumerate(neighbours(mixture)):
        if others:
            points = np.stack([ridge(mixture, i, j) for j in others])
            density = log_density(mixture, points.reshape(-1, points.shape[-1]))
            lowest = density.reshape(len(others), -1).min(axis=1)
            passes[i, others] = passes[others, i] = lowest
    return passes


def _nearest(k: int, group: IntArray, passes: FloatArray) -> IntArray:
    """A component with that of its group to which the highest pass leads; alone without others."""
    others = group[group != k]
    return np.append(k, others[passes[k, others].argmax(keepdims=True)] if len(others) else others)


def _is_thin(counts: IntArray, first: IntArray, second: IntArray) -> bool:
    """Whether the first of either side has few rows beside those that it would join: it is a bridge
    between the second of its side and the first of the other.
    """
    return any(
        len(own) > 1 and counts[own[0]] < _THIN * min(counts[own[1]], counts[other[0]])
        for own, other in ((first, second), (second, first))
    )


def ridge(mixture: Parameters, i: int, j: int) -> FloatArray:
    """Points (m, d) from the mean of a component to another's along the top of their mixture.

    All its peaks and saddles lie there (Ray and Lindsay, 2005, The topography of multivariate
    normal mixtures, eq. 4).
    """
    first, second = mixture.covariances[[i, j]]
    ratios, axes = scipy.linalg.eigh(second, first)  # along these the spreads are 1 and `ratios`
    near, far = mixture.means[[i, j]] @ axes
    share = np.linspace(0.0, 1.0, _STEPS)[:, None]
    pull = share / ratios
    along = ((1.0 - share) * near + pull * far) / (1.0 - share + pull)
    return np.asarray(along @ (first @ axes).T)


def neighbours(mixture: Parameters) -> list[list[int]]:
    """For each component those behind it that are near, measured by the spread within all."""
    K = len(mixture.weights)
    distance = _squared_distances(mixture)
    near = np.zeros((K, K), bool)
    nearest = np.argsort(distance, axis=1)[:, : _NEAREST + 1]
    np.put_along_axis(near, nearest, values=True, axis=1)
    return [np.flatnonzero(row).tolist() for row in np.triu(near | near.T, 1)]


def _squared_distances(mixture: Parameters) -> FloatArray:
    """Between the means of all components, (K, K), measured by the spread within them."""
    within = np.einsum("k,kij->ij", mixture.weights, mixture.covariances)
    at = np.linalg.solve(np.linalg.cholesky(within), mixture.means.T)
    squares = np.square(at).sum(axis=0)
    return np.asarray(squares[:, None] + squares - 2.0 * at.T @ at)


def _can_show_gap(counts: IntArray) -> bool:
    """Whether two components of so many rows, (2,), have enough for a gap to be seen."""
    fewer, more = np.sort(counts // _every(int(counts.sum()))).tolist()
    return can_show_gap(fewer, more)


def _every(n: int) -> int:
    """Of n rows of a pair the first of so many is looked at."""
    return max(1, -(-n // _PAIR_ROWS))


def _has_gap(
    mixture: Parameters,
    rows: FloatArray,
    own: npt.NDArray[np.int32],
    first: IntArray,
    second: IntArray,
) -> bool:
    """Whether the rows of two sets of components have a gap along Fisher's linear discriminant."""
    both, weights = np.append(first, second), mixture.weights
    within = np.einsum("k,kij->ij", weights[both], mixture.covariances[both])
    means = [
        np.average(mixture.means[one], axis=0, weights=weights[one]) for one in (first, second)
    ]
    pair = rows[np.isin(own, both)]
    direction = np.linalg.solve(within, means[0] - means[1])
    return has_gap(pair[:: _every(len(pair))] @ direction)
