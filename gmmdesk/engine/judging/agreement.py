"""How far two partitions of the same rows agree."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gmmdesk.engine.arrays import AnyArray, FloatArray, IntArray

_DRAWN = 100  # tables


@dataclass(frozen=True, slots=True, eq=False)
class Agreement:
    """`table` (a, b) counts the rows of each group of one partition that are in each of another.

    `match` (a,) is the group of the other that stands for each, one to one so that as many rows as
    possible agree (Kuhn, 1955); -1 where none is left.
    """

    table: IntArray
    match: IntArray

    @property
    def n(self) -> int:
        return int(self.table.sum())

    @property
    def n_agreeing(self) -> int:
        """Rows whose groups stand for each other."""
        matched = np.flatnonzero(self.match >= 0)
        return int(self.table[matched, self.match[matched]].sum())

    @property
    def n_most_frequent(self) -> int:
        """Rows in that group of the other which is the most frequent in theirs.

        Their share is the purity, which is easily high of many groups (Manning, Raghavan and
        Schütze, 2008, Introduction to Information Retrieval, section 16.3).
        """
        return int(self.table.max(axis=1).sum())

    @property
    def stands(self) -> IntArray:
        """(a,): the same where most rows of both are common to them, else -1.

        One of such a pair can be called like the other; pairs that `match` for want of better
        need have little in common.
        """
        common = self.table[np.arange(len(self.match)), self.match]
        sizes, others = self.table.sum(axis=1), self.table.sum(axis=0)[self.match]
        are_one = (2 * common > sizes) & (2 * common > others) & (self.match >= 0)
        return np.where(are_one, self.match, -1)

    @property
    def tells(self) -> bool:
        """Whether the rows are of two groups at least on either side: with one all agrees."""
        return all(np.count_nonzero(self.table.sum(axis=axis)) > 1 for axis in (0, 1))

    @property
    def accuracy(self) -> float:
        """Their share; nan without rows."""
        return self.n_agreeing / self.n if self.n else float("nan")

    @property
    def by_chance(self) -> float:
        """The share that would agree of unrelated groups of these sizes; nan without rows.

        The mean of 100 tables at random, each matched as well as may be: of few rows in many groups
        that makes far more agree than any one match.
        """
        if not self.n:
            return float("nan")
        random = np.random.default_rng(0)
        tables = (_unrelated(self.table, random) for _ in range(_DRAWN))
        return float(np.mean([_matched(table).accuracy for table in tables]))

    @property
    def adjusted_rand_index(self) -> float:
        """1 for the same groups, about 0 for unrelated ones (Hubert and Arabie, 1985)."""
        return rand_index(self.table)


def agreement(first: AnyArray, second: AnyArray, shape: tuple[int, int]) -> Agreement:
    """Of two labels (n,) of the same rows, from 0; rows with a negative one do not count.

    `shape` is the number of groups of each.
    """
    there = (first >= 0) & (second >= 0)
    a, b = shape
    pairs = first[there].astype(np.int64) * b + second[there]
    return _matched(np.bincount(pairs, minlength=a * b).reshape(a, b))


def _matched(table: IntArray) -> Agreement:
    from scipy.optimize import linear_sum_assignment  # slow to load, and seldom needed

    match = np.full(len(table), -1, np.int64)
    rows, columns = linear_sum_assignment(-table)
    match[rows] = columns
    return Agreement(table, match)


def _unrelated(table: IntArray, random: np.random.Generator) -> IntArray:
    """One with the same sums, of rows that are in the groups of either side at random."""
    left = table.sum(axis=0)
    drawn = np.empty_like(table)
    for line, n in zip(drawn, table.sum(axis=1), strict=True):
        line[:] = random.multivariate_hypergeometric(left, n)
        left = left - line
    return drawn


def rand_index(table: AnyArray) -> float:
    """The adjusted Rand index of two partitions by their table of counts (a, b)."""
    together = _pairs(table)
    of_first, of_second = _pairs(table.sum(axis=1)), _pairs(table.sum(axis=0))
    by_chance = of_first * of_second / max(_pairs(table.sum(keepdims=True)), 1.0)
    most = (of_first + of_second) / 2.0
    return 1.0 if most == by_chance else (together - by_chance) / (most - by_chance)


def _pairs(counts: AnyArray | FloatArray) -> float:
    counts = counts.astype(np.float64)
    return float((counts * (counts - 1.0)).sum() / 2.0)
