"""Steps as one line of text: to read, to type on the command line, and to copy from there."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from gmmdesk.data.conditions import PRESENCE, SPELLINGS, number_text
from gmmdesk.data.seeds import seed
from gmmdesk.data.steps.records import (
    POWERS,
    DropColumn,
    HoldOut,
    Indicators,
    LeaveOutRows,
    LeaveOutWhere,
    Logarithm,
    Power,
    PrincipalComponents,
    Step,
)
from gmmdesk.errors import UsageError
from gmmdesk.text import joined

_OPTION = re.compile(r"(reason|shift|share|number|seed)=(.*)", re.DOTALL)
_RUN = re.compile(r"(\d+)(?:-(\d+))?")
_WHOLE = re.compile(r"-?[1-9]\d{0,14}|0", re.ASCII)  # as `number_text` writes it again
_MOST_NAMED = 4  # columns or rows in a phrase
_MOST_ROWS = 10_000_000
# As people read them.
_COMPARED = {operator: spelling for spelling, operator in SPELLINGS.items() if operator != "="}


def phrase(step: Step) -> str:
    """What a step does, in a few plain words."""
    return _PHRASES[type(step)](step)


def _columns(names: Sequence[str]) -> str:
    return joined(names, _MOST_NAMED)


def _of_logarithm(step: Logarithm) -> str:
    shift = f" + {step.shift:g}" if step.shift else ""
    return f"Logarithm of {_columns(step.columns)}{shift}"


def _of_condition(step: LeaveOutWhere) -> str:
    value = "" if step.operator in PRESENCE else f" {value_text(step.value)}"
    return f"Leave out {step.column} {_COMPARED.get(step.operator, step.operator)}{value}"


def _of_rows(step: LeaveOutRows) -> str:
    noun = "row" if len(step.rows) == 1 else "rows"
    more = f" and {len(step.rows) - _MOST_NAMED:,} more" * (len(step.rows) > _MOST_NAMED)
    return f"Leave out {noun} {', '.join(map(str, step.rows[:_MOST_NAMED]))}{more}"


def _of_components(step: PrincipalComponents) -> str:
    if step.share is not None:
        return f"Principal components for {100 * step.share:g} % of the variance"
    return f"{step.number} principal component{'s' * (step.number != 1)}"


_PHRASES: dict[type, Callable[[Any], str]] = {
    LeaveOutWhere: _of_condition,
    LeaveOutRows: _of_rows,
    DropColumn: lambda step: f"Do without {step.column}",
    Logarithm: _of_logarithm,
    Power: lambda step: f"{step.method.title()} power of {_columns(step.columns)}",
    Indicators: lambda step: f"Categories of {step.column} as columns",
    PrincipalComponents: _of_components,
    HoldOut: lambda step: f"Hold out {100 * step.share:g} % of the rows",
}


# --- the command line --------------------------------------------------------------------------


def parse_step(text: str) -> Step:
    """The step that a line such as "log income" stands for, or a JSON object; see `command`.

    Raises UsageError, quoting the line.
    """
    if text.lstrip().startswith("{"):
        from_json: Step = _from_json(text.encode(), Step)
        return from_json
    try:
        verb, *words = shlex.split(text)
    except ValueError as error:
        raise UsageError(f"The step {text!r} cannot be read: {error}.", _HINT) from None
    if verb not in _VERBS:
        raise UsageError(f"There is no step {verb!r}.", _HINT)
    options: dict[str, str] = {}
    while words and (match := _OPTION.fullmatch(words[-1])):
        options[match[1]] = match[2]
        words.pop()
    try:
        step: Step = _VERBS[verb](verb, words, options)
    except (KeyError, ValueError, IndexError) as error:
        if isinstance(error, UsageError):
            raise
        raise UsageError(f"The step {text!r} cannot be read.", _HINT) from None
    if options:
        raise UsageError(f"The step {text!r} has no {next(iter(options))}.", _HINT)
    return step


def read_steps(data: bytes) -> tuple[Step, ...]:
    """The steps in the JSON list `data`; raises UsageError for anything else."""
    steps: tuple[Step, ...] = _from_json(data, tuple[Step, ...])
    return steps


def _from_json(data: bytes, kind: Any) -> Any:
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"These steps cannot be read: {error}.", _HINT) from None


def command(step: Step) -> str:
    """The line that `parse_step` reads as this step."""
    words = _COMMANDS[type(step)](step)
    line = shlex.join(words) if step.on else ""
    try:
        if line and parse_step(line) == step:
            return line
    except UsageError:
        pass
    # Switched off, or with a name that looks like an option: JSON says everything.
    return msgspec.json.encode(step).decode()


_HINT = (
    "Write it like 'log income', 'box-cox A B', 'yeo-johnson A', 'leave-out age > 90',"
    " 'leave-out-rows 3,10-12', 'drop A', 'indicators city', 'components share=0.9' or"
    " 'hold-out share=0.2 seed=1'; quote names with spaces."
)


def _only(words: Sequence[str]) -> str:
    (word,) = words
    return word


def _parse_condition(_verb: str, words: list[str], options: dict[str, str]) -> Step:
    column, *rest = words
    in_words = " ".join(rest).casefold()
    comparison, *rest = [in_words] if in_words in SPELLINGS else rest
    comparison = SPELLINGS.get(comparison, comparison)
    value: float | str | None = None
    if comparison not in PRESENCE:
        value = typed_value(_only(rest))
    elif rest:
        raise ValueError(rest)
    return LeaveOutWhere(
        column=column, operator=comparison, value=value, reason=options.pop("reason", "")
    )


def typed_value(text: str) -> float | str:
    """What a condition compares with: a plain whole number as such, all else as it was typed.

    The column decides what other text means: 007 may be a code, 1.234 more than one thousand.
    """
    return float(text) if _WHOLE.fullmatch(text) else text


def value_text(value: float | str | None) -> str:
    """What a condition compares with, as `typed_value` reads it."""
    return number_text(value) if isinstance(value, float) else str(value)


def parse_rows(text: str) -> tuple[int, ...]:
    """The rows that "3, 7, 10-12" names; raises UsageError."""
    rows: list[int] = []
    for part in re.split(r"[,;\s]+", text.strip(" ,;")):
        match = _RUN.fullmatch(part)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if not 1 <= first <= last or last - first + len(rows) >= _MOST_ROWS:
            raise UsageError(f"'{part}' is no row.", "Write rows like 3, 7, 10-12.")
        rows.extend(range(first, last + 1))
    return tuple(rows)


def rows_text(rows: Sequence[int]) -> str:
    """Rows as `parse_rows` reads them, neighbours as a run."""
    runs: list[list[int]] = []
    for row in rows:
        if runs and row == runs[-1][1] + 1:
            runs[-1][1] = row
        else:
            runs.append([row, row])
    return ",".join(f"{first}-{last}" if last > first else f"{first}" for first, last in runs)


def _parse_components(_verb: str, words: list[str], options: dict[str, str]) -> Step:
    if words:
        raise ValueError(words)
    share, number = options.pop("share", None), options.pop("number", None)
    return PrincipalComponents(
        share=None if share is None else float(share),
        number=None if number is None else int(number),
    )


def _parse_hold_out(_verb: str, words: list[str], options: dict[str, str]) -> Step:
    if words:
        raise ValueError(words)
    return HoldOut(share=float(options.pop("share", "0.2")), seed=seed(options.pop("seed", "0")))


_VERBS: dict[str, Callable[[str, list[str], dict[str, str]], Step]] = {
    "leave-out": _parse_condition,
    "leave-out-rows": lambda _verb, words, options: LeaveOutRows(
        rows=parse_rows(",".join(words)), reason=options.pop("reason", "")
    ),
    "drop": lambda _verb, words, options: DropColumn(
        column=_only(words), reason=options.pop("reason", "")
    ),
    "log": lambda _verb, words, options: Logarithm(
        columns=tuple(words), shift=float(options.pop("shift", "0"))
    ),
    **dict.fromkeys(POWERS, lambda verb, words, _options: Power(columns=tuple(words), method=verb)),
    "indicators": lambda _verb, words, _options: Indicators(column=_only(words)),
    "components": _parse_components,
    "hold-out": _parse_hold_out,
}


def _reason(step: LeaveOutWhere | LeaveOutRows | DropColumn) -> list[str]:
    return [f"reason={step.reason}"] * bool(step.reason)


_COMMANDS: dict[type, Callable[[Any], list[str]]] = {
    LeaveOutWhere: lambda step: [
        *("leave-out", step.column, step.operator),
        *([] if step.value is None else [value_text(step.value)]),
        *_reason(step),
    ],
    LeaveOutRows: lambda step: ["leave-out-rows", rows_text(step.rows), *_reason(step)],
    DropColumn: lambda step: ["drop", step.column, *_reason(step)],
    Logarithm: lambda step: [
        *("log", *step.columns),
        *[f"shift={step.shift!r}"] * bool(step.shift),
    ],
    Power: lambda step: [step.method, *step.columns],
    Indicators: lambda step: ["indicators", step.column],
    PrincipalComponents: lambda step: [
        "components",
        f"number={step.number}" if step.share is None else f"share={step.share!r}",
    ],
    HoldOut: lambda step: ["hold-out", f"share={step.share!r}", f"seed={step.seed}"],
}
