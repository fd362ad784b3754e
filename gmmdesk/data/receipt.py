"""What the import receipt says about single cells: a sample of them, and those not read."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pyarrow as pa

from gmmdesk.data.calendar import python_value
from gmmdesk.data.dataset import CellReading, Column, ColumnKind, Dataset, IntArray, Places
from gmmdesk.data.dates import iso_date

_SAMPLE_ROWS = 20
_SAMPLE_CELLS = 2_000


def sample_cells(
    columns: Sequence[Column],
    head: list[list[str]],
    places: Places | None,
    numbers: IntArray | None = None,
) -> tuple[CellReading, ...]:
    """Cells of some rows, evenly spread: of the first ones if their text is known, else of all.

    `head` is their text, `numbers` (n,) what rows are called that are a part of those in the
    file. They are in the order of the rows, then of the columns.
    """
    if not columns:
        return ()
    columns = columns[:_SAMPLE_CELLS]
    n_rows = min(len(head), len(columns[0].cells)) or len(columns[0].cells)
    n_shown = min(n_rows, max(1, min(_SAMPLE_ROWS, _SAMPLE_CELLS // len(columns))))
    rows = sorted({i * (n_rows - 1) // max(1, n_shown - 1) for i in range(n_shown)})
    readings = []
    for row in rows:
        number = row + 1 if numbers is None else int(numbers[row])
        for j, column in enumerate(columns):
            text = head[row][j] if head and j < len(head[row]) else raw_text(column, row)
            place = places.of(row) if places is not None else 0
            value = cell_value(column, row)
            readings.append(CellReading(number, place, column.name, text, value))
    return tuple(readings)


def with_units(
    columns: Sequence[Column], units: Sequence[str], formats: Sequence[str]
) -> list[Column]:
    """The columns, each with its unit and its number format if there are some."""
    none = [""] * len(columns)
    return [
        replace(column, unit=unit, number_format=number_format)
        for column, unit, number_format in zip(columns, units or none, formats or none, strict=True)
    ]


def raw_text(column: Column, row: int) -> str:
    """A cell as it is kept, as text; "" for an empty one."""
    cell = python_value(column.cells, row)
    if isinstance(cell, bool):
        return str(cell).lower()
    return "" if cell is None else _written(cell)


def cell_value(column: Column, row: int) -> float | int | bool | str | None:
    """What a cell was taken for: a number, an ISO date, or its text; None for nothing."""
    if column.parsed is not None and column.is_numeric:
        number = float(column.parsed[row])
        return None if math.isnan(number) else number
    cell = python_value(column.cells, row)
    if column.kind is ColumnKind.DATE and isinstance(cell, str):
        if row in column.unreadable:
            return None
        return iso_date(cell, column.date_order) or cell
    is_plain = isinstance(cell, bool | int | float | str) or cell is None
    return cell if is_plain else _written(cell)


def _written(cell: object) -> str:
    """A cell as text: a day without the midnight at which it begins."""
    if isinstance(cell, dt.datetime) and cell.time() == dt.time() and cell.tzinfo is None:
        return cell.date().isoformat()
    return str(cell)


def unreadable_cells(dataset: Dataset) -> Iterator[CellReading]:
    """Every cell that could not be read, column by column."""
    places = dataset.places
    for column in dataset.columns:
        if not len(column.unreadable):
            continue
        texts = column.cells.take(pa.array(column.unreadable)).to_pylist()
        for row, text in zip(column.unreadable.tolist(), texts, strict=True):
            place = places.of(row) if places is not None else 0
            number = dataset.number_of(row)
            yield CellReading(number, place, column.name, str(text), None)
