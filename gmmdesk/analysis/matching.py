"""Which column of a file stands for which column of a model."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gmmdesk.data.dataset import Dataset, bare_unit, with_unit
from gmmdesk.data.header import is_known_unit
from gmmdesk.errors import UsageError
from gmmdesk.text import joined

_IN_BRACKETS = re.compile(r"[(\[]([^()\[\]]+)[)\]]\s*$")
_CLOSE = 0.6  # similarity, from 0 to 1, of names that may mean the same


@dataclass(frozen=True, slots=True)
class Matching:
    """The columns of a file by those of a model, in the model's order.

    `certain` have the same name, or were given; `likely` differ in case, spaces or marks only;
    `suggested` look alike and need somebody to agree. What is in none of them is `missing`.
    `extra` are the numeric columns of the file that the model does not use.
    """

    columns: tuple[str, ...]
    certain: Mapping[str, str]
    likely: Mapping[str, str]
    suggested: Mapping[str, str]
    extra: tuple[str, ...]

    @property
    def found(self) -> dict[str, str]:
        """What can be taken without asking."""
        return {**self.certain, **self.likely}

    @property
    def missing(self) -> tuple[str, ...]:
        found = self.found
        return tuple(name for name in self.columns if name not in found)

    def complete(self, table: str) -> tuple[str, ...]:
        """The file's columns in the model's order; raises UsageError where one is missing."""
        found, missing = self.found, self.missing
        if not missing:
            return tuple(found[name] for name in self.columns)
        what = f"the column{'s' * (len(missing) > 1)} {joined([repr(name) for name in missing])}"
        near = [name for name in missing if name in self.suggested]
        hint = "Give the name that the file has for it, or open a file that has it."
        if near:
            pairs = " and ".join(f"{self.suggested[name]!r} for {name!r}" for name in near[:3])
            hint = f"Perhaps the file has {pairs}: if so, say it (--map, or Apply in the window)."
        raise UsageError(f"{table} lacks {what}, which the model needs.", hint)


def match_columns(
    columns: Sequence[str],
    dataset: Dataset,
    given: Mapping[str, str] | None = None,
    *,
    numeric: Sequence[str] | None = None,
    units: Mapping[str, str] | None = None,
) -> Matching:
    """Find a model's `columns` in `dataset`, those in `given` as it says.

    Those that are `numeric` (None: all) can only be columns of numbers. With the unit that stands
    beside it in `units` a name is the same: that is how it is shown, and may have been copied.

    Raises UsageError where `given` names a column that is not there, or one twice.
    """
    given, units = dict(given or {}), units or {}
    _check_given(columns, dataset, given)
    names = [column.name for column in dataset.columns]
    free = [name for name in names if name not in given.values()]
    certain = dict(given)
    for name in columns:
        if name not in certain and name in free:
            certain[name] = name
            free.remove(name)
    numbers = set(columns if numeric is None else numeric)

    def possible(name: str) -> list[str]:
        return [other for other in free if name not in numbers or dataset.column(other).is_numeric]

    likely: dict[str, str] = {}
    for name in columns:
        shown = with_unit(name, units.get(name, ""))
        alike = [
            other
            for other in possible(name)
            if is_same_but_for_marks(other, name) or is_same_but_for_marks(other, shown)
        ]
        if name not in certain and len(alike) == 1:
            likely[name] = alike[0]
            free.remove(alike[0])
    suggested: dict[str, str] = {}
    for name in columns:
        if name not in certain and name not in likely:
            open_ones = (other for other in possible(name) if other not in suggested.values())
            keys = {_key(other): other for other in open_ones}
            close = difflib.get_close_matches(_key(name), keys, 1, _CLOSE)
            if close:
                suggested[name] = keys[close[0]]
    extra = tuple(name for name in free if dataset.column(name).is_numeric)
    return Matching(tuple(columns), certain, likely, suggested, extra)


def is_same_but_for_marks(name: str, other: str) -> bool:
    """Whether two names differ in case, accents, spaces and marks at most."""
    return _key(name) == _key(other)


def stated_unit(name: str, unit: str) -> str:
    """The `unit` of a column, else a known one that its name ends with: "area (m²)"; or ""."""
    if unit:
        return bare_unit(unit)
    found = _IN_BRACKETS.search(name)
    return found[1].strip() if found and is_known_unit(found[1]) else ""


def is_other_unit(unit: str, other: str) -> bool:
    """Whether two units are stated, and are not the same: m2 is m², and both signs of micro are."""
    first, second = (unicodedata.normalize("NFKC", bare_unit(one)) for one in (unit, other))
    return bool(first and second) and first != second


def _check_given(columns: Sequence[str], dataset: Dataset, given: Mapping[str, str]) -> None:
    known = [column.name for column in dataset.columns]
    for name, other in given.items():
        for wanted, existing, whose in (
            (name, columns, "The model"),
            (other, known, dataset.name),
        ):
            if wanted not in existing:
                raise UsageError(
                    f"{whose} has no column '{wanted}'.",
                    f"Its columns are {joined(existing, 12)}.",
                )
    if len(set(given.values())) < len(given):
        raise UsageError(
            "One column of the file stands for two of the model.", "Name each column once."
        )


def _key(name: str) -> str:
    """What is left of a name without case, accents, spaces and marks."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    return "".join(letter for letter in plain if letter.isalnum()) or name
