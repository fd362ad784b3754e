"""What can be chosen about reading, and what cannot."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gmmdesk.data.options import (
    FOUND_OUT,
    CellRange,
    Kind,
    ReadOptions,
    column_letters,
    column_number,
    parse_range,
)
from gmmdesk.data.readers import read_text
from gmmdesk.data.seeds import LARGEST_SEED
from gmmdesk.errors import ReadError, UsageError


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("decimal", ";", "no decimal mark ';'"),
        ("thousands", "x", "no mark of thousands 'x'"),
        ("quote", "`", "no quotation mark"),
        ("date_order", "dmy", "no order of dates 'dmy'"),
        ("delimiter", "", "no delimiter"),
        ("delimiter", "ab", "'ab' is no delimiter"),
        ("delimiter", "\n", "no delimiter"),
        ("encoding", "klingon", "no encoding 'klingon'"),
        ("encoding", "zip", "no encoding 'zip'"),
        ("encoding", "hex", "no encoding 'hex'"),
        ("encoding", "a\0b", "no encoding"),
        ("header_rows", -1, "-1 is no number of header rows"),
        ("header_rows", 21, "from 0 to 20"),
        ("skip_rows", -1, "rows to skip"),
        ("row_limit", 0, "number of rows to read"),
        ("sample_rows", 0, "number of rows to draw"),
        ("sample_seed", -1, "seed"),
        ("missing_words", ("",), "is empty"),
        ("cell_range", "3B", "no range"),
        ("cell_range", "", "no range"),
        ("cell_range", "B3:A2", "no range"),
        ("cell_range", "A0", "no range"),
        ("kinds", (("a", Kind.TEXT), ("a", Kind.DATE)), "'a' is given two kinds"),
    ],
)
def test_a_choice_that_cannot_be_is_named(field, value, words):
    with pytest.raises(UsageError, match=words) as caught:
        ReadOptions(**{field: value})
    assert caught.value.hint


def test_choices_that_exclude_each_other():
    with pytest.raises(UsageError, match="both"):
        ReadOptions(row_limit=5, sample_rows=5)
    with pytest.raises(UsageError, match="both the decimal mark"):
        ReadOptions(decimal=",", thousands=",")
    with pytest.raises(UsageError, match="no delimiter"):
        ReadOptions(delimiter="'", quote="'")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("B3:F200", CellRange(2, 1, 199, 5)),
        ("$B$3:$F$200", CellRange(2, 1, 199, 5)),
        ("b:f", CellRange(0, 1, None, 5)),
        ("3:200", CellRange(2, 0, 199, None)),
        ("B3", CellRange(2, 1)),
        ("AA1", CellRange(0, 26)),
    ],
)
def test_ranges_of_cells(text, found):
    assert parse_range(text) == found


@given(st.integers(0, 16_383))
def test_letters_of_columns_come_back(number):
    assert column_number(column_letters(number)) == number


def test_choices_come_back_from_json_and_say_what_they_are():
    options = ReadOptions(decimal=",", kinds=(("a", Kind.LEAVE_OUT),), missing_words=("-999",))
    again = msgspec.json.decode(msgspec.json.encode(options), type=ReadOptions)
    assert again == options
    assert options.chosen() == ("decimal", "missing_words", "kinds")
    assert options.kind("a") is Kind.LEAVE_OUT
    assert options.kind("b") is None
    assert FOUND_OUT.chosen() == ()


@pytest.mark.parametrize("field", ["sheet", "cell_range"])
def test_a_choice_that_makes_no_sense_for_the_format(field):
    value = {"sheet": "Data", "cell_range": "B2"}[field]
    with pytest.raises(UsageError, match="to choose: it is a CSV file"):
        read_text("a,b\n1.5,2\n2.5,3\n", ReadOptions(**{field: value}))


def test_a_kind_for_a_column_that_is_not_there():
    with pytest.raises(ReadError, match="no column 'c'") as caught:
        read_text("a,b\n1.5,2\n2.5,3\n", ReadOptions(kinds=(("c", Kind.TEXT),)))
    assert "a and b" in caught.value.hint


def test_an_encoding_that_does_not_fit():
    with pytest.raises(ReadError, match="does not fit ascii"):
        read_text("größe,b\n1.5,2\n2.5,3\n", ReadOptions(encoding="ascii"))


def test_more_lines_skipped_than_there_are():
    with pytest.raises(ReadError, match="no more than 9 lines"):
        read_text("a,b\n1.5,2\n2.5,3\n", ReadOptions(skip_rows=9))


def test_the_dataset_keeps_the_choices_and_the_receipt_marks_them():
    options = ReadOptions(decimal=".", header_rows=1)
    dataset = read_text("a,b\n1.234,2\n2.500,3\n", options)
    assert dataset.options == options
    chosen = {finding.option for finding in dataset.receipt.findings if finding.chosen}
    assert chosen == {"decimal", "header_rows"}


def test_a_seed_of_before_is_taken_as_it_was():
    assert ReadOptions(sample_seed=LARGEST_SEED).sample_seed == LARGEST_SEED
    with pytest.raises(UsageError, match="no seed"):
        ReadOptions(sample_seed=LARGEST_SEED + 1)
