"""Which kind of missing value a cell of a SAS transport file (.xpt) holds: .A to .Z or ._.

The parser tells only that it is missing. In the file such a cell is the letter followed by zeros
("Record Layout of a SAS Version 5 or 6 Data Set in SAS Transport Format", SAS Institute, TS-140,
and of version 8 or 9). What does not fit together has no letters, and is read without them.
"""

from __future__ import annotations

import struct
from typing import BinaryIO, NamedTuple

import numpy as np

_RECORD = 80  # bytes, of which headers have a whole number
_MOST_RECORDS = 200_000  # of headers: of some 100,000 variables
_MARK = b"HEADER RECORD*******"
_VARIABLES, _ROWS = (b"NAMESTR ", b"NAMSTV8 "), (b"OBS     ", b"OBSV8   ")
_NUMBER = 1  # the type of a variable; others are text
_LETTERS = np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ_", np.uint8)
_WIDEST = 8  # bytes of a number


class _Variable(NamedTuple):
    is_number: bool
    width: int  # bytes
    start: int  # in the row


def missing_letters(file: BinaryIO, n_rows: int) -> dict[int, list[str | None]]:
    """The letters of the first `n_rows` of the first data set, by the place of their variable.

    Each list has a letter or None for each row; variables without any are left out.
    """
    file.seek(0)
    variables = _variables(file)
    width = max((one.start + one.width for one in variables), default=0)
    content = file.read(n_rows * width)
    if not variables or len(content) < n_rows * width:
        return {}
    rows = np.frombuffer(content, np.uint8).reshape(n_rows, width)
    found = {}
    for place, one in enumerate(variables):
        if not one.is_number:
            continue
        cells = rows[:, one.start : one.start + one.width]
        is_coded = np.isin(cells[:, 0], _LETTERS) & ~cells[:, 1:].any(axis=1)
        if is_coded.any():
            pairs = zip(cells[:, 0].tolist(), is_coded.tolist(), strict=True)
            found[place] = [chr(cell) if coded else None for cell, coded in pairs]
    return found


def _variables(file: BinaryIO) -> list[_Variable]:
    """The variables of the first data set, after which the file stands at its rows; else none."""
    variables: list[_Variable] = []
    size = 140  # bytes of what is said of a variable
    for _ in range(_MOST_RECORDS):
        record = file.read(_RECORD)
        if len(record) < _RECORD:
            return []
        if not record.startswith(_MARK):
            continue
        kind = record[20:28]
        if kind.startswith(b"MEMB"):
            size = int(record[74:78]) if record[74:78].isdigit() else size
        elif kind in _VARIABLES and record[48:58].isdigit():
            n = int(record[48:58])
            described = file.read(-(-n * size // _RECORD) * _RECORD)
            if len(described) < n * size:
                return []
            variables = [_variable(described[i * size : (i + 1) * size]) for i in range(n)]
        elif kind in _ROWS:
            return variables if _are_side_by_side(variables) else []
    return []


def _variable(described: bytes) -> _Variable:
    kind, _, width = struct.unpack_from(">3h", described)
    (start,) = struct.unpack_from(">i", described, 84)
    return _Variable(kind == _NUMBER, width, start)


def _are_side_by_side(variables: list[_Variable]) -> bool:
    """Whether the variables make up a row, one after the other."""
    end = 0
    for one in variables:
        if one.start != end or one.width < 1 or (one.is_number and one.width > _WIDEST):
            return False
        end += one.width
    return True
