import datetime
import io
import itertools
import re
import zipfile
from dataclasses import replace
from xml.etree import ElementTree

import msgspec
import numpy as np
import openpyxl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gmmdesk.analysis import Settings, analyse
from gmmdesk.analysis.palette import NO_COLOR, PALETTE, color
from gmmdesk.analysis.shapes_named import SHAPES
from gmmdesk.data.readers import read_text
from gmmdesk.engine import MODELS
from gmmdesk.errors import Cancelled, ExportError
from gmmdesk.export import workbook, write
from gmmdesk.export.sheet_rows import MAX_TEXT
from gmmdesk.export.sheets import ink, six_digits, tint
from gmmdesk.task import Task
from tests.running import finish

SHEETS = [
    *("Rows", "Clusters", "Parameters", "Model comparison", "Score new rows"),
    *("Trust", "Outliers", "About"),
]


@pytest.fixture
def book(tmp_path):
    """Writes an analysis and opens the workbook."""

    def write_and_open(analysis, **options):
        path = tmp_path / "out.xlsx"
        write(analysis, path, **options)
        return openpyxl.load_workbook(path)

    return write_and_open


def records(sheet):
    header, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(header, row, strict=True)) for row in rows]


def about(book):
    return {row["Item"]: row["Value"] for row in records(book["About"])}


def test_sheets_and_headings(analysis, book):
    sheets = book(analysis)
    assert sheets.sheetnames == SHEETS
    assert [cell.value for cell in sheets["Rows"][1]] == [
        *("code", "note", "height", "count", "width"),
        *("Cluster", "Probability", "P(Cluster 1)", "P(Cluster 2)", "Second choice"),
        *("Uncertainty", "Log density", "Outlier", "Left out"),
    ]
    assert sheets["Rows"].freeze_panes == "A2"
    assert sheets["Rows"].auto_filter.ref == sheets["Rows"].dimensions == "A1:N41"
    assert all(sheet["A1"].font.bold for sheet in sheets)


def test_rows_carry_originals_and_results(analysis, book):
    rows = records(book(analysis)["Rows"])
    assert len(rows) == 40
    for column in analysis.dataset.columns:
        expected = [value if value != "" else None for value in column.cells.to_pylist()]
        assert [row[column.name] or (row[column.name] == 0 and 0) or None for row in rows] == [
            value or (value == 0 and 0) or None for value in expected
        ]
    used = [row for row in rows if row["Left out"] is None]
    assert [i for i, row in enumerate(rows) if row["Left out"]] == [3, 17, 30]
    assert [row["Probability"] for row in used] == analysis.rows.probability.tolist()
    assert [row["Cluster"] for row in used] == (analysis.rows.label + 1).tolist()
    assert [row["Outlier"] for row in used] == analysis.rows.outliers(0.001).tolist()
    assert rows[3]["Cluster"] is rows[3]["P(Cluster 1)"] is rows[3]["Outlier"] is None


def test_nothing_from_the_file_becomes_a_formula_or_a_link(make, book):
    texts = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\n=2", "http://example.org", "<r>&</r>", "7"]
    rng = np.random.default_rng(0)
    analysis = make(
        {"=A1": texts, "<r>bold</r>": rng.normal(size=9).tolist(), "x": rng.normal(size=9)},
        ["<r>bold</r>", "x"],
    )
    sheets = book(analysis, names=["=1+1", "<r>x</r>"])
    for sheet in sheets:
        for cell in (cell for row in sheet.iter_rows() for cell in row):
            # The formulas that score new rows are ours, and name nothing from the file.
            assert cell.data_type != "f" or sheet.title == "Score new rows"
            assert cell.hyperlink is None
    rows = sheets["Rows"]
    assert [rows.cell(i, 1).value for i in range(2, 11)] == texts
    assert {rows.cell(i, 1).data_type for i in range(2, 11)} == {"s"}
    assert rows.cell(1, 2).value == "<r>bold</r>"
    assert [row["Name"] for row in records(sheets["Clusters"])] == ["=1+1", "<r>x</r>"]
    assert set(records(sheets["Rows"])[0]) >= {"P(=1+1)", "P(<r>x</r>)", "Cluster name"}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=8)
