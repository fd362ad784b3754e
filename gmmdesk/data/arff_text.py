"""ARFF, the files of Weka: nominal, numeric, date and text attributes, dense or sparse.

Runs in a process of its own. The syntax is liac-arff's business; values stay the text they are in
the file until they are recognised, as it would cut 3.7 of an "integer" to 3.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import arff
import pyarrow as pa
import pyarrow.compute as pc

from gmmdesk.data.apart import damaged
from gmmdesk.data.foreign_text import decoded_lines
from gmmdesk.data.limits import check_columns
from gmmdesk.data.options import ReadOptions
from gmmdesk.data.raw import RawTable, listed, unique_names
from gmmdesk.data.sniff import find_encoding
from gmmdesk.data.values import ColumnBuilder
from gmmdesk.errors import ReadError
from gmmdesk.task import Task

_BATCH = 20_000  # rows turned into columns at once
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


def parse_arff(file: BinaryIO, name: str, _options: ReadOptions, task: Task) -> RawTable:
    """The table in an ARFF file; raises ReadError for one that is damaged or has no rows."""
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
        decoded = arff.ArffDecoder().decode(_lines(text, header), return_type=arff.DENSE_GEN)
        names, notes = unique_names(header.names)
        check_columns(len(names), name)
        builders = [ColumnBuilder(title) for title in names]
        for batch in _batches(decoded["data"]):
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
        notes.append(f"Cells that sparse rows leave out are 0, also in {listed(texts)}.")
    return RawTable(names, columns, text_notes + notes, {"encoding": encoding})


def _lines(text: str, header: _Header) -> Iterator[str]:
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
            check_columns(len(header.names), "The file")
        elif match := _ATTRIBUTE.match(stripped):
            given, kind = match.groups()
            word = kind.split(None, 1)[0].lower() if kind else ""
            header.names.append(re.sub(r"\\(.)", r"\1", given.strip("\"'")))
            header.types.append(word if word in _PLAIN else "nominal")
            # Names of our own: the parser refuses names that come twice.
            declared = "STRING" if word in _PLAIN else kind
            yield f"@attribute a{len(header.names)} {declared}"
            continue
        yield "@relation r" if lower.startswith("@relation") else line


def _batches(rows: Any) -> Iterator[list[list[Any]]]:
    batch: list[list[Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _BATCH:
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
