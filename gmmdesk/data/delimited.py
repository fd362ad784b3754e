"""CSV and its relatives: text files with one row a line."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import reduce
from pathlib import PurePath

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from gmmdesk.data.limits import MAX_CELL_CHARS, check_columns
from gmmdesk.data.numbers import MISSING_WORDS
from gmmdesk.data.raw import RawTable, listed, unique_names
from gmmdesk.data.sniff import (
    DELIMITERS,
    SAMPLE_BYTES,
    Dialect,
    Layout,
    find_dialect,
    find_encoding,
    find_layout,
    guess_encoding,
)
from gmmdesk.data.source import NotInEncodingError, OpenFile, TextSource
from gmmdesk.errors import ReadError
from gmmdesk.task import Task

_BLOCK = 1 << 20  # bytes parsed between two looks at the task
# Rows that the careful parser turns into columns at once: few enough for their lists to die before
# they make the garbage collector walk through everything, which would hold up the window.
_BATCH = 500
_MAX_LISTED = 5


class _NeedsCareError(Exception):
    """The fast parser cannot read this file faithfully."""


@dataclass(slots=True)
class _Job:
    """One attempt to parse a file, and what there is to note about it."""

    new_source: Callable[[], TextSource]
    names: list[str]
    dialect: Dialect
    layout: Layout
    quoted: bool  # cells may hold line ends; to look for them costs a fifth of the time
    notes: list[str] = field(default_factory=list)
    n_blank: int = 0
    source: TextSource = field(init=False)

    def open(self) -> TextSource:
        """The file from its beginning, on a handle that no earlier attempt still reads from."""
        self.source = self.new_source()
        return self.source


def read_delimited(open_file: OpenFile, name: str, task: Task) -> tuple[RawTable, str]:
    """The table in a text file, and the file's SHA-256.

    Raises ReadError, naming the line, where the text cannot be read as a table without losing
    something.
    """
    task.step(0.0, "Reading")
    with open_file() as file:
        sample = file.read(SAMPLE_BYTES)
    encoding = find_encoding(sample)
    if encoding is None:
        raise ReadError(
            f"{name} is not a text file: its bytes mean something else.",
            "Save it as CSV from the program it came from.",
        )
    for attempt in (1, 2):
        try:
            return _read(open_file, sample, encoding, name, task)
        except NotInEncodingError as error:
            if attempt == 2:
                raise ReadError(
                    f"{name} is not text in one encoding: byte {error.position:,} does not fit"
                    f" {encoding}.",
                    "Save it as CSV UTF-8 from the program it came from.",
                ) from None
            encoding = guess_encoding(error.lines)
    raise AssertionError


def _read(
    open_file: OpenFile, sample: bytes, encoding: str, name: str, task: Task
) -> tuple[RawTable, str]:
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(sample)
    except UnicodeDecodeError as error:
        raise NotInEncodingError(error.start, sample[error.start :]) from None
    if len(sample) == SAMPLE_BYTES:  # the last line is probably cut
        text = text[: max(text.rfind("\n"), text.rfind("\r")) + 1] or text
    dialect = find_dialect(text, PurePath(name).suffix.lower())
    layout = find_layout(text, dialect, name)
    names, name_notes = unique_names(layout.names)
    check_columns(len(names), name)
    notes = [*layout.notes, *name_notes]

    def new_source() -> TextSource:
        return TextSource(open_file(), name, encoding, task)

    for parse in (_parse_typed, _parse_text, _parse_carefully):
        job = _Job(new_source, names, dialect, layout, quoted='"' in text)
        try:
            batches = parse(job)
        except _NeedsCareError:
            continue
        break
    if not sum(len(batch) for batch in batches):
        raise ReadError(
            f"{name} has a header ({listed(names)}) but no rows.", "Open a file with rows."
        )
    columns = [pa.chunked_array([batch.column(i) for batch in batches]) for i in range(len(names))]
    interpretation = {"encoding": encoding, "delimiter": dialect.delimiter}
    return RawTable(names, columns, notes + job.notes, interpretation), job.source.sha256


def _parse_typed(job: _Job) -> list[pa.RecordBatch]:
    """The fast way: columns that look like fractions are parsed as such, the rest stay text."""
    fractions = job.layout.fraction_columns
    return _parse_with_arrow(
        job,
        {name: pa.float64() if i in fractions else pa.string() for i, name in enumerate(job.names)},
    )


def _parse_text(job: _Job) -> list[pa.RecordBatch]:
    """The fast way once more, all columns as text: some cell was not the number it should be."""
    return _parse_with_arrow(job, dict.fromkeys(job.names, pa.string()))


def _parse_with_arrow(job: _Job, types: dict[str, pa.DataType]) -> list[pa.RecordBatch]:
    dialect = job.dialect
    if dialect.escape or dialect.delimiter == " " or dialect.quote != '"':
        raise _NeedsCareError
    batches = _arrow_batches(job, types, keep_blank_lines=True)
    if any(_has_empty_row(batch) for batch in batches):
        # Blank lines, or lines of delimiters only? What is missing without blank lines tells.
        n_rows = sum(map(len, batches))
        batches = _arrow_batches(job, types, keep_blank_lines=False)
        job.n_blank += n_rows - sum(map(len, batches))
    _note_blank_lines(job.n_blank, job.notes)
    return batches


def _arrow_batches(
    job: _Job, types: dict[str, pa.DataType], *, keep_blank_lines: bool
) -> list[pa.RecordBatch]:
    """The file's rows in batches; raises _NeedsCareError where a line is uneven."""
    blank: list[str] = []  # appended to by several threads

    def on_uneven_line(line: pyarrow.csv.InvalidRow) -> str:
        if line.text.strip():
            return "error"
        blank.append(line.text)
        return "skip"

    batches: list[pa.RecordBatch] | None = []
    with job.open() as source:
        try:
            table = pyarrow.csv.read_csv(
                source,
                pyarrow.csv.ReadOptions(
                    block_size=_BLOCK, column_names=job.names, skip_rows=job.layout.skip_lines
                ),
                pyarrow.csv.ParseOptions(
                    delimiter=job.dialect.delimiter,
                    newlines_in_values=job.quoted,
                    ignore_empty_lines=not keep_blank_lines,
                    invalid_row_handler=on_uneven_line,
                ),
                pyarrow.csv.ConvertOptions(
                    column_types=types,
                    null_values=["", *MISSING_WORDS],
                    strings_can_be_null=False,
                ),
            )
            batches = [_with_nulls(batch) for batch in table.to_batches()]
        except pa.ArrowInvalid as error:
            if "Empty CSV file" not in str(error):
                batches = None
    if source.n_quotes and not job.quoted:  # the sample did not show them
        job.quoted = True
        return _arrow_batches(job, types, keep_blank_lines=keep_blank_lines)
    if batches is None or source.n_quotes % 2:  # an odd one may be left open
        raise _NeedsCareError
    job.n_blank = len(blank)
    return batches


