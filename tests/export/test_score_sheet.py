"""The sheet that scores new rows, computed by a small spreadsheet here and by LibreOffice."""

import shutil
import subprocess

import numpy as np
import openpyxl
import pytest

from gmmdesk.analysis import Settings, analyse
from gmmdesk.analysis.combining import combined
from gmmdesk.analysis.fitted_model import FittedModel, farthest_distances
from gmmdesk.analysis.grouping import Grouping
from gmmdesk.data.readers import read_text
from gmmdesk.data.samples import load_sample
from gmmdesk.data.steps import Preparation, parse_step
from gmmdesk.data.steps.fitted import Mapped
from gmmdesk.data.steps.maps import BoxCox, YeoJohnson
from gmmdesk.export import write
from gmmdesk.export.score_sheet import sheet as score_sheet
from gmmdesk.export.score_sheet.steps import sheet_steps
from tests.running import finish

from .spreadsheet import CellError, Spreadsheet

HEADER = 3
SHEET = "Score new rows"


@pytest.fixture(autouse=True)
def _few_lines(monkeypatch):
    """As many as these tests fill in."""
    monkeypatch.setattr(score_sheet, "LEAST_LINES", 8)
    monkeypatch.setattr(score_sheet, "MOST_LINES", 8)


def made(make, d, n_clusters, *, noise=0.0, offset=0.0, spread=1.0, seed=0, groups=None):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(60, d)) @ rng.normal(size=(d, d)) + rng.integers(0, 2, (60, 1)) * 3.0
    names = [f"column {j}" for j in range(d)]
    cells = dict(zip(names, (offset + spread * X).T.tolist(), strict=True))
    analysis = make(cells, names, n_clusters=n_clusters, noise=noise)
    if groups is None:
        return analysis
    return combined(analysis, Grouping.combining(groups, analysis.scaled.weights))


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


def by_libreoffice(paths, folder):
    """Let LibreOffice compute the workbooks at `paths`, to `folder`/computed."""
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    subprocess.run(
        [
            *("soffice", profile, "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML"),
            *("--outdir", str(folder / "computed"), *map(str, paths)),
        ],
        check=True,
        capture_output=True,
        timeout=100,
    )


def stored_lines(sheet, n):
    """The first n lines as dicts by heading, as the program has computed them."""
    return [
        dict(zip(titles(sheet), (cell.value for cell in sheet[HEADER + i]), strict=True))
        for i in range(1, n + 1)
    ]


def check(lines, analysis, rows, names):
    """Compare with the engine on the same rows."""
    prepared, scaled = analysis.prepared, analysis.scaled
    z = (np.asarray(rows) - prepared.center) / prepared.scale
    shares, grouping = scaled.responsibilities(z), analysis.grouping
    scores = scaled.score(z, groups=grouping and grouping.of)
    if grouping is not None:
        shares = grouping.added(shares)
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
        limit = farthest_distances(len(prepared.columns), analysis.outlier_level)[-1]
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
    {"d": 2, "n_clusters": 4, "groups": [0, 1, 0, 2]},
    {"d": 3, "n_clusters": 3, "groups": [0, 1, 1], "noise": 0.2, "offset": 1e8},
    {"d": 1, "n_clusters": 2, "groups": [0, 0]},
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_formulas_give_what_the_engine_gives(make, tmp_path, case):
    analysis = made(make, **case)
    names = [f"Group {k}" for k in range(analysis.n_clusters)]
    write(analysis, tmp_path / "out.xlsx", names=names)
    rows = new_rows(analysis)
    check(computed(fill_in(tmp_path / "out.xlsx", rows), len(rows)), analysis, rows, names)


@pytest.mark.parametrize("groups", [None, [0, 0]])
def test_the_first_line_is_a_row_of_the_file_already_computed(noisy, tmp_path, groups):
    if groups is not None:
        noisy = combined(noisy, Grouping.combining(groups, noisy.scaled.weights))
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


STEPS = {
    "a condition": ["leave-out flipper_length_mm > 225"],
    "held out": ["hold-out share=0.2 seed=1"],
    "a logarithm": ["log body_mass_g", "leave-out sex is-empty"],
    "a shifted logarithm": ["log body_mass_g shift=-2000", "hold-out share=0.1 seed=2"],
    "Box-Cox": ["box-cox body_mass_g bill_length_mm"],
    "Yeo-Johnson": ["yeo-johnson body_mass_g bill_depth_mm"],
    "one after the other": ["log body_mass_g", "yeo-johnson flipper_length_mm"],
    "all components": ["log body_mass_g", "components share=1"],
    "some components": ["yeo-johnson bill_depth_mm", "components number=2"],
    "categories": ["indicators island", "log body_mass_g"],
    "categories, then components": ["indicators island", "indicators sex", "components share=0.9"],
}


