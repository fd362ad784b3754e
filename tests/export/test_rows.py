import numpy as np
import pyarrow as pa
import pytest
from openpyxl import load_workbook
from pyarrow import csv, parquet
from scipy.stats import multivariate_normal

from gmmdesk.analysis import Settings, analyse
from gmmdesk.data.dataset import Column, ColumnKind, Dataset, Receipt
from gmmdesk.data.options import ReadOptions
from gmmdesk.data.readers import read
from gmmdesk.errors import Cancelled
from gmmdesk.export import rows, write
from gmmdesk.export.cells import delimited_cells
from gmmdesk.export.rows import batches, headings, result_names
from gmmdesk.task import Task
from tests.running import finish


def table(analysis):
    return pa.Table.from_batches(list(batches(analysis, Task(), delimited_cells)))


def test_names_of_the_columns():
    assert result_names(["a"], 2) == (
        "gmm_cluster",
        "gmm_probability",
        "gmm_p1",
        "gmm_p2",
        "gmm_second",
        "gmm_uncertainty",
        "gmm_log_density",
        "gmm_outlier",
        "gmm_left_out",
    )


@pytest.mark.parametrize(
    ("existing", "prefix"),
    [
        (["x", "gmm_left_out"], "gmm_2_"),
        (["gmm_cluster", "gmm_2_cluster"], "gmm_3_"),
        (["gmm_p9"], "gmm_"),
    ],
)
def test_names_make_way_for_those_of_the_input(existing, prefix):
    names = result_names(existing, 2)
    assert all(name.startswith(prefix) for name in names)
    assert not set(names) & set(existing)


def test_headings_carry_cluster_names_and_stay_unique():
    assert headings(["Cluster"], ["Big", "Small"]) == (
        "Cluster (2)",
        "Probability",
        "P(Big)",
        "P(Small)",
        "Second choice",
        "Uncertainty",
        "Log density",
        "Outlier",
        "Left out",
    )


def test_every_row_comes_back_with_its_original_cells(analysis):
    result = table(analysis)
    for column in analysis.dataset.columns:
        assert result.column(column.name).to_pylist() == column.cells.to_pylist()


def test_probabilities_are_those_of_the_mixture(analysis):
    result = table(analysis).to_pandas()
    used = result[result["gmm_left_out"].isna()]
    fit = analysis.result
    joint = np.column_stack(
        [
            weight * multivariate_normal(mean, covariance).pdf(used[["height", "width"]])
            for weight, mean, covariance in zip(
                fit.weights, fit.means, fit.covariances, strict=True
            )
        ]
    )
    expected = joint / joint.sum(axis=1, keepdims=True)
    found = used[["gmm_p1", "gmm_p2"]].to_numpy()
    np.testing.assert_allclose(found, expected, rtol=1e-10)
    np.testing.assert_allclose(used["gmm_log_density"], np.log(joint.sum(axis=1)), rtol=1e-10)
    np.testing.assert_array_equal(used["gmm_cluster"], 1 + expected.argmax(axis=1))
    np.testing.assert_array_equal(used["gmm_second"], 1 + expected.argmin(axis=1))
    np.testing.assert_allclose(used["gmm_probability"], expected.max(axis=1), rtol=1e-10)
    np.testing.assert_allclose(used["gmm_uncertainty"], expected.min(axis=1), atol=1e-12)


def test_rows_left_out_have_a_reason_and_nothing_else(analysis):
    result = table(analysis).to_pylist()
    left_out = [i for i, row in enumerate(result) if row["gmm_left_out"] is not None]
    assert left_out == [3, 17, 30]
    for i in left_out:
        reason = analysis.prepared.reasons[analysis.prepared.left_out[i] - 1]
        assert result[i]["gmm_left_out"] == reason
        assert all(
            result[i][name] is None for name in result_names([], 2) if name != "gmm_left_out"
        )
    assert all(row["gmm_cluster"] for i, row in enumerate(result) if i not in left_out)


def test_one_cluster_has_no_second_choice(make):
    analysis = make({"x": [1.0, 2.0, 4.0]}, ["x"], n_clusters=1)
    assert table(analysis).column("gmm_second").to_pylist() == [None] * 3
    assert table(analysis).column("gmm_p1").to_pylist() == [1.0] * 3


def test_batches_do_not_change_the_rows(analysis, monkeypatch):
    whole = table(analysis)
    monkeypatch.setattr(rows, "LEAST_ROWS", 7)
    monkeypatch.setattr(rows, "BATCH_CELLS", 1)
    parts = list(batches(analysis, Task(), delimited_cells))
    assert [len(part) for part in parts] == [7, 7, 7, 7, 7, 5]
    joined, shares = pa.Table.from_batches(parts), ["gmm_p1", "gmm_p2"]
    assert joined.drop(shares).equals(whole.drop(shares))
    # A product of fewer rows may be rounded otherwise.
    np.testing.assert_allclose(
        joined.select(shares).to_pandas(), whole.select(shares).to_pandas(), rtol=1e-12
    )


def test_a_batch_may_hold_no_used_row(make, monkeypatch):
    monkeypatch.setattr(rows, "LEAST_ROWS", 2)
    monkeypatch.setattr(rows, "BATCH_CELLS", 1)
    analysis = make({"x": [1.0, 2.0, None, None, 4.0]}, ["x"])
    assert table(analysis).column("gmm_cluster").is_null().to_pylist() == [
        False, False, True, True, False,
    ]  # fmt: skip


def test_cancelling_ends_the_batches(analysis):
    task = Task()
    task.cancel()
    with pytest.raises(Cancelled):
        next(batches(analysis, task, delimited_cells))


