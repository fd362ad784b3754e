"""Tables, columns and rows that cannot be fitted, and what to try instead."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import NoReturn

import numpy as np

from gmmdesk.data.dataset import Column, ColumnKind, Dataset, FloatArray, IntArray
from gmmdesk.data.row_names import row_called
from gmmdesk.errors import DataError
from gmmdesk.text import joined, sentence_case

_HOPELESS = {ColumnKind.CONSTANT, ColumnKind.EMPTY}
_MAX_SPREAD = 1e140  # its square, and that of its inverse, leave room for sums and shares


def no_such_column(table: str, name: str, known: Sequence[str]) -> DataError:
    """What to raise where `name` is none of the `known` columns of a table."""
    close = difflib.get_close_matches(name, known, 3, 0.5)
    return DataError(
        f"{table} has no column '{name}'.",
        f"Did you mean {' or '.join(repr(c) for c in close)}?"
        if close
        else f"Its columns are {joined(known, 12)}.",
    )


def refuse_columns(dataset: Dataset) -> NoReturn:
    """Raise DataError about a table in which no column is recommended."""
    title = dataset.path.name if dataset.path is not None else dataset.name
    found = joined([f"'{c.name}' ({c.reason or c.kind})" for c in dataset.columns])
    usable = [c.name for c in dataset.columns if c.is_numeric and c.kind not in _HOPELESS]
    if usable:
        raise DataError(
            f"{title} has no column of measurements to cluster. Its columns: {found}.",
            f"If {joined(usable)} should be clustered all the same, choose"
            f" {'it' if len(usable) == 1 else 'them'} yourself.",
        )
    raise DataError(
        f"{title} has no column with numbers to cluster. Its columns: {found}.",
        "Open a table with at least one column of numbers that differ from row to row.",
    )


def refuse_few_rows(dataset: Dataset, used: list[Column], n_used: int) -> NoReturn:
    """Raise DataError about a table of which too few rows have all that is needed."""
    worst = max(used, key=lambda column: column.n_missing + len(column.unreadable))
    n_absent = worst.n_missing + len(worst.unreadable)
    if n_absent:
        raise DataError(
            f"Only {n_used} of {dataset.n_rows:,} rows have a value in every chosen column.",
            f"Untick '{worst.name}', which lacks {n_absent:,} values.",
        )
    raise DataError(
        f"{dataset.name} has only one row; at least 2 are needed.",
        "Open a table with more rows.",
    )


def check_finite(dataset: Dataset, name: str, x: FloatArray, rows: IntArray) -> None:
    """Raise DataError for an infinity."""
    if np.isfinite(x).all():
        return
    at = int(rows[np.flatnonzero(~np.isfinite(x))[0]])
    called = row_called(dataset, at)
    raise DataError(
        f"{sentence_case(called)} has an infinite value in column '{name}'.",
        f"Correct or empty that cell, or untick '{name}'.",
    )


def check_values(dataset: Dataset, name: str, x: FloatArray, rows: IntArray) -> None:
    """Raise DataError for infinities, and for a column that says nothing about the rows."""
    if not len(x):
        raise DataError(f"Column '{name}' has no value in the used rows.", f"Untick '{name}'.")
    low, high = x.min(), x.max()
    if not (np.isfinite(low) and np.isfinite(high)):
        check_finite(dataset, name, x, rows)
    if low == high:
        raise DataError(
            f"Column '{name}' is constant: it is {low:g} in all {len(rows):,} used rows.",
            f"Untick '{name}'; it cannot tell rows apart.",
        )
    spread = float(high) - float(low)
    if not 1.0 / _MAX_SPREAD < spread < _MAX_SPREAD:
        much = "much" if spread > 1.0 else "little"
        raise DataError(
            f"Column '{name}' spreads over {spread:g}, too {much} to compute a variance.",
            f"Give it in another unit, or untick '{name}'.",
        )
