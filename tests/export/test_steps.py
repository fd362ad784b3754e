"""What exports say about steps, and a model that takes them again on new rows."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest
from openpyxl import load_workbook
from pyarrow import csv

from gmmdesk.analysis import Analysis, Settings, analyse
from gmmdesk.data.prepare import transform
from gmmdesk.data.samples import load_sample
from gmmdesk.data.steps import command, parse_step
from gmmdesk.engine import Parameters
from gmmdesk.engine.density import score
from gmmdesk.errors import ReadError
from gmmdesk.export import write
from gmmdesk.export.model import load_model, preparation_of
from gmmdesk.export.summary import summary

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
    generator = analyse(load_sample(sample), settings, n_threads=1)
    while True:
        try:
            next(generator)
        except StopIteration as end:
            return end.value


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
    book = load_workbook(path, read_only=True)
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
