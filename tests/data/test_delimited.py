"""Text tables as they come: encodings, delimiters, uneven lines, headers of every sort."""

from __future__ import annotations

import csv
import hashlib
import io
import re
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gmmdesk.data.dataset import ColumnKind, Dataset
from gmmdesk.data.number_styles import MISSING_WORDS
from gmmdesk.data.readers import read, read_text
from gmmdesk.errors import Cancelled, ReadError
from gmmdesk.task import Task


def notes(dataset: Dataset) -> str:
    return " ".join(dataset.receipt.notes)


def names(dataset: Dataset) -> list[str]:
    return [column.name for column in dataset.columns]


def test_reads_a_plain_table(file):
    path = file("width,height\n1.5,2\n2.5,3\n3.25,5\n")
    dataset = read(path)
    assert dataset.name == "table"
    assert dataset.path == path
    assert dataset.n_rows == 3
    assert dataset.recommended == ("width", "height")
    assert dataset.column("width").numbers().tolist() == [1.5, 2.5, 3.25]
    assert dataset.column("height").cells.to_pylist() == [2, 3, 5]
    receipt = dataset.receipt
    assert (receipt.format, receipt.encoding, receipt.delimiter) == ("CSV", "utf-8", ",")
    assert receipt.n_bytes == path.stat().st_size
    assert receipt.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert receipt.notes == ()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "utf-16-le"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("decimal", [".", ","])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_finds_encoding_delimiter_and_decimal_mark(file, encoding, delimiter, decimal, newline):
    rows = [("Größe", "naïve café", "n")]
    rows += [(f"{1.05 + i}", f"{'é' * (i % 2)}x", str(7 * i)) for i in range(20)]
    quote = '"' if decimal == delimiter else ""
    text = newline.join(
        delimiter.join(f"{quote}{cell.replace('.', decimal)}{quote}" if i else cell for cell in row)
        for i, row in enumerate(rows)
    )
    dataset = read(file(text, encoding=encoding))
    assert names(dataset) == list(rows[0])
    assert dataset.receipt.delimiter == delimiter
    assert dataset.receipt.decimal == decimal
    assert np.array_equal(dataset.column("Größe").numbers(), [1.05 + i for i in range(20)])
    assert dataset.column("naïve café").cells.to_pylist()[1] == "éx"


def test_other_encodings_are_found_from_the_text_itself(file):
    words = ["температура воздуха", "осадки за месяц", "ветер северный", "давление упало"]
    text = "город,x\n" + "".join(f"{words[i % 4]},{i}.5\n" for i in range(40))
    dataset = read(file(text, encoding="cp1251"))
    assert names(dataset)[0] == "город"
    assert dataset.columns[0].cells[0].as_py() == words[0]


def test_an_encoding_that_shows_late_in_the_file_is_found(file):
    head = b"name,x\n" + b"plain,1.5\n" * 60_000
    dataset = read(file(head + "Köln,2.5\n".encode("cp1252")))
    assert dataset.receipt.encoding == "cp1252"
    assert dataset.column("name").cells[-1].as_py() == "Köln"
    assert dataset.n_rows == 60_001


def test_a_guessed_encoding_is_noted(file):
    text = "Größe,x\n1.5,2\n2.5,3\n"
    assert "was read as cp1252" in notes(read(file(text, encoding="cp1252")))
    assert notes(read(file(text))) == notes(read(file(text, encoding="utf-16"))) == ""


@pytest.mark.parametrize("line", [0, 1, 3, 20_001])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_a_damaged_byte_leaves_the_rest_of_the_file_readable(file, line, newline):
    lines = ["größe,Straße", *(f"Müller {i} – Köln,{i}.5" for i in range(20_000)), "Düren,7.5"]
    content = newline.join(lines).encode()
    at = newline.join(lines[:line]).encode()
    bad = content.index("ü".encode() if line else "ö".encode(), len(at)) + 1
    dataset = read(file(content[:bad] + b" " + content[bad + 1 :]))
    assert dataset.receipt.encoding == "utf-8"
    assert notes(dataset) == (
        f"Bytes that are no utf-8 text were replaced by \ufffd, first in line {line + 1:,}."
    )
    cells = [*names(dataset), *dataset.columns[0].cells.to_pylist()]
    assert [cell for cell in cells if "\ufffd" in cell] == [
        {0: "gr\ufffd ße", 20_001: "D\ufffd ren"}.get(line, f"M\ufffd ller {line - 1} – Köln")
    ]


