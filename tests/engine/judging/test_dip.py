"""The dip is the distance from the nearest distribution with one heap."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog

from gmmdesk.engine.judging.dip import can_show_gap, dip, has_gap


def nearest_distance(x: np.ndarray) -> float:
    """The dip as it is defined: a linear program for each place that the heap may have."""
    x = np.sort(x)
    n = len(x)
    heaps = [*x, *(x[1:] + x[:-1]) / 2]
    return min(distance_with_heap_at(m, x, n) for m in heaps)


def distance_with_heap_at(heap: float, x: np.ndarray, n: int) -> float:
    """The least D for which a function convex up to `heap` and concave behind stays within D."""
    left, right = np.append(x[x < heap], heap), np.append(heap, x[x > heap])
    m, size = len(left), len(left) + len(right) + 1
    lines, limits = [], []

    def require(terms: list[tuple[int, float]], at_most: float) -> None:
        line = np.zeros(size)
        for place, factor in terms:
            line[place] += factor
        lines.append(line)
        limits.append(at_most)

    for k, at in enumerate([*left, *right]):
        below, above = float((x < at).sum()) / n, float((x <= at).sum()) / n
        steps = {below, above} if at != heap else {below if k < m else above}
        for height in steps:
            require([(k, 1.0), (size - 1, -1.0)], height)
            require([(k, -1.0), (size - 1, -1.0)], -height)
    for nodes, first, bend in ((left, 0, 1.0), (right, m, -1.0)):
        for k in range(1, len(nodes) - 1):
            before, after = 1.0 / np.diff(nodes)[k - 1 : k + 1]
            terms = [(first + k - 1, -before), (first + k, before + after), (first + k + 1, -after)]
            require([(place, bend * factor) for place, factor in terms], 0.0)
    for k in range(size - 2):
        require([(k, 1.0), (k + 1, -1.0)], 0.0)
    aim = np.append(np.zeros(size - 1), 1.0)
    found = linprog(aim, np.array(lines), np.array(limits), bounds=[(0.0, 1.0)] * size)
    return float(found.fun)


@pytest.mark.parametrize("n", [3, 5, 8, 12])
def test_dip_is_the_distance_from_the_nearest_distribution_with_one_heap(n: int) -> None:
    x = np.random.default_rng(n).uniform(size=n)
    assert dip(x) == pytest.approx(nearest_distance(x), abs=1e-9)


def test_two_heaps_without_extent_are_as_far_as_can_be() -> None:
    assert dip(np.repeat([0.0, 1.0], 50)) == pytest.approx(0.25)
    assert dip(np.zeros(20)) == pytest.approx(1 / 40)


def test_one_heap_seldom_has_a_gap_and_two_have() -> None:
    random = np.random.default_rng(3)
    assert sum(has_gap(random.uniform(size=80)) for _ in range(300)) <= 9
    assert not any(has_gap(random.exponential(size=200)) for _ in range(100))
    two = random.normal(size=300) + np.repeat([0.0, 4.0], 150)
    assert has_gap(two)
    assert has_gap(-1e6 * two)
    assert not has_gap(two[:9])  # too few to tell


def test_rounding_makes_no_gaps() -> None:
    ages = np.random.default_rng(4).normal(40.0, 4.0, size=2_000).round()
    assert not has_gap(ages)
    assert has_gap(np.concatenate([ages, ages + 30.0]))


@pytest.mark.parametrize(("fewer", "more"), [(8, 56), (12, 56), (30, 600), (40, 600), (4, 5)])
def test_few_numbers_beside_many_show_no_gap_however_far_they_lie(fewer: int, more: int) -> None:
    x = np.concatenate([np.arange(more) / more, 99.0 + np.arange(fewer) / fewer])
    assert can_show_gap(fewer, more) == has_gap(x)
