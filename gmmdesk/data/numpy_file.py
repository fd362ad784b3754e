"""NumPy's own files: one array (.npy) or an archive of them (.npz). Never with pickled objects."""

from __future__ import annotations

import math
import sys
import zipfile
from typing import Any, BinaryIO, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from gmmdesk.data.apart import damaged
from gmmdesk.data.calendar import BEYOND_YEARS, COUNTED_TIMES, CUT_TIMES
from gmmdesk.data.dataset import IntArray
from gmmdesk.data.foreign_text import FOREIGN, ForeignText, decoded
from gmmdesk.data.limits import (
    MAX_HEADER_BYTES,
    MAX_MEMBERS,
    check_columns,
    check_memory,
)
from gmmdesk.data.options import ReadOptions
from gmmdesk.data.raw import RawTable, seemly, unique_names
from gmmdesk.data.row_sample import chosen_rows
from gmmdesk.data.signs import ZIP_DAMAGES, BoundedReads
from gmmdesk.data.values import column_of
from gmmdesk.errors import ReadError
from gmmdesk.task import Task
from gmmdesk.text import joined

Array = npt.NDArray[Any]

_BLOCK = 1 << 24
_TOGETHER = "(all columns)"
# The last three for headers of arrays, which are Python literals.
_DAMAGES = (*ZIP_DAMAGES, TypeError, SyntaxError, RecursionError)
_HEADERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}

_ARROW_UNITS = ("s", "ms", "us", "ns")
_PER_MICROSECOND = {"ps": 10**6, "fs": 10**9, "as": 10**12}
_CALENDAR = ("0001-01-01T00:00:00", "9999-12-31T23:59:59")
_UNITS = {"Y": "years", "M": "months", "W": "weeks", "D": "days", "h": "hours", "m": "minutes"}


def read_arrays(file: BinaryIO, name: str, options: ReadOptions, task: Task) -> RawTable:
    """The table in an array: a column for each field, or for each place of the second dimension.

    In an archive arrays of one dimension and the same length are columns of one table; else each
    is a table, of which `options` name one.
    Raises ReadError for a damaged file, for objects and for arrays of no shape of a table.
    """
    if file.read(2) != b"PK":
        if options.sheet is not None:
            raise ReadError(f"{name} holds one array.", "Open it without naming one.")
        file.seek(0)
        array, n_rows = _read_array(file, file.seek(0, 2), name, task, options)
        raw = _table({"": array}, name)
        raw.is_chosen, raw.rows_in_file = n_rows is not None, n_rows
        return raw
    try:
        with zipfile.ZipFile(cast(BinaryIO, BoundedReads(file))) as archive:
            infos = {
                seemly(info.filename.removesuffix(".npy")): info for info in archive.infolist()
            }
            return _of_archive(archive, infos, name, options, task)
    except _DAMAGES as error:
        raise damaged(name, error) from None


def _of_archive(
    archive: zipfile.ZipFile,
    infos: dict[str, zipfile.ZipInfo],
    name: str,
    options: ReadOptions,
    task: Task,
) -> RawTable:
    if len(infos) > MAX_MEMBERS:
        raise ReadError(f"{name} holds {len(infos):,} arrays.", "Save fewer in one file.")
    shapes = {title: _shape(archive, info, name) for title, info in infos.items()}
    flat = {title: shape for title, shape in shapes.items() if len(shape) == 1 and shape[0]}
    titles = list(infos)
    if len(flat) > 1 and len(set(flat.values())) == 1:
        titles.insert(0, _TOGETHER)
    wanted = options.sheet
    if wanted is not None and wanted not in titles:
        raise ReadError(f"{name} has no array '{wanted}'.", f"It holds {joined(titles, 12)}.")
    if wanted is None:
        fitting = (t for t in titles if t == _TOGETHER or (len(shapes[t]) in (1, 2)))
        wanted = next(fitting, titles[0])
    chosen = list(flat) if wanted == _TOGETHER else [wanted]
    arrays: dict[str, Array] = {}
    n_rows = None
    for title in chosen:
        with archive.open(infos[title]) as stream:
            arrays[title], n_rows = _read_array(
                cast(BinaryIO, stream), infos[title].file_size, f"{title} in {name}", task, options
            )
    raw = _table(arrays if wanted == _TOGETHER else {"": arrays[wanted]}, name)
    raw.is_chosen, raw.rows_in_file = n_rows is not None, n_rows
    raw.interpretation["sheet"] = wanted
    raw.sheets = tuple(titles)
    return raw


