"""What exports say about steps, and a model that takes them again on new rows."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest
from openpyxl import load_workbook
from pyarrow import csv
from scipy.stats import multivariate_normal

from gmmdesk.analysis import Analysis, Settings, analyse, apply
from gmmdesk.data.prepare import transform
from gmmdesk.data.readers import read_text
from gmmdesk.data.samples import load_sample
from gmmdesk.data.steps import command, parse_step
from gmmdesk.engine import Parameters
from gmmdesk.engine.density import score
from gmmdesk.errors import ReadError
from gmmdesk.export import write
from gmmdesk.export.model import fitted_model, load_model, preparation_of
from gmmdesk.export.summary import summary
from tests.running import finish

LINES = (
    "leave-out days_since_last_order > 400 reason='long gone'",
    "log average_order_usd",
    "yeo-johnson days_between_orders",
    "hold-out share=0.2 seed=3",
)


def answer(lines: Sequence[str], sample: str = "customers", **chosen: object) -> Analysis:
    settings = Settings(
        **{"k_min": 2, "k_max": 2, "models": ("VVV",), "restarts": 1} | chosen,
        steps=tuple(map(parse_step, lines)),
    )
    return finish(analyse(load_sample(sample), settings, n_threads=1))


@pytest.fixture(scope="module")
def bent() -> Analysis:
    return answer(LINES)


@pytest.fixture(scope="module")
def turned() -> Analysis:
    return answer(["components number=3"], "wine")


@pytest.fixture
def saved(bent, tmp_path):
    path = tmp_path / "model.json"
    write(bent, path)
    return path


def test_a_saved_model_gives_the_same_answer_for_the_same_rows(bent, saved):
    model = load_model(saved)
    again = transform(bent.dataset, preparation_of(model))
    np.testing.assert_array_equal(again.X, bent.prepared.X)
    assert model.columns[0] == "log(average_order_usd)"
    mixture = Parameters(*map(np.array, (model.weights, model.means, model.covariances)))
    scores = score(mixture, again.center + again.scale * again.X)
    np.testing.assert_array_equal(scores.label, bent.rows.label)
    np.testing.assert_allclose(scores.log_density + again.log_slope, bent.rows.log_density)


def test_a_model_without_steps_has_none(tmp_path):
    path = tmp_path / "plain.json"
    plain = answer([], "iris")
    write(plain, path)
    model = load_model(path)
    assert model.steps is None
    assert "preparation" not in summary(plain)
    again = transform(plain.dataset, preparation_of(model))
    np.testing.assert_allclose(again.X, plain.prepared.X, rtol=1e-12, atol=1e-13)


FLAWS = {
    "bent": [
        (["inputs"], [], "inputs"),
        (["fitted"], [], "do not lead"),
        (["missing"], "guess", "missing"),
        (["fitted", -1, "columns"], ["absent"], "no column absent"),
        (["fitted", -1, "columns"], [], "one map"),
        (["fitted", -1, "maps", 0, "power"], "x", "power"),
        (["fitted", -1, "step"], "eval", "eval"),
        (["fitted", 0, "operator"], "eval", "no condition 'eval'"),
    ],
    "turned": [
        (["fitted", 0, "loadings"], [[1.0]], "loadings"),
        (["fitted", 0, "loadings", 0, 0], 3.0, "orthonormal"),
        (["fitted", 0, "scale", 0], 0.0, "scale"),
        (["fitted", 0, "center"], [], "centre"),
        (["fitted", 0, "columns", 0], "absent", "no column absent"),
    ],
}


@pytest.mark.parametrize(
    ("name", "flaw"), [(name, flaw) for name, flaws in FLAWS.items() for flaw in flaws]
)
def test_the_steps_of_a_model_file_are_checked(request, tmp_path, name, flaw):
    path, value, words = flaw
    file = tmp_path / "model.json"
    write(request.getfixturevalue(name), file)
    content = json.loads(file.read_text("utf-8"))
    place = content["steps"]
    for key in path[:-1]:
        place = place[key]
    assert path[-1] in place if isinstance(place, dict) else True
    place[path[-1]] = value
    file.write_text(json.dumps(content), "utf-8")
    with pytest.raises(ReadError, match=words):
        load_model(file)


def test_the_summary_says_what_the_steps_did(bent):
    said = summary(bent)
    steps = said["preparation"]
    assert [entry["step"] for entry in steps["steps"]] == [command(s) for s in bent.settings.steps]
    assert said["rows_used"] + steps["rows_held_out"] + said["rows_left_out"] == said["rows_read"]
    assert steps["log_likelihood_is_of"] == "file"
    assert steps["covariances"] is None
    kinds = {one["column"]: one["center_is"] for one in steps["profiles"]}
    assert kinds == {
        "average_order_usd": "median",
        "days_between_orders": "median",
        "days_since_last_order": "mean",
    }
    assert steps["log_density_used"] == pytest.approx(said["log_likelihood"] / said["rows_used"])
    json.dumps(said, allow_nan=False)


def test_linear_steps_are_undone_in_the_summary(turned):
    steps = summary(turned)["preparation"]
    assert steps["log_likelihood_is_of"] == "fitted"
    assert np.shape(steps["covariances"]) == (2, 13, 13)
    assert not any(one["exact"] for one in steps["profiles"])


def test_held_out_rows_are_marked_in_tables(bent, tmp_path):
    path = tmp_path / "rows.csv"
    write(bent, path)
    table = csv.read_csv(path)
    held = np.zeros(bent.dataset.n_rows, bool)
    held[bent.prepared.rows[bent.prepared.held_out]] = True
    used = np.isin(np.arange(len(held)), bent.prepared.rows)
    marked = table.column("gmm_held_out").to_pylist()
    assert marked == [bool(h) if u else None for h, u in zip(held, used, strict=True)]
    clusters = table.column("gmm_cluster").to_pylist()
    assert [cluster is not None for cluster in clusters] == used.tolist()
    assert set(table.column("gmm_left_out").to_pylist()) == {"", "long gone"}
    parquet = tmp_path / "rows.parquet"
    write(bent, parquet)
    assert pa.parquet.read_schema(parquet).field("gmm_held_out").type == pa.bool_()


def test_the_workbook_names_medians_and_steps(bent, tmp_path):
    path = tmp_path / "answer.xlsx"
    write(bent, path)
    book = load_workbook(path)  # which closes the file: read_only would keep it open
    header, first, *_ = book["Clusters"].iter_rows(values_only=True)
    cell = dict(zip(header, first, strict=True))
    profile = bent.profiles[0]
    assert cell["Median of average_order_usd"] == pytest.approx(profile.centers[0])
    assert cell["16 % below: average_order_usd"] == pytest.approx(profile.lows[0])
    assert "Mean of days_since_last_order" in cell
    about = dict(row[:2] for row in book["About"].iter_rows(values_only=True))
    assert about["Step 1"].startswith("Leave out days_since_last_order > 400. Left out")
    assert "median" in about["Units"]
    assert about["Mean log density of held-out rows"] == pytest.approx(bent.held_out.log_density)
    assert about["Rows used"] + about["Rows held out (not fitted)"] + about["Rows left out"] == 1139
    assert "Held out" in next(book["Rows"].iter_rows(max_row=1, values_only=True))


@pytest.fixture(scope="module", params=["plain", "noise", "some turned"])
def all_components(request) -> Analysis:
    """Complete principal components, alone, with noise, and after an indicator of a category."""
    lines = ["components share=1"]
    if request.param == "some turned":
        return answer(["indicators island", *lines], "penguins", scaling="none")
    return answer(lines, "penguins", noise=request.param == "noise")


def in_file_units(analysis: Analysis, columns: Sequence[str]) -> np.ndarray:
    """The used rows in the columns that a model names, with indicators as 0 and 1."""
    table, rows = analysis.dataset, analysis.prepared.rows

    def values(name: str) -> np.ndarray:
        column, _, level = name.partition(" = ")
        if not level:
            return table.column(name).numbers()[rows]
        cells = table.column(column).cells.to_pylist()
        return np.array([float(cells[row] == level) for row in rows])

    return np.stack([values(name) for name in columns], axis=1)


def test_complete_components_are_reported_in_the_columns_of_the_file(all_components, tmp_path):
    analysis, path = all_components, tmp_path / "model.json"
    write(analysis, path)
    model, said = load_model(path), summary(analysis)
    assert said["columns"] == list(model.columns)
    assert not any(name.startswith("PC") for name in model.columns)
    assert said["preparation"]["columns"] == list(analysis.prepared.columns)
    assert said["means"] == [list(row) for row in model.means]
    assert np.array(said["covariances"]).tolist() == np.array(model.covariances).tolist()
    np.testing.assert_allclose(said["covariances"], said["preparation"]["covariances"])
    X = in_file_units(analysis, model.columns)
    joint = np.stack(
        [
            np.log(weight) + multivariate_normal(mean, covariance).logpdf(X)
            for weight, mean, covariance in zip(
                model.weights, model.means, model.covariances, strict=True
            )
        ],
        axis=1,
    )
    if model.noise is not None:
        background = np.log(model.noise.weight) + model.noise.log_density
        joint = np.column_stack([joint, np.full(len(X), background)])
    log_density = np.logaddexp.reduce(joint, axis=1)
    expected = analysis.responsibilities(slice(None))
    shares = np.exp(joint - log_density[:, None])
    np.testing.assert_allclose(shares, expected, rtol=1e-6, atol=1e-9)
    if analysis.prepared.keeps_density:
        np.testing.assert_allclose(log_density, analysis.rows.log_density, rtol=1e-9)


def test_a_model_in_the_columns_of_the_file_is_applied_as_it_was_fitted(all_components, tmp_path):
    path = tmp_path / "model.json"
    write(all_components, path)
    applied = apply(fitted_model(load_model(path)), all_components.dataset)
    for field in ("label", "probability", "log_density", "squared_distance"):
        np.testing.assert_array_equal(
            getattr(applied.rows, field), getattr(all_components.rows, field)
        )
    np.testing.assert_array_equal(
        applied.responsibilities(slice(None)), all_components.responsibilities(slice(None))
    )


def test_the_sheet_of_parameters_is_in_the_columns_of_the_file(all_components, tmp_path):
    path = tmp_path / "answer.xlsx"
    write(all_components, path)
    said = summary(all_components)
    _, *lines = load_workbook(path)["Parameters"].iter_rows(values_only=True)
    means = [line[5] for line in lines if line[0] == "mean"]
    assert means == np.ravel(said["means"]).tolist()
    assert [line[5] for line in lines if line[0] == "covariance"] == np.ravel(
        said["covariances"]
    ).tolist()
    assert {line[3] for line in lines if line[0] == "mean"} == set(said["columns"])


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        (["columns", 0], "other", "neither"),
        (["means", 0, 0], 1.0, "not the same mixture"),
        (["covariances", 0, 0, 0], 1e9, "not the same mixture"),
        (["fitted"], None, "is missing"),
        (["steps", "columns"], None, "do not lead"),
    ],
)
def test_the_columns_of_a_model_are_those_of_its_steps(tmp_path, place, value, words):
    path = tmp_path / "model.json"
    write(answer(["components share=1"], "penguins"), path)
    content = json.loads(path.read_text("utf-8"))
    inner = content
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    path.write_text(json.dumps(content), "utf-8")
    with pytest.raises(ReadError, match=words):
        load_model(path)


def test_components_of_columns_that_nearly_repeat_others_can_be_saved(tmp_path):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 80)) + 4.0 * (np.arange(80) % 2)
    again = x + 1e-5 * rng.normal(size=80)
    rows = np.stack([x, y, again], axis=1).tolist()
    lines = ["x,y,again", *(",".join(map(repr, row)) for row in rows)]
    settings = Settings(k_max=1, models=("VVV",), steps=(parse_step("components number=3"),))
    found = finish(analyse(read_text("\n".join(lines)), settings))
    write(found, tmp_path / "model.json")
    model = load_model(tmp_path / "model.json")
    assert model.columns == ("x", "y", "again")
    applied = apply(fitted_model(model), found.dataset)
    np.testing.assert_array_equal(applied.rows.log_density, found.rows.log_density)
