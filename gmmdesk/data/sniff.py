"""Finding out how a text file is written: encoding, delimiter, quoting, where the table starts."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass

import charset_normalizer
import pyarrow as pa

from gmmdesk.data.dataset import Finding
from gmmdesk.data.header import find_header
from gmmdesk.data.limits import MAX_CELL_CHARS
from gmmdesk.data.number_styles import MISSING_WORDS
from gmmdesk.data.numbers import GROUPED, is_rewritten
from gmmdesk.data.options import DELIMITERS, FOUND_OUT, Kind, ReadOptions
from gmmdesk.data.raw import unique_names
from gmmdesk.errors import ReadError

SAMPLE_BYTES = 1 << 18
_SAMPLE_ROWS = 200
_MARKS = (  # longer ones first: UTF-32's mark starts like UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
KNOWN_ENCODINGS = {"utf-8", *(encoding for _, encoding in _MARKS)}  # the others are guessed
_AROUND_WORDS = set("“”„‘’‚«»…–—€")  # beside letters in every language
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1b"))
_MAX_CONTROLS = 0.1  # share of control characters in what may still be text
# The way Excel's users tell it the delimiter, in a line above the table.
_SEPARATOR = re.compile(r"sep=(?P<delimiter>[\t!#-/:-@\[-`{-~ ])(?:\r\n?|\n)", re.IGNORECASE)
_PLAIN_NUMBER = re.compile(r"^-?(?:0|[1-9]\d*)?(?:\.\d+)?(?:[eE][-+]?\d+)?$")
_FRACTION = re.compile(r"\.\d*[1-9]")

csv.field_size_limit(MAX_CELL_CHARS)  # the whole process has one


@dataclass(frozen=True, slots=True)
class Dialect:
    """How cells are separated and quoted."""

    delimiter: str
    quote: str = '"'
    escape: str = ""
    reason: str = ""  # what tells that this is the delimiter

    # The reader's type has a name in the stubs only.
    def rows(self, lines: Iterable[str], *, strict: bool = False) -> csv._reader:  # type: ignore[name-defined]
        """A csv reader of `lines`."""
        return csv.reader(
            lines,
            delimiter=self.delimiter,
            quotechar=self.quote or None,
            quoting=csv.QUOTE_MINIMAL if self.quote else csv.QUOTE_NONE,
            escapechar=self.escape or None,
            skipinitialspace=self.delimiter == " ",
            strict=strict,
        )


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the table starts and what its columns are called."""

    skip_lines: int  # physical lines above its first row
    names: list[str]
    fraction_columns: frozenset[int]  # all sampled cells are plain numbers, some with a fraction
    notes: list[str]
    units: list[str]  # of each column, if there is a row of them
    findings: list[Finding]


def find_encoding(sample: bytes) -> str | None:
    """The encoding of a file that starts with `sample`, as Python calls it; None if binary."""
    for mark, encoding in _MARKS:
        if sample.startswith(mark):
            return encoding
    even, odd = sample[0:2000:2].count(0), sample[1:2000:2].count(0)
    if max(even, odd) > 0.3 * min(len(sample), 2000) / 2 and min(even, odd) == 0:
        return "utf-16-le" if odd else "utf-16-be"
    if len(sample.translate(None, _CONTROLS)) < (1 - _MAX_CONTROLS) * len(sample) or 0 in sample:
        return None
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        return guess_encoding(sample)
    return "utf-8"


def is_marked(sample: bytes) -> bool:
    """Whether a file that starts with `sample` says by a mark how it is encoded."""
    return any(sample.startswith(mark) for mark, _ in _MARKS)


def guess_encoding(sample: bytes) -> str:
    """The encoding of bytes that are not all UTF-8, judged by the lines that are not ASCII.

    It is "utf-8" where most of them are: some were damaged then.
    """
    lines = b"\n".join(line for line in sample.splitlines() if not line.isascii())[:20_000]
    text = lines.decode("utf-8", "replace")
    if 2 * text.count("\ufffd") < sum(not char.isascii() for char in text):
        return "utf-8"
    if _looks_western(lines):
        return "cp1252"
    best = charset_normalizer.from_bytes(lines).best()
    return best.encoding if best is not None else "cp1252"


def _looks_western(lines: bytes) -> bool:
    """Whether the bytes make sense as Windows-1252, by far the most frequent 8-bit encoding.

    Its languages set single accented letters, or pairs of them, among plain ones; statistics of
    letters, which need a page of text, are for the others.
    """

    def is_plain(letter: str) -> bool:
        return letter.isascii() and letter.isalpha()

    try:
        text = lines.decode("cp1252")
    except UnicodeDecodeError:
        return False
    foreign = [i for i, char in enumerate(text) if not char.isascii()]
    runs = sum(
        1
        for i in foreign
        if i
        and not text[i - 1].isascii()
        and not {text[i - 1], text[i]} & _AROUND_WORDS
        and not is_plain(text[max(0, i - 2) : i - 1])
        and not is_plain(text[i + 1 : i + 2])
    )
    inside = sum(
        1
        for i in foreign
        if not text[i].isalpha()
        and text[i - 1 : i].isalpha()
        and text[i + 1 : i + 2].isalpha()
        and text[i] not in "’‘–"
    )
    return runs <= 0.2 * len(foreign) and inside <= 0.2 * len(foreign)


