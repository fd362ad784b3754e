"""What the first bytes of a file, or the names of the parts of an archive, say of its kind."""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import BinaryIO

from gmmdesk.data.limits import MAX_DIRECTORY_BYTES

_BLANK = b"\xef\xbb\xbf \t\r\n"
# A record, or a list of records, lists or texts; also a list of anything, on one line or more.
_JSON = re.compile(
    rb'\{\s*(?:"|\}|\Z)|\[\s*(?:[\[{\]]|\Z|-?\d[\d.eE+-]*\s*[,\]]|"[^"]*"\s*[,\]]|(?:null|true|false|NaN)\b)'
)
_ARFF = re.compile(rb"(?:[ \t]*(?:%[^\r\n]*)?[\r\n]+)*[ \t]*@relation\b", re.IGNORECASE)
_SAS = bytes.fromhex("000000000000000000000000c2ea8160b31411cfbd92080009c7318c181f1011")
# Versions of Stata's format before 117, which say so in one byte: then the order of bytes, 1, 0.
_STATA = frozenset({102, 103, 104, 105, 108, 110, 111, 112, 113, 114, 115})

_OPENDOCUMENT = b"application/vnd.oasis.opendocument"
_MIMETYPE_BYTES = 120  # in which the first part of the archive says it, neither packed nor far in
_SESSION = "session.json"
# What zipfile raises for an archive that it cannot make sense of: NotImplementedError for a
# compression or a version that it does not know. For a part under a password it is RuntimeError.
ZIP_DAMAGES = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    OSError,
    EOFError,
    ValueError,
    OverflowError,
    NotImplementedError,
)


def never(_start: bytes) -> bool:
    return False


def starts(*signatures: bytes) -> Callable[[bytes], bool]:
    """Whether a file begins with one of `signatures`."""
    return lambda start: start.startswith(signatures)


def is_json(start: bytes) -> bool:
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        start = start[2:].replace(b"\0", b"")
    return bool(_JSON.match(start.lstrip(_BLANK)))


def is_arff(start: bytes) -> bool:
    return bool(_ARFF.match(start.removeprefix(b"\xef\xbb\xbf")))


def is_spss(start: bytes) -> bool:
    """A system file, or a portable one: five texts of 40 characters that say so, and a table."""
    if start.startswith((b"$FL2", b"$FL3")):
        return True
    return b"SPSSPORT" in start[:1024].replace(b"\r", b"").replace(b"\n", b"")


def is_stata(start: bytes) -> bool:
    if start.startswith(b"<stata_dta>"):
        return True
    return len(start) > 3 and start[0] in _STATA and start[1] in (1, 2) and start[2:4] == b"\1\0"


def is_sas(start: bytes) -> bool:
    return start.startswith(
        (_SAS, b"HEADER RECORD*******LIBRARY HEADER", b"HEADER RECORD*******LIBV8")
    )


def is_opendocument(file: BinaryIO) -> bool:
    """Whether a workbook, which is known to be one, is one of OpenDocument."""
    file.seek(0)
    return _OPENDOCUMENT in file.read(_MIMETYPE_BYTES)


def is_workbook(file: BinaryIO) -> bool:
    """Whether a file is no archive at all (then it is an older workbook), or one of a workbook."""
    file.seek(0)
    if file.read(2) != b"PK":
        return True
    return any(
        name in ("[Content_Types].xml", "content.xml", "mimetype") or name.startswith("xl/")
        for name in member_names(file)
    )


def is_numpy(file: BinaryIO) -> bool:
    """Whether a file is an array, or an archive of nothing but arrays."""
    file.seek(0)
    if file.read(2) != b"PK":
        return True
    names = member_names(file)
    return bool(names) and all(name.endswith(".npy") for name in names)


def is_session(file: BinaryIO) -> bool:
    """Whether a file is a session of this program: it keeps a table, and is none."""
    file.seek(0)
    if file.read(2) != b"PK":
        return False
    try:
        with zipfile.ZipFile(BoundedReads(file)) as archive, archive.open(_SESSION) as content:
            return b'"gmmdesk-session"' in content.read(64)
    except (KeyError, RuntimeError, *ZIP_DAMAGES):  # none of that name, or a password
        return False


def member_names(file: BinaryIO) -> list[str]:
    """The names in a zip archive; none where it is damaged."""
    try:
        with zipfile.ZipFile(BoundedReads(file)) as archive:
            return archive.namelist()
    except ZIP_DAMAGES:
        return []


class BoundedReads:
    """A file that refuses to be read in large pieces: zipfile reads a directory of any size."""

    def __init__(self, file: BinaryIO, most: int = MAX_DIRECTORY_BYTES) -> None:
        self._file = file
        self._most = most
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        if size > self._most:
            raise zipfile.BadZipFile("its list of contents is too long")
        return self._file.read(self._most if size < 0 else size)
