"""Parquet files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from gmmdesk.data.arrow_types import conversion_notes, converter, is_text, settled
from gmmdesk.data.limits import check_columns, check_memory
from gmmdesk.data.options import ReadOptions
from gmmdesk.data.raw import RawTable, unique_names
from gmmdesk.data.row_sample import chosen_rows
from gmmdesk.errors import ReadError
from gmmdesk.task import Task

_BATCH = 1 << 16  # rows
_GROUP = 1 << 21  # rows that are unpacked at once, where all are asked for
_BYTES_PER_CELL = 8  # at least; text is weighed as it comes
_PIECE_BYTES = 1 << 28  # unpacked at once, well below what one array of text can hold


def read_parquet(file: BinaryIO, name: str, options: ReadOptions, task: Task) -> RawTable:
    """The table in a Parquet file, or the rows asked for, read a batch of rows at a time.

    Numbers, times and truths keep their types; what is none of these, nor text, becomes text.
    Raises ReadError for a damaged file and for one without rows or columns.
    """
    task.step(0.0, "Reading")
    with refusing_damage(name):
        metadata = pq.read_metadata(file)
        source = pq.ParquetFile(
            _without_python(file),
            pre_buffer=False,
            metadata=metadata,
            read_dictionary=_repeating(metadata),
        )
        n_rows, schema = metadata.num_rows, source.schema_arrow
        check_columns(len(schema), name)
        rows = chosen_rows(n_rows, options)
        n_wanted = n_rows if rows is None else len(rows)
        check_memory(n_wanted * len(schema) * _BYTES_PER_CELL, name, n_rows, n_wanted)
        if not n_rows or not len(schema):
            raise ReadError(f"{name} has no rows.", "Open a file with rows.")
        pieces: list[list[pa.Array]] = [[] for _ in schema]
        converters = [converter(field.type) for field in schema]
        done = 0
        for batch in _batches(source, is_whole=rows is None):
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
    columns = [settled(pa.chunked_array(column)) for column in pieces]
    notes += conversion_notes(names, schema, columns)
    return RawTable(names, columns, notes, is_chosen=True, rows_in_file=n_rows)


def _batches(source: pq.ParquetFile, *, is_whole: bool) -> Iterator[pa.RecordBatch]:
    """The rows in batches, which are unpacked a group at a time where that takes little memory.

    That is, of numbers; it saves a third of the time.
    """
    groups = [source.metadata.row_group(i).num_rows for i in range(source.num_row_groups)]
    is_small = max(groups, default=0) <= _GROUP and all(
        pa.types.is_floating(field.type) or pa.types.is_integer(field.type)
        for field in source.schema_arrow
    )
    if not (is_whole and is_small):
        yield from source.iter_batches(_BATCH, use_threads=True)
        return
    for i in range(source.num_row_groups):
        yield from source.read_row_group(i).to_batches(_BATCH)


def _without_python(file: BinaryIO) -> BinaryIO | pa.NativeFile:
    """The same file, of which Arrow's threads read without waiting for the interpreter."""
    path = getattr(file, "name", None)
    return pa.OSFile(os.fsencode(path)) if isinstance(path, str) else file


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
    if not (is_text(values.type) or pa.types.is_binary(values.type)):
        return int(column.nbytes)
    lengths = pc.cast(pc.binary_length(values), pa.int64())
    return 8 * len(column) + (pc.sum(lengths.take(column.indices)).as_py() or 0)
