"""Recognising the columns of a table together: how its numbers are written shows in all of them."""

from __future__ import annotations

from dataclasses import dataclass, field

import pyarrow as pa

from gmmdesk.data.dataset import Column
from gmmdesk.data.kinds import needs_text, text_column, typed_column
from gmmdesk.data.numbers import PLAIN, Guess, Style, guess_numbers, plain_numbers
from gmmdesk.data.raw import RawTable, listed
from gmmdesk.task import Task

_NO_GUESS = Guess((PLAIN,), numeric=False)


@dataclass(slots=True)
class Recognised:
    """The columns of a table, and how the numbers in its text were written."""

    columns: list[Column] = field(default_factory=list)
    decimal: str = ""
    thousands: str = ""
    notes: list[str] = field(default_factory=list)


def recognise(raw: RawTable, task: Task) -> Recognised:
    """Find out what each column of `raw` holds; takes the columns out of it on the way."""
    n = len(raw.names)
    typed: dict[int, pa.ChunkedArray] = {}
    texts: dict[int, pa.ChunkedArray] = {}
    guesses: dict[int, Guess] = {}
    parsed = 0
    for i in range(n):
        task.step(0.5 * i / n, "Recognising columns")
        column, raw.columns[i] = raw.columns[i], None
        if not pa.types.is_string(column.type):
            typed[i] = column
            if "delimiter" in raw.interpretation and pa.types.is_floating(column.type):
                parsed += 1  # from text, while it was read
            continue
        plain = plain_numbers(column, task)
        if plain is not None and not needs_text(column, plain):
            typed[i] = plain
        if i not in typed or pa.types.is_floating(typed[i].type):
            guesses[i] = guess_numbers(column)
            if i not in typed or guesses[i].ambiguous:
                texts[i] = column  # ambiguous ones until the others have told the decimal mark

    votes = [guess.vote for guess in guesses.values() if guess.vote]
    votes += ["."] * parsed
    decimal = "," if votes.count(",") > votes.count(".") else "."
    if not votes and raw.interpretation.get("delimiter") == ";":
        decimal = ","  # programs that write decimal commas delimit with semicolons

    result = Recognised(notes=_ambiguities(raw.names, guesses, decimal, proven=bool(votes)))
    local: list[Style] = []
    for i, name in enumerate(raw.names):
        task.step(0.5 + 0.5 * i / n)
        guess = guesses.get(i, _NO_GUESS).settled(decimal)
        cells, text = typed.pop(i, None), texts.pop(i, None)
        if cells is not None and guess.style == PLAIN:
            result.columns.append(typed_column(name, i, cells, task))
            continue
        column, note = text_column(name, i, text, guess, task)
        if column.is_numeric and guess.style != PLAIN:
            local.append(guess.style)
        result.columns.append(column)
        result.notes += [note] if note else []
    if votes or any(guess.ambiguous for guess in guesses.values()):
        result.decimal = decimal
    result.thousands = next((style.thousands[0] for style in local if style.thousands), "")
    return result


def _ambiguities(
    names: list[str], guesses: dict[int, Guess], decimal: str, *, proven: bool
) -> list[str]:
    """A note on numbers such as 1.234 where nothing in the file proves what they mean."""
    unsure = {} if proven else {i: g for i, g in guesses.items() if g.ambiguous}
    if not unsure:
        return []
    example = next(iter(unsure.values())).example
    mark = "." if "." in example else ","
    meaning = example.replace(mark, "." if mark == decimal else "")
    return [
        f"Numbers such as '{example}' in {listed([names[i] for i in unsure])} were read as"
        f" {meaning}: nothing in the file shows whether '{mark}' is a decimal mark."
    ]
