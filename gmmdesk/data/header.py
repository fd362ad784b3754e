"""Finding the header of a table among its first rows."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from dataclasses import dataclass, field

from gmmdesk.data.dataset import Finding
from gmmdesk.data.number_styles import MISSING_WORDS, STYLES, TYPED_WORDS
from gmmdesk.data.numbers import mostly_numbers
from gmmdesk.data.options import FOUND_OUT, ReadOptions
from gmmdesk.errors import ReadError
from gmmdesk.text import joined, one_line, shortened

_YEARS = range(1900, 2101)
_MAX_TITLES = 20
_LONGEST_TOLD = 60  # characters of a cell in a note
_LONGEST_UNIT = 20
_UNITS = frozenset(
    {"nm", "um", "µm", "μm", "mm", "cm", "dm", "m", "km", "in", "inch", "ft", "yd", "mi"}
    | {"mg", "µg", "μg", "ug", "ng", "g", "kg", "lb", "lbs", "oz", "kda", "da"}
    | {"ns", "us", "µs", "ms", "s", "sec", "min", "h", "hr", "hrs", "days", "years", "yrs"}
    | {"ml", "µl", "μl", "ul", "cl", "dl", "l", "mol", "mmol", "µmol", "m2", "m²", "km2", "km²"}
    | {"m3", "m³", "cm2", "cm²", "cm3", "cm³", "ha", "°c", "°f", "degc", "degf", "deg", "°"}
    | {"pa", "hpa", "kpa", "mpa", "bar", "mbar", "mmhg", "psi", "atm", "mv", "kv", "ma"}
    | {"mw", "kw", "wh", "kwh", "mwh", "kj", "mj", "cal", "kcal", "ev", "hz", "khz", "mhz"}
    | {"ghz", "db", "dba", "ohm", "ω", "lx", "lm", "cd", "kn", "nm/s", "m/s", "km/h", "mph"}
    | {"m/s2", "m/s²", "kg/m3", "kg/m³", "kg/m2", "kg/m²", "g/l", "mg/l", "mg/dl", "g/dl"}
    | {"mmol/l", "µmol/l", "mol/l", "g/cm3", "g/cm³", "iu/l", "u/l", "bpm", "rpm", "ppm", "ppb"}
    | {"ft2", "ft²", "ft3", "ft³", "sq ft", "acre", "acres"}
    | {"meter", "metre", "gram", "kilogram", "kilogramm", "liter", "litre", "points", "score"}
    | {"jahre", "tage", "std", "stück", "stk", "% vol", "vol%", "vol.-%", "% w/w", "% v/v"}
    | {"%", "percent", "‰", "eur", "usd", "gbp", "chf", "€", "$", "£", "count", "counts", "pcs"}
)
_NUMBER = re.compile("|".join(f"(?:{style.pattern})" for style in STYLES))


@dataclass(frozen=True, slots=True)
class Header:
    """What the columns are called ("" where a column has no name), and where their rows start."""

    n_above: int  # rows above the first row of values: titles, blank ones, the header, units
    names: list[str]
    notes: list[str]
    units: list[str] = field(default_factory=list)  # of each column, if there is a row of them
    findings: list[Finding] = field(default_factory=list)


def find_header(rows: list[list[str]], name: str, options: ReadOptions = FOUND_OUT) -> Header:
    """The header of the table that begins with `rows`; raises ReadError when all are blank.

    What `options` say about it is not found out; the rows to skip are not among `rows`.
    """
    filled = [i for i, row in enumerate(rows) if any(cell.strip() for cell in row)]
    if not filled:
        raise ReadError(f"{name} holds no table: it is blank.", "Open another file.")
    widths = Counter(len(rows[i]) for i in filled)
    width = max(widths, key=lambda w: (widths[w] if w > 1 else 0, w))
    first = filled[0]
    if options.skip_rows is None:
        first = next(
            (i for i in filled[:_MAX_TITLES] if not _is_title(rows[i], width, rows[i + 1 :])),
            first,
        )
    from_first = [i for i in filled if i >= first]
    if options.header_rows is None:
        header, reason, note = _found_header(rows, from_first)
        notes = [note] if note else []
        findings = [Finding("Header rows", str(len(header)), reason, "header_rows")]
    else:
        start = _start(rows, filled, first, options.header_rows)
        header = filled[start : start + options.header_rows]
        from_first = filled[start:]
        first = min(first, filled[start])
        notes = []
        count = str(options.header_rows)
        findings = [Finding("Header rows", count, "you chose it", "header_rows", chosen=True)]
    if options.skip_rows is not None:
        findings.insert(0, _skipped(options.skip_rows, "you chose it", chosen=True))
    elif titles := [" ".join(rows[i]).strip() for i in filled if i < first]:
        said = joined([f"“{_in_short(title)}”" for title in titles])
        notes.insert(0, f"Lines above the table were skipped: {said}.")
        findings.insert(0, _skipped(first, "what stands there is no row of the table"))
    names = _joined([rows[i] for i in header]) if header else [""] * width
    if header and len(names) == width - 1 and width > 2 and _fills_last(rows, from_first, width):
        # The way R's write.table labels rows: a column without a heading of its own.
        notes.append("The header names one column less than there are; the first has row names.")
        names = ["", *names]
    n_above = header[-1] + 1 if header else from_first[0]
    units: list[str] = []
    below = from_first[len(header) :]
    if options.units_row or (options.units_row is None and header):
        units, reason = _units(rows, below, len(names))
        if options.units_row and below:
            units = [cell.strip() for cell in rows[below[0]]][: len(names)]
            reason = "you chose it"
        if units:
            units += [""] * (len(names) - len(units))
            n_above = below[0] + 1
            said = joined([_in_short(unit) for unit in units if unit])
            notes.append(f"The row of units below the header is none of the rows: {said}.")
            chosen = options.units_row is True
            findings.append(Finding("Row of units", said, reason, "units_row", chosen))
        elif header and options.header_rows is None:
            notes += _note_on_headings_below(rows, below, len(names))
    elif options.units_row is False:
        findings.append(Finding("Row of units", "none", "you chose it", "units_row", chosen=True))
    return Header(n_above, names, notes, units, findings)


def _fills_last(rows: list[list[str]], filled: list[int], width: int) -> bool:
    """Whether the last column is one, rather than what a delimiter at the end of lines makes."""
    return any(rows[i][-1].strip() for i in filled if len(rows[i]) == width)


def _skipped(n: int, reason: str, *, chosen: bool = False) -> Finding:
    return Finding("Rows to skip", str(n), reason, "skip_rows", chosen)


def _found_header(rows: list[list[str]], filled: list[int]) -> tuple[list[int], str, str]:
    """Which row is the header (none or one), why, and a note where that is not plain."""
    names, body = rows[filled[0]], [rows[i] for i in filled[1:]]
    if _is_header(names, body):
        return filled[:1], "the first row holds names, unlike the rows below it", ""
    if not _are_headings(names, body):
        reason = "the first row holds values like those below it"
        return [], reason, "The first row holds values, so the columns were numbered."
    shown = joined([_in_short(cell) for cell in names if cell.strip()])
    reason = "different whole numbers, unlike the numbers below them"
    return filled[:1], reason, f"The first row ({shown}) was taken for headings: {reason}."


def _start(rows: list[list[str]], filled: list[int], first: int, n_rows: int) -> int:
    """Where in `filled` a header of `n_rows` begins that `first` belongs to.

    The upper one of several may have a single cell, like a title above the table.
    """
    start = filled.index(first)
    for earlier in range(start, max(-1, start - n_rows), -1):
        last = earlier + n_rows - 1
        if n_rows > 0 and last < len(filled) - 1:
            body = [rows[i] for i in filled[last + 1 :]]
            if _is_header(rows[filled[last]], body):
                return earlier
    return start


def _joined(header: list[list[str]]) -> list[str]:
    """The names in one or more rows of a header; a name may stand above several of the next row."""
    if len(header) == 1:
        return header[0]
    width = max(map(len, header))
    parts: list[list[str]] = [[] for _ in range(width)]
    for number, row in enumerate(header):
        above = ""
        for j in range(width):
            cell = row[j].strip() if j < len(row) else ""
            if number < len(header) - 1:
                above = cell = cell or above
            if cell:
                parts[j].append(cell)
    return [" ".join(part) for part in parts]


def _units(rows: list[list[str]], below: list[int], width: int) -> tuple[list[str], str]:
    """The units in the first row below the header, and what tells that they are some."""
    cells, numeric = _first_above_numbers(rows, below, width)
    above = [cells[j] for j in numeric]
    if not any(above) or any(
        _NUMBER.match(cell) or cell in MISSING_WORDS or len(cell) > _LONGEST_UNIT for cell in above
    ):
        return [], ""
    named = [cell for cell in above if cell and cell != "-"]
    known = sum(_is_unit(cell) for cell in named)
    # A row of values would say of whom they are, and not be made of units for the most part.
    others = any(cells[j] for j in range(len(cells)) if j not in numeric)
    is_nobodys = not others and (not cells[0] or 2 * known >= len(named))
    if not known or (known < len(named) and not is_nobodys):
        return [], ""
    return cells, "units stand below the names of columns of numbers"


def _first_above_numbers(
    rows: list[list[str]], below: list[int], width: int
) -> tuple[list[str], list[int]]:
    """The cells of the first row below the header, and which of them have numbers below."""
    if len(below) < 3:
        return [], []
    cells = [cell.strip() for cell in rows[below[0]]][:width]
    columns = _columns([rows[i] for i in below[1:]], len(cells))
    return cells, [j for j, is_numeric in enumerate(_are_numeric(columns)) if is_numeric]


def _note_on_headings_below(rows: list[list[str]], below: list[int], width: int) -> list[str]:
    """That the first row may belong to the header, where it has words above several columns."""
    cells, numeric = _first_above_numbers(rows, below, width)
    above = [cells[j] for j in numeric]
    if len(above) < 2 or any(
        not cell or _NUMBER.match(cell) or cell in MISSING_WORDS or cell.lower() in TYPED_WORDS
        for cell in above
    ):
        return []
    said = joined([_in_short(cell) for cell in above])
    return [
        f"Row 1 has no numbers where nearly all others have some: {said}. If these are headings"
        " too, choose two header rows; if they are units, a row of units."
    ]


def _in_short(cell: str) -> str:
    """A cell as a note tells it: any text can stand there, of any length."""
    return shortened(one_line(cell), _LONGEST_TOLD)


def is_known_unit(text: str) -> bool:
    """Whether `text`, in brackets or not, is how people write a unit."""
    return text.strip("[](){} ").lower() in _UNITS


def _is_unit(cell: str) -> bool:
    return is_known_unit(cell) or (cell[0] in "[(" and cell[-1] in "])")


def _is_title(row: list[str], width: int, below: list[list[str]]) -> bool:
    """Whether a line above a table of `width` columns is not part of it."""
    n_filled = sum(bool(cell.strip()) for cell in row)
    if width == 1:
        return row[0].startswith("#")
    if width > 2 and 1 < n_filled <= width // 2:
        return _names_numbers(below)  # such as "Station;7;;;" above a header without gaps
    if n_filled != 1 or len(row) == 1 or width > 2:
        return n_filled == 1
    # Of two columns one may have no name; but then there are no names below.
    return bool(row[0].strip()) and _names_numbers(below)


def _names_numbers(rows: list[list[str]]) -> bool:
    """Whether the first of `rows` with all cells filled names columns, one of them of numbers."""
    start = next((i for i, row in enumerate(rows) if row and all(c.strip() for c in row)), None)
    if start is None or any(_NUMBER.match(cell.strip()) for cell in rows[start]):
        return False
    return any(_are_numeric(_columns(rows[start + 1 :], len(rows[start]))))


def _columns(body: list[list[str]], width: int) -> list[list[str]]:
    return [[line[j].strip() for line in body if j < len(line)] for j in range(width)]


def _are_numeric(columns: list[list[str]]) -> list[bool]:
    return [
        mostly_numbers(sum(bool(_NUMBER.match(c)) for c in column if c), len(column))
        for column in columns
    ]


def _is_header(row: list[str], body: list[list[str]]) -> bool:
    """Whether `row` names the columns of `body`, rather than being its first row."""
    cells = [cell.strip() for cell in row]
    numbers = [bool(_NUMBER.match(cell)) for cell in cells]
    if all(numbers[j] for j in range(len(cells)) if cells[j]):
        return False
    columns = _columns(body, len(cells))
    numeric = _are_numeric(columns)
    if not any(numeric) or not all(numbers[j] for j in range(len(cells)) if numeric[j]):
        return True
    # Numbers may be headings too (2019, 2020), but hardly with a fraction, and a heading does
    # not come again below itself.
    fraction = any(numbers[j] and not cells[j].isdigit() for j in range(len(cells)))
    again = any(cells[j] in columns[j] for j in range(len(cells)) if not numeric[j] and cells[j])
    return not (fraction or again)


def _are_headings(row: list[str], body: list[list[str]]) -> bool:
    """Whether a row of numbers is rather one of headings.

    It is when its cells are different whole numbers and what stands below each is either mostly
    fractions, far from the heading or numbered from 0 or 1 on, or no year below consecutive years.
    """
    places = [j for j, cell in enumerate(row) if cell.strip()]
    cells = [row[j].strip() for j in places]
    if len(cells) < 2 or len(set(cells)) < len(cells) or not all(c.isdecimal() for c in cells):
        return False
    headings = [int(cell) for cell in cells]
    below = [[line[j].strip() for line in body if j < len(line)] for j in places]
    numbers = [[cell for cell in column if _NUMBER.match(cell)] for column in below]
    columns = [[_value(cell) for cell in column] for column in numbers]
    if min(map(len, columns)) < 2:
        return False
    steady = all(b - a == 1 for a, b in itertools.pairwise(headings))
    if steady and all(h in _YEARS for h in headings):
        return not any(_YEARS[0] <= value <= _YEARS[-1] for column in columns for value in column)
    for column in numbers:
        if not mostly_numbers(sum("." in cell or "," in cell for cell in column), len(column)):
            return False
    return (steady and headings[0] in (0, 1) and len(headings) > 2) or all(
        _is_far(heading, column) for heading, column in zip(headings, columns, strict=True)
    )


def _is_far(heading: float, column: list[float]) -> bool:
    """Whether `heading` is further from all of `column` than these are from each other."""
    low, high = min(column), max(column)
    return heading < low - (high - low) or heading > high + (high - low)


def _value(cell: str) -> float:
    """The number in a cell, near enough to compare: a comma is taken for a decimal mark."""
    plain = re.sub(r"[^-+.\dA-Za-z]", "", cell.replace(",", "."))
    return float(re.sub(r"\.(?=.*\.)", "", plain))
