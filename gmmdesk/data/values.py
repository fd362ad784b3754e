"""Columns from Python values of mixed kinds, as files without types of their own hold them."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Iterable, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from gmmdesk.data.limits import MAX_CELL_CHARS
from gmmdesk.errors import ReadError

_INT64 = range(-(2**63), 2**63)
_EXACT = 2**53  # whole numbers beyond it lose digits as float64
_TIMES = {dt.date: pa.date32(), dt.datetime: pa.timestamp("us"), dt.time: pa.time64("us")}


class ColumnBuilder:
    """One column, a batch of values at a time: of one type as long as the values are.

    Numbers stay numbers (whole ones as int64 where all are, and fit), truths truths, and times
    times; values of several kinds are text, as they would be written, so that nothing is lost.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._pieces: list[pa.Array] = []

    def add(self, values: Sequence[Any]) -> None:
        """Add a batch; raises ReadError for a text longer than a cell may be."""
        self._pieces.append(_array(values, self._name))

    def finish(self) -> pa.ChunkedArray:
        """All batches as one column."""
        kind = _common([piece for piece in self._pieces if piece.null_count < len(piece)])
        pieces, self._pieces = self._pieces, []
        return pa.chunked_array([_as(piece, kind) for piece in pieces], kind)


def column_of(values: Sequence[Any], name: str) -> pa.ChunkedArray:
    """A column of all its values at once; raises ReadError as ColumnBuilder does."""
    builder = ColumnBuilder(name)
    builder.add(values)
    return builder.finish()


def as_text(value: Any) -> str | None:
    """The value as it would be written in a cell; None where there is none."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, float):
        return None if math.isnan(value) else repr(value)
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def _array(values: Sequence[Any], name: str) -> pa.Array:
    kinds = set(map(type, values))
    kinds.discard(type(None))
    if kinds <= {int}:
        if all(value is None or value in _INT64 for value in values):
            return pa.array(values, pa.int64() if kinds else pa.null())
    elif kinds <= {float}:
        return pa.array(values, pa.float64())
    elif kinds <= {int, float}:
        if all(type(v) is not int or -_EXACT <= v <= _EXACT for v in values):
            return pa.array([None if v is None else float(v) for v in values], pa.float64())
    elif kinds == {bool}:
        return pa.array(values, pa.bool_())
    elif len(kinds) == 1 and (kind := _TIMES.get(next(iter(kinds)))) is not None:
        return pa.array(values, kind)
    return _text(values, name)


def _text(values: Iterable[Any], name: str) -> pa.Array:
    texts = [as_text(value) for value in values]
    longest = max((len(text) for text in texts if text is not None), default=0)
    if longest > MAX_CELL_CHARS:
        raise ReadError(
            f"A cell of column '{name[:40]}' holds {longest:,} characters;"
            f" at most {MAX_CELL_CHARS:,} can be read.",
            "Leave the column out of the file.",
        )
    try:
        return pa.array(texts, pa.string())
    except UnicodeEncodeError:  # halves of a pair, which no file of results could hold
        whole = [None if t is None else t.encode("utf-8", "replace").decode() for t in texts]
        return pa.array(whole, pa.string())


def _common(pieces: Sequence[pa.Array]) -> pa.DataType:
    kinds = {piece.type for piece in pieces if not pa.types.is_null(piece.type)}
    if not kinds:
        return pa.string()
    if len(kinds) == 1:
        return kinds.pop()
    if kinds == {pa.int64(), pa.float64()} and all(map(_is_exact, pieces)):
        return pa.float64()
    return pa.string()


def _is_exact(piece: pa.Array) -> bool:
    """Whether float64 holds every number of the piece."""
    if not pa.types.is_integer(piece.type):
        return True
    ends = pc.min_max(piece).as_py()
    return bool(ends["min"] >= -_EXACT and ends["max"] <= _EXACT)


def _as(piece: pa.Array, kind: pa.DataType) -> pa.Array:
    if piece.type == kind:
        return piece
    if piece.null_count == len(piece):
        return pa.nulls(len(piece), kind)
    if pa.types.is_string(kind):
        return pa.array([as_text(value) for value in piece.to_pylist()], kind)
    return piece.cast(kind)
