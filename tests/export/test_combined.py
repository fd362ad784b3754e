"""Clusters that are made of several components, in files of every kind."""

from __future__ import annotations

import csv
import json
from dataclasses import replace

import numpy as np
import openpyxl
import pytest

from gmmdesk.analysis import apply
from gmmdesk.analysis.combining import combined, merging_of
from gmmdesk.analysis.grouping import Grouping
from gmmdesk.errors import Cancelled, ReadError
from gmmdesk.export import write
from gmmdesk.export.model import fitted_model, load_model
from gmmdesk.export.report.methods import methods
from gmmdesk.export.summary import summary
from gmmdesk.task import Task

from .report.conftest import parsed

NAMES = ("Both", "Other")


@pytest.fixture
def apart(make):
    rng = np.random.default_rng(2)
    X = rng.normal(size=(60, 2)) + rng.integers(0, 3, (60, 1)) * 3.0
    return make(dict(zip("xy", X.T.tolist(), strict=True)), "xy", n_clusters=3)


@pytest.fixture
def analysis(apart):
    return combined(apart, Grouping.combining([0, 1, 0], apart.scaled.weights))


def sheet(book, name):
    head, *rows = book[name].iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


def test_rows_have_the_probabilities_of_their_clusters(apart, analysis, tmp_path):
    write(analysis, tmp_path / "out.csv", names=NAMES)
    write(apart, tmp_path / "apart.csv")
    with (tmp_path / "out.csv").open() as one, (tmp_path / "apart.csv").open() as other:
        rows, parts = list(csv.DictReader(one)), list(csv.DictReader(other))
    assert [name for name in rows[0] if name.startswith("gmm_p")] == [
        *("gmm_probability", "gmm_p1", "gmm_p2")
    ]
    for row, part in zip(rows, parts, strict=True):
        both = float(part["gmm_p1"]) + float(part["gmm_p3"])
        assert float(row["gmm_p1"]) == pytest.approx(both, rel=1e-12)
        assert row["gmm_p2"] == part["gmm_p2"]
        assert row["gmm_cluster"] == ("1" if both > 0.5 else "2")
        assert float(row["gmm_probability"]) == max(float(row["gmm_p1"]), float(row["gmm_p2"]))
        assert row["gmm_cluster_name"] == NAMES[int(row["gmm_cluster"]) - 1]
        for same in ("gmm_log_density", "gmm_outlier", "gmm_left_out"):
            assert row[same] == part[same]


def test_the_workbook_tells_of_clusters_and_of_components(apart, analysis, tmp_path):
    write(analysis, tmp_path / "out.xlsx", names=NAMES)
    book = openpyxl.load_workbook(tmp_path / "out.xlsx")
    clusters = sheet(book, "Clusters")[:2]
    assert [line["Name"] for line in clusters] == list(NAMES)
    assert [line["Rows"] for line in clusters] == analysis.sizes.tolist()
    weights = apart.result.weights
    assert clusters[0]["Weight"] == pytest.approx(weights[0] + weights[2])
    means = weights[[0, 2]] @ apart.result.means[[0, 2]] / weights[[0, 2]].sum()
    assert clusters[0]["Mean of y"] == pytest.approx(means[1])
    parameters = sheet(book, "Parameters")
    found = [line for line in parameters if line["parameter"] == "weight"]
    assert [(line["component"], line["cluster"], line["name"]) for line in found] == [
        *((1, 1, "Both"), (2, 2, "Other"), (3, 1, "Both"))
    ]
    np.testing.assert_array_equal([line["value"] for line in found], weights)
    assert len(parameters) == 3 * (1 + 2 + 4)
    write(apart, tmp_path / "apart.xlsx")
    before = openpyxl.load_workbook(tmp_path / "apart.xlsx")
    assert "component" not in sheet(before, "Parameters")[0]
    about = {line["Item"]: line["Value"] for line in sheet(book, "About")}
    assert (about["Clusters"], about["Components"]) == (2, 3)
    assert about["Merged"].startswith("Components 1 and 3 are cluster 1; component 2 is clus")


