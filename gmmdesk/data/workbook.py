"""Excel and OpenDocument workbooks: one sheet as a table."""

from __future__ import annotations

from typing import BinaryIO

from gmmdesk.data.apart import parse_apart
from gmmdesk.data.options import ReadOptions
from gmmdesk.data.raw import RawTable
from gmmdesk.data.workbook_container import FAR_CELLS_HINT
from gmmdesk.task import Task


def read_workbook(file: BinaryIO, name: str, options: ReadOptions, task: Task) -> RawTable:
    """The table on the sheet that `options` name, or on the first that holds one; hidden ones last.

    `file` is a real one: the process that parses it gets it as its standard input.
    Raises ReadError for a workbook that is damaged, protected, or larger unpacked than it may
    be, and for a sheet that is not there or empty.
    """
    parser = "gmmdesk.data.workbook_sheet:parse_workbook"
    return parse_apart(parser, file, name, options, task, memory_hint=FAR_CELLS_HINT)
