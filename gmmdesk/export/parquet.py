"""Parquet: the same columns as CSV, with their types.

A column of numbers in a local style ("8,1") is one of float64 if every cell could be read and no
text would be lost; otherwise it is one of text, and the field's metadata say so (`gmmdesk`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from gmmdesk.analysis import ScoredRows
from gmmdesk.export.cells import typed_cells
from gmmdesk.export.rows import batches, schema
from gmmdesk.task import Task

# Readers fetch and filter whole row groups: a small one wastes space, a big one their memory.
GROUP_ROWS = 131_072


def write_parquet(scored: ScoredRows, file: BinaryIO, names: Sequence[str], task: Task) -> None:
    """Write all rows with their results, and the clusters' `names` if the user gave some."""
    cells_of = typed_cells(scored.dataset.columns)
    target = schema(scored, cells_of, names)
    for i, column in enumerate(scored.dataset.columns):
        if column.parsed is not None and not pa.types.is_floating(target.field(i).type):
            note = "text: as numbers, some cells would lose digits, or could not be read"
            target = target.set(i, target.field(i).with_metadata({"gmmdesk": note}))
    with pq.ParquetWriter(file, target, compression="zstd") as writer:
        for group in _groups(batches(scored, task, cells_of, names)):
            writer.write_table(group)


def _groups(parts: Iterator[pa.RecordBatch]) -> Iterator[pa.Table]:
    waiting: list[pa.RecordBatch] = []
    for part in parts:
        waiting.append(part)
        if sum(len(batch) for batch in waiting) >= GROUP_ROWS:
            yield pa.Table.from_batches(waiting)
            waiting = []
    if waiting:
        yield pa.Table.from_batches(waiting)
