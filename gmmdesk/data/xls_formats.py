"""The number formats of the cells in an old workbook (.xls): BIFF8 records of MS-XLS, section 2.

A record has its kind and its size before it. All numbers are little-endian.
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import BinaryIO

import olefile

_STREAM = "Workbook"
_BEGIN, _END = 0x0809, 0x000A  # BOF and EOF, around the workbook, each sheet, and charts in it
_VERSION = 0x0600  # BIFF8, as of 1997; texts of those before are of another kind
_SHEET, _FORMAT, _STYLE = 0x0085, 0x041E, 0x00E0  # BoundSheet8, Format, XF
# A cell with a value: Formula, LabelSst, Number, Label, BoolErr, RK; and MulRk, a run of them.
_CELLS = frozenset((0x0006, 0x00FD, 0x0203, 0x0204, 0x0205, 0x027E))
_RUN = 0x00BD
_MOST_RECORDS = 300_000  # looked at: 200 rows of 256 cells, and what stands before them
_IN_RUN = 6  # bytes for each cell of a run: its style, and its number


def counted(
    content: BinaryIO, sheet: str, first_row: int, n_rows: int, known: Mapping[int, str]
) -> dict[int, Counter[str]]:
    """How often each format is that of a cell, by column from 0, in rows from `first_row` (from 1).

    `known` are the formats that have but a number. Raises what a damaged file leads to.
    """
    with olefile.OleFileIO(content) as book, book.openstream(_STREAM) as stream:
        records = stream.read()
    budget = iter(range(_MOST_RECORDS))
    start, codes = _globals(records, sheet, known, budget)
    counts: dict[int, Counter[str]] = {}
    for kind, at, size in _records(records, start, budget):
        if kind in _CELLS:
            row, column, style = struct.unpack_from("<HHH", records, at)
            styles: tuple[int, ...] = (style,)
        elif kind == _RUN:
            row, column = struct.unpack_from("<HH", records, at)
            ends = range(at + 4, at + size - _IN_RUN + 1, _IN_RUN)
            styles = tuple(struct.unpack_from("<H", records, one)[0] for one in ends)
        else:
            continue
        if row + 1 >= first_row + n_rows:
            break
        if row + 1 >= first_row:
            for j, style in enumerate(styles, start=column):
                code = codes[style] if style < len(codes) else ""
                counts.setdefault(j, Counter())[code] += 1
    return counts


def _globals(
    records: bytes, sheet: str, known: Mapping[int, str], budget: Iterator[int]
) -> tuple[int, list[str]]:
    """Where the sheet called so begins, and the number format of each style of cells."""
    own: dict[int, str] = {}
    styles: list[int] = []
    starts: dict[str, int] = {}
    for kind, at, size in _records(records, 0, budget):
        if kind == _FORMAT:
            (number,) = struct.unpack_from("<H", records, at)
            own[number] = _text(records[at + 2 : at + size], "<H")
        elif kind == _STYLE:
            styles.append(struct.unpack_from("<H", records, at + 2)[0])
        elif kind == _SHEET:
            (start,) = struct.unpack_from("<I", records, at)
            starts[_text(records[at + 6 : at + size], "<B")] = start
    return starts[sheet], [own.get(number, known.get(number, "")) for number in styles]


def _text(content: bytes, count: str) -> str:
    """A text behind the `count` of its letters and a byte that says how wide these are."""
    (n,) = struct.unpack_from(count, content)
    at = struct.calcsize(count)
    is_wide = content[at] & 1
    letters = content[at + 1 : at + 1 + n * (1 + is_wide)]
    return letters.decode("utf-16-le" if is_wide else "latin-1")


def _records(records: bytes, start: int, budget: Iterator[int]) -> Iterator[tuple[int, int, int]]:
    """Kind, place and size of each record from a beginning to its end, without charts within.

    Each takes one from the `budget`, and there are no more when that is used up.
    """
    depth, at = 0, start
    for _ in budget:
        kind, size = struct.unpack_from("<HH", records, at)
        at += 4
        if kind == _BEGIN:
            depth += 1
            if struct.unpack_from("<H", records, at) != (_VERSION,):
                raise ValueError("not BIFF8")
        elif kind == _END:
            depth -= 1
        if depth < 1:
            return
        if depth == 1:
            yield kind, at, size
        at += size
