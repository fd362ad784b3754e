"""Arrow files and streams, and Feather files, which are the same. Runs in a process of its own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import BinaryIO

import pyarrow as pa
import pyarrow.feather

from gmmdesk.data.apart import damaged
from gmmdesk.data.arrow_types import conversion_notes, converter, settled
from gmmdesk.data.limits import check_columns, check_filled
from gmmdesk.data.options import ReadOptions
from gmmdesk.data.raw import RawTable, unique_names
from gmmdesk.data.row_choice import keep_first
from gmmdesk.errors import ReadError
from gmmdesk.task import Task


def parse_arrow(file: BinaryIO, name: str, options: ReadOptions, task: Task) -> RawTable:
    """The table in an Arrow file, an Arrow stream or a Feather file of either version.

    No more batches are read than have the first rows, where only these are asked for.

    Types become those of Parquet files. Raises ReadError for a damaged file and for one without
    rows or columns.
    """
    start = file.read(6)
    file.seek(0)
    try:
        if start == b"ARROW1":
            reader = pa.ipc.open_file(file)
            batches = map(reader.get_batch, range(reader.num_record_batches))
            table = _table(batches, reader.schema, options.row_limit)
        elif start.startswith(b"FEA1"):
            table = pa.feather.read_table(file)
        else:
            stream = pa.ipc.open_stream(file)
            table = _table(stream, stream.schema, options.row_limit)
        # What the file says of its buffers is believed until here.
        table.validate(full=True)
    except pa.ArrowMemoryError:
        raise MemoryError from None
    except (pa.ArrowException, OSError, ValueError) as error:
        raise damaged(name, (str(error) or type(error).__name__).splitlines()[0]) from None
    check_columns(table.num_columns, name)
    if not table.num_rows or not table.num_columns:
        raise ReadError(f"{name} has no rows.", "Open a file with rows.")
    if options.row_limit is not None:  # and one more, which tells that there are more
        table = table.slice(0, options.row_limit + 1)
    # Runs of the same value, and columns of none, are rows without end in no bytes.
    check_filled(table.num_rows, table.num_columns, table.nbytes, name)
    names, notes = unique_names(table.schema.names)
    columns = []
    for i, field in enumerate(table.schema):
        task.step(i / table.num_columns, "Reading")
        convert = converter(field.type)
        chunks = [convert(chunk) for chunk in table.column(i).chunks]
        columns.append(settled(pa.chunked_array(chunks)))
    notes += conversion_notes(names, table.schema, columns)
    return keep_first(RawTable(names, columns, notes), options.row_limit)


def _table(batches: Iterable[pa.RecordBatch], schema: pa.Schema, row_limit: int | None) -> pa.Table:
    """The table of the batches, as far as they are needed for `row_limit` rows and one more."""
    taken, n_rows = [], 0
    for batch in batches:
        taken.append(batch)
        n_rows += len(batch)
        if row_limit is not None and n_rows > row_limit:
            break
    return pa.Table.from_batches(taken, schema)
