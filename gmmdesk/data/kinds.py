"""What a column holds, judged by its cells and its name, with the reason in plain words."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gmmdesk.data import numbers as reading
from gmmdesk.data.dataset import Column, ColumnKind, IntArray
from gmmdesk.data.dates import DATE
from gmmdesk.data.number_styles import ANY_STYLE, MISSING_WORDS, PLAIN, Conventions, is_gap
from gmmdesk.data.numbers import Guess, Numbers
from gmmdesk.data.options import DECIMALS
from gmmdesk.task import Task

# Words in a column's name. The first say "identifier" whatever the cells are; the others only
# when the cells are (nearly) all different whole numbers.
_ID_NAMES = {"id", "ids", "uuid", "guid", "zip", "zipcode", "postcode", "plz", "isbn", "phone"}
_MAYBE_ID_NAMES = {
    *("index", "idx", "no", "nr", "num", "number", "nummer", "key", "code", "row", "rownames"),
    *("serial", "record", "obs", "observation", "specimen", "district", "fips", "sku", "ean"),
    *("barcode", "ssn", "customer", "patient", "subject", "participant", "respondent"),
}
_SHORTEST_RUN = 3  # of 1, 2, 3 ..., to count as counting
_DISTINCT_SHARE = 0.99
_MAX_NAME_CHARS = 64  # longer texts are not names of rows
_TRUTHS = {"true", "false", "yes", "no"}
_DATE = re.compile(DATE)
_OTHER_DECIMAL = {".": ",", ",": "."}


_REASONS = {
    ColumnKind.EMPTY: "no values",
    ColumnKind.DATE: "dates or times",
}


def typed_column(name: str, position: int, cells: pa.ChunkedArray, task: Task) -> Column:
    """A column whose cells are numbers, times or truths already."""
    task.step()
    n_missing = cells.null_count
    if pa.types.is_temporal(cells.type):
        kind = ColumnKind.EMPTY if n_missing == len(cells) else ColumnKind.DATE
        return Column(name, kind, cells, n_missing, reason=_REASONS[kind])
    if pa.types.is_boolean(cells.type):
        kind, reason = _truth_kind(cells)
        return Column(name, kind, cells, n_missing, reason=reason)
    if pa.types.is_floating(cells.type) and any(map(_has_nan, cells.chunks)):
        cells = pc.if_else(pc.is_nan(cells), None, cells)
        n_missing = cells.null_count
    kind, reason = numeric_kind(name, position, cells)
    return Column(name, kind, cells, n_missing, reason=reason)


def _has_nan(chunk: pa.Array) -> bool:
    if chunk.null_count or not len(chunk):
        return bool(pc.any(pc.is_nan(chunk)).as_py())
    return bool(np.isnan(np.min(chunk.to_numpy())))  # several times as fast


def _ends(cells: pa.ChunkedArray) -> tuple[Any, Any]:
    """The smallest and the largest number of a column without nan, None where there is none.

    Of a column of floats those of its first chunks, as soon as they differ.
    """
    if cells.null_count or not len(cells) or not pa.types.is_floating(cells.type):
        ends = pc.min_max(cells).as_py()
        return ends["min"], ends["max"]
    low, high = math.inf, -math.inf
    for chunk in filter(len, cells.chunks):
        numbers = chunk.to_numpy()
        low, high = min(low, float(np.min(numbers))), max(high, float(np.max(numbers)))
        if low < high:
            break
    return low, high


def text_column(
    name: str,
    position: int,
    cells: pa.ChunkedArray,
    guess: Guess,
    task: Task,
    *,
    ways: Conventions = ANY_STYLE,
) -> tuple[Column, str]:
    """A column whose cells are text, read as numbers if that is what they are; and a note."""
    if cells.null_count == len(cells):
        kind = ColumnKind.EMPTY
        return Column(name, kind, cells, len(cells), reason=_REASONS[kind]), ""
    note = ""
    if guess.numeric and not is_code(cells):
        found = reading.read_numbers(cells, guess, task, ways)
        note = _both_marks(name, guess, found)
        if found.numeric:
            column, mark_note = number_column(name, position, cells, found, task, ways=ways)
            return column, " ".join(filter(None, (mark_note, note)))
    kind, reason, n_missing = _text_kind(cells, ways.missing)
    return Column(name, kind, cells, n_missing, reason=reason), note


def number_column(
    name: str,
    position: int,
    cells: pa.ChunkedArray,
    found: Numbers,
    task: Task,
    *,
    ways: Conventions = ANY_STYLE,
) -> tuple[Column, str]:
    """A column of text that was read as numbers; as numbers proper where the text says no more."""
    mark, values = found.mark, found.values
    note = f"{name} was read without the {reading.MARKS[mark]} its cells carry." if mark else ""
    values.flags.writeable = False
    numbers = pa.chunked_array([pa.array(values, from_pandas=True)])
    pointed = reading.has_points(cells)
    plain = not mark and found.style == PLAIN and not len(found.unreadable)
    plain = plain and not reading.holds_word(cells, ways.chosen_words)  # whose text is kept
    if plain and not reading.is_rewritten(cells):
        whole = _as_integers(numbers) if not pointed else None
        typed = typed_column(name, position, numbers if whole is None else whole, task)
        if whole is not None or typed.kind is not ColumnKind.IDENTIFIER:
            return typed, note
    kind, reason = numeric_kind(name, position, numbers)
    if kind is ColumnKind.NUMBER and not pointed and reading.has_bare_exponents(cells):
        kind, reason = ColumnKind.IDENTIFIER, "identifier: digits and an E, as in codes"
    n_missing = int(found.missing.sum())
    return Column(name, kind, cells, n_missing, values, found.unreadable, reason), note


def _both_marks(name: str, guess: Guess, found: Numbers) -> str:
    """That numbers in the column have either decimal mark, which nobody can tell from thousands."""
    if not guess.contrary:
        return ""
    usual, other = DECIMALS[found.style.decimal], DECIMALS[_OTHER_DECIMAL[found.style.decimal]]
    became = "these could not be read" if found.numeric else "it was left as text"
    return (
        f"In {name} some numbers have a decimal {usual} and others, such as '{guess.contrary}', a"
        f" decimal {other}: {became}."
    )


def _as_integers(numbers: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """The column as int64 if all its values are whole and exact."""
    try:
        return pc.cast(numbers, pa.int64())
    except pa.ArrowInvalid:
        return None


def is_code(cells: pa.ChunkedArray, task: Task | None = None) -> bool:
    """Whether text that could be read as whole numbers must stay text to stay itself."""
    return not reading.has_points(cells, task) and (
        reading.has_leading_zeros(cells, task) or reading.has_long_integers(cells, task)
    )


def needs_text(cells: pa.ChunkedArray, numbers: pa.ChunkedArray, task: Task) -> bool:
    """Whether the text of cells that are `numbers` may say more than these do."""
    if pa.types.is_integer(numbers.type):
        return is_code(cells, task)
    # Whole ones may name rows, by "1001.0" where a program has turned the numbers to floats.
    return reading.is_rewritten(cells, task) or _as_integers(numbers) is not None


def _truth_kind(cells: pa.ChunkedArray) -> tuple[ColumnKind, str]:
    ends = pc.min_max(cells).as_py()
    if ends["min"] is None:
        return ColumnKind.EMPTY, _REASONS[ColumnKind.EMPTY]
    if ends["min"] == ends["max"]:
        return ColumnKind.CONSTANT, f"one value only: {str(ends['min']).lower()}"
    return ColumnKind.TEXT, "true or false"


def numeric_kind(name: str, position: int, cells: pa.ChunkedArray) -> tuple[ColumnKind, str]:
    """Kind and reason of a column of numbers (null where there is none)."""
    low, high = _ends(cells)
    if low is None:
        return ColumnKind.EMPTY, _REASONS[ColumnKind.EMPTY]
    if low == high:
        return ColumnKind.CONSTANT, f"one value only: {low:g}"
    if float(low) == float(high):
        return ColumnKind.CONSTANT, "differs only beyond the digits that are computed with"
    whole = cells if pa.types.is_integer(cells.type) else _as_integers(cells)
    if whole is not None and _are_dates(whole.drop_null()):
        return ColumnKind.DATE, _REASONS[ColumnKind.DATE]
    reason = _identifier_reason(name, position, whole.drop_null()) if whole is not None else ""
    return (ColumnKind.IDENTIFIER, reason) if reason else (ColumnKind.NUMBER, "")


def _identifier_reason(name: str, position: int, whole: pa.ChunkedArray) -> str:
    """Why whole numbers name rows rather than measure them; empty if they do not seem to.

    A column of different whole numbers alone is no identifier: incomes are as different.
    """
    ends = pc.min_max(whole).as_py()
    if max(-ends["min"], ends["max"]) > reading.EXACT_INTEGERS:
        return "identifier: whole numbers too long to be exact as measurements"
    if ends["min"] in (0, 1) and ends["max"] - ends["min"] == len(whole) - 1 > 1:
        values = whole.to_numpy()
        if bool((values[1:] == values[:-1] + 1).all()):
            return f"identifier: counts the rows from {ends['min']}"
    if ends["min"] < 0:
        return ""
    if ends["min"] in (0, 1) and _counts_in_runs(whole.to_numpy()):
        return f"identifier: counts from {ends['min']} again and again"
    words = name_words(name)
    if words & _ID_NAMES:
        return "identifier: its name says so"
    named = bool(words & _MAYBE_ID_NAMES) or (position == 0 and _is_unnamed(name))
    if named and pc.count_distinct(whole).as_py() >= _DISTINCT_SHARE * len(whole):
        return "identifier: a different whole number in every row"
    return ""


def _are_dates(whole: pa.ChunkedArray) -> bool:
    """Whether whole numbers are all dates of 1900 to 2100 written yyyymmdd."""
    ends = pc.min_max(whole).as_py()
    if ends["min"] < 1900_01_01 or ends["max"] > 2100_12_31:
        return False
    values = whole.to_numpy().astype(np.int64)
    years, months, days = values // 10_000, values // 100 % 100, values % 100
    if months.min() < 1 or months.max() > 12 or days.min() < 1:
        return False
    first = ((years - 1970) * 12 + months - 1).astype("datetime64[M]")
    lengths = (first + 1).astype("datetime64[D]") - first.astype("datetime64[D]")
    return bool((days <= lengths.astype(np.int64)).all())


def _counts_in_runs(values: IntArray) -> bool:
    """Whether whole numbers count 1, 2, 3 ... (or from 0) and then start again, in file order."""
    first = values.min()
    starts = np.flatnonzero(values == first)
    if len(starts) < 2 or starts[0] != 0 or np.diff(starts).min() < _SHORTEST_RUN:
        return False
    steps = np.diff(values.astype(np.int64))
    return bool(((steps == 1) | (values[1:] == first)).all())


def name_words(name: str) -> set[str]:
    """The words of a column's name: customerID, customer_id and "Customer ID" are the same."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return set(re.findall(r"[a-z]+", spaced.lower()))


