"""What the clusters are, in words: what sets each apart, in the units of the file."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from gmmdesk.analysis.analysis import Analysis
from gmmdesk.analysis.profiles import Profile
from gmmdesk.data.dataset import FloatArray
from gmmdesk.text import default_name, percent, sentence_case

# Differences of means in standard deviations within the clusters (Cohen, 1988, section 2.2): 0.8
# is large. Twice as far apart as two spreads, hardly a row of one lies where the other's do.
LARGE, VERY_LARGE = 0.8, 2.0
_NAMED = 3  # columns that a sentence names
_NEXT_TO_NOTHING = 1e-6  # of how far apart the clusters are
# Of all pairs of a row of the cluster and one of the rest, so many more are higher than lower where
# two bells lie these far apart (Cliff, 1993, Dominance statistics: Cohen's limits in his delta).
_AHEAD, _FAR_AHEAD = (
    2.0 * float(ndtr(apart / math.sqrt(2.0))) - 1.0 for apart in (LARGE, VERY_LARGE)
)
HIGH_OR_LOW = (
    "A column is called high where, by the bells, a row of the cluster is above one of the others"
    f" in at least {percent((1.0 + _AHEAD) / 2.0)} of all such pairs (Cliff's delta"
    f" {_AHEAD:.2f}), very high from {percent((1.0 + _FAR_AHEAD) / 2.0)} on; low likewise."
)


@dataclass(frozen=True, slots=True)
class Trait:
    """How a cluster differs from the others in one column.

    `effect` is the difference of its centre from the mean of the other clusters', in standard
    deviations within clusters, on the scale of the fit; `center` is in the units of the file.
    `ahead` says where it lies among the rest of the rows: of all pairs of one of its rows and one
    of theirs, in how many more its own is higher than lower, from -1 to 1 (Cliff's delta). Where
    others lie to both sides of it, `between` is how far away the nearest is, in the same
    deviations; else 0.
    """

    column: str
    effect: float
    center: float
    ahead: float
    between: float = 0.0

    @property
    def word(self) -> str:
        """ "high", "very low" ..., empty where it hardly differs."""
        size = abs(self.ahead)
        if not size >= _AHEAD:
            return ""
        side = "high" if self.ahead > 0 else "low"
        return f"very {side}" if size >= _FAR_AHEAD else side


def dominance(straight: Profile, center: float, spread: float) -> FloatArray:
    """Of all pairs of a row of a bell and one of each cluster, in how many more its own is higher
    than lower, from -1 to 1, (K,): Cliff's delta. `straight` is on the scale of the fit.
    """
    between = np.hypot(spread, straight.spreads)
    away = center - straight.centers
    apart = np.divide(away, between, out=np.where(away > 0.0, np.inf, -np.inf), where=between > 0.0)
    return np.asarray(2.0 * ndtr(np.where(away == 0.0, 0.0, apart)) - 1.0)


def ahead_of_rest(straight: Profile, cluster: int, weights: FloatArray) -> float:
    """How far a cluster (0-based) is ahead of the rest of the rows, from -1 to 1.

    The mean `dominance` over the others by their `weights` (K,); 0 where there are none.
    """
    others = np.delete(weights, cluster)
    if not others.sum() > 0.0:
        return 0.0
    return float(others @ np.delete(_dominance_of(straight, cluster), cluster) / others.sum())


def strength(ahead: float) -> float:
    """How high a dominance is on the scale of the words for it: 1 where it is very high."""
    return ahead / _FAR_AHEAD


def traits(analysis: Analysis) -> tuple[tuple[Trait, ...], ...]:
    """Of each cluster in each column, first where it lies farthest ahead of or behind the rest."""
    weights = analysis.clusters.weights / analysis.clusters.weights.sum()
    found: list[list[Trait]] = [[] for _ in weights]
    for profile in analysis.profiles:
        straight = profile.straight
        within = _within(straight, weights)
        for k, center in enumerate(straight.centers.tolist()):
            others, centers = np.delete(weights, k), np.delete(straight.centers, k)
            effect, ahead, between = 0.0, 0.0, 0.0
            if len(others) and within > 0.0:
                effect = (center - float(others @ centers / others.sum())) / within
                away = (centers - center) / within
                ahead = ahead_of_rest(straight, k, weights)
                if (away > 0.0).any() and (away < 0.0).any():
                    between = float(np.abs(away).min())
            told = float(profile.centers[k])
            found[k].append(Trait(profile.name, effect, told, ahead, between))
    return tuple(tuple(sorted(one, key=_place)) for one in found)


def _place(trait: Trait) -> tuple[float, float]:
    """Of those that are ahead alike, to the percent, the farthest away is the first."""
    return -round(abs(trait.ahead), 2), -abs(trait.effect)


def _dominance_of(straight: Profile, cluster: int) -> FloatArray:
    return dominance(straight, float(straight.centers[cluster]), float(straight.spreads[cluster]))


def _within(profile: Profile, weights: FloatArray) -> float:
    """The standard deviation within clusters: where each has one value, next to nothing."""
    found = math.sqrt(float(weights @ np.square(profile.spreads)))
    return found or _NEXT_TO_NOTHING * float(np.ptp(profile.centers))


def named_traits(own: tuple[Trait, ...]) -> tuple[Trait, ...]:
    """Those that a sentence about a cluster names."""
    return tuple(trait for trait in own if trait.word)[:_NAMED]


def between_others(own: tuple[Trait, ...]) -> tuple[Trait, ...]:
    """Those in which a cluster lies between others and clearly away from each, farthest first."""
    found = [trait for trait in own if trait.between >= LARGE]
    return tuple(sorted(found, key=lambda t: -t.between))[:_NAMED]


def suggested_names(analysis: Analysis) -> tuple[str, ...]:
    """A name for each cluster by what sets it apart most, all different."""
    every = traits(analysis)
    names: list[str] = []
    for k, own in enumerate(every):
        words = [f"{trait.word} {trait.column}" for trait in named_traits(own)]
        options = [sentence_case(", ".join(words[:n])) for n in range(1, len(words) + 1)]
        taken = set(names)
        free = (name for name in options if name not in taken)
        names.append(next(free, default_name(k)))
    return tuple(names)


def middle_of_all(profiles: Iterable[Profile]) -> str:
    """What stands for all rows in these columns, in words."""
    kinds = {profile.is_mean for profile in profiles}
    if kinds == {False}:
        return "the median of all used rows"
    bent = ", or the median in a column that a step has bent" if False in kinds else ""
    return f"the mean of all used rows{bent}"


def separation(analysis: Analysis) -> FloatArray:
    """How far apart the clusters lie in each column of `profiles`, from 0 to 1, (m,).

    The mean size of Cliff's delta over all pairs of rows of two clusters, by the bells: 2 p - 1
    where it can be told of a share p of these, by their clusters, which of the two is higher.
    """
    weights = analysis.clusters.weights / analysis.clusters.weights.sum()
    pairs = np.multiply.outer(weights, weights)
    np.fill_diagonal(pairs, 0.0)
    if not pairs.any():
        return np.zeros(len(analysis.profiles))
    found = []
    for profile in analysis.profiles:
        straight = profile.straight
        ahead = [_dominance_of(straight, k) for k in range(len(weights))]
        found.append(float((pairs * np.abs(ahead)).sum() / pairs.sum()))
    return np.array(found)
