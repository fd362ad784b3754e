"""Text in widgets; numbers in it are written as everywhere."""

from __future__ import annotations

import html

from gmmdesk.text import (
    beside,
    count,
    duration,
    exact,
    number,
    percent,
    plain,
    rough,
    shortened,
)

__all__ = [
    "beside",
    "count",
    "duration",
    "exact",
    "number",
    "percent",
    "plain",
    "plain_action",
    "plain_tip",
    "rough",
    "shortened",
]


def plain_action(text: str) -> str:
    """What an action or a button shows as `text`, whose "&" are letters and mark no key."""
    return text.replace("&", "&&")


def plain_tip(text: str) -> str:
    """A tooltip that shows `text` as it is, also where it looks like markup."""
    return f"<qt>{html.escape(text).replace(chr(10), '<br>')}</qt>"
