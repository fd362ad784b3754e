"""What is kept for a crash: each running program has a folder of its own, and finds those left.

A lock that the system gives up when its program ends, however it ends, tells whether a folder is
still somebody's.
"""

from __future__ import annotations

import os
import secrets
import shutil
import sys
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import platformdirs

from gmmdesk.data.dataset import Dataset
from gmmdesk.data.sample_table import PREFIX
from gmmdesk.errors import ExportError, ReadError
from gmmdesk.session.archive import SUFFIX
from gmmdesk.session.files import read_head, write_session
from gmmdesk.session.records import Session

_SESSION = "session" + SUFFIX
_LOCK = ".lock"


def recovery_folder() -> Path:
    """Where the folders of all programs of this user lie."""
    return platformdirs.user_state_path("gmmdesk", appauthor=False) / "recovery"


class _Lock:
    """A file that one program at a time can lock; unlocked when the program ends."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: int | None = None

    def take(self) -> bool:
        """Whether it was free; raises OSError where the file cannot be opened."""
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(handle)
        except OSError:
            os.close(handle)
            return False
        if not self._is_there(handle):  # another program removed it before it was locked
            os.close(handle)
            return self.take()
        self._handle = handle
        return True

    def _is_there(self, handle: int) -> bool:
        try:
            return os.path.samestat(os.fstat(handle), self._path.stat())
        except FileNotFoundError:
            return False

    def release(self, *, remove: bool = False) -> None:
        handle, self._handle = self._handle, None
        if handle is None:
            return
        if remove and sys.platform != "win32":  # while it is ours: nobody else's is removed
            self._path.unlink(missing_ok=True)
        os.close(handle)
        if remove and sys.platform == "win32":
            with suppress(OSError):
                self._path.unlink(missing_ok=True)


if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


class Recovery:
    """Keeps the present session of this program; not for use by two threads at once."""

    def __init__(self, base: Path | None = None) -> None:
        self._base = base or recovery_folder()
        self._folder = self._new_folder()
        self._lock: _Lock | None = None
        self._dataset: Dataset | None = None  # whose table is in the folder, or in no need of it
        self._table: Path | None = None

    def save(self, session: Session, dataset: Dataset) -> None:
        """Keep `session`, and its table where that lies in no file of its own.

        What was kept before is there until this is complete. Raises ExportError.
        """
        self._open()
        if dataset is not self._dataset:
            table = self._write_table(session, dataset)
            self._dataset, self._table = dataset, table
        data = session.data
        if self._table is not None:
            data = msgspec.structs.replace(data, path=str(self._table), relative=None)
        write_session(replace(session, data=data), self._folder / _SESSION)

    def clear(self) -> None:
        """Keep nothing any more."""
        self._dataset = self._table = None
        if self._lock is not None:
            _remove(self._folder)
            self._lock.release(remove=True)
            self._lock = None
            self._folder = self._new_folder()  # nobody can be looking at that one's lock

    def _new_folder(self) -> Path:
        return self._base / secrets.token_hex(8)

    def _open(self) -> None:
        """Take the lock before there is anything that another program could find."""
        if self._lock is not None and self._folder.is_dir():
            return
        try:
            self._base.mkdir(parents=True, exist_ok=True)
            if self._lock is None:
                lock = _Lock(_lock_of(self._folder))
                lock.take()
                self._lock = lock
            self._dataset = self._table = None
            self._folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise ExportError(
                f"{self._folder} cannot be written: {error.strerror}.", "Save your work yourself."
            ) from error

    def _write_table(self, session: Session, dataset: Dataset) -> Path | None:
        source = dataset.receipt.source
        if not session.data.embedded and (dataset.path is not None or source.startswith(PREFIX)):
            return None
        path = self._folder / f"table-{secrets.token_hex(4)}{SUFFIX}"
        write_session(replace(session, answer=None, past=None), path, embed=dataset)
        return path


@dataclass(frozen=True, slots=True)
class Left:
    """A session that a program left behind when it crashed; nobody else can have it meanwhile.

    `session` has neither answer nor table; `path` is the file with both.
    """

    path: Path
    session: Session
    _lock: _Lock

    def release(self) -> None:
        """Leave it for another time."""
        self._lock.release()

    def discard(self) -> None:
        """Remove it for good."""
        _remove(self.path.parent)
        self._lock.release(remove=True)


def left_behind(base: Path | None = None) -> list[Left]:
    """The sessions of programs that have crashed, newest first; each to be released or discarded.

    What no session can be made of is removed.
    """
    base = base or recovery_folder()
    found = []
    with suppress(OSError):  # there is none yet, or it cannot be read
        places = list(base.iterdir())
        for folder in places:
            left = _left_in(folder) if folder.is_dir() else None
            if left is not None:
                found.append(left)
        for path in places:
            if path.suffix == _LOCK and not path.with_suffix("").exists():
                _remove_lock(path)
    return sorted(found, key=lambda left: left.session.saved, reverse=True)


def _left_in(folder: Path) -> Left | None:
    lock = _Lock(_lock_of(folder))
    try:
        if not lock.take():
            return None
    except OSError:
        return None
    path = folder / _SESSION
    try:
        return Left(path, read_head(path), lock)
    except ReadError:
        if not path.exists():  # it ended before the first time; a damaged one may be of use
            _remove(folder)
        lock.release(remove=not folder.exists())
        return None


def _remove_lock(path: Path) -> None:
    """Remove a lock whose program ended before it had a folder; not one that is in use."""
    lock = _Lock(path)
    with suppress(OSError):
        if lock.take():
            lock.release(remove=not path.with_suffix("").exists())


def _lock_of(folder: Path) -> Path:
    return folder.with_name(folder.name + _LOCK)


def _remove(folder: Path) -> None:
    """Remove a folder, the session first: without it nobody looks at the rest."""
    with suppress(OSError):
        (folder / _SESSION).unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
