"""Which rows fulfil a condition on the cells of a column."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gmmdesk.data.dataset import Column, IntArray
from gmmdesk.data.steps.words import number_text
from gmmdesk.errors import DataError

BoolArray = npt.NDArray[np.bool_]

_OF_NUMBERS: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_OF_TEXT: dict[str, Callable[[pa.Array, str], pa.Array]] = {
    "=": pc.equal,
    "!=": pc.not_equal,
    "<": pc.less,
    "<=": pc.less_equal,
    ">": pc.greater,
    ">=": pc.greater_equal,
    "contains": lambda texts, value: pc.match_substring(texts, value, ignore_case=True),
}


def fulfils(
    column: Column, rows: IntArray, comparison: str, value: float | str | None
) -> BoolArray:
    """Whether each of `rows` (m,) has a cell in `column` for which the comparison holds, (m,).

    Numbers are compared as numbers, text and dates (2024-05-31) as text, in the order of their
    letters. An empty cell, or one with a word for a missing value such as NA, fulfils "is-empty".
    Raises DataError for a number column compared with text.
    """
    if comparison == "is-empty":
        return np.asarray(pc.is_null(categories(column, rows)))
    if comparison == "is-not-empty":
        return np.asarray(pc.is_valid(categories(column, rows)))
    assert value is not None
    if column.is_numeric and comparison in _OF_NUMBERS:
        try:
            number = float(value)
        except ValueError:
            raise DataError(
                f"Column '{column.name}' holds numbers; '{value}' is none.",
                "Compare it with a number.",
            ) from None
        numbers = column.numbers()[rows]
        return np.asarray(_OF_NUMBERS[comparison](numbers, number) & ~np.isnan(numbers))
    text = value if isinstance(value, str) else number_text(value)
    found = _OF_TEXT[comparison](_cells(column, rows).cast(pa.string()), text)
    return np.asarray(pc.fill_null(found, False))


def categories(column: Column, rows: IntArray) -> pa.Array:
    """The cells of `rows` as text, null where missing."""
    texts = _cells(column, rows).cast(pa.string())
    return pc.if_else(pa.array(column.missing()[rows]), pa.scalar(None, pa.string()), texts)


def _cells(column: Column, rows: IntArray) -> pa.Array:
    return column.cells.take(pa.array(rows)).combine_chunks()
