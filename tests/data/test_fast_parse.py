"""The fast parser against the careful one: uneven lines, blank lines, one column."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gmmdesk.data import fast_parse
from gmmdesk.data.dataset import Dataset
from gmmdesk.data.readers import read, read_text
from gmmdesk.errors import ReadError
from tests.fuzzing import cases

LONG = "1.5,two,3\n" * 40_000  # more than a block


def outcome(text: str) -> tuple[list[list[object]], tuple[str, ...]] | str:
    """Cells and notes of the table in `text`, or why it cannot be read."""
    try:
        dataset = read_text(text)
    except ReadError as error:
        return str(error)
    return [column.cells.to_pylist() for column in dataset.columns], dataset.receipt.notes


def carefully(text: str) -> tuple[list[list[object]], tuple[str, ...]] | str:
    """The same by the careful parser alone."""

    def refuse(*_args: object, **_named: object) -> None:
        raise fast_parse.NeedsCareError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fast_parse, "_arrow_table", refuse)
        return outcome(text)


lines = st.lists(
    st.sampled_from(
        [
            *(
                "1.5,a,2",
                "2.5,b,7",
                "NA,c,4",
                ",,",
                "",
                "",
                " ",
                "3.5",
                "4.5,d",
                "5.5,",
                "6.5,e,1,,",
            ),
            *('"7.5","h,i"', '"a","b",3', '"1.5","two\nlines",2', '5" wide,b,7', '1.5,"a"'),
            *("oops,f", " 7.5,g", "8.5,h,1,2", "\t,", "9.5,'i,6"),
        ]
    ),
    max_size=12,
)


@given(
    lines,
    st.sampled_from(["", "Title\n", "\n\n", '"Two\nlines"\n']),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_uneven_lines_come_out_as_from_the_careful_parser(below, above, newline):
    text = above + "x,y,z\n0.25,a,1\n0.75,b,3\n" + "\n".join(below)
    text = text.replace("\n", newline)
    assert outcome(text) == carefully(text)


@settings(max_examples=cases(5))
@given(lines, lines)
def test_uneven_lines_between_blocks_come_out_as_from_the_careful_parser(first, second):
    text = "x,y,z\n" + "\n".join([*first, LONG]) + "\n".join([*second, "1.5,a"])
    assert outcome(text) == carefully(text)


@given(st.lists(st.sampled_from(["1.5", "2.25", "NA", "", " ", "  ", '""', "word"]), max_size=9))
def test_one_column_comes_out_as_from_the_careful_parser(cells):
    text = "\n".join(["x", "0.5", *cells, "7.5"[: len(cells) % 2 * 3]])
    assert outcome(text) == carefully(text)


@pytest.fixture
def careless(monkeypatch):
    """No careful parser: what is read is read fast."""
    monkeypatch.setattr("gmmdesk.data.delimited.parse_carefully", None)


def cells(dataset: Dataset, name: str) -> list[object]:
    return dataset.column(name).cells.to_pylist()


@pytest.mark.usefixtures("careless")
def test_few_uneven_lines_do_not_slow_down_a_long_file(file):
    n = 100_000
    rows = [f"{i}.5,text {i},{i % 7}" for i in range(n)]
    rows[5], rows[70_000] = "5.5", "70000.5,text 70000,0,,"
    rows[99_000:99_000] = ["", "  "]
    dataset = read(file('"x","y",z\n' + "\n".join(rows)))
    assert cells(dataset, "x") == [i + 0.5 for i in range(n)]
    assert cells(dataset, "y") == [None if i == 5 else f"text {i}" for i in range(n)]
    assert cells(dataset, "z")[4:7] == [4, None, 6]
    assert dataset.receipt.notes == (
        "Lines with too few cells were filled with missing ones: line 7.",
        "1 line had empty cells beyond the last column.",
        "2 blank lines were skipped.",
    )


def test_many_uneven_lines_are_read_as_well():
    n = 2 * fast_parse._MAX_MENDED
    dataset = read_text("x,y\n" + "1.5,2\n" * 9 + "2.5\n" * n)
    assert cells(dataset, "x") == [1.5] * 9 + [2.5] * n


@pytest.mark.parametrize(
    ("column", "shown"),
    [
        (["1.5", "2.25", "", "3.5"], [1.5, 2.25, None, 3.5]),
        (["1.5", "2.25", "", "NA"], [1.5, 2.25, None, None]),
        (["5", "", "", "8"], [5, None, None, 8]),
        (["Ann", "", "Bob", "Ann"], ["Ann", None, "Bob", "Ann"]),
        (["1.5", '""', "2.5", '""'], [1.5, None, 2.5, None]),
    ],
)
@pytest.mark.parametrize("n_blank", [0, 2])
def test_a_blank_line_between_rows_of_one_column_is_a_missing_cell(file, column, shown, n_blank):
    blank = [""] * n_blank
    dataset = read(file("\n".join(["x", *blank, *column, *blank]) + "\n"))
    assert cells(dataset, "x") == shown
    assert dataset.column("x").n_missing == sum(cell is None for cell in shown)
    noted = [note for note in dataset.receipt.notes if "blank" in note]
    assert noted == (["4 blank lines were skipped."] if n_blank else [])


@given(st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6)), min_size=3, max_size=9))
def test_one_column_that_python_writes_keeps_its_rows(values):
    values = [0.5, *values, 1.5]
    buffer = io.StringIO()
    csv.writer(buffer).writerows([["x"], *([value] for value in values)])
    assert len(cells(read_text(buffer.getvalue()), "x")) == len(values)
