"""How large the sheets of a workbook would be in memory, found without opening it as one.

The parser of workbooks makes room for the whole rectangle from the first to the last cell that
holds something, so a file of a few kilobytes with one cell in the furthest corner asks for more
memory than any computer has, and takes the program down. What a sheet says of its own size is not
to be trusted; its cells are looked through.
"""

from __future__ import annotations

import contextlib
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, cast
from xml.parsers import expat

import numpy as np

from gmmdesk.data.limits import MAX_SHEET_CELLS, check_memory
from gmmdesk.errors import ReadError
from gmmdesk.task import Task

_BLOCK = 1 << 17  # bytes between two looks at the task
_RECORDS = 10_000
_LONG_TAG = 1 << 20
_FEW_CELLS = 1 << 25
_BYTES_PER_CELL = 32  # in calamine, without the text
_BYTES_PER_ODS_CELL = 128  # cell and formula, twice

# A cell that is spelled in any other way than <c r="B7", and any cell at all.
_OTHER_CELL = re.compile(
    rb'<(?:[^\s<>/]*:c(?=[\s/>])|c(?=[\s/>])(?! r="[A-Z]{1,3}[0-9]{1,7}"[ />]))'
)
_CELL = re.compile(rb'<(?:[^\s<>/]*:c(?=[\s/>])|c(?=[\s/>])(?! r="[A-Z]{1,3}[0-9]{1,7}"[ />]))')
_CELL = re.compile(rb"<(?:[^\s<>/]*:)?c")
_REFERENCE = len('<c r="XFD1048576"')

# Records of a binary sheet (MS-XLSB 2.3).
_ROW, _CELLS, _BLANK, _SHEET_DATA = 0x00, range(0x01, 0x0C), 0x01, 0x91


@dataclass(slots=True)
class _Box:
    """The rectangle around the cells that hold something, 0-based and inclusive."""

    top: int = 1 << 40
    left: int = 1 << 40
    bottom: int = -1
    right: int = -1

    def add(self, row: int, column: int) -> None:
        if not self.top <= row <= self.bottom:  # most cells are inside already
            self.top, self.bottom = min(self.top, row), max(self.bottom, row)
        if not self.left <= column <= self.right:
            self.left, self.right = min(self.left, column), max(self.right, column)

    @property
    def n_cells(self) -> int:
        if self.bottom < 0:
            return 0
        return (self.bottom - self.top + 1) * (self.right - self.left + 1)


def check_extent(archive: zipfile.ZipFile, name: str, task: Task) -> None:
    """Raise ReadError when a sheet of the workbook is larger than can be held in memory."""
    for part in archive.infolist():
        if part.filename == "content.xml":
            n_cells, n_chars, last = _opendocument_cells(archive, part, task)
            _check(n_cells, n_cells * _BYTES_PER_ODS_CELL + n_chars, last, name)
            continue
        if part.filename.endswith(".bin"):
            box = _binary_box(archive, part, task)
        elif _mentions(archive, part, b"sheetData", task):
            box = _plain_box(archive, part, task) or _sheet_box(archive, part, task)
            if box.n_cells > _FEW_CELLS:  # formatted cells far from the table do not count
                box = _sheet_box(archive, part, task)
        else:
            continue
        last = f"{_letters(box.right)}{box.bottom + 1}"
        _check(box.n_cells, box.n_cells * _BYTES_PER_CELL, last, name)


def _check(n_cells: int, n_bytes: int, last: str, name: str) -> None:
    if n_cells > MAX_SHEET_CELLS:
        raise ReadError(
            f"A sheet of {name} reaches as far as cell {last}: that makes {n_cells:,} cells,"
            f" at most {MAX_SHEET_CELLS:,} can be read.",
            "Delete what stands far from the table (Ctrl+End goes there), or save the table as"
            " CSV and open that.",
        )
    check_memory(n_bytes, name)


def _blocks(archive: zipfile.ZipFile, part: zipfile.ZipInfo, task: Task) -> Iterator[bytes]:
    with archive.open(part) as stream:
        while block := stream.read(_BLOCK):
            task.step()
            yield block


def _mentions(archive: zipfile.ZipFile, part: zipfile.ZipInfo, word: bytes, task: Task) -> bool:
    tail = b""
    for block in _blocks(archive, part, task):
        if word in tail + block:
            return True
        tail = (tail + block)[-len(word) :]
    return False


def _parse(parser: expat.XMLParserType, blocks: Iterator[bytes]) -> None:
    """Feed the parser; what is no XML is told by whoever opens the workbook."""

    def refuse(*_: object) -> None:  # it could change what attributes an element has
        raise ReadError(
            "The workbook has a document type declaration, which none has.",
            "Save it again from a spreadsheet program.",
        )

    parser.StartDoctypeDeclHandler = refuse
    with contextlib.suppress(expat.ExpatError):
        for block in blocks:
            parser.Parse(block)


