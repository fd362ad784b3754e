"""Compressed files: .gz, .bz2 and .xz, whatever they hold, unpacked within bounds."""

from __future__ import annotations

import bz2
import lzma
import re
import shutil
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import BinaryIO, Protocol

from gmmdesk.data.apart import damaged
from gmmdesk.data.limits import (
    MAX_EXPANDED_BYTES,
    MAX_EXPANSION,
    MAX_UNPACKER_BYTES,
    SMALL_BYTES,
)
from gmmdesk.data.options import ReadOptions
from gmmdesk.data.raw import RawTable
from gmmdesk.errors import ReadError
from gmmdesk.task import Task

# Reads the table in the file at a path, which was packed in a way of this name.
ReadUnpacked = Callable[[Path, str, ReadOptions, Task], RawTable]

_BLOCK = 1 << 20
# Bytes given to a machine at first, and twice as many each time: it copies those that come after
# its stream, so the time for many short streams would go with the square of their number.
_SIP = 1 << 12
_PADDING = re.compile(rb"\0+")
_DAMAGES = (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError)
_UNFIT = re.compile(r'[\0-\x1f<>:"/\\|?*\ud800-\udfff]')


class _Decompressor(Protocol):
    """What the decompressors of bz2 and lzma have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    @property
    def needs_input(self) -> bool: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _Gzip:
    """zlib's decompressor, which keeps the bytes that it had no room for, as one of those."""

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(16 + zlib.MAX_WBITS)

    @property
    def eof(self) -> bool:
        return self._zlib.eof

    @property
    def unused_data(self) -> bytes:
        return self._zlib.unused_data

    @property
    def needs_input(self) -> bool:
        return not self._zlib.unconsumed_tail

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._zlib.decompress(self._zlib.unconsumed_tail + data, max_length)


_PACKINGS: tuple[tuple[bytes, str, tuple[str, ...], Callable[[], _Decompressor]], ...] = (
    (b"\x1f\x8b", "gzip", (".gz", ".gzip"), _Gzip),
    (b"BZh", "bzip2", (".bz2",), bz2.BZ2Decompressor),
    (
        b"\xfd7zXZ\0",
        "xz",
        (".xz",),
        lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MAX_UNPACKER_BYTES),
    ),
)


def read_compressed(
    file: BinaryIO, name: str, options: ReadOptions, task: Task, read_unpacked: ReadUnpacked
) -> RawTable:
    """The table in a compressed file, as `read_unpacked` reads what it holds.

    Raises ReadError for a damaged file, for one that expands beyond measure, and for one in which
    there is another compressed one.
    """
    start = file.read(6)
    _, packing, suffixes, new = next(row for row in _PACKINGS if start.startswith(row[0]))
    inner = PurePath(name)
    inner_name = inner.stem if inner.suffix.lower() in suffixes else inner.name
    with unpacked(_blocks(file, name, new, task), file, inner_name, name) as path:
        return read_unpacked(path, packing, options, task)


@contextmanager
def unpacked(
    blocks: Iterator[bytes], file: BinaryIO, inner_name: str, name: str, packed: int = 0
) -> Iterator[Path]:
    """A file of `blocks` in a folder of its own, gone after the block of code.

    `packed` is the number of bytes that they take in `file`: all of it when 0.
    """
    packed = packed or file.seek(0, 2)
    file.seek(0)
    most = min(MAX_EXPANDED_BYTES, max(SMALL_BYTES, MAX_EXPANSION * packed))
    with tempfile.TemporaryDirectory(prefix="gmmdesk-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / (_UNFIT.sub("_", inner_name).strip(" .")[:100] or "table")
        done = 0
        with path.open("wb") as target:
            for i, block in enumerate(blocks):
                done += len(block)
                if done > most:
                    raise ReadError(
                        f"{name} unpacks to more than {most / 2**20:,.0f} MB, more than a table"
                        " should.",
                        "If you trust it, unpack it yourself and open what it holds.",
                    )
                if i % 64 == 0:
                    _check_disk(Path(folder), name)
                target.write(block)
        if not done:
            raise ReadError(f"{name} is empty once unpacked.", "Save the table again.")
        yield path


def _check_disk(folder: Path, name: str) -> None:
    if shutil.disk_usage(folder).free < 128 * _BLOCK:
        raise ReadError(
            f"There is no space left in {folder.parent} to unpack {name}.",
            "Free some space there, or unpack it yourself on another disk.",
        )


def _blocks(
    file: BinaryIO, name: str, new: Callable[[], _Decompressor], task: Task
) -> Iterator[bytes]:
    """The bytes of one or more packed streams, end to end, a block at a time."""
    size = max(1, file.seek(0, 2))
    file.seek(0)
    machine, sip = new(), _SIP
    piece, at = b"", 0  # of the file, and where the part of it begins that no machine was given
    try:
        while True:
            if machine.needs_input:
                if at == len(piece):
                    piece, at = file.read(_BLOCK), 0
                    if not piece:
                        raise EOFError("it ends too early")
                given = piece[at : at + sip]
                at += len(given)
                sip *= 2
            else:
                given = b""
            block = machine.decompress(given, _BLOCK)
            task.step(file.tell() / size, "Unpacking")
            if block:
                yield block
            if machine.eof:
                at -= len(machine.unused_data)
                piece, at = _next_stream(file, piece, at)
                if at == len(piece):
                    return
                machine, sip = new(), _SIP
    except _DAMAGES as error:
        raise damaged(name, error) from None


def _next_stream(file: BinaryIO, piece: bytes, at: int) -> tuple[bytes, int]:
    """The piece of the file, and where in it the next packed stream begins; zeros may precede it.

    At the end of the piece when there is none.
    """
    while True:
        if match := _PADDING.match(piece, at):
            at = match.end()
        if at < len(piece):
            return piece, at
        piece, at = file.read(_BLOCK), 0
        if not piece:
            return piece, at
