"""JSON: records, columns, lists of rows, or a line for each. Runs in a process of its own."""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from gmmdesk.data.apart import damaged
from gmmdesk.data.json_columns import columns_of, flattened, holds_records, is_split, too_deep
from gmmdesk.data.json_start import WHITE, GrowingText, first_values, value_on_line
from gmmdesk.data.limits import (
    MAX_MEMBERS,
    check_memory,
)
from gmmdesk.data.options import ReadOptions
from gmmdesk.data.raw import RawTable, seemly, unique_names
from gmmdesk.data.row_choice import keep_first
from gmmdesk.data.values import column_of
from gmmdesk.errors import ReadError
from gmmdesk.task import Task
from gmmdesk.text import joined

_LONG = 18  # characters of a number that may have more digits than a float64 holds
_MORE_DIGITS = re.compile(r"[1-9](?:\.?\d){17,}$")  # as of numbers in text tables
_MOST_DIGITS = 1_000  # of a whole number; no number of a measurement has more
_NAMED_CELL_BYTES = 115  # of a value in a record, with the share of it that each has
_NAME_END = re.compile(rb'(?<!\\)" ?:')  # with a space as Jackson writes it
_ESTIMATED_FROM = 1 << 20  # bytes at the beginning
_BEAT = 1 << 16  # records between two words about how far it is


