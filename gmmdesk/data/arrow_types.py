"""Columns of Arrow's many types as columns of the few that a RawTable has."""

from __future__ import annotations

import json
from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

from gmmdesk.text import joined


def settled(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Decimals as float64, which everything else reads too, unless digits would be lost."""
    if not pa.types.is_decimal(column.type):
        return column
    numbers = pc.cast(column, pa.float64())
    try:
        same = pc.all(pc.equal(pc.cast(numbers, column.type), column)).as_py()
    except pa.ArrowInvalid:
        same = False
    return column if same is False else numbers


def converter(kind: pa.DataType) -> Callable[[pa.Array], pa.Array]:
    """What turns a column of type `kind` into one of the types of a RawTable."""
    if pa.types.is_dictionary(kind):
        inner = converter(kind.value_type)
        return lambda column: inner(column.dictionary_decode())
    for fits, convert in _CONVERTERS:
        if fits(kind):
            return convert
    return _as_described


def conversion_notes(
    names: list[str], schema: pa.Schema, columns: list[pa.ChunkedArray]
) -> list[str]:
    """What became of columns whose type in the file is none of those of a RawTable."""
    notes = []
    for fits, note in _NOTES:
        if found := [name for name, field in zip(names, schema, strict=True) if fits(field.type)]:
            notes.append(f"{note}: {joined(found)}.")
    long = [n for n, column in zip(names, columns, strict=True) if pa.types.is_decimal(column.type)]
    if long:
        notes.append(f"Only the first 15 digits or so of {joined(long)} take part in computing.")
    return notes


def _as_described(column: pa.Array) -> pa.Array:
    """Anything else as text, cell by cell: lists and records as JSON, bytes as hexadecimal."""
    try:
        values = column.to_pylist()
    except (OverflowError, ValueError):  # of times that Python does not have
        return pa.array([_printed(column.slice(i, 1)) for i in range(len(column))], pa.string())
    return pa.array([_described(value) for value in values], pa.string())


def _printed(cell: pa.Array) -> str | None:
    """An array of one cell as Arrow prints it."""
    return None if cell.null_count else " ".join(cell.to_string().split())[1:-1].strip()


def _described(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def _as_text(column: pa.Array) -> pa.Array:
    text = pc.cast(column, pa.string())
    return pc.if_else(pc.equal(text, ""), None, text)


def _to(kind: pa.DataType) -> Callable[[pa.Array], pa.Array]:
    return lambda column: pc.cast(column, kind, safe=False)


def _unchanged(column: pa.Array) -> pa.Array:
    return column


def _is_nested(kind: pa.DataType) -> bool:
    return bool(pa.types.is_nested(kind))


def _is_bytes(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(
        pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_fixed_size_binary(kind)
    )


def is_text(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    )


def _is_time(kind: pa.DataType) -> bool:
    """Whether the type is a time that can be written out, whatever its unit and zone."""
    if not pa.types.is_temporal(kind) or pa.types.is_duration(kind) or pa.types.is_interval(kind):
        return False
    try:  # where the system has no list of time zones they cannot
        pc.cast(pa.array([0], kind), pa.string())
    except pa.ArrowException:
        return False
    return True


_CONVERTERS: tuple[tuple[Callable[[pa.DataType], bool], Callable[[pa.Array], pa.Array]], ...] = (
    (pa.types.is_float16, _to(pa.float32())),
    (pa.types.is_floating, _unchanged),
    (pa.types.is_integer, _unchanged),
    (pa.types.is_decimal, _unchanged),
    (pa.types.is_boolean, _unchanged),
    (is_text, _as_text),
    (_is_time, _unchanged),
    (pa.types.is_null, _to(pa.string())),
)
_NOTES: tuple[tuple[Callable[[pa.DataType], bool], str], ...] = (
    (_is_nested, "Columns of lists or records were turned into text"),
    (_is_bytes, "Columns of bytes were turned into text, two hexadecimal digits a byte"),
    (pa.types.is_duration, "Columns of durations were turned into text"),
)
