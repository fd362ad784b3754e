"""What is wrong with a condition, where, and what to type instead."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

import numpy as np

from gmmdesk.errors import DataError, UsageError
from gmmdesk.text import shortened
from gmmdesk.ui.tables.fields import ColumnField, Field
from gmmdesk.ui.tables.spelling import QUOTES, SIGN, completions, example, outside_quotes, quoted

_OPENED = re.compile(r'(?<!\S)["“]')
# What people write in words, and what is meant; {0} is the column, what follows are values.
_IN_WORDS = (
    (r"between (\S+) and (\S+)", "{0} ≥ {1} and {0} ≤ {2}"),
    (r"(?:is |are )?(?:missing|null|blank|empty)", "{0} is empty"),
    (r"(?:is )?(?:more|greater|larger|higher) than (.+)", "{0} > {1}"),
    (r"(?:is )?(?:less|smaller|lower) than (.+)", "{0} < {1}"),
    (r"(?:is )?(?:over|above) (.+)", "{0} > {1}"),
    (r"(?:is )?(?:under|below) (.+)", "{0} < {1}"),
    (r"(?:is )?at least (.+)", "{0} ≥ {1}"),
    (r"(?:is )?at most (.+)", "{0} ≤ {1}"),
    (r"(?:is not|isn't|not) (.+)", "{0} ≠ {1}"),
    (r"(?:like|has|includes) (.+)", "{0} contains {1}"),
    (r"(?:is|equals|was) (.+)", "{0} = {1}"),
    (r"contains", "{0} contains …"),
    (r"(.+)", "{0} = {1}"),
)


def no_field(name: str, rest: str, text: str, fields: Sequence[Field]) -> UsageError:
    """There is no field called `name`, to which `rest` of a part of `text` compares it."""
    rest = shortened(rest)
    if opened := next(outside_quotes(_OPENED, text), None):
        told = shortened(text[opened.start() :])
        return UsageError(
            f"A quote is opened before {told[1:]} and not closed.",
            f"Close it behind the name: {_example(fields)}.",
        )
    if not name:
        return UsageError(
            f"The name of a column is missing before “{rest}”.",
            f"Write it like {_short(fields)} {rest}.",
        )
    names = [field.name for field in fields]
    holding = completions(name, names)[:3]
    close = holding or difflib.get_close_matches(name, names, 3, 0.5)
    told = " or ".join(f"{quoted(one)} {rest}" for one in close)
    hint = f"Did you mean {told}?" if close else f"Write it like {_example(fields)}."
    return UsageError(f"There is no column '{name}'.", hint)


def no_sign(words: str, fields: Sequence[Field]) -> UsageError | None:
    """No cell has these words; what to type where they begin with a column, else None."""
    words = words.removesuffix(" and")
    names = sorted((field.name for field in fields), key=len, reverse=True)
    for name in names:
        for written in (name, *(f"{a}{name}{b}" for a, b in QUOTES)):
            if words.casefold().startswith(f"{written.casefold()} "):
                return UsageError(
                    f"No cell has “{shortened(words)}” in it.",
                    f"To compare a column, write {_in_signs(name, words[len(written) :].strip())}.",
                )
    return None


def joined_by_or(first: str, second: str) -> UsageError:
    """Two conditions with "or" between them."""
    return UsageError(
        "Conditions are joined by “and” only, not by “or”.",
        f"Ask for {shortened(first)} and then for {shortened(second)}: the rows of the second can"
        " be added to the selected ones.",
    )


def no_value(value: str, error: DataError) -> UsageError:
    """A column cannot be compared with `value`, for the reason that `error` gives."""
    if value.casefold().endswith(" and"):
        return UsageError("Another condition is missing after “and”.", "Write one, or nothing.")
    if any(outside_quotes(SIGN, value)):
        return UsageError(error.message, "Write “and” between two conditions.")
    return UsageError(error.message, error.hint)


def _in_signs(name: str, rest: str) -> str:
    for pattern, meant in _IN_WORDS:
        if match := re.fullmatch(pattern, rest, re.IGNORECASE):
            return shortened(meant.format(quoted(name), *match.groups()), 120)
    return _example(())


def _shortest(fields: Sequence[Field]) -> ColumnField | None:
    """The column of numbers with the shortest name, or else of anything."""
    of_file = [field for field in fields if isinstance(field, ColumnField)]
    numbers = [field for field in of_file if field.is_number]
    return min(numbers or of_file, key=lambda field: len(field.name), default=None)


def _short(fields: Sequence[Field]) -> str:
    """The same as a condition names it."""
    found = _shortest(fields)
    return "income" if found is None else quoted(found.name)


def _example(fields: Sequence[Field]) -> str:
    """A condition that some rows of that column meet and others do not."""
    found = _shortest(fields)
    numbers = None if found is None else found.numbers()
    if found is None or numbers is None or not np.isfinite(numbers).any():
        return example({})
    present = numbers[np.isfinite(numbers)]
    return example({found.name: (float(present.min()), float(present.max()))})
