"""Recognising the columns of a table together: how its numbers are written shows in all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pyarrow as pa

from gmmdesk.data.calendar import settle_times
from gmmdesk.data.chosen_kinds import chosen_text_column, chosen_typed_column, without_words
from gmmdesk.data.dataset import Column, ColumnKind, Finding, Question
from gmmdesk.data.dates import DateGuess, guess_order, spoken_date, unreadable_dates
from gmmdesk.data.kinds import needs_text, text_column, typed_column
from gmmdesk.data.number_styles import PLAIN, Conventions, Style, conventions
from gmmdesk.data.numbers import Guess, guess_numbers, plain_numbers
from gmmdesk.data.options import DECIMALS, FOUND_OUT, THOUSANDS, Kind, ReadOptions
from gmmdesk.data.raw import RawTable
from gmmdesk.errors import ReadError
from gmmdesk.task import Task
from gmmdesk.text import joined

_NO_GUESS = Guess((PLAIN,), numeric=False)
# What says nothing about how numbers are written, or is not asked.
_UNREAD = {Kind.CATEGORY, Kind.DATE, Kind.TEXT, Kind.IDENTIFIER, Kind.LEAVE_OUT}


@dataclass(slots=True)
class Recognised:
    """The columns of a table, how numbers and dates in its text were written, and what is open."""

    columns: list[Column] = field(default_factory=list)
    decimal: str = ""
    thousands: str = ""
    notes: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)


@dataclass(slots=True)
class _Decimal:
    """The table's decimal mark: which, why, and whether that is sure."""

    mark: str
    reason: str
    proven: bool
    seen: bool = True  # in some cell, or chosen


def recognise(raw: RawTable, task: Task, options: ReadOptions = FOUND_OUT) -> Recognised:
    """Find out what each column of `raw` holds; takes the columns out of it on the way.

    Raises ReadError when a kind was chosen for a column that is not there.
    """
    ways, kinds = conventions(options), _chosen_kinds(raw.names, options)
    settle_times(raw)
    n = len(raw.names)
    typed: dict[int, pa.ChunkedArray] = {}
    texts: dict[int, pa.ChunkedArray] = {}
    guesses: dict[int, Guess] = {}
    parsed: list[int] = []
    for i in range(n):
        task.step(0.5 * i / n, "Recognising columns")
        column, raw.columns[i] = raw.columns[i], None
        if not pa.types.is_string(column.type):
            typed[i] = column
            if "delimiter" in raw.interpretation and pa.types.is_floating(column.type):
                parsed.append(i)  # from text, while it was read
            continue
        if kinds[i] in _UNREAD:
            texts[i] = column
            continue
        plain = plain_numbers(column, task, ways)
        if plain is not None and not needs_text(column, plain, task):
            typed[i] = plain
        if i not in typed or pa.types.is_floating(typed[i].type):
            guesses[i] = guess_numbers(column, ways, forced=kinds[i] is Kind.NUMBER)
            if i not in typed or guesses[i].ambiguous:
                texts[i] = column  # ambiguous ones until the others have told the decimal mark

    decimal = _decimal(raw, guesses, parsed, options)
    questions = _open_decimals(raw.names, guesses, decimal)
    notes = [_provisional(question, decimal.mark) for question in questions]
    result = Recognised(questions=questions, notes=notes)
    local: list[Style] = []
    for i, name in enumerate(raw.names):
        task.step(0.5 + 0.5 * i / n)
        guess = guesses.get(i, _NO_GUESS).settled(decimal.mark)
        cells, text, kind = typed.pop(i, None), texts.pop(i, None), kinds[i]
        if cells is not None and guess.style == PLAIN:
            column = typed_column(name, i, cells, task)
            column = chosen_typed_column(column, kind) if kind is not None else column
        elif kind is not None:
            only = replace(ways, styles=(guess.style, *_others(ways, guess)))
            column = chosen_text_column(name, i, text, kind, task, ways=only)
        else:
            column, note = text_column(name, i, text, guess, task, ways=ways)
            result.notes += [note] if note else []
        if column.is_numeric and guess.style != PLAIN:
            local.append(guess.style)
        column = without_words(column, ways.chosen_words)
        result.columns.append(replace(column, missing_words=ways.missing))
    if decimal.seen or any(guess.ambiguous for guess in guesses.values()):
        result.decimal = decimal.mark
    result.thousands = next((style.thousands[0] for style in local if style.thousands), "")
    _read_dates(result, options, ways, task)
    result.findings += _findings(result, decimal, options)
    return result


def _others(ways: Conventions, guess: Guess) -> tuple[Style, ...]:
    """The styles beside the one of `guess` that have its decimal mark."""
    return tuple(s for s in ways.styles if s != guess.style and s.decimal == guess.style.decimal)


def _chosen_kinds(names: list[str], options: ReadOptions) -> list[Kind | None]:
    chosen: Mapping[str, Kind] = dict(options.kinds)
    if strange := [name for name in chosen if name not in names]:
        raise ReadError(
            f"There is no column '{strange[0]}' whose kind could be chosen.",
            f"The columns are {joined(names, 12)}.",
        )
    return [chosen.get(name) for name in names]


