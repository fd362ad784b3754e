"""Fits that start from a given mixture."""

from __future__ import annotations

import msgspec
import numpy as np
import pyarrow as pa
import pytest

from gmmdesk.analysis import Settings, analyse
from gmmdesk.analysis.placing import with_component_at
from gmmdesk.analysis.settings import Start
from gmmdesk.data.dataset import Column, ColumnKind, Dataset, Receipt
from gmmdesk.data.row_set import RowSet
from gmmdesk.engine import FitSpec, fit
from gmmdesk.errors import FitError, UsageError
from tests.running import finish


@pytest.fixture(scope="module")
def two():
    """Three groups, of which two clusters were asked for."""
    rng = np.random.default_rng(5)
    group = np.arange(150) % 3
    columns = {"x": 50.0 + 8.0 * group, "y": 9.0 * (group == 2)}
    made = tuple(
        Column(name, ColumnKind.NUMBER, pa.chunked_array([x + rng.normal(size=150)]), 0)
        for name, x in columns.items()
    )
    dataset = Dataset("t", made, Receipt("test", "CSV", 0, ""))
    return finish(analyse(dataset, Settings(k_min=2, k_max=2, models=("VVV",), restarts=2)))


def test_one_more_component_begins_at_the_rows(two):
    rows = np.arange(0, 150, 3)[:20]
    mixture = with_component_at(two, RowSet.of_rows(rows, 150))
    values = np.column_stack([column.numbers()[rows] for column in two.dataset.columns])
    np.testing.assert_allclose(mixture.means[-1], values.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(mixture.means[:2], two.result.means, rtol=1e-9)
    assert mixture.weights.sum() == pytest.approx(1.0)
    assert mixture.weights[-1] == pytest.approx(20 / 150)
    assert (np.linalg.eigvalsh(mixture.covariances[-1]) > 0.0).all()
    alone = with_component_at(two, RowSet.of_rows([4], 150))
    assert (np.linalg.eigvalsh(alone.covariances[-1]) > 0.0).all()


def test_the_fit_is_plain_em_from_the_start_and_says_so(two):
    rows = RowSet.of_rows(np.arange(0, 150, 3), 150)
    mixture = with_component_at(two, rows)
    start = Start.of(mixture, two.prepared.columns, "these and one more")
    settings = msgspec.structs.replace(two.settings, k_min=3, k_max=3, start=start)
    assert msgspec.json.decode(msgspec.json.encode(settings), type=Settings) == settings
    found = finish(analyse(two.dataset, settings))
    center, scale = two.prepared.center, two.prepared.scale
    scaled = mixture.in_units(-center / scale, 1.0 / scale)
    ours = fit(two.prepared.X, FitSpec(n_components=3, model="VVV", tol=1e-5), scaled)
    assert found.scaled.log_likelihood == pytest.approx(ours.log_likelihood, abs=1e-9)
    assert found.n_clusters == 3
    assert sorted(found.sizes.tolist()) == [50, 50, 50]


def test_where_a_component_was_put_that_lost_all_its_rows_is_told(two):
    mixture = with_component_at(two, RowSet.of_rows(np.arange(0, 150, 3), 150))
    mixture.means[-1], mixture.covariances[-1] = (900.0, -900.0), np.eye(2)
    start = Start.of(mixture, two.prepared.columns, "a drawing")
    settings = msgspec.structs.replace(two.settings, k_min=3, k_max=3, start=start)
    with pytest.raises(FitError) as raised:
        finish(analyse(two.dataset, settings))
    assert str(raised.value).startswith(
        "The cluster that was put at x = 900.0 and y = −900.0 lost all its rows."
    )
    assert "where rows are that no other describes" in raised.value.hint


def test_a_start_that_does_not_fit_is_refused_in_words(two):
    start = Start.of(two.result.parameters, ("x", "z"), "elsewhere")
    settings = msgspec.structs.replace(two.settings, start=start)
    with pytest.raises(UsageError, match="cannot start from elsewhere"):
        finish(analyse(two.dataset, settings))
    start = Start.of(two.result.parameters, ("x", "y"), "two")
    settings = msgspec.structs.replace(two.settings, k_min=3, k_max=3, start=start)
    with pytest.raises(UsageError, match="it has 2 clusters"):
        finish(analyse(two.dataset, settings))
    with pytest.raises(UsageError, match="no mixture"):
        msgspec.structs.replace(start, columns=("x",))
