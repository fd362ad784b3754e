"""The clusters beside another partition of the rows: k-means, density-based, or known labels."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from string import ascii_uppercase

import numpy as np

from gmmdesk.analysis.agreement_words import agrees, index_in_words, purity_in_words
from gmmdesk.analysis.analysis import Analysis
from gmmdesk.analysis.doubts import named
from gmmdesk.analysis.labels import categories
from gmmdesk.data.dataset import FloatArray, IntArray
from gmmdesk.engine.judging.agreement import Agreement, agreement
from gmmdesk.engine.judging.kmeans import k_means
from gmmdesk.engine.rows.source import evenly_spaced
from gmmdesk.errors import UsageError
from gmmdesk.text import count, default_name, joined, percent

K_MEANS_ROWS, DENSITY_ROWS = 50_000, 10_000  # evenly spaced; that is enough to compare
# HDBSCAN: a cluster has at least this share of the rows, and so many; a row's density is that of
# so many neighbours. Where several groups leave more than a share of the rows without one, as on a
# ring, all may be one group, which the method as such never finds.
_LEAST_SHARE, _LEAST_ROWS, _NEIGHBOURS, _LEFT = 0.05, 10, 5, 0.1
_WIDER, _LONGER = 1.3, 2.0  # of a cluster beside another, and beside its own width
_MOST_MOVES = 3  # told


@dataclass(frozen=True, slots=True)
class Move:
    """`n_rows` of a cluster are given to the group that stands for another (both 0-based).

    `widths` is how many times as wide the first is as the second, the geometric mean over all
    directions; `length` how many times as long as wide the first is.
    """

    n_rows: int
    of: int
    to: int
    widths: float
    length: float


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """The K clusters beside `groups` of the same rows.

    These are of a `kind`: "k-means", "density" or "labels", those of the column `what`.

    A group of k-means that stands for a cluster is called like it, the others have letters.

    `agreement` has a line for each cluster, and a column for each group. `n_rows` were compared,
    of which `n_without` have no cluster or no group and do not count; `n_ungrouped` are those that
    have no group.
    """

    kind: str
    what: str
    groups: tuple[str, ...]
    agreement: Agreement
    n_rows: int
    n_without: int
    n_ungrouped: int = 0
    moves: tuple[Move, ...] = ()

    def groups_beside(self, names: Sequence[str]) -> tuple[str, ...]:
        """The `groups`, beside clusters that are called `names` (K,)."""
        if self.kind != "k-means":
            return self.groups
        called = dict(zip(self.agreement.stands.tolist(), map(_like, names), strict=True))
        return tuple(called.get(g, group) for g, group in enumerate(self.groups))


def _like(name: str) -> str:
    return f"like {name}"


def against_k_means(analysis: Analysis) -> Comparison:
    """k-means for as many clusters on the same prepared rows, without those that lack a cell."""
    rows, labels = _compared(analysis, K_MEANS_ROWS)
    K = analysis.n_clusters
    if len(rows) < K:
        raise UsageError("Too few rows have a value in every column.", "Fill the gaps first.")
    other, _ = k_means(rows, K, analysis.settings.seed)
    found = agreement(labels, other, (K, K))
    # Each group takes the place of the cluster that it stands for.
    found = agreement(labels, np.argsort(found.match)[other], (K, K))
    stand, letters = set(found.stands.tolist()), _letters()
    return Comparison(
        "k-means",
        "k-means",
        tuple(
            _like(default_name(g)) if g in stand else f"k-means {next(letters)}" for g in range(K)
        ),
        found,
        len(rows),
        len(rows) - found.n,
        moves=_moves(analysis, found),
    )


def _letters() -> Iterator[str]:
    """ "A" to "Z", then "AA", "AB", as columns of a spreadsheet are called."""
    for length in itertools.count(1):
        yield from map("".join, itertools.product(ascii_uppercase, repeat=length))


def against_density(analysis: Analysis) -> Comparison:
    """Density-based clusters of the same prepared rows: HDBSCAN (Campello et al., 2013).

    It finds groups of any shape where rows lie dense, and leaves the others without one. Raises
    UsageError where scikit-learn is not there.
    """
    try:
        from sklearn.cluster import HDBSCAN
    except ImportError:
        raise UsageError(
            "Density-based clustering needs scikit-learn, which is not installed.",
            'Install it with: pip install "gmmdesk[sklearn]"',
        ) from None
    rows, labels = _compared(analysis, DENSITY_ROWS)
    least = max(_LEAST_ROWS, int(_LEAST_SHARE * len(rows)))
    if len(rows) < 2 * least:
        raise UsageError("There are too few rows to see where they lie dense.", "Use more rows.")

    def found_with(*, one: bool) -> IntArray:
        method = HDBSCAN(
            min_cluster_size=least, min_samples=_NEIGHBOURS, allow_single_cluster=one, copy=True
        )
        return np.asarray(method.fit_predict(rows), np.int64)

    other = found_with(one=False)
    if (other < 0).mean() > _LEFT:
        other = found_with(one=True)
    n_groups = int(other.max()) + 1
    by_size = np.argsort(-np.bincount(other[other >= 0], minlength=n_groups), kind="stable")
    place = np.append(np.argsort(by_size), -1)
    other = place[other]
    found = agreement(labels, other, (analysis.n_clusters, n_groups))
    names = tuple(f"Dense {g + 1}" for g in range(n_groups))
    n_ungrouped = int((other < 0).sum())
    n_without = len(rows) - found.n
    return Comparison("density", "HDBSCAN", names, found, len(rows), n_without, n_ungrouped)


def against_labels(analysis: Analysis, column: str) -> Comparison:
    """What a column of the table says that the rows are."""
    rows = analysis.prepared.rows
    names, codes = categories(analysis.dataset.column(column), rows)
    if not names:
        raise UsageError(f"The column '{column}' has no labels in the rows that were used.")
    labels = analysis.rows.label
    found = agreement(labels, codes, (analysis.n_clusters, len(names)))
    return Comparison("labels", column, names, found, len(rows), len(rows) - found.n)


def _compared(analysis: Analysis, most: int) -> tuple[FloatArray, IntArray]:
    """Rows of X without gaps, evenly spaced (m, d), and their clusters, -1 for noise, (m,)."""
    X = analysis.prepared.X
    step = -(-len(X) // most)
    source = evenly_spaced(X, most)
    rows = np.asarray(source.rows(0, source.shape[0]), np.float64)
    labels = analysis.rows.label[::step].astype(np.int64)
    whole = ~np.isnan(rows).any(axis=1)
    return rows[whole], labels[whole]


def _moves(analysis: Analysis, found: Agreement) -> tuple[Move, ...]:
    """Who moves where, the most rows first: between clusters for which a group stands."""
    stand = set(np.flatnonzero(found.stands >= 0).tolist())
    variances = np.linalg.eigvalsh(analysis.scaled_clusters.covariances)
    widths = np.exp(0.5 * np.log(variances).mean(axis=1))
    lengths = np.sqrt(variances[:, -1] / variances[:, 0])
    return tuple(
        Move(
            int(found.table[a, b]), int(a), int(b), float(widths[a] / widths[b]), float(lengths[a])
        )
        for a, b in zip(
            *np.unravel_index(np.argsort(-found.table, axis=None), found.table.shape), strict=True
        )
        if a != b and found.table[a, b] and stand >= {int(a), int(b)}
    )


def comparison_in_words(found: Comparison, names: Sequence[str]) -> list[str]:
    """How far the clusters agree with the other partition, and where they do not."""
    index = found.agreement.adjusted_rand_index
    n_groups = len(found.groups)
    opening = _OPENINGS[found.kind](found, n_groups)
    if not found.agreement.tells:
        return [f"{opening} cannot be compared: that takes rows of two clusters and two groups."]
    whole = f"{found.agreement.n_agreeing:,} of {found.agreement.n:,} rows"
    sentences = [
        f"{opening} {agrees(index)}: {whole}"
        f" ({percent(found.agreement.accuracy)}) agree where each cluster is set beside the group"
        f" that suits it best, by chance {percent(found.agreement.by_chance)} would"
        f" ({index_in_words(index)})."
    ]
    if found.kind == "labels" and (purity := purity_in_words(found.agreement)):
        sentences[0] += f" {purity}"
    match, stands = found.agreement.match, found.agreement.stands
    if left := np.flatnonzero(match < 0).tolist():
        none = f"none of {'its' if len(left) == 1 else 'their'} rows count as agreeing"
        sentences.append(f"No group is left to set beside {named(left, names)}: {none}.")
    if loose := np.flatnonzero((match >= 0) & (stands < 0)).tolist():
        beside = "group set beside it" if len(loose) == 1 else "groups set beside them"
        sentences.append(
            f"Of {named(loose, names)}, or of the {beside}, half of the rows or more are elsewhere."
        )
    sentences += [_move_in_words(move, names) for move in found.moves[:_MOST_MOVES]]
    if found.n_without:
        without, do = count(found.n_without, "row"), "does" if found.n_without == 1 else "do"
        sentences.append(f"{without} without a group on one side {do} not count.")
    return sentences


_OPENINGS: dict[str, Callable[[Comparison, int], str]] = {
    "k-means": lambda _found, _n: "k-means, which takes clusters for round and equally wide,",
    "density": lambda found, n: (
        f"Density-based clustering (HDBSCAN) finds {count(n, 'group')}{_left_alone(found)}; it"
    ),
    "labels": lambda found, _n: found.what,
}


def _left_alone(found: Comparison) -> str:
    if not found.n_ungrouped:
        return ""
    return f" and leaves {found.n_ungrouped:,} of {found.n_rows:,} rows without one"


def _move_in_words(move: Move, names: Sequence[str]) -> str:
    reasons = []
    if move.widths >= _WIDER:
        reasons.append(f"{names[move.of]} is {move.widths:.1f} times as wide")
    elif move.widths <= 1 / _WIDER:
        reasons.append(f"{names[move.to]} is {1 / move.widths:.1f} times as wide")
    if move.length >= _LONGER:
        is_named = move.widths >= _WIDER
        whose = "it is" if is_named else f"{names[move.of]} is"
        reasons.append(f"{whose} {move.length:.1f} times as long as it is wide")
    between = "it lies between both" if move.n_rows == 1 else "they lie between both"
    why = joined(reasons) or between
    return (
        f"It moves {count(move.n_rows, 'row')} of {names[move.of]} to {names[move.to]}, whose"
        f" centre is nearer: {why}."
    )
