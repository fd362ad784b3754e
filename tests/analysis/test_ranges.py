"""Nothing is told of a cluster that none of its rows has."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from gmmdesk.analysis import Settings, analyse
from gmmdesk.analysis.combining import combined
from gmmdesk.analysis.grouping import Grouping
from gmmdesk.analysis.outliers import odd_rows, outliers
from gmmdesk.analysis.profiles import typical
from gmmdesk.analysis.why import why
from gmmdesk.data.readers import read_text
from gmmdesk.data.steps import parse_step
from tests.running import finish

COLUMNS = ("distance", "tip", "tolls")


@pytest.fixture(scope="module")
def rides():
    """Tips that are never below 0, tolls that most rides do not have, and two rides far away."""
    rng = np.random.default_rng(0)
    far = rng.random(300) < 0.3
    distance = np.where(far, rng.normal(12.0, 2.0, 300), rng.gamma(3.0, 0.6, 300)) + 0.1
    tip = rng.exponential(1.5, 300) * (rng.random(300) < 0.7) + 4.0 * far
    tolls = np.where(far, 5.76, 0.0)
    rows = [*zip(distance, tip, tolls, strict=True), (60.0, 0.0, 11.5), (64.0, 30.0, 11.5)]
    return read_text("\n".join([",".join(COLUMNS), *(f"{a:.2f},{b:.2f},{c}" for a, b, c in rows)]))


def answer(table, *lines, **chosen):
    steps = tuple(parse_step(line) for line in lines)
    chosen = {"k_min": 3, "k_max": 3, "models": ("VVV",), "prior": "always", "restarts": 2} | chosen
    return finish(analyse(table, Settings(steps=steps, **chosen), n_threads=1))


def rows_of(analysis, column, cluster):
    values = analysis.dataset.column(column).numbers()[analysis.prepared.rows]
    return values[analysis.rows.label == cluster]


def check_is_within_rows(analysis):
    for one in analysis.profiles:
        for k in range(analysis.n_clusters):
            own = rows_of(analysis, one.name, k)
            told = (one.lows[k], one.centers[k], one.highs[k])
            assert own.min() <= min(told) <= one.centers[k] <= max(told) <= own.max()
            assert 0.0 <= one.spreads[k] <= np.ptp(own) / 2


@pytest.fixture(scope="module")
def found(rides):
    return answer(rides)


def test_the_model_reaches_beyond_the_rows_and_what_is_told_does_not(found):
    spreads = np.sqrt(np.diagonal(found.result.covariances, axis1=1, axis2=2))
    assert (found.result.means - spreads < 0.0).any()
    check_is_within_rows(found)
    near = int(np.argmin(found.result.means[:, 0]))
    tolls = found.profiles[COLUMNS.index("tolls")]
    assert (tolls.lows[near], tolls.centers[near], tolls.highs[near]) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize("line", ["log distance tip tolls shift=1", "yeo-johnson tip"])
def test_medians_and_ranges_of_bent_columns_are_within_the_rows_too(rides, line):
    check_is_within_rows(answer(rides, line))


def test_the_median_of_a_bent_column_is_that_of_the_rows(rides):
    bent = answer(rides, "yeo-johnson tip")
    tip = next(one for one in bent.profiles if one.name == "tip")
    own = [rows_of(bent, "tip", k) for k in range(bent.n_clusters)]
    np.testing.assert_allclose(tip.centers, [np.median(one) for one in own])
    np.testing.assert_allclose(tip.lows, [np.quantile(one, stats.norm.cdf(-1)) for one in own])


def test_merged_clusters_are_told_within_their_own_rows(found):
    check_is_within_rows(combined(found, Grouping.combining([0, 1, 0], found.scaled.weights)))


def test_the_parameters_stay_those_of_the_model(found):
    tolls = COLUMNS.index("tolls")
    near = int(np.argmin(found.result.means[:, 0]))
    assert found.result.covariances[near, tolls, tolls] > 0.0
    assert found.clusters is found.result.parameters


def test_on_the_way_there_clusters_are_told_within_all_rows(found):
    first = found.trail[0].fit.parameters
    for one in found.profiles:
        values = found.dataset.column(one.name).numbers()
        then = one.in_mixture(first)
        assert values.min() <= then.lows.min() <= then.highs.max() <= values.max()


def test_what_most_rows_of_a_cluster_have_is_within_them(found):
    odd = [
        (row.cluster, column)
        for row in odd_rows(found, outliers(found, 0.05), 20)
        for column in row.columns
    ]
    assert odd
    for cluster, column in odd:
        own = rows_of(found, column.column, cluster)
        assert own.min() <= column.low <= column.high <= own.max()


def test_what_is_typical_beside_a_row_is_what_rows_have(found):
    told = why(found, 0)
    for one in told.evidence:
        for cluster, value in ((told.first, one.first), (told.second, one.second)):
            own = rows_of(found, one.column, cluster)
            assert own.min() <= value <= own.max()


def test_selected_rows_are_told_within_themselves(found):
    tips = found.dataset.column("tip").numbers()
    chosen = tips < 3.0
    told = typical(found.prepared, chosen)
    assert told.lows[COLUMNS.index("tip")] >= 0.0
    assert told.highs[COLUMNS.index("tip")] <= 3.0