def _shape(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> tuple[int, ...]:
    with archive.open(info) as stream:
        return _header(cast(BinaryIO, stream), name)[0]


def _header(file: BinaryIO, name: str) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Shape, whether the first index runs fastest, and type of the array that follows."""
    file = cast(BinaryIO, BoundedReads(file, MAX_HEADER_BYTES))  # it says how long it is
    try:
        version = np.lib.format.read_magic(file)
        read_header = _HEADERS.get(version, np.lib.format.read_array_header_2_0)
        shape, fortran, dtype = read_header(file, max_header_size=MAX_HEADER_BYTES)
    except MemoryError:
        raise
    except Exception as error:  # the header is a piece of Python, of which parsers complain
        raise damaged(name, str(error).splitlines()[0] if str(error) else "its header") from None
    if dtype.hasobject:
        raise ReadError(
            f"{name} holds Python objects, which could run code when they are read.",
            "Save numbers or texts: array.astype(float), or a structured array.",
        )
    return shape, fortran, dtype


def _read_array(
    file: BinaryIO, n_bytes: int, name: str, task: Task, options: ReadOptions
) -> tuple[Array, int | None]:
    """The array in an open file of at most `n_bytes`; nothing is made larger than these are.

    Only the rows that `options` ask for where they lie one after the other: then also how many
    there are in the file, else None.
    """
    if file.seekable() and not isinstance(file, zipfile.ZipExtFile):
        file.seek(0)
    shape, fortran, dtype = _header(file, name)
    needed = math.prod(shape) * dtype.itemsize
    if min(shape, default=0) < 0 or needed > n_bytes:
        raise damaged(name, f"it says that it holds {needed:,} bytes, and has {n_bytes:,}")
    if not needed:
        raise ReadError(f"{name} has no rows.", "Save an array with rows.")
    n_rows = shape[0] if shape else 1
    in_order = len(shape) == 1 or (shape and not fortran)
    rows = chosen_rows(n_rows, options) if in_order else None
    if rows is not None:
        check_memory(2 * needed * len(rows) // n_rows, name, n_rows, len(rows))
        return _chosen(file, shape, dtype, rows, name=name, task=task), n_rows
    check_memory(2 * needed, name, n_rows)
    flat = np.frombuffer(_read_bytes(file, needed, name, task, of=needed), dtype)
    return (flat.reshape(shape[::-1]).T if fortran else flat.reshape(shape)), None


def _chosen(
    file: BinaryIO,
    shape: tuple[int, ...],
    dtype: np.dtype[Any],
    rows: IntArray,
    *,
    name: str,
    task: Task,
) -> Array:
    """Some `rows` of an array whose rows lie one after the other; reads no further than these."""
    row_bytes = math.prod(shape[1:]) * dtype.itemsize
    size = max(1, _BLOCK // row_bytes)
    parts, last = [], int(rows[-1]) + 1
    for start in range(0, last, size):
        n = min(size, last - start)
        block = np.frombuffer(_read_bytes(file, n * row_bytes, name, task), dtype)
        wanted = rows[slice(*np.searchsorted(rows, (start, start + n)))]
        parts.append(block.reshape(n, *shape[1:])[wanted - start])
        task.step(start / last, "Reading")
    return np.concatenate(parts)


def _read_bytes(file: BinaryIO, n_bytes: int, name: str, task: Task, of: int = 0) -> bytearray:
    """So many bytes, told as a share `of` all there are to read."""
    content = bytearray()
    while len(content) < n_bytes and (block := file.read(min(_BLOCK, n_bytes - len(content)))):
        content += block
        task.step(len(content) / of if of else None, "Reading")
    if len(content) < n_bytes:
        raise damaged(name, f"it ends {n_bytes - len(content):,} bytes too early")
    return content


def _table(arrays: dict[str, Array], name: str) -> RawTable:
    parts: list[tuple[str, Array]] = []
    for title, array in arrays.items():
        if array.ndim not in (1, 2):
            raise ReadError(
                f"{name} has an array of {array.ndim} dimensions, {array.shape}; a table has two.",
                "Save it with one row for each thing: array.reshape(len(array), -1).",
            )
        _split(array, title, parts, name)
    names, notes = unique_names([title for title, _ in parts])
    columns: list[pa.ChunkedArray] = []
    kinds: dict[str, tuple[str, str]] = {}
    found: dict[str, list[str]] = {}
    for title, cells in zip(names, (cells for _, cells in parts), strict=True):
        column, note = _column(cells, title)
        columns.append(column)
        if cells.dtype.kind == "M" and pa.types.is_integer(column.type):
            kinds[title] = ("date", COUNTED_TIMES)
        if note:
            found.setdefault(note, []).append(f"'{title}'")
    notes += [f"{note}: {joined(titles)}." for note, titles in sorted(found.items())]
    return RawTable(names, columns, notes, kinds=kinds)


def _split(array: Array, title: str, parts: list[tuple[str, Array]], name: str) -> None:
    """Add the columns of `array` to `parts`: one for each field and place."""
    stem = f"{title}." if title else ""
    if (fields := array.dtype.names) is not None:
        check_columns(len(fields), name)
        if array.ndim == 2:
            if 1 not in array.shape:
                raise ReadError(
                    f"{name} has records in {array.shape[1]:,} columns; a table has one a row.",
                    "Save it with one dimension: array.reshape(-1).",
                )
            array = array.reshape(-1)
        for field in fields:
            _split(array[field], stem + field, parts, name)
    elif array.ndim == 1:
        _add(parts, title, array)
    else:
        array = array.reshape(len(array), -1)
        check_columns(array.shape[1], name)
        for j in range(array.shape[1]):
            _add(parts, f"{title}[{j}]" if title else f"x{j + 1}", array[:, j])
    check_columns(len(parts), name)


def _add(parts: list[tuple[str, Array]], title: str, cells: Array) -> None:
    title = title or "x1"
    if cells.dtype.kind == "c":
        parts.append((f"{title} (real)", cells.real))
        parts.append((f"{title} (imaginary)", cells.imag))
    else:
        parts.append((title, cells))


def _column(cells: Array, title: str) -> tuple[pa.ChunkedArray, str]:
    """One column, and what there is to say of its type."""
    kind, note = cells.dtype.kind, ""
    if kind == "f" and cells.dtype.itemsize not in (4, 8):
        note = "Numbers of 2 or more than 8 bytes were read as such of 8"
        cells = cells.astype(np.float64)
    if kind in "biuf":
        native = np.ascontiguousarray(cells, cells.dtype.newbyteorder("="))
        return pa.chunked_array([pa.array(native)]), note
    if kind == "M":
        return _times(cells)
    if kind == "S":
        texts = [decoded(value) for value in cells.tolist()]
        return column_of(texts, title), FOREIGN if ForeignText in map(type, texts) else ""
    if kind == "U":
        return column_of(_texts(cells), title), note
    if kind == "V":
        return column_of([bytes(value) for value in cells.tolist()], title), note
    return column_of([str(value) for value in cells], title), note


def _times(cells: Array) -> tuple[pa.ChunkedArray, str]:
    """A column of times in a unit of Arrow's, or of whole numbers if some are beyond all years."""
    native = np.ascontiguousarray(cells, cells.dtype.newbyteorder("="))
    unit, count = np.datetime_data(native.dtype)
    numbers = native.view(np.int64)
    missing = np.isnat(native)
    if unit in _ARROW_UNITS and count == 1:
        return pa.chunked_array([pa.array(native, pa.timestamp(unit), from_pandas=True)]), ""
    if unit in _PER_MICROSECOND:  # which no number of takes beyond the years of a calendar
        divisor = _PER_MICROSECOND[unit] // math.gcd(_PER_MICROSECOND[unit], count)
        note = CUT_TIMES if np.any((numbers % divisor != 0) & ~missing) else ""
        times = native.astype("datetime64[us]")
        return pa.chunked_array([pa.array(times, pa.timestamp("us"), from_pandas=True)]), note
    first, last = (0, 0) if unit == "generic" else _ends_of_calendar(unit, count)
    if np.any(((numbers < first) | (numbers > last)) & ~missing):
        note = f"{BEYOND_YEARS}, in units of {count} {_UNITS.get(unit, unit)}"
        return pa.chunked_array([pa.array(numbers, mask=missing)]), note
    fine = unit if unit in _ARROW_UNITS else "s"  # as of years to minutes, and of no unit
    times = native.astype(f"datetime64[{fine}]")
    return pa.chunked_array([pa.array(times, pa.timestamp(fine), from_pandas=True)]), ""


def _ends_of_calendar(unit: str, count: int) -> tuple[int, int]:
    """The first and the last number of `count` units that are in the years 1 to 9999."""
    days = np.array(_CALENDAR, "M8[s]").astype(f"datetime64[{unit}]")
    first, last = days.astype(np.int64).tolist()
    return -(-first // count), last // count


def _texts(cells: Array) -> list[str]:
    """Of an array of texts; one may hold numbers that are no characters, which Python takes."""
    native = np.ascontiguousarray(cells, cells.dtype.newbyteorder("="))
    if native.dtype.itemsize and int(native.view(np.uint32).max(initial=0)) > sys.maxunicode:
        raise ReadError("A text in the array is damaged.", "Save the array again.")
    return cast("list[str]", native.tolist())
