"""The table as it was read, and what was found while reading it. Immutable."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gmmdesk.data.number_styles import MISSING_WORDS, is_gap
from gmmdesk.data.options import FOUND_OUT, ReadOptions
from gmmdesk.data.row_sample import chosen_rows
from gmmdesk.text import joined

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


_JUDGED_ROWS = 10_000  # whose texts are compared
_LAST_IDENTIFYING = 2  # of the ranks of columns that name rows; those behind are shared by many
_FEW_VALUES, _ROWS_PER_VALUE = 7, 20  # whole numbers at most, each of them in so many rows
_DISTINCT = 0.8  # of them, at least, have a text of their own where it names them


class ColumnKind(enum.StrEnum):
    """What a column holds, as far as its cells tell."""

    NUMBER = "number"
    IDENTIFIER = "identifier"
    DATE = "date"
    TEXT = "text"
    CONSTANT = "constant"
    EMPTY = "empty"
    POSITION = "position"
    CATEGORY = "category"  # by the user's choice only
    LEFT_OUT = "left out"  # by the user's choice only; its cells stay for the export


# Kinds that are no features, even where all their cells are numbers.
_NEVER_NUMBERS = {ColumnKind.CATEGORY, ColumnKind.TEXT, ColumnKind.LEFT_OUT}


def with_unit(name: str, unit: str) -> str:
    """What a column is called where its numbers are shown: "weight (kg)"."""
    bare = bare_unit(unit)
    return f"{name} ({bare})" if bare and not name.endswith((f"({bare})", f"[{bare}]")) else name


def bare_unit(unit: str) -> str:
    """A unit without the brackets that it may stand in."""
    bare = unit.strip()
    return bare[1:-1].strip() if bare[:1] + bare[-1:] in ("()", "[]") else bare


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One column: its cells as they stood in the file, and as numbers where they are numbers.

    `cells` holds n values: float64 or int64 where every present cell is a plain number, strings
    (the original text) or timestamps otherwise; any type of number, time or truth where the file
    has types of its own; null where the cell was empty or, among plain
    numbers, held a word that programs write for a missing value (NA, NaN, null ...).
    `parsed` holds the (n,) numbers of a column whose cells are text, because some cells could
    not be read, the numbers were written in a local style or the text may mean more than its
    number (1.10, 11E1); None elsewhere.
    `unreadable` lists the rows (0-based) with text that is not the number, or the date, it should
    be. `reason` says in plain words why the column is not offered for clustering; empty if it is.
    `unit` is what a row of units says about it. `date_order` is one of `options.DATE_ORDERS` in a
    column of dates that are written with numbers, where it is known.
    `number_format` is how a spreadsheet shows its numbers and times, in the words of its formats.
    `label` says what the column is, where the file does in more words than its name.
    `missing_words` are those that stand for a missing value, the user's included.
    """

    name: str
    kind: ColumnKind
    cells: pa.ChunkedArray
    n_missing: int
    parsed: FloatArray | None = None
    unreadable: IntArray = field(default_factory=lambda: np.empty(0, np.int64))
    reason: str = ""
    label: str = ""
    unit: str = ""
    number_format: str = ""
    date_order: str = ""
    missing_words: tuple[str, ...] = MISSING_WORDS

    @property
    def title(self) -> str:
        """Its name with the unit, where the file states one."""
        return with_unit(self.name, self.unit)

    def missing(self) -> BoolArray:
        """The `n_missing` cells without a value, (n,); unreadable ones are none of them."""
        if self.parsed is not None:
            missing = np.isnan(self.parsed)
            missing[self.unreadable] = False
            return missing
        cells = self.cells
        if pa.types.is_string(cells.type) or pa.types.is_large_string(cells.type):
            return np.asarray(is_gap(cells, self.missing_words).to_numpy(zero_copy_only=False))
        return np.asarray(cells.is_null().to_numpy(), np.bool_)

    @property
    def is_numeric(self) -> bool:
        """Whether the column can be used as a feature if the user asks for it."""
        if self.kind in _NEVER_NUMBERS:
            return False
        kind = self.cells.type
        return self.parsed is not None or bool(
            pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind)
        )

    @property
    def recommended(self) -> bool:
        """Whether the column is ticked by default."""
        return self.kind is ColumnKind.NUMBER

    def numbers(self) -> FloatArray:
        """The column as (n,) float64, nan where a cell is missing or unreadable; read-only."""
        if self.parsed is not None:
            return self.parsed
        if not self.is_numeric:
            raise TypeError(f"column {self.name!r} holds {self.kind}, not numbers")
        cells = self.cells
        if pa.types.is_decimal(cells.type):
            cells = pc.cast(cells, pa.float64())
        numbers = np.asarray(cells.to_numpy(), dtype=np.float64)
        numbers.flags.writeable = False
        return numbers

    def taken(self, rows: IntArray) -> Column:
        """Some rows of the column (0-based, ascending), (m,)."""
        part = replace(
            self,
            cells=self.cells.take(pa.array(rows)),
            parsed=None if self.parsed is None else self.parsed[rows],
            unreadable=np.flatnonzero(np.isin(rows, self.unreadable)),
        )
        return replace(part, n_missing=int(np.count_nonzero(part.missing())))

    def number(self, row: int) -> float:
        """The number in one row, nan where there is none."""
        cell = self.parsed[row] if self.parsed is not None else self.cells[row].as_py()
        return np.nan if cell is None else float(cell)


