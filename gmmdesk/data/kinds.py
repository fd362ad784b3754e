"""What a column holds, judged by its cells and its name, with the reason in plain words."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from gmmdesk.data import numbers as reading
from gmmdesk.data.dataset import Column, ColumnKind
from gmmdesk.data.numbers import PLAIN, Guess, Numbers, Style
from gmmdesk.data.raw import RawTable, listed
from gmmdesk.task import Task

# Words in a column's name. The first say "identifier" whatever the cells are; the others only
# when the cells are (nearly) all different whole numbers.
_ID_NAMES = {"id", "ids", "uuid", "guid", "zip", "zipcode", "postcode", "plz", "isbn", "phone"}
_MAYBE_ID_NAMES = {"index", "idx", "no", "nr", "num", "number", "key", "code", "row", "serial"}
_DISTINCT_SHARE = 0.99
_MAX_NAME_CHARS = 64  # longer texts are not names of rows

_TIME = r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?[AaPp][Mm])?"
_MONTH = r"(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_DATES = (
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}",
    r"\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})",
    r"\d{4}-\d{1,2}",
    rf"\d{{1,2}}[- .]+{_MONTH}[- .,]+\d{{2,4}}",
    rf"{_MONTH} \d{{1,2}},? \d{{4}}",
)
_DATE = re.compile(rf"^(?:(?:{'|'.join(_DATES)})(?:[T ]+{_TIME}(?:Z| ?[-+]\d\d:?\d\d)?)?|{_TIME})$")


_REASONS = {
    ColumnKind.EMPTY: "no values",
    ColumnKind.DATE: "dates or times",
}


@dataclass(slots=True)
class Recognised:
    """The columns of a table, and how the numbers in its text were written."""

    columns: list[Column] = field(default_factory=list)
    decimal: str = ""
    thousands: str = ""
    notes: list[str] = field(default_factory=list)


def recognise(raw: RawTable, task: Task) -> Recognised:
    """Find out what each column of `raw` holds; takes the columns out of it on the way."""
    n = len(raw.names)
    typed: dict[int, pa.ChunkedArray] = {}
    texts: dict[int, pa.ChunkedArray] = {}
    guesses: dict[int, Guess] = {}
    for i in range(n):
        task.step(0.5 * i / n, "Recognising columns")
        column, raw.columns[i] = raw.columns[i], None
        if not pa.types.is_string(column.type):
            typed[i] = column
            continue
        plain = reading.plain_numbers(column, task)
        if plain is not None and not _is_code(column, plain):
            typed[i] = plain
        if i not in typed or pa.types.is_floating(typed[i].type):
            guesses[i] = reading.guess(column)
            if i not in typed or guesses[i].ambiguous:
                texts[i] = column  # ambiguous ones until the others have told the decimal mark

    votes = [guess.vote for guess in guesses.values() if guess.vote]
    votes += ["." for i, c in typed.items() if i not in guesses and pa.types.is_floating(c.type)]
    decimal = "," if votes.count(",") > votes.count(".") else "."
    if not votes and raw.interpretation.get("delimiter") == ";":
        decimal = ","  # programs that write decimal commas delimit with semicolons

    result = Recognised(notes=_ambiguities(raw.names, guesses, decimal, proven=bool(votes)))
    local: list[Style] = []
    for i, name in enumerate(raw.names):
        task.step(0.5 + 0.5 * i / n)
        style = _style(guesses[i], decimal) if i in texts else PLAIN
        if i in typed and style == PLAIN:
            texts.pop(i, None)
            result.columns.append(typed_column(name, i, typed.pop(i), task))
            continue
        typed.pop(i, None)
        column, note = _text_column(name, i, texts.pop(i), style, guesses[i].mark, task)
        if column.is_numeric and style != PLAIN:
            local.append(style)
        result.columns.append(column)
        result.notes += [note] if note else []
    if local or any(pa.types.is_floating(column.cells.type) for column in result.columns):
        result.decimal = decimal
    result.thousands = next((style.thousands[0] for style in local if style.thousands), "")
    return result


def _style(guess: Guess, decimal: str) -> Style:
    return next((style for style in guess.styles if style.decimal == decimal), guess.styles[0])


def _ambiguities(
    names: list[str], guesses: dict[int, Guess], decimal: str, *, proven: bool
) -> list[str]:
    """A note on numbers such as 1.234 where nothing in the file proves what they mean."""
    unsure = {} if proven else {i: g for i, g in guesses.items() if g.ambiguous}
    if not unsure:
        return []
    example = next(iter(unsure.values())).example
    mark = "." if "." in example else ","
    meaning = example.replace(mark, "." if mark == decimal else "")
    return [
        f"Numbers such as '{example}' in {listed([names[i] for i in unsure])} were read as"
        f" {meaning}: nothing in the file shows whether '{mark}' is a decimal mark."
    ]


def typed_column(name: str, position: int, cells: pa.ChunkedArray, task: Task) -> Column:
    """A column whose cells are numbers or timestamps already."""
    task.step()
    n_missing = cells.null_count
    if pa.types.is_timestamp(cells.type):
        kind = ColumnKind.EMPTY if n_missing == len(cells) else ColumnKind.DATE
        return Column(name, kind, cells, n_missing, reason=_REASONS[kind])
    if pa.types.is_floating(cells.type):
        holes = pc.is_nan(cells)
        if pc.any(holes).as_py():
            cells = pc.if_else(holes, None, cells)
            n_missing = cells.null_count
    kind, reason = _numeric_kind(name, position, cells)
    return Column(name, kind, cells, n_missing, reason=reason)


def _text_column(
    name: str, position: int, cells: pa.ChunkedArray, style: Style, mark: str, task: Task
) -> tuple[Column, str]:
    """A column whose cells are text, read as numbers if that is what they are; and a note."""
    if cells.null_count == len(cells):
        kind = ColumnKind.EMPTY
        return Column(name, kind, cells, len(cells), reason=_REASONS[kind]), ""
    if reading.guess(cells).numeric and not _is_code(cells, None):
        found = reading.read_numbers(cells, style, mark, task)
        if found.numeric:
            return _number_column(name, position, cells, style, mark, found)
    kind, reason, n_missing = _text_kind(cells)
    return Column(name, kind, cells, n_missing, reason=reason), ""


def _number_column(
    name: str, position: int, cells: pa.ChunkedArray, style: Style, mark: str, found: Numbers
) -> tuple[Column, str]:
    """A column of text that was read as numbers; as numbers proper where no text gets lost."""
    n_missing = int(found.missing.sum())
    note = f"{name} was read without the {reading.MARKS[mark]} its cells carry." if mark else ""
    values = found.values
    values.flags.writeable = False
    numbers = pa.chunked_array([pa.array(values, from_pandas=True)])
    if not mark and style == PLAIN and not len(found.unreadable):
        whole = _as_integers(numbers) if not _has_points(cells) else None
        return typed_column(name, position, numbers if whole is None else whole, Task()), note
    kind, reason = _numeric_kind(name, position, numbers)
    return (
        Column(name, kind, cells, n_missing, values, found.unreadable, reason),
        note,
    )


def _as_integers(numbers: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """The column as int64 if all its values are whole and exact."""
    try:
        return pc.cast(numbers, pa.int64())
    except pa.ArrowInvalid:
        return None


def _has_points(cells: pa.ChunkedArray) -> bool:
    return any(pc.any(pc.match_substring(chunk, ".")).as_py() for chunk in cells.chunks)


def _is_code(cells: pa.ChunkedArray, plain: pa.ChunkedArray | None) -> bool:
    """Whether text that could be read as whole numbers must stay text to stay itself."""
    if plain is not None and pa.types.is_floating(plain.type):
        return reading.has_long_integers(cells) and not _has_points(cells)
    return reading.has_leading_zeros(cells)


def _numeric_kind(name: str, position: int, cells: pa.ChunkedArray) -> tuple[ColumnKind, str]:
    """Kind and reason of a column of numbers (null where there is none)."""
    present = cells.drop_null()
    if len(present) == 0:
        return ColumnKind.EMPTY, _REASONS[ColumnKind.EMPTY]
    ends = pc.min_max(present).as_py()
    if ends["min"] == ends["max"]:
        return ColumnKind.CONSTANT, f"the same value, {ends['min']:g}, in every row"
    reason = _identifier_reason(name, position, present)
    return (ColumnKind.IDENTIFIER, reason) if reason else (ColumnKind.NUMBER, "")


def _identifier_reason(name: str, position: int, present: pa.ChunkedArray) -> str:
    """Why whole numbers name rows rather than measure them; empty if they do not seem to.

    A column of different whole numbers alone is no identifier: incomes are as different.
    """
    whole = present if pa.types.is_integer(present.type) else _as_integers(present)
    if whole is None:
        return ""
    ends = pc.min_max(whole).as_py()
    if max(-ends["min"], ends["max"]) > reading.EXACT_INTEGERS:
        return "identifier: whole numbers too long to measure anything"
    values = whole.to_numpy()
    if len(values) > 2 and ends["min"] in (0, 1) and bool((values[1:] == values[:-1] + 1).all()):
        return f"identifier: counts the rows from {ends['min']}"
    if ends["min"] < 0:
        return ""
    words = name_words(name)
    if words & _ID_NAMES:
        return "identifier: its name says so"
    named = bool(words & _MAYBE_ID_NAMES) or (position == 0 and _is_unnamed(name))
    if named and pc.count_distinct(whole).as_py() >= _DISTINCT_SHARE * len(whole):
        return "identifier: a different whole number in every row"
    return ""


def name_words(name: str) -> set[str]:
    """The words of a column's name: customerID, customer_id and "Customer ID" are the same."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return set(re.findall(r"[a-z]+", spaced.lower()))


