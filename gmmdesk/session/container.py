"""The file around a session: a ZIP archive whose parts are bounded before they are unpacked."""

from __future__ import annotations

import os
import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from gmmdesk.data.limits import check_memory
from gmmdesk.data.signs import ZIP_DAMAGES
from gmmdesk.errors import ReadError

MAX_PARTS = 400
MAX_JSON_BYTES = 64 * 2**20
_MAX_DIRECTORY_BYTES = 1 << 16
# The end of a ZIP archive: signature, four numbers of disks and parts, size and place of the
# directory, length of a comment, of which ours have none. Beyond 4 GB the counts stand elsewhere.
_END = struct.Struct("<4s4H2LH")
_END_SIGNATURE = b"PK\x05\x06"
_FAR_LOCATOR = struct.Struct("<4sLQL")
_FAR_END = struct.Struct("<4sQ2H2L4Q")
_BLOCK = 1 << 20
# RuntimeError for parts under a password.
_DAMAGES = (*ZIP_DAMAGES, RuntimeError, IndexError)


class Parts:
    """The parts of an open session file, by name."""

    def __init__(self, archive: zipfile.ZipFile, path: Path) -> None:
        self._archive = archive
        self._path = path
        self._infos = {info.filename: info for info in archive.infolist()}

    def __contains__(self, name: str) -> bool:
        return name in self._infos

    def names(self, folder: str) -> list[str]:
        """The parts in a folder, without it."""
        return [name.removeprefix(folder) for name in self._infos if name.startswith(folder)]

    def read(self, name: str, most: int | None = None) -> bytes:
        """The bytes of a part, of which there may be `most`, else as many as there is memory for.

        Raises ReadError where it is absent, larger or damaged.
        """
        info = self._infos.get(name)
        if info is None:
            raise damaged(self._path, f"its part {name} is missing")
        if most is not None and info.file_size > most:
            raise damaged(self._path, f"its part {name} is larger than {most:,} bytes")
        # Nothing is stored in more bytes than it has, and deflate gains a factor of 1032 at most.
        if info.file_size > 1100 * info.compress_size:
            raise damaged(self._path, f"the size of its part {name} is wrong")
        check_memory(info.file_size, self._path.name)
        content = bytearray()
        with self._archive.open(info) as stream:
            while block := stream.read(_BLOCK):
                content += block
        if len(content) != info.file_size:
            raise damaged(self._path, f"its part {name} is cut short")
        return bytes(content)


@contextmanager
def open_parts(path: Path) -> Iterator[Parts]:
    """The parts of the session file at `path`; raises ReadError for what is none, or damaged."""
    try:
        with path.open("rb") as file:
            _check_directory(file, path)
            with zipfile.ZipFile(file) as archive:
                infos = archive.infolist()
                if len(infos) > MAX_PARTS or len({info.filename for info in infos}) < len(infos):
                    raise damaged(path, "it has parts that no session has")
                yield Parts(archive, path)
    except OSError as error:
        raise ReadError(
            f"{path} cannot be read: {error.strerror or error}.",
            "Check the name, the disk or the network drive.",
        ) from error
    except MemoryError:
        raise ReadError(
            f"{path.name} needs more memory than is free.", "Close other programs."
        ) from None
    except _DAMAGES as error:
        raise damaged(path, str(error) or type(error).__name__) from error


def damaged(path: Path, flaw: str) -> ReadError:
    return ReadError(
        f"{path.name} is no sound session file: {flaw.rstrip('.')}.",
        "Open another copy of it, or the table itself.",
    )


def _check_directory(file: BinaryIO, path: Path) -> None:
    """Refuse an archive whose list of parts is too long to be loaded."""
    size = file.seek(0, os.SEEK_END)
    if size < _END.size:
        raise damaged(path, "it is too short")
    file.seek(size - _END.size)
    signature, _, _, _, n_parts, n_bytes, _, n_comment = _END.unpack(file.read(_END.size))
    if signature != _END_SIGNATURE or n_comment:
        raise damaged(path, "it is cut short, or of another kind")
    if n_parts == 0xFFFF or n_bytes == 0xFFFFFFFF:
        n_parts, n_bytes = _far_directory(file, size, path)
    if n_parts > MAX_PARTS or n_bytes > _MAX_DIRECTORY_BYTES:
        raise damaged(path, "it has parts that no session has")
    file.seek(0)


def _far_directory(file: BinaryIO, size: int, path: Path) -> tuple[int, int]:
    place = size - _END.size - _FAR_LOCATOR.size
    if place >= 0:
        file.seek(place)
        signature, _, end, _ = _FAR_LOCATOR.unpack(file.read(_FAR_LOCATOR.size))
        if signature == b"PK\x06\x07" and end + _FAR_END.size <= place:
            file.seek(end)
            fields = _FAR_END.unpack(file.read(_FAR_END.size))
            if fields[0] == b"PK\x06\x06":
                return int(fields[7]), int(fields[8])
    raise damaged(path, "it is cut short, or of another kind")
