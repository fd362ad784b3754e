"""Output files that are complete or absent."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from gmmdesk.errors import ExportError

_LEFT_SECONDS = 86_400  # no file takes a day to write
_DISK_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}


@contextmanager
def complete_or_absent(path: Path) -> Iterator[BinaryIO]:
    """A binary file that takes the place of `path` once the block has ended without an exception.

    Until then everything goes to a temporary file in the same folder, which is removed on any
    exception (Cancelled and KeyboardInterrupt too); a file already at `path` is then untouched.
    Raises ExportError for every OSError on the way.
    """
    check_writable(path)
    # A symbolic link stays one: the file it points to is replaced.
    target = Path(os.path.realpath(path))
    # Not tempfile: its files are private to the user, and a saved file follows the umask.
    part = target.with_name(f".gmmdesk-{secrets.token_hex(6)}.part")
    try:
        try:
            with part.open("xb") as file:
                _remove_left(part)
                yield file
                file.flush()
                os.fsync(file.fileno())
            if target.exists():
                shutil.copymode(target, part)
            part.replace(target)
        except BaseException:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise _explained(error, path) from error
    _sync_folder(target.parent)


def check_writable(path: Path) -> None:
    """Raise ExportError where it is plain beforehand that `path` cannot be written."""
    folder = path.parent
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        mode = None
    except (OSError, ValueError) as error:  # a name no file may have, or a folder closed to us
        raise _explained(error, path) from error
    if mode is None:
        if not folder.is_dir():
            raise ExportError(
                f"The folder {folder} does not exist.", "Create it, or choose another place."
            )
        if not os.access(folder, os.W_OK):
            raise ExportError(f"The folder {folder} is write-protected.", "Choose another place.")
    elif stat.S_ISDIR(mode):
        raise ExportError(f"{path} is a folder.", "Give the name of a file.")
    elif not stat.S_ISREG(mode):
        raise ExportError(f"{path} is not an ordinary file.", "Choose another name.")
    elif not os.access(path, os.W_OK):
        raise ExportError(f"{path} is write-protected.", "Choose another name.")


def _remove_left(part: Path) -> None:
    """Remove from the folder of `part`, which was just made, what killed programs have left.

    A file that is being written is younger, by the clock of whoever keeps the folder.
    """
    with suppress(OSError):
        now = part.stat().st_mtime
        for left in part.parent.glob(".gmmdesk-*.part"):
            with suppress(OSError):
                if now - left.stat().st_mtime > _LEFT_SECONDS:
                    left.unlink()


def _explained(error: OSError | ValueError, path: Path) -> ExportError:
    code = getattr(error, "errno", None)
    if code in _DISK_FULL:
        return ExportError(
            f"There is no space left to write {path}.",
            f"Free some space there and in {tempfile.gettempdir()}, or choose another disk.",
        )
    if isinstance(error, PermissionError):
        return ExportError(
            f"{path} cannot be written: permission denied.",
            "If it is open in another program, close it there; else choose another place.",
        )
    reason = getattr(error, "strerror", None) or str(error)
    return ExportError(f"{path} cannot be written: {reason}.", "Choose another name or place.")


def _sync_folder(folder: Path) -> None:
    # So that the new name survives a power cut; Windows cannot open a folder, and need not.
    if os.name == "posix":
        with suppress(OSError):
            handle = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