@given(
    st.lists(
        st.one_of(
            st.none(),
            st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
            st.text(alphabet="<>&_x0041\r\n\t\x00\x1f\ufffe\U0001f600 =", max_size=9),
        ),
        min_size=20,  # a workbook takes long, its cells do not
        max_size=40,
    )
)
def test_text_survives_whatever_it_is(with_texts, tmp_path, cells):
    path = tmp_path / "out.xlsx"
    write(with_texts(cells), path)
    namespace = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with zipfile.ZipFile(path) as archive:
        root = ElementTree.fromstring(archive.read("xl/worksheets/sheet1.xml"))
    found = []
    for row in list(root.iter(f"{namespace}row"))[1:]:
        first = row[0]
        text = first.find(f"{namespace}is/{namespace}t") if first.get("r")[0] == "A" else None
        # ECMA-376 part 1, 22.9.2.19: _xHHHH_ stands for the character with that number.
        decoded = None
        if text is not None:
            decoded = re.sub(
                "_x([0-9A-Fa-f]{4})_", lambda match: chr(int(match[1], 16)), text.text or ""
            )
        found.append(decoded)
    assert found == cells


def test_numbers_keep_all_their_digits(make, book):
    x = [0.1 + 0.2, 1 / 3, 1e-300, -2.5e17, 123456789.123456789]
    sheets = book(make({"x": x, "y": [1.0, 2.0, 4.0, 8.0, 17.0]}, ["x", "y"]))
    assert [row["x"] for row in records(sheets["Rows"])] == x


def test_what_a_cell_cannot_hold_is_written_as_text_or_left_empty(make, book):
    old = datetime.datetime(1850, 1, 1)
    new = datetime.datetime(2024, 2, 29, 12, 30)
    rows = records(
        book(
            make(
                {
                    "number": [float("inf"), float("nan"), None, 1.5],
                    "id": [10**15, 12345678901234567, None, -(10**15) + 1],
                    "when": pa.array([old, new, None, new], pa.timestamp("us")),
                    "day": pa.array([old.date(), new.date(), None, new.date()]),
                    "zone": pa.array([old, new, None, new], pa.timestamp("us", "UTC")),
                    "yes": [True, False, None, True],
                    "empty": pa.nulls(4),
                    "x": [1.0, 2.0, 3.0, 5.0],
                },
                ["x"],
            )
        )["Rows"]
    )
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    assert columns["number"] == ["inf", None, None, 1.5]
    assert columns["id"] == ["1000000000000000", "12345678901234567", None, -(10**15) + 1]
    assert columns["when"] == ["1850-01-01 00:00:00.000000", new, None, new]
    assert columns["day"][1:] == [
        datetime.datetime(2024, 2, 29),
        None,
        datetime.datetime(2024, 2, 29),
    ]
    assert columns["zone"][1] == "2024-02-29 12:30:00.000000Z"
    assert columns["yes"] == [True, False, None, True]
    assert columns["empty"] == [None] * 4


def test_long_text_is_cut_with_a_mark_and_counted(with_texts, book):
    fits, smileys = "x" * MAX_TEXT, "\U0001f600" * 20_000  # two UTF-16 units each
    sheets = book(with_texts([fits, fits + "x", smileys, None]))
    cells = [sheets["Rows"].cell(i, 1).value for i in (2, 3, 4)]
    assert cells[0] == fits
    for cell, original in zip(cells[1:], (fits, smileys), strict=True):
        assert cell.endswith("characters in a cell)")
        assert original.startswith(cell[: cell.index("…")])
        assert MAX_TEXT - 2 <= len(cell.encode("utf-16-le")) / 2 <= MAX_TEXT
    assert about(sheets)["Text cut"].startswith("2 cells")


def test_the_cluster_cell_has_a_tint_of_the_clusters_colour(analysis, book):
    sheets = book(analysis)
    fills = {}
    for row in range(2, 42):
        cell = sheets["Rows"].cell(row, 6)
        fills.setdefault(cell.value, set()).add(cell.fill.fgColor.rgb if cell.value else None)
    assert fills == {
        1: {"FF" + tint(color(0))[1:]},
        2: {"FF" + tint(color(1))[1:]},
        None: {None},
    }
    for k in range(2):
        cell = sheets["Clusters"].cell(k + 2, 3)
        assert (cell.value, cell.fill.fgColor.rgb) == (color(k), "FF" + color(k)[1:])


