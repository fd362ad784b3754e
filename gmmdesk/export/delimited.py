"""CSV and TSV: UTF-8, one header line, decimal points, quotes only where they are needed.

Text is written exactly as it stood in the file, so that reading the file back gives the same
table. That includes text such as "=1+1", which a spreadsheet program that opens a CSV may take
for a formula: the workbook is the format in which it stays text. Numbers are written by their
value: 1.50 as 1.5, and "8,1", in a local style, with a point like all others. Where more than the
value may be meant, as by 11E1 or 1.10 beside 1.9, the reader keeps the text, and so does this.
With the dialect of the input, its delimiter and decimal mark are used, such cells stay text, and
a row of units stays below the header: most other programs would take it for a row of values.
A NUL character, which a Parquet file may hold but no reader of CSV takes, becomes U+FFFD.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc

from gmmdesk.analysis import ScoredRows
from gmmdesk.export.cells import CellsOf, delimited_cells, original_cells
from gmmdesk.export.rows import batches, joined, schema
from gmmdesk.task import Task

_NUL, _REPLACEMENT = "\0", "\ufffd"
_MARK = b"\xef\xbb\xbf"


def write_delimited(
    scored: ScoredRows,
    file: BinaryIO,
    names: Sequence[str],
    task: Task,
    *,
    delimiter: str,
    decimal: str = ".",
    cells_of: CellsOf = delimited_cells,
    units: Sequence[str] = (),
) -> None:
    """Write all rows with their results, and the clusters' `names` if the user gave some.

    `decimal` is the mark in the numbers of the results. `units` of the input's columns stand below
    the header, if there are any.
    """
    header = schema(scored, cells_of, names).names
    if not _is_ascii(scored, [*header, *units, *names]):
        file.write(_MARK)  # Excel shows accents only after it; without accents nobody needs it
    n_inputs = len(scored.dataset.columns)
    above = [header]
    if any(units):
        above.append([*units, *[""] * (len(header) - n_inputs)])
    for row in above:
        file.write(_lines([pa.array([cell or None], pa.string()) for cell in row], delimiter))
    for batch in batches(scored, task, cells_of, names):
        columns = list(batch.columns)
        if decimal != ".":
            columns[n_inputs:] = [_with_mark(column, decimal) for column in columns[n_inputs:]]
        file.write(_lines(columns, delimiter))


def write_as_input(
    scored: ScoredRows, file: BinaryIO, names: Sequence[str], task: Task, *, delimiter: str
) -> None:
    """The same with the delimiter, the decimal mark and the row of units of the input.

    Cells whose text was kept, such as "1,50", are written as they stood there. Where the reader
    kept but the numbers of a column, 1.50 is written as 1.5. `delimiter` is for an input that has
    none of its own, or only spaces.
    """
    receipt = scored.dataset.receipt
    own = receipt.delimiter if receipt.delimiter.strip(" ") else delimiter
    write_delimited(
        *(scored, file, names, task),
        delimiter=own,
        decimal=receipt.decimal or ".",
        cells_of=original_cells,
        units=[column.unit for column in scored.dataset.columns],
    )


write_csv = partial(write_delimited, delimiter=",")
write_tsv = partial(write_delimited, delimiter="\t")


def _lines(columns: list[pa.Array], delimiter: str) -> memoryview:
    fields = [_field(column, delimiter) for column in columns]
    fields[-1] = pc.binary_join_element_wise(
        fields[-1], "\n", "", null_handling="replace", null_replacement=""
    )
    lines = pc.binary_join_element_wise(
        *fields, delimiter, null_handling="replace", null_replacement=""
    )
    return joined(lines)


def _with_mark(column: pa.Array, decimal: str) -> pa.Array:
    if not pa.types.is_floating(column.type):
        return column
    return pc.replace_substring(column.cast(pa.string()), ".", decimal)


def _field(column: pa.Array, delimiter: str) -> pa.Array:
    text = column.cast(pa.string())
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return text
    if pc.any(pc.match_substring(text, _NUL)).as_py():
        text = pc.replace_substring(text, _NUL, _REPLACEMENT)
    needs = pc.or_(
        pc.match_substring_regex(text, f'["\r\n{re.escape(delimiter)}]'),
        pc.equal(pc.binary_length(text), 0),
    )
    if not pc.any(needs).as_py():
        return text
    quoted = pc.binary_join_element_wise('"', pc.replace_substring(text, '"', '""'), '"', "")
    return pc.if_else(needs, quoted, text)


def _is_ascii(scored: ScoredRows, words: Sequence[str]) -> bool:
    texts = [pa.chunked_array([pa.array(words)])]
    texts.append(pa.chunked_array([pa.array(scored.prepared.reasons, pa.string())]))
    texts += [column.cells for column in scored.dataset.columns]
    return all(
        pc.all(pc.string_is_ascii(text)).as_py() is not False
        and not pc.any(pc.match_substring(text, _NUL)).as_py()
        for text in texts
        if pa.types.is_string(text.type) or pa.types.is_large_string(text.type)
    )
