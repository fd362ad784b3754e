"""The number formats of the cells in a binary workbook (.xlsb): records of MS-XLSB, section 2.

A record has its kind and its size before it, seven bits a byte. All numbers are little-endian.
"""

from __future__ import annotations

import struct
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import IO
from xml.etree import ElementTree

BOOK = "xl/workbook.bin"
_STYLES, _LINKS = "xl/styles.bin", "xl/_rels/workbook.bin.rels"
_ROW, _CELLS = 0, range(1, 12)  # BrtRowHdr; BrtCellBlank, of which 1 is, to BrtFmlaError
_BLANK = 1
_FORMAT, _STYLE = 44, 47  # BrtFmt, BrtXF
_OF_CELLS, _END_OF_CELLS = 617, 618  # around those styles that cells have
_SHEET = 156  # BrtBundleSh
_MOST_RECORDS = 2_000_000
_LONGEST = 1 << 20  # bytes of a record


def counted(
    archive: zipfile.ZipFile, sheet: str, first_row: int, n_rows: int, known: Mapping[int, str]
) -> dict[int, Counter[str]]:
    """How often each format is that of a cell, by column from 0, in rows from `first_row` (from 1).

    `known` are the formats that have but a number. Raises what a damaged file leads to.
    """
    codes = _codes(archive, known)
    counts: dict[int, Counter[str]] = {}
    row = -1
    with archive.open(_part(archive, sheet)) as part:
        for kind, content in _records(part):
            if kind == _ROW:
                (row,) = struct.unpack_from("<I", content)
                if row + 1 >= first_row + n_rows:
                    break
            elif kind in _CELLS and kind != _BLANK and row + 1 >= first_row:
                column, style = struct.unpack_from("<II", content)
                style &= 0xFFFFFF
                code = codes[style] if style < len(codes) else ""
                counts.setdefault(column, Counter())[code] += 1
    return counts


def _codes(archive: zipfile.ZipFile, known: Mapping[int, str]) -> list[str]:
    """The number format of each style of cells."""
    own: dict[int, str] = {}
    styles: list[int] = []
    is_of_cells = False
    with archive.open(_STYLES) as part:
        for kind, content in _records(part):
            if kind == _FORMAT:
                (number,) = struct.unpack_from("<H", content)
                own[number] = _text(content, 2)[0]
            elif kind in (_OF_CELLS, _END_OF_CELLS):
                is_of_cells = kind == _OF_CELLS
            elif kind == _STYLE and is_of_cells:
                styles.append(struct.unpack_from("<H", content, 2)[0])
    return [own.get(number, known.get(number, "")) for number in styles]


def _part(archive: zipfile.ZipFile, sheet: str) -> str:
    """The part of the archive that holds the sheet called so."""
    links = ElementTree.fromstring(archive.read(_LINKS))
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    with archive.open(BOOK) as part:
        for kind, content in _records(part):
            if kind == _SHEET:
                relation, end = _text(content, 8)
                if _text(content, end)[0] == sheet:
                    target = targets[relation]
                    return target[1:] if target.startswith("/") else f"xl/{target}"
    raise KeyError(sheet)


def _text(content: bytes, at: int) -> tuple[str, int]:
    """The text at a place of a record, and where it ends."""
    (n,) = struct.unpack_from("<I", content, at)
    end = at + 4 + 2 * n
    return content[at + 4 : end].decode("utf-16-le"), end


def _records(part: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Kind and content of each record."""
    for _ in range(_MOST_RECORDS):
        first = part.read(1)
        if not first:
            return
        kind = first[0]
        if kind & 0x80:
            kind = kind & 0x7F | part.read(1)[0] << 7
        size = _size(part.read)
        if size > _LONGEST:
            return
        yield kind, part.read(size)


def _size(read: Callable[[int], bytes]) -> int:
    size = 0
    for shift in range(0, 28, 7):
        byte = read(1)[0]
        size |= (byte & 0x7F) << shift
        if not byte & 0x80:
            break
    return size