@pytest.mark.parametrize("paint", PALETTE)
def test_text_on_the_colours_reads_well(paint):
    def luminance(hex_color):
        parts = np.array(list(bytes.fromhex(hex_color[1:]))) / 255
        linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
        return linear @ [0.2126, 0.7152, 0.0722]

    def contrast(one, other):
        low, high = sorted((luminance(one), luminance(other)))
        return (high + 0.05) / (low + 0.05)

    assert contrast(ink(paint), paint) >= 4.5  # WCAG 2.2, 1.4.3
    assert contrast("#000000", tint(paint)) >= 7  # 1.4.6


def test_clusters(analysis, book):
    sheet = book(analysis, names=["Tall", "Small"])["Clusters"]
    notes = {cell.value: cell.comment.text for cell in sheet[1] if cell.comment}
    assert "mixing weight" in notes["Weight"]  # why it is not the number of rows over all
    assert "counted once" in notes["Rows"]
    rows = records(sheet)
    result = analysis.result
    for k, row in enumerate(rows):
        assert row["Cluster"] == k + 1
        assert row["Name"] == ("Tall", "Small")[k]
        assert row["Rows"] == (analysis.rows.label == k).sum()
        assert row["Weight"] == result.weights[k]
        certainty = analysis.rows.probability[analysis.rows.label == k].mean()
        assert row["How sure"] == pytest.approx(certainty)
        assert [row["Mean of height"], row["Mean of width"]] == result.means[k].tolist()
        width = analysis.dataset.column("width").numbers()[analysis.prepared.rows]
        most = np.ptp(width[analysis.rows.label == k]) / 2  # that rows in this range can have
        assert row["Spread of width"] == min(np.sqrt(result.covariances[k, 1, 1]), most)


def test_given_names_join_the_rows(analysis, book):
    rows = records(book(analysis, names=["Tall", "Small"])["Rows"])
    assert all(
        row["Cluster name"] == {1: "Tall", 2: "Small", None: None}[row["Cluster"]] for row in rows
    )
    assert "P(Tall)" in rows[0]


def test_parameters_are_complete_and_exact(analysis, book):
    rows = records(book(analysis)["Parameters"])
    result, columns = analysis.result, list(analysis.prepared.columns)
    weights, means = np.zeros(2), np.zeros((2, 2))
    covariances = np.zeros((2, 2, 2))
    for row in rows:
        k, value = row["cluster"] - 1, row["value"]
        if row["parameter"] == "weight":
            weights[k] = value
        elif row["parameter"] == "mean":
            means[k, columns.index(row["column"])] = value
        else:
            covariances[k, columns.index(row["column"]), columns.index(row["column_2"])] = value
    assert len(rows) == 2 + 4 + 8
    for found, expected in (
        (weights, result.weights),
        (means, result.means),
        (covariances, result.covariances),
    ):
        np.testing.assert_array_equal(found, expected)


def test_model_comparison_keeps_the_order_and_marks_the_best(analysis, book):
    sheet = book(analysis)["Model comparison"]
    rows = records(sheet)
    assert [(row["Model"], row["Clusters"], row["BIC"]) for row in rows] == [
        ("EEE", 2, 301.5),
        ("VVV", 2, 300.1),
        ("VVV", 9, None),
    ]
    assert [row["Chosen"] for row in rows] == [None, "chosen", None]
    assert [row["Shape"] for row in rows] == ["Same shape", "Any shape", "Any shape"]
    assert [row["Parameters"] for row in rows] == [9, 11, None]
    assert rows[2]["Status"] == "too few rows"
    chosen, other = sheet[3], sheet[2]
    assert all(cell.font.bold and cell.fill.fgColor.rgb == "FFFFF2CC" for cell in chosen)
    assert not any(cell.font.bold or cell.fill.fill_type for cell in other)
    assert [cell.number_format for cell in chosen] == [cell.number_format for cell in other]


