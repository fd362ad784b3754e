"""Leaving out of a table the rows that are not asked for."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from gmmdesk.data.dataset import Places
from gmmdesk.data.options import ReadOptions
from gmmdesk.data.raw import RawTable
from gmmdesk.data.row_sample import chosen_rows


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


def choice_note(n_rows: int, n_in_file: int | None, options: ReadOptions) -> list[str]:
    """A sentence about the rows that were not read; none where all were."""
    if not options.is_part or n_rows == n_in_file or n_rows < (options.most_rows or 0):
        return []
    of = "" if n_in_file is None else f" of {n_in_file:,}"
    if options.sample_rows is not None:
        return [f"{n_rows:,} rows{of}, drawn at random with seed {options.sample_seed}, were read."]
    return [f"Only the first {n_rows:,} rows{of} were read."]
