"""What rows are called in words: a number, and what names them in the file."""

from __future__ import annotations

import numpy as np
import pytest

from gmmdesk.data.options import ReadOptions
from gmmdesk.data.readers import read_text
from gmmdesk.data.row_names import identity, row_called, rows_called


def table(heading, names, **options):
    lines = (f"{name}\t{i * i % 7}.5" for i, name in enumerate(names))
    return read_text("\n".join((f"{heading}\tx", *lines)), ReadOptions(**options))


def test_rows_are_called_by_their_number_and_their_name():
    houses = table("Objekt", [f"Haus {204 + i}" for i in range(1200)])
    assert row_called(houses, 16) == "row 17 (Haus 220)"
    assert row_called(houses, 1199) == "row 1,200 (Haus 1403)"
    assert rows_called(houses, np.array([3])) == "row 4 (Haus 207)"
    assert rows_called(houses, np.array([3, 1])) == "rows 4 (Haus 207), 2 (Haus 205)"
    assert rows_called(houses, np.arange(9)).endswith("5 (Haus 208), ...")


@pytest.mark.parametrize(
    ("heading", "names", "said"),
    [
        ("customer", ["4711", "23", "815", "99"], "customer 4711"),  # no measurement is meant
        ("plz", ["01067", "80331", "20095", "50667"], "plz 01067"),
        ("species", ["a", "b"] * 20, ""),  # shared by many
        ("id", ["1", "2", "3", "4"], ""),  # the row's own number
        ("size", ["1.5", "2.5", "3.25", "9.0"], ""),  # measured
        ("who", ["", "Ann", "Bob", "Cid"], ""),
        ("who", ["Ann\u202egro.exe\x07", "Bob", "Cid", "Eve"], "Ann gro.exe"),
        ("who", ["Ann " * 40, "Bob", "Cid", "Eve"], "Ann Ann Ann Ann…nn Ann Ann Ann"),
    ],
)
def test_what_names_a_row(heading, names, said):
    assert identity(table(heading, names), 0) == said


def test_rows_of_a_sample_have_their_numbers_in_the_file():
    houses = table("Objekt", [f"Haus {i}" for i in range(1, 101)], sample_rows=10, sample_seed=1)
    number = houses.number_of(4)
    assert number > 5
    assert row_called(houses, 4) == f"row {number} (Haus {number})"
