"""What every reader hands over: named columns as they stood in the file, not yet recognised."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pyarrow as pa

from gmmdesk.data.dataset import Finding, Places


@dataclass(slots=True)
class RawTable:
    """Columns of equal length, and how they were found.

    A column is an array of strings (null where the cell was empty), or of numbers, times or
    truths where the file itself, or a look at its text, says so. `interpretation` holds
    fields of the receipt that only this format has, `findings` how they were settled.
    `head` are the first rows as text where that may be more than their cells; `units` one for
    each column, if there is a row of them. `places` tell where the rows stand in the file, or
    `find_places` can find out, which takes a while. `is_chosen` says that the reader has
    left out the rows that were not asked for, of which there are `rows_in_file`, if known.
    """

    names: list[str]
    columns: list[pa.ChunkedArray]
    notes: list[str] = field(default_factory=list)
    interpretation: dict[str, str] = field(default_factory=dict)
    sheets: tuple[str, ...] = ()
    findings: list[Finding] = field(default_factory=list)
    head: list[list[str]] = field(default_factory=list)
    units: list[str] = field(default_factory=list)
    places: Places | None = None
    find_places: Callable[[], Places | None] | None = None
    is_chosen: bool = False
    rows_in_file: int | None = None


def unique_names(names: list[str]) -> tuple[list[str], list[str]]:
    """Names that are unique and not empty, and a note for each kind of change made."""
    taken = {name.strip() for name in names}
    seen: set[str] = set()
    unique, unnamed, repeated = [], [], []
    for number, given in enumerate(names, 1):
        name = given.strip()
        if not name:
            stem = name = f"Column {number}"
            count = 1
            while name in taken or name in seen:
                count += 1
                name = f"{stem} ({count})"
            unnamed.append(name)
        elif name in seen:
            count = 2
            while (renamed := f"{name} ({count})") in taken or renamed in seen:
                count += 1
            repeated.append(f"'{name}' to '{renamed}'")
            name = renamed
        seen.add(name)
        unique.append(name)
    notes = []
    if unnamed:
        notes.append(f"Columns without a name were called {listed(unnamed)}.")
    if repeated:
        notes.append(f"Repeated column names were changed: {listed(repeated)}.")
    return unique, notes


def listed(things: list[str], most: int = 5) -> str:
    """The first few of `things` in words."""
    rest = len(things) - most
    return ", ".join(things[:most]) + (f" and {rest} more" if rest > 0 else "")
