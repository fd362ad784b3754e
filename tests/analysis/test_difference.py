"""How an answer differs from the one before it is told in one line."""

from __future__ import annotations

import numpy as np
import pytest

from gmmdesk.analysis import Settings, analyse
from gmmdesk.analysis.difference import Difference, difference_in_words
from gmmdesk.data.readers import read_text
from gmmdesk.data.steps import parse_step
from tests.running import finish

NAMES = ("Cluster 1", "Cluster 2", "Cluster 3")


@pytest.mark.parametrize(
    ("together", "n_rows", "said"),
    [
        (
            [[50, 40, 0], [0, 2, 8]],
            (100, 100),
            "Before: three clusters of 100 rows; now two: clusters 1 and 2 of before are one now;"
            " the grouping agrees in part with the one before (on a scale where 1 is the same"
            " and 0 is chance: 0.225, adjusted Rand index).",
        ),
        (
            [[50, 0], [30, 0], [0, 16]],
            (100, 96),
            "Before: two clusters of 100 rows; now three of 96: clusters 1 and 2 were one before;"
            " the grouping agrees in part with the one before (on a scale where 1 is the same"
            " and 0 is chance: 0.400, adjusted Rand index).",
        ),
        (
            [[60, 0], [0, 40]],
            (100, 100),
            "Before: two clusters of 100 rows; now two: the grouping agrees fully with the one"
            " before (on a scale where 1 is the same and 0 is chance: 1.000, adjusted Rand index).",
        ),
        ([[0]], (5, 4), "Before: one cluster of 5 rows; now one of 4."),
        (
            [[60], [40]],
            (100, 100),
            "Before: one cluster of 100 rows; now two: clusters 1 and 2 were one before.",
        ),
    ],
)
def test_what_has_become_of_the_clusters(together, n_rows, said):
    found = Difference(tuple(map(tuple, together)), NAMES[: len(together[0])], n_rows)
    assert difference_in_words(found, NAMES[: len(together)]) == said


def test_clusters_of_before_go_by_the_names_they_had():
    found = Difference(((50, 40),), ("old", "new"), (90, 90))
    assert "old and new of before are one now" in difference_in_words(found, NAMES[:1])


def test_a_name_that_was_given_is_told_where_its_cluster_has_become_much_smaller():
    found = Difference(((40, 0), (60, 50)), ("Big cars", "Cluster 2"), (150, 150))
    assert "; Big cars is 40 % of its size before" in difference_in_words(found, ("Big cars", "C"))
    assert "size before" not in difference_in_words(found, ("Cluster 1", "Cluster 2"))
    alike = Difference(((90, 0), (10, 50)), ("Big cars", "Cluster 2"), (150, 150))
    assert "size before" not in difference_in_words(alike, ("Big cars", "C"))


def test_rows_that_are_left_out_are_in_neither():
    X = np.random.default_rng(0).normal(size=(60, 2)) + np.repeat([[0], [20]], 30, axis=0)
    table = read_text("a,b\n" + "\n".join(f"{a:.3f},{b:.3f}" for a, b in X) + "\n")
    base = {"k_min": 2, "k_max": 2, "models": ("EEE",), "restarts": 1}
    before = finish(analyse(table, Settings(**base)))
    after = finish(analyse(table, Settings(**base, steps=(parse_step("leave-out-rows 1-4"),))))
    found = Difference.of(before, NAMES[:2], after)
    assert found.n_rows == (60, 56)
    assert np.sum(found.together) == 56
    assert np.max(found.together, axis=0).sum() == 56
