"""Steps as lines of text and as JSON: what is written can be read again."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gmmdesk.data.conditions import COMPARISONS, PRESENCE
from gmmdesk.data.steps import (
    DropColumn,
    HoldOut,
    Indicators,
    LeaveOutRows,
    LeaveOutWhere,
    Logarithm,
    Power,
    PrincipalComponents,
    command,
    parse_step,
    phrase,
    read_steps,
)
from gmmdesk.data.steps.records import POWERS
from gmmdesk.data.steps.words import parse_rows, rows_text
from gmmdesk.errors import UsageError

names = st.text(min_size=1, max_size=8)
columns = st.lists(names, min_size=1, max_size=4, unique=True).map(tuple)
numbers = st.floats(allow_nan=False, allow_infinity=False)
shares = st.floats(0.01, 0.99)
on = st.booleans()
STEPS = st.one_of(
    st.builds(
        LeaveOutWhere,
        on=on,
        column=names,
        operator=st.sampled_from([*COMPARISONS, "contains"]),
        value=st.one_of(numbers, names),
        reason=st.text(max_size=8),
    ),
    st.builds(LeaveOutWhere, on=on, column=names, operator=st.sampled_from(PRESENCE)),
    st.builds(
        LeaveOutRows,
        on=on,
        rows=st.lists(st.integers(1, 99), min_size=1).map(tuple),
        reason=st.text(max_size=8),
    ),
    st.builds(DropColumn, on=on, column=names, reason=st.text(max_size=8)),
    st.builds(Logarithm, on=on, columns=columns, shift=numbers),
    st.builds(Power, on=on, columns=columns, method=st.sampled_from(POWERS)),
    st.builds(Indicators, on=on, column=names),
    st.builds(PrincipalComponents, on=on, share=shares),
    st.builds(PrincipalComponents, on=on, number=st.integers(1, 9)),
    st.builds(HoldOut, on=on, share=shares, seed=st.integers(0, 2**40)),
)


@given(STEPS)
def test_the_command_of_a_step_is_read_as_that_step(step):
    assert parse_step(command(step)) == step
    assert phrase(step)


@given(st.lists(STEPS, max_size=5).map(tuple))
def test_steps_survive_json(steps):
    assert read_steps(msgspec.json.encode(steps)) == steps


@pytest.mark.parametrize(
    ("line", "step"),
    [
        ("log income", Logarithm(columns=("income",))),
        ("log 'annual income' age shift=1", Logarithm(columns=("annual income", "age"), shift=1.0)),
        ("box-cox a b", Power(columns=("a", "b"), method="box-cox")),
        ("leave-out age > 90", LeaveOutWhere(column="age", operator=">", value=90.0)),
        ("leave-out code = 007", LeaveOutWhere(column="code", operator="=", value="007")),
        ("leave-out x > 1.234", LeaveOutWhere(column="x", operator=">", value="1.234")),
        (
            "leave-out who = test reason='no customer'",
            LeaveOutWhere(column="who", operator="=", value="test", reason="no customer"),
        ),
        ("leave-out who is-empty", LeaveOutWhere(column="who", operator="is-empty")),
        ("leave-out-rows 3,10-12", LeaveOutRows(rows=(3, 10, 11, 12))),
        ("drop a", DropColumn(column="a")),
        ("indicators city", Indicators(column="city")),
        ("components share=0.9", PrincipalComponents(share=0.9)),
        ("components number=2", PrincipalComponents(number=2)),
        ("hold-out share=0.2 seed=7", HoldOut(share=0.2, seed=7)),
    ],
)
def test_lines(line, step):
    assert parse_step(line) == step
    assert parse_step(command(step)) == step
    assert not command(step).startswith("{")


@pytest.mark.parametrize(
    "line",
    [
        "",
        "sqrt a",
        "log",
        "log 'a",
        "log a seed=1",
        "log a shift=x",
        "leave-out a",
        "leave-out a ? 3",
        "leave-out a >",
        "leave-out a is-empty 3",
        "leave-out-rows",
        "leave-out-rows 0",
        "leave-out-rows 5-3",
        "leave-out-rows 1-99999999999",
        "components",
        "components share=0.9 number=2",
        "components share=1.5",
        "components number=0",
        "components 3",
        "hold-out share=1",
        "hold-out seed=-1",
        "indicators a b",
        "log a a",
        '{"step": "log"}',
        '{"step": "log", "columns": ["a"], "more": 1}',
        '{"step": "eval", "columns": ["a"]}',
        "{" * 100_000,
    ],
)
def test_other_lines_are_refused_with_a_hint(line):
    with pytest.raises(UsageError) as caught:
        parse_step(line)
    assert caught.value.hint


def test_runs_of_rows():
    assert rows_text((3, 7, 10, 11, 12)) == "3,7,10-12"
    assert parse_rows(" 3, 7 10-12 ") == (3, 7, 10, 11, 12)


@pytest.mark.parametrize(
    ("line", "operator", "said"),
    [
        ("leave-out a == 3", "=", "Leave out a = 3"),
        ("leave-out a = b", "=", "Leave out a = b"),
        ("leave-out a ≥ 3", ">=", "Leave out a ≥ 3"),
        ("leave-out a != 3", "!=", "Leave out a ≠ 3"),
        ("leave-out a is empty", "is-empty", "Leave out a is empty"),
        ("leave-out a IS NOT empty", "is-not-empty", "Leave out a is not empty"),
        ("leave-out a is-empty", "is-empty", "Leave out a is empty"),
    ],
)
def test_conditions_may_be_written_as_in_the_search(line, operator, said):
    step = parse_step(line)
    assert step.operator == operator
    assert phrase(step) == said
