"""Clusters are known again by their rows."""

from __future__ import annotations

import numpy as np
import pytest

from gmmdesk.analysis import Settings, analyse, choose
from gmmdesk.analysis.identity import same_clusters
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


def test_a_cluster_that_was_divided_is_no_other(penguins):
    found = drained(penguins, k_min=1, k_max=3, models=("EEE",))
    by_number = {one.n_components: i for i, one in enumerate(found.candidates)}
    one, three = (choose(found, by_number[k]) for k in (1, 3))
    assert same_clusters(one, three) == {}  # none has half of all rows and more
    assert same_clusters(three, three) == {0: 0, 1: 1, 2: 2}