@dataclass(frozen=True, slots=True)
class Finding:
    """How one question about a file was settled: `what`, by which answer, and why.

    `option` is the field of ReadOptions that decides it otherwise; `chosen` tells that it did.
    """

    what: str
    value: str
    reason: str
    option: str = ""
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """What nothing in the file decides, so that somebody must.

    Cells such as `example` in `columns` may mean either of the `meanings`: pairs of a value of the
    option called `option` and what the example then is. `changes_numbers` tells that a fit depends
    on the answer.
    """

    option: str
    columns: tuple[str, ...]
    example: str
    meanings: tuple[tuple[str, str], ...]
    changes_numbers: bool

    @property
    def text(self) -> str:
        """The question in a sentence."""
        names = joined([f"'{name}'" for name in self.columns])
        either = " or ".join(meaning for _, meaning in self.meanings)
        return f"Does '{self.example}' in {names} mean {either}? Nothing in the file tells."


@dataclass(frozen=True, slots=True)
class CellReading:
    """One cell as it stood in the file, and what it was taken for.

    `row` is the row's number, see `Dataset.numbers_of`; `place` is its line in the file or row of
    the sheet, 0 where that is unknown. `value` is None where nothing was read.
    """

    row: int
    place: int
    column: str
    raw: str
    value: float | int | bool | str | None


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Where the rows of a table stand in its file: lines of text, or rows of a sheet.

    Row i stands in line `first` + i, or in `numbers[i]` where these (n,) are given.
    """

    what: str  # "line" or "row of the sheet"
    first: int
    numbers: IntArray | None = None

    def of(self, row: int) -> int:
        """The place of row `row` (0-based), counted from 1."""
        return self.first + row if self.numbers is None else int(self.numbers[row])


@dataclass(frozen=True, slots=True)
class Receipt:
    """How a file was interpreted: what the user is shown, and what an export records.

    Fields that do not apply to the format are empty. `notes` are sentences about anything
    that was resolved on the way (renamed columns, ragged lines, marks found in numbers).
    `sheets` are the tables in the file to choose from: sheets, database tables, members of an
    archive. `picture` is its (width, height) where the rows are the pixels of a picture.
    `findings` say how it was settled, and why, what the file itself does not say; `questions`
    what is still open; `cells` are a sample of cells, as text and as what they were taken for.
    `catalog` names the file beside it that says what values mean, `catalog_sha256` is that of it.
    `rows_in_file` counts those there are where not all were read, if that is known.
    """

    source: str  # the path, "sample:NAME" or "clipboard"
    format: str  # the reader's name: "CSV", "Excel", "Parquet"
    n_bytes: int
    sha256: str
    encoding: str = ""
    delimiter: str = ""
    decimal: str = ""
    thousands: str = ""
    sheet: str = ""
    catalog: str = ""
    catalog_sha256: str = ""
    sheets: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    picture: tuple[int, int] | None = None
    findings: tuple[Finding, ...] = ()
    questions: tuple[Question, ...] = ()
    cells: tuple[CellReading, ...] = ()
    rows_in_file: int | None = None

    @property
    def hashes(self) -> tuple[str, str]:
        """Of all that was read: other bytes have others."""
        return self.sha256, self.catalog_sha256


@dataclass(frozen=True, eq=False)
class Dataset:
    """A table: columns of equal length with unique, non-empty names, in file order.

    `options` are the choices it was read with; `places` tell where its rows stand in the file.
    `head` are the first rows, cell by cell, as their text stood there; empty where that is unknown.
    `numbers` (n,) are those of the rows in the file, from 1, where they were chosen one by one.

    Rows are called by their number in the file wherever people see or say it, also where only a
    sample of them is here; inside, row i is the table's, from 0.
    """

    name: str  # the file's name without its ending, or the sample's title
    columns: tuple[Column, ...]
    receipt: Receipt
    path: Path | None = None  # None for samples and pasted tables
    options: ReadOptions = FOUND_OUT
    places: Places | None = None
    head: tuple[tuple[str, ...], ...] = ()
    numbers: IntArray | None = None

    @cached_property
    def n_rows(self) -> int:
        return len(self.columns[0].cells) if self.columns else 0

    @cached_property
    def row_numbers(self) -> IntArray | None:
        """The number of each row (n,) among all rows of its file, from 1 below the header.

        None where all of the file's rows were read, or it is not known which were.
        """
        if self.numbers is not None or not self.options.is_part:
            return self.numbers
        options, n_in_file = self.options, self.receipt.rows_in_file
        if options.sample_rows is None:
            limit = options.row_limit or 0
            all_read = self.n_rows < limit if n_in_file is None else n_in_file == self.n_rows
            return None if all_read else np.arange(1, self.n_rows + 1)
        rows = None if n_in_file is None else chosen_rows(n_in_file, options)
        return None if rows is None or len(rows) != self.n_rows else rows + 1

    @property
    def last_number(self) -> int:
        """The highest number that a row can have."""
        numbers, options = self.row_numbers, self.options
        if numbers is None or options.sample_rows is None:
            return self.n_rows if numbers is None else int(numbers[-1])
        return self.receipt.rows_in_file or int(numbers[-1])

    def numbers_of(self, rows: IntArray) -> IntArray:
        """What `rows` (0-based) are called, from 1: their numbers in the file.

        Where these are not known, or all rows were read, they are those in the table.
        """
        return rows + 1 if self.row_numbers is None else self.row_numbers[rows]

    def number_of(self, row: int) -> int:
        """What one row (0-based) is called."""
        return row + 1 if self.row_numbers is None else int(self.row_numbers[row])

    def rows_numbered(self, numbers: IntArray) -> IntArray:
        """The rows (0-based) with these numbers, without those that are not in the table."""
        if self.row_numbers is None:
            return numbers[(numbers >= 1) & (numbers <= self.n_rows)] - 1
        places = np.searchsorted(self.row_numbers, numbers)
        found = places < self.n_rows
        found[found] = self.row_numbers[places[found]] == numbers[found]
        return places[found]

    @property
    def memory_bytes(self) -> int:
        """The memory that the cells take."""
        return sum(
            column.cells.nbytes + (0 if column.parsed is None else column.parsed.nbytes)
            for column in self.columns
        )

    @cached_property
    def _by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    def column(self, name: str) -> Column:
        """The column called `name`; raises KeyError."""
        return self._by_name[name]

    @property
    def recommended(self) -> tuple[str, ...]:
        """Names of the columns with numbers that are no identifiers."""
        return tuple(column.name for column in self.columns if column.recommended)

    @cached_property
    def suggested(self) -> tuple[str, ...]:
        """Names of the columns ticked by default: those recommended that are not `few_valued`.

        All that are recommended where fewer than two would be left, as of answers from 1 to 5.
        """
        found = tuple(name for name in self.recommended if name not in self.few_valued)
        return found if len(found) > 1 else self.recommended

    @cached_property
    def few_valued(self) -> Mapping[str, int]:
        """How many values there are in recommended columns of a few whole numbers, by name.

        As a count of passengers has: a mixture for measurements forms clusters on single values.
        """
        counted = {one.name: _n_values(one.numbers()) for one in self.columns if one.recommended}
        return {name: n for name, n in counted.items() if n}

    @property
    def row_label(self) -> Column | None:
        """The column that names rows best, if any.

        The first identifier that is text, else a text that is different in most rows, else the
        first identifier that is a number, else the first text.
        """
        return None if self._labelling is None else self._labelling[1]

    @property
    def row_identifier(self) -> Column | None:
        """The same where it tells most rows apart."""
        if self._labelling is None or self._labelling[0] > _LAST_IDENTIFYING:
            return None
        return self._labelling[1]

    @cached_property
    def _labelling(self) -> tuple[int, Column] | None:
        """The column that names rows best, and its rank."""

        def rank(column: Column) -> int:
            named = column.kind is ColumnKind.IDENTIFIER
            if pa.types.is_integer(column.cells.type):
                return 2 if named else 4
            return 0 if named else 1 if _mostly_distinct(column.cells) else 3

        kinds = (ColumnKind.IDENTIFIER, ColumnKind.TEXT)
        ranked = ((rank(c), c) for c in self.columns if c.kind in kinds)
        return min(ranked, key=lambda one: one[0], default=None)


def _n_values(numbers: FloatArray) -> int:
    """How many values there are, if these are few whole numbers that many rows have; else 0."""
    if len(np.unique(numbers[: _FEW_VALUES + 1])) > _FEW_VALUES:
        return 0  # which nearly every column shows at once
    present = numbers[~np.isnan(numbers)]
    values = np.unique(present[:_JUDGED_ROWS])
    if len(values) <= _FEW_VALUES:
        values = np.unique(present)
    are_few = len(values) <= _FEW_VALUES and len(present) >= _ROWS_PER_VALUE * len(values)
    return len(values) if are_few and bool((values == np.rint(values)).all()) else 0


def _mostly_distinct(cells: pa.ChunkedArray) -> bool:
    head = cells.slice(0, _JUDGED_ROWS)
    return len(head.unique()) >= _DISTINCT * len(head)
