"""How an answer differs from the one before it: which rows stay together, how well it describes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gmmdesk.analysis.agreement_words import agrees, index_in_words
from gmmdesk.analysis.analysis import Analysis
from gmmdesk.analysis.attempts import MOST_ATTEMPTS, Attempt
from gmmdesk.analysis.described import Described, described_in_words
from gmmdesk.analysis.doubts import named
from gmmdesk.analysis.identity import rows_together
from gmmdesk.analysis.verdict_words import Ground
from gmmdesk.data.dataset import IntArray
from gmmdesk.engine.judging.agreement import rand_index
from gmmdesk.text import is_default_name, percent, spelt

MERGED_IN_WORDS = "Merging changes only which rows are called one cluster: nothing is fitted anew."
_MOST = 0.5  # of a cluster's rows, more than these, tell what has become of it
_OTHER_SIZE = 1.5  # times as large as before, or as small
_MOST_TOLD = 2  # clusters that were joined, and those that were split


@dataclass(frozen=True, slots=True)
class Difference:
    """An answer with C clusters beside one before it, whose B clusters were called `names`.

    `together` (C, B) counts the rows that each cluster has of each before, `n_rows` those that were
    looked at in any cluster: before, and now. `attempts` are the answers that led here, the one
    before last. `described` says which describes the rows better, None where nobody has compared.
    """

    together: tuple[tuple[int, ...], ...]
    names: tuple[str, ...]
    n_rows: tuple[int, int]
    attempts: tuple[Attempt, ...] = ()
    described: Described | None = None

    @classmethod
    def of(
        cls,
        before: Analysis,
        names: Sequence[str],
        after: Analysis,
        attempts: Sequence[Attempt] = (),
    ) -> Difference:
        """Both are about one table."""
        n_rows = len(before.prepared.rows), len(after.prepared.rows)
        together = rows_together(before, after).tolist()
        kept = tuple(attempts)[-MOST_ATTEMPTS:]
        described = Described.of(before, after)
        return cls(tuple(map(tuple, together)), tuple(names), n_rows, kept, described)


def changed(found: Difference, names: Sequence[str]) -> tuple[Ground, ...]:
    """What has become of the clusters before, and which of both describe the rows better.

    Those there are now are called `names` (C,). That they describe the rows worse is a doubt.
    """
    one = Ground(difference_in_words(found, names))
    if found.described is None:
        return (one,)
    return one, Ground(described_in_words(found.described), is_doubt=found.described.is_worse)


def difference_in_words(found: Difference, names: Sequence[str]) -> str:
    """What has become of the clusters before; those there are now are called `names` (C,)."""
    counts = np.array(found.together)
    now, before = counts.shape
    clusters = f"cluster{'s' * (before != 1)}"
    n_before, n_now = found.n_rows
    told = f"Before: {spelt(before)} {clusters} of {n_before:,} rows; now {spelt(now)}"
    if n_now != n_before:
        told += f" of {n_now:,}"
    parts = [
        *(
            f"{named(own, found.names)} of before are one now"
            for own in _gathered(counts.T)[:_MOST_TOLD]
        ),
        *(f"{named(own, names)} were one before" for own in _gathered(counts)[:_MOST_TOLD]),
    ]
    parts += _of_other_size(counts, found.names, names)
    if counts.sum() and min(now, before) > 1:  # beside one cluster any other is mere chance
        index = float(rand_index(counts))
        parts.append(f"the grouping {agrees(index)} with the one before ({index_in_words(index)})")
    return f"{told}{': ' * bool(parts)}{'; '.join(parts)}."


def _of_other_size(counts: IntArray, before: Sequence[str], now: Sequence[str]) -> list[str]:
    """Clusters that kept the name somebody gave them, but not their size."""
    told = []
    for c, name in enumerate(now):
        if name not in before or is_default_name(name):
            continue
        was, has = int(counts[:, before.index(name)].sum()), int(counts[c].sum())
        if was and not 1.0 / _OTHER_SIZE <= has / was <= _OTHER_SIZE:
            told.append(f"{name} is {percent(has / was)} of its size before")
    return told


def _gathered(counts: IntArray) -> list[list[int]]:
    """Which of A clusters have most of their rows in the same of B others; `counts` is (A, B)."""
    into: dict[int, list[int]] = {}
    for a, own in enumerate(counts):
        if own.sum() and own.max() > _MOST * own.sum():
            into.setdefault(int(np.argmax(own)), []).append(a)
    return [own for own in into.values() if len(own) > 1]
