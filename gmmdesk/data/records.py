"""The records of a text table, one by one: where they stand, and only those that are asked for.

A record is a row of the table as it stands in the file: a line, or several where a cell in
quotation marks holds line ends. Lines without anything are none.
"""

from __future__ import annotations

import csv
import io
import itertools
from array import array
from collections.abc import Callable, Iterator

import numpy as np

from gmmdesk.data.dataset import IntArray
from gmmdesk.data.options import ReadOptions
from gmmdesk.data.row_sample import chosen_rows
from gmmdesk.data.sniff import Dialect
from gmmdesk.data.source import MadeBytes, TextSource

_BLOCK = 1 << 20
_HEAD = 200  # records whose text is kept for the receipt

NewSource = Callable[[], TextSource]


def record_lines(new_source: NewSource, dialect: Dialect, n_above: int) -> IntArray:
    """The lines, from 1, in which the records below the first `n_above` lines begin."""
    return np.fromiter((line for line, _ in _records(new_source, dialect, n_above)), np.int64)


class ChosenRecords:
    """Those records of a file that are asked for: `new_source` opens them as a file of their own.

    They follow what stands above the table. `n_records` counts all records, None where not all of
    them were looked at.
    """

    def __init__(
        self, new_source: NewSource, dialect: Dialect, n_above: int, options: ReadOptions
    ) -> None:
        self._whole = new_source
        self._dialect = dialect
        self._n_above = n_above
        self.n_records: int | None = None
        rows = None
        if options.sample_rows is not None:
            self.n_records = sum(1 for _ in _records(new_source, dialect, n_above))
            rows = chosen_rows(self.n_records, options)
        self._rows = rows
        self._limit = options.row_limit

    def new_source(self) -> ChosenSource:
        records = _records(self._whole, self._dialect, self._n_above, with_above=True)
        return ChosenSource(self._chosen(records))

    def _chosen(self, records: Iterator[tuple[int, str]]) -> Iterator[tuple[int, str]]:
        wanted: Iterator[int] = itertools.count()
        if self._limit is not None:
            wanted = iter(range(self._limit))
        elif self._rows is not None:
            wanted = iter(self._rows.tolist())
        number, following = 0, next(wanted, None)
        for line, text in records:
            if line == 0:
                yield line, text
                continue
            if following is None:
                break
            if number == following:
                yield line, text
                following = next(wanted, None)
            number += 1
        else:
            self.n_records = number


class ChosenSource(MadeBytes):
    """Chosen records as a stream of UTF-8 bytes: `lines` are those passed on so far.

    `head` is the text of the first of them. It has what `Job` asks of a TextSource.
    """

    sha256 = ""

    def __init__(self, records: Iterator[tuple[int, str]]) -> None:
        super().__init__()
        self._records = records
        self._done = False
        self.n_quotes = 0
        self.lines = array("q")
        self.head: list[str] = []

    def close(self) -> None:
        with self._lock:
            self._ready, self._done, self._records = b"", True, iter(())
        super().close()

    def _fill(self, size: int) -> None:
        if len(self._ready) >= size or self._done:
            return
        texts, n_chars = [], 0
        while n_chars < size:
            line, text = next(self._records, (0, ""))
            if not text:
                self._done = True
                break
            if line > 0:
                self.lines.append(line)
                if len(self.head) < _HEAD:
                    self.head.append(text)
                if not text.endswith(("\n", "\r")):
                    text += "\n"
            texts.append(text)
            n_chars += len(text)
        block = "".join(texts).encode("utf-8", "surrogatepass")
        self.n_quotes += block.count(b'"')
        self._ready += block


def _records(
    new_source: NewSource, dialect: Dialect, n_above: int, *, with_above: bool = False
) -> Iterator[tuple[int, str]]:
    """The first line, from 1, and the text of each record below the first `n_above` lines.

    `with_above` these come first, under the number 0.
    """
    quote, plain = dialect.quote, dialect.delimiter != " " and not dialect.escape
    with io.TextIOWrapper(io.BufferedReader(new_source(), _BLOCK), "utf-8", newline="") as lines:
        for _ in range(n_above):
            line = next(lines, "")
            if with_above and line:
                yield 0, line
        number = n_above + 1
        for line in lines:
            if plain and not (quote and quote in line):  # by far the most: the line is the record
                if line.strip() or dialect.delimiter in line:
                    yield number, line
                number += 1
                continue
            record = [line]
            row = _row(dialect, line, lines, record)
            if len(row) > 1 or (row and row[0].strip()):
                yield number, "".join(record)
            number += len(record)


def _row(dialect: Dialect, line: str, lines: Iterator[str], record: list[str]) -> list[str]:
    """The row that begins with `line`; the lines that it goes on in are added to `record`."""

    def taken() -> Iterator[str]:
        yield line
        for further in lines:
            record.append(further)
            yield further

    try:
        return next(dialect.rows(taken()))
    except csv.Error:  # said when the chosen ones are read
        return ["?"]
