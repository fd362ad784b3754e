"""A Parquet file as a Source for the engine: read as rows are asked for, larger than memory."""

from __future__ import annotations

import mmap
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from gmmdesk.data.parquet import refusing_damage
from gmmdesk.data.refusals import no_such_column
from gmmdesk.data.source import check_file, check_unchanged
from gmmdesk.engine.parallel import n_cores
from gmmdesk.errors import DataError, ReadError
from gmmdesk.text import joined

FloatArray = npt.NDArray[np.float64]

BLOCK_NUMBERS = 2**18  # decoded together, about
MIN_BLOCK = 1024  # rows
# Decoded numbers that are kept, in bytes for each core: the threads of a pass lie a few chunks
# apart, and the one behind should find what the one ahead has read.
KEPT_BYTES = 2**24
_BUFFER = 2**18  # bytes of each column read at once; without, a whole row group would be


class ParquetSource:
    """Numeric columns of the Parquet file `path` as a Source: rows (n, d) in float64.

    `columns` are the names of the chosen ones, in the file's order and all of them when none are
    given. Missing cells are NaN, and a fit names the first. However large the row groups are,
    memory holds a few blocks of rows, about `kept_bytes` (default: KEPT_BYTES for each core) that
    all threads share, and a page of each column. Passes that go forward decode every block once.

    A context manager; `close` lets go of the file, which must stay as it is meanwhile.
    Raises ReadError for a file that cannot be read, or is another by the time rows are asked for;
    DataError for columns that are not there, twice there, or hold no numbers.
    """

    def __init__(
        self, path: str | Path, columns: Sequence[str] = (), kept_bytes: int | None = None
    ) -> None:
        self._path = Path(path)
        self._status = check_file(self._path)
        with self._reading(), pq.ParquetFile(self._path) as file:
            self._metadata, schema = file.metadata, file.schema_arrow
        self.columns = _chosen(self._path.name, schema, columns)
        n, d = self._metadata.num_rows, len(self.columns)
        if not n:
            raise ReadError(f"{self._path.name} has no rows.", "Open a file with rows.")
        self.shape = n, d
        groups = range(self._metadata.num_row_groups)
        self._group_ends = np.cumsum([self._metadata.row_group(i).num_rows for i in groups])
        self._block = max(MIN_BLOCK, BLOCK_NUMBERS // d // MIN_BLOCK * MIN_BLOCK)
        kept = KEPT_BYTES * n_cores() if kept_bytes is None else kept_bytes
        self._n_kept = max(2, kept // (8 * d * self._block))
        self._kept: OrderedDict[int, FloatArray] = OrderedDict()  # the last used at the end
        self._cursors: list[_Cursor] = []  # the last used at the end
        self._looking = threading.Lock()  # guards `_kept`; held for a moment
        self._decoding = threading.Lock()  # guards `_cursors`; held while one reads

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file and of what was decoded; rows can be asked for again."""
        with self._decoding, self._looking:
            for cursor in self._cursors:
                cursor.close()
            self._cursors.clear()
            self._kept.clear()

    def rows(self, start: int, stop: int) -> FloatArray:
        """Rows start..stop-1, (stop - start, d), column-major."""
        blocks = range(start // self._block, -(-stop // self._block))
        parts = []
        for block in blocks:
            first = block * self._block
            parts.append(self._rows_of(block)[:, max(0, start - first) : stop - first])
        return (parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)).T

    def _rows_of(self, block: int) -> FloatArray:
        """The rows of a block, features first."""
        found = self._look_up(block)
        if found is None:
            with self._decoding:
                found = self._look_up(block)  # another thread may have read it by now
                if found is None:
                    found = self._decode(block)
        return found

    def _look_up(self, block: int) -> FloatArray | None:
        with self._looking:
            found = self._kept.get(block)
            if found is not None:
                self._kept.move_to_end(block)
            return found

    def _decode(self, block: int) -> FloatArray:
        """Read on as far as `block`, keeping what comes shortly before it too."""
        start = block * self._block
        with self._reading():
            cursor = self._cursor_before(start)
            # At most half of what is kept makes room: the rest is what other threads are at.
            nearby = start - self._n_kept // 2 * self._block
            cursor.skip_to(max(nearby, -(-cursor.row // self._block) * self._block))
            while cursor.row <= start:
                at = cursor.row // self._block
                values = cursor.read(min(self._block, self.shape[0] - cursor.row))
                values.flags.writeable = False
                self._keep(at, values)
            if cursor.row == self.shape[0]:
                cursor.close()
            else:
                self._cursors.append(cursor)
        return values

    def _keep(self, block: int, values: FloatArray) -> None:
        with self._looking:
            self._kept[block] = values
            self._kept.move_to_end(block)
            while len(self._kept) > self._n_kept:
                self._kept.popitem(last=False)

    def _cursor_before(self, start: int) -> _Cursor:
        """The nearest one that has not passed row `start`, or a new one where that is nearer."""
        group = int(np.searchsorted(self._group_ends, start, side="right"))
        first = int(self._group_ends[group - 1]) if group else 0
        before = [cursor for cursor in self._cursors if first <= cursor.row <= start]
        if before:
            nearest = max(before, key=lambda cursor: cursor.row)
            self._cursors.remove(nearest)
            return nearest
        if len(self._cursors) == n_cores():
            self._cursors.pop(0).close()
        return _Cursor(self._path, self._metadata, self.columns, group, first, batch=self._block)

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Turn what may go wrong into ReadError; a changed file comes before damage."""
        try:
            with refusing_damage(self._path.name):
                yield
        finally:
            check_unchanged(self._path, self._status)


class _Cursor:
    """Reads forward from row `row`, the first of row group `group`, `batch` rows at a time."""

    def __init__(
        self,
        path: Path,
        metadata: pq.FileMetaData,
        columns: Sequence[str],
        group: int,
        row: int,
        *,
        batch: int,
    ) -> None:
        self.row = row
        self._columns = columns
        self._file = pq.ParquetFile(path, metadata=metadata, pre_buffer=False, buffer_size=_BUFFER)
        groups = list(range(group, metadata.num_row_groups))
        self._batches = self._file.iter_batches(batch, groups, list(columns))
        self._ready: pa.RecordBatch | None = None

    def close(self) -> None:
        self._ready = None
        self._file.close()

    def skip_to(self, row: int) -> None:
        for _ in self._slices(row - self.row):
            pass

    def read(self, n: int) -> FloatArray:
        """The next n rows, features first: (d, n)."""
        values = _mapped(len(self._columns), n)
        at = 0
        for part in self._slices(n):
            for x, name in zip(values, self._columns, strict=True):
                x[at : at + len(part)] = _numbers(part.column(name))
            at += len(part)
        return values

    def _slices(self, n: int) -> Iterator[pa.RecordBatch]:
        """The next n rows in as many parts as they come in."""
        end = self.row + n
        while self.row < end:
            if not self._ready:
                self._ready = next(self._batches, None)
                if self._ready is None:
                    raise pa.ArrowInvalid("it has fewer rows than it says")
            part = self._ready.slice(0, end - self.row)
            self._ready = self._ready.slice(len(part))
            self.row += len(part)
            yield part


def _mapped(d: int, n: int) -> FloatArray:
    """An array (d, n) whose memory goes back to the system once nobody has it.

    The heaps of several threads would keep that of more blocks than there are at any time.
    """
    return np.frombuffer(mmap.mmap(-1, 8 * d * n)).reshape(d, n)


def _numbers(column: pa.Array) -> FloatArray:
    """A column as floating-point numbers, NaN where a cell is missing."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if not pa.types.is_floating(column.type):
        column = pc.cast(column, pa.float64(), safe=False)
    return column.to_numpy(zero_copy_only=False)  # type: ignore[no-any-return]  # pyarrow is untyped


def _is_numeric(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(
        pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    )


def _chosen(file: str, schema: pa.Schema, columns: Sequence[str]) -> tuple[str, ...]:
    """The columns to read; raises DataError when they cannot be."""
    if not columns:
        columns = [field.name for field in schema if _is_numeric(field.type)]
        if not columns:
            raise DataError(
                f"{file} has no column of numbers. Its columns: {joined(schema.names)}.",
                "Open a file with at least one.",
            )
    for name in columns:
        if name not in schema.names:
            raise no_such_column(file, name, schema.names)
        if schema.names.count(name) > 1:
            raise DataError(
                f"{file} has {schema.names.count(name)} columns '{name}'.",
                "Write the file with another name for each, or choose other columns.",
            )
        if columns.count(name) > 1:
            raise DataError(f"Column '{name}' is named twice.", "Name each column once.")
        kind = schema.field(name).type
        if not _is_numeric(kind):
            raise DataError(
                f"Column '{name}' holds no numbers but values of type {kind}.",
                "Leave it out, or write the file with numbers in it.",
            )
    return tuple(columns)