@pytest.mark.parametrize(
    "content",
    [
        "name,x\nMüller,1.5\nKöln,2.5\ncafé".encode()[:-1],  # cut inside its last character
        b"\xff\xfe" + "name,x\nMüller,1.5\nKöln,2.5\n".encode("utf-16-le") + b"\x00\xd8x\x00",
        b"\xef\xbb\xbfname,x\n" + b"plain,1.5\n" * 2 + b"\xe9,7\n",  # the mark says UTF-8
    ],
)
def test_a_file_that_is_cut_or_damaged_is_still_in_its_encoding(file, content):
    dataset = read(file(content))
    assert dataset.receipt.encoding.startswith("utf-")
    assert "first in line 4" in notes(dataset)
    assert dataset.columns[0].cells[2].as_py().rstrip("x").endswith("\ufffd")


def test_bytes_that_fit_no_single_encoding_are_named(file):
    plain = b"a,1\n" * 80_000
    with pytest.raises(ReadError, match="byte"):
        read(file(plain + "Köln,2\n".encode("cp1252") + plain * 9 + b"\x81\x8d,1\n"))


def test_text_with_nul_characters_is_refused_before_it_is_looked_at(file):
    lone = b"\xff\xfe" + "a,b\n".encode("utf-16-le") + b"\x00\xd8\x00\x00,\x001\x00\n\x00"
    with pytest.raises(ReadError, match="NUL"):
        read(file(lone))


def test_a_cell_that_spoils_a_column_late_keeps_everything_else(file):
    lines = ["1.25,2.75", "3.50,1.0"] * 2_500
    lines[4_000] = "5.1cm,2.75"
    dataset = read(file("a,b\n" + "\n".join(lines)))
    column = dataset.column("a")
    assert column.kind is ColumnKind.NUMBER
    assert column.unreadable.tolist() == [4_000]
    assert column.cells[4_000].as_py() == "5.1cm"
    assert column.cells[1].as_py() == "3.50"
    assert np.isnan(column.numbers()[4_000])
    assert dataset.column("b").numbers()[4_000] == 2.75


def test_quoted_numbers_and_cells_with_newlines(file):
    dataset = read(file('"a","b"\n"1.5","two\nlines"\n"2.5","say ""hi"", twice"\n'))
    assert dataset.column("a").numbers().tolist() == [1.5, 2.5]
    assert dataset.column("b").cells.to_pylist() == ["two\nlines", 'say "hi", twice']
    assert dataset.receipt.notes == ()


def test_blank_lines_are_skipped_and_counted(file):
    dataset = read(file("a,b\n1,2\n\n  \n,\n3,4\n\n"))
    assert dataset.column("a").cells.to_pylist() == [1, None, 3]
    assert notes(dataset) == "3 blank lines were skipped."


def test_short_lines_are_filled_and_named(file):
    dataset = read(file("a,b,c\n1,2,3\n4,5\n6,7,8\n9\n"))
    assert dataset.column("c").cells.to_pylist() == [3, None, 8, None]
    assert dataset.column("c").n_missing == 2
    assert "lines 3 and 5" in notes(dataset)


def test_a_long_line_is_refused_with_its_number(file):
    with pytest.raises(ReadError, match=r"Line 4 has 3 cells, 2 were expected"):
        read(file("a,b\n1,2\n3,4\n5,6,7\n8,9\n"))


def test_an_uneven_line_far_from_the_end_leaves_the_rest_as_it_is(file):
    lines = [f"{i}.5,{i % 7},text {i}" for i in range(150_000)]
    lines[3] = "3.5,3"
    dataset = read(file("a,b,c\n" + "\n".join(lines)))
    assert np.array_equal(dataset.column("a").numbers(), np.arange(150_000) + 0.5)
    assert dataset.column("c").cells[149_999].as_py() == "text 149999"


