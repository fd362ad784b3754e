"""Whether an optimum can be trusted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from gmmdesk.engine import FitSpec, fit, trust
from gmmdesk.engine.judging.trust import adjusted_rand_index


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3)), min_size=2, max_size=60))
def test_adjusted_rand_index_is_that_of_scikit_learn(pairs):
    first, second = np.array(pairs, dtype=np.int32).T
    expected = adjusted_rand_score(first, second)
    assert adjusted_rand_index(first, second) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("model", ["VVV", "VII"])
def test_clear_clusters_are_found_from_most_starts(model):
    random = np.random.default_rng(0)
    X = random.normal(size=(300, 2)) + np.repeat([[0, 0], [12, 0], [0, 12]], 100, axis=0)
    result = fit(X, FitSpec(n_components=3, model=model, restarts=8))
    judged = trust(result, X)
    assert judged.n_starts == 8
    assert judged.n_agreeing >= 4
    assert judged.few_rows == judged.flat == ()


def test_a_heap_without_clusters_is_cut_in_another_way_from_each_start():
    X = np.random.default_rng(0).uniform(size=(400, 2))
    result = fit(X, FitSpec(n_components=6, restarts=8))
    judged = trust(result, X)
    assert judged.n_agreeing <= 3


def test_few_rows_and_flat_components_are_named():
    random = np.random.default_rng(0)
    X = np.concatenate(
        [
            random.normal(size=(200, 2)),
            [[20.0, 20.0], [20.5, 21.0], [21.0, 20.2], [20.1, 20.9]],
            np.column_stack([random.normal(size=100), 1e-5 * random.normal(size=100)]) + 40.0,
        ]
    )
    labels = np.repeat([0, 1, 2], [200, 4, 100])
    result = fit(X, FitSpec(n_components=3), labels)
    judged = trust(result, X)
    assert judged.few_rows == (1,)
    assert judged.flat == (2,)
    assert judged.n_starts == judged.n_agreeing == 1
    same_shape = fit(X, FitSpec(n_components=3, model="EEE"), labels)
    assert trust(same_shape, X).few_rows == ()
