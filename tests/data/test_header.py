"""Headers of every sort: found, missing, below titles, of numbers."""

from __future__ import annotations

import re

import pytest

from gmmdesk.data.dataset import Dataset
from gmmdesk.data.options import ReadOptions
from gmmdesk.data.readers import read


def notes(dataset: Dataset) -> str:
    return " ".join(dataset.receipt.notes)


def names(dataset: Dataset) -> list[str]:
    return [column.name for column in dataset.columns]


@pytest.mark.parametrize(
    "text", ["1,2.5\n3,4.5\n5,7.5\n", "5.1,3.5,setosa\n4.9,3.0,setosa\n4.7,3.2,virginica\n"]
)
def test_a_table_without_header_keeps_its_first_row(file, text):
    dataset = read(file(text))
    assert dataset.n_rows == 3
    assert names(dataset)[:2] == ["Column 1", "Column 2"]
    assert "first row holds values" in notes(dataset)


def test_numbers_may_head_columns_of_numbers(file):
    dataset = read(file("country,2019,2020\nA,1.5,2.5\nB,2.5,3.5\nC,3.5,9.5\n"))
    assert names(dataset) == ["country", "2019", "2020"]
    assert dataset.n_rows == 3


@pytest.mark.parametrize(
    ("headings", "rows"),
    [
        ("2019,2020,2021", ["0.5,1.5,2.5", "1.25,2.5,4.5", "0.75,3.5,9.5"]),
        ("2019,2020,2021", ["15,22,31", "17,1200,33", "19,26,35"]),
        ("0,1,2", ["0.5,1.5,2.5", "1.25,2.0,4.5", "0.75,3.5,9.5"]),
        (",0,1,2", ["0,0.5,1.5,2.5", "1,1.25,2.5,4.5", "2,0.75,3.5,9.5"]),
        ("2019;2020", ["0,5;1,5", "1,25;2,5", "0,75;3,5"]),
        ("100,500,900", ["0.5,1.5,2.5", "1.25,2.5,4.5", "0.75,3.5,9.5"]),
    ],
)
def test_whole_numbers_unlike_the_rest_are_headings(file, headings, rows):
    dataset = read(file("\n".join([headings, *rows])))
    assert [n for n in names(dataset) if n.isdigit()] == re.findall(r"\d+", headings)
    assert dataset.n_rows == 3
    assert "taken for headings" in notes(dataset)


@pytest.mark.parametrize(
    "rows",
    [
        ["5,3,1", "5.1,3.5,1.4", "4.9,3.2,1.5", "4.7,3.1,1.3"],
        ["1,2,3", "4,5,6", "7,8,9"],
        ["2019,2020", "2021,2022", "2023,2024"],
        ["7,7.5", "0.5,1.5", "1.5,2.5"],
        ["7,7", "0.5,1.5", "1.5,2.5"],
    ],
)
def test_values_are_no_headings(file, rows):
    assert read(file("\n".join(rows))).n_rows == len(rows)


def test_title_lines_are_skipped_and_noted(file):
    dataset = read(file("Survey of 2020\n\na,b,c\n1,2,3\n4,5,7\n"))
    assert names(dataset) == ["a", "b", "c"]
    assert dataset.n_rows == 2
    assert "Survey of 2020" in notes(dataset)


@pytest.mark.parametrize(
    "lines",
    [
        ["Report 2020,", "x,y", "1.5,2", "2.5,4"],
        ["Report 2020,", "for Europe,", "name,y", "Ann,2", "Bob,4"],
        ['"Report, 2020",', "", "x,y", "1.5,2", "2.5,4"],
    ],
)
def test_a_title_above_two_columns_is_skipped_and_noted(file, lines):
    dataset = read(file("\n".join(lines)))
    assert dataset.n_rows == 2
    assert names(dataset)[1] == "y"
    assert "Report" in notes(dataset)


