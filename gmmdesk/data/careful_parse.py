"""Parsing a text table line by line: slow, but any line can be mended or named."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import pyarrow as pa

from gmmdesk.data.limits import MAX_CELL_CHARS
from gmmdesk.data.options import DELIMITERS
from gmmdesk.data.records import ChosenSource
from gmmdesk.data.sniff import Dialect, Layout
from gmmdesk.data.source import TextSource
from gmmdesk.errors import ReadError
from gmmdesk.text import joined

_BLOCK = 1 << 20  # bytes read at once
# Rows turned into columns at once: few enough for their lists to die before they make the garbage
# collector walk through everything, which would hold up the window.
_BATCH = 500
_MAX_LISTED = 5


@dataclass(slots=True)
class Job:
    """One attempt to parse a file, and what there is to note about it."""

    new_source: Callable[[], TextSource | ChosenSource]
    names: list[str]
    dialect: Dialect
    layout: Layout
    quotes_above: int  # quotation marks above the rows
    quoted: bool  # so cells may hold line ends; to look for them costs a fifth of the time
    notes: list[str] = field(default_factory=list)
    in_order: bool = False  # slower; found out where uneven lines are
    n_blank: int = 0
    source: TextSource | ChosenSource = field(init=False)

    def open(self) -> TextSource | ChosenSource:
        """The file from its beginning, on a handle that no earlier attempt still reads from."""
        self.source = self.new_source()
        return self.source


def parse_carefully(job: Job) -> list[pa.RecordBatch]:
    """Line by line, mending short lines and naming the line that cannot be mended."""
    batches = []
    with io.TextIOWrapper(io.BufferedReader(job.open(), _BLOCK), "utf-8", newline="") as lines:
        for _ in range(job.layout.skip_lines):
            next(lines, "")
        reader = job.dialect.rows(lines, strict=True)
        rows = even_rows(
            reader if len(job.names) > 1 else _inner_rows(reader, job),
            lambda: job.layout.skip_lines + reader.line_num,
            job,
        )
        while batch := list(itertools.islice(rows, _BATCH)):
            columns = [as_cells(column) for column in zip(*batch, strict=True)]
            batches.append(pa.record_batch(columns, names=job.names))
    return batches


def _inner_rows(rows: Iterable[list[str]], job: Job) -> Iterator[list[str]]:
    """Rows of one column without blank lines at its ends; those between are missing cells."""
    blank: list[list[str]] = []
    started = False
    for row in rows:
        if not row or (len(row) == 1 and row[0].isspace()):
            blank.append(row or [""])
            continue
        if started:
            yield from blank
        else:
            job.n_blank += len(blank)
        started = True
        blank.clear()
        yield row
    job.n_blank += len(blank)


def even_rows(rows: Iterable[list[str]], line: Callable[[], int], job: Job) -> Iterator[list[str]]:
    """Rows with a cell for each column; raises ReadError where a line has more.

    `line` tells where in the file the row is that was taken last from `rows`.
    """
    width = len(job.names)
    short: list[str] = []
    n_long = 0
    try:
        for row in rows:
            if len(row) == width:
                yield row
            elif len(row) < 2 and not any(cell.strip() for cell in row):
                job.n_blank += 1
            elif len(row) < width:
                short.append(f"{line():,}")
                yield row + [""] * (width - len(row))
            elif any(cell.strip() for cell in row[width:]):
                delimiter = DELIMITERS.get(job.dialect.delimiter, job.dialect.delimiter)
                raise ReadError(
                    f"Line {line():,} has {len(row)} cells,"
                    f" {width} were expected (delimiter: {delimiter}).",
                    "Correct that line; text that holds the delimiter must be quoted.",
                )
            else:
                n_long += 1
                yield row[:width]
    except csv.Error as error:
        reason = str(error)
        if "unexpected end" in reason:
            reason = "a quotation mark is opened and never closed"
        elif "field limit" in reason:
            reason = (
                f"a cell is longer than {MAX_CELL_CHARS:,} characters, unless a quotation mark"
                " is opened and never closed"
            )
        raise ReadError(
            f"Line {line():,} cannot be read: {reason}.",
            "Correct that line, or save the table again as CSV.",
        ) from None
    if short:
        job.notes.append(
            f"Lines with too few cells were filled with missing ones: line"
            f"{'s' if len(short) > 1 else ''} {joined(short, _MAX_LISTED)}."
        )
    if n_long:
        job.notes.append(
            f"{n_long:,} line{'s' if n_long > 1 else ''} had empty cells beyond the last column."
        )


def as_cells(column: Iterable[str]) -> pa.Array:
    """Text as it is held: null where there is none."""
    return pa.array([cell or None for cell in column], pa.string())