def test_long_lines_of_empty_cells_are_kept_without_them(file):
    dataset = read(file("a,b\n1,2,,\n3,4\n5,6,\n"))
    assert dataset.column("b").cells.to_pylist() == [2, 4, 6]
    assert "2 lines had empty cells beyond" in notes(dataset)


def test_a_cell_beyond_all_measure_is_refused_with_its_line(file):
    with pytest.raises(ReadError, match=r"Line 3 .* longer than 1,000,000 characters"):
        read(file('a,b\n1.5,2\n"' + "x" * 3_000_000 + '",3\n'))


def test_a_header_longer_than_python_takes_at_first(file):
    # Python's own limit holds until somebody changes it, so only a fresh process can tell.
    path = file('"' + "h" * 140_000 + '",b\n' + "1.5,2.5\n2.5,4\n" * 5)
    code = "import sys; from gmmdesk.data.readers import read; print(read(sys.argv[1]).n_rows)"
    done = subprocess.run(
        [sys.executable, "-c", code, path], check=True, capture_output=True, text=True
    )
    assert done.stdout == "10\n"


def test_an_open_quote_is_refused_with_its_line(file):
    with pytest.raises(ReadError, match="never closed"):
        read(file('a,b\n1,"2\n3,4\n5,6\n'))


def test_quoted_line_ends_that_show_late_in_the_file_are_read(file):
    n = 200_000  # beyond the sample; line ends within and between the blocks that are parsed
    lines = [f"{i}.5,text" for i in range(n)] + [f'{n + i}.5,"two\nlines"' for i in range(n)]
    dataset = read(file("a,b\n" + "\n".join(lines)))
    assert np.array_equal(dataset.column("a").numbers(), np.arange(2 * n) + 0.5)
    cells = dataset.column("b").cells
    assert (cells[n - 1].as_py(), cells[n].as_py()) == ("text", "two\nlines")
    assert cells.null_count == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("height (cm)\n170.2\n165.3\n180.1\n", ["height (cm)"]),
        ("weight of a bird\r\n12\r\n\r\n14\r\n15\r\n", ["weight of a bird"]),
        ("height weight\n170.2 60\n165.3 55\n180.1 70\n", ["height", "weight"]),
    ],
)
def test_blanks_in_the_name_of_a_single_column_separate_nothing(file, text, expected):
    assert names(read(file(text))) == expected


def test_a_quote_inside_a_cell_is_just_a_character(file):
    dataset = read(file('pipe,x\n5" wide,1.5\n6" wide,2.5\n7" wide,3.5\n'))
    assert dataset.column("pipe").cells[0].as_py() == '5" wide'


def test_unnamed_and_repeated_columns_are_renamed_and_noted(file):
    dataset = read(file("x,,x,x (2),\n1.5,2,3,4,5\n2.5,3,4,5,7\n"))
    assert names(dataset) == ["x", "Column 2", "x (3)", "x (2)", "Column 5"]
    assert "'x' to 'x (3)'" in notes(dataset)
    assert "Column 2 and Column 5" in notes(dataset)


def test_an_unnamed_first_column_that_counts_rows_is_an_identifier(file):
    frame = pd.DataFrame({"x": [1.5, 2.5, 4.0]}, index=[5, 9, 7])
    dataset = read(file(frame.to_csv()))
    assert dataset.columns[0].kind is ColumnKind.IDENTIFIER
    assert dataset.recommended == ("x",)


