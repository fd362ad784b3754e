"""The sheet that scores new rows, computed by a small spreadsheet here and by LibreOffice."""

import shutil
import subprocess

import numpy as np
import openpyxl
import pytest

from gmmdesk.analysis import Settings, analyse
from gmmdesk.analysis.fitted_model import FittedModel, farthest_distances
from gmmdesk.data.samples import load_sample
from gmmdesk.data.steps import parse_step
from gmmdesk.export import score_sheet, write

from .spreadsheet import CellError, Spreadsheet

HEADER = 3
SHEET = "Score new rows"


@pytest.fixture(autouse=True)
def _few_lines(monkeypatch):
    """As many as these tests fill in."""
    monkeypatch.setattr(score_sheet, "LEAST_LINES", 8)
    monkeypatch.setattr(score_sheet, "MOST_LINES", 8)


def made(make, d, n_clusters, *, noise=0.0, offset=0.0, spread=1.0, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(60, d)) @ rng.normal(size=(d, d)) + rng.integers(0, 2, (60, 1)) * 3.0
    names = [f"column {j}" for j in range(d)]
    cells = dict(zip(names, (offset + spread * X).T.tolist(), strict=True))
    return make(cells, names, n_clusters=n_clusters, noise=noise)


def new_rows(analysis, n=6):
    """Rows (n, d) near the clusters, between them and far out, of 15 digits, as people can type."""
    prepared = analysis.prepared
    rng = np.random.default_rng(1)
    sizes = np.array([0.3, 1.0, 1.0, 3.0, 10.0, 200.0])[:n, None]
    z = sizes * rng.normal(size=(n, len(prepared.columns)))
    rows = prepared.center + prepared.scale * z
    return np.vectorize(lambda x: float(f"{x:.14e}"))(rows)


def fill_in(path, rows):
    """The workbook at `path` with `rows` typed in: without any computed value, as saved."""
    book = openpyxl.load_workbook(path)
    for i, row in enumerate(rows, start=HEADER + 1):
        for j, value in enumerate(row, start=1):
            book[SHEET].cell(i, j).value = value
    return book


def titles(sheet):
    return [cell.value for cell in sheet[HEADER]]


def computed(book, n):
    """The first n lines as dicts by heading, computed here."""
    sheet = book[SHEET]
    values, head = Spreadsheet(sheet), titles(sheet)
    return [
        {title: values.value(HEADER + i, j) for j, title in enumerate(head, start=1) if title}
        for i in range(1, n + 1)
    ]


def check(lines, analysis, rows, names):
    """Compare with the engine on the same rows."""
    prepared, scaled = analysis.prepared, analysis.scaled
    z = (np.asarray(rows) - prepared.center) / prepared.scale
    shares = scaled.responsibilities(z)
    scores = scaled.score(z)
    K = analysis.n_clusters
    numbers = [*range(1, K + 1), 0]
    heads = [f"P({name})" for name in names] + ["P(no cluster)"] * (analysis.noise is not None)
    log_units = np.log(prepared.scale).sum()
    for i, line in enumerate(lines):
        found = [line[head] for head in heads]
        np.testing.assert_allclose(found, shares[i], rtol=1e-9, atol=1e-12)
        assert line["Cluster"] == numbers[scores.label[i]]
        assert line["Cluster name"] == [*names, "No cluster"][scores.label[i]]
        assert line["Probability"] == pytest.approx(scores.probability[i], rel=1e-9)
        assert line["Uncertainty"] == pytest.approx(1.0 - scores.probability[i], abs=1e-12)
        assert line["Log density"] == pytest.approx(
            scores.log_density[i] - log_units, rel=1e-9, abs=1e-9
        )
        assert line["Distance"] == pytest.approx(scores.squared_distance[i] ** 0.5, rel=1e-9)
        limit = farthest_distances(len(prepared.columns))[-1]
        assert line["Outlier"] == (scores.squared_distance[i] > limit)
        assert not line["Note"]
        if len(heads) > 1:
            assert line["Second choice"] == numbers[scores.second[i]]
        else:
            assert not line["Second choice"]


