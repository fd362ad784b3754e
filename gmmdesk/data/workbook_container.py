"""The archive around a workbook's sheets: what is refused before it is parsed, and error cells."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, BinaryIO

from gmmdesk.data.apart import damaged as not_readable
from gmmdesk.data.limits import MAX_CELL_CHARS, MAX_EXPANDED_BYTES, MAX_EXPANSION, check_memory
from gmmdesk.data.opendocument_formats import CONTENT
from gmmdesk.data.signs import ZIP_DAMAGES
from gmmdesk.errors import ReadError

FAR_CELLS_HINT = (
    "Delete what stands far from the table (Ctrl+End goes there), or save the table as CSV and"
    " open that."
)

_OLE_SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_SMALL = 1 << 28  # unpacked, whatever the ratio
_BLOCK = 1 << 20
_LONG_TAG = 1 << 16
# A tag that stands for blanks, and what follows where it is as programs write it: no attribute, or
# a plain number of blanks. An XML parser takes many other spellings, of which none is let through.
_BLANKS = re.compile(
    rb"<(?:[\w.-]+:)?s(?=[\s/>])"
    rb"(\s*/?>|\s+(?:[\w.-]+:)?c\s*=\s*(?P<mark>[\"'])(?P<count>\d{1,7})(?P=mark)\s*/?>)?"
)
_PACKINGS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}


@dataclass(frozen=True, slots=True)
class _Spelling:
    """How the cells with an error stand in some parts, and how they become cells with a text."""

    parts: re.Pattern[str]
    mark: bytes  # in all of them, and in little else
    cell: re.Pattern[bytes]
    as_text: bytes


_ERRORS = (
    _Spelling(
        re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE),
        b't="e"',
        re.compile(rb'(<(?:\w+:)?c\s[^<>]*?\bt=)"e"'),
        rb'\1"str"',
    ),
    _Spelling(
        re.compile(r"content\.xml"),
        b'="error"',
        re.compile(
            rb'(<table:table-cell(?=\s[^<>]*calcext:value-type="error")[^<>]*?)'
            rb' office:string-value=""'
        ),
        rb"\1",
    ),
)


def open_container(file: BinaryIO, name: str) -> tuple[BinaryIO, bool]:
    """The workbook as the parser should see it, and whether its cells with an error are texts.

    The parser takes such cells for empty ones. Where sheets are XML the text of an error (#DIV/0!)
    is kept by calling it one; in .xls and .xlsb it is lost.
    Raises ReadError for what must not be unpacked: encrypted files and archives that explode.
    """
    content = file.read()
    if content.startswith(_OLE_SIGNATURE):
        if _ENCRYPTED in content:
            raise protected(name)
        return io.BytesIO(content), False
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_parts(archive.infolist(), name)
            sheets = {
                part: spelling for part in archive.infolist() if (spelling := _spelling(part))
            }
            if CONTENT in archive.namelist():
                _check_blanks(archive, name)
            if any(_mentions(archive, part, sheets[part].mark) for part in sheets):
                return _with_texts(archive, sheets), True
    except ZIP_DAMAGES as error:
        raise damaged(name, error) from None
    return io.BytesIO(content), bool(sheets)


def damaged(name: str, error: Exception | str) -> ReadError:
    hint = "Copy or download it again, or save it again from a spreadsheet program."
    return not_readable(name, error, hint)


def protected(name: str) -> ReadError:
    return ReadError(
        f"{name} is protected with a password.",
        "Save a copy without the password, and open the copy.",
    )


def _check_parts(parts: list[zipfile.ZipInfo], name: str) -> None:
    if any(part.flag_bits & 1 for part in parts):
        raise protected(name)
    if not {part.compress_type for part in parts} <= _PACKINGS:
        raise damaged(name, "its parts are packed as in no workbook")
    packed = sum(part.compress_size for part in parts)
    expanded = sum(part.file_size for part in parts)
    if expanded > MAX_EXPANDED_BYTES or expanded > max(_SMALL, MAX_EXPANSION * packed):
        raise ReadError(
            f"{name} unpacks to {expanded / 2**20:,.0f} MB, more than a workbook should.",
            "If you trust it, save the sheet as CSV and open that.",
        )
    check_memory(expanded, name)


def _check_blanks(archive: zipfile.ZipFile, name: str) -> None:
    """Refuse cells of blanks without measure: of those in a row the file has a number only."""
    n_blanks = 0  # that are more than the bytes of their tags
    with archive.open(CONTENT) as stream:
        for block in _whole_tags(stream):
            for tag in _BLANKS.finditer(block):
                if tag[1] is None:
                    raise damaged(name, "it has blanks as no spreadsheet program writes them")
                n_blanks += max(0, int(tag["count"] or 1) - len(tag[0]))
            if n_blanks > MAX_CELL_CHARS:
                raise ReadError(
                    f"{name} has cells of more than {MAX_CELL_CHARS:,} blanks.",
                    "If you trust it, save the sheet as CSV and open that.",
                )


def _spelling(part: zipfile.ZipInfo) -> _Spelling | None:
    return next((known for known in _ERRORS if known.parts.fullmatch(part.filename)), None)


def _mentions(archive: zipfile.ZipFile, part: zipfile.ZipInfo, word: bytes) -> bool:
    tail = b""
    with archive.open(part) as stream:
        while block := stream.read(_BLOCK):
            tail += block
            if word in tail:
                return True
            tail = tail[-len(word) :]
    return False


def _with_texts(archive: zipfile.ZipFile, sheets: dict[zipfile.ZipInfo, _Spelling]) -> io.BytesIO:
    """The archive again, its cells with an error spelled as texts."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as copy:
        for part in archive.infolist():
            large = part.file_size > zipfile.ZIP64_LIMIT // 2
            with (
                archive.open(part) as stream,
                copy.open(part.filename, "w", force_zip64=large) as target,
            ):
                spelling = sheets.get(part)
                for block in _whole_tags(stream):
                    if spelling and spelling.mark in block:
                        target.write(spelling.cell.sub(spelling.as_text, block))
                    else:
                        target.write(block)
    content.seek(0)
    return content


def _whole_tags(stream: IO[bytes]) -> Iterator[bytes]:
    """The blocks of an XML file, none of which ends within a tag, unless that is very long."""
    tail = b""
    while block := stream.read(_BLOCK):
        block = tail + block
        end = block.rfind(b"<")
        if end < 0 or len(block) - end > _LONG_TAG:
            end = len(block)
        yield block[:end]
        tail = block[end:]
    yield tail
