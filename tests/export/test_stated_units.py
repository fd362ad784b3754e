"""A unit that a file states goes with its column wherever people read the column's name."""

from __future__ import annotations

import numpy as np
import openpyxl
import pytest
from msgspec.structs import replace

from gmmdesk.analysis import Settings, analyse, apply
from gmmdesk.analysis.axes import column_axis, title_of
from gmmdesk.data.options import FOUND_OUT, ReadOptions
from gmmdesk.data.readers import read
from gmmdesk.data.steps import parse_step
from gmmdesk.errors import GmmdeskError
from gmmdesk.export import write
from gmmdesk.export.model import fitted_model, load_model
from tests.running import finish

NAMES = ("length", "mass", "count")


def table(path, length="cm", mass="[kg]"):
    rng = np.random.default_rng(0)
    rows = [
        f"{a + 9 * (i % 2):.3f},{b:.3f},{i % 7}"
        for i, (a, b) in enumerate(rng.normal(9, 1, (60, 2)))
    ]
    path.write_text("\n".join([",".join(NAMES), f"{length},{mass},", *rows]), encoding="utf-8")
    return read(path)


def found(dataset, **settings):
    return finish(
        analyse(dataset, Settings(columns=NAMES[:2], k_min=2, k_max=2, models=("VVI",), **settings))
    )


@pytest.mark.parametrize("steps", [(), ("log mass",), ("components number=2",)])
def test_columns_have_their_unit_whatever_the_steps(tmp_path, steps):
    analysis = found(table(tmp_path / "a.csv"), steps=tuple(map(parse_step, steps)))
    assert [one.title for one in analysis.profiles] == ["length (cm)", "mass (kg)"]
    assert column_axis(analysis.prepared, "mass").title == "mass (kg)"
    assert title_of(analysis.prepared, "length") == "length (cm)"
    assert title_of(analysis.prepared, "PC1") == "PC1"


def test_workbook_and_report_say_it(tmp_path):
    analysis, path = found(table(tmp_path / "a.csv")), tmp_path / "out.xlsx"
    write(analysis, path, names=("A", "B"))
    book = openpyxl.load_workbook(path)
    clusters = [cell.value for cell in book["Clusters"][1]]
    assert {"Mean of length (cm)", "Spread of mass (kg)"} <= set(clusters)
    rows = book["Rows"][1]
    assert [cell.value for cell in rows][:3] == list(NAMES)  # as they stand in the file
    assert [cell.comment and cell.comment.text for cell in rows][:4] == [
        "In cm",
        "In kg",
        None,
        None,
    ]
    scoring = {cell.value for row in book["Score new rows"]["A1:B5"] for cell in row}
    assert {"length (cm)", "mass (kg)"} <= scoring
    numbers = [
        (kind, column, other, unit)
        for kind, _, _, column, other, _, unit in book["Parameters"].iter_rows(values_only=True)
    ]
    assert numbers[0] == ("parameter", "column", "column_2", "unit")
    assert set(numbers[1:]) == {
        ("weight", None, None, None),
        ("mean", "length", None, "cm"),
        ("mean", "mass", None, "kg"),
        ("covariance", "length", "length", "cm²"),
        ("covariance", "mass", "mass", "kg²"),
        ("covariance", "length", "mass", "cm·kg"),
        ("covariance", "mass", "length", "kg·cm"),
    }
    about = dict(book["About"].iter_rows(values_only=True, max_col=2))
    assert about["Columns used"] == "length (cm), mass (kg)"
    report = tmp_path / "out.html"
    write(analysis, report, names=("A", "B"))
    assert "length (cm)" in report.read_text("utf-8")


