"""Finding out how a text file is written: encoding, delimiter, quoting, where the table starts."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from dataclasses import dataclass, field

import charset_normalizer

from gmmdesk.data.numbers import GROUPED, MISSING_WORDS, STYLES, mostly_numbers
from gmmdesk.data.raw import listed
from gmmdesk.errors import ReadError

SAMPLE_BYTES = 1 << 18
_SAMPLE_ROWS = 200
_MAX_TITLES = 20
_MARKS = (  # longer ones first: UTF-32's mark starts like UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", " ": "space"}
_NUMBER = re.compile("|".join(f"(?:{style.pattern})" for style in STYLES))
_PLAIN_NUMBER = re.compile(r"^-?(?:0|[1-9]\d*)?(?:\.\d+)?(?:[eE][-+]?\d+)?$")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How cells are separated and quoted."""

    delimiter: str
    quote: str = '"'
    escape: str = ""

    def rows(self, lines: io.TextIOBase | list[str], *, strict: bool = False) -> csv._reader:  # type: ignore[name-defined]
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

    skip_lines: int  # physical lines above the table
    names: list[str]
    fraction_columns: frozenset[int]  # all sampled cells are plain numbers, some with a fraction
    notes: list[str] = field(default_factory=list)


def find_encoding(sample: bytes) -> str:
    """The encoding that a file starting with `sample` is in, as Python calls it."""
    for mark, encoding in _MARKS:
        if sample.startswith(mark):
            return encoding
    even, odd = sample[0:2000:2].count(0), sample[1:2000:2].count(0)
    if max(even, odd) > 0.3 * min(len(sample), 2000) / 2 and min(even, odd) == 0:
        return "utf-16-le" if odd else "utf-16-be"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError as error:
        return guess_encoding(sample[max(0, error.start - 2000) :])
    return "utf-8"


def guess_encoding(sample: bytes) -> str:
    """The encoding of bytes that are not UTF-8, judged by the lines that are not ASCII."""
    lines = b"\n".join(line for line in sample.splitlines() if not line.isascii())[:20_000]
    if _looks_western(lines):
        return "cp1252"
    best = charset_normalizer.from_bytes(lines).best()
    return best.encoding if best is not None else "cp1252"


def _looks_western(lines: bytes) -> bool:
    """Whether the bytes make sense as Windows-1252, by far the most frequent 8-bit encoding.

    Its languages set single accented letters among plain ones; statistics of letters, which
    need a page of text, are for the others.
    """
    try:
        text = lines.decode("cp1252")
    except UnicodeDecodeError:
        return False
    foreign = [i for i, char in enumerate(text) if not char.isascii()]
    runs = sum(1 for i in foreign if i and not text[i - 1].isascii())
    inside = sum(
        1
        for i in foreign
        if not text[i].isalpha()
        and text[i - 1 : i].isalpha()
        and text[i + 1 : i + 2].isalpha()
        and text[i] not in "’‘–"
    )
    return runs <= 0.2 * len(foreign) and inside <= 0.2 * len(foreign)


def find_dialect(text: str, suffix: str = "") -> Dialect:
    """Delimiter and quoting of the table in `text`, the beginning of a file."""
    consistent = []
    for delimiter in (",", ";", "\t", "|"):
        dialect = Dialect(delimiter)
        widths = {len(row) for row in _numbered_rows(text, dialect)[1] if row}
        if len(widths) == 1 and widths != {1}:
            consistent.append(dialect)
    if len(consistent) == 1:
        return consistent[0]
    import clevercsv

    short = "".join(text[:10_000].splitlines(keepends=True)[:100])
    try:
        found = clevercsv.Detector().detect(short, delimiters=list(DELIMITERS))
    except clevercsv.NoDetectionResult:
        found = None
    if found is None or found.delimiter not in DELIMITERS:
        return Dialect("\t" if suffix in {".tsv", ".tab"} else ",")
    return Dialect(found.delimiter, found.quotechar or '"', found.escapechar)


