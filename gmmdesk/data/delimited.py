"""CSV and its relatives: text files with one row a line."""

from __future__ import annotations

import codecs
import io
import itertools
from pathlib import PurePath

import pyarrow as pa

from gmmdesk.data.careful_parse import Job, parse_carefully
from gmmdesk.data.fast_parse import NeedsCareError, parse_text, parse_typed
from gmmdesk.data.limits import check_columns
from gmmdesk.data.raw import RawTable, listed, unique_names
from gmmdesk.data.sniff import (
    KNOWN_ENCODINGS,
    SAMPLE_BYTES,
    find_dialect,
    find_encoding,
    find_layout,
    guess_encoding,
)
from gmmdesk.data.source import NotInEncodingError, OpenFile, TextSource, nul_error
from gmmdesk.errors import ReadError
from gmmdesk.task import Task

_BLOCK = 1 << 20  # bytes decoded at once


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
    damaged_line = 0
    for attempt in (1, 2):
        try:
            return _read(open_file, sample, encoding, name, task, damaged_line=damaged_line)
        except NotInEncodingError as error:
            if attempt == 2:
                raise ReadError(
                    f"{name} is not text in one encoding: byte {error.position:,} does not fit"
                    f" {encoding}.",
                    "Save it as CSV UTF-8 from the program it came from.",
                ) from None
            line, is_proven = _line_at(open_file, encoding, error.position, task)
            if not is_proven:
                encoding = guess_encoding(error.lines)
            if encoding.startswith("utf-"):
                damaged_line = line
    raise AssertionError


def _line_at(open_file: OpenFile, encoding: str, position: int, task: Task) -> tuple[int, bool]:
    """The line of a byte that is not in `encoding`; whether the text before proves that it is this.

    Only the guess that a file without a mark is UTF-8 needs a proof: some character beyond ASCII.
    """
    decoder = io.IncrementalNewlineDecoder(
        codecs.getincrementaldecoder(encoding)("replace"), translate=True
    )
    line, is_proven = 1, encoding.startswith("utf-") and encoding != "utf-8"
    with open_file() as file:
        while block := file.read(min(_BLOCK, position - file.tell())):
            task.step()
            text = decoder.decode(block)
            line += text.count("\n")
            is_proven = is_proven or (encoding == "utf-8" and not text.isascii())
    return line, is_proven


def _read(
    open_file: OpenFile, sample: bytes, encoding: str, name: str, task: Task, *, damaged_line: int
) -> tuple[RawTable, str]:
    """The table, if the file is in `encoding` from its beginning or in spite of a damaged line."""
    errors = "replace" if damaged_line else "strict"
    try:
        text = codecs.getincrementaldecoder(encoding)(errors).decode(sample)
    except UnicodeDecodeError as error:
        rest = error.object[error.start :]
        raise NotInEncodingError(len(sample) - len(rest), rest) from None
    if "\0" in text:
        raise nul_error(name)
    if len(sample) == SAMPLE_BYTES:  # the last line is probably cut
        text = text[: max(text.rfind("\n"), text.rfind("\r")) + 1] or text
    dialect = find_dialect(text, PurePath(name).suffix.lower())
    layout = find_layout(text, dialect, name)
    names, name_notes = unique_names(layout.names)
    check_columns(len(names), name)
    notes = [*_encoding_notes(encoding, damaged_line), *layout.notes, *name_notes]

    def new_source() -> TextSource:
        return TextSource(open_file(), name, encoding, task, errors)

    head = itertools.islice(io.StringIO(text, newline=""), layout.skip_lines)
    quotes_above = sum(line.count('"') for line in head)
    quoted = text.count('"') > quotes_above
    for parse in (parse_typed, parse_text, parse_carefully):
        job = Job(new_source, names, dialect, layout, quotes_above, quoted)
        try:
            batches = parse(job)
        except NeedsCareError:
            continue
        break
    if job.n_blank:
        s_were = "s were" if job.n_blank > 1 else " was"
        job.notes.append(f"{job.n_blank:,} blank line{s_were} skipped.")
    if not sum(len(batch) for batch in batches):
        raise ReadError(
            f"{name} has a header ({listed(names)}) but no rows.", "Open a file with rows."
        )
    columns = [pa.chunked_array([batch.column(i) for batch in batches]) for i in range(len(names))]
    interpretation = {"encoding": encoding, "delimiter": dialect.delimiter}
    return RawTable(names, columns, notes + job.notes, interpretation), job.source.sha256


def _encoding_notes(encoding: str, damaged_line: int) -> list[str]:
    if damaged_line:
        return [
            f"Bytes that are no {encoding} text were replaced by \ufffd, first in line"
            f" {damaged_line:,}."
        ]
    if encoding not in KNOWN_ENCODINGS:
        return [f"The file does not say how its text is encoded: it was read as {encoding}."]
    return []
