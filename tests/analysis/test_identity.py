"""Clusters are known again by their rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gmmdesk.analysis import Settings, analyse, choose
from gmmdesk.analysis.combining import combined
from gmmdesk.analysis.grouping import Grouping
from gmmdesk.analysis.identity import merged_alike, same_clusters
from gmmdesk.data.readers import read_text
from gmmdesk.data.samples import load_sample
from gmmdesk.data.steps.records import LeaveOutWhere
from tests.running import finish


def drained(dataset, **settings):
    return finish(analyse(dataset, Settings(**settings)))


@pytest.fixture(scope="module")
def penguins():
    return load_sample("penguins")


def test_an_answer_has_its_own_clusters(penguins):
    answer = drained(penguins, k_min=3, k_max=3, models=("EEE",))
    assert same_clusters(answer, answer) == {0: 0, 1: 1, 2: 2}


def test_clusters_are_known_again_in_another_order_and_number():
    """Three blobs of 120, 80 and 60 rows; without the largest the others are first and second."""
    rng = np.random.default_rng(1)
    x = np.concatenate([rng.normal(m, 1, n) for m, n in ((0, 120), (20, 80), (40, 60))])
    table = read_text("x,keep\n" + "".join(f"{v:.5f},{i >= 100}\n" for i, v in enumerate(x)))
    all_three = drained(table, columns=("x",), k_min=3, k_max=3, models=("VVV",))
    step = LeaveOutWhere(column="x", operator="<", value=10.0)
    two = drained(table, columns=("x",), k_min=2, k_max=2, models=("VVV",), steps=(step,))
    assert same_clusters(all_three, two) == {0: 1, 1: 2}
    assert same_clusters(two, all_three) == {1: 0, 2: 1}


def test_components_that_are_found_again_are_merged_as_they_were(penguins):
    """Whatever their order is now."""
    found = drained(penguins, k_min=3, k_max=4, models=("EEE",))
    three, four = (choose(found, i) for i in range(2))
    before = combined(three, Grouping((0, 1, 0), (2, 1)))
    labels = np.array([1, 2, 0])[three.rows.label]  # the third is first now
    again = replace(three, rows=replace(three.rows, label=labels))
    assert merged_alike(before, again) == Grouping.led([0, 0, 2], three.scaled.weights)
    assert merged_alike(three, again) is None
    assert merged_alike(before, four) is None


def test_a_cluster_that_was_divided_is_no_other(penguins):
    found = drained(penguins, k_min=1, k_max=3, models=("EEE",))
    by_number = {one.n_components: i for i, one in enumerate(found.candidates)}
    one, three = (choose(found, by_number[k]) for k in (1, 3))
    assert same_clusters(one, three) == {}  # none has half of all rows and more
    assert same_clusters(three, three) == {0: 0, 1: 1, 2: 2}