@dataclass(slots=True)
class _Parse:
    """What was met on the way that a reader of strict JSON would not take; and how far it is."""

    task: Task
    n_records: int = 0
    constants: set[str] = field(default_factory=set)
    repeated: set[str] = field(default_factory=set)

    def decoder(self, parse_int: Callable[[str], Any] | None = None) -> json.JSONDecoder:
        return json.JSONDecoder(
            parse_constant=self._constant,
            parse_float=self._number,
            parse_int=parse_int,
            object_pairs_hook=self._record,
        )

    def _number(self, word: str) -> float | str:
        """A number, or its text where a float64 is another one: too large, or of more digits."""
        number = float(word)
        if math.isinf(number) or (len(word) >= _LONG and _MORE_DIGITS.search(word)):
            return word
        return number

    def _constant(self, word: str) -> float | None:
        self.constants.add(word)
        return None if word == "NaN" else float(word.replace("Infinity", "inf"))

    def _record(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        self.n_records += 1
        if not self.n_records % _BEAT:
            self.task.step(None, f"Reading: {self.n_records:,} records")
        record = dict(pairs)
        if len(record) == len(pairs):
            return record
        record = {}
        counts: dict[str, int] = {}  # of a name, where to go on: 2 each time would be quadratic
        for key, value in pairs:  # a second value of the same name must not hide the first
            unique, count = key, counts.get(key, 2)
            while unique in record:
                unique, count = f"{key} ({count})", count + 1
            if unique != key:
                self.repeated.add(key)
            record[unique], counts[key] = value, count
        return record

    def notes(self) -> list[str]:
        notes = []
        if "NaN" in self.constants:
            notes.append("NaN, which is no JSON, was taken for a missing value.")
        if self.constants - {"NaN"}:
            notes.append("Infinity, which is no JSON, was taken for what it says.")
        if self.repeated:
            names = joined([f"'{name}'" for name in sorted(self.repeated)])
            notes.append(f"Names that come twice in a record were numbered: {names}.")
        return notes


def _whole(word: str) -> int | str:
    """A whole number, or its text where it has very many digits."""
    return int(word) if len(word) <= _MOST_DIGITS else word


def parse_json(file: BinaryIO, name: str, options: ReadOptions, task: Task) -> RawTable:
    """The table in JSON text: a list of records or rows, columns by name, or a line for each row.

    Of several tables in one record, the one that `options` names or else the first.
    Raises ReadError for text that is no JSON, nested too deep, or no table.
    """
    task.step(0.0, "Reading")
    if options.row_limit is None:
        _check_room(file, name)
    found = _Parse(task)
    try:
        first, value, is_lines = _decoded(file, found, options.row_limit)
    except RecursionError:
        raise too_deep(name) from None
    except UnicodeDecodeError as error:
        flaw = f"byte {error.start:,} is no {error.encoding} text"
        raise damaged(name, flaw, "Save it as UTF-8.") from None
    except json.JSONDecodeError as error:
        where = f"{error.msg}, line {error.lineno:,}, character {error.colno:,}"
        raise damaged(name, f"no JSON: {where}", "Write it again with a program.") from None
    task.step(0.6, "Making columns")
    value, sheet, sheets = _chosen(value, name, options.sheet)
    notes = found.notes()
    limit = options.row_limit if holds_records(value) else None
    columns = columns_of(value, name, notes, limit, is_lines=is_lines)
    if not columns or not len(next(iter(columns.values()))):
        raise ReadError(f"{name} holds no table: it has no rows.", "Open a file with rows.")
    columns = flattened(columns, name, notes)
    names, name_notes = unique_names(list(columns))
    arrays = []
    for i, (key, values) in enumerate(columns.items()):
        task.step(0.8 + 0.2 * i / len(columns))
        arrays.append(column_of(values, key))
    task.step(1.0)
    is_cut = limit is not None and first is not None and len(value) > limit
    if limit is not None and len(value) > limit:
        notes.append("The columns are those of the rows read; further rows may have others.")
    raw = RawTable(
        names,
        arrays,
        notes + name_notes,
        {"sheet": sheet} if sheet else {},
        tuple(sheets),
        is_chosen=limit is not None,
        rows_in_file=None if limit is None or is_cut else len(value),
    )
    return raw if first is None or limit is not None else keep_first(raw, options.row_limit)


def _check_room(file: BinaryIO, name: str) -> None:
    """Refuse records that have no room in memory, judged by how many names there are at first."""
    start, size = file.read(_ESTIMATED_FROM), file.seek(0, os.SEEK_END)
    file.seek(0)
    times = size / max(1, len(start))
    n_cells = times * len(_NAME_END.findall(start))
    n_rows = max(1, round(times * start.count(b"{")))
    check_memory(round(2 * size + n_cells * _NAMED_CELL_BYTES), name, n_rows, can_sample=False)


def _decoded(
    file: BinaryIO, found: _Parse, row_limit: int | None
) -> tuple[tuple[list[Any], bool] | None, Any, bool]:
    """The first values if a limit asks for them and they can be had, the value, whether of lines.

    Once more, and slower, where a whole number has more digits than Python makes one of.
    """
    try:
        return _attempt(file, found.decoder(), row_limit)
    except (UnicodeDecodeError, json.JSONDecodeError):
        raise
    except ValueError:
        file.seek(0)
        return _attempt(file, found.decoder(_whole), row_limit)


def _attempt(
    file: BinaryIO, decoder: json.JSONDecoder, row_limit: int | None
) -> tuple[tuple[list[Any], bool] | None, Any, bool]:
    source, first = GrowingText(file), None
    if row_limit is not None:  # and one for a header, one to tell that there are more
        first = first_values(source, decoder, row_limit + 2)
    value, is_lines = first or _parsed(source.whole(), decoder)
    return first, value, is_lines


def _parsed(text: str, decoder: json.JSONDecoder) -> tuple[Any, bool]:
    """The value in the text; or a list of those on its lines, and that it is one."""
    start = len(text) - len(text.lstrip(WHITE))
    value, end = decoder.raw_decode(text, start)
    if not text[end : end + 1_000].strip(WHITE) and not text[end:].strip(WHITE):
        return value, False
    line_end = text.find("\n", end)
    if text[end : len(text) if line_end < 0 else line_end].strip(WHITE):
        raise json.JSONDecodeError("Extra data", text, end)
    return list(_lines(text, decoder)), True


def _lines(text: str, decoder: json.JSONDecoder) -> Iterator[Any]:
    position = 0
    while position < len(text):
        end = text.find("\n", position)
        end = len(text) if end < 0 else end
        while position < end and text[position] in WHITE:
            position += 1
        if position < end:
            yield value_on_line(text, decoder, position, end)
        position = end + 1


def _chosen(value: Any, name: str, wanted: str | None) -> tuple[Any, str, list[str]]:
    """The table within `value`, its name, and those of all tables there are."""
    tables: dict[str, Any] = {}
    if isinstance(value, dict) and not is_split(value):
        tables = {
            seemly(key): inner
            for key, inner in value.items()
            if isinstance(inner, list) and inner and isinstance(inner[0], dict | list)
        }
        lists = [inner for inner in value.values() if isinstance(inner, list)]
        if len(tables) == len(value) and len({len(inner) for inner in lists}) == 1 < len(tables):
            tables = {}  # columns of one table, whose cells are lists
    if len(tables) > MAX_MEMBERS:
        raise ReadError(
            f"{name} holds {len(tables):,} tables; at most {MAX_MEMBERS:,} can be chosen from.",
            "Write fewer into one file.",
        )
    titles = list(tables)
    if wanted is not None and wanted not in tables:
        hint = f"Its tables are: {joined(titles, 12)}." if titles else "Open it without a name."
        raise ReadError(f"{name} has no table '{wanted}'.", hint)
    if not tables:
        return value, "", []
    title = wanted if wanted is not None else titles[0]
    return tables[title], title, titles
