"""Parquet files."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from gmmdesk.data.limits import check_columns, check_memory
from gmmdesk.data.options import FOUND_OUT, ReadOptions
from gmmdesk.data.raw import RawTable, listed, unique_names
from gmmdesk.data.row_choice import chosen_rows
from gmmdesk.errors import ReadError
from gmmdesk.task import Task

_BATCH = 1 << 16  # rows
_BYTES_PER_CELL = 8  # at least; text is weighed as it comes
_PIECE_BYTES = 1 << 28  # unpacked at once, well below what one array of text can hold


def read_parquet(
    file: BinaryIO, name: str, task: Task, options: ReadOptions = FOUND_OUT
) -> RawTable:
    """The table in a Parquet file, or the rows asked for, read a batch of rows at a time.

    Numbers, times and truths keep their types; what is none of these, nor text, becomes text.
    Raises ReadError for a damaged file and for one without rows or columns.
    """
    task.step(0.0, "Reading")
    with refusing_damage(name):
        metadata = pq.read_metadata(file)
        source = pq.ParquetFile(
            file, pre_buffer=False, metadata=metadata, read_dictionary=_repeating(metadata)
        )
        n_rows, schema = metadata.num_rows, source.schema_arrow
        check_columns(len(schema), name)
        rows = chosen_rows(n_rows, options)
        n_wanted = n_rows if rows is None else len(rows)
        check_memory(n_wanted * len(schema) * _BYTES_PER_CELL, name, n_rows, n_wanted)
        if not n_rows or not len(schema):
            raise ReadError(f"{name} has no rows.", "Open a file with rows.")
        pieces: list[list[pa.Array]] = [[] for _ in schema]
        converters = [_converter(field.type) for field in schema]
        done = 0
        for batch in source.iter_batches(_BATCH, use_threads=True):
            row_bytes = sum(map(_expanded_bytes, batch.columns)) / max(1, len(batch))
            n_left = n_rows - done if rows is None else len(rows) - np.searchsorted(rows, done)
            check_memory(int(row_bytes * n_left), name, n_rows, n_wanted)
            if not n_left:
                break
            wanted = batch
            if rows is not None:
                first, last = np.searchsorted(rows, (done, done + len(batch)))
                wanted = batch.take(pa.array(rows[first:last] - done))
            done += len(batch)
            step = min(_BATCH, max(1, int(_PIECE_BYTES / max(1.0, row_bytes))))
            for start in range(0, len(wanted), step):
                for i, column in enumerate(wanted.slice(start, step).columns):
                    task.step()
                    pieces[i].append(converters[i](column))
            task.step(done / n_rows)
    names, notes = unique_names(schema.names)
    columns = [_settled(pa.chunked_array(column)) for column in pieces]
    for fits, note in _NOTES:
        if found := [name for name, field in zip(names, schema, strict=True) if fits(field.type)]:
            notes.append(f"{note}: {listed(found)}.")
    long = [n for n, column in zip(names, columns, strict=True) if pa.types.is_decimal(column.type)]
    if long:
        notes.append(f"Only the first 15 digits or so of {listed(long)} take part in computing.")
    return RawTable(names, columns, notes, is_chosen=True, rows_in_file=n_rows)


@contextmanager
def refusing_damage(name: str) -> Iterator[None]:
    """Raise ReadError about the file `name` for what its reader cannot make sense of or hold."""
    try:
        yield
    except (MemoryError, pa.ArrowMemoryError):
        raise ReadError(
            f"{name} needs more memory than is free.",
            "Close other programs, or open a part of the file.",
        ) from None
    except (pa.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__
        raise ReadError(
            f"{name} is damaged or no Parquet file: {reason}.", "Write or download it again."
        ) from None


def _repeating(metadata: pq.FileMetaData) -> list[str]:
    """Columns of text kept as a dictionary in the file, which unpacked may be any size."""
    paths = set()
    for i in range(metadata.num_row_groups):
        group = metadata.row_group(i)
        for j in range(group.num_columns):
            chunk = group.column(j)
            if chunk.physical_type == "BYTE_ARRAY" and chunk.has_dictionary_page:
                paths.add(chunk.path_in_schema)
    return sorted(paths)


def _expanded_bytes(column: pa.Array) -> int:
    """Bytes of a column when each cell holds its own text."""
    if not isinstance(column, pa.DictionaryArray):
        return int(column.nbytes)
    values = column.dictionary
    if not (_is_text(values.type) or pa.types.is_binary(values.type)):
        return int(column.nbytes)
    lengths = pc.cast(pc.binary_length(values), pa.int64())
    return 8 * len(column) + (pc.sum(lengths.take(column.indices)).as_py() or 0)


def _settled(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Decimals as float64, which everything else reads too, unless digits would be lost."""
    if not pa.types.is_decimal(column.type):
        return column
    numbers = pc.cast(column, pa.float64())
    try:
        same = pc.all(pc.equal(pc.cast(numbers, column.type), column)).as_py()
    except pa.ArrowInvalid:
        same = False
    return column if same is False else numbers


def _converter(kind: pa.DataType) -> Callable[[pa.Array], pa.Array]:
    """What turns a column of type `kind` into one of the types of a RawTable."""
    if pa.types.is_dictionary(kind):
        inner = _converter(kind.value_type)
        return lambda column: inner(column.dictionary_decode())
    for fits, convert in _CONVERTERS:
        if fits(kind):
            return convert
    return _as_described


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


def _unchanged(column: pa.Array) -> pa.Array:
    return column


def _is_nested(kind: pa.DataType) -> bool:
    return bool(pa.types.is_nested(kind))


def _is_bytes(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(
        pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_fixed_size_binary(kind)
    )


def _is_text(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    )


def _is_time(kind: pa.DataType) -> bool:
    """Whether the type is a time that can be written out, whatever its unit and zone."""
    if not pa.types.is_temporal(kind) or pa.types.is_duration(kind) or pa.types.is_interval(kind):
        return False
    try:  # where the system has no list of time zones they cannot
        pc.cast(pa.array([0], kind), pa.string())
    except pa.ArrowException:
        return False
    return True


_CONVERTERS: tuple[tuple[Callable[[pa.DataType], bool], Callable[[pa.Array], pa.Array]], ...] = (
    (pa.types.is_float16, _to(pa.float32())),
    (pa.types.is_floating, _unchanged),
    (pa.types.is_integer, _unchanged),
    (pa.types.is_decimal, _unchanged),
    (pa.types.is_boolean, _unchanged),
    (_is_text, _as_text),
    (_is_time, _unchanged),
    (pa.types.is_null, _to(pa.string())),
)
_NOTES: tuple[tuple[Callable[[pa.DataType], bool], str], ...] = (
    (_is_nested, "Columns of lists or records were turned into text"),
    (_is_bytes, "Columns of bytes were turned into text, two hexadecimal digits a byte"),
    (pa.types.is_duration, "Columns of durations were turned into text"),
)
