"""Sets of rows, compared with Python's own sets."""

from __future__ import annotations

import math

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
    assert made(rows).packed().unpacked() == made(rows)
    assert made(rows).packed() == made(rows).packed()
    assert made(rows).packed().is_empty is (made(rows).count == 0)


@pytest.mark.parametrize("n_rows", [0, 8, 9, 17])
def test_bits_are_about_as_many_rows_as_they_say(n_rows: int) -> None:
    rows = RowSet.of_mask(np.arange(n_rows) % 3 == 1)
    bits = rows.bits()
    assert len(bits) == math.ceil(n_rows / 8)
    assert RowSet.of_bits(bits, n_rows) == rows
    with pytest.raises(ValueError, match=f"no bits of {n_rows + 8} rows"):
        RowSet.of_bits(bits, n_rows + 8)


def test_nobody_changes_it() -> None:
    with pytest.raises(ValueError, match="read-only"):
        RowSet.nothing(3).mask[0] = True


def test_a_row_takes_one_byte() -> None:
    assert RowSet.of_mask(np.ones(1_000, np.bool_)).mask.nbytes == 1_000
