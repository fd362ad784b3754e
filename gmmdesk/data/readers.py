"""READERS: which files can be opened, and opening them."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

from gmmdesk.data.dataset import Dataset, Receipt
from gmmdesk.data.delimited import read_delimited
from gmmdesk.data.limits import check_memory
from gmmdesk.data.options import FOUND_OUT, ReadOptions, refuse_unfit
from gmmdesk.data.raw import RawTable
from gmmdesk.data.receipt import sample_cells, with_units
from gmmdesk.data.recognise import recognise
from gmmdesk.data.row_choice import choice_note, choose_rows
from gmmdesk.data.source import OpenFile, check_file, check_unchanged, rows_of_text, sha256_of
from gmmdesk.errors import ReadError
from gmmdesk.task import Task

# From what opens the file, its name, how it is to be read and the task to the table, and to the
# SHA-256 if it was computed on the way.
Found = tuple[RawTable, str]
Read = Callable[[OpenFile, str, ReadOptions, Task], Found]


def _delimited(
    open_file: OpenFile, name: str, options: ReadOptions, task: Task
) -> tuple[RawTable, str]:
    return read_delimited(open_file, name, task, options)


def _workbook(
    open_file: OpenFile, name: str, options: ReadOptions, task: Task
) -> tuple[RawTable, str]:
    # Readers of rarer formats are imported when a file needs them: the window starts sooner.
    from gmmdesk.data.workbook import read_workbook

    with open_file() as file:
        return read_workbook(file, name, options, task), ""


def _parquet(
    open_file: OpenFile, name: str, options: ReadOptions, task: Task
) -> tuple[RawTable, str]:
    from gmmdesk.data.parquet import read_parquet

    with open_file() as file:
        return read_parquet(file, name, task, options), ""


@dataclass(frozen=True, slots=True)
class Reader:
    """A kind of file: its name, its endings, how its content starts, and what reads it.

    `options` are the fields of ReadOptions that make sense for it, beside those for every file.
    A reader that `reads_parts` holds no more than the rows that are asked for.
    """

    name: str
    label: str
    suffixes: tuple[str, ...]
    signatures: tuple[bytes, ...]
    read: Read
    has_sheets: bool = False
    options: tuple[str, ...] = ()
    reads_parts: bool = False


_LAYOUT = ("skip_rows", "header_rows", "units_row")
CSV = Reader(
    "CSV",
    "Text tables",
    (".csv", ".tsv", ".txt", ".tab"),
    (),
    _delimited,
    options=("encoding", "delimiter", "quote", *_LAYOUT),
    reads_parts=True,
)
READERS = (
    CSV,
    Reader(
        "Excel",
        "Workbooks",
        (".xlsx", ".xls", ".xlsb", ".xlsm", ".ods"),
        (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        _workbook,
        has_sheets=True,
        options=("sheet", "cell_range", *_LAYOUT),
    ),
    Reader(
        "Parquet",
        "Parquet files",
        (".parquet", ".pq"),
        (b"PAR1",),
        _parquet,
        reads_parts=True,
    ),
)
SUFFIXES = tuple(suffix for reader in READERS for suffix in reader.suffixes)
# As file dialogs want them: "Workbooks (*.xlsx *.xls)".
FILE_FILTERS = tuple(
    f"{label} ({' '.join(f'*{suffix}' for suffix in suffixes)})"
    for label, suffixes in (
        ("Tables", SUFFIXES),
        *((reader.label, reader.suffixes) for reader in READERS),
        ("All files", ("",)),
    )
)

# Content that is often found under these endings but is none of the formats.
_FOREIGN = {
    b"<!doctype": "a web page",
    b"<html": "a web page",
    b"<table": "a web page",
    b"<?xml": "an XML file",
    b"%pdf": "a PDF document",
    b"\x1f\x8b": "a compressed (gzip) file",
    b"{\\rtf": "a formatted text document",
}


def read(
    path: Path | str,
    options: ReadOptions = FOUND_OUT,
    *,
    task: Task | None = None,
    hashed: bool = True,
) -> Dataset:
    """Read the table in a file; its SHA-256 is found too if `hashed`.

    Without a sheet in `options` the first one with data is read.
    Raises ReadError when the file cannot be opened, is none of the formats, holds no table, or
    changes meanwhile; Cancelled after `task.cancel()`.
    """
    task = task or Task()
    path = Path(path)
    status = check_file(path)
    # The bytes of a name that are not UTF-8 could not be written into any file of results.
    shown = Path(re.sub("[\ud800-\udfff]", "\N{REPLACEMENT CHARACTER}", str(path)))
    try:
        with path.open("rb") as file:
            reader, notes = _find_reader(file, shown)
        _check_room(path, status.st_size, reader, options)
        if options.sheet is not None and not reader.has_sheets:
            raise ReadError(
                f"{path.name} has no sheets to choose from: it is a {reader.name} file.",
                "Open it without naming a sheet.",
            )
        refuse_unfit(options, reader.options, path.name, reader.name)
        raw, sha256 = reader.read(lambda: path.open("rb"), shown.name, options, task)
        if hashed:
            sha256 = sha256 or sha256_of(path, task)
    except OSError as error:
        check_unchanged(path, status)
        raise ReadError(
            f"{path} cannot be read: {error.strerror or error}.",
            "Check the disk or the network drive.",
        ) from None
    except ReadError:
        check_unchanged(path, status)  # a table cut while it is written looks damaged
        raise
    check_unchanged(path, status)
    raw.notes[:0] = notes
    return _dataset(
        raw,
        shown.stem,
        path,
        task,
        options=options,
        format_=reader.name,
        source=str(shown),
        n_bytes=status.st_size,
        sha256=sha256,
    )


def read_text(
    text: str,
    options: ReadOptions = FOUND_OUT,
    *,
    name: str = "Pasted table",
    task: Task | None = None,
) -> Dataset:
    """Read a table from text: as spreadsheets put it on the clipboard, or CSV.

    Raises ReadError when it holds no table; Cancelled after `task.cancel()`.
    """
    task = task or Task()
    if not text.strip():
        raise ReadError(
            "There is no text to paste.", "Copy some cells, with their headings, and paste again."
        )
    if len(text.strip().splitlines()) == 1:
        raise ReadError(
            "The text to paste is a single line, not a table.",
            "Copy the cells with their headings and the rows below them, and paste again.",
        )
    content = text.encode("utf-8", "replace")
    refuse_unfit(options, CSV.options, name, CSV.name)
    raw, sha256 = read_delimited(partial(io.BytesIO, content), name, task, options)
    return _dataset(
        raw,
        name,
        None,
        task,
        options=options,
        format_=CSV.name,
        source="clipboard",
        n_bytes=len(content),
        sha256=sha256 or hashlib.sha256(content).hexdigest(),
    )


def _check_room(path: Path, n_bytes: int, reader: Reader, options: ReadOptions) -> None:
    """Refuse a file that has no room in memory, as far as its size tells."""
    if not reader.reads_parts:
        check_memory(2 * n_bytes, path.name)
    elif reader is CSV:
        n_rows = rows_of_text(path, n_bytes)
        n_wanted = min(options.most_rows or n_rows, n_rows)
        check_memory(int(2 * n_bytes * n_wanted / n_rows), path.name, n_rows, n_wanted)


def _find_reader(file: BinaryIO, path: Path) -> tuple[Reader, list[str]]:
    """The reader for what the file holds, whatever its ending; a note when they differ."""
    start = file.read(4096)
    suffix = path.suffix.lower()
    promised = next((reader for reader in READERS if suffix in reader.suffixes), None)
    for reader in READERS:
        if start.startswith(reader.signatures):
            if reader is promised:
                return reader, []
            return reader, [f"{path.name} is a {reader.name} file in spite of its ending."]
    for signature, what in _FOREIGN.items():
        if start.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(signature):
            raise ReadError(
                f"{path.name} is {what}, not a table.",
                f"Open it in its own program and save the table as one of {_endings()}.",
            )
    if promised is CSV:
        return CSV, []
    if b"\0" in start:
        what = f"no {promised.name} file" if promised else "of no known kind"
        raise ReadError(
            f"{path.name} is {what}, or damaged.", f"Files that can be opened end in {_endings()}."
        )
    return CSV, [f"{path.name} was read as a text table, which is what it holds."]


def options_of(format_: str) -> tuple[str, ...]:
    """The fields of ReadOptions that make sense for one format only, of a reader's name."""
    return next((reader.options for reader in READERS if reader.name == format_), ())


