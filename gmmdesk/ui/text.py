"""Text in widgets; numbers in it are written as everywhere."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from gmmdesk.text import (
    beside,
    count,
    duration,
    exact,
    fixed,
    narrow,
    number,
    percent,
    plain,
    rough,
    shortened,
)

__all__ = [
    "beside",
    "broken",
    "count",
    "duration",
    "exact",
    "fixed",
    "narrow",
    "number",
    "percent",
    "plain",
    "plain_action",
    "plain_tip",
    "rough",
    "shortened",
    "words_in_two",
]


_PIECE = re.compile(r".+?(?:[\s_./-]+|$)", re.DOTALL)  # of a name, which may be broken behind it


def broken(name: str, width_of: Callable[[str], float], room: float) -> tuple[str, str]:
    """`name` in two lines: what fits into the first, broken between words, and the rest.

    The first is empty where not even a word fits, the second where all do.
    """
    end = 0
    for piece in _PIECE.finditer(name):
        if width_of(name[: piece.end()].rstrip()) > room:
            break
        end = piece.end()
    return name[:end].rstrip(), name[end:]


def words_in_two(name: str, width_of: Callable[[str], float], room: float) -> tuple[str, ...]:
    """`name` in as few lines as it needs, two at most, of which each may be too wide.

    Where its first word has no room it has the first line for itself, so that the end is seen.
    """
    if width_of(name) <= room:
        return (name,)
    first, rest = broken(name, width_of, room)
    if not first:
        piece = _PIECE.match(name)
        end = 0 if piece is None else piece.end()
        first, rest = name[:end].rstrip(), name[end:]
    return (first, rest) if rest else (first,)


def plain_action(text: str) -> str:
    """What an action or a button shows as `text`, whose "&" are letters and mark no key."""
    return text.replace("&", "&&")


def plain_tip(text: str) -> str:
    """A tooltip that shows `text` as it is, also where it looks like markup."""
    return f"<qt>{html.escape(text).replace(chr(10), '<br>')}</qt>"
