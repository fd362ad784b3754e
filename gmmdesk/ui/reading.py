"""Reading a table for the window: on a thread, with what the panels ask of every column."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gmmdesk.task import Task
from gmmdesk.ui.warm_up import import_heavy_modules

if TYPE_CHECKING:
    from gmmdesk.data.dataset import Dataset
    from gmmdesk.data.options import ReadOptions

# A table, and the least and largest number of its numeric columns by name.
Found = tuple["Dataset", dict[str, tuple[float, float]]]


def read_source(source: str, options: ReadOptions | None, task: Task) -> Found:
    """Read a file, or "sample:NAME"."""
    import_heavy_modules()
    from gmmdesk.data.options import FOUND_OUT
    from gmmdesk.data.samples import open_table

    dataset = open_table(source, options or FOUND_OUT, task=task)
    return dataset, ranges_of(dataset, task)


def read_pasted(text: str, task: Task) -> Found:
    """Read a table as a spreadsheet puts it on the clipboard."""
    import_heavy_modules()
    from gmmdesk.data.readers import read_text

    dataset = read_text(text, task=task)
    return dataset, ranges_of(dataset, task)


def ranges_of(dataset: Dataset, task: Task) -> dict[str, tuple[float, float]]:
    """The least and largest number of each numeric column that has some, by name."""
    import numpy as np

    ranges = {}
    for column in dataset.columns:
        task.step()
        if column.is_numeric and column.n_missing + len(column.unreadable) < dataset.n_rows:
            numbers = column.numbers()
            ranges[column.name] = (float(np.nanmin(numbers)), float(np.nanmax(numbers)))
    return ranges
