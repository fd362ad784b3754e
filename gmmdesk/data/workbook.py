"""Excel and OpenDocument workbooks: one sheet as a table."""

from __future__ import annotations

import datetime as dt
import io
import itertools
import threading
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import BinaryIO, Literal, TypeVar, cast

import pyarrow as pa
import pyarrow.compute as pc
import python_calamine

from gmmdesk.data.extent import check_extent
from gmmdesk.data.header import find_header
from gmmdesk.data.limits import MAX_EXPANDED_BYTES, MAX_EXPANSION, check_columns, check_memory
from gmmdesk.data.raw import RawTable, listed, unique_names
from gmmdesk.errors import ReadError
from gmmdesk.task import Task

OLE_SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BATCH = 1_000  # rows turned into columns at once
_HEAD = 200  # rows looked at to find the header
_SMALL = 1 << 28  # unpacked, whatever the ratio

Cell = int | float | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta
Result = TypeVar("Result")


def read_workbook(file: BinaryIO, name: str, sheet: str | None, task: Task) -> RawTable:
    """The table on `sheet`, or on the first sheet that holds one.

    Cells with an error (#DIV/0!) are missing; formulas have the value saved with them.
    Raises ReadError for a workbook that is damaged, protected, or larger unpacked than it may
    be, and for a sheet that is not there or empty.
    """
    task.step(None, "Opening the workbook")
    _check_container(file, name, task)
    file.seek(0)
    content = io.BytesIO(file.read())
    try:
        book = _interruptible(lambda: python_calamine.load_workbook(content), task)
        sheets = [
            data.name
            for data in book.sheets_metadata
            if data.typ is python_calamine.SheetTypeEnum.WorkSheet
        ]
        chosen, cells = _open_sheet(book, sheets, name, sheet, task)
    except python_calamine.PasswordError:
        raise _protected(name) from None
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise ReadError(
            f"{name} is damaged or no workbook: {error}.",
            "Open it in a spreadsheet program and save it again.",
        ) from None
    what = f"Sheet '{chosen}' of {name}"
    check_columns(cells.width, what)
    names, columns, notes = _table(cells, what, task)
    return RawTable(names, columns, notes, {"sheet": chosen}, tuple(sheets))


def _check_container(file: BinaryIO, name: str, task: Task) -> None:
    """Refuse what must not be unpacked: encrypted files, archives and sheets that explode."""
    file.seek(0)
    if file.read(8) == OLE_SIGNATURE:
        mark = "EncryptedPackage".encode("utf-16-le")
        file.seek(0)
        tail = b""
        while block := file.read(1 << 20):
            if mark in tail + block:
                raise _protected(name)
            tail = block[-len(mark) :]
        return
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise _damaged(name, error) from None
    if any(part.flag_bits & 1 for part in parts):
        raise _protected(name)
    packed = sum(part.compress_size for part in parts)
    expanded = sum(part.file_size for part in parts)
    if expanded > MAX_EXPANDED_BYTES or expanded > max(_SMALL, MAX_EXPANSION * packed):
        raise ReadError(
            f"{name} unpacks to {expanded / 2**20:,.0f} MB, more than a workbook should.",
            "If you trust it, save the sheet as CSV and open that.",
        )
    check_memory(expanded, name)
    try:
        with zipfile.ZipFile(file) as archive:
            check_extent(archive, name, task)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError) as error:
        raise _damaged(name, error) from None


def _damaged(name: str, error: Exception) -> ReadError:
    return ReadError(
        f"{name} is damaged or cut short: {error}.",
        "Copy or download it again, or save it again from a spreadsheet program.",
    )


def _protected(name: str) -> ReadError:
    return ReadError(
        f"{name} is protected with a password.",
        "Save a copy without the password, and open the copy.",
    )


def _open_sheet(
    book: python_calamine.CalamineWorkbook,
    sheets: list[str],
    name: str,
    wanted: str | None,
    task: Task,
) -> tuple[str, python_calamine.CalamineSheet]:
    if wanted is not None and wanted not in sheets:
        raise ReadError(
            f"{name} has no sheet '{wanted}'.", f"Its sheets are: {listed(sheets, 12)}."
        )
    for title in [wanted] if wanted is not None else sheets:
        cells = _interruptible(partial(book.get_sheet_by_name, title), task)
        if cells.height:
            return title, cells
    if wanted is None:
        raise ReadError(f"{name} has no sheet with data.", "Open a workbook that holds a table.")
    others = [title for title in sheets if title != wanted]
    raise ReadError(
        f"Sheet '{wanted}' of {name} is empty.",
        f"Choose another: {listed(others, 12)}." if others else "Open another file.",
    )


