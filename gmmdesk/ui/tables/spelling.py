"""How conditions are spelt: signs, quotes, and the name that is being typed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from gmmdesk.data.conditions import number_text

# What stands between quotes is no sign and no "and"; an apostrophe inside a word is no quote.
_EDGE = r"\s=<>!≤≥≠"
_QUOTED = re.compile(rf"""(?<![^{_EDGE}])(?:"[^"]*"|“[^”]*”|'[^']*')(?=[{_EDGE}]|$)""")
SIGN = re.compile(r"<=|>=|=>|=<|<>|!=|==|[≤≥≠<>=]|(?<=\s)contains(?=\s)", re.IGNORECASE)
EMPTY = re.compile(r"\s+is\s+(not\s+)?empty\s*$", re.IGNORECASE)
AND = re.compile(r"\s+and\s+", re.IGNORECASE)
OR = re.compile(r"\s+or\s+", re.IGNORECASE)
QUOTES = (('"', '"'), ("“", "”"), ("'", "'"))


def outside_quotes(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """The matches of `pattern` that do not begin between quotes."""
    quoted = [match.span() for match in _QUOTED.finditer(text)]
    for match in pattern.finditer(text):
        if not any(start <= match.start() < end for start, end in quoted):
            yield match


def bare(text: str) -> str:
    """The text without the quotes around all of it."""
    text = text.strip()
    return text[1:-1] if _QUOTED.fullmatch(text) else text


def quoted(name: str) -> str:
    """A name so that it is understood wherever it stands: between quotes unless it is one word."""
    if re.fullmatch(r"\w+", name):
        return name
    for opening, closing in QUOTES:
        if opening not in name and closing not in name:
            return f"{opening}{name}{closing}"
    return name


def example(ranges: Mapping[str, tuple[float, float]]) -> str:
    """A condition that some rows meet and others do not, by the least and largest number by column.

    Of some other table where there are none.
    """
    for name, (low, high) in ranges.items():
        middle = low + (high - low) / 2
        shorter = (float(f"{middle:.{digits}g}") for digits in range(2, 18))
        value = next((one for one in shorter if low <= one < high), None)
        if value is not None:
            return f"{quoted(name)} > {number_text(value)}"
    return "income > 50000"


class Typed(NamedTuple):
    """A name that is being typed: the letters so far, and where the first of them stands."""

    start: int
    letters: str


def name_typed(text: str, cursor: int) -> Typed | None:
    """The name that ends at the cursor; None where a value is typed there."""
    before = text[:cursor]
    start = max((match.end() for match in outside_quotes(AND, before)), default=0)
    part = before[start:]
    if any(outside_quotes(SIGN, part)) or EMPTY.search(part):
        return None
    start += len(part) - len(part.lstrip())
    letters = part.strip()
    if letters[:1] in [pair[0] for pair in QUOTES]:
        letters = letters[1:]
    return Typed(start, letters)


def completions(letters: str, names: Sequence[str]) -> list[str]:
    """The names that hold the letters, those that begin with them first."""
    wanted = letters.casefold()
    holding = [name for name in names if wanted in name.casefold()]
    return sorted(holding, key=lambda name: not name.casefold().startswith(wanted))
