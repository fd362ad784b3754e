"""SQLite databases: one table or view."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from gmmdesk.data.apart import parse_apart
from gmmdesk.data.options import ReadOptions
from gmmdesk.data.raw import RawTable
from gmmdesk.task import Task


def read_database(file: BinaryIO, name: str, options: ReadOptions, task: Task) -> RawTable:
    """The table or view that `options` name, or the first with rows, in declared order.

    The file is not opened by SQLite but read, so nothing is written into it or beside it.
    Raises ReadError for a damaged file, and for a table that is not there or empty.
    """
    raw = parse_apart("gmmdesk.data.database_table:parse_database", file, name, options, task)
    log = Path(f"{file.name}-wal")
    if log.is_file() and log.stat().st_size:
        raw.notes.append(
            f"Changes that wait beside the file in {name}-wal are missing; they are written into"
            " it when the program that uses it closes it."
        )
    return raw
