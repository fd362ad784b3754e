"""What an untrusted file may ask for, in one place."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

from gmmdesk.errors import ReadError, TooLargeError

MAX_COLUMNS = 16_384  # as many as a workbook can have
MAX_CELL_CHARS = 1_000_000  # a longer cell is an unclosed quote, not a cell
MAX_NAME_CHARS = 1_000  # of a column; a longer one is shortened
MAX_EXPANDED_BYTES = 8 << 30  # a workbook's parts, or a compressed file, unpacked
MAX_EXPANSION = 200  # unpacked : packed; real tables stay below 50
SMALL_BYTES = 1 << 28  # unpacked, whatever the ratio
MAX_UNPACKER_BYTES = 256 << 20  # of memory, to unpack with
MAX_DIRECTORY_BYTES = 4 << 20  # the list of what is in an archive
MAX_MEMBERS = 1_000  # tables to choose from in a file
MAX_SHEET_CELLS = 1 << 28  # in the rectangle around the cells of a sheet, empty ones included
MAX_JSON_DEPTH = 32  # lists and records within each other
MAX_VIEW_STEPS = 100_000_000  # instructions of a database between two rows of a view
MAX_FILLED_CELLS = 1 << 26  # of sparse rows or records, those included that are not in the file
MAX_FILLED_SHARE = 16  # cells for each one in the file, above that number
# Of a view, which may join few rows to any number of them; in a larger database as many as it has
# bytes, up to an end: bytes cost nothing to add. Two million take about a second and a half.
MAX_VIEW_CELLS = 1 << 22
MAX_LARGE_VIEW_CELLS = 1 << 27
MAX_PIXELS = 89_478_485  # of a picture: what Pillow takes for safe
MAX_FRAMES = 1_000  # pictures in one file
MAX_HEADER_BYTES = 1 << 20  # of an array of NumPy: its names and types
MAX_CATALOG_BYTES = 64 << 20  # of SAS: what its formats call the values
MEMORY_SHARE = 0.8  # of what is free now


def available_memory() -> int | None:
    """Bytes of memory free for new work, None where the system does not say."""
    if sys.platform == "win32":

        class Status(ctypes.Structure):
            _fields_ = (
                ("length", ctypes.c_ulong),
                ("load", ctypes.c_ulong),
                ("total", ctypes.c_ulonglong),
                ("available", ctypes.c_ulonglong),
                ("rest", ctypes.c_ulonglong * 5),
            )

        status = Status()
        status.length = ctypes.sizeof(status)
        if ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)):
            return int(status.available)
        return None
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (OSError, ValueError):
        return None


def allowed_memory() -> int | None:
    """Bytes of memory that reading may take, None where the system does not say."""
    available = available_memory()
    return None if available is None else int(MEMORY_SHARE * available)


def limit_memory(n_bytes: int) -> None:
    """Let the system refuse this process more memory than it has now and `n_bytes`.

    Linux (where /proc is) and Windows do; macOS knows no such limit.
    """
    if sys.platform == "win32":
        _limit_job(n_bytes)
    elif sys.platform == "linux":
        import resource

        try:
            held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        except OSError:
            return
        _, most = resource.getrlimit(resource.RLIMIT_AS)
        limit = held + n_bytes if most == resource.RLIM_INFINITY else min(held + n_bytes, most)
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


if sys.platform == "win32":

    class _JobLimits(ctypes.Structure):
        """JOBOBJECT_EXTENDED_LIMIT_INFORMATION."""

        _fields_ = (
            ("times", ctypes.c_longlong * 2),
            ("flags", ctypes.c_ulong),
            ("working_set", ctypes.c_size_t * 2),
            ("n_processes", ctypes.c_ulong),
            ("affinity", ctypes.c_size_t),
            ("classes", ctypes.c_ulong * 2),
            ("transfers", ctypes.c_ulonglong * 6),
            ("process_memory", ctypes.c_size_t),
            ("rest", ctypes.c_size_t * 3),
        )

    def _limit_job(n_bytes: int) -> None:
        """Put this process into a job with a limit, which it stays in for life."""
        kernel = ctypes.WinDLL("kernel32")
        kernel.CreateJobObjectW.restype = kernel.GetCurrentProcess.restype = ctypes.c_void_p
        job = ctypes.c_void_p(kernel.CreateJobObjectW(None, None))
        limits = _JobLimits(flags=0x100, process_memory=n_bytes)  # JOB_OBJECT_LIMIT_PROCESS_MEMORY
        kernel.SetInformationJobObject(job, 9, ctypes.byref(limits), ctypes.sizeof(limits))
        kernel.AssignProcessToJobObject(job, ctypes.c_void_p(kernel.GetCurrentProcess()))


def check_memory(
    n_bytes: int,
    name: str,
    n_rows: int | None = None,
    n_wanted: int | None = None,
    *,
    can_sample: bool = True,
) -> None:
    """Raise TooLargeError when reading `name` would take more memory than there is.

    `n_rows` are those of the file, about, and `n_wanted` those to be read, if that is known. It is
    not `can_sample` where all rows have to be read to draw some of them.
    """
    available = available_memory()
    if available is None or n_bytes <= MEMORY_SHARE * available:
        return
    wanted = n_wanted or n_rows
    rows = f" for {wanted:,} rows" if wanted else ""
    fitting = int(wanted * MEMORY_SHARE * available / n_bytes) if wanted else None
    raise TooLargeError(
        f"{name} needs about {n_bytes / 2**30:.1f} GB of memory{rows},"
        f" {available / 2**30:.1f} GB are free.",
        "Close other programs, or open a part of the file: the first rows"
        + (", or a random sample." if can_sample else "."),
        n_bytes=n_bytes,
        available=available,
        n_rows=n_rows,
        n_fitting=fitting,
        can_sample=can_sample,
    )


def check_filled(n_rows: int, n_columns: int, n_given: int, name: str) -> None:
    """Raise ReadError for a table that is almost only cells that its file, of `n_given`, omits."""
    if n_rows * n_columns > max(MAX_FILLED_CELLS, MAX_FILLED_SHARE * n_given):
        raise ReadError(
            f"{name} has {n_rows:,} rows of {n_columns:,} columns, almost all of them empty or 0.",
            "Open its first rows only, or save fewer columns.",
        )


def check_columns(n_columns: int, name: str) -> None:
    """Raise ReadError for a table wider than any sheet."""
    if n_columns > MAX_COLUMNS:
        raise ReadError(
            f"{name} has {n_columns:,} columns; at most {MAX_COLUMNS:,} can be read.",
            "Check the delimiter, or open a file with fewer columns.",
        )