@pytest.mark.parametrize(
    ("lines", "n_rows"),
    [
        (["name,", "Ann,5", "Bob,7"], 2),
        ([",x", "a,b", "c,5", "d,6"], 3),
        (["name,", "Ann,Bob", "Carl,Dora"], 2),
        (["x,y", "1.5,", "2.5,4"], 2),
    ],
)
def test_a_header_with_one_name_is_no_title(file, lines, n_rows):
    dataset = read(file("\n".join(lines)))
    assert dataset.n_rows == n_rows
    assert lines[0].split(",")[0] in {names(dataset)[0], ""}


@pytest.mark.parametrize(
    ("lines", "wanted", "n_rows"),
    [
        (["Station;7;;;", "a;b;c;d;e", "x;1;2;3;4", "y;5;6;7;8"], "abcde", 2),
        (["Station;7;;;", "Day;2024-05-01;;;", "", "a;b;c;d;e", "x;1;2;3;4"], "abcde", 1),
        # These are headers, however few names they have: values stand below, or no numbers do.
        (["a;b;;;", "x;1;2;3;4", "y;5;6;7;8"], "ab", 2),
        (["a;b;;;", "x;y;z;u;v", "k;l;m;n;o"], "ab", 2),
        (["a;b;;;", "x;y;z;u;9", "k;l;m;n;8"], "ab", 2),
    ],
)
def test_lines_of_a_few_words_above_a_header_without_gaps_are_titles(file, lines, wanted, n_rows):
    dataset = read(file("\n".join(lines)))
    assert dataset.n_rows == n_rows
    assert names(dataset)[: len(wanted)] == list(wanted)
    assert ("Station 7" in notes(dataset)) == (lines[0][0] == "S")


def test_what_belongs_to_a_header_of_two_rows_is_not_said_to_be_skipped(file):
    path = file("Report\nSizes;;Other;\nheight;weight;age;no\n" + "1,5;2;3,5;x\n2,5;4;1,5;y\n" * 20)
    found, chosen = read(path).receipt, read(path, ReadOptions(header_rows=2))
    assert "Lines above the table were skipped: “Report” and “Sizes Other”." in found.notes
    assert [column.name for column in chosen.columns] == [
        *("Sizes height", "Sizes weight", "Other age", "Other no"),
    ]
    (note,) = [note for note in chosen.receipt.notes if "skipped" in note]
    assert note == "Lines above the table were skipped: “Report”."
    skipped = {one.what: one.value for one in chosen.receipt.findings}["Rows to skip"]
    assert skipped == "1"


@pytest.mark.parametrize(
    ("first", "is_told"),
    [("length,width,name", True), ("n/a,NA,red", False), ("n/a,wide,red", False),
     ("1.5,wide,red", False), (",wide,red", False)],
)  # fmt: skip
def test_a_row_that_may_be_of_the_header_is_pointed_out(file, first, is_told):
    body = "".join(f"{i}.5,{i * i}.25,blue\n" for i in range(9))
    path = file(f"Size,Size,Colour\n{first}\n{body}")
    told = "Row 1 has no numbers where nearly all others have some: length and width."
    assert (told in notes(read(path))) is is_told
    assert read(path).n_rows == 10
    assert "Row 1 has" not in notes(read(path, ReadOptions(header_rows=1)))
    chosen = read(path, ReadOptions(header_rows=2))
    assert chosen.n_rows == 9
    assert "Row 1 has" not in notes(chosen)


def test_notes_tell_long_and_unseemly_cells_in_short(file):
    body = "".join(f"{i}.5,{i * i}.25\n" for i in range(9))
    for name, lines in (
        ("headings.csv", "a,b\n{0},wide\n"), ("title.csv", "{0}\na,b\n"),
    ):  # fmt: skip
        path = file(lines.format("x" * 5_000 + "\u202etxt\x07") + body, name)
        (note,) = read(path).receipt.notes
        assert "xxx…xxx" in note
        assert note.isprintable()
        assert len(note) < 250