def test_fits_that_collapsed_are_said_not_to_be_compared(analysis, book):
    kept = "converged: Component 2 was kept from collapsing onto 3 rows (1, 2, 3)."
    statuses = ("converged", "max_iterations", "stopped", kept, "collapsed", "too few rows")
    tried = tuple(
        replace(analysis.candidates[0], status=status, sound=i < 3)
        for i, status in enumerate(statuses)
    )
    sheets = book(replace(analysis, candidates=tried))
    rows = records(sheets["Model comparison"])
    assert [row["Compared"] for row in rows] == ["yes", "yes", "yes", "no", "no", "no"]
    assert rows[3]["Status"] == kept
    assert "collapsed" in about(sheets)["Meaning of Compared"]


@pytest.mark.parametrize(
    ("values", "pattern"),
    [
        ([3.2714285714, -1.5], "0.00000"),
        ([0.012, 0.0123456789], "0.0000000"),
        ([1234.5, 2.0], "0.00"),
        ([123456789.25], "0"),
        ([1e12], "0.00000E+00"),
        ([2.5e-7], "0.00000E+00"),
        ([0.0, float("nan")], "0.00000"),
    ],
)
def test_number_formats_show_six_digits(values, pattern):
    assert six_digits(values) == pattern


def test_means_and_spreads_have_formats_and_all_their_digits(make, book):
    x = [1234.5 + i / 7 for i in range(9)]
    sheet = book(make({"x": x, "y": [0.012 + i * i / 1e4 for i in range(9)]}, ["x", "y"]))[
        "Clusters"
    ]
    formats = {sheet.cell(1, j).value: sheet.cell(2, j).number_format for j in range(7, 11)}
    assert formats["Mean of x"] == "0.00"
    assert formats["Mean of y"] == "0.0000000"


def test_shapes_are_called_as_in_the_window():
    from gmmdesk.ui.panels import model_panel

    window = {shape.models[0]: shape.name for shape in model_panel.SHAPES if len(shape.models) == 1}
    assert window.items() <= SHAPES.items()
    assert set(SHAPES) == set(MODELS)
    assert len(set(SHAPES.values())) == len(SHAPES)


@pytest.mark.parametrize(("low", "high", "said"), [(3, 3, "3"), (1, 9, "1 to 9")])
def test_about_uses_the_windows_words(analysis, book, low, high, said):
    settings = Settings(k_min=low, k_max=high, models=("full", "EEE"))
    facts = about(book(replace(analysis, settings=settings)))
    assert facts["Clusters asked for"] == said
    assert facts["Models asked for"] == "Any shape (VVV), Same shape (EEE)"
    assert facts["Model"] == "Any shape (VVV)"


def test_cancelling_ends_the_short_sheets_too(analysis, monkeypatch):
    task = Task()
    monkeypatch.setattr(workbook._RowsSheet, "write_pattern", lambda *_: task.cancel())
    analysis = replace(analysis, candidates=analysis.candidates * 100)
    with pytest.raises(Cancelled):
        workbook.write_workbook(analysis, io.BytesIO(), ["a", "b"], task)


def test_about_says_where_the_result_comes_from(analysis, book):
    facts = about(book(analysis))
    assert facts["File"] == "folder/table.csv"
    assert facts["SHA-256"] == "ab" * 32
    assert facts["Delimiter"] == "semicolon"
    assert facts["Note on reading"] == "Column 3 had no name."
    assert (facts["Rows in the file"], facts["Rows used"], facts["Rows left out"]) == (40, 37, 3)
    assert facts["Left out, missing: height"] == 1
    assert facts["Left out, missing: height; missing: width"] == 1
    assert facts["Columns used"] == "height, width"
    assert facts["Seed"] == 7
    settings = msgspec.structs.replace(analysis.settings, seed=2**63 - 1)
    assert about(book(replace(analysis, settings=settings)))["Seed"] == str(2**63 - 1)
    assert facts["Stop reason"] == "converged"
    assert datetime.datetime.fromisoformat(facts["Date"]).tzinfo is not None
    assert facts["Version of numpy"] == np.__version__
    assert "Stopped early" not in facts


def test_more_than_a_sheet_holds_is_refused_before_work_starts(analysis, tmp_path, monkeypatch):
    for limit, words in (("MAX_LINES", "40 rows"), ("MAX_COLUMNS", "columns")):
        with monkeypatch.context() as patch:
            patch.setattr(workbook, limit, 10)
            with pytest.raises(ExportError, match=words) as caught:
                write(analysis, tmp_path / "out.xlsx")
            assert ".csv" in caught.value.hint
            assert list(tmp_path.iterdir()) == []


