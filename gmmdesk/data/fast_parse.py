"""Parsing a text table with Arrow, on all cores; uneven lines are put back where they belong."""

from __future__ import annotations

import itertools
from functools import reduce

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from gmmdesk.data.careful_parse import Job, as_cells, even_rows
from gmmdesk.data.number_styles import MISSING_WORDS
from gmmdesk.data.numbers import cast_plain

_BLOCK = 1 << 20  # bytes parsed between two looks at the task
_MAX_MENDED = 10_000  # uneven lines; with more the careful parser is as fast
_CHUNK = 1 << 16  # rows at most that others work on at once


class NeedsCareError(Exception):
    """The fast parser cannot read this file faithfully."""


def parse_typed(job: Job) -> list[pa.RecordBatch]:
    """The fast way: columns that look like fractions are parsed as such, the rest stay text."""
    # In one column "NA" must be told from a blank line.
    fractions = job.layout.fraction_columns if len(job.names) > 1 else ()
    return _parse_with_arrow(
        job,
        {name: pa.float64() if i in fractions else pa.string() for i, name in enumerate(job.names)},
    )


def parse_text(job: Job) -> list[pa.RecordBatch]:
    """The fast way once more, all columns as text: some cell was not the number it should be."""
    return _parse_with_arrow(job, dict.fromkeys(job.names, pa.string()))


def _parse_with_arrow(job: Job, types: dict[str, pa.DataType]) -> list[pa.RecordBatch]:
    dialect = job.dialect
    if dialect.escape or dialect.delimiter == " " or dialect.quote != '"':
        raise NeedsCareError
    table, uneven = _arrow_table(job, types, keep_blank_lines=True)
    lines = [number for number, _ in uneven]
    if len(job.names) == 1:
        if uneven:
            raise NeedsCareError
        table = _without_blank_ends(table, job)
    elif _has_empty_rows(table):
        # Blank lines, or lines of delimiters only? What is missing without blank lines tells.
        n_rows = len(table)
        table, uneven = _arrow_table(job, types, keep_blank_lines=False)
        job.n_blank = n_rows - len(table)
    table = _with_mended(table, uneven, lines, job)
    batches: list[pa.RecordBatch] = table.to_batches(_CHUNK)
    return batches


def _arrow_table(
    job: Job, types: dict[str, pa.DataType], *, keep_blank_lines: bool
) -> tuple[pa.Table, list[tuple[int, str]]]:
    """The file's even rows; number and text of the lines that are uneven or hold but spaces.

    The numbers count lines from 1, blank ones only if they are kept. Only Arrow's slower way of
    reading in order tells them, so they are None where all those lines hold but spaces.
    Raises NeedsCareError.
    """
    uneven: list[tuple[int, str]] = []  # appended to by several threads

    def on_uneven_line(line: pyarrow.csv.InvalidRow) -> str:
        uneven.append((line.number, line.text))
        if job.in_order:
            return "skip" if len(uneven) <= _MAX_MENDED else "error"
        return "skip" if _is_blank(line.text, job) else "error"

    table: pa.Table | None = None
    with job.open() as source:
        try:
            table = pyarrow.csv.read_csv(
                source,
                pyarrow.csv.ReadOptions(
                    use_threads=not job.in_order,
                    block_size=_BLOCK,
                    column_names=job.names,
                    skip_rows=job.layout.skip_lines,
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
        except pa.ArrowInvalid as error:
            if "Empty CSV file" in str(error):
                table = pa.schema(types).empty_table()
    n_quotes = source.n_quotes - job.quotes_above
    if n_quotes and not job.quoted:  # the sample did not show them
        job.quoted = True
        return _arrow_table(job, types, keep_blank_lines=keep_blank_lines)
    if not all(_is_blank(text, job) for _, text in uneven):
        if job.quoted:
            raise NeedsCareError  # cells may hold line ends, and then rows are not lines
        if not job.in_order:
            job.in_order = True
            return _arrow_table(job, types, keep_blank_lines=keep_blank_lines)
    if table is None or n_quotes % 2:  # an odd one may be left open
        raise NeedsCareError
    return _with_nulls(table), uneven


def _is_blank(line: str, job: Job) -> bool:
    return job.dialect.delimiter not in line and not line.strip()


def _with_nulls(table: pa.Table) -> pa.Table:
    """The table with null instead of empty text."""
    columns = [
        pc.if_else(pc.equal(column, ""), None, column)
        if pa.types.is_string(column.type)
        else column
        for column in table.columns
    ]
    return pa.table(columns, names=table.column_names)


def _has_empty_rows(table: pa.Table) -> bool:
    if not all(column.null_count for column in table.columns):
        return False
    empty = reduce(pc.and_, (pc.is_null(column) for column in table.columns))
    return bool(pc.any(empty).as_py())


def _without_blank_ends(table: pa.Table, job: Job) -> pa.Table:
    """One column of text without blank lines at its ends; those between are missing cells."""
    blank = pc.fill_null(pc.equal(pc.utf8_trim_whitespace(table.column(0)), ""), fill_value=True)
    filled = np.flatnonzero(~blank.to_numpy())
    start, stop = (filled[0], filled[-1] + 1) if len(filled) else (0, 0)
    job.n_blank = len(table) - int(stop - start)
    if job.n_blank and job.quoted:  # an empty cell in quotation marks is no blank line
        raise NeedsCareError
    return table[start:stop]


def _with_mended(
    table: pa.Table, uneven: list[tuple[int, str]], lines: list[int], job: Job
) -> pa.Table:
    """The table with its uneven lines, found in `lines` of the file, mended in their places."""
    reader = job.dialect.rows([text for _, text in uneven], strict=True)
    rows, places = [], []
    for row in even_rows(reader, lambda: lines[reader.line_num - 1], job):
        n_before = reader.line_num - 1
        rows.append(row)
        places.append(uneven[n_before][0] - 1 - job.layout.skip_lines - n_before)
    if not rows:
        return table
    try:
        columns = [
            cast_plain(as_cells(cells), kind)
            for cells, kind in zip(zip(*rows, strict=True), table.schema.types, strict=True)
        ]
    except pa.ArrowInvalid:
        raise NeedsCareError from None
    mended = pa.table(columns, names=job.names)
    pieces = []
    for i, (start, stop) in enumerate(itertools.pairwise([0, *places])):
        pieces += [table[start:stop], mended[i : i + 1]]
    return pa.concat_tables([*pieces, table[places[-1] :]]).combine_chunks()
