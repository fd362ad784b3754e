"""Rows go out as they came in: same rows, same order, the text of every cell as it stood."""

from __future__ import annotations

import csv
import io
import re

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from gmmdesk.analysis import FittedModel, apply
from gmmdesk.data.readers import read
from gmmdesk.data.steps.fitted import Preparation
from gmmdesk.engine import Parameters
from gmmdesk.export import write
from gmmdesk.export.score_sheet import sheet as score_sheet
from tests.fuzzing import cases

N_ROWS = 12  # enough to tell a column of numbers from one of text

_LETTERS = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff\ufffe\uffff")
# What a column may hold: one kind of cell, or a mixture.
KINDS = {
    "leading zeros": st.from_regex(r"0[0-9]{3,6}", fullmatch=True),
    "dates": st.dates().map(str),
    "German dates": st.dates().map(lambda day: f"{day:%d.%m.}{day.year:04d}"),
    "long identifiers": st.integers(10**17, 10**22).map(str),
    "accents": st.sampled_from(["naïve", "Ærø", "Łódź", "straße", "日本", "a\u0301"]),
    "emoji": st.sampled_from(["😀", "👩‍👩‍👧", "🇩🇰 yes", "✅"]),
    "formulas": st.sampled_from(["=1+1", "-5 units", "@x", "+49 30 1234", "=HYPERLINK(1)", "-"]),
    "numbers": st.floats(-1e6, 1e6).map(lambda x: repr(round(x, 3))),
    "versions": st.sampled_from(["1.10", "1.9", "2.0", "11E1", "1e5"]),
    "words": st.text(_LETTERS, min_size=1, max_size=6).filter(lambda t: t.strip() == t and t != ""),
    "spaced": st.sampled_from([" a", "b ", "two words", 'say "hi"', "a,b", "a;b", "two\nlines"]),
    "truth": st.sampled_from(["true", "false", "yes", "no"]),
    "missing": st.sampled_from(["", "NA", "n/a", "null", "-", "."]),
}
NAMES = [
    "=1+1",
    "-5 units",
    "@x",
    "+1",
    "Größe",
    "gmm_cluster",
    "Cluster",
    "é,b",
    'q"q',
    "日",
    "<r>x</r>",
]


@st.composite
def tables(draw):
    """Column names, and cells row by row; the last column is of numbers that all differ."""
    kinds = draw(st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=4))
    names = draw(
        st.lists(st.sampled_from(NAMES), min_size=len(kinds), max_size=len(kinds), unique=True)
    )
    columns = []
    for kind in kinds:
        odd = draw(st.sampled_from(sorted(KINDS)))
        cells = [draw(KINDS[kind]) for _ in range(N_ROWS)]
        for i in draw(st.lists(st.integers(0, N_ROWS - 1), max_size=2)):
            cells[i] = draw(KINDS[odd])
        columns.append(cells)
    columns.append([repr(0.25 + i * i) for i in range(N_ROWS)])
    return [*names, "x"], list(zip(*columns, strict=True))


def scored(folder, names, rows):
    """The table as a file, read, and its rows scored by a model of the last column."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([names, *rows])
    (folder / "in.csv").write_text(text.getvalue(), "utf-8")
    dataset = read(folder / "in.csv")
    mixture = Parameters(np.ones(1), np.array([[50.0]]), np.array([[[900.0]]]))
    as_is = Preparation(inputs=("x",), columns=("x",), center=(0.0,), scale=(1.0,))
    model = FittedModel(as_is, "VVV", mixture, ("Cluster 1",))
    return apply(model, dataset)


def agrees(found, original):
    """Whether a cell is as it was: the same text, or the same number where it is one."""
    if found in (None, "") or original.strip() == "":
        return found in (None, "") and original.strip() in ("", "NA", "n/a", "null", "-", ".")
    if not isinstance(found, float) and str(found) == original:
        return True
    if re.match(r"[+-]?0\d", original) or sum(map(str.isdigit, original)) > 15:
        return False  # those digits are lost
    try:
        return float(found) == float(original)
    except ValueError:
        return False


def kept_as_text(column):
    return pa.types.is_string(column.cells.type) or pa.types.is_large_string(column.cells.type)


def csv_rows(path, delimiter=","):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file, delimiter=delimiter))


def parquet_rows(path):
    table = pq.read_table(path)
    return [tuple(table.column_names), *zip(*(c.to_pylist() for c in table.columns), strict=True)]


def sheet_rows(path):
    sheet = CalamineWorkbook.from_path(path).get_sheet_by_name("Rows")
    return list(map(tuple, sheet.to_python(skip_empty_area=False)))


FORMATS = {
    "out.csv": csv_rows,
    "out.tsv": lambda path: csv_rows(path, "\t"),
    "out.parquet": parquet_rows,
    "out.xlsx": sheet_rows,
}


@pytest.fixture(scope="module", autouse=True)
def _few_lines():
    """Of the sheet that scores new rows, which these tests do not look at."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(score_sheet, "LEAST_LINES", 1)
        patch.setattr(score_sheet, "MOST_LINES", 1)
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("round trips")


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=cases(15), suppress_health_check=[HealthCheck.too_slow])
@given(table=tables())
def test_every_cell_goes_out_as_it_came_in(folder, name, table):
    names, rows = table
    application = scored(folder, names, rows)
    write(application, folder / name)
    header, *written = FORMATS[name](folder / name)
    assert list(header[: len(names)]) == [column.name for column in application.dataset.columns]
    assert len(written) == len(rows)
    for found, original in zip(written, rows, strict=True):
        for j, cell in enumerate(original):
            assert agrees(found[j], cell), (names[j], cell, found[j])
            if name != "out.xlsx" and kept_as_text(application.dataset.columns[j]):
                assert (found[j] or "") == cell


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=cases(15), suppress_health_check=[HealthCheck.too_slow])
@given(table=tables())
def test_what_was_written_is_read_as_the_same_table(folder, name, table):
    names, rows = table
    application = scored(folder, names, rows)
    write(application, folder / name)
    again = read(folder / name)
    for column, other in zip(application.dataset.columns, again.columns, strict=False):
        assert other.name == column.name
        mine, its = column.cells.to_pylist(), other.cells.to_pylist()
        if name != "out.xlsx" or column.parsed is None:
            assert [as_text(cell) for cell in its] == [as_text(cell) for cell in mine]
        elif other.is_numeric:  # a worksheet's cell is a number, however it was written
            np.testing.assert_array_equal(other.numbers(), column.numbers())


def as_text(cell):
    """A cell by its value: a column in which all are whole is one of whole numbers, read again."""
    if cell is None or cell == "":
        return ""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    return str(cell)
