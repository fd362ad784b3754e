"""Clusters whose rows could as well be of another one: which, how many, and in words."""

from __future__ import annotations

from collections.abc import Sequence

from gmmdesk.data.dataset import FloatArray
from gmmdesk.text import percent

MUCH = 0.1  # of a cluster's rows, that could be another's
SOME = 0.02  # worth a sentence
MOST_PAIRS = 4  # told in a sentence

Overlap = tuple[float, int, int]  # the share of the rows of a cluster that could be another's


def overlapping(shares: FloatArray, n_clusters: int, least: float = MUCH) -> list[Overlap]:
    """The pairs of clusters (a, b) of whose rows at least so many could be b's, the largest first.

    Of each pair the larger share, as it is told; `shares` are those of `engine.judging.overlap`.
    """
    pairs = [
        (float(shares[a, b]), a, b)
        for a in range(n_clusters)
        for b in range(n_clusters)
        if a != b and round(shares[a, b], 3) >= least
    ]
    told = {frozenset(pair[1:]): pair for pair in sorted(pairs)}
    return sorted(told.values(), reverse=True)


def could_be(overlap: Overlap, names: Sequence[str]) -> str:
    """Whose rows could be whose: "12 % of A could be B"."""
    share, a, b = overlap
    return f"{percent(share)} of {names[a]} could be {names[b]}"
