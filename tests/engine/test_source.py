"""Rows as they are read: which of them are distinct."""

from __future__ import annotations

import numpy as np
import pytest

from gmmdesk.engine import ArraySource, FitSpec, ThreadedMap, candidates, search
from gmmdesk.engine import frame as frame_module
from gmmdesk.engine.frame import make_frame


@pytest.mark.parametrize("n_threads", [1, 3])
@pytest.mark.parametrize(("n_values", "enough"), [(1, 3), (3, 3), (4, 9), (9, 4), (20, 20)])
def test_the_first_distinct_rows(n_threads, n_values, enough):
    random = np.random.default_rng(0)
    values = random.normal(size=(n_values, 2))
    which = np.sort(random.integers(n_values, size=40_000))  # the last ones come late
    X = values[which]
    with ThreadedMap(n_threads) as chunk_map:
        found = make_frame(ArraySource(X), chunk_map, enough).distinct
    np.testing.assert_array_equal(found, np.unique(which, return_index=True)[1][:enough])


def test_a_search_counts_them_once(monkeypatch, make_blobs):
    counted = []
    distinct = frame_module.distinct

    def counting(read, runs, enough, chunk_map):
        counted.append(enough)
        return distinct(read, runs, enough, chunk_map)

    monkeypatch.setattr(frame_module, "distinct", counting)
    for _ in search(make_blobs(100, 2, 3).X, candidates(["VII", "VVI"], [1, 3, 2], FitSpec())):
        pass
    assert counted == [3]
