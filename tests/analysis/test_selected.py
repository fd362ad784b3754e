"""Summaries of selected rows, compared with numpy over the rows themselves."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from gmmdesk.analysis import Settings, analyse
from gmmdesk.analysis.scored import NO_CLUSTER
from gmmdesk.analysis.selected import rows_of_cluster, summary
from gmmdesk.data.dataset import Column, ColumnKind, Dataset, Receipt
from gmmdesk.data.row_set import RowSet


@pytest.fixture(scope="module")
def analysis():
    rng = np.random.default_rng(3)
    group = np.arange(90) % 2
    columns = {"a": 1e9 + 4.0 * group + rng.normal(size=90), "b": rng.normal(size=90)}
    columns["b"][[4, 10]] = np.nan
    made = tuple(
        Column(name, ColumnKind.NUMBER, pa.chunked_array([pa.array(x, from_pandas=True)]), 0)
        for name, x in columns.items()
    )
    dataset = Dataset("t", made, Receipt("test", "CSV", 0, ""))
    steps = analyse(dataset, Settings(k_min=2, k_max=2, models=("VVV",), noise=True))
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def test_it_counts_and_averages_what_is_selected(analysis):
    mask = np.zeros(90, np.bool_)
    mask[[0, 1, 2, 4, 50, 51]] = True
    told = summary(RowSet.of_mask(mask), analysis.dataset, analysis.prepared, analysis)
    used = np.setdiff1d(np.arange(90), [4, 10])
    chosen = np.array([0, 1, 2, 50, 51])
    assert (told.n_rows, told.n_all, told.n_used) == (6, 90, 5)
    assert told.share == pytest.approx(6 / 90)
    labels = analysis.rows.label[np.searchsorted(used, chosen)]
    assert told.sizes.tolist() == [int((labels == k).sum()) for k in range(2)]
    assert told.n_noise == int((labels == NO_CLUSTER).sum())
    for j, name in enumerate(told.columns):
        x = analysis.dataset.column(name).numbers()
        np.testing.assert_allclose(told.means[j], x[chosen].mean(), rtol=1e-14)
        np.testing.assert_allclose(told.all_means[j], x[used].mean(), rtol=1e-14)
        np.testing.assert_allclose(told.spreads[j], x[used].std(), rtol=1e-9)


def test_without_an_answer_there_are_means_only(analysis):
    told = summary(RowSet.of_rows([3], 90), analysis.dataset, analysis.prepared, None)
    assert told.sizes is None
    assert told.means[0] == analysis.dataset.column("a").numbers()[3]


def test_every_used_row_is_of_one_cluster_or_of_none(analysis):
    parts = [rows_of_cluster(analysis, k) for k in (NO_CLUSTER, 0, 1)]
    assert sum(part.count for part in parts) == 88
    assert not (parts[1] & parts[2]).count
    assert (parts[0] | parts[1] | parts[2]) == ~RowSet.of_rows([4, 10], 90)