def find_layout(text: str, dialect: Dialect, name: str) -> Layout:
    """Title lines, header and columns of the table in `text`, the beginning of a file."""
    lines, rows = _numbered_rows(text, dialect)
    filled = [i for i, row in enumerate(rows) if any(cell.strip() for cell in row)]
    if not filled:
        raise ReadError(f"{name} holds no table: it has only blank lines.", "Open another file.")
    widths = Counter(len(rows[i]) for i in filled)
    width = max(widths, key=lambda w: (widths[w] if w > 1 else 0, w))
    first = next((i for i in filled[:_MAX_TITLES] if not _is_title(rows[i], width)), filled[0])
    notes = []
    if titles := [" ".join(rows[i]).strip() for i in filled if i < first]:
        notes.append(f"Lines above the table were skipped: {listed(titles)}.")

    header, body = rows[first], [rows[i] for i in filled if i > first]
    skip_lines = lines[first + 1]
    if not _is_header(header, body):
        notes.append("The first line holds values, so the columns were numbered.")
        header, body, skip_lines = [""] * width, [header, *body], lines[first]
    elif len(header) == width - 1 and width > 2:
        # The way R's write.table labels rows: a column without a heading of its own.
        notes.append("The header names one column less than there are; the first has row names.")
        header = ["", *header]
    fractions = {j for j in range(len(header)) if _has_plain_fractions(body, j)}
    return Layout(skip_lines, header, frozenset(fractions), notes)


def _is_title(row: list[str], width: int) -> bool:
    """Whether a line above a table of `width` columns is not part of it."""
    n_filled = sum(bool(cell.strip()) for cell in row)
    if width == 1:
        return row[0].startswith("#")
    return n_filled == 1 and (len(row) == 1 or width > 2)


def _is_header(row: list[str], body: list[list[str]]) -> bool:
    """Whether `row` names the columns of `body`, rather than being its first row."""
    cells = [cell.strip() for cell in row]
    numbers = [bool(_NUMBER.match(cell)) for cell in cells]
    if all(numbers[j] for j in range(len(cells)) if cells[j]):
        return False
    columns = [[line[j].strip() for line in body if j < len(line)] for j in range(len(cells))]
    numeric = [
        mostly_numbers(sum(bool(_NUMBER.match(c)) for c in column if c), len(column))
        for column in columns
    ]
    if not any(numeric) or not all(numbers[j] for j in range(len(cells)) if numeric[j]):
        return True
    # Numbers may be headings too (2019, 2020), but hardly with a fraction, and a heading does
    # not come again below itself.
    fraction = any(numbers[j] and not cells[j].isdigit() for j in range(len(cells)))
    again = any(cells[j] in columns[j] for j in range(len(cells)) if not numeric[j] and cells[j])
    return not (fraction or again)


def _has_plain_fractions(body: list[list[str]], j: int) -> bool:
    """Whether column `j` can be parsed as float64 right away: plain numbers, surely fractions."""
    cells = [row[j] for row in body if j < len(row) and row[j]]
    cells = [cell for cell in cells if cell not in MISSING_WORDS]
    return all(_PLAIN_NUMBER.match(cell) for cell in cells) and any(
        "." in cell and not GROUPED.match(cell) for cell in cells
    )


def _numbered_rows(text: str, dialect: Dialect) -> tuple[list[int], list[list[str]]]:
    """The first rows, and the number of physical lines before each of them and after the last."""
    rows: list[list[str]] = []
    lines = [0]
    reader = dialect.rows(io.StringIO(text, newline=""))
    try:
        for row in reader:
            rows.append(row)
            lines.append(reader.line_num)
            if len(rows) >= _SAMPLE_ROWS:
                break
    except csv.Error:
        pass  # told with its line when the whole file is read
    return lines, rows