def _interruptible(work: Callable[[], Result], task: Task) -> Result:
    """The result of `work`, or Cancelled as soon as the user wishes.

    Parsing a sheet is one call, seconds long for a large one, that cannot be interrupted (it
    does release the interpreter lock). It runs on a thread of its own, which is left to end by
    itself after a cancellation.
    """
    outcome: list[Result] = []
    failure: list[BaseException] = []

    def run() -> None:
        try:
            outcome.append(work())
        except BaseException as error:
            failure.append(error)

    thread = threading.Thread(target=run, name="workbook", daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(0.02)
        task.step()
    if failure:
        raise failure[0]
    return outcome[0]


def _table(
    cells: python_calamine.CalamineSheet, what: str, task: Task
) -> tuple[list[str], list[pa.ChunkedArray], list[str]]:
    """Names, columns and notes of the table on a sheet; empty rows at its end are left away."""
    task.step(0.0, "Reading the sheet")
    rows: Iterator[list[Cell]] = cells.iter_rows()
    head = list(itertools.islice(rows, _HEAD))
    header = find_header([[_text(cell) or "" for cell in row] for row in head], what)
    names, notes = unique_names(header.names)
    pieces: list[list[pa.Array]] = [[] for _ in names]
    n_read = header.n_above
    rows = itertools.chain(head[header.n_above :], rows)
    while batch := list(itertools.islice(rows, _BATCH)):
        for column, values in zip(pieces, zip(*batch, strict=True), strict=True):
            column.append(_typed(values))
        n_read += len(batch)
        task.step(n_read / cells.height)
    columns = [_joined(column) for column in pieces]
    n_rows = max((_filled_length(column) for column in columns), default=0)
    if not n_rows:
        raise ReadError(
            f"{what} has a header ({listed(names)}) but no rows.", "Open a sheet with rows."
        )
    return names, [column.slice(0, n_rows) for column in columns], header.notes + notes


def _typed(values: tuple[Cell, ...]) -> pa.Array:
    """Cells of one column as float64, timestamps or text, whichever keeps them all."""
    kinds = {type(value) for value in values if value != ""}
    if kinds <= {int, float}:
        numbers = cast("tuple[float | Literal['']]", values)
        return pa.array([None if v == "" else float(v) for v in numbers], pa.float64())
    if kinds <= {dt.date, dt.datetime}:
        days = [None if v == "" else dt.datetime.fromisoformat(str(v)) for v in values]
        return pa.array(days, pa.timestamp("us"))
    return pa.array([_text(value) for value in values], pa.string())


def _text(cell: Cell) -> str | None:
    """The cell as it would be typed; None when it is empty."""
    if cell == "":
        return None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell)


def _joined(pieces: list[pa.Array]) -> pa.ChunkedArray:
    """One column from pieces that may differ in type: text if they do."""
    kinds = {piece.type for piece in pieces if piece.null_count < len(piece)}
    kind = kinds.pop() if len(kinds) == 1 else pa.string()
    if not pa.types.is_string(kind):
        column = pa.chunked_array([_cast_empty(piece, kind) for piece in pieces], kind)
        return _whole(column) if pa.types.is_floating(kind) else column
    return pa.chunked_array(
        [
            piece
            if pa.types.is_string(piece.type)
            else pa.array([None if v is None else _text(v) for v in piece.to_pylist()], pa.string())
            for piece in pieces
        ],
        kind,
    )


def _cast_empty(piece: pa.Array, kind: pa.DataType) -> pa.Array:
    return piece if piece.type == kind else pa.nulls(len(piece), kind)


def _whole(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column of whole numbers, which a workbook keeps as floats, as int64."""
    try:
        return pc.cast(column, pa.int64())
    except pa.ArrowInvalid:
        return column


def _filled_length(column: pa.ChunkedArray) -> int:
    """Rows up to the last one that holds something."""
    end = len(column)
    for chunk in reversed(column.chunks):
        filled = pc.indices_nonzero(pc.is_valid(chunk))
        if len(filled):
            return end - len(chunk) + int(filled[-1].as_py()) + 1
        end -= len(chunk)
    return 0
