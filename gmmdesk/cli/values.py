"""What stands behind an option, from text to value."""

from __future__ import annotations

import argparse
import csv
import io
import re
from pathlib import Path
from typing import TYPE_CHECKING

from gmmdesk.errors import UsageError

if TYPE_CHECKING:
    from gmmdesk.analysis.merge_request import MergeRequest
    from gmmdesk.analysis.settings import KnownRows, Searched
    from gmmdesk.data.steps import Step

_MOST_BYTES_OF_STEPS = 2**24
_MOST_RESAMPLES = 10_000


def names(text: str) -> tuple[str, ...]:
    # A name that holds a comma or a line break is put in quotes, as in a CSV file.
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), skipinitialspace=True))
    except csv.Error as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no list of names: {error}") from None
    if len(lines) > 1:
        raise argparse.ArgumentTypeError(
            f"{text!r} holds a line break; put a name that has one in double quotes"
        )
    names = tuple(name.strip() for line in lines for name in line)
    if not all(names) or not names:
        raise argparse.ArgumentTypeError(f"{text!r} lacks a name; write them like A,B,C")
    return names


def step(text: str) -> Step:
    from gmmdesk.data.steps import parse_step

    return parse_step(text)


def known(text: str) -> KnownRows:
    from gmmdesk.analysis.known import parse_known

    return parse_known(text)


def merge(text: str) -> MergeRequest:
    from gmmdesk.analysis.merge_request import parse_merge

    return parse_merge(text)


def read_steps(path: Path) -> tuple[Step, ...]:
    from gmmdesk.data.steps import read_steps

    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES_OF_STEPS + 1)
    except OSError as error:
        raise UsageError(
            f"The steps in {path} cannot be read: {error.strerror}.", "Give a JSON file."
        ) from error
    if len(data) > _MOST_BYTES_OF_STEPS:
        raise UsageError(f"{path} is too long to be a list of steps.", "Give a JSON file of steps.")
    return read_steps(data)


def number_range(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d+)(?:-(\d+))?", text.strip())
    if match is None:
        raise argparse.ArgumentTypeError(f"'{text}' is neither a number such as 3 nor a range 1-9")
    low, high = int(match[1]), int(match[2] or match[1])
    if not 1 <= low <= high:
        raise argparse.ArgumentTypeError(
            f"'{text}' is no number of clusters; give one from 1 up, or a range such as 1-9"
        )
    return low, high


def searched(text: str) -> Searched:
    from gmmdesk.analysis.settings import Searched
    from gmmdesk.engine import MODELS

    numbers, _, models = text.partition(":")
    k_min, k_max = number_range(numbers)
    every = models.strip() in ("", "all")
    return Searched(k_min=k_min, k_max=k_max, models=tuple(MODELS) if every else names(models))


def resamples(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= _MOST_RESAMPLES:
        raise argparse.ArgumentTypeError(
            f"'{text}' is no number of halves from 1 to {_MOST_RESAMPLES:,}"
        )
    return int(text)
