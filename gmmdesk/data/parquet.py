"""Parquet files."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from gmmdesk.data.limits import check_columns, check_memory
from gmmdesk.data.raw import RawTable, listed, unique_names
from gmmdesk.errors import ReadError
from gmmdesk.task import Task

_BATCH = 1 << 16  # rows
_BYTES_PER_CELL = 8


def read_parquet(file: BinaryIO, name: str, task: Task) -> RawTable:
    """The table in a Parquet file, read a batch of rows at a time.

    Numbers of every width become int64 or float64; what is neither number, text nor time
    becomes text. Raises ReadError for a damaged file and for one without rows or columns.
    """
    task.step(0.0, "Reading")
    try:
        source = pq.ParquetFile(file, pre_buffer=False)
        n_rows, schema = source.metadata.num_rows, source.schema_arrow
        check_columns(len(schema), name)
        check_memory(n_rows * len(schema) * _BYTES_PER_CELL, name)
        if not n_rows or not len(schema):
            raise ReadError(f"{name} has no rows.", "Open a file with rows.")
        pieces: list[list[pa.Array]] = [[] for _ in schema]
        converters = [_converter(field.type) for field in schema]
        done = 0
        for batch in source.iter_batches(_BATCH, use_threads=True):
            for i, column in enumerate(batch.columns):
                task.step()
                pieces[i].append(converters[i](column))
            done += len(batch)
            task.step(done / n_rows)
    except (pa.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__
        raise ReadError(
            f"{name} is damaged or no Parquet file: {reason}.", "Write or download it again."
        ) from None
    names, notes = unique_names(schema.names)
    columns = [_joined(column) for column in pieces]
    nested = [name for name, field in zip(names, schema, strict=True) if _is_nested(field.type)]
    if nested:
        notes.append(f"Columns of lists or records were turned into text: {listed(nested)}.")
    return RawTable(names, columns, notes)


def _joined(pieces: list[pa.Array]) -> pa.ChunkedArray:
    """One column; text when some of its whole numbers are too large for int64."""
    if len({piece.type for piece in pieces}) > 1:
        pieces = [pc.cast(piece, pa.string()) for piece in pieces]
    return pa.chunked_array(pieces)


def _converter(kind: pa.DataType) -> Callable[[pa.Array], pa.Array]:
    """What turns a column of type `kind` into one of the types of a RawTable."""
    if pa.types.is_dictionary(kind):
        inner = _converter(kind.value_type)
        return lambda column: inner(column.dictionary_decode())
    for fits, convert in _CONVERTERS:
        if fits(kind):
            return convert
    return _as_described


def _as_integers(column: pa.Array) -> pa.Array:
    try:
        return pc.cast(column, pa.int64())
    except pa.ArrowInvalid:  # unsigned and beyond 2^63
        return pc.cast(column, pa.string())


def _as_described(column: pa.Array) -> pa.Array:
    """Anything else as text, cell by cell: lists and records as JSON, bytes as hexadecimal."""
    return pa.array([_described(value) for value in column.to_pylist()], pa.string())


def _described(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def _as_text(column: pa.Array) -> pa.Array:
    text = pc.cast(column, pa.string())
    return pc.if_else(pc.equal(text, ""), None, text)


def _to(kind: pa.DataType) -> Callable[[pa.Array], pa.Array]:
    return lambda column: pc.cast(column, kind, safe=False)


def _is_nested(kind: pa.DataType) -> bool:
    return bool(pa.types.is_nested(kind))


def _is_text(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    )


_CONVERTERS: tuple[tuple[Callable[[pa.DataType], bool], Callable[[pa.Array], pa.Array]], ...] = (
    (pa.types.is_floating, _to(pa.float64())),
    (pa.types.is_integer, _as_integers),
    (pa.types.is_decimal, _to(pa.float64())),
    (_is_text, _as_text),
    (pa.types.is_timestamp, _to(pa.timestamp("us"))),
    (pa.types.is_date, _to(pa.timestamp("us"))),
    (pa.types.is_boolean, _as_text),
    (pa.types.is_time, _as_text),
    (pa.types.is_null, _to(pa.string())),
)