def _is_unnamed(name: str) -> bool:
    return bool(re.fullmatch(r"Column 1|Unnamed: 0", name))


def _text_kind(
    cells: pa.ChunkedArray, missing: tuple[str, ...] = MISSING_WORDS
) -> tuple[ColumnKind, str, int]:
    """Kind, reason and number of missing cells of a column of text."""
    gaps = is_gap(cells, missing)
    n_missing = pc.sum(gaps).as_py() or 0
    if n_missing == len(cells):
        return ColumnKind.EMPTY, _REASONS[ColumnKind.EMPTY], n_missing
    present = cells.filter(pc.invert(gaps))
    n, distinct = len(present), pc.count_distinct(present).as_py()
    first = present[0].as_py()
    if distinct == 1 and n > 1:
        return ColumnKind.CONSTANT, f"one text only: '{first[:40]}'", n_missing
    some = reading.sample(present)
    if sum(bool(_DATE.match(cell)) for cell in some) >= reading.NUMERIC_SHARE * len(some) > 0:
        return ColumnKind.DATE, _REASONS[ColumnKind.DATE], n_missing
    if is_code(present) and all(cell[:1].isdigit() for cell in some):
        return ColumnKind.IDENTIFIER, "identifier: digits that are no quantity", n_missing
    if {cell.lower() for cell in some} <= _TRUTHS:
        return ColumnKind.TEXT, "true or false", n_missing
    if (
        distinct >= _DISTINCT_SHARE * n
        and pc.max(pc.utf8_length(present)).as_py() < _MAX_NAME_CHARS
    ):
        return ColumnKind.IDENTIFIER, "identifier: a different text in every row", n_missing
    return ColumnKind.TEXT, f"text ({distinct:,} different values)", n_missing
