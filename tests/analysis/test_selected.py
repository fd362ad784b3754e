"""Summaries of selected rows, compared with numpy over the rows themselves."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from scipy.spatial.distance import mahalanobis

from gmmdesk.analysis import Settings, analyse
from gmmdesk.analysis.away import away
from gmmdesk.analysis.profiles import typical
from gmmdesk.analysis.scored import NO_CLUSTER
from gmmdesk.analysis.selected import only_rows, rows_of_cluster, summary, sureness, used_places
from gmmdesk.data.dataset import Column, ColumnKind, Dataset, Receipt
from gmmdesk.data.readers import read
from gmmdesk.data.row_set import RowSet
from gmmdesk.data.steps import parse_step
from gmmdesk.errors import Cancelled
from gmmdesk.export import write
from gmmdesk.task import Task
from tests.running import finish


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
    return finish(analyse(dataset, Settings(k_min=2, k_max=2, models=("VVV",), noise=True)))


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
        own, of_all, spread, effect, is_mean = told.centers[j]
        np.testing.assert_allclose(own, x[chosen].mean(), rtol=1e-14)
        np.testing.assert_allclose(of_all, x[used].mean(), rtol=1e-14)
        np.testing.assert_allclose(spread, x[used].std(), rtol=1e-9)
        np.testing.assert_allclose(effect, (own - of_all) / spread, atol=1e-6)
        assert is_mean


def test_without_an_answer_there_are_means_only(analysis):
    told = summary(RowSet.of_rows([3], 90), analysis.dataset, analysis.prepared, None)
    assert told.sizes is None
    assert told.centers[0].own == analysis.dataset.column("a").numbers()[3]


def test_how_sure_the_selected_rows_are(analysis):
    chosen = np.arange(12, 60)
    rows = RowSet.of_rows([4, *chosen], 90)  # row 4 is not used
    told = sureness(rows, analysis, 0.99, most=2)
    at = np.searchsorted(analysis.prepared.rows, chosen)
    shares = analysis.scaled.responsibilities(analysis.prepared.X[at])
    np.testing.assert_allclose(told.shares, shares.mean(axis=0))  # no cluster is the last
    assert told.n_used == 48
    assert told.n_unsure == int((analysis.rows.probability[at] < 0.99).sum())
    for k, curve in enumerate(told.curves):
        own = analysis.rows.probability[at][analysis.rows.label[at] == k]
        assert len(own) > 2
        assert curve.tolist() == [own.max(), own.min()]
    assert np.isnan(sureness(RowSet.of_rows([4], 90), analysis, 0.99, most=2).shares).all()


def test_what_is_told_of_selected_rows_is_given_up_when_nobody_waits_for_it(analysis):
    rows, task = RowSet.of_rows(range(12, 60), 90), Task()
    task.abandon()
    with pytest.raises(Cancelled):
        sureness(rows, analysis, 0.99, 2, task)
    with pytest.raises(Cancelled):
        typical(analysis.prepared, used_places(rows, analysis.prepared), task)


def test_every_used_row_is_of_one_cluster_or_of_none(analysis):
    parts = [rows_of_cluster(analysis, k) for k in (NO_CLUSTER, 0, 1)]
    assert sum(part.count for part in parts) == 88
    assert not (parts[1] & parts[2]).count
    assert (parts[0] | parts[1] | parts[2]) == ~RowSet.of_rows([4, 10], 90)


def test_the_distance_to_each_cluster_is_that_of_mahalanobis(analysis):
    rows = RowSet.of_rows([0, 1, 2, 4, 50], 90)  # row 4 is not used
    found = away(analysis, rows)
    prepared, mixture = analysis.prepared, analysis.scaled.parameters
    X = prepared.X[np.searchsorted(prepared.rows, [0, 1, 2, 50])]
    for k in range(2):
        inverse = np.linalg.inv(mixture.covariances[k])
        each = [mahalanobis(x, mixture.means[k], inverse) for x in X]
        assert found.distances[k] == pytest.approx(np.median(each), rel=1e-9)
        spread = np.sqrt(np.diag(mixture.covariances[k]))
        np.testing.assert_allclose(
            found.by_column[:, k], (X.mean(axis=0) - mixture.means[k]) / spread, rtol=1e-9
        )
    assert found.n_rows == 4
    assert away(analysis, RowSet.of_rows([4], 90)) is None


@pytest.mark.parametrize("ending", [".csv", ".xlsx", ".parquet"])
def test_the_selected_rows_alone_are_written_as_they_are_among_all(analysis, tmp_path, ending):
    rows = [3, 4, 20, 61]
    chosen = only_rows(analysis, RowSet.of_rows(rows, 90))
    written = tmp_path / f"some{ending}"
    write(chosen, written)
    assert "Only 4 selected rows of 90" in chosen.dataset.receipt.notes[-1]
    if ending == ".xlsx":
        return
    whole = tmp_path / f"all{ending}"
    write(analysis, whole)
    some, full = (read(str(path)) for path in (written, whole))
    assert some.n_rows == 4
    assert some.column("gmm_row").cells.to_pylist() == [row + 1 for row in rows]
    for column in full.columns:
        taken = [column.cells[row].as_py() for row in rows]
        assert some.column(column.name).cells.to_pylist() == pytest.approx(taken, nan_ok=True)


def test_of_a_column_that_a_step_has_bent_medians_stand_beside_each_other(analysis):
    steps = (parse_step("log b shift=100"),)
    settings = Settings(k_min=2, k_max=2, models=("VVV",), steps=steps)
    bent = finish(analyse(analysis.dataset, settings))
    mask = np.zeros(90, np.bool_)
    mask[[0, 1, 2, 50, 51]] = True
    told = summary(RowSet.of_mask(mask), bent.dataset, bent.prepared, bent)
    centers = told.centers[told.columns.index("b")]
    (profile,) = (one for one in bent.profiles if one.name == "b")
    x = bent.dataset.column("b").numbers()
    assert not centers.is_mean
    assert centers.own == pytest.approx(np.nanmedian(x[mask]))
    assert centers.of_all == pytest.approx(profile.center)  # as in the list of clusters
    logs = np.log(x[bent.prepared.rows] + 100.0)
    away = np.log(centers.own + 100.0) - np.log(centers.of_all + 100.0)
    assert centers.effect == pytest.approx(away / logs.std())