CASES = [
    {"d": 1, "n_clusters": 1},
    {"d": 1, "n_clusters": 3, "noise": 0.1},
    {"d": 2, "n_clusters": 2},
    {"d": 3, "n_clusters": 4, "noise": 0.2},
    {"d": 2, "n_clusters": 3, "offset": 1e8},
    {"d": 4, "n_clusters": 2, "offset": -1e8, "spread": 1e-4},
    {"d": 3, "n_clusters": 2, "offset": 1e8, "spread": 1e7, "noise": 0.05},
    {"d": 9, "n_clusters": 6},
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_formulas_give_what_the_engine_gives(make, tmp_path, case):
    analysis = made(make, **case)
    names = [f"Group {k}" for k in range(analysis.n_clusters)]
    write(analysis, tmp_path / "out.xlsx", names=names)
    rows = new_rows(analysis)
    check(computed(fill_in(tmp_path / "out.xlsx", rows), len(rows)), analysis, rows, names)


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_computes_the_same(make, tmp_path):
    analyses, filled = {}, []
    for number, case in enumerate(CASES):
        analysis = made(make, **case)
        name = f"case {number}.xlsx"
        write(analysis, tmp_path / name, names=[f"G{k}" for k in range(analysis.n_clusters)])
        rows = new_rows(analysis)
        analyses[name] = analysis, rows
        (tmp_path / "filled").mkdir(exist_ok=True)
        fill_in(tmp_path / name, rows).save(tmp_path / "filled" / name)
        filled.append(str(tmp_path / "filled" / name))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    subprocess.run(
        [
            *("soffice", profile, "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML"),
            *("--outdir", str(tmp_path / "computed"), *filled),
        ],
        check=True,
        capture_output=True,
        timeout=100,
    )
    for name, (analysis, rows) in analyses.items():
        sheet = openpyxl.load_workbook(tmp_path / "computed" / name, data_only=True)[SHEET]
        lines = [
            dict(zip(titles(sheet), (cell.value for cell in sheet[HEADER + i]), strict=True))
            for i in range(1, len(rows) + 1)
        ]
        check(lines, analysis, rows, [f"G{k}" for k in range(analysis.n_clusters)])


def test_the_first_line_is_a_row_of_the_file_already_computed(noisy, tmp_path):
    write(noisy, tmp_path / "out.xlsx")
    stored = openpyxl.load_workbook(tmp_path / "out.xlsx", data_only=True)[SHEET]
    book = openpyxl.load_workbook(tmp_path / "out.xlsx")
    values, head = Spreadsheet(book[SHEET]), titles(book[SHEET])
    first = noisy.dataset
    assert [stored.cell(HEADER + 1, j).value for j in (1, 2)] == [
        column.number(0) for column in first.columns
    ]
    formulas = [
        j for j in range(1, len(head) + 1) if book[SHEET].cell(HEADER + 1, j).data_type == "f"
    ]
    for j in formulas:
        expected, found = values.value(HEADER + 1, j), stored.cell(HEADER + 1, j).value
        if isinstance(expected, float):
            assert found == pytest.approx(expected, rel=1e-12), head[j - 1]
        else:
            assert ("" if found is None else found) == expected, head[j - 1]
        assert not values.value(HEADER + 2, j)
        assert not stored.cell(HEADER + 2, j).value


def test_what_is_missing_is_named(make, tmp_path):
    analysis = made(make, 3, 2)
    write(analysis, tmp_path / "out.xlsx")
    book = fill_in(
        tmp_path / "out.xlsx",
        [[1.0, None, 2.0], [None, "1,5", 2.0], [1e200, 1.0, 1.0], [None] * 3, [1.0, True, 2.0]],
    )
    lines = computed(book, 5)
    assert [line["Note"] for line in lines] == [
        "no number in column 1",
        "no number in column 0, column 1",
        "too far out to be scored",
        "",
        "no number in column 1",
    ]
    for line in lines:
        results = [value for title, value in line.items() if title.startswith(("P", "Clu", "Out"))]
        assert results == [""] * len(results)
        assert not isinstance(line["Note"], CellError)


def test_two_clusters_that_are_equally_likely_are_both_named(make, tmp_path):
    analysis = make({"x": [-1.0, -2.0, 1.0, 2.0]}, ["x"], n_clusters=2)
    scaled = analysis.scaled
    scaled.parameters.weights[:] = 0.5
    scaled.parameters.covariances[:] = scaled.parameters.covariances[0]
    write(analysis, tmp_path / "out.xlsx")
    (line,) = computed(fill_in(tmp_path / "out.xlsx", [[0.0]]), 1)
    assert (line["Cluster"], line["Second choice"], line["Probability"]) == (1, 2, 0.5)


def test_names_from_the_file_stay_text(make, tmp_path):
    analysis = make(
        {'=1+1","': [1.0, 2.0, 4.0, 8.0], "@x": [3.0, 1.0, 2.0, 5.0]}, ['=1+1","', "@x"]
    )
    write(analysis, tmp_path / "out.xlsx", names=["=A1", '"&A1&"'])
    book = fill_in(tmp_path / "out.xlsx", [[None, 1.0], [1.0, 2.0]])
    sheet = book[SHEET]
    assert [sheet.cell(HEADER, j).data_type for j in (1, 2)] == ["s", "s"]
    lines = computed(book, 2)
    assert lines[0]["Note"] == 'no number in =1+1","'
    assert lines[1]["Cluster name"] in ("=A1", '"&A1&"')
    formulas = [cell.value for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert not [formula for formula in formulas if "1+1" in formula or "@" in formula]


def test_a_model_that_is_too_large_says_so(make, tmp_path, monkeypatch):
    monkeypatch.setattr(score_sheet, "MOST_NUMBERS", 7)
    write(made(make, 2, 2), tmp_path / "out.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx")[SHEET]
    assert "too large" in sheet["A1"].value
    assert "2 clusters in 2 columns" in sheet["A2"].value
    assert "gmmdesk apply" in sheet["A2"].value


def test_steps_have_no_formulas(tmp_path):
    settings = Settings(k_max=1, models=("VVV",), steps=(parse_step("log body_mass_g"),))
    steps = analyse(load_sample("penguins"), settings)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            write(end.value, tmp_path / "out.xlsx")
            break
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx")[SHEET]
    assert "Steps have prepared" in sheet["A1"].value
    assert "gmmdesk apply" in sheet["A2"].value


def test_what_a_fitted_model_says_in_the_units_of_the_file(noisy):
    model = FittedModel.of(noisy, ["a", "b"])
    np.testing.assert_allclose(model.parameters.means, noisy.result.means)
    np.testing.assert_allclose(model.parameters.covariances, noisy.result.covariances)
    assert model.parameters.noise.log_density == pytest.approx(noisy.result.noise.log_density)
