"""Parquet: the same columns as CSV, with their types."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from gmmdesk.analysis import Analysis
from gmmdesk.export.rows import batches, schema
from gmmdesk.task import Task

# Readers fetch and filter whole row groups: a small one wastes space, a big one their memory.
GROUP_ROWS = 131_072


def write_parquet(analysis: Analysis, file: BinaryIO, _names: Sequence[str], task: Task) -> None:
    """Write all rows with their results; clusters' names have no place in these columns."""
    with pq.ParquetWriter(file, schema(analysis), compression="zstd") as writer:
        for group in _groups(batches(analysis, task)):
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