def test_far_from_zero_the_probabilities_still_agree():
    """In the units of the file these rows differ in their last digits only."""
    rng = np.random.default_rng(0)
    x = 1e8 + 1e-6 * np.concatenate([rng.normal(0, 1, 60), rng.normal(3, 1, 60)])
    column = Column("x", ColumnKind.NUMBER, pa.chunked_array([pa.array(x)]), 0)
    dataset = Dataset("far", (column,), Receipt("far.csv", "CSV", 0, ""))
    steps = analyse(dataset, Settings(k_min=2, k_max=2, models=("VVI",), restarts=2))
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found = table(end.value).to_pandas()
            break
    shares = found[["gmm_p1", "gmm_p2"]].to_numpy()
    assert shares.max(axis=1) == pytest.approx(found["gmm_probability"].to_numpy(), rel=1e-12)
    np.testing.assert_array_equal(1 + shares.argmax(axis=1), found["gmm_cluster"])


def test_names_that_were_given_are_the_last_column(analysis):
    given, default = (
        pa.Table.from_batches(list(batches(analysis, Task(), delimited_cells, names)))
        for names in (("Tall", "Small"), ("Cluster 1", "Cluster 2"))
    )
    assert given.column_names == [*default.column_names, "gmm_cluster_name"]
    assert given["gmm_cluster_name"].to_pylist() == [
        {1: "Tall", 2: "Small", None: None}[number] for number in given["gmm_cluster"].to_pylist()
    ]
    assert result_names(["gmm_cluster_name"], 2, named=True)[-1] == "gmm_2_cluster_name"


def test_rows_of_no_cluster_are_cluster_0(noisy):
    result = table(noisy).to_pandas()
    added = result_names(["x", "y"], 2, noise=True)
    assert list(result) == ["x", "y", *added]
    assert added[4] == "gmm_p_noise"
    used = result[result["gmm_left_out"].isna()]
    assert len(result) - len(used) == 1
    assert result["gmm_p_noise"].isna().sum() == 1
    shares = used[["gmm_p_noise", "gmm_p1", "gmm_p2"]].to_numpy()
    np.testing.assert_allclose(shares.sum(axis=1), 1.0)
    order = np.argsort(-shares, axis=1)
    np.testing.assert_array_equal(used["gmm_cluster"], order[:, 0])
    np.testing.assert_array_equal(used["gmm_second"], order[:, 1])
    assert 0 < (used["gmm_cluster"] == 0).sum() == noisy.noise.n_rows
    fit, region = noisy.result, noisy.result.noise.region
    density = fit.noise.weight / np.ptp(used[["x", "y"]], axis=0).prod()
    expected = density / np.exp(used["gmm_log_density"])
    np.testing.assert_allclose(used["gmm_p_noise"], expected, rtol=1e-9)
    assert region.log_volume == pytest.approx(np.log(np.ptp(used[["x", "y"]], axis=0)).sum())


def test_rows_of_no_cluster_have_a_name_among_given_ones(noisy):
    rows = pa.Table.from_batches(list(batches(noisy, Task(), delimited_cells, ("Big", "Small"))))
    names = np.array(["No cluster", "Big", "Small", None])
    cluster = rows["gmm_cluster"].to_pandas().fillna(3).astype(int)
    assert rows["gmm_cluster_name"].to_pylist() == names[cluster].tolist()


def test_the_heading_of_no_cluster():
    assert headings(["P(no cluster)"], ["A"], noise=True)[3] == "P(no cluster) (2)"
    assert headings([], ["A"], noise=True)[3] == "P(no cluster)"


@pytest.fixture
def numbered(tmp_path):
    """A file of 300 rows, of which column "at" holds the number, as CSV and Parquet."""
    rng = np.random.default_rng(3)
    columns = {"at": [f"row {i}" for i in range(1, 301)], "x": rng.normal(size=300).tolist()}
    made = pa.table(columns | {"gmm_x": rng.normal(size=300).tolist()})
    parquet.write_table(made, tmp_path / "t.parquet")
    csv.write_csv(made, tmp_path / "t.csv")
    return tmp_path


def fitted(path, **options):
    dataset = read(path, ReadOptions(**options))
    return finish(analyse(dataset, Settings(columns=("x", "gmm_x"), k_max=1, models=("VVV",))))


@pytest.mark.parametrize("name", ["t.csv", "t.parquet"])
@pytest.mark.parametrize(
    "options",
    [{"row_limit": 40}, {"sample_rows": 50}, {"sample_rows": 7, "sample_seed": 3}],
    ids=str,
)
def test_rows_of_a_part_say_where_they_stand_in_the_file(numbered, name, options):
    analysis = fitted(numbered / name, **options)
    found = table(analysis)
    assert found.column_names[3:5] == ["gmm_row", "gmm_cluster"]
    numbers = found.column("gmm_row").to_pylist()
    assert [f"row {number}" for number in numbers] == found.column("at").to_pylist()
    path = numbered / "out.xlsx"
    write(analysis, path, names=["All"])
    head, first, *_ = load_workbook(path)["Rows"].iter_rows(values_only=True)
    assert head[3:6] == ("Row in the file", "Cluster", "Cluster name")
    assert first[3:6] == (numbers[0], 1, "All")


@pytest.mark.parametrize("options", [{}, {"row_limit": 301}, {"sample_rows": 300}], ids=str)
def test_a_whole_file_needs_no_row_numbers(numbered, options):
    assert "gmm_row" not in table(fitted(numbered / "t.csv", **options)).column_names
