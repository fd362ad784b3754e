"""Arrow files and streams, and Feather files, which are the same. Runs in a process of its own."""

from __future__ import annotations

from typing import BinaryIO

import pyarrow as pa
import pyarrow.feather

from gmmdesk.data.apart import damaged
from gmmdesk.data.arrow_types import conversion_notes, converter, settled
from gmmdesk.data.limits import check_columns
from gmmdesk.data.options import ReadOptions
from gmmdesk.data.raw import RawTable, unique_names
from gmmdesk.errors import ReadError
from gmmdesk.task import Task


def parse_arrow(file: BinaryIO, name: str, _options: ReadOptions, task: Task) -> RawTable:
    """The table in an Arrow file, an Arrow stream or a Feather file of either version.

    Types become those of Parquet files. Raises ReadError for a damaged file and for one without
    rows or columns.
    """
    start = file.read(6)
    file.seek(0)
    try:
        if start == b"ARROW1":
            table = pa.ipc.open_file(file).read_all()
        elif start.startswith(b"FEA1"):
            table = pa.feather.read_table(file)
        else:
            table = pa.ipc.open_stream(file).read_all()
        # What the file says of its buffers is believed until here.
        table.validate(full=True)
    except pa.ArrowMemoryError:
        raise MemoryError from None
    except (pa.ArrowException, OSError, ValueError) as error:
        raise damaged(name, (str(error) or type(error).__name__).splitlines()[0]) from None
    check_columns(table.num_columns, name)
    if not table.num_rows or not table.num_columns:
        raise ReadError(f"{name} has no rows.", "Open a file with rows.")
    names, notes = unique_names(table.schema.names)
    columns = []
    for i, field in enumerate(table.schema):
        task.step(i / table.num_columns, "Reading")
        convert = converter(field.type)
        chunks = [convert(chunk) for chunk in table.column(i).chunks]
        columns.append(settled(pa.chunked_array(chunks)))
    return RawTable(names, columns, notes + conversion_notes(names, table.schema, columns))
