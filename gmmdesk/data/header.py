"""Finding the header of a table among its first rows."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from dataclasses import dataclass

from gmmdesk.data.numbers import STYLES, mostly_numbers
from gmmdesk.data.raw import listed
from gmmdesk.errors import ReadError

_YEARS = range(1900, 2101)
_MAX_TITLES = 20
_NUMBER = re.compile("|".join(f"(?:{style.pattern})" for style in STYLES))


@dataclass(frozen=True, slots=True)
class Header:
    """What the columns are called ("" where a column has no name), and where their rows start."""

    n_above: int  # rows above the first row of values: titles, blank ones, the header
    names: list[str]
    notes: list[str]


def find_header(rows: list[list[str]], name: str) -> Header:
    """The header of the table that begins with `rows`; raises ReadError when all are blank."""
    filled = [i for i, row in enumerate(rows) if any(cell.strip() for cell in row)]
    if not filled:
        raise ReadError(f"{name} holds no table: it is blank.", "Open another file.")
    widths = Counter(len(rows[i]) for i in filled)
    width = max(widths, key=lambda w: (widths[w] if w > 1 else 0, w))
    first = next(
        (i for i in filled[:_MAX_TITLES] if not _is_title(rows[i], width, rows[i + 1 :])), filled[0]
    )
    notes = []
    if titles := [" ".join(rows[i]).strip() for i in filled if i < first]:
        notes.append(f"Lines above the table were skipped: {listed(titles)}.")

    names, body = rows[first], [rows[i] for i in filled if i > first]
    if not _is_header(names, body):
        if not _are_headings(names, body):
            notes.append("The first row holds values, so the columns were numbered.")
            return Header(first, [""] * width, notes)
        notes.append(
            f"The first row ({listed([cell for cell in names if cell.strip()])}) was taken for"
            " headings: different whole numbers, unlike the numbers below them."
        )
    if len(names) == width - 1 and width > 2:
        # The way R's write.table labels rows: a column without a heading of its own.
        notes.append("The header names one column less than there are; the first has row names.")
        names = ["", *names]
    return Header(first + 1, names, notes)


def _is_title(row: list[str], width: int, below: list[list[str]]) -> bool:
    """Whether a line above a table of `width` columns is not part of it."""
    n_filled = sum(bool(cell.strip()) for cell in row)
    if width == 1:
        return row[0].startswith("#")
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