# --- the decimal mark --------------------------------------------------------------------------


def _decimal(
    raw: RawTable, guesses: dict[int, Guess], parsed: list[int], options: ReadOptions
) -> _Decimal:
    """The decimal mark that was chosen, that cells prove, or that is likelier."""
    if options.decimal is not None:
        return _Decimal(options.decimal, "you chose it", proven=True)
    votes = {mark: [i for i, guess in guesses.items() if guess.vote == mark] for mark in ".,"}
    counts = {".": len(votes["."]) + len(parsed), ",": len(votes[","])}
    mark = "," if counts[","] > counts["."] else "."
    if counts["."] or counts[","]:
        if votes[mark]:
            i = votes[mark][0]
            reason = f"'{guesses[i].example}' in '{raw.names[i]}' can only be read so"
        else:
            reason = f"numbers such as those in '{raw.names[parsed[0]]}' can only be read so"
        if counts["."] and counts[","]:
            return _Decimal(mark, f"{reason}, but other columns have the other mark", proven=False)
        return _Decimal(mark, reason, proven=True)
    if raw.interpretation.get("delimiter") == ";":
        reason = "programs that write decimal commas separate cells with semicolons"
        return _Decimal(",", reason, proven=False, seen=False)
    return _Decimal(".", "it is the usual one", proven=False, seen=False)


def _open_decimals(
    names: list[str], guesses: dict[int, Guess], decimal: _Decimal
) -> list[Question]:
    """A question for each mark in numbers such as 1.234, where nothing proves what they mean."""
    unsure = {} if decimal.proven else {i: g for i, g in guesses.items() if g.ambiguous}
    questions = []
    for mark in (".", ","):
        columns = [i for i, guess in unsure.items() if mark in guess.example]
        if columns:
            example = guesses[columns[0]].example
            whole, part = example.replace(mark, ""), example.replace(mark, ".")
            meanings = tuple((d, part if d == mark else whole) for d in DECIMALS)
            named = tuple(names[i] for i in columns)
            questions.append(Question("decimal", named, example, meanings, changes_numbers=True))
    return questions


def _provisional(question: Question, mark: str) -> str:
    meaning, names = dict(question.meanings)[mark], joined(question.columns)
    return (
        f"Numbers such as '{question.example}' in {names} were read as {meaning}: nothing in the"
        f" file shows whether '{'.' if '.' in question.example else ','}' is a decimal mark."
    )


# --- dates -------------------------------------------------------------------------------------


def _read_dates(result: Recognised, options: ReadOptions, ways: Conventions, task: Task) -> None:
    """Find out in which order dates are written, in all columns of them together."""
    guesses: dict[int, DateGuess] = {}
    for i, column in enumerate(result.columns):
        if column.kind is ColumnKind.DATE and pa.types.is_string(column.cells.type):
            task.step()
            guesses[i] = guess_order(column.cells)
    proven = {guess.order for guess in guesses.values()} & {"day-first", "month-first"}
    shared = options.date_order or (proven.pop() if len(proven) == 1 else "")
    for i, guess in guesses.items():
        order, column = guess.order or (shared if guess.example else ""), result.columns[i]
        rows = unreadable_dates(column.cells, order, ways.missing)
        result.columns[i] = replace(column, date_order=order, unreadable=rows)
    unsure = [i for i, guess in guesses.items() if guess.example and not shared]
    if unsure:
        example = guesses[unsure[0]].example
        meanings = tuple((o, spoken_date(example, o)) for o in ("day-first", "month-first"))
        named = tuple(result.columns[i].name for i in unsure)
        result.questions.append(
            Question("date_order", named, example, meanings, changes_numbers=False)
        )
    for order, reason in {(g.order, g.reason): None for g in guesses.values() if g.order}:
        chosen = options.date_order == order
        result.findings.append(Finding("Order of dates", order, reason, "date_order", chosen))
    if options.date_order and any(guess.example for guess in guesses.values()):
        finding = Finding(
            "Order of dates", options.date_order, "you chose it", "date_order", chosen=True
        )
        result.findings.append(finding)


# --- in words ----------------------------------------------------------------------------------


def _findings(result: Recognised, decimal: _Decimal, options: ReadOptions) -> list[Finding]:
    findings = []
    is_open = any(question.option == "decimal" for question in result.questions)
    if result.decimal and not is_open:
        chosen = options.decimal is not None
        findings.append(
            Finding("Decimal mark", DECIMALS[decimal.mark], decimal.reason, "decimal", chosen)
        )
    if result.thousands and not is_open:
        mark = "space" if result.thousands.isspace() else THOUSANDS.get(result.thousands, "")
        chosen = options.thousands is not None
        reason = "you chose it" if chosen else "it stands between groups of three digits"
        findings.append(Finding("Thousands mark", mark, reason, "thousands", chosen))
    if options.missing_words:
        words = ", ".join(options.missing_words)
        findings.append(
            Finding("Missing values", words, "you chose them", "missing_words", chosen=True)
        )
    for column in result.columns:
        kind = options.kind(column.name)
        if kind is not None:
            findings.append(
                Finding(f"Kind of {column.name}", kind, "you chose it", "kinds", chosen=True)
            )
    return findings
