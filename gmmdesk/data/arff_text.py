"""ARFF, the files of Weka: nominal, numeric, date and text attributes, dense or sparse.

Runs in a process of its own. The syntax is liac-arff's business; values stay the text they are in
the file until they are recognised, as it would cut 3.7 of an "integer" to 3.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import arff
import pyarrow as pa
import pyarrow.compute as pc

from gmmdesk.data.apart import damaged
from gmmdesk.data.foreign_text import decoded_lines
from gmmdesk.data.limits import check_columns, check_filled, check_memory
from gmmdesk.data.options import ReadOptions
from gmmdesk.data.raw import RawTable, unique_names
from gmmdesk.data.sniff import find_encoding
from gmmdesk.data.values import ColumnBuilder
from gmmdesk.errors import ReadError
from gmmdesk.task import Task
from gmmdesk.text import joined

_BATCH = 20_000  # rows turned into columns at once
_BATCH_CELLS = 2_000_000
_BYTES_PER_CELL = 8  # at least
_DATA = re.compile(r"^[ \t]*@data\b[^\r\n]*", re.IGNORECASE | re.MULTILINE)
_ATTRIBUTE = re.compile(
    r"""@attribute\s+("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^\s{"'][^\s{]*)\s*(.*)""", re.IGNORECASE
)
_NUMERIC = {"numeric", "real", "integer"}
_PLAIN = {*_NUMERIC, "string", "date"}


@dataclass(slots=True)
class _Header:
    """What the header says that the parser is not told."""

    names: list[str] = field(default_factory=list)
    types: list[str] = field(default_factory=list)
    is_sparse: bool = False


def parse_arff(file: BinaryIO, name: str, options: ReadOptions, task: Task) -> RawTable:
    """The table in an ARFF file, or its first rows.

    Raises ReadError for one that is damaged or has no rows, and for sparse rows of more cells than
    may be.
    """
    content = file.read()
    encoding = find_encoding(content[: 1 << 20]) or "latin-1"
    text, text_notes = decoded_lines(content, encoding)
    del content
    header = _Header()
    builders: list[ColumnBuilder] = []
    names: list[str] = []
    notes: list[str] = []
    task.step(0.0, "Reading")
    try:
        decoded = arff.ArffDecoder().decode(_lines(text, header, name), return_type=arff.DENSE_GEN)
        names, notes = unique_names(header.names)
        builders = [ColumnBuilder(title) for title in names]
        n_rows, n_given = _extent(text)
        n_wanted = min(n_rows, options.row_limit or n_rows)
        if n_given is not None:
            n_given = n_given * n_wanted // max(1, n_rows)
            check_filled(n_wanted, len(names), n_given, name)
        n_bytes = n_wanted * len(names) * _BYTES_PER_CELL
        check_memory(n_bytes, name, n_rows, n_wanted, can_sample=False)
        rows = itertools.islice(decoded["data"], options.row_limit)
        for batch in _batches(rows, max(1, min(_BATCH, _BATCH_CELLS // max(1, len(names))))):
            for builder, values in zip(builders, zip(*batch, strict=True), strict=True):
                builder.add(values)
            task.step()
    except arff.ArffException as error:
        raise damaged(name, str(error)) from None
    except (ValueError, IndexError, KeyError, TypeError, StopIteration, RecursionError) as error:
        raise damaged(name, error) from None
    columns = [builder.finish() for builder in builders]
    if not columns or not len(columns[0]):
        raise ReadError(f"{name} has no rows.", "Open a file with rows.")
    columns = [
        _numbers(column) if kind in _NUMERIC else column
        for column, kind in zip(columns, header.types, strict=True)
    ]
    texts = [n for n, kind in zip(names, header.types, strict=True) if kind in ("string", "date")]
    if header.is_sparse and texts:
        notes.append(f"Cells that sparse rows leave out are 0, also in {joined(texts)}.")
    return RawTable(
        names,
        columns,
        text_notes + notes,
        {"encoding": encoding},
        is_chosen=options.row_limit is not None,
        rows_in_file=n_rows if options.row_limit is not None else None,
    )


def _lines(text: str, header: _Header, name: str) -> Iterator[str]:
    """The lines of the file, attributes of numbers and dates declared as text."""
    is_data = False
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        if is_data:
            header.is_sparse = header.is_sparse or line.lstrip().startswith("{")
            yield line
            continue
        stripped = line.strip()
        lower = stripped.lower()
        if lower.startswith("@data"):
            is_data = True
        elif match := _ATTRIBUTE.match(stripped):
            given, kind = match.groups()
            word = kind.split(None, 1)[0].lower() if kind else ""
            header.names.append(re.sub(r"\\(.)", r"\1", given.strip("\"'")))
            header.types.append(word if word in _PLAIN else "nominal")
            check_columns(len(header.names), name)  # before they are all made sense of
            # Names of our own: the parser refuses names that come twice.
            declared = "STRING" if word in _PLAIN else kind
            yield f"@attribute a{len(header.names)} {declared}"
            continue
        yield "@relation r" if lower.startswith("@relation") else line


def _extent(text: str) -> tuple[int, int | None]:
    """How many rows there are, and how many cells are written in them where some are sparse."""
    data = _DATA.split(text, maxsplit=1)[-1]
    lines = [line for line in data.splitlines() if line.strip() and line.lstrip()[0] != "%"]
    if not any(line.lstrip()[0] == "{" for line in lines):
        return len(lines), None
    return len(lines), len(lines) + sum(line.count(",") for line in lines)


def _batches(rows: Iterator[list[Any]], n_rows: int) -> Iterator[list[list[Any]]]:
    batch: list[list[Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == n_rows:
            yield batch
            batch = []
    if batch:
        yield batch


def _numbers(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Text as whole numbers, or else as numbers, if all of it is; as it is otherwise."""
    text = pc.utf8_trim_whitespace(column)
    for kind in (pa.int64(), pa.float64()):
        try:
            return pc.cast(text, kind)
        except pa.ArrowInvalid:
            continue
    return column
