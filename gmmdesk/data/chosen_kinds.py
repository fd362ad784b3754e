"""Columns whose kind, order of dates or words for missing values somebody has chosen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gmmdesk.data import numbers as reading
from gmmdesk.data.dataset import Column, ColumnKind
from gmmdesk.data.kinds import number_column
from gmmdesk.data.number_styles import Conventions, is_gap
from gmmdesk.data.options import Kind
from gmmdesk.task import Task

_KINDS = {
    Kind.NUMBER: ColumnKind.NUMBER,
    Kind.CATEGORY: ColumnKind.CATEGORY,
    Kind.DATE: ColumnKind.DATE,
    Kind.TEXT: ColumnKind.TEXT,
    Kind.IDENTIFIER: ColumnKind.IDENTIFIER,
    Kind.LEAVE_OUT: ColumnKind.LEFT_OUT,
}
_REASONS = {
    Kind.CATEGORY: "category, as you chose",
    Kind.DATE: "dates or times, as you chose",
    Kind.TEXT: "text, as you chose",
    Kind.IDENTIFIER: "identifier, as you chose",
    Kind.LEAVE_OUT: "left out, as you chose",
}
_NO_NUMBERS = {ColumnKind.CONSTANT, ColumnKind.EMPTY}


def chosen_text_column(
    name: str, position: int, cells: pa.ChunkedArray, kind: Kind, task: Task, *, ways: Conventions
) -> Column:
    """A column of text as the kind that was chosen for it."""
    if kind is Kind.NUMBER:
        guess = reading.guess_numbers(cells, ways, forced=True)
        found = reading.read_numbers(cells, guess, task, ways)
        column, _ = number_column(name, position, cells, found, task, ways=ways)
        return as_number(column)
    n_missing = pc.sum(is_gap(cells, ways.missing)).as_py() or 0
    return Column(name, _KINDS[kind], cells, n_missing, reason=_REASONS[kind])


def chosen_typed_column(column: Column, kind: Kind) -> Column:
    """A column of numbers, times or truths as the kind that was chosen for it."""
    if kind is Kind.NUMBER:
        return as_number(column) if column.is_numeric else column
    return replace(column, kind=_KINDS[kind], reason=_REASONS[kind], parsed=None)


def as_number(column: Column) -> Column:
    """A column of numbers as measurements, unless they are all the same or missing."""
    if column.kind in _NO_NUMBERS:
        return column
    return replace(column, kind=ColumnKind.NUMBER, reason="")


def with_codes(column: Column, codes: pa.ChunkedArray) -> Column:
    """A column whose empty cells say, where `codes` are not null, which kind of missing they are.

    Times stay as they are: a column of them has no room for words.
    """
    cells, kind = column.cells, column.cells.type
    if pa.types.is_temporal(kind):
        return column
    parsed = column.parsed
    if not pa.types.is_string(kind):
        parsed = parsed if parsed is not None or not column.is_numeric else column.numbers()
        cells = pc.cast(cells, pa.string())
    words = tuple(word for word in pc.unique(codes).to_pylist() if word is not None)
    return replace(
        column,
        cells=pc.coalesce(cells, codes),
        parsed=parsed,
        missing_words=(*column.missing_words, *words),
    )


def without_words(column: Column, words: tuple[str, ...]) -> Column:
    """A column of numbers in which some stand for missing values; its cells keep their text."""
    if not words or not column.is_numeric or column.parsed is not None:
        return column
    hits = reading.is_word(column.cells, words)
    n_hits = pc.sum(hits).as_py() or 0
    if not n_hits:
        return column
    numbers = np.array(column.numbers())
    numbers[hits.to_numpy()] = np.nan
    numbers.flags.writeable = False
    cells = pc.cast(column.cells, pa.string())
    return replace(column, cells=cells, parsed=numbers, n_missing=column.n_missing + n_hits)
