"""What an untrusted file may ask for, in one place."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

from gmmdesk.errors import ReadError

MAX_COLUMNS = 16_384  # as many as a workbook can have
MAX_CELL_CHARS = 1_000_000  # a longer cell is an unclosed quote, not a cell
MAX_EXPANDED_BYTES = 8 << 30  # a workbook's parts, unpacked
MAX_EXPANSION = 200  # unpacked : packed; real sheets stay below 50
MAX_SHEET_CELLS = 1 << 28  # in the rectangle around the cells of a sheet, empty ones included
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


def check_memory(n_bytes: int, name: str) -> None:
    """Raise ReadError when reading `name` would take more memory than there is."""
    available = available_memory()
    if available is not None and n_bytes > MEMORY_SHARE * available:
        raise ReadError(
            f"{name} needs about {n_bytes / 2**30:.1f} GB of memory,"
            f" {available / 2**30:.1f} GB are free.",
            "Close other programs, or open a part of the file.",
        )


def check_columns(n_columns: int, name: str) -> None:
    """Raise ReadError for a table wider than any sheet."""
    if n_columns > MAX_COLUMNS:
        raise ReadError(
            f"{name} has {n_columns:,} columns; at most {MAX_COLUMNS:,} can be read.",
            "Check the delimiter, or open a file with fewer columns.",
        )