def _is_unnamed(name: str) -> bool:
    return bool(re.fullmatch(r"Column 1|Unnamed: 0", name))


def _text_kind(cells: pa.ChunkedArray) -> tuple[ColumnKind, str, int]:
    """Kind, reason and number of missing cells of a column of text."""
    words = pc.is_in(cells, value_set=pa.array(reading.MISSING_WORDS))
    n_missing = cells.null_count + (pc.sum(words).as_py() or 0)
    if n_missing == len(cells):
        return ColumnKind.EMPTY, _REASONS[ColumnKind.EMPTY], n_missing
    present = cells.filter(pc.and_(pc.is_valid(cells), pc.invert(words)))
    n, distinct = len(present), pc.count_distinct(present).as_py()
    first = present[0].as_py()
    if distinct == 1 and n > 1:
        return ColumnKind.CONSTANT, f"the same text, '{first[:40]}', in every row", n_missing
    some = reading.sample(present)
    if sum(bool(_DATE.match(cell)) for cell in some) >= reading.NUMERIC_SHARE * len(some) > 0:
        return ColumnKind.DATE, _REASONS[ColumnKind.DATE], n_missing
    if _is_code(present, None) and all(cell[:1].isdigit() for cell in some):
        return ColumnKind.IDENTIFIER, "identifier: digits with leading zeros", n_missing
    if (
        distinct >= _DISTINCT_SHARE * n
        and pc.max(pc.utf8_length(present)).as_py() < _MAX_NAME_CHARS
    ):
        return ColumnKind.IDENTIFIER, "identifier: a different text in every row", n_missing
    return ColumnKind.TEXT, f"text ({distinct:,} different values)", n_missing
