"""CSV and its relatives: text files with one row a line."""

from __future__ import annotations

import codecs
import io
import itertools
from pathlib import PurePath

import numpy as np
import pyarrow as pa

from gmmdesk.data.careful_parse import Job, parse_carefully
from gmmdesk.data.dataset import Finding, Places
from gmmdesk.data.fast_parse import NeedsCareError, parse_text, parse_typed
from gmmdesk.data.limits import check_columns
from gmmdesk.data.options import DELIMITERS, FOUND_OUT, QUOTES, ReadOptions
from gmmdesk.data.raw import RawTable, unique_names
from gmmdesk.data.records import ChosenRecords, ChosenSource, record_lines
from gmmdesk.data.sniff import (
    KNOWN_ENCODINGS,
    SAMPLE_BYTES,
    Dialect,
    find_dialect,
    find_encoding,
    find_layout,
    first_rows,
    guess_encoding,
    is_marked,
    why_encoding,
)
from gmmdesk.data.source import NotInEncodingError, OpenFile, TextSource, nul_error
from gmmdesk.errors import ReadError
from gmmdesk.task import Task
from gmmdesk.text import joined

_BLOCK = 1 << 20  # bytes decoded at once


def read_delimited(
    open_file: OpenFile, name: str, task: Task, options: ReadOptions = FOUND_OUT
) -> tuple[RawTable, str]:
    """The table in a text file, and the file's SHA-256, "" where not all of it was read.

    Raises ReadError, naming the line, where the text cannot be read as a table without losing
    something.
    """
    task.step(0.0, "Reading")
    with open_file() as file:
        sample = file.read(SAMPLE_BYTES)
    encoding = _chosen_encoding(options, sample) or find_encoding(sample)
    if encoding is None:
        raise ReadError(
            f"{name} is not a text file: its bytes mean something else.",
            "Save it as CSV from the program it came from.",
        )
    damaged_line = 0
    for attempt in (1, 2):
        try:
            return _read(
                open_file,
                sample,
                encoding,
                name,
                task,
                options=options,
                damaged_line=damaged_line,
            )
        except NotInEncodingError as error:
            if attempt == 2 or options.encoding is not None:
                raise ReadError(
                    f"{name} is not text in one encoding: byte {error.position:,} does not fit"
                    f" {encoding}.",
                    "Choose another encoding, or save it as CSV UTF-8 from the program it came"
                    " from.",
                ) from None
            line, is_proven = _line_at(open_file, encoding, error.position, task)
            if not is_proven:
                encoding = guess_encoding(error.lines)
            if encoding.startswith("utf-"):
                damaged_line = line
    raise AssertionError


def _chosen_encoding(options: ReadOptions, sample: bytes) -> str:
    if options.encoding is None:
        return ""
    name = codecs.lookup(options.encoding).name
    if name in ("utf-16", "utf-32") and not is_marked(sample):
        found = find_encoding(sample) or ""
        return found if found.startswith(name) else f"{name}-le"
    return "utf-8-sig" if name == "utf-8" and sample.startswith(codecs.BOM_UTF8) else name


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
    open_file: OpenFile,
    sample: bytes,
    encoding: str,
    name: str,
    task: Task,
    *,
    options: ReadOptions,
    damaged_line: int,
) -> tuple[RawTable, str]:
    """The table, if the file is in `encoding` from its beginning or in spite of a damaged line."""
    errors = "replace" if damaged_line else "strict"
    try:
        text = codecs.getincrementaldecoder(encoding)(errors).decode(sample)
    except UnicodeDecodeError as error:
        rest = error.object[error.start :]
        raise NotInEncodingError(len(sample) - len(rest), rest) from None
    except UnicodeError as error:  # from the rarer codecs
        raise ReadError(
            f"{name} is no {encoding} text: {error}.", "Choose another encoding."
        ) from None
    if "\0" in text:
        raise nul_error(name)
    if len(sample) == SAMPLE_BYTES:  # the last line is probably cut
        text = text[: max(text.rfind("\n"), text.rfind("\r")) + 1] or text
    dialect = find_dialect(text, PurePath(name).suffix.lower(), options)
    layout = find_layout(text, dialect, name, options)
    names, name_notes = unique_names(layout.names)
    check_columns(len(names), name)
    guessed = "" if options.encoding else encoding
    notes = [*_encoding_notes(guessed, damaged_line), *layout.notes, *name_notes]

    def new_source() -> TextSource:
        return TextSource(open_file(), name, encoding, task, errors)

    body = io.StringIO(text, newline="")
    quotes_above = sum(
        line.count('"') for line in itertools.islice(iter(body.readline, ""), layout.skip_lines)
    )
    head = body.read()
    part = None
    if options.is_part:
        part = ChosenRecords(new_source, dialect, layout.skip_lines, options)
    quoted = text.count('"') > quotes_above
    for parse in (parse_typed, parse_text, parse_carefully):
        job = Job(
            part.new_source if part else new_source, names, dialect, layout, quotes_above, quoted
        )
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
            f"{name} has a header ({joined(names)}) but no rows.", "Open a file with rows."
        )
    columns = [pa.chunked_array([batch.column(i) for batch in batches]) for i in range(len(names))]
    raw = RawTable(
        names,
        columns,
        notes + job.notes,
        {"encoding": encoding, "delimiter": dialect.delimiter},
        findings=[*_findings(sample, encoding, dialect, options), *layout.findings],
        head=first_rows(head, dialect),
        units=layout.units,
    )
    if part is not None and isinstance(job.source, ChosenSource):
        raw.is_chosen, raw.rows_in_file = True, part.n_records
        raw.head = first_rows("".join(job.source.head), dialect)
        raw.places = Places("line", 0, np.array(job.source.lines, np.int64))
        return raw, ""
    if not job.n_blank and not job.quoted:
        raw.places = Places("line", layout.skip_lines + 1)
    else:
        n_rows = len(columns[0])

        def find_places() -> Places | None:
            lines = record_lines(new_source, dialect, layout.skip_lines)
            return Places("line", 0, lines) if len(lines) == n_rows else None

        # A pass over the file is quick where it is small, and waits for need where it is not.
        if len(sample) < SAMPLE_BYTES:
            raw.places = find_places()
        else:
            raw.find_places = find_places
    return raw, job.source.sha256


def _findings(
    sample: bytes, encoding: str, dialect: Dialect, options: ReadOptions
) -> list[Finding]:
    reason = "you chose it" if options.encoding else why_encoding(sample, encoding)
    mark = DELIMITERS.get(dialect.delimiter, dialect.delimiter)
    findings = [
        Finding("Encoding", encoding, reason, "encoding", bool(options.encoding)),
        Finding("Delimiter", mark, dialect.reason, "delimiter", bool(options.delimiter)),
    ]
    if dialect.quote != '"' or options.quote is not None:
        chosen = options.quote is not None
        reason = "you chose it" if chosen else "it stands around cells"
        findings.append(Finding("Quotation mark", QUOTES[dialect.quote], reason, "quote", chosen))
    return findings


def _encoding_notes(encoding: str, damaged_line: int) -> list[str]:
    if damaged_line:
        return [
            f"Bytes that are no {encoding} text were replaced by \ufffd, first in line"
            f" {damaged_line:,}."
        ]
    if encoding and encoding not in KNOWN_ENCODINGS:
        return [f"The file does not say how its text is encoded: it was read as {encoding}."]
    return []
