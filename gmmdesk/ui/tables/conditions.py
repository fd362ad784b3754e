"""Which rows are wanted: words to look for, or conditions such as "income > 50000"."""

from __future__ import annotations

import difflib
import math
import operator
import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gmmdesk.errors import UsageError
from gmmdesk.ui.tables.fields import ColumnField, Field

Mask = npt.NDArray[np.bool_]

_SIGNS: dict[str, Callable[[Any, Any], Any]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "!=": operator.ne,
    "≤": operator.le,
    "≥": operator.ge,
    "≠": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "=": operator.eq,
}
_CONDITION = re.compile(r"(?P<name>.+?)\s*(?P<sign><=|>=|!=|==|[≤≥≠<>=])\s*(?P<value>.*)")

_EMPTY = re.compile(r"(?P<name>.+?)\s+is\s+(?P<not>not\s+)?empty", re.IGNORECASE)
_AND = re.compile(r"\s+and\s+", re.IGNORECASE)
_HINT = "Write a condition such as income > 50000, or words to look for."


class Wanted(NamedTuple):
    """A text as typed; `decimal` is the mark in its numbers."""

    words: str
    decimal: str = "."

    def rows(self, fields: Sequence[Field], n_rows: int) -> Mask:
        """Which rows it wants, (n_rows,).

        Conditions are joined by "and"; without a sign of comparison the words are looked for in
        every column. Raises UsageError for a condition that cannot be met.
        """
        found = np.ones(n_rows, np.bool_)
        if not self.words.strip():
            return found
        for part in _AND.split(self.words.strip()) if self._has_condition() else [self.words]:
            found &= self._part(part.strip(), fields, n_rows)
        return found

    def _has_condition(self) -> bool:
        return bool(_CONDITION.fullmatch(self.words.strip()) or _EMPTY.search(self.words))

    def _part(self, part: str, fields: Sequence[Field], n_rows: int) -> Mask:
        if match := _EMPTY.fullmatch(part):
            missing = _missing(_field(match["name"], fields))
            return ~missing if match["not"] else missing
        match = _CONDITION.fullmatch(part)
        if match is None:
            return self._anywhere(part, fields, n_rows)
        field = _field(match["name"], fields)
        sign = match["sign"].replace("==", "=")
        return self._compared(field, sign, match["value"].strip().strip("\"'“”"))

    def _compared(self, field: Field, sign: str, value: str) -> Mask:
        numbers = field.numbers()
        if numbers is None:
            return _compared_texts(field, sign, value)
        wanted = field.words.get(value.casefold(), self._number(value))
        if wanted is None:
            known = ", ".join(field.words) or "a number"
            raise UsageError(f"'{value}' is no value of {field.name}.", f"Compare it with {known}.")
        with np.errstate(invalid="ignore"):
            return np.asarray(_SIGNS[sign](numbers, wanted) & ~np.isnan(numbers))

    def _anywhere(self, words: str, fields: Sequence[Field], n_rows: int) -> Mask:
        found = np.zeros(n_rows, np.bool_)
        wanted = self._number(words)
        for field in fields:
            numbers = field.numbers()
            if numbers is None:
                found |= _true(pc.match_substring(field.texts(), words, ignore_case=True))
                continue
            # Words are looked for in the names of clusters, numbers in the columns of numbers.
            for word, value in field.words.items():
                if words.casefold() in word:
                    found |= numbers == value
            if wanted is not None and not field.words:
                found |= numbers == wanted
        return found

    def _number(self, value: str) -> float | None:
        plain = value.removesuffix("%").replace("\N{MINUS SIGN}", "-").strip()
        group = "." if self.decimal == "," else ","
        plain = plain.replace(group, "").replace(self.decimal, ".")
        try:
            number = float(plain)
        except ValueError:
            return None
        return number if math.isfinite(number) else None


NOTHING = Wanted("")


def _compared_texts(field: Field, sign: str, value: str) -> Mask:
    if sign not in ("=", "!=", "≠"):
        raise UsageError(
            f"{field.name} holds text, which is not larger or smaller.", "Compare it with = or ≠."
        )
    texts = field.texts()
    same = _true(pc.equal(pc.utf8_lower(pc.utf8_trim_whitespace(texts)), value.lower()))
    return same if sign == "=" else ~same & ~_missing(field)


def _missing(field: Field) -> Mask:
    numbers = field.numbers()
    if numbers is not None:
        return np.isnan(numbers)
    return _true(pc.is_null(field.texts()))


def _true(found: pa.ChunkedArray) -> Mask:
    return np.asarray(pc.fill_null(found, fill_value=False).to_numpy(), np.bool_)


def _field(name: str, fields: Sequence[Field]) -> Field:
    """The field called so; capitals do not matter unless they tell two apart."""
    name = name.strip().strip("\"'“”")
    exact = [field for field in fields if field.name == name]
    loose = [field for field in fields if field.name.casefold() == name.casefold()]
    for found in (exact, loose):
        if found:
            of_file = [field for field in found if isinstance(field, ColumnField)]
            return (of_file or found)[0]
    close = difflib.get_close_matches(name, [field.name for field in fields], 3, 0.5)
    hint = f"Did you mean {' or '.join(close)}?" if close else _HINT
    raise UsageError(f"There is no column '{name}'.", hint)
