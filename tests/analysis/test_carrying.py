"""Choices taken over to a table that has changed, or was read in another way."""

from __future__ import annotations

import msgspec
import pytest

from gmmdesk.analysis import Settings, prepared_as
from gmmdesk.analysis.carrying import carried_over, same_rows
from gmmdesk.data.options import Kind, ReadOptions
from gmmdesk.data.readers import read_text
from gmmdesk.data.steps import parse_step

HEAD = "a\tb\tc\tword\n"
LINES = [f"{i + 0.5}\t{i * i % 7 + 1.25}\t{i * 3 % 11 + 2.5}\t{'xy'[i % 2]}\n" for i in range(20)]
TABLE = HEAD + "".join(LINES)


def steps(*texts):
    return tuple(parse_step(text) for text in texts)


def carried(text, *texts, columns=("a", "b"), same=False):
    settings = Settings(columns=columns, steps=steps(*texts), k_max=4)
    return carried_over(settings, read_text(text), rows_are_same=same)


def test_what_fits_is_kept():
    texts = ("leave-out c > 10", "log a", 'yeo-johnson "log(a)"', "indicators word", "drop b")
    outcome = carried(TABLE, *texts, "components number=1", "log PC1 shift=100", columns=("a", "b"))
    assert outcome.lost == ()
    assert all(step.on for step in outcome.settings.steps)
    assert outcome.settings.columns == ("a", "b")
    assert outcome.settings.k_max == 4


def test_rows_chosen_by_number_are_other_rows_of_a_changed_table():
    outcome = carried(TABLE, "leave-out-rows 17 reason=broken", "log a")
    assert [step.on for step in outcome.settings.steps] == [False, True]
    assert outcome.settings.steps[0].rows == (17,)  # still there to be seen
    assert "Leave out row 17" in outcome.lost[0]
    assert "may be others now" in outcome.lost[0]
    assert carried(TABLE, "leave-out-rows 17", same=True).lost == ()


def test_steps_about_columns_that_are_gone_are_switched_off():
    without_b = "".join("\t".join(line.split("\t")[::2]) + "\n" for line in TABLE.splitlines())
    texts = ("log b", 'yeo-johnson "log(b)"', "leave-out word = x", "indicators word", "drop b")
    outcome = carried(without_b, *texts, "log a", columns=("a", "b", "c"))
    assert [step.on for step in outcome.settings.steps] == [False] * 5 + [True]
    assert outcome.settings.columns == ("a", "c")
    assert len(outcome.lost) == 6
    assert prepared_as(outcome.settings, read_text(without_b)).columns == ("log(a)", "c")


def test_a_step_that_was_off_says_nothing():
    off = Settings(columns=("a",), steps=steps("log gone"))
    off = msgspec.structs.replace(off, steps=(msgspec.structs.replace(off.steps[0], on=False),))
    assert carried_over(off, read_text(TABLE)).lost == ()


def test_without_any_column_left_those_suggested_are_chosen():
    outcome = carried(TABLE, columns=("gone",))
    assert outcome.settings.columns == read_text(TABLE).suggested
    assert "gone" in outcome.lost[0]


@pytest.mark.parametrize(
    ("options", "same"),
    [
        (ReadOptions(), True),
        (ReadOptions(kinds=(("c", Kind.TEXT),), missing_words=("x",)), True),
        (ReadOptions(row_limit=10), False),
        (ReadOptions(header_rows=0), False),
        (ReadOptions(sample_rows=20), False),
    ],
)
def test_options_about_cells_leave_the_rows_as_they_are(options, same):
    assert same_rows(read_text(TABLE), read_text(TABLE, options)) is same


def test_rows_of_another_content_are_others():
    assert not same_rows(read_text(TABLE), read_text(HEAD + "".join(LINES[::-1])))
