"""Which rows of a table are read where not all of them are asked for."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from gmmdesk.data.dataset import Dataset, IntArray, Places
from gmmdesk.data.options import ReadOptions
from gmmdesk.data.raw import RawTable


def chosen_rows(n_rows: int, options: ReadOptions) -> IntArray | None:
    """The rows (0-based, in order) that are asked for of `n_rows`; None for all of them.

    The same number of rows and seed give the same rows, whatever the format of the file.
    """
    if options.sample_rows is not None:
        if options.sample_rows >= n_rows:
            return None
        rng = np.random.default_rng(options.sample_seed)
        return np.sort(rng.choice(n_rows, options.sample_rows, replace=False)).astype(np.int64)
    if options.row_limit is not None and options.row_limit < n_rows:
        return np.arange(options.row_limit, dtype=np.int64)
    return None


def choose_rows(raw: RawTable, options: ReadOptions) -> None:
    """Leave out of `raw` the rows that are not asked for, if its reader has not done so."""
    if raw.is_chosen or not raw.columns:
        return
    raw.rows_in_file = n_rows = len(raw.columns[0])
    rows = chosen_rows(n_rows, options)
    if rows is None:
        return
    taken = pa.array(rows)
    raw.columns = [column.take(taken) for column in raw.columns]
    raw.codes = {name: codes.take(taken) for name, codes in raw.codes.items()}
    raw.head = [raw.head[i] for i in rows if i < len(raw.head)] if options.row_limit else []
    if raw.places is None and raw.find_places is not None:
        raw.places = raw.find_places()
    if raw.places is not None:
        numbers = np.array([raw.places.of(int(row)) for row in rows], dtype=np.int64)
        raw.places = Places(raw.places.what, 0, numbers)


def keep_first(raw: RawTable, row_limit: int | None) -> RawTable:
    """The first `row_limit` rows of `raw`, which has more than these wherever the file has."""
    if row_limit is None:
        return raw
    n_rows, known = len(raw.columns[0]), raw.rows_in_file
    raw.is_chosen, raw.rows_in_file = (
        True,
        n_rows if known is None and n_rows <= row_limit else known,
    )
    raw.columns = [column.slice(0, row_limit) for column in raw.columns]
    raw.codes = {name: codes.slice(0, row_limit) for name, codes in raw.codes.items()}
    return raw


def row_numbers(dataset: Dataset) -> IntArray | None:
    """The number of each row (n,) among all rows of its file, from 1 below the header.

    None where all of the file's rows were read, or it is not known which were.
    """
    if dataset.numbers is not None:
        return dataset.numbers
    options, n_rows, n_in_file = dataset.options, dataset.n_rows, dataset.receipt.rows_in_file
    if not options.is_part:
        return None
    if options.sample_rows is None:
        all_read = n_rows < (options.row_limit or 0) if n_in_file is None else n_in_file == n_rows
        return None if all_read else np.arange(1, n_rows + 1)
    rows = None if n_in_file is None else chosen_rows(n_in_file, options)
    return None if rows is None or len(rows) != n_rows else rows + 1


def numbers_in_file(dataset: Dataset, rows: IntArray) -> IntArray:
    """The numbers of some `rows` (0-based) of the table in its file, from 1.

    Where these are not known, or all rows were read, they are those in the table.
    """
    numbers = row_numbers(dataset)
    return rows + 1 if numbers is None else numbers[rows]


def choice_note(n_rows: int, n_in_file: int | None, options: ReadOptions) -> list[str]:
    """A sentence about the rows that were not read; none where all were."""
    if not options.is_part or n_rows == n_in_file or n_rows < (options.most_rows or 0):
        return []
    of = "" if n_in_file is None else f" of {n_in_file:,}"
    if options.sample_rows is not None:
        return [f"{n_rows:,} rows{of}, drawn at random with seed {options.sample_seed}, were read."]
    return [f"Only the first {n_rows:,} rows{of} were read."]