def _with_nulls(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The batch with null instead of empty text."""
    columns = [
        pc.if_else(pc.equal(column, ""), None, column)
        if pa.types.is_string(column.type)
        else column
        for column in batch.columns
    ]
    return pa.record_batch(columns, names=batch.schema.names)


def _has_empty_row(batch: pa.RecordBatch) -> bool:
    if not all(column.null_count for column in batch.columns):
        return False
    empty = reduce(pc.and_, (pc.is_null(column) for column in batch.columns))
    return bool(pc.any(empty).as_py())


def _note_blank_lines(n_blank: int, notes: list[str]) -> None:
    if n_blank > 0:
        notes.append(f"{n_blank:,} blank line{'s were' if n_blank > 1 else ' was'} skipped.")


def _parse_carefully(job: _Job) -> list[pa.RecordBatch]:
    """Line by line, mending short lines and naming the line that cannot be mended."""
    csv.field_size_limit(MAX_CELL_CHARS)
    batches = []
    with io.TextIOWrapper(io.BufferedReader(job.open(), _BLOCK), "utf-8", newline="") as lines:
        for _ in range(job.layout.skip_lines):
            next(lines)
        rows = _even_rows(lines, job)
        while batch := list(itertools.islice(rows, _BATCH)):
            columns = [
                pa.array([cell or None for cell in column], pa.string())
                for column in zip(*batch, strict=True)
            ]
            batches.append(pa.record_batch(columns, names=job.names))
    return batches


def _even_rows(lines: io.TextIOBase, job: _Job) -> Iterator[list[str]]:
    """Rows with a cell for each column; raises ReadError where a line has more."""
    width, n_skipped, notes = len(job.names), job.layout.skip_lines, job.notes
    reader = job.dialect.rows(lines, strict=True)
    short: list[str] = []
    n_blank = n_long = 0
    try:
        for row in reader:
            if len(row) == width:
                yield row
            elif len(row) < 2 and not any(cell.strip() for cell in row):
                n_blank += 1
            elif len(row) < width:
                short.append(f"{n_skipped + reader.line_num:,}")
                yield row + [""] * (width - len(row))
            elif any(cell.strip() for cell in row[width:]):
                delimiter = DELIMITERS.get(job.dialect.delimiter, job.dialect.delimiter)
                raise ReadError(
                    f"Line {n_skipped + reader.line_num:,} has {len(row)} cells,"
                    f" {width} were expected (delimiter: {delimiter}).",
                    "Correct that line; text that holds the delimiter must be quoted.",
                )
            else:
                n_long += 1
                yield row[:width]
    except csv.Error as error:
        reason = str(error)
        if "unexpected end" in reason or "field limit" in reason:
            reason = "a quotation mark is opened and never closed"
        raise ReadError(
            f"Line {n_skipped + reader.line_num:,} cannot be read: {reason}.",
            "Correct that line, or save the table again as CSV.",
        ) from None
    if short:
        notes.append(
            f"Lines with too few cells were filled with missing ones: line"
            f"{'s' if len(short) > 1 else ''} {listed(short, _MAX_LISTED)}."
        )
    if n_long:
        notes.append(
            f"{n_long:,} line{'s' if n_long > 1 else ''} had empty cells beyond the last column."
        )
    _note_blank_lines(n_blank, notes)