@pytest.mark.parametrize("sheet", ["Rows", "Score new rows"])
def test_what_a_workbook_shows_can_be_scored_again(tmp_path, sheet):
    """Its rows, whose headings are those of the file, and those that stand in the sheet to type."""
    analysis, path = found(table(tmp_path / "a.csv")), tmp_path / "out.xlsx"
    write(analysis, path, names=("A", "B"))
    options = ReadOptions(sheet=sheet, cell_range=None if sheet == "Rows" else "A3:B4")
    again = apply(analysis.fitted_model(("A", "B")), read(path, options))
    n = len(again.prepared.rows)
    assert again.rows.label.tolist() == analysis.rows.label[:n].tolist()
    assert n == {"Rows": 60, "Score new rows": 1}[sheet]
    assert list(again.renamed.values()) == ["length (cm)", "mass (kg)"] * (sheet != "Rows")


def test_a_model_keeps_them_and_says_where_a_file_states_others(tmp_path):
    analysis, path = found(table(tmp_path / "a.csv")), tmp_path / "model.json"
    write(analysis, path, names=("A", "B"))
    model = fitted_model(load_model(path))
    assert model.units == {"length": "cm", "mass": "[kg]"}
    same = apply(model, table(tmp_path / "b.csv", mass="kg"))
    assert same.warnings == ()
    other = apply(model, table(tmp_path / "c.csv", length="mm"))
    assert [said for said in other.warnings if "length" in said] == [
        "length: in mm by this file, in cm by the model's; values are taken as they are."
    ]
    assert [one.title for one in other.profiles] == ["length (cm)", "mass (kg)"]  # of the model
    path.write_text(path.read_text("utf-8").replace('"units": {"length"', '"units": {"width"'))
    with pytest.raises(GmmdeskError, match="units"):
        load_model(path)


@pytest.mark.parametrize("ending", [".csv", ".tsv"])
@pytest.mark.parametrize(
    ("header", "options"),
    [
        ("no;name;Größe;Gewicht\n;;cm;kg\n", FOUND_OUT),
        ("no;name;Größe;Gewicht\n-;-;Ellen;µg\n", ReadOptions(units_row=True)),
        ("no;Person;Maße;\n;name;Größe;Gewicht\n;;cm;kg\n", ReadOptions(header_rows=2)),
    ],
)
def test_as_in_the_input_is_the_same_table_when_it_is_read_again(tmp_path, ending, header, options):
    lines = [f"{i:03};Zoë {i};{i % 9},50;{i * i % 11},{i % 7}" for i in range(40)]
    (tmp_path / "a.csv").write_text(header + "\n".join(lines) + "\n", "utf-8")
    before = read(tmp_path / "a.csv", options)
    assert any(column.unit for column in before.columns)
    chosen = Settings(columns=before.recommended, k_min=2, k_max=2, models=("VVI",))
    path = tmp_path / f"out{ending}"
    write(finish(analyse(before, chosen)), path, as_input=True)
    once_more = replace(options, header_rows=None if options.header_rows is None else 1)
    after = read(path, once_more)
    assert after.n_rows == before.n_rows
    for column, again in zip(before.columns, after.columns, strict=False):
        assert (again.name, again.unit, again.kind) == (column.name, column.unit, column.kind)
        assert again.cells.to_pylist() == column.cells.to_pylist()
    assert not any(column.unit for column in after.columns[len(before.columns) :])
    write(finish(analyse(before, chosen)), path)  # as most programs expect it
    assert path.read_text("utf-8-sig").splitlines()[1].startswith("000")


@pytest.mark.parametrize(
    ("name", "unit", "title"),
    [
        ("mass", "", "mass"),
        ("mass", "kg", "mass (kg)"),
        ("mass", " (kg) ", "mass (kg)"),
        ("mass (kg)", "kg", "mass (kg)"),
        ("mass [kg]", "[kg]", "mass [kg]"),
        ("mass", "[]", "mass"),
        ("mass", "(", "mass (()"),
    ],
)
def test_a_unit_stands_once_in_round_brackets(name, unit, title):
    from gmmdesk.data.dataset import with_unit

    assert with_unit(name, unit) == title
