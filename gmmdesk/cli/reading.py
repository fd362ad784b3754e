"""The options that say how a file is to be read, and what is open when they do not."""

from __future__ import annotations

import argparse
import csv
import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from gmmdesk.errors import TooLargeError, UsageError

if TYPE_CHECKING:
    from gmmdesk.data.dataset import Dataset, Question
    from gmmdesk.data.options import ReadOptions


SESSION_SUFFIX = ".gmmdesk"


class _Option(NamedTuple):
    flag: str
    field: str  # of ReadOptions
    metavar: str
    help: str
    type: Callable[[str], Any] = str


def _marks(known: Mapping[str, str]) -> Callable[[str], str]:
    """The mark that is given by itself or by its name."""

    def mark(text: str) -> str:
        by_name = {"\\t": "\t"} | {name: key for key, name in known.items()}
        return by_name.get(text, text)

    return mark


def _yes(text: str) -> bool:
    if text not in ("yes", "no"):
        raise argparse.ArgumentTypeError(f"'{text}' is neither yes nor no")
    return text == "yes"


def _list(text: str) -> tuple[str, ...]:
    """Things between commas; one that holds a comma is put in quotes, as in a CSV file."""
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), skipinitialspace=True))
    except csv.Error as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no list: {error}") from None
    return tuple(thing.strip() for line in lines for thing in line)


def _kinds(text: str) -> tuple[tuple[str, Any], ...]:
    from gmmdesk.data.options import Kind

    kinds = []
    for thing in _list(text):
        name, _, kind = thing.rpartition("=")
        try:
            kinds.append((name, Kind(kind.replace("-", " "))))
        except ValueError:
            known = ", ".join(kind.replace(" ", "-") for kind in Kind)
            raise argparse.ArgumentTypeError(
                f"'{thing}' does not give a column one of the kinds {known}; write it like"
                " zip=identifier"
            ) from None
    return tuple(kinds)


def _options() -> tuple[_Option, ...]:
    from gmmdesk.data.options import DATE_ORDERS, DECIMALS, DELIMITERS, QUOTES, THOUSANDS
    from gmmdesk.data.seeds import seed

    def named(known: Mapping[str, str]) -> str:
        return ", ".join(known.values())

    return (
        _Option(
            "--sheet", "sheet", "NAME", "sheet, table or file of those in FILE; default: the first"
        ),
        _Option("--range", "cell_range", "CELLS", "part of a sheet, such as B3:F200 or B:F"),
        _Option("--encoding", "encoding", "NAME", "of text, such as utf-8 or cp1252"),
        _Option(
            "--delimiter",
            "delimiter",
            "D",
            f"between cells: {named(DELIMITERS)}, or the character",
            _marks(DELIMITERS),
        ),
        _Option(
            "--quote",
            "quote",
            "Q",
            f"quotation marks around cells: {named(QUOTES)}",
            _marks(QUOTES),
        ),
        _Option("--skip-rows", "skip_rows", "N", "lines above the table to pass over", int),
        _Option(
            "--header-rows", "header_rows", "N", "rows of names; 0 for none, 2 are joined", int
        ),
        _Option("--units-row", "units_row", "yes|no", "a row of units below the header", _yes),
        _Option("--decimal", "decimal", "MARK", "decimal mark: point or comma", _marks(DECIMALS)),
        _Option(
            "--thousands",
            "thousands",
            "MARK",
            f"between groups of digits: {named(THOUSANDS)}",
            _marks(THOUSANDS),
        ),
        _Option("--dates", "date_order", "ORDER", f"of dates: {', '.join(DATE_ORDERS)}"),
        _Option(
            "--na", "missing_words", "WORDS", "more words for missing values: --na=-999,NV", _list
        ),
        _Option("--kinds", "kinds", "NAME=KIND,...", "such as zip=identifier,notes=text", _kinds),
        _Option("--limit-rows", "row_limit", "N", "read the first N rows only", int),
        _Option("--sample", "sample_rows", "N", "read N rows drawn at random", int),
        _Option("--sample-seed", "sample_seed", "N", "of that sample; default 0", seed),
    )


def add_reading_options(parser: argparse.ArgumentParser) -> None:
    """Let `parser` take the options; what none of them says is found out."""
    group = parser.add_argument_group("how FILE is read (default: found out)")
    for option in _options():
        group.add_argument(
            option.flag,
            dest=option.field,
            metavar=option.metavar,
            type=option.type,
            help=option.help,
        )


def reading_options(arguments: argparse.Namespace) -> ReadOptions:
    """What was said about the reading; raises UsageError for what cannot be."""
    from gmmdesk.data.options import ReadOptions

    chosen = {option.field: getattr(arguments, option.field) for option in _options()}
    return ReadOptions(**{field: value for field, value in chosen.items() if value is not None})


def refuse_reading_options(arguments: argparse.Namespace, session: str) -> None:
    """Raise UsageError where it was said how to read a table that a session reads as it was."""
    given = [option.flag for option in _options() if getattr(arguments, option.field) is not None]
    if given:
        raise UsageError(
            f"{', '.join(given)} cannot be used with {session}: a session reads its table as it was"
            " read when it was saved.",
            f"Leave {'it' if len(given) == 1 else 'them'} out, or give the table itself.",
        )


def refuse_session(file: str) -> None:
    """Raise UsageError where a session is given and only its table would be of use."""
    if is_session(file):
        raise UsageError(
            f"{file} is a session, no table.", "Give the table that it is about, or sample:NAME."
        )


def is_session(file: str) -> bool:
    return Path(file).suffix.lower() == SESSION_SUFFIX


@contextmanager
def saying_how_to_read_less() -> Iterator[None]:
    """Name the options that help where a file has no room in memory."""
    try:
        yield
    except TooLargeError as error:
        fitting = f" {error.n_fitting:,} rows or so would fit." if error.n_fitting else ""
        or_sample = ", or --sample N for rows drawn at random" if error.can_sample else ""
        raise UsageError(
            error.message,
            f"Read a part of it: --limit-rows N for its first rows{or_sample}.{fitting}",
        ) from None


def refuse_open_questions(dataset: Dataset) -> None:
    """Raise UsageError where numbers may mean either of two things, and nobody has said which."""
    for question in dataset.receipt.questions:
        if question.changes_numbers:
            raise UsageError(question.text, f"{answers(question)}.")


def answers(question: Question) -> str:
    """The options that answer `question`, and what the example then means."""
    flag = next(option.flag for option in _options() if option.field == question.option)
    return "Say " + " or ".join(
        f"{flag} {_word(value)} ({question.example} is then {meaning})"
        for value, meaning in question.meanings
    )


def _word(value: str) -> str:
    from gmmdesk.data.options import DECIMALS

    return DECIMALS.get(value, value)
