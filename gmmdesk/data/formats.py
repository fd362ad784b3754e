"""READERS: which files can be opened, how each is known, and what reads it."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from gmmdesk.data import signs
from gmmdesk.data.apart import parse_apart
from gmmdesk.data.delimited import read_delimited
from gmmdesk.data.limits import check_memory
from gmmdesk.data.options import OF_SOME, ReadOptions, refuse_unfit
from gmmdesk.data.raw import RawTable
from gmmdesk.data.source import OpenFile, shape_of_text
from gmmdesk.errors import ReadError
from gmmdesk.task import Task

# From what opens the file, its name, how it is to be read and the task to the table, and to the
# SHA-256 if it was computed on the way.
Found = tuple[RawTable, str]
Read = Callable[[OpenFile, str, ReadOptions, Task], Found]


_BYTES_PER_SHORT_CELL = 12  # of text and of the number that it is


def _delimited(open_file: OpenFile, name: str, options: ReadOptions, task: Task) -> Found:
    return read_delimited(open_file, name, task, options)


def _here(function: str) -> Read:
    """A reader that is imported when a file needs it: the window starts sooner."""

    def read_here(open_file: OpenFile, name: str, options: ReadOptions, task: Task) -> Found:
        read_file = pkgutil.resolve_name(function)
        with open_file() as file:
            return read_file(file, name, options, task), ""

    return read_here


def _apart(parser: str) -> Read:
    """A reader whose parser runs in a process of its own."""

    def read_apart(open_file: OpenFile, name: str, options: ReadOptions, task: Task) -> Found:
        with open_file() as file:
            return parse_apart(parser, file, name, options, task), ""

    return read_apart


def _packed(unpacker: str) -> Read:
    """A reader of what another one reads, once it is unpacked."""

    def read_packed(open_file: OpenFile, name: str, options: ReadOptions, task: Task) -> Found:
        unpack = pkgutil.resolve_name(unpacker)
        with open_file() as file:
            return unpack(file, name, options, task, _read_unpacked), ""

    return read_packed


@dataclass(frozen=True, slots=True)
class Reader:
    """A kind of file: its name, its endings, what its content looks like, and what reads it.

    `signs` decides by the first bytes of a file, `looks_inside` once more where these are those
    of several kinds. Where neither says anything the ending does. `options` are the fields of
    ReadOptions that make sense for it, beside those for every file. A reader that `reads_parts`
    holds no more than the rows that are asked for. `kinds` are those of its files that have another
    name in a receipt.
    """

    name: str
    label: str
    suffixes: tuple[str, ...]
    signs: Callable[[bytes], bool]
    read: Read
    has_sheets: bool = False
    looks_inside: Callable[[BinaryIO], bool] | None = None
    is_packed: bool = False
    options: tuple[str, ...] = ()
    reads_parts: bool = False
    kinds: tuple[str, ...] = ()


_LAYOUT = ("skip_rows", "header_rows", "units_row")
CSV = Reader(
    "CSV",
    "Text tables",
    (".csv", ".tsv", ".txt", ".tab"),
    signs.never,
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
        signs.starts(b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        _here("gmmdesk.data.workbook:read_workbook"),
        has_sheets=True,
        looks_inside=signs.is_workbook,
        options=("sheet", "cell_range", *_LAYOUT),
        kinds=("OpenDocument",),
    ),
    Reader(
        "Parquet",
        "Parquet files",
        (".parquet", ".pq"),
        signs.starts(b"PAR1"),
        _here("gmmdesk.data.parquet:read_parquet"),
        reads_parts=True,
    ),
    Reader(
        "Arrow",
        "Arrow and Feather files",
        (".arrow", ".feather", ".ipc", ".arrows"),
        signs.starts(b"ARROW1\0\0", b"\xff\xff\xff\xff", b"FEA1"),
        _apart("gmmdesk.data.arrow_file:parse_arrow"),
    ),
    Reader(
        "JSON",
        "JSON and JSON lines",
        (".json", ".jsonl", ".ndjson"),
        signs.is_json,
        _apart("gmmdesk.data.json_text:parse_json"),
        has_sheets=True,
        options=("sheet",),
    ),
    Reader(
        "SPSS",
        "SPSS files",
        (".sav", ".zsav", ".por"),
        signs.is_spss,
        _apart("gmmdesk.data.labelled:parse_spss"),
    ),
    Reader(
        "Stata",
        "Stata files",
        (".dta",),
        signs.is_stata,
        _apart("gmmdesk.data.labelled:parse_stata"),
    ),
    Reader(
        "SAS",
        "SAS files",
        (".sas7bdat", ".xpt"),
        signs.is_sas,
        _here("gmmdesk.data.sas:read_sas"),
    ),
    Reader(
        "SQLite",
        "SQLite databases",
        (".sqlite", ".sqlite3", ".db", ".db3"),
        signs.starts(b"SQLite format 3\0"),
        _here("gmmdesk.data.database:read_database"),
        has_sheets=True,
        options=("sheet",),
    ),
    Reader(
        "NumPy",
        "NumPy arrays",
        (".npy", ".npz"),
        signs.starts(b"\x93NUMPY", b"PK\x03\x04"),
        _here("gmmdesk.data.numpy_file:read_arrays"),
        has_sheets=True,
        options=("sheet",),
        looks_inside=signs.is_numpy,
        reads_parts=True,
    ),
    Reader(
        "ARFF",
        "ARFF files",
        (".arff",),
        signs.is_arff,
        _apart("gmmdesk.data.arff_text:parse_arff"),
    ),
    Reader(
        "FCS",
        "Flow cytometry files",
        (".fcs", ".lmd"),
        signs.starts(b"FCS2.0", b"FCS3.0", b"FCS3.1", b"FCS3.2"),
        _apart("gmmdesk.data.cytometry:parse_fcs"),
        has_sheets=True,
        options=("sheet",),
    ),
    Reader(
        "Picture",
        "Pictures",
        (".png", ".jpg", ".jpeg", ".tif", ".tiff"),
        signs.starts(b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\0", b"MM\0*"),
        _apart("gmmdesk.data.picture:parse_picture"),
        has_sheets=True,
        options=("sheet",),
    ),
    Reader(
        "compressed",
        "Compressed files",
        (".gz", ".bz2", ".xz"),
        signs.starts(b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0"),
        _packed("gmmdesk.data.compressed:read_compressed"),
        has_sheets=True,
        is_packed=True,
        options=tuple(OF_SOME),  # those of what is inside
    ),
    Reader(
        "zip",
        "Zip archives",
        (".zip",),
        signs.starts(b"PK\x03\x04", b"PK\x05\x06"),
        _packed("gmmdesk.data.archive:read_archive"),
        has_sheets=True,
        is_packed=True,
        options=tuple(OF_SOME),  # those of what is inside
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
    b"{\\rtf": "a formatted text document",
    b"7z\xbc\xaf'\x1c": "a 7z archive",
    b"rar!": "a RAR archive",
    b"(\xb5/\xfd": "a compressed (Zstandard) file",
}


def options_of(format_: str) -> tuple[str, ...]:
    """The fields of ReadOptions that make sense for one format only, by that of a receipt."""
    name = format_.partition(", ")[0]
    return next((one.options for one in READERS if name in (one.name, *one.kinds)), ())


def read_with(
    reader: Reader, open_file: OpenFile, name: str, options: ReadOptions, task: Task
) -> Found:
    """The table as `reader` reads it; raises ReadError or UsageError for unfit options."""
    if options.sheet is not None and not reader.has_sheets:
        raise ReadError(
            f"{name} has no sheets to choose from: it is a {reader.name} file.",
            "Open it without naming a sheet.",
        )
    refuse_unfit(options, reader.options, name, reader.name)
    return reader.read(open_file, name, options, task)


def check_room(path: Path, n_bytes: int, reader: Reader, options: ReadOptions) -> None:
    """Refuse a file that has no room in memory, as far as its size tells, and what it begins with.

    Raises TooLargeError.
    """
    if not reader.reads_parts:
        if options.row_limit is None:  # of first rows the parser, apart from here, knows more
            check_memory(2 * n_bytes, path.name, can_sample=False)
    elif reader is CSV:
        n_rows, n_cells = shape_of_text(path, n_bytes)
        n_wanted = min(options.most_rows or n_rows, n_rows)
        needed = max(2 * n_bytes, n_bytes + n_cells * _BYTES_PER_SHORT_CELL)
        check_memory(int(needed * n_wanted / n_rows), path.name, n_rows, n_wanted)


def _read_unpacked(path: Path, packing: str, options: ReadOptions, task: Task) -> RawTable:
    """The table in a file that was unpacked to `path`, where it keeps its name."""
    with path.open("rb") as file:
        reader, notes = find_reader(file, path)
    check_room(path, path.stat().st_size, reader, options)
    if reader.is_packed:
        raise ReadError(
            f"{path.name}, unpacked, is a packed file again.",
            "Unpack it, and open the table inside.",
        )
    raw, _ = read_with(reader, lambda: path.open("rb"), path.name, options, task)
    raw.notes[:0] = notes
    raw.packed = f"{reader.name}, {packing}"
    raw.find_places = None  # the file is gone when these are asked for
    return raw


def find_reader(file: BinaryIO, path: Path) -> tuple[Reader, list[str]]:
    """The reader for what the file holds, whatever its ending; a note when they differ."""
    start = file.read(4096)
    if signs.is_session(file):
        raise ReadError(
            f"{path.name} is a gmmdesk session, not a table.",
            f'Open it with gmmdesk "{path.name}", or fit its table again with'
            f' gmmdesk fit "{path.name}".',
        )
    suffix = path.suffix.lower()
    promised = next((reader for reader in READERS if suffix in reader.suffixes), None)
    fitting = [reader for reader in READERS if reader.signs(start)]
    for reader in fitting:
        if reader is promised and (reader.looks_inside is None or len(fitting) == 1):
            return reader, []
    found = next((r for r in fitting if r.looks_inside is None or r.looks_inside(file)), None)
    # What begins as promised but cannot be looked into is damaged, and its reader says how.
    if found is not None:
        if found is promised:
            return found, []
        return found, [f"{path.name} is a {found.name} file in spite of its ending."]
    if fitting:
        return promised if promised in fitting else fitting[0], []
    for signature, what in _FOREIGN.items():
        if start.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(signature):
            raise ReadError(
                f"{path.name} is {what}, not a table.",
                "Open it in its own program and save the table as .csv or .xlsx.",
            )
    if promised is CSV or start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return CSV, []
    if b"\0" in start:
        if promised is not None:
            raise ReadError(
                f"{path.name} is no {promised.name} file, or damaged.",
                "Save the table anew in the program that it comes from, or take another copy of"
                " the file.",
            )
        raise ReadError(
            f"{path.name} is of no known kind, or damaged.",
            f"Files that can be opened end in {' '.join(SUFFIXES)}.",
        )
    return CSV, [f"{path.name} was read as a text table, which is what it holds."]
