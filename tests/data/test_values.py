"""Columns from Python values, a batch at a time."""

from __future__ import annotations

import pyarrow as pa
import pytest

from gmmdesk.data.values import ColumnBuilder, column_of

LONG = 2**53 + 1  # the first whole number that float64 does not hold


def built(*batches):
    builder = ColumnBuilder("id")
    for batch in batches:
        builder.add(batch)
    return builder.finish()


@pytest.mark.parametrize("batches", [([LONG, None, 7], [0.5]), ([0.5], [None], [-LONG])])
def test_whole_numbers_keep_their_digits_whatever_later_batches_hold(batches):
    cells = [cell for batch in batches for cell in batch]
    column = built(*batches)
    assert column.type == pa.string()
    assert column.to_pylist() == [None if cell is None else str(cell) for cell in cells]
    assert column_of(cells, "id").to_pylist() == column.to_pylist()


def test_whole_numbers_that_a_number_holds_stay_numbers():
    column = built([2**53, None], [None, None], [0.5])
    assert column.type == pa.float64()
    assert column.to_pylist() == [2.0**53, None, None, None, 0.5]
