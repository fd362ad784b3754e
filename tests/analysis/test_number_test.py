"""One number of clusters against the next."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gmmdesk.analysis import Settings, analyse
from gmmdesk.analysis.combining import combined
from gmmdesk.analysis.grouping import Grouping
from gmmdesk.analysis.number_test import NumberTest, compare_numbers
from gmmdesk.data.readers import read_text
from gmmdesk.engine import LikelihoodRatio
from gmmdesk.errors import Cancelled, UsageError
from gmmdesk.task import Task
from tests.running import drain


@pytest.fixture(scope="module")
def two():
    X = np.random.default_rng(0).normal(size=(120, 1)) + np.repeat([[0.0], [6.0]], 60, axis=0)
    table = read_text("a\n" + "\n".join(f"{x:.6f}" for x in X[:, 0]))
    return drain(analyse(table, Settings(k_max=3, models=("EEE",), restarts=2)))[0]


def test_the_answer_is_tested_against_one_less_and_one_more(two):
    tests, seen = drain(compare_numbers(two, 9, n_threads=1))
    assert [test.fewer for test in tests] == [1, 2]
    assert len(seen) == 18
    less, more = tests
    assert less.ratio.p_value == pytest.approx(0.1)  # none of 9 was as large
    assert more.ratio.p_value > 0.1
    fits = {one.n_components: one.log_likelihood for one in two.candidates}
    assert less.ratio.observed == pytest.approx(2 * (fits[2] - fits[1]), rel=1e-6)
    assert less.sentence.startswith(f"1 against 2 clusters ({two.result.model}): 2 describe the")
    assert less.sentence.endswith(
        " Of 9 tables simulated with 1, none gained as much by one more (p = 0.100)."
    )


def test_what_came_out_in_words():
    def said(observed, n):
        return NumberTest(1, "VVV", 99, LikelihoodRatio(observed, (1.0,) * n)).sentence

    better = "2 describe the rows better than chance would have it."
    assert said(3.0, 99) == (
        f"1 against 2 clusters (VVV): {better} Of 99 tables simulated with 1, none gained as much"
        " by one more (p = 0.010)."
    )
    assert "Of 99 tables simulated with 1, 99 gained as much" in said(0.5, 99)
    assert "2 describe the rows no better than chance" in said(0.5, 99)
    assert said(3.0, 5) == "1 against 2 clusters (VVV): 5 of 99 simulated tables…"


def test_without_neighbours_there_is_nothing_to_test(two):
    alone = replace(two, tried=(two.tried[two.best],), best=0)
    with pytest.raises(UsageError, match="Neither 1 nor 3 clusters"):
        drain(compare_numbers(alone))


def test_of_merged_clusters_their_components_are_tested(two):
    merged = combined(two, Grouping((0, 0), (0,)))
    (less, more), _ = drain(compare_numbers(merged, 1, n_threads=1))
    assert less.sentence.startswith("1 against 2 components (")
    assert more.sentence.startswith("2 against 3 components (")


def test_it_can_be_cancelled(two):
    task = Task()
    steps = compare_numbers(two, task=task)
    next(steps)
    task.cancel()
    with pytest.raises(Cancelled):
        drain(steps)
