"""A table inside a session file, as the columns of an Arrow file."""

from __future__ import annotations

from dataclasses import fields as fields_of
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from gmmdesk.data.dataset import Column, ColumnKind, Dataset
from gmmdesk.data.limits import check_columns, check_memory
from gmmdesk.data.number_styles import conventions
from gmmdesk.data.options import ReadOptions
from gmmdesk.session.arrays import UnsoundError
from gmmdesk.session.arrow_messages import plain_batches
from gmmdesk.session.records import ColumnRecord, TableRecord
from gmmdesk.task import Task

# What a column says about itself in words, besides its name, kind and reason.
_WORDS = tuple(
    field.name
    for field in fields_of(Column)
    if field.type == "str" and field.name not in ("name", "reason")
)
_BATCH = 1 << 16  # rows
_CELL_BYTES = 8  # of a number; empty columns have as many rows as they like in no bytes
_PLAIN_TYPES = (
    pa.types.is_floating,
    pa.types.is_integer,
    pa.types.is_boolean,
    pa.types.is_decimal,
    pa.types.is_string,
    pa.types.is_large_string,
    pa.types.is_date,
    pa.types.is_time,
    pa.types.is_timestamp,
    pa.types.is_null,
)


def to_record(dataset: Dataset) -> TableRecord:
    """The record of an embedded table; `write_cells` writes the rest."""
    of_all = set(conventions(dataset.options).missing)
    return TableRecord(
        name=dataset.name,
        columns=tuple(
            ColumnRecord(
                name=column.name,
                kind=str(column.kind),
                n_missing=column.n_missing,
                reason=column.reason,
                has_parsed=column.parsed is not None,
                has_unreadable=len(column.unreadable) > 0,
                words={name: text for name in _WORDS if (text := getattr(column, name))},
                missing_words=tuple(word for word in column.missing_words if word not in of_all),
            )
            for column in dataset.columns
        ),
        receipt=dataset.receipt,
        n_rows=dataset.n_rows,
    )


def write_cells(dataset: Dataset, file: IO[bytes], task: Task) -> None:
    """Write the cells as an Arrow file: columns c0, c1 ... as they are.

    Where column j was parsed p<j> has the numbers; where cells could not be read u<j> says which.
    """
    fields, columns = [], []
    for j, column in enumerate(dataset.columns):
        fields.append(pa.field(f"c{j}", column.cells.type))
        columns.append(column.cells)
    for j, column in enumerate(dataset.columns):
        if column.parsed is not None:
            fields.append(pa.field(f"p{j}", pa.float64()))
            columns.append(pa.chunked_array([pa.array(column.parsed)]))
        if len(column.unreadable):
            fields.append(pa.field(f"u{j}", pa.bool_()))
            unreadable = np.zeros(dataset.n_rows, np.bool_)
            unreadable[column.unreadable] = True
            columns.append(pa.chunked_array([pa.array(unreadable)]))
    table = pa.Table.from_arrays(columns, schema=pa.schema(fields))
    with pa.ipc.new_file(file, table.schema) as writer:
        for start in range(0, max(1, dataset.n_rows), _BATCH):
            task.step(start / max(1, dataset.n_rows))
            writer.write_table(table.slice(start, _BATCH).combine_chunks())


def from_record(
    record: TableRecord, cells: bytes, path: Path | None, options: ReadOptions
) -> Dataset:
    """The table again; raises UnsoundError, and what Arrow raises, where cells do not fit."""
    check_columns(len(record.columns), record.name)
    names = [column.name for column in record.columns]
    if len(set(names)) < len(names) or not all(names):
        raise UnsoundError("columns have the same name, or none")
    wanted = [f"c{j}" for j in range(len(names))]
    for j, column in enumerate(record.columns):
        wanted += [f"p{j}"] * column.has_parsed + [f"u{j}"] * column.has_unreadable
    schema, batches = plain_batches(cells)
    if not all(any(fits(field.type) for fits in _PLAIN_TYPES) for field in schema):
        raise UnsoundError("a column is of a kind that no table has")
    if schema.names != wanted:
        raise UnsoundError("columns are missing or too many")
    table = pa.Table.from_batches(batches, schema)
    table.validate(full=True)
    if len(table) != record.n_rows:
        raise UnsoundError(f"it has {len(table)} rows instead of {record.n_rows}")
    check_memory(record.n_rows * _CELL_BYTES * len(wanted), record.name)
    missing = conventions(options).missing
    columns = tuple(
        replace(_column(j, one, table), missing_words=(*missing, *one.missing_words))
        for j, one in enumerate(record.columns)
    )
    return Dataset(record.name, columns, record.receipt, path, options=options)


def _column(j: int, record: ColumnRecord, table: pa.Table) -> Column:
    cells = table[f"c{j}"]
    if record.n_missing > len(cells):
        raise UnsoundError("more cells are missing than there are")
    if not set(record.words) <= set(_WORDS):
        raise UnsoundError(f"something unknown is said about column {j + 1}")
    words: dict[str, Any] = dict(record.words)
    column = Column(
        record.name,
        ColumnKind(record.kind),
        cells,
        record.n_missing,
        reason=record.reason,
        **words,
    )
    if record.has_parsed:
        column = replace(column, parsed=_read_only(_numbers(table, f"p{j}", pa.float64())))
    elif column.kind is ColumnKind.NUMBER and not _holds_numbers(cells.type):
        raise UnsoundError(f"column {j + 1} holds no numbers")
    if record.has_unreadable:
        rows = np.flatnonzero(_numbers(table, f"u{j}", pa.bool_()))
        column = replace(column, unreadable=_read_only(rows))
    return column


def _numbers(table: pa.Table, name: str, kind: pa.DataType) -> npt.NDArray[Any]:
    column = table[name]
    if column.type != kind or column.null_count:
        raise UnsoundError(f"its column {name} is of another kind")
    return np.array(column.to_numpy())


def _read_only(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    array.flags.writeable = False
    return array


def _holds_numbers(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind)
    )