def _plain_box(archive: zipfile.ZipFile, part: zipfile.ZipInfo, task: Task) -> _Box | None:
    """The cells of a sheet, empty ones too, in a fraction of the time `_sheet_box` takes.

    None unless every cell is spelled as programs do: <c r="B7".
    """
    box = _Box()
    tail = b""
    for block in _blocks(archive, part, task):
        text, cut, rest = (tail + block).rpartition(b">")
        tail = rest
        text += cut
        if _OTHER_CELL.search(text) or len(tail) > _LONG_TAG:
            return None
        found = np.frombuffer(text + b'"' * _REFERENCE, np.uint8)
        at = np.flatnonzero(found == ord("<"))
        at = at[(found[at + 1] == ord("c")) & (found[at + 2] == ord(" "))] + len('<c r="')
        is_open = np.ones(len(at), np.bool_)
        row, column = np.zeros(len(at), np.int64), np.zeros(len(at), np.int64)
        for k in range(_REFERENCE - len('<c r="')):
            char = found[at + k].astype(np.int64)
            is_open &= char != ord('"')
            digit = is_open & (char <= ord("9"))
            letter = is_open & (char > ord("9"))
            row = np.where(digit, 10 * row + char - ord("0"), row)
            column = np.where(letter, 26 * column + char - ord("A") + 1, column)
        if len(at):
            box.add(int(row.min()) - 1, int(column.min()) - 1)
            box.add(int(row.max()) - 1, int(column.max()) - 1)
    return None if _CELL.search(tail) else box


def _sheet_box(archive: zipfile.ZipFile, part: zipfile.ZipInfo, task: Task) -> _Box:
    """The cells with a value on a sheet of .xlsx, each placed as the parser places it."""
    box = _Box()
    row = at = column = -1  # `at` is the cell's row, `row` that of cells that do not say theirs
    columns: dict[str, int] = {}

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal row, at, column
        if ":" in tag:
            tag = tag.rpartition(":")[2]
        if tag == "c":
            at, column = row, column + 1
            if reference := attributes.get("r"):
                letters = reference.rstrip("0123456789")
                if letters not in columns:
                    columns[letters] = _column(letters)
                column = columns[letters]
                digits = reference[len(letters) :]
                at = int(digits[:10]) - 1 if digits else row
        elif tag in ("v", "is"):
            box.add(at, column)
        elif tag == "row":
            row = int(given[:10]) - 1 if (given := attributes.get("r", "")).isdecimal() else row + 1
            column = -1

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    _parse(parser, _blocks(archive, part, task))
    return box


def _opendocument_cells(
    archive: zipfile.ZipFile, part: zipfile.ZipInfo, task: Task
) -> tuple[int, int, str]:
    """Cells of all sheets of an .ods file, counted as often as they are repeated.

    Also how many spaces are written as a count, and the last cell of the last sheet.
    """
    n_cells = n_spaces = 0
    box, row, row_repeats, column = _Box(), 0, 1, 0
    pending = 0  # empty cells that count only when another cell follows

    def repeats(attributes: dict[str, str], key: str) -> int:
        given = attributes.get(key, "1")
        return int(given) if re.fullmatch(r"\+?\d{1,12}", given, re.ASCII) else 1

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal n_cells, n_spaces, box, row, row_repeats, column, pending
        if tag in ("table:table-cell", "table:covered-table-cell"):
            times = repeats(attributes, "table:number-columns-repeated")
            column += pending
            n_cells += pending
            pending = times
            if "office:value-type" in attributes or "table:formula" in attributes:
                n_cells += times
                column += times
                pending = 0
                box.add(row, column - 1)
                box.add(row + row_repeats - 1, column - 1)
        elif tag == "text:s":
            n_spaces += repeats(attributes, "text:c")
        elif tag == "table:table-row":
            row += row_repeats
            row_repeats = repeats(attributes, "table:number-rows-repeated")
            column = pending = 0
        elif tag == "table:table":
            n_cells += box.n_cells
            box, row, row_repeats = _Box(left=0), 0, 0

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    _parse(parser, _blocks(archive, part, task))
    return n_cells + box.n_cells, n_spaces, f"{_letters(box.right)}{box.bottom + 1}"


def _binary_box(archive: zipfile.ZipFile, part: zipfile.ZipInfo, task: Task) -> _Box:
    """The cells with a value on a sheet of .xlsb."""
    box = _Box()
    row, in_cells, n_records = 0, False, 0
    with (
        archive.open(part) as stream,
        io.BufferedReader(cast("io.RawIOBase", stream), _BLOCK) as records,
    ):
        while (kind := _varint(records, 2)) is not None:
            n_records += 1
            if n_records % _RECORDS == 0:
                task.step()
            size = _varint(records, 4) or 0
            head = records.read(min(size, 4))
            records.read(size - len(head))
            if kind == _SHEET_DATA:
                in_cells = True
            elif in_cells and kind == _ROW:
                row = int.from_bytes(head, "little")
            elif in_cells and kind in _CELLS and kind != _BLANK:
                box.add(row, int.from_bytes(head, "little"))
    return box


def _varint(stream: IO[bytes], most: int) -> int | None:
    """A number of up to `most` bytes, seven bits in each, the lowest first; None at the end."""
    number = 0
    for i in range(most):
        byte = stream.read(1)
        if not byte:
            return None
        number |= (byte[0] & 0x7F) << 7 * i
        if not byte[0] & 0x80:
            break
    return number


def _column(letters: str) -> int:
    """0 for A, 25 for Z, 26 for AA."""
    number = 0
    for letter in letters[:8].upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _letters(column: int) -> str:
    letters = ""
    while column >= 0:
        column, rest = divmod(column, 26)
        letters = chr(ord("A") + rest) + letters
        column -= 1
    return letters
