"""Reading a table for the window: on a thread, with what the panels ask of every column."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gmmdesk.errors import GmmdeskError
from gmmdesk.task import Task
from gmmdesk.ui import remembered
from gmmdesk.ui.warm_up import import_heavy_modules

if TYPE_CHECKING:
    from gmmdesk.data.dataset import Dataset
    from gmmdesk.data.options import ReadOptions

PREVIEW_ROWS = 500  # enough to find out how they are written


class Source(NamedTuple):
    """What a table is read from: a file, "sample:NAME", or text that was pasted."""

    place: str
    text: str | None = None

    @property
    def name(self) -> str:
        return "The pasted table" if self.text is not None else Path(self.place).name

    @property
    def path(self) -> Path | None:
        """The file, if it is one."""
        is_file = self.text is None and not self.place.startswith("sample:")
        return Path(self.place) if is_file else None


class Found(NamedTuple):
    """A table, and the least and largest number of its numeric columns by name.

    `recalled` tells that it was read as the user chose earlier; `unfit` why it could not be.
    """

    dataset: Dataset
    ranges: dict[str, tuple[float, float]]
    source: Source
    recalled: bool = False
    unfit: str = ""


def origin_of(dataset: Dataset, ranges: dict[str, tuple[float, float]]) -> Found | None:
    """How a table was read that comes from a session; None for a pasted one, which is gone."""
    source = dataset.receipt.source
    if dataset.path is None and not source.startswith("sample:"):
        return None
    return Found(dataset, ranges, Source(str(dataset.path or source)))


def read_source(
    source: Source, options: ReadOptions | None, task: Task, *, remembers: bool = True
) -> Found:
    """Read a table; without `options` as was chosen for this file earlier, if it was.

    Options that were given are remembered, if they leave nothing open and `remembers` is set.
    """
    import_heavy_modules()
    from gmmdesk.data.options import FOUND_OUT

    path, unfit = source.path, ""
    if options is None and path is not None and (recalled := remembered.recall(path)):
        try:
            return _found(source, recalled, task)._replace(recalled=True)
        except GmmdeskError as error:  # the file is another than it was
            unfit = error.message
    found = _found(source, options or FOUND_OUT, task)
    is_settled = options is not None and not found.dataset.receipt.questions
    if remembers and is_settled and path is not None and options is not None:
        remembered.remember(path, options)
    return found._replace(unfit=unfit)


def read_preview(source: Source, options: ReadOptions, task: Task) -> Dataset:
    """The first rows of a table, read with `options`."""
    import_heavy_modules()
    import msgspec

    limit = min(options.row_limit or PREVIEW_ROWS, PREVIEW_ROWS)
    part = msgspec.structs.replace(options, row_limit=limit, sample_rows=None)
    return _read(source, part, task, hashed=False)


def _read(source: Source, options: ReadOptions, task: Task, *, hashed: bool = True) -> Dataset:
    from gmmdesk.data.readers import read_text
    from gmmdesk.data.samples import open_table

    if source.text is not None:
        return read_text(source.text, options, task=task)
    return open_table(source.place, options, task=task, hashed=hashed)


def _found(source: Source, options: ReadOptions, task: Task) -> Found:
    dataset = _read(source, options, task)
    return Found(dataset, ranges_of(dataset, task), source)


def ranges_of(dataset: Dataset, task: Task) -> dict[str, tuple[float, float]]:
    """The least and largest number of each numeric column that has some, by name.

    What else is asked of every value when the table is shown is found here too, off the UI thread.
    """
    import numpy as np

    task.step()
    _ = dataset.suggested
    ranges = {}
    for column in dataset.columns:
        task.step()
        if column.is_numeric and column.n_missing + len(column.unreadable) < dataset.n_rows:
            numbers = column.numbers()
            ranges[column.name] = (float(np.nanmin(numbers)), float(np.nanmax(numbers)))
    return ranges
