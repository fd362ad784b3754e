from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gmmdesk.data.readers import read, read_text
from gmmdesk.ui.tables.conditions import Wanted
from gmmdesk.ui.tables.fields import fields_of
from gmmdesk.ui.tables.row_order import Query, rows_for

NUMBERS = st.lists(
    st.one_of(st.none(), st.integers(-3, 3), st.floats(-1e3, 1e3, width=32)),
    min_size=2,
    max_size=40,
).filter(lambda values: any(v is not None for v in values))


@given(NUMBERS, st.booleans())
def test_sorted_by_a_number(values: list[float | None], descending: bool) -> None:
    cells = ["" if v is None else repr(v) for v in values]
    dataset = read_text("i,x\n" + "".join(f"{i},{c}\n" for i, c in enumerate(cells)))
    fields = fields_of(dataset, None, ())
    order = rows_for(Query(sort=1, descending=descending), fields, len(values), None)
    assert order is not None
    assert sorted(order.tolist()) == list(range(len(values)))
    there = [i for i, v in enumerate(values) if v is not None]
    sign = -1 if descending else 1
    expected = sorted(there, key=lambda i: (sign * float(values[i] or 0.0), i))
    assert order[: len(there)].tolist() == expected  # equal ones in the order of the file
    assert all(values[i] is None for i in order[len(there) :])


@pytest.mark.parametrize("descending", [False, True])
def test_sorted_by_text_empty_cells_last(tmp_path: Path, descending: bool) -> None:
    path = tmp_path / "words.csv"
    path.write_text("word,x\nb,1\n,2\na,3\nc,4\n")
    dataset = read(path)
    fields = fields_of(dataset, None, ())
    order = rows_for(Query(sort=0, descending=descending), fields, 4, None)
    assert order is not None
    assert order.tolist() == ([3, 0, 2, 1] if descending else [2, 0, 3, 1])


def test_all_rows_as_in_the_file_need_no_list(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("x\n3\n1\n2\n")
    dataset = read(path)
    assert rows_for(Query(), fields_of(dataset, None, ()), 3, None) is None


def test_what_is_wanted_keeps_the_order_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("x,y\n3,1\n1,1\n2,0\n9,1\n")
    dataset = read(path)
    fields = fields_of(dataset, None, ())
    found = rows_for(Query(Wanted("y = 1"), sort=0), fields, 4, None)
    assert found is not None
    np.testing.assert_array_equal(found, [1, 0, 3])
