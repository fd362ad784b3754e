"""What columns are taken for, and how numbers are read in the styles they are written in."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gmmdesk.data.dataset import Column, ColumnKind, Dataset
from gmmdesk.data.kinds import needs_text
from gmmdesk.data.numbers import plain_numbers
from gmmdesk.data.readers import read_text
from gmmdesk.errors import Cancelled
from gmmdesk.task import Task

NUMBER, TEXT, DATE = ColumnKind.NUMBER, ColumnKind.TEXT, ColumnKind.DATE
IDENTIFIER, CONSTANT, EMPTY = ColumnKind.IDENTIFIER, ColumnKind.CONSTANT, ColumnKind.EMPTY


def table(**columns: list[str]) -> Dataset:
    """A table of the given cells, and a column of numbers so that no line is blank."""
    n_rows = len(next(iter(columns.values())))
    cells = {**columns, "filler": [str(1 + 7 * (i % 3)) for i in range(n_rows)]}
    lines = zip(*([name, *values] for name, values in cells.items()), strict=True)
    return read_text("\n".join("\t".join(line) for line in lines))


def column(cells: list[str], name: str = "size") -> Column:
    return table(**{name: cells}).columns[0]


@pytest.mark.parametrize(
    ("name", "cells", "kind", "reason"),
    [
        ("size", ["1.5", "2.5", "9"], NUMBER, ""),
        ("size", ["5", "3", "8"], NUMBER, ""),
        ("income", ["41250", "38700", "52010"], NUMBER, ""),
        ("year", ["2019", "2020", "2021"], NUMBER, ""),
        ("smoker", ["0", "1", "1"], NUMBER, ""),
        ("size", ["1", "2", "3"], IDENTIFIER, "counts the rows from 1"),
        ("size", ["0", "1", "2"], IDENTIFIER, "counts the rows from 0"),
        ("customerID", ["17", "12", "17"], IDENTIFIER, "its name says so"),
        ("order_no", ["17", "12", "19"], IDENTIFIER, "different whole number"),
        ("order_no", ["17", "12", "17"], NUMBER, ""),
        ("district", ["75119", "61499", "61549"], IDENTIFIER, "different whole number"),
        ("index", ["1", "2", "3", "4", "1", "2", "3"], IDENTIFIER, "counts from 1 again and again"),
        ("visit", ["0", "1", "2", "0", "1", "2", "3"], IDENTIFIER, "counts from 0 again and again"),
        ("children", ["1", "2", "1", "2", "3", "1"], NUMBER, ""),
        ("smoker", ["0", "1", "0", "1", "0", "1"], NUMBER, ""),
        ("rating", ["1", "2", "3", "5", "1", "2"], NUMBER, ""),
        ("year", ["2019", "2020", "2021", "2019", "2020", "2021"], NUMBER, ""),
        ("customers", ["1750", "1212", "1999"], NUMBER, ""),
        ("paid", ["17", "12", "19"], NUMBER, ""),  # "id" is in it, but is no word of it
        ("zip", ["00123", "10115", "80331"], IDENTIFIER, "digits that are no quantity"),
        ("size", ["007", "008", "112"], IDENTIFIER, "digits that are no quantity"),
        ("n", ["9007199254740993", "9007199254740995", "9007199254740994"], IDENTIFIER, "too long"),
        ("n", ["12345678901234567890", "12345678901234567891", "1"], IDENTIFIER, "no quantity"),
        ("hex", ["0x10", "0x11", "0x12"], IDENTIFIER, "no quantity"),
        ("zip", ["01037", ".", "01040"], IDENTIFIER, "digits that are no quantity"),
        ("part", ["10E4", "11E1", "1200"], IDENTIFIER, "digits and an E"),
        ("part", ["1.5e4", "11E1", "1200"], NUMBER, ""),
        ("size", ["1e-05", "1e+20", "5"], NUMBER, ""),
        ("day", ["20200101", "19991231", "20240229"], DATE, "dates"),
        ("day", ["20200101", "", "20240229"], DATE, "dates"),
        ("size", ["20200101", "19991231", "20230229"], NUMBER, ""),
        ("size", ["20200101", "20201301", "20200102"], NUMBER, ""),
        ("size", ["20200101", "20200100", "20200102"], NUMBER, ""),
        ("size", ["20200101", "18991231", "21010101"], NUMBER, ""),
        ("who", ["Ann", "Bob", "Cleo"], IDENTIFIER, "different text in every row"),
        ("who", ["Ann", "Bob", "Ann"], TEXT, "2 different values"),
        ("who", ["Ann", "NA", "Bob", "Ann"], TEXT, "2 different values"),
        ("ok", ["TRUE", "FALSE", "TRUE"], TEXT, "true or false"),
        ("day", ["2019-01-05", "2019-01-06", "2019-02-01"], DATE, "dates"),
        ("day", ["5.1.2019", "6.1.2019", "17.1.2019"], DATE, "dates"),
        ("day", ["01/05/2019", "01/06/2019", "02/01/2019"], DATE, "dates"),
        ("day", ["5-Jan-2019", "6-Feb-2019", "7-Mar-2019"], DATE, "dates"),
        ("at", ["2019-01-05T10:00:00Z", "2019-01-05 10:00", "2019-01-05 10:01"], DATE, "dates"),
        ("at", ["10:30", "9:15", "11:00"], DATE, "dates"),
        ("size", ["4", "4", "4"], CONSTANT, "one value only: 4"),
        ("size", ["4", "4", ""], CONSTANT, "one value only: 4"),
        ("who", ["x", "x", "x"], CONSTANT, "one text only: 'x'"),
        ("size", ["", "", ""], EMPTY, "no values"),
        ("size", ["NA", "", "NA"], EMPTY, "no values"),
    ],
)
def test_kinds_and_their_reasons(name, cells, kind, reason):
    found = column(cells, name)
    assert found.kind is kind
    assert found.recommended is (kind is NUMBER)
    assert reason in found.reason
    assert bool(found.reason) is (kind is not NUMBER)


def test_codes_keep_their_zeros_and_long_numbers_their_digits():
    assert column(["00123", "1", "22"]).cells.to_pylist() == ["00123", "1", "22"]
    long = ["9007199254740993", "9007199254740995", "1"]
    assert [str(cell) for cell in column(long, "n").cells.to_pylist()] == long


@pytest.mark.parametrize("word", ["", "NA", "."])
def test_long_numbers_keep_their_digits_beside_missing_ones(word):
    digits = [f"{10**17 + 12347 * i + 1}" for i in range(20)]
    found = column([*digits, word], "tweet")
    assert found.kind is IDENTIFIER
    assert [str(cell) for cell in found.cells.to_pylist()[:-1]] == digits
    assert (found.cells[20].as_py(), found.n_missing) == (None, 1)


def test_a_column_of_words_for_missing_keeps_them():
    found = column(["NA", "", "."])
    assert found.cells.to_pylist() == ["NA", None, "."]
    assert found.n_missing == 3


@pytest.mark.parametrize(
    "cells",
    [
        ["11E1", "12E4", "9"],
        ["10E-3", "12", "9"],
        ["0012.5", "0013.5", "7"],
        ["1.9", "1.10", "1.11"],
        ["+4915", "+4930", "+49.5"],
        ["0.123456789012345678", "0.5", "0.25"],
        ["9007199254740993", "0.5", "0.25"],
        [" 9007199254740993", "9007199254740995", "7"],
    ],
)
def test_text_that_no_number_gives_back_stays_beside_the_numbers(cells):
    for rows in (cells, cells * 50):
        found = column(rows)
        assert found.is_numeric
        assert found.cells.to_pylist() == rows
        assert np.array_equal(found.numbers(), [float(cell) for cell in rows])


def test_names_of_rows_that_a_program_made_fractions_of_stay():
    found = column(["1001.0", "1007.0", "NA", "1002.0"], "patient")
    assert found.kind is IDENTIFIER
    assert found.cells.to_pylist() == ["1001.0", "1007.0", "NA", "1002.0"]
    assert column(["1001.0", "1007.0", "", "1002.0"]).cells.to_pylist()[0] == 1001.0


@pytest.mark.parametrize(
    "cells",
    [
        ["1.50", "2.25", "10.00"],
        ["1.5", "2.0", "0.25"],
        ["1.5", "1e-05", "-1e+20"],
        ["1.234567890123456789e+00", "2.5e+00", "-7.5e-01"],
        [".5", "0.25", "-.75"],
    ],
)
def test_measurements_are_numbers_whatever_their_digits(cells):
    for rows in (cells, cells * 50):
        assert column(rows).cells.to_pylist() == [float(cell) for cell in rows]


@pytest.mark.parametrize("odd", ["5.1cm", "n/a", "N/A", "-", "unknown", "12 or 13", "1.2.3"])
@pytest.mark.parametrize("n_rows", [4, 40])
def test_one_odd_cell_leaves_a_measurement_a_number(odd, n_rows):
    cells = [f"{1.25 * i}" for i in range(1, n_rows)]
    found = column([*cells, odd])
    assert found.kind is NUMBER
    assert found.unreadable.tolist() == [n_rows - 1]
    assert found.n_missing == 0
    assert found.cells.to_pylist() == [*cells, odd]
    assert np.array_equal(found.numbers(), [*map(float, cells), np.nan], equal_nan=True)


@pytest.mark.parametrize("word", ["", "NA", "NaN", "nan", "null", "NULL", "None", "#N/A", ".", "?"])
def test_words_of_programs_for_missing_are_missing(word):
    found = column(["1.5", word, "2.5", "4"])
    assert found.kind is NUMBER
    assert found.n_missing == 1
    assert len(found.unreadable) == 0
    assert found.cells.to_pylist() == [1.5, None, 2.5, 4.0]


def test_typed_words_for_missing_do_not_speak_against_a_number():
    found = column(["1.5", "n/a", "n/a", "n/a", "2.5", "4"])
    assert found.kind is NUMBER
    assert found.unreadable.tolist() == [1, 2, 3]


def test_mostly_text_is_text():
    found = column(["12", "12a", "14b", "15", "16c"])
    assert found.kind is IDENTIFIER
    assert not found.is_numeric


@pytest.mark.parametrize(
    ("cells", "values", "thousands"),
    [
        (["0,9", "1,25", "-3"], [0.9, 1.25, -3.0], ""),
        (["1.234,5", "2,25", "1.234.567"], [1234.5, 2.25, 1234567.0], "."),
        (["1,234.5", "2.25", "1,234,567"], [1234.5, 2.25, 1234567.0], ","),
        (["1 234,5", "2,25", "1 234 567"], [1234.5, 2.25, 1234567.0], " "),
        (["1\u00a0234,5", "2,25", "7"], [1234.5, 2.25, 7.0], " "),
        (["1\u202f234,5", "2,25", "7"], [1234.5, 2.25, 7.0], " "),
        (["1'234.5", "2.25", "1'234'567"], [1234.5, 2.25, 1234567.0], "'"),
        (["\u22121.5", "+2.5", "1e3"], [-1.5, 2.5, 1000.0], ""),
        ([" 1.5", "2.5 ", "7"], [1.5, 2.5, 7.0], ""),
        (["12%", "7.5 %", "-3%"], [12.0, 7.5, -3.0], ""),
        (["$5", "$1,250.50", "-$3"], [5.0, 1250.5, -3.0], ","),
        (["5 €", "1.250,50 €", "3 €"], [5.0, 1250.5, 3.0], "."),
        (["inf", "1.5", "-Infinity"], [np.inf, 1.5, -np.inf], ""),
    ],
)
def test_local_styles(cells, values, thousands):
    found = read_text("\n".join(f"{cell}\t{i % 2}" for i, cell in enumerate(["size", *cells])))
    assert found.columns[0].kind is NUMBER
    assert found.columns[0].numbers().tolist() == values
    assert found.receipt.thousands == thousands


def test_a_mark_that_all_numbers_carry_is_noted():
    assert "percent signs" in " ".join(table(share=["12%", "13%", "9%"]).receipt.notes)


def test_a_stray_mark_is_unreadable():
    assert column(["0.5", "0.7", "0.25", "20%"]).unreadable.tolist() == [3]


def test_a_cell_much_longer_than_a_number_takes_no_time():
    found = column([*(f"{i}%" for i in range(50)), "1" + " " * 500_000 + "2%"])
    assert found.unreadable.tolist() == [50]


def test_a_mark_inside_a_number_is_not_taken_away():
    found = column(["$1.5", "$2.5", "-$7", "$-3", "4 $", "1$5", "$5$", *["$9"] * 3])
    assert found.numbers()[:5].tolist() == [1.5, 2.5, -7.0, -3.0, 4.0]
    assert found.unreadable.tolist() == [5, 6]
    assert not column(["1$5", "2$5", "1$5"]).is_numeric


def test_other_columns_decide_what_a_lone_group_means():
    german = table(price=["1.234", "2.500", "3.125"], size=["0,5", "1,75", "3,25"])
    assert german.column("price").numbers().tolist() == [1234.0, 2500.0, 3125.0]
    english = table(price=["1,234", "2,500", "3,125"], size=["0.5", "1.75", "3.25"])
    assert english.column("price").numbers().tolist() == [1234.0, 2500.0, 3125.0]
    plain = table(price=["1.234", "2.500", "3.125"], size=["0.5", "1.75", "3.25"])
    assert plain.column("price").numbers().tolist() == [1.234, 2.5, 3.125]


def test_undecided_groups_are_read_plainly_and_noted():
    dataset = read_text("price\tn\n1,234\t4\n2,500\t4\n3,125\t5\n")
    assert dataset.column("price").numbers().tolist() == [1234.0, 2500.0, 3125.0]
    assert "'1,234' in price were read as 1234" in " ".join(dataset.receipt.notes)


def test_semicolons_suggest_decimal_commas():
    dataset = read_text("price;n\n1,234;4\n2,500;4\n3,125;5\n")
    assert dataset.column("price").numbers().tolist() == [1.234, 2.5, 3.125]
    assert "read as 1.234" in " ".join(dataset.receipt.notes)


def test_groups_that_only_few_numbers_are_large_enough_for():
    cells = ["999.5"] * 30_000
    cells[::7] = ["998.25"] * len(cells[::7])
    cells[12_345] = "1,250.5"
    found = column(cells)
    assert len(found.unreadable) == 0
    assert found.numbers()[12_345] == 1250.5


@given(
    st.lists(st.decimals(-(10**9), 10**9, places=2), min_size=3, max_size=20, unique=True),
    st.sampled_from([(".", ","), (",", "."), (",", " "), (",", "\u202f"), (".", "'"), (",", "")]),
)
def test_numbers_come_back_from_every_style(values, style):
    decimal, thousands = style
    cells = [
        f"{value:,}".translate(str.maketrans({",": thousands, ".": decimal})) for value in values
    ]
    lines = [f"{cell}\t{i % 2}" for i, cell in enumerate(["size", *cells])]
    found = read_text("\n".join(lines)).columns[0]
    assert len(found.unreadable) == 0
    assert found.numbers().tolist() == [float(value) for value in values]


def test_numbers_are_read_only():
    for cells in (["1.5", "2.5", "4"], ["1.5", "x1", "4"]):
        with pytest.raises(ValueError, match="read-only"):
            column(cells).numbers()[0] = 0.0


def test_the_label_of_a_row_is_the_first_identifier():
    dataset = table(who=["Ann", "Bob", "Ann"], key=["K1", "K2", "K3"])
    assert dataset.row_label is dataset.column("key")
    assert table(who=["Ann", "Bob", "Ann"]).row_label.name == "who"
    assert table(size=["1.5", "2.5", "9"]).row_label is None


def test_recognising_reports_progress():
    task = Task()
    read_text("a,b\n1.5,2\n2.5,3\n", task=task)
    assert task.what == "Recognising columns"


@pytest.mark.parametrize("text", ["1", "1.50"])
def test_looking_at_the_text_of_numbers_can_be_cancelled(text):
    cells = pa.chunked_array([[text], [text]])
    numbers = plain_numbers(cells, Task())
    task = Task()
    task.cancel()
    with pytest.raises(Cancelled):
        needs_text(cells, numbers, task)
