"""Which rows are wanted: words to look for, or conditions such as "income > 50000"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gmmdesk.data.conditions import (
    PRESENCE,
    SPELLINGS,
    compared_cells,
    compared_numbers,
    compared_texts,
    fulfils,
    read_number,
)
from gmmdesk.data.dataset import BoolArray
from gmmdesk.errors import DataError, UsageError
from gmmdesk.ui.tables.condition_flaws import joined_by_or, no_field, no_sign, no_value
from gmmdesk.ui.tables.fields import ColumnField, Field
from gmmdesk.ui.tables.spelling import AND, EMPTY, OR, SIGN, bare, outside_quotes

Mask = BoolArray


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
        the cells of every column. Raises UsageError for a condition that cannot be met.
        """
        return _Search(self.words.strip(), self.decimal, fields, n_rows).found()

    def named(self, fields: Sequence[Field]) -> tuple[int, ...]:
        """The fields that have the words in their name; none where it is a condition."""
        words = bare(self.words).casefold()
        if not words or _Search(self.words.strip(), self.decimal, fields, 0).is_condition:
            return ()
        return tuple(j for j, field in enumerate(fields) if words in field.name.casefold())


NOTHING = Wanted("")


class _Search:
    """A text, cut at every "and" outside quotes, and where it is looked for."""

    def __init__(self, text: str, decimal: str, fields: Sequence[Field], n_rows: int) -> None:
        self._text, self._decimal, self._fields, self._n_rows = text, decimal, fields, n_rows
        ands = list(outside_quotes(AND, text))
        self._starts = [0, *(match.end() for match in ands)]
        self._ends = [*(match.start() for match in ands), len(text)]

    def found(self) -> Mask:
        found = np.ones(self._n_rows, np.bool_)
        if not self._text:
            return found
        if not self.is_condition:
            return self._with_words(self._text)
        at = 0
        while at < len(self._starts):
            some, at = self._next(at)
            found &= some
        return found

    @property
    def is_condition(self) -> bool:
        """Whether it compares; else it is words."""
        return any(outside_quotes(SIGN, self._text)) or any(
            EMPTY.search(self._part(i, i)) for i in range(len(self._starts)) if self._part(i, i)
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
            self._refuse_or(self._part(first, last), condition)
        return self._compared(condition), last + 1

    def _known(self, part: str) -> _Condition | None:
        """The condition on a field that there is, by the longest name."""
        if match := EMPTY.search(part):
            field = _named(part[: match.start()], self._fields)
            if field is not None:
                return _Condition(field, PRESENCE[match[1] is not None])
        for sign in reversed(list(outside_quotes(SIGN, part))):
            field = _named(part[: sign.start()], self._fields)
            if field is not None:
                value = part[sign.end() :].strip()
                comparison = SPELLINGS.get(sign[0], sign[0].lower())
                return _Condition(field, comparison, bare(value), bare(value) != value)
        return None

    def _unknown(self, part: str) -> Mask:
        """The rows with these words; raises UsageError where they are a condition."""
        signs = [m for m in outside_quotes(SIGN, part) if m[0].lower() != "contains"]
        match = signs[0] if signs else EMPTY.search(part)
        if match is not None:
            name, rest = bare(part[: match.start()]), part[match.start() :].strip()
            raise no_field(name, rest, self._text, self._fields)
        return self._with_words(part)

    def _with_words(self, part: str) -> Mask:
        """The rows with these words; raises UsageError where they are meant as a condition."""
        found = self._anywhere(bare(part))
        if not found.any() and (flaw := no_sign(part, self._fields)) is not None:
            raise flaw
        return found

    def _refuse_or(self, part: str, condition: _Condition) -> None:
        """Raise UsageError where another condition, not a part of a value, follows an "or"."""
        for match in outside_quotes(OR, part):
            first, second = part[: match.start()], part[match.end() :]
            both = self._known(first) is not None and self._known(second) is not None
            if both and not self._has(condition):
                raise joined_by_or(first, second)

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
            raise no_value(value, error) from None

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
            if wanted is not None and isinstance(field, ColumnField):
                rows = np.arange(self._n_rows)
                found |= compared_cells(field.column, rows, "=", wanted, words)
            elif wanted is not None and not field.words:
                found |= numbers == wanted
            elif isinstance(field, ColumnField) and field.column.parsed is not None:
                # Cells that are no numbers stand in the table as in the file.
                found |= _true(pc.match_substring(field.texts(), words, ignore_case=True))
        return found


def _missing(field: Field) -> Mask:
    numbers = field.numbers()
    if numbers is not None:
        return np.isnan(numbers)
    return _true(pc.is_null(field.texts()))


def _true(found: pa.ChunkedArray) -> Mask:
    return np.asarray(pc.fill_null(found, fill_value=False).to_numpy(), np.bool_)


def _named(name: str, fields: Sequence[Field]) -> Field | None:
    """The field called so; capitals do not matter unless they tell two apart."""
    name = bare(name)
    exact = [field for field in fields if field.name == name]
    loose = [field for field in fields if field.name.casefold() == name.casefold()]
    for found in (exact, loose):
        if found:
            of_file = [field for field in found if isinstance(field, ColumnField)]
            return (of_file or found)[0]
    return None
