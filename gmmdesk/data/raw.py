"""What every reader hands over: named columns as they stood in the file, not yet recognised."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Self

import msgspec
import pyarrow as pa

from gmmdesk.data.dataset import Finding, Places
from gmmdesk.data.limits import MAX_NAME_CHARS
from gmmdesk.text import joined


@dataclass(slots=True)
class RawTable:
    """Columns of equal length, and how they were found.

    A column is an array of strings (null where the cell was empty), or of numbers, times or
    truths where the file itself, or a look at its text, says so. `interpretation` holds
    fields of the receipt that only this format has, `findings` how they were settled.
    `head` are the first rows as text where that may be more than their cells; `units` one for
    each column, if there is a row of them, `formats` the number format of each in a spreadsheet.
    `places` tell where the rows stand in the file, or
    `find_places` can find out, which takes a while. `is_chosen` says that the reader has
    left out the rows that were not asked for, of which there are `rows_in_file`, if known.
    `labels` says in words what some columns are,
    where the file does; `kinds` has the kind (a ColumnKind) of columns of which the format tells
    it, and the reason why one is no measurement. `picture` is (width, height) where rows are its
    pixels.
    `packed` names the format and the packing of a compressed file, `format` one of several that
    a reader takes. `codes` are texts, by column, of
    cells that are null there because the file calls them missing, of one kind of several.
    """

    names: list[str]
    columns: list[pa.ChunkedArray]
    notes: list[str] = field(default_factory=list)
    interpretation: dict[str, str] = field(default_factory=dict)
    sheets: tuple[str, ...] = ()
    findings: list[Finding] = field(default_factory=list)
    head: list[list[str]] = field(default_factory=list)
    units: list[str] = field(default_factory=list)
    formats: list[str] = field(default_factory=list)
    places: Places | None = None
    find_places: Callable[[], Places | None] | None = None
    is_chosen: bool = False
    rows_in_file: int | None = None
    labels: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, tuple[str, str]] = field(default_factory=dict)
    picture: tuple[int, int] | None = None
    packed: str = ""
    format: str = ""
    codes: dict[str, pa.ChunkedArray] = field(default_factory=dict)

    def facts(self) -> dict[str, Any]:
        """All but the columns, as JSON can hold it."""
        known = {item.name: getattr(self, item.name) for item in fields(self)}
        for name in ("names", "columns", "find_places"):
            del known[name]
        known["findings"] = [asdict(finding) for finding in self.findings]
        known["places"] = self.places and (self.places.what, self.places.first)
        known["codes"] = list(self.codes)
        return known

    def table(self) -> pa.Table:
        """The columns, and after them those of codes, as `from_facts` takes them."""
        return pa.table([*self.columns, *self.codes.values()], [*self.names, *self.codes])

    @classmethod
    def from_facts(cls, columns: pa.Table, facts: dict[str, Any]) -> Self:
        """The table of `columns`, as `table` made them, of which `facts` were told."""
        coded = facts.pop("codes")
        n = columns.num_columns - len(coded)
        table = cls(columns.column_names[:n], columns.columns[:n], **facts)
        table.codes = dict(zip(coded, columns.columns[n:], strict=True))
        table.sheets = tuple(table.sheets)
        table.findings = [Finding(**finding) for finding in facts.get("findings", ())]
        table.places = Places(*facts["places"]) if facts.get("places") else None
        table.picture = msgspec.convert(facts.get("picture"), tuple[int, int] | None)
        return table


# Characters that cannot be seen, or change how what is beside them is seen: C0 and C1 controls,
# line ends, marks of direction, the halves of a pair.
_UNSEEN = re.compile(
    "[\0-\x1f\x7f-\x9f\xad\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
# Blanks before a line end are sought from the first of them only, or many take quadratic time.
_LINE_ENDS = re.compile("(?:(?<![\t ])[\t ]*)?(?:\r\n|[\r\n\t\u2028\u2029])[\t ]*")


def unique_names(names: list[str]) -> tuple[list[str], list[str]]:
    """Names that are unique, not empty and can be seen, and a note for each kind of change made."""
    notes = []
    shown = [seemly(name) for name in names]
    changed = [
        f"'{new[:40]}'" for name, new in zip(names, shown, strict=True) if new != name.strip()
    ]
    if changed:
        notes.append(
            "Line ends, characters that cannot be seen and excess length were taken out of column"
            f" names: {joined(changed)}."
        )
    names = shown
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
    if unnamed:
        notes.append(f"Columns without a name were called {joined(unnamed)}.")
    if repeated:
        notes.append(f"Repeated column names were changed: {joined(repeated)}.")
    return unique, notes


def seemly(name: str) -> str:
    """`name` in one line, its unseen characters as pictures of them, and no longer than may be."""
    name = _LINE_ENDS.sub(" ", name.strip())
    name = _UNSEEN.sub(_pictured, name)
    return name if len(name) <= MAX_NAME_CHARS else name[: MAX_NAME_CHARS - 1] + "\u2026"


def _pictured(match: re.Match[str]) -> str:
    code = ord(match[0])
    return chr(0x2400 + code) if code < 0x20 else "\N{REPLACEMENT CHARACTER}"