def test_a_model_scores_rows_with_its_clusters(analysis, tmp_path):
    path = tmp_path / "model.json"
    write(analysis, path, names=NAMES)
    assert json.loads(path.read_text())["clusters"] == [1, 2, 1]
    model = fitted_model(load_model(path))
    assert (model.names, model.n_clusters) == (NAMES, 2)
    assert [model.color(k) for k in range(2)] == [analysis.color(k) for k in range(2)]
    again = apply(model, analysis.dataset)
    np.testing.assert_array_equal(again.rows.label, analysis.rows.label)
    np.testing.assert_array_equal(again.rows.probability, analysis.rows.probability)
    np.testing.assert_array_equal(again.sizes, analysis.sizes)
    whole = slice(0, 60)
    np.testing.assert_array_equal(again.responsibilities(whole), analysis.responsibilities(whole))
    for one, other in zip(again.profiles, analysis.profiles, strict=True):
        np.testing.assert_allclose(one.centers, other.centers, rtol=1e-12)
        np.testing.assert_allclose(one.spreads, other.spreads, rtol=1e-12)
    write(again, tmp_path / "out.xlsx", names=model.names)
    assert [
        line["Rows"]
        for line in sheet(openpyxl.load_workbook(tmp_path / "out.xlsx"), "Clusters")
        if line["Name"] in NAMES
    ] == analysis.sizes.tolist()


@pytest.mark.parametrize(
    ("clusters", "words"),
    [
        ([1, 2], "3 numbers"),
        ([1, 3, 1], "from 1"),
        ([1, 2, 3], "fewer clusters"),
        ([0, 1, 0], "clusters"),
        ([1, 1, 1], "cluster_names"),
        ([1, "2", 1], "clusters"),
    ],
)
def test_a_model_whose_clusters_cannot_be_is_refused(analysis, tmp_path, clusters, words):
    path = tmp_path / "model.json"
    write(analysis, path, names=NAMES)
    content = json.loads(path.read_text())
    path.write_text(json.dumps({**content, "clusters": clusters}))
    with pytest.raises(ReadError, match=words):
        load_model(path)


def test_the_summary_is_about_components_and_says_what_the_clusters_are(apart, analysis):
    told, before = summary(analysis), summary(apart)
    assert "merged" not in before
    assert "n_components" not in before["verdict"]
    assert told["verdict"]["n_components"] == 3
    assert len(told["verdict"]["groups"]) == 2
    combination = told.pop("merged")
    assert {**told, "verdict": None} == {**before, "verdict": None}
    assert combination["k"] == 2
    assert combination["components"] == [1, 2, 1]
    assert combination["sizes"] == analysis.sizes.tolist()
    np.testing.assert_allclose(combination["means"], analysis.clusters.means)


def test_the_report_names_clusters_and_draws_components(analysis, tmp_path):
    write(analysis, tmp_path / "out.html", names=NAMES)
    page = parsed((tmp_path / "out.html").read_text("utf-8"))
    assert "Two clusters, merged from three components of the mixture" in page.text
    assert "The 3 components were combined into 2 clusters;" in page.text
    assert "Each ellipse surrounds 90 % of a component" in page.text


def test_what_was_tried_is_compared_by_components_once_these_are_merged(apart, tmp_path):
    """The sheet had said 5 clusters where About said 4, and the ring at 5 was "the answer"."""
    best = replace(apart.candidates[0], n_components=3)
    others = (replace(best, n_components=n, bic=best.bic + n) for n in (2, 4))
    whole = replace(apart, candidates=(best, *others), best=0)
    merged = combined(whole, Grouping.combining([0, 1, 0], whole.scaled.weights))
    for answer, counted, other in (
        (whole, "clusters", "components"),
        (merged, "components", "clusters"),
    ):
        write(answer, tmp_path / "out.xlsx")
        book = openpyxl.load_workbook(tmp_path / "out.xlsx")
        (chosen,) = [one for one in sheet(book, "Model comparison") if one["Chosen"] == "chosen"]
        assert chosen[counted.capitalize()] == 3
        assert other.capitalize() not in chosen
        assert f"BIC by {counted}" in chosen
        write(answer, tmp_path / "out.html")
        page = (tmp_path / "out.html").read_text("utf-8")
        assert f"How well each number of {counted} describes the rows" in page
        assert f">Number of {counted}<" in page
        assert f'<th class="number short">{counted.capitalize()}</th>' in page
        assert ("Its components were then merged into 2 clusters." in page) == (answer is merged)


def test_the_methods_say_no_more_of_merging_than_is_true_however_it_was_done(apart):
    merging = merging_of(apart)
    weights = apart.scaled.weights
    seen = set()
    for groups in ([0, 0, 1], [0, 1, 0], [0, 1, 1]):  # by hand, one of them as entropy would
        answer = combined(apart, Grouping.combining(groups, weights))
        found, is_on_path = methods(answer), merging.place_of(answer.grouping) == 2
        assert "The 3 components were combined into 2 clusters; posterior" in found.mixture
        assert ("Combining two at a time" in found.mixture) == is_on_path
        assert ("was decided by judgement" in found.mixture) != is_on_path
        assert any(one.startswith("Baudry") for one in found.references) == is_on_path
        seen.add(is_on_path)
    assert seen == {True, False}
    task = Task()
    task.cancel()
    with pytest.raises(Cancelled):
        methods(answer, task)
