"""Which rows are wanted: words to look for, or conditions such as "income > 50000"."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gmmdesk.data.conditions import (
    PRESENCE,
    SPELLINGS,
    compared_numbers,
    compared_texts,
    fulfils,
    read_number,
)
from gmmdesk.data.dataset import BoolArray
from gmmdesk.errors import DataError, UsageError
from gmmdesk.ui.tables.fields import ColumnField, Field

Mask = BoolArray

# What stands between quotes is no sign and no "and"; an apostrophe inside a word is no quote.
_EDGE = r"\s=<>!≤≥≠"
_QUOTED = re.compile(rf"""(?<![^{_EDGE}])(?:"[^"]*"|“[^”]*”|'[^']*')(?=[{_EDGE}]|$)""")
_SIGN = re.compile(r"<=|>=|!=|==|[≤≥≠<>=]|(?<=\s)contains(?=\s)", re.IGNORECASE)
_EMPTY = re.compile(r"\s+is\s+(not\s+)?empty\s*$", re.IGNORECASE)
_AND = re.compile(r"\s+and\s+", re.IGNORECASE)
_HINT = "Write a condition such as income > 50000, or words to look for."


class _Condition(NamedTuple):
    field: Field
    comparison: str
    value: str = ""
    quoted: bool = False


class Wanted(NamedTuple):
    """A text as typed; `decimal` is the mark in its numbers."""

    words: str
    decimal: str = "."

    def rows(self, fields: Sequence[Field], n_rows: int) -> Mask:
        """Which rows it wants, (n_rows,).

        Conditions are joined by "and"; without a sign of comparison the words are looked for in
        every column. Raises UsageError for a condition that cannot be met.
        """
        return _Search(self.words.strip(), self.decimal, fields, n_rows).found()


NOTHING = Wanted("")


