"""How a file is to be read, where somebody has said so instead of leaving it to be found out."""

from __future__ import annotations

import codecs
import enum
import re
from collections.abc import Sequence

import msgspec

from gmmdesk.data.seeds import check_seed
from gmmdesk.errors import UsageError

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", " ": "space"}
DECIMALS = {".": "point", ",": "comma"}
THOUSANDS = {"": "none", ",": "comma", ".": "point", " ": "space", "'": "apostrophe"}
QUOTES = {'"': "double", "'": "single", "": "none"}
DATE_ORDERS = {
    "day-first": "day, month, year",
    "month-first": "month, day, year",
    "year-first": "year, month, day",
}
MOST_HEADER_ROWS = 20
MOST_SKIPPED = 1_000_000
MOST_ROWS = 2_000_000_000  # that can be asked for; all of them needs no number
_CELLS = re.compile(r"([A-Za-z]{0,3})(\d{0,7})(?::([A-Za-z]{0,3})(\d{0,7}))?")


class Kind(enum.StrEnum):
    """What a column is to be taken for, whatever its cells look like."""

    NUMBER = "number"
    CATEGORY = "category"
    DATE = "date"
    TEXT = "text"
    IDENTIFIER = "identifier"
    LEAVE_OUT = "leave out"


class CellRange(msgspec.Struct, frozen=True):
    """A rectangle of a sheet, counted from 0; `last_row` and `last_column` are part of it.

    None stands for an end that the cells decide.
    """

    first_row: int = 0
    first_column: int = 0
    last_row: int | None = None
    last_column: int | None = None


class ReadOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What was chosen about the reading of a file; None or empty leaves it to be found out.

    `sheet` names one of several tables in a file: a sheet of a workbook. `cell_range` is a part of
    it, such as "B3:F200", "B:F" or "B3".
    Text files: `encoding` as Python calls it; `delimiter` is one character; `quote` the one around
    cells that hold the delimiter, "" for none.
    Text files and workbooks: `skip_rows` lines (rows of the sheet) are passed over;
    `header_rows` is 0 where the columns have no names, with 2 and more the names are joined;
    `units_row` says whether the row below the header holds units.
    Every file: `decimal` is "." or ","; `thousands` is one of `THOUSANDS`, "" for none;
    `date_order` is one of `DATE_ORDERS`; `missing_words` stand for missing values besides the usual
    ones; `kinds` are (name of a column, kind). Of the rows the first `row_limit` are read, or
    `sample_rows` of them drawn at random with `sample_seed`.
    Raises UsageError for a value that cannot be.
    """

    sheet: str | None = None
    cell_range: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    quote: str | None = None
    skip_rows: int | None = None
    header_rows: int | None = None
    units_row: bool | None = None
    decimal: str | None = None
    thousands: str | None = None
    date_order: str | None = None
    missing_words: tuple[str, ...] = ()
    kinds: tuple[tuple[str, Kind], ...] = ()
    row_limit: int | None = None
    sample_rows: int | None = None
    sample_seed: int = 0

    def __post_init__(self) -> None:
        for value, allowed, what in (
            (self.quote, QUOTES, "quotation mark"),
            (self.decimal, DECIMALS, "decimal mark"),
            (self.thousands, THOUSANDS, "mark of thousands"),
            (self.date_order, DATE_ORDERS, "order of dates"),
        ):
            if value is not None and value not in allowed:
                known = ", ".join(f"'{key}'" if key else "none" for key in allowed)
                raise UsageError(f"There is no {what} '{value}'.", f"Choose one of {known}.")
        for number, least, most, what in (
            (self.skip_rows, 0, MOST_SKIPPED, "number of rows to skip"),
            (self.header_rows, 0, MOST_HEADER_ROWS, "number of header rows"),
            (self.row_limit, 1, MOST_ROWS, "number of rows to read"),
            (self.sample_rows, 1, MOST_ROWS, "number of rows to draw"),
        ):
            if number is not None and not least <= number <= most:
                raise UsageError(
                    f"{number:,} is no {what}.", f"Give a whole number from {least} to {most:,}."
                )
        check_seed(self.sample_seed)
        self._check_marks()
        if self.row_limit is not None and self.sample_rows is not None:
            raise UsageError(
                "The first rows and a random sample of rows were both asked for.",
                "Choose one of them.",
            )
        if self.encoding is not None and not _is_text_encoding(self.encoding):
            raise UsageError(
                f"There is no encoding '{self.encoding}'.",
                "Give one such as utf-8, utf-16, latin-1 or cp1252.",
            )
        if self.cell_range is not None:
            parse_range(self.cell_range)
        names = [name for name, _ in self.kinds]
        if repeated := next((name for name in names if names.count(name) > 1), None):
            raise UsageError(f"Column '{repeated}' is given two kinds.", "Give it one.")

    def _check_marks(self) -> None:
        if self.delimiter is not None and (
            len(self.delimiter) != 1 or self.delimiter in "\r\n\0" or self.delimiter == self.quote
        ):
            raise UsageError(
                f"{self.delimiter!r} is no delimiter.",
                "Give one character, such as , ; | or a tab, that is not the quotation mark.",
            )
        if self.thousands and self.thousands == self.decimal:
            raise UsageError(
                f"'{self.decimal}' cannot be both the decimal mark and the mark of thousands.",
                "Choose two different ones.",
            )
        if any(not word.strip() for word in self.missing_words):
            raise UsageError(
                "A word for missing values is empty.",
                "Leave it out: empty cells are missing anyway.",
            )

    @property
    def is_part(self) -> bool:
        """Whether not all rows are asked for."""
        return self.row_limit is not None or self.sample_rows is not None

    @property
    def most_rows(self) -> int | None:
        """The number of rows asked for, None for all."""
        return self.row_limit if self.row_limit is not None else self.sample_rows

    def kind(self, name: str) -> Kind | None:
        """The kind chosen for the column called `name`."""
        return dict(self.kinds).get(name)

    def chosen(self) -> tuple[str, ...]:
        """The names of the fields that somebody has decided on."""
        return tuple(
            name
            for name, value in msgspec.structs.asdict(self).items()
            if value != getattr(FOUND_OUT, name)
        )


def _is_text_encoding(name: str) -> bool:
    # Not the codecs of bytes to bytes such as "zip", for which `encode` of text fails.
    try:
        codecs.lookup(name)
        "a".encode(name)
    except (LookupError, ValueError, TypeError):
        return False
    return True


def parse_range(text: str) -> CellRange:
    """The rectangle that "B3:F200", "B:F", "3:200" or "B3" (and what follows) names.

    Raises UsageError.
    """
    match = _CELLS.fullmatch(text.strip().replace("$", ""))
    if match is None or not any(match.groups()) or "0" in (match[2], match[4]):
        raise _no_range(text)
    row, column = int(match[2] or 1) - 1, max(0, column_number(match[1]))
    last_row = int(match[4]) - 1 if match[4] else None
    last_column = column_number(match[3]) if match[3] else None
    if (last_row is not None and last_row < row) or (
        last_column is not None and last_column < column
    ):
        raise _no_range(text)
    return CellRange(row, column, last_row, last_column)


def _no_range(text: str) -> UsageError:
    return UsageError(f"'{text}' is no range of cells.", "Write it like B3:F200, B:F or B3.")


def column_number(letters: str) -> int:
    """0 for "A", 26 for "AA"; -1 for none."""
    number = 0
    for letter in letters.upper():
        number = 26 * number + ord(letter) - ord("A") + 1
    return number - 1


def column_letters(number: int) -> str:
    """ "A" for 0, "AA" for 26."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def refuse_unfit(options: ReadOptions, fitting: Sequence[str], name: str, format_: str) -> None:
    """Raise UsageError for a choice that the reader of this format cannot follow.

    `fitting` are the fields of `OF_SOME` that it can.
    """
    for field in options.chosen():
        if field in OF_SOME and field not in fitting:
            raise UsageError(
                f"{name} has no {OF_SOME[field]} to choose: it is a {format_} file.",
                "Open it without that choice.",
            )


OF_SOME = {
    "sheet": "sheets",
    "cell_range": "range of cells",
    "encoding": "encoding",
    "delimiter": "delimiter",
    "quote": "quotation mark",
    "skip_rows": "lines",
    "header_rows": "header rows",
    "units_row": "units row",
}
FOUND_OUT = ReadOptions()
