"""What the clusters are, in words: what sets each apart, in the units of the file."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gmmdesk.analysis.analysis import Analysis
from gmmdesk.analysis.profiles import Profile
from gmmdesk.data.dataset import Column, FloatArray, IntArray
from gmmdesk.text import default_name, sentence_case

# Differences of means in standard deviations within the clusters (Cohen, 1988, section 2.2): 0.8
# is large. Twice as far apart as two spreads, hardly a row of one lies where the other's do.
LARGE, VERY_LARGE = 0.8, 2.0
_NAMED = 3  # columns that a sentence names
_CATEGORIES = 30  # a column with more is no column of categories
_NEXT_TO_NOTHING = 1e-6  # of how far apart the clusters are
_SPECK = 0.02  # of the rows: a smaller cluster does not decide what is high for the others
# A category is worth a word where most of the cluster has it, and so many times as often as others.
_MOST, _LIFT = 0.6, 1.3


@dataclass(frozen=True, slots=True)
class Trait:
    """How a cluster differs from the others in one column.

    `effect` is the difference of its centre from the mean of the other clusters', in standard
    deviations within clusters, on the scale of the fit; `center` is in the units of the file.
    Where another cluster goes clearly farther the same way it is not `at_the_end`, and neither high
    nor low. Where others lie to both sides of it, `between` is how far away the nearest is, in the
    same deviations; else 0.
    """

    column: str
    effect: float
    center: float
    at_the_end: bool = True
    between: float = 0.0

    @property
    def word(self) -> str:
        """ "high", "very low" ..., empty where it hardly differs."""
        size = abs(self.effect)
        if not size >= LARGE or not self.at_the_end:
            return ""
        side = "high" if self.effect > 0 else "low"
        return f"very {side}" if size >= VERY_LARGE else side


@dataclass(frozen=True, slots=True)
class Majority:
    """A category that most rows of a cluster have in a column that was not used.

    `share` is its share of the cluster's rows, `elsewhere` of all other used rows, those without a
    category among them.
    """

    column: str
    category: str
    share: float
    elsewhere: float


def traits(analysis: Analysis) -> tuple[tuple[Trait, ...], ...]:
    """Of each cluster in each column, the largest differences first."""
    weights = analysis.clusters.weights / analysis.clusters.weights.sum()
    found: list[list[Trait]] = [[] for _ in weights]
    for profile in analysis.profiles:
        straight = profile.straight
        within = _within(straight, weights)
        for k, center in enumerate(straight.centers.tolist()):
            others, centers = np.delete(weights, k), np.delete(straight.centers, k)
            effect, at_the_end, between = 0.0, True, 0.0
            if len(others) and within > 0.0:
                effect = (center - float(others @ centers / others.sum())) / within
                away = (centers - center)[others >= _SPECK] / within
                at_the_end = not (np.sign(effect) * away >= LARGE).any()
                if (away > 0.0).any() and (away < 0.0).any():
                    between = float(np.abs(away).min())
            told = float(profile.centers[k])
            found[k].append(Trait(profile.name, effect, told, at_the_end, between))
    return tuple(tuple(sorted(one, key=lambda t: -abs(t.effect))) for one in found)


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


def is_suggested_name(name: str, analysis: Analysis) -> bool:
    """Whether a name says of columns of the table what a suggested one does.

    So it is known in a session that was opened again, and after clusters were found anew.
    """
    columns = {column.name for column in analysis.dataset.columns}
    columns |= {profile.name for profile in analysis.profiles}
    called = "|".join(re.escape(one) for one in sorted(columns, key=len, reverse=True))
    trait = rf"(very )?(high|low) ({called})"
    return re.fullmatch(rf"{trait}(, {trait})*", f"{name[:1].lower()}{name[1:]}") is not None


def majorities(analysis: Analysis) -> tuple[tuple[Majority, ...], ...]:
    """Of each cluster, the categories in columns that were not used that most of its rows have."""
    used = set(analysis.prepared.preparation.needed)
    found: list[list[Majority]] = [[] for _ in range(analysis.n_clusters)]
    for column in analysis.dataset.columns:
        if column.name in used or column.parsed is not None:
            continue
        counted = _counted(analysis, column)
        if counted is None:
            continue
        names, counts, sizes = counted
        total = counts.sum(axis=0)
        for k, own in enumerate(counts[: analysis.n_clusters]):
            n, n_else = sizes[k], sizes.sum() - sizes[k]
            if not (n and n_else):
                continue
            top = int(own.argmax())
            share = float(own[top] / n)
            elsewhere = float((total[top] - own[top]) / n_else)
            if share >= _MOST and share >= _LIFT * elsewhere:
                found[k].append(Majority(column.name, names[top], share, elsewhere))
    return tuple(tuple(one) for one in found)


def _counted(analysis: Analysis, column: Column) -> tuple[list[str], IntArray, IntArray] | None:
    """The categories of a column, how many rows of each cluster have them, (K + 1, c), and of how
    many, (K + 1,), whether they have one or not.

    None where it holds no categories. The last line is of the rows of no cluster.
    """
    kind = column.cells.type
    if not (pa.types.is_string(kind) or pa.types.is_boolean(kind)):
        return None
    rows = pa.array(analysis.prepared.rows)
    head = column.cells.slice(0, 10 * _CATEGORIES**2)
    if len(pc.unique(head)) > _CATEGORIES:
        return None
    cells = column.cells.take(rows).combine_chunks().cast(pa.string()).dictionary_encode()
    if isinstance(cells, pa.ChunkedArray):
        cells = cells.combine_chunks()
    names = cells.dictionary.to_pylist()
    if not 1 < len(names) <= _CATEGORIES:
        return None
    codes = np.asarray(pc.fill_null(cells.indices, -1).to_numpy(zero_copy_only=False), np.int64)
    K = analysis.n_clusters
    labels = np.where(analysis.rows.label < 0, K, analysis.rows.label)
    there = codes >= 0
    counts = np.bincount(labels[there] * len(names) + codes[there], minlength=(K + 1) * len(names))
    return names, counts.reshape(K + 1, len(names)), np.bincount(labels, minlength=K + 1)


def middle_of_all(profiles: Iterable[Profile]) -> str:
    """What stands for all rows in these columns, in words."""
    kinds = {profile.is_mean for profile in profiles}
    if kinds == {False}:
        return "the median of all rows"
    bent = ", or the median in a column that a step has bent" if False in kinds else ""
    return f"the mean of all rows{bent}"


def separation(analysis: Analysis) -> FloatArray:
    """How far apart the clusters lie in each column of `profiles`: the share of its variance that
    lies between them on the scale of the fit, (m,).
    """
    weights = analysis.clusters.weights / analysis.clusters.weights.sum()
    shares = []
    for profile in analysis.profiles:
        straight = profile.straight
        middle = weights @ straight.centers
        between = float(weights @ np.square(straight.centers - middle))
        within = float(weights @ np.square(straight.spreads))
        shares.append(between / (between + within) if between + within > 0.0 else 0.0)
    return np.array(shares)
