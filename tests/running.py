"""Generators that work and return what came of it, carried to their end."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, TypeVar

T = TypeVar("T")


def finish(steps: Generator[Any, Any, T]) -> T:
    """What a generator returns."""
    return drain(steps)[0]


def drain(steps: Generator[Any, Any, T]) -> tuple[T, list[Any]]:
    """What a generator returns, and all that it yields."""
    seen = []
    while True:
        try:
            seen.append(next(steps))
        except StopIteration as end:
            return end.value, seen