def why_encoding(sample: bytes, encoding: str) -> str:
    """What tells that a file that starts with `sample` is in `encoding`, as was found out."""
    if is_marked(sample):
        return "the file begins with its mark"
    if encoding.startswith("utf-16"):
        return "every other byte is zero"
    if encoding == "utf-8":
        return "plain letters and digits" if sample.isascii() else "its letters are written so"
    return "the file does not say so: it fits its letters best"


def find_dialect(text: str, suffix: str = "", options: ReadOptions = FOUND_OUT) -> Dialect:
    """Delimiter and quoting of the table in `text`, the beginning of a file."""
    if options.delimiter is not None:
        return Dialect(options.delimiter, _quote(options, '"'), reason="you chose it")
    found = _found_dialect(text, suffix)
    if options.quote is not None:
        return Dialect(found.delimiter, options.quote, reason=found.reason)
    return found


def _quote(options: ReadOptions, found: str) -> str:
    return found if options.quote is None else options.quote


def _found_dialect(text: str, suffix: str) -> Dialect:
    if stated := _SEPARATOR.match(text):
        return Dialect(stated["delimiter"], reason="the first line says so")
    consistent = []
    for delimiter in (",", ";", "\t", "|"):
        dialect = Dialect(delimiter)
        widths = {len(row) for row in _numbered_rows(text, dialect)[1] if row}
        if len(widths) == 1 and widths != {1}:
            consistent.append(dialect)
    if len(consistent) == 1:
        reason = "with it, and no other, every line has as many cells"
        return Dialect(consistent[0].delimiter, reason=reason)
    import clevercsv

    short = "".join(text[:10_000].splitlines(keepends=True)[:100])
    found = clevercsv.Detector().detect(short, delimiters=list(DELIMITERS))
    usual = "\t" if suffix in {".tsv", ".tab"} else ","
    if found is None or found.delimiter not in DELIMITERS:
        return Dialect(usual, reason="nothing tells: it is the usual one")
    if found.delimiter == " " and _is_single(text):
        return Dialect(usual, reason="blanks are in the first line only: there is one column")
    reason = "with it cells look most alike"
    return Dialect(found.delimiter, found.quotechar or '"', found.escapechar or "", reason)


def _is_single(text: str) -> bool:
    """Whether blanks stand in the first line only: in the name of a single column."""
    _, *body = [row for row in _numbered_rows(text, Dialect(" "))[1] if row]
    return bool(body) and all(len(row) == 1 for row in body)


def find_layout(text: str, dialect: Dialect, name: str, options: ReadOptions = FOUND_OUT) -> Layout:
    """Title lines, header and columns of the table in `text`, the beginning of a file."""
    lines, rows = _numbered_rows(text, dialect, options.skip_rows)
    if not rows:
        raise ReadError(
            f"{name} has no more than {options.skip_rows or 0:,} lines.", "Skip fewer rows."
        )
    header = find_header(rows, name, options)
    body = rows[header.n_above :]
    fractions = {
        j
        for j, unique in enumerate(unique_names(header.names)[0])
        if _may_lose_its_text(unique, options) and _has_plain_fractions(body, j)
    }
    return Layout(
        lines[header.n_above],
        header.names,
        frozenset(fractions),
        header.notes,
        header.units,
        header.findings,
    )


def first_rows(text: str, dialect: Dialect) -> list[list[str]]:
    """The rows with which `text`, a part of a file's body, begins; blank lines are none."""
    return [
        row
        for row in _numbered_rows(text, dialect, 0)[1]
        if len(row) > 1 or any(cell.strip() for cell in row)
    ]


def _may_lose_its_text(name: str, options: ReadOptions) -> bool:
    """Whether a column of fractions needs to be kept as numbers only."""
    return (
        options.kind(name) in (None, Kind.NUMBER)
        and options.decimal in (None, ".")
        and options.thousands != "."
        and not options.missing_words
    )


def _has_plain_fractions(body: list[list[str]], j: int) -> bool:
    """Whether column `j` can be parsed as float64 right away: plain numbers, surely fractions.

    Their text must say no more than the numbers do, as it is not kept.
    """
    cells = [row[j] for row in body if j < len(row) and row[j]]
    cells = [cell for cell in cells if cell not in MISSING_WORDS]
    return (
        all(_PLAIN_NUMBER.match(cell) for cell in cells)
        and any(_FRACTION.search(cell) and not GROUPED.match(cell) for cell in cells)
        and not is_rewritten(pa.chunked_array([cells]))
    )


def _numbered_rows(
    text: str, dialect: Dialect, n_skipped: int | None = None
) -> tuple[list[int], list[list[str]]]:
    """The first rows, and the number of physical lines before each of them and after the last.

    Without `n_skipped` a line that states the delimiter is passed over.
    """
    rows: list[list[str]] = []
    if n_skipped is None:
        n_skipped = 1 if _SEPARATOR.match(text) else 0
    stream = io.StringIO(text, newline="")
    for _ in range(n_skipped):
        stream.readline()
    lines = [n_skipped]
    reader = dialect.rows(stream)
    try:
        for row in reader:
            rows.append(row)
            lines.append(n_skipped + reader.line_num)
            if len(rows) >= _SAMPLE_ROWS:
                break
    except csv.Error:
        pass  # told with its line when the whole file is read
    return lines, rows
