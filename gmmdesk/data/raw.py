"""What every reader hands over: named columns as they stood in the file, not yet recognised."""

from __future__ import annotations

from dataclasses import dataclass, field

import pyarrow as pa


@dataclass(slots=True)
class RawTable:
    """Columns of equal length, and how they were found.

    A column is an array of strings (null where the cell was empty), or of numbers, times or
    truths where the file itself, or a look at its text, says so. `interpretation` holds
    fields of the receipt that only this format has.
    """

    names: list[str]
    columns: list[pa.ChunkedArray]
    notes: list[str] = field(default_factory=list)
    interpretation: dict[str, str] = field(default_factory=dict)
    sheets: tuple[str, ...] = ()


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