def _endings() -> str:
    return " ".join(SUFFIXES)


def _dataset(
    raw: RawTable,
    name: str,
    path: Path | None,
    task: Task,
    /,
    *,
    options: ReadOptions,
    format_: str,
    source: str,
    n_bytes: int,
    sha256: str,
) -> Dataset:
    """Recognise the columns of `raw` and note how it was read."""
    choose_rows(raw, options)
    found = recognise(raw, task, options)
    columns = tuple(with_units(found.columns, raw.units))
    places = raw.places
    if places is None and raw.find_places and any(len(c.unreadable) for c in columns):
        places = raw.find_places()
    n_rows = len(columns[0].cells) if columns else 0
    receipt = Receipt(
        source=source,
        format=format_,
        n_bytes=n_bytes,
        sha256=sha256,
        decimal=found.decimal,
        thousands=found.thousands,
        sheets=raw.sheets,
        notes=(
            *choice_note(n_rows, raw.rows_in_file, options),
            *raw.notes,
            *found.notes,
        ),
        findings=(*raw.findings, *found.findings),
        questions=tuple(found.questions),
        cells=sample_cells(columns, raw.head, places),
        rows_in_file=raw.rows_in_file,
        **raw.interpretation,
    )
    head = tuple(tuple(row) for row in raw.head[:n_rows])
    return Dataset(name, columns, receipt, path, options, places, head)
