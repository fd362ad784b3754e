"""READERS: which files can be opened, and opening them."""

from __future__ import annotations

from pathlib import Path

from gmmdesk.data.dataset import Dataset, Receipt
from gmmdesk.data.delimited import read_delimited
from gmmdesk.data.kinds import recognise
from gmmdesk.data.limits import check_memory
from gmmdesk.data.raw import RawTable
from gmmdesk.data.source import check_file, check_unchanged
from gmmdesk.task import Task


def read(path: Path | str, *, sheet: str | None = None, task: Task | None = None) -> Dataset:
    task = task or Task()
    path = Path(path)
    status = check_file(path)
    check_memory(2 * status.st_size, path.name)
    with path.open("rb") as file:
        raw, sha256 = read_delimited(file, path.name, task)
    check_unchanged(path, status)
    return _dataset(path.stem, str(path), "CSV", status.st_size, sha256, raw, path, task)


def _dataset(
    name: str,
    source: str,
    format_: str,
    n_bytes: int,
    sha256: str,
    raw: RawTable,
    path: Path | None,
    task: Task,
) -> Dataset:
    found = recognise(raw, task)
    receipt = Receipt(
        source=source,
        format=format_,
        n_bytes=n_bytes,
        sha256=sha256,
        decimal=found.decimal,
        thousands=found.thousands,
        sheets=raw.sheets,
        notes=(*raw.notes, *found.notes),
        **raw.interpretation,
    )
    return Dataset(name, tuple(found.columns), receipt, path)
