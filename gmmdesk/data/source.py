"""The bytes of a file on their way to a reader: watched, hashed, decoded."""

from __future__ import annotations

import codecs
import hashlib
import io
import os
import stat
import threading
from abc import abstractmethod
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import BinaryIO, Self

from gmmdesk.errors import ReadError
from gmmdesk.task import Task

_BLOCK = 1 << 20
_BEAT = 0.02  # seconds between two looks at the task

OpenFile = Callable[[], BinaryIO]


class NotInEncodingError(Exception):
    """Bytes that the assumed encoding does not have, in `lines` around `position`."""

    def __init__(self, position: int, lines: bytes) -> None:
        super().__init__(position)
        self.position = position
        self.lines = lines


def check_file(path: Path) -> os.stat_result:
    """The file's status; raises ReadError when it is no file that can be read."""
    try:
        status = path.stat()
        if path.is_dir():
            raise ReadError(f"{path} is a folder.", "Choose a file inside it.")
        if not stat.S_ISREG(status.st_mode):  # a pipe, say, which would wait for a writer
            raise ReadError(
                f"{path} is a pipe or a device, not a file.",
                "Write what comes out of it into a file, and open that.",
            )
        with path.open("rb"):
            pass
    except FileNotFoundError:
        raise ReadError(f"{path} is not there.", "Check the name and the folder.") from None
    except PermissionError:
        raise ReadError(
            f"{path} may not be read.", "Ask its owner for permission, or copy the file."
        ) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ReadError(
            f"{path} cannot be opened: {reason}.", "Check the disk or the network drive."
        ) from None
    if status.st_size == 0:
        raise ReadError(f"{path} is empty.", "Save the table again and open that file.")
    return status


def check_unchanged(path: Path, before: os.stat_result) -> None:
    """Raise ReadError when the file is another than when reading began."""
    try:
        after = path.stat()
    except OSError:
        raise ReadError(f"{path} vanished while it was read.", "Open it again.") from None
    if (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
        raise ReadError(
            f"{path} changed while it was read.", "Wait until it is complete and open it again."
        )


def shape_of_text(path: Path, n_bytes: int) -> tuple[int, int]:
    """About how many lines and cells a text file of that size has, judged by its beginning."""
    with path.open("rb") as file:
        start = file.read(_BLOCK)
    n_lines = max(1, start.count(b"\n"))
    n_cells = n_lines + max(start.count(delimiter) for delimiter in (b",", b";", b"\t", b"|"))
    times = n_bytes / max(1, len(start))
    return max(1, round(times * n_lines)), round(times * n_cells)


class Hashing:
    """The SHA-256 of a file, computed on a thread of its own while the file is read.

    A context manager: left without asking for the result, it stops.
    """

    def __init__(self, path: Path, task: Task) -> None:
        self._path = path
        self._task = task
        self._stopped = threading.Event()
        self._pool = ThreadPoolExecutor(1, "hashing")

    def __enter__(self) -> Self:
        self._digest = self._pool.submit(self._hash)
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._pool.shutdown()

    def result(self) -> str:
        """The digest in hexadecimal, when it is done; raises Cancelled, or OSError."""
        while not wait([self._digest], _BEAT).done:
            self._task.step()
        return self._digest.result()

    def _hash(self) -> str:
        digest = hashlib.sha256()
        with self._path.open("rb", buffering=0) as file:
            while not self._stopped.is_set() and (block := file.read(_BLOCK)):
                digest.update(block)
        return digest.hexdigest()


def nul_error(name: str) -> ReadError:
    """What there is to say of text with NUL characters, which no reader of tables takes."""
    return ReadError(
        f"{name} is not a text file: it holds NUL characters.",
        "Save it as CSV from the program it came from.",
    )


class MadeBytes(io.RawIOBase):
    """A stream of bytes that are made as they are asked for, by one reader at a time."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._ready = b""

    def readable(self) -> bool:
        return True

    # Any writable buffer by the base class; these two have a length and slices, and are what comes.
    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        block = self.read(len(buffer))
        buffer[: len(block)] = block
        return len(block)

    def read(self, size: int = -1) -> bytes:
        if size < 0:
            return b"".join(iter(lambda: self.read(_BLOCK), b""))
        with self._lock:
            self._fill(size)
            block, self._ready = self._ready[:size], self._ready[size:]
            return block

    @abstractmethod
    def _fill(self, size: int) -> None:
        """Add to `_ready`: about `size` bytes, at least one where there are any left."""


class TextSource(MadeBytes):
    """A text file as a stream of UTF-8 bytes, whatever its encoding.

    Hashes what passes, counts its quotation marks, and reports progress. Raises
    NotInEncodingError at the first bytes that are not in `encoding`, unless `errors` are
    replaced, and ReadError when there are NUL characters in the text. A reader that gave up may
    go on asking from a thread of its own: after `close` it gets nothing.
    """

    def __init__(
        self, file: BinaryIO, name: str, encoding: str, task: Task, errors: str = "strict"
    ) -> None:
        super().__init__()
        self._file = file
        self._name = name
        self._task = task
        self._size = max(1, file.seek(0, os.SEEK_END))
        file.seek(0)
        self._digest = hashlib.sha256()
        self._decoder = codecs.getincrementaldecoder(encoding)(errors)
        self._is_utf8 = encoding in {"utf-8", "utf-8-sig"}
        self._first = True
        self._position = 0
        self.n_quotes = 0

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def _fill(self, size: int) -> None:
        while not self._ready and not self._file.closed:
            raw = self._file.read(min(size, _BLOCK))
            self._ready = self._decoded(raw)
            if not raw:
                break

    def close(self) -> None:
        with self._lock:
            self._ready = b""
            self._file.close()
        super().close()

    def _decoded(self, raw: bytes) -> bytes:
        self._task.step(self._position / self._size)
        self._digest.update(raw)
        held = len(self._decoder.getstate()[0])
        try:
            text = None
            if not (self._is_utf8 and raw.isascii() and not held and not self._first):
                text = self._decoder.decode(raw, final=not raw)
        except UnicodeDecodeError as error:
            start = max(0, error.start - 200)
            rest = len(error.object) - error.start  # counted from its end, as a mark may be cut off
            raise NotInEncodingError(
                self._position + len(raw) - rest, error.object[start : error.start + 2000]
            ) from None
        self._first = False
        self._position += len(raw)
        block = raw if text is None else text.encode("utf-8", "surrogatepass")
        if b"\0" in block:
            raise nul_error(self._name)
        if b'"' in block:  # several times as fast as counting none
            self.n_quotes += block.count(b'"')
        return block