@pytest.mark.parametrize("delimiter", [";", "\t", "^"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_line_that_states_the_delimiter_is_obeyed(file, delimiter, newline):
    lines = ["a,b", "1,5", "2,7", "3"]
    lines = [f"sep={delimiter}", *(line.replace(",", delimiter) for line in lines)]
    dataset = read(file(newline.join(lines)))
    assert dataset.receipt.delimiter == delimiter
    assert names(dataset) == ["a", "b"]
    assert dataset.column("b").cells.to_pylist() == [5, 7, None]
    assert "line 5" in notes(dataset)


def test_row_names_as_r_writes_them(file):
    dataset = read(file('"x" "y"\n"first" 3.2 5.5\n"second" 4.2 7.7\n'))
    assert names(dataset) == ["Column 1", "x", "y"]
    assert dataset.columns[0].cells.to_pylist() == ["first", "second"]


def test_columns_aligned_with_spaces(file):
    dataset = read(file("x    y   z\n1.5  2   3.5\n10.5 20  30.5\n2.5  7   8.5\n", "table.txt"))
    assert dataset.column("z").numbers().tolist() == [3.5, 30.5, 8.5]


def test_one_column_is_enough(file):
    dataset = read(file("x\n1.5\n2.5\n4.5\n"))
    assert dataset.recommended == ("x",)
    assert dataset.n_rows == 3


def test_text_only_is_read(file):
    dataset = read(file("a,b\nx,y\nu,v\nx,v\n"))
    assert dataset.recommended == ()
    assert {column.kind for column in dataset.columns} == {ColumnKind.TEXT}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\n\n \n", "holds no table"),
        (b"a,b\n", "has a header .* but no rows"),
        (b"a,b\n1,\x002\n", "not a text file"),
        (bytes(range(256)) * 20, "not a text file"),
        (b"a,b\n" + b"1,2\n" * 100_000 + b"3,\x00\n", "NUL"),
    ],
)
def test_what_is_no_table_is_refused(file, content, message):
    with pytest.raises(ReadError, match=message):
        read(file(content))


def test_pasting_cells_from_a_spreadsheet():
    dataset = read_text("name\tsize, cm\r\nA\t1,5\r\nB\t2,25\r\nC\t1,75\r\n")
    assert dataset.name == "Pasted table"
    assert dataset.path is None
    assert dataset.receipt.source == "clipboard"
    assert dataset.column("size, cm").numbers().tolist() == [1.5, 2.25, 1.75]


@pytest.mark.parametrize("text", ["", "  \n\t"])
def test_pasting_nothing_is_refused(text):
    with pytest.raises(ReadError, match="no text to paste"):
        read_text(text)


def test_a_cancelled_task_stops_reading(file):
    task = Task()
    task.cancel()
    with pytest.raises(Cancelled):
        read(file("a,b\n1,2\n"), task=task)


def test_progress_reaches_the_end(file):
    task = Task()
    read(file("a,b\n" + "1.5,2.5\n" * 50_000), task=task)
    assert task.fraction is not None
    assert task.fraction > 0.5


texts = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=20),
    st.text("0123456789.+-eE ", max_size=6),
    st.sampled_from(["NA", ".", "nan", "null"]),
)
rows = st.tuples(
    texts,
    st.floats(allow_nan=False, allow_infinity=False),
    st.one_of(st.none(), st.integers(-(10**18), 10**18)),
)


@given(st.lists(rows, min_size=2, max_size=30))
def test_any_table_that_pandas_writes_comes_back(rows):
    columns = {"some text": "str", "value": "float64", "whole": "Int64"}
    frame = pd.DataFrame(
        {
            name: pd.array([row[i] for row in rows], kind)
            for i, (name, kind) in enumerate(columns.items())
        }
    )
    buffer = io.StringIO()
    frame.to_csv(buffer, index=False, quoting=csv.QUOTE_NONNUMERIC, na_rep="NA")
    dataset = read_text(buffer.getvalue())
    assert names(dataset) == list(columns)
    assert dataset.n_rows == len(rows)
    assert np.array_equal(dataset.column("value").numbers(), frame["value"])
    for cell, (_, _, whole) in zip(dataset.column("whole").cells.to_pylist(), rows, strict=True):
        assert str("NA" if cell is None else cell) == str("NA" if whole is None else whole)
    for cell, (text, _, _) in zip(dataset.column("some text").cells.to_pylist(), rows, strict=True):
        if isinstance(cell, str):
            assert cell == text
        elif cell is None:
            assert text.strip() in {"", *MISSING_WORDS}
        else:  # numbers, and no code, long number or version among them
            assert cell == float(text.replace("\u2212", "-"))
            assert not re.match(r" *([+]|0\d|\d+[eE]\d)", text)