@pytest.fixture(scope="module")
def prepared_by_steps(tmp_path_factory):
    """For each of STEPS an analysis, its rows typed into a workbook, and what these become."""
    folder, made = tmp_path_factory.mktemp("steps"), {}
    penguins = load_sample("penguins")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(score_sheet, "LEAST_LINES", 8)
        patch.setattr(score_sheet, "MOST_LINES", 8)
        for number, (name, lines) in enumerate(STEPS.items()):
            analysis = fitted(penguins, lines)
            path = folder / f"{number}.xlsx"
            write(analysis, path, names=["a", "b"])
            chosen = analysis.prepared.rows[:: len(analysis.prepared.rows) // 6][:6]
            typed = sheet_steps(analysis.prepared.preparation).typed
            cells = [penguins.column(one).cells.take(chosen).to_pylist() for one in typed]
            book = fill_in(path, zip(*cells, strict=True))
            (folder / "filled").mkdir(exist_ok=True)
            book.save(folder / "filled" / path.name)
            made[name] = analysis, chosen, folder / "filled" / path.name
    return made


def fitted(dataset, lines, **chosen):
    chosen = {"k_min": 2, "k_max": 2, "models": ("VVV",), "restarts": 1} | chosen
    return finish(analyse(dataset, Settings(**chosen, steps=tuple(map(parse_step, lines)))))


def check_rows(lines, analysis, chosen):
    """Compare with what the fit said about the same rows."""
    at = np.searchsorted(analysis.prepared.rows, chosen)
    outlier = analysis.rows.outliers(analysis.outlier_level)
    shares = analysis.responsibilities(slice(None))[at]
    for i, line in enumerate(lines):
        np.testing.assert_allclose([line["P(a)"], line["P(b)"]], shares[i], rtol=1e-9, atol=1e-12)
        assert line["Cluster"] == analysis.rows.label[at[i]] + 1
        assert line["Log density"] == pytest.approx(analysis.rows.log_density[at[i]], rel=1e-9)
        assert bool(line["Outlier"]) == outlier[at[i]]
        assert not line["Note"]


@pytest.mark.parametrize("name", STEPS)
def test_steps_are_formulas_too(prepared_by_steps, name):
    analysis, chosen, path = prepared_by_steps[name]
    check_rows(computed(openpyxl.load_workbook(path), len(chosen)), analysis, chosen)


@pytest.mark.parametrize("name", STEPS)
def test_the_example_has_been_prepared_as_the_formulas_do(prepared_by_steps, name):
    path = prepared_by_steps[name][2]
    stored = openpyxl.load_workbook(path.parents[1] / path.name, data_only=True)[SHEET]
    sheet = openpyxl.load_workbook(path.parents[1] / path.name)[SHEET]
    values, head = Spreadsheet(sheet), titles(sheet)
    for j, title in enumerate(head, start=1):
        expected, found = values.value(HEADER + 1, j), stored.cell(HEADER + 1, j).value
        if isinstance(expected, float):
            assert found == pytest.approx(expected, rel=1e-9, abs=1e-12), title
        else:
            assert ("" if found is None else found) == ("" if expected is None else expected), title


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_computes_the_same(make, prepared_by_steps, tmp_path):
    """All workbooks at once: it takes longer to start than to compute."""
    analyses, filled = {}, [path for _, _, path in prepared_by_steps.values()]
    (tmp_path / "filled").mkdir()
    for number, case in enumerate(CASES):
        analysis = made(make, **case)
        name = f"case {number}.xlsx"
        write(analysis, tmp_path / name, names=[f"G{k}" for k in range(analysis.n_clusters)])
        rows = new_rows(analysis)
        analyses[name] = analysis, rows
        fill_in(tmp_path / name, rows).save(tmp_path / "filled" / name)
        filled.append(tmp_path / "filled" / name)
    by_libreoffice(filled, tmp_path)

    def computed_sheet(name):
        return openpyxl.load_workbook(tmp_path / "computed" / name, data_only=True)[SHEET]

    for name, (analysis, rows) in analyses.items():
        sheet = computed_sheet(name)
        names = [f"G{k}" for k in range(analysis.n_clusters)]
        check(stored_lines(sheet, len(rows)), analysis, rows, names)
    for analysis, chosen, path in prepared_by_steps.values():
        check_rows(stored_lines(computed_sheet(path.name), len(chosen)), analysis, chosen)


@pytest.mark.parametrize("power", [0.0, 1e-9, -1e-4, 0.3, 2.0, 2.0 - 1e-9, -1.7])
def test_powers_keep_their_digits(power):
    tiny = np.array([1e-12, 3e-7, 9e-4, 1.1e-3, 0.4, 2.0, 37.0])
    for each, x in (
        (BoxCox(power=power), tiny),
        (YeoJohnson(power=power), np.concatenate([-tiny, [0.0], tiny])),
    ):
        preparation = Preparation(
            inputs=("x",),
            columns=(each.named("x"),),
            center=(0.0,),
            scale=(1.0,),
            steps=(Mapped(columns=("x",), maps=(each,)),),
        )
        steps = sheet_steps(preparation)
        book = openpyxl.Workbook().active
        columns = {"complete": "B", "x0": "A"}
        columns |= {one.key: "CDEF"[j] for j, one in enumerate(steps.helpers)}
        for i, value in enumerate(x, start=1):
            cells = {key: f"{letter}{i}" for key, letter in columns.items()} | {"h0_0": "$Z$1"}
            book[f"A{i}"], book[f"B{i}"] = value, 1
            for one in steps.helpers:
                book[cells[one.key]] = f"={one.formula.format(**cells)}"
        book["Z1"] = power
        values = Spreadsheet(book)
        at = "ABCDEF".index(columns[steps.prepared[0]]) + 1
        found = [values.value(i, at) for i in range(1, len(x) + 1)]
        np.testing.assert_allclose(found, each.forward(x), rtol=2e-12)
        slopes = [values.value(i, at + 1) for i in range(1, len(x) + 1)]
        np.testing.assert_allclose(slopes, each.log_slope(x), rtol=1e-12, atol=1e-300)


def test_what_a_step_is_not_defined_for_is_named(tmp_path):
    analysis = fitted(load_sample("penguins"), ["log body_mass_g", "box-cox bill_depth_mm"])
    write(analysis, tmp_path / "out.xlsx")
    book = fill_in(
        tmp_path / "out.xlsx",
        [[40.0, 17.0, 190.0, -1.0], [40.0, 0.0, 190.0, 0.0], [40.0, 17.0, 190.0, None]],
    )
    assert [line["Note"] for line in computed(book, 3)] == [
        "outside the range of log(body_mass_g)",
        "outside the range of log(body_mass_g), Box-Cox(bill_depth_mm)",
        "no number in body_mass_g",
    ]


def test_a_sheet_of_a_condition_says_that_it_is_not_checked(prepared_by_steps):
    said = openpyxl.load_workbook(prepared_by_steps["a condition"][2])[SHEET]["A2"].value
    assert "condition left out of the fit" in said
    other = openpyxl.load_workbook(prepared_by_steps["held out"][2])[SHEET]["A2"].value
    assert "condition" not in other


def test_an_unknown_category_is_named(tmp_path):
    write(fitted(load_sample("penguins"), ["indicators island"]), tmp_path / "out.xlsx")
    numbers = [40.0, 17.0, 190.0, 4000.0]
    rows = [[*numbers, "Dream"], [*numbers, "dream"], [*numbers, "*"], [*numbers, None]]
    book = fill_in(tmp_path / "out.xlsx", [*rows, [40.0, None, 190.0, 4000.0, "Dream"]])
    lines = computed(book, 5)
    assert [line["Note"] for line in lines] == [
        "",
        *["no known category in island"] * 3,
        "no number in bill_depth_mm",
    ]
    assert lines[0]["Cluster"] in (1, 2)
    assert {line["Cluster"] for line in lines[1:]} == {""}


def test_a_number_can_be_a_category_too(tmp_path):
    lines = [f"{i % 3 + 1},{i * 7 % 11 + i / 100},{i * 5 % 13 + i / 50}" for i in range(60)]
    table = read_text("\n".join(["grade,x,y", *lines]))
    analysis = fitted(table, ["indicators grade"], columns=("grade", "x", "y"), models=("VVI",))
    write(analysis, tmp_path / "out.xlsx", names=["a", "b"])
    stored = openpyxl.load_workbook(tmp_path / "out.xlsx", data_only=True)[SHEET]
    assert stored["A4"].value == 1
    chosen = analysis.prepared.rows[:5]
    rows = zip(*(column.cells.take(chosen).to_pylist() for column in table.columns), strict=True)
    book = fill_in(tmp_path / "out.xlsx", rows)
    check_rows(computed(book, 5), analysis, chosen)
    check_rows(stored_lines(stored, 1), analysis, chosen[:1])


def test_what_a_fitted_model_says_in_the_units_of_the_file(noisy):
    model = FittedModel.of(noisy, ["a", "b"])
    np.testing.assert_allclose(model.parameters.means, noisy.result.means)
    np.testing.assert_allclose(model.parameters.covariances, noisy.result.covariances)
    assert model.parameters.noise.log_density == pytest.approx(noisy.result.noise.log_density)
