"""Opening files: the table in one, recognised, with how it was read."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path

from gmmdesk.data.chosen_kinds import with_codes
from gmmdesk.data.dataset import Column, ColumnKind, Dataset, Receipt
from gmmdesk.data.delimited import read_delimited
from gmmdesk.data.formats import (
    CSV,
    FILE_FILTERS,
    READERS,
    SUFFIXES,
    check_room,
    find_reader,
    options_of,
    read_with,
)
from gmmdesk.data.options import FOUND_OUT, ReadOptions, refuse_unfit
from gmmdesk.data.raw import RawTable
from gmmdesk.data.receipt import sample_cells, with_units
from gmmdesk.data.recognise import recognise
from gmmdesk.data.row_choice import choice_note, choose_rows
from gmmdesk.data.row_sample import chosen_rows
from gmmdesk.data.source import Hashing, check_file, check_unchanged
from gmmdesk.errors import ReadError
from gmmdesk.task import Task

__all__ = ["FILE_FILTERS", "READERS", "SUFFIXES", "options_of", "read", "read_text"]


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
            reader, notes = find_reader(file, shown)
        check_room(path, status.st_size, reader, options)
        apart = hashed and reader is not CSV  # which is hashed while it is read, where it can be
        with Hashing(path, task) if apart else nullcontext() as hashing:
            raw, found = read_with(reader, lambda: path.open("rb"), shown.name, options, task)
            raw.notes[:0] = notes

            def sha256() -> str:
                if hashing is not None:
                    return hashing.result()
                return _hashed(path, task) if hashed and not found else found

            dataset = _dataset(
                raw,
                shown.stem,
                path,
                task,
                options=options,
                format_=raw.packed or raw.format or reader.name,
                source=str(shown),
                n_bytes=status.st_size,
                sha256=sha256,
            )
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
    return dataset


def _hashed(path: Path, task: Task) -> str:
    with Hashing(path, task) as hashing:
        return hashing.result()


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
        sha256=lambda: sha256 or hashlib.sha256(content).hexdigest(),
    )


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
    sha256: Callable[[], str],
) -> Dataset:
    """Recognise the columns of `raw` and note how it was read.

    The `sha256` may still be being computed meanwhile.
    """
    choose_rows(raw, options)
    found = recognise(raw, task, options)
    told = [_as_the_file_says(column, raw, options) for column in found.columns]
    columns = tuple(with_units(told, raw.units, raw.formats))
    places = raw.places
    if places is None and raw.find_places and any(len(c.unreadable) for c in columns):
        places = raw.find_places()
    n_rows = len(columns[0].cells) if columns else 0
    chosen = chosen_rows(raw.rows_in_file or 0, options)
    numbers = None if chosen is None or len(chosen) != n_rows else chosen + 1
    receipt = Receipt(
        source=source,
        format=format_,
        n_bytes=n_bytes,
        sha256=sha256(),
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
        cells=sample_cells(columns, raw.head, places, numbers),
        rows_in_file=raw.rows_in_file,
        picture=raw.picture,
        **raw.interpretation,
    )
    head = tuple(tuple(row) for row in raw.head[:n_rows])
    return Dataset(name, columns, receipt, path, options, places, head, numbers)


def _as_the_file_says(column: Column, raw: RawTable, options: ReadOptions) -> Column:
    """The column with what the file itself tells about it, unless somebody has chosen."""
    if label := raw.labels.get(column.name, ""):
        column = replace(column, label=label)
    is_open = column.kind not in (ColumnKind.CONSTANT, ColumnKind.EMPTY)
    if is_open and column.name in raw.kinds and options.kind(column.name) is None:
        kind, reason = raw.kinds[column.name]
        column = replace(column, kind=ColumnKind(kind), reason=reason)
    if column.name in raw.codes:
        column = with_codes(column, raw.codes[column.name])
    return column
