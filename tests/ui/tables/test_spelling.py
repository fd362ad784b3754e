"""How names stand in conditions, and which is being typed."""

from __future__ import annotations

import numpy as np
import pytest

from gmmdesk.data.readers import read_text
from gmmdesk.ui.tables.conditions import Wanted
from gmmdesk.ui.tables.fields import fields_of
from gmmdesk.ui.tables.spelling import completions, example, name_typed, quoted

NAMES = [
    "income",
    "yearly income",
    "profit and loss",
    "a=b",
    "x is empty",
    'the "big" one',
    "O'Neil's share",
    "größe",
    "a contains b",
    "12",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_quoted_name_is_understood(name: str) -> None:
    head = "\t".join(NAMES)
    lines = ["\t".join(f"{i * 10 + j}.5" for j in range(len(NAMES))) for i in range(12)]
    dataset = read_text("\n".join([head, *lines]) + "\n")
    fields = fields_of(dataset, None, ())
    found = Wanted(f"{quoted(name)} ≥ 60 and {quoted(name)} < 70").rows(fields, 12)
    assert np.flatnonzero(found).tolist() == [6]


def test_only_what_needs_quotes_has_them() -> None:
    assert [quoted(name) for name in ("income", "größe", "x_1")] == ["income", "größe", "x_1"]
    assert quoted("yearly income") == '"yearly income"'
    assert quoted('6" pipe') == '“6" pipe”'


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("", (0, "")),
        ("  inc", (2, "inc")),
        ("yearly inc", (0, "yearly inc")),
        ("income > 5", None),
        ("income > 5 and yea", (15, "yea")),
        ('"yearly inc', (0, "yearly inc")),
        ('"profit and loss" > 3 and "yearly', (26, "yearly")),
        ("income is empty", None),
        ("income is empty and ", (20, "")),
    ],
)
def test_the_name_at_the_cursor(text: str, typed: tuple[int, str] | None) -> None:
    assert name_typed(text, len(text)) == typed
    assert name_typed(text + " = 3", len(text)) == typed


def test_names_that_begin_so_come_first() -> None:
    assert completions("INC", NAMES) == ["income", "yearly income"]
    assert completions("share", NAMES) == ["O'Neil's share"]


@pytest.mark.parametrize(
    ("low", "high", "number"),
    [
        (0.0036, 25.0, "13"),
        (1989.0, 2014.0, "2000"),
        (0.0, 1.0, "0.5"),
        (-3e7, 1e7, "-10000000"),
        (100.01, 100.02, "100.015"),
        (1e8 + 1.0, 1e8 + 2.0, "100000001.5"),
    ],
)
def test_an_example_is_of_the_table_and_tells_rows_apart(low, high, number) -> None:
    said = example({"same": (3.0, 3.0), "yearly income": (low, high)})
    assert said == f'"yearly income" > {number}'
    dataset = read_text(f"yearly income\tb\n{low!r}\t1\n{high!r}\t2\n")
    assert Wanted(said).rows(fields_of(dataset, None, ()), 2).tolist() == [False, True]


def test_without_numbers_an_example_is_of_some_other_table() -> None:
    assert example({}) == example({"same": (3.0, 3.0)}) == "income > 50000"
