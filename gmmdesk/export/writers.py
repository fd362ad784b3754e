"""The formats results are written in, and the one way to write them."""

from __future__ import annotations

import pkgutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol, cast

from gmmdesk.errors import ExportError
from gmmdesk.export.atomic import check_writable, complete_or_absent
from gmmdesk.task import Task

if TYPE_CHECKING:
    from gmmdesk.analysis import Analysis
    from gmmdesk.data.dataset import Dataset


class WriteFunction(Protocol):
    """Writes an analysis to an open file; raises Cancelled when the task is cancelled."""

    def __call__(
        self, analysis: Analysis, file: BinaryIO, names: Sequence[str], task: Task, /
    ) -> None: ...


@dataclass(frozen=True, slots=True)
class Writer:
    """One format: its name for dialogs, and where its function is.

    The function is looked up when it is needed, as the libraries behind it are slow to import.
    `max_rows` is the most that the format holds; `needs_picture` is for formats of pictures.
    """

    label: str
    function: str
    max_rows: int | None = None
    needs_picture: bool = False

    def load(self) -> WriteFunction:
        return cast(WriteFunction, pkgutil.resolve_name(self.function))


WRITERS = {
    ".xlsx": Writer("Excel workbook", "gmmdesk.export.workbook:write_workbook", 1_048_575),
    ".csv": Writer("CSV table", "gmmdesk.export.delimited:write_csv"),
    ".tsv": Writer("TSV table", "gmmdesk.export.delimited:write_tsv"),
    ".parquet": Writer("Parquet table", "gmmdesk.export.parquet:write_parquet"),
    ".json": Writer("Model file", "gmmdesk.export.model:write_model"),
    ".png": Writer("Clustered picture", "gmmdesk.export.picture:write_png", needs_picture=True),
}


def default_names(n_clusters: int) -> tuple[str, ...]:
    """What clusters are called until someone names them."""
    return tuple(f"Cluster {k}" for k in range(1, n_clusters + 1))


def endings_for(dataset: Dataset) -> tuple[str, ...]:
    """The endings of the formats in which results of `dataset` can be written."""
    is_picture = dataset.receipt.picture is not None
    return tuple(end for end, writer in WRITERS.items() if is_picture or not writer.needs_picture)


def check_target(path: Path, dataset: Dataset | None = None) -> Writer:
    """The writer for `path`; raises ExportError where it is plain that writing would fail.

    Checks the ending, the place, and, given the dataset, that `path` is not the file it came
    from and that the format is one for it and holds as many rows. Call it before a long fit.
    """
    writer = WRITERS.get(path.suffix.lower())
    if writer is None:
        raise ExportError(
            f"{path} cannot be written: no format has the ending '{path.suffix}'.",
            f"Choose a name that ends with {', '.join(WRITERS)}.",
        )
    check_writable(path)
    if dataset is not None:
        if _same_file(path, dataset.path):
            raise ExportError(
                f"{path} is the file that was read; writing would lose the original.",
                "Choose another name.",
            )
        if writer.needs_picture and dataset.receipt.picture is None:
            raise ExportError(
                f"{path} cannot be written: {dataset.name} did not come from a picture.",
                f"Choose a name that ends with {', '.join(endings_for(dataset))}.",
            )
        if writer.max_rows is not None and dataset.n_rows > writer.max_rows:
            raise ExportError(
                f"The table has {dataset.n_rows:,} rows; an {writer.label} holds"
                f" {writer.max_rows:,}.",
                "Choose CSV (.csv) or Parquet (.parquet).",
            )
    return writer


def write(
    analysis: Analysis,
    path: Path,
    *,
    names: Sequence[str] | None = None,
    task: Task | None = None,
) -> None:
    """Write `analysis` to `path` in the format its ending names.

    `names` are the clusters' names, "Cluster 1" and so on when None. The file is complete or
    absent: an existing one is only replaced by a complete one. Raises ExportError, naming the
    path and what to try, and Cancelled when the task is cancelled.
    """
    path = Path(path)
    writer = check_target(path, analysis.dataset)
    names = default_names(analysis.n_clusters) if names is None else tuple(names)
    if len(names) != analysis.n_clusters:
        raise ExportError(f"There are {analysis.n_clusters} clusters but {len(names)} names.")
    task = task or Task()
    task.step(0.0, f"Writing {path.name}")
    write_function = writer.load()
    with complete_or_absent(path) as file:
        write_function(analysis, file, names, task)
        task.step(1.0)


def _same_file(path: Path, other: Path | None) -> bool:
    try:
        return other is not None and path.samefile(other)
    except OSError:  # one of them does not exist
        return False