def test_cancelling_while_rows_are_written_leaves_nothing(analysis, tmp_path, monkeypatch):
    monkeypatch.setattr("gmmdesk.export.rows.LEAST_ROWS", 8)
    monkeypatch.setattr("gmmdesk.export.rows.BATCH_CELLS", 1)

    class Impatient(Task):
        def step(self, fraction=None, what=None):
            if fraction is not None and fraction > 0.5:
                self.cancel()
            super().step(fraction, what)

    with pytest.raises(Cancelled):
        write(analysis, tmp_path / "out.xlsx", task=Impatient())
    assert list(tmp_path.iterdir()) == []


def test_the_archive_is_sound(analysis, tmp_path):
    write(analysis, tmp_path / "out.xlsx")
    with zipfile.ZipFile(io.BytesIO((tmp_path / "out.xlsx").read_bytes())) as archive:
        assert archive.testzip() is None
        for name in archive.namelist():
            ElementTree.fromstring(archive.read(name))


def test_about_says_what_became_of_missing_values(book):
    text = "a,b\n" + "".join(f"{i * i % 17 + i % 2 * 90},{i * 5 % 23}\n" for i in range(40))
    dataset = read_text(text + "3,\n,4\n,\n")
    chosen = Settings(k_min=2, k_max=2, models=("EEE",), restarts=1, missing="em")
    analysis = finish(analyse(dataset, chosen))
    sheets = book(analysis)
    facts = about(sheets)
    assert facts["Missing values"].startswith("Rows with missing values are used")
    assert facts["Used rows that lack a value"] == 2
    assert facts["Rows left out"] == 1
    rows = records(sheets["Rows"])
    assert [bool(row["Cluster"]) for row in rows[-3:]] == [True, True, False]
    assert [row["b"] for row in rows[-3:]] == [None, 4, None]


def test_the_example_of_new_rows_is_the_first_row_without_gaps(book):
    cells = [(i * i % 17 + i % 2 * 90, i * 5 % 23) for i in range(1_060)]
    gaps = [f"{a}," if i % 2 else f",{b}" for i, (a, b) in enumerate(cells)]
    whole = [f"{a},{b}.5" for a, b in cells[1_030:]]
    dataset = read_text("\n".join(["a,b", *gaps[:1_030], *whole]))
    chosen = Settings(k_min=2, k_max=2, models=("EEE",), restarts=1, missing="em")
    sheet = book(finish(analyse(dataset, chosen)))["Score new rows"]
    first = [cell.value for line in sheet.iter_rows() for cell in line]
    a, b = cells[1_030]
    assert (a, b + 0.5) in itertools.pairwise(first)


def test_rows_of_no_cluster_have_their_lines(noisy, book):
    sheets = book(noisy, names=["Big", "Small"])
    rows = sheets["Rows"]
    lines = records(rows)
    label = [cell.value for cell in rows[1]].index("Cluster") + 1
    for i, line in enumerate(lines, start=2):
        cluster = line["Cluster"]
        assert line["Cluster name"] == {0: "No cluster", 1: "Big", 2: "Small", None: None}[cluster]
        if cluster is not None:
            filled = NO_COLOR if cluster == 0 else color(cluster - 1)
            assert rows.cell(i, label).fill.start_color.rgb[2:] == tint(filled)[1:]
            shares = [line[f"P({name})"] for name in ("no cluster", "Big", "Small")]
            assert np.argmax(shares) == cluster
    noise = noisy.noise
    last = records(sheets["Clusters"])[-1]
    assert list(last.values())[:4] == [0, "No cluster", NO_COLOR, noise.n_rows]
    assert (last["Weight"], last["How sure"]) == (noise.weight, noise.certainty)
    assert last["Mean of x"] is last["Spread of y"] is None
    parameters = {
        line["parameter"]: line["value"]
        for line in records(sheets["Parameters"])
        if line["cluster"] == 0
    }
    assert parameters == {
        "noise weight": noise.weight,
        "noise log density": noisy.result.noise.log_density,
    }