class _Search:
    """A text, cut at every "and" outside quotes, and where it is looked for."""

    def __init__(self, text: str, decimal: str, fields: Sequence[Field], n_rows: int) -> None:
        self._text, self._decimal, self._fields, self._n_rows = text, decimal, fields, n_rows
        ands = list(_outside_quotes(_AND, text))
        self._starts = [0, *(match.end() for match in ands)]
        self._ends = [*(match.start() for match in ands), len(text)]

    def found(self) -> Mask:
        found = np.ones(self._n_rows, np.bool_)
        if not self._text:
            return found
        if not any(_outside_quotes(_SIGN, self._text)) and not self._asks_for_presence():
            return self._anywhere(self._text)
        at = 0
        while at < len(self._starts):
            some, at = self._next(at)
            found &= some
        return found

    def _asks_for_presence(self) -> bool:
        return any(
            _EMPTY.search(self._part(i, i)) for i in range(len(self._starts)) if self._part(i, i)
        )

    def _part(self, first: int, last: int) -> str:
        return self._text[self._starts[first] : self._ends[last]].strip()

    def _next(self, first: int) -> tuple[Mask, int]:
        """The rows that the condition beginning at a part wants, and the part behind it.

        Names and values may hold an "and" of their own: of values the longest that a cell has.
        """
        parts = range(first, len(self._starts))
        for last in parts:
            condition = self._known(self._part(first, last))
            if condition is not None:
                break
        else:
            return self._unknown(self._part(first, first)), first + 1
        if not condition.quoted and condition.comparison not in PRESENCE:
            for longer in reversed(range(last + 1, len(self._starts))):
                other = self._known(self._part(first, longer))
                if other is not None and other.field is condition.field and self._has(other):
                    return self._compared(other), longer + 1
        return self._compared(condition), last + 1

    def _known(self, part: str) -> _Condition | None:
        """The condition on a field that there is, by the longest name."""
        if match := _EMPTY.search(part):
            field = _named(part[: match.start()], self._fields)
            if field is not None:
                return _Condition(field, PRESENCE[match[1] is not None])
        for sign in reversed(list(_outside_quotes(_SIGN, part))):
            field = _named(part[: sign.start()], self._fields)
            if field is not None:
                value = part[sign.end() :].strip()
                bare = _bare(value)
                comparison = SPELLINGS.get(sign[0], sign[0].lower())
                return _Condition(field, comparison, bare, bare != value)
        return None

    def _unknown(self, part: str) -> Mask:
        """The rows with these words; raises UsageError where they are a condition."""
        signs = [m for m in _outside_quotes(_SIGN, part) if m[0].lower() != "contains"]
        match = signs[0] if signs else _EMPTY.search(part)
        if match is not None:
            raise _no_field(_bare(part[: match.start()].strip()), self._fields)
        return self._anywhere(_bare(part))

    def _has(self, condition: _Condition) -> bool:
        """Whether a cell of text, or a cluster, is called as the value."""
        field, value = condition.field, condition.value
        if field.words:
            return value.casefold() in field.words
        if field.numbers() is not None:
            return False
        try:
            return bool(self._compared(condition._replace(comparison="=")).any())
        except UsageError:
            return False

    def _compared(self, condition: _Condition) -> Mask:
        field, comparison, value, _ = condition
        try:
            if isinstance(field, ColumnField):
                rows = np.arange(self._n_rows)
                return fulfils(field.column, rows, comparison, value, self._decimal)
            return self._compared_results(field, comparison, value)
        except DataError as error:
            raise UsageError(error.message, error.hint) from None

    def _compared_results(self, field: Field, comparison: str, value: str) -> Mask:
        numbers = field.numbers()
        if comparison in PRESENCE:
            missing = _missing(field)
            return missing if comparison == "is-empty" else ~missing
        if numbers is None:
            return compared_texts(field.name, field.texts(), comparison, value)
        if comparison == "contains":
            wanted = [number for word, number in field.words.items() if value.casefold() in word]
            return np.isin(numbers, wanted)
        number = field.words.get(value.casefold(), read_number(value, self._decimal))
        if number is None:
            known = ", ".join(field.words) or "a number"
            raise UsageError(f"'{value}' is no value of {field.name}.", f"Compare it with {known}.")
        return compared_numbers(numbers, comparison, number)

    def _anywhere(self, words: str) -> Mask:
        found = np.zeros(self._n_rows, np.bool_)
        wanted = read_number(words, self._decimal)
        for field in self._fields:
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
            elif isinstance(field, ColumnField) and field.column.parsed is not None:
                # Cells that are no numbers stand in the table as in the file.
                found |= _true(pc.match_substring(field.texts(), words, ignore_case=True))
        return found


def _outside_quotes(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    quoted = [match.span() for match in _QUOTED.finditer(text)]
    for match in pattern.finditer(text):
        if not any(start <= match.start() < end for start, end in quoted):
            yield match


def _bare(text: str) -> str:
    """The text without the quotes around all of it."""
    text = text.strip()
    return text[1:-1] if _QUOTED.fullmatch(text) else text


def _missing(field: Field) -> Mask:
    numbers = field.numbers()
    if numbers is not None:
        return np.isnan(numbers)
    return _true(pc.is_null(field.texts()))


def _true(found: pa.ChunkedArray) -> Mask:
    return np.asarray(pc.fill_null(found, fill_value=False).to_numpy(), np.bool_)


def _named(name: str, fields: Sequence[Field]) -> Field | None:
    """The field called so; capitals do not matter unless they tell two apart."""
    name = _bare(name)
    exact = [field for field in fields if field.name == name]
    loose = [field for field in fields if field.name.casefold() == name.casefold()]
    for found in (exact, loose):
        if found:
            of_file = [field for field in found if isinstance(field, ColumnField)]
            return (of_file or found)[0]
    return None


def _no_field(name: str, fields: Sequence[Field]) -> UsageError:
    close = difflib.get_close_matches(name, [field.name for field in fields], 3, 0.5)
    hint = f"Did you mean {' or '.join(close)}?" if close else _HINT
    return UsageError(f"There is no column '{name}'.", hint)
