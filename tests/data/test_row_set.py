"""Sets of rows, compared with Python's own sets."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gmmdesk.data.row_set import RowSet

N = 21  # no whole number of bytes
_some = st.sets(st.integers(0, N - 1))


def made(rows: set[int]) -> RowSet:
    return RowSet.of_rows(list(rows), N)


def told(rows: RowSet) -> set[int]:
    assert rows.count == rows.mask.sum()
    return set(rows.rows().tolist())


@given(_some, _some)
def test_it_is_a_set(one: set[int], other: set[int]) -> None:
    a, b = made(one), made(other)
    assert told(a | b) == one | other
    assert told(a & b) == one & other
    assert told(a - b) == one - other
    assert told(~a) == set(range(N)) - one
    assert (a == b) == (one == other)


@given(_some)
def test_a_packed_set_comes_back(rows: set[int]) -> None:
    assert made(rows).packed()() == made(rows)


def test_nobody_changes_it() -> None:
    with pytest.raises(ValueError, match="read-only"):
        RowSet.nothing(3).mask[0] = True


def test_a_row_takes_one_byte() -> None:
    assert RowSet.of_mask(np.ones(1_000, np.bool_)).mask.nbytes == 1_000
