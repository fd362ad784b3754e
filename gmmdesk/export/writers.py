"""The formats results are written in, and the one way to write them."""

from __future__ import annotations

import pkgutil
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol, cast

from gmmdesk.errors import ExportError
from gmmdesk.export.atomic import check_writable, complete_or_absent
from gmmdesk.task import Task
from gmmdesk.text import default_name

if TYPE_CHECKING:
    from gmmdesk.analysis import ScoredRows
    from gmmdesk.analysis.diagnosis import Diagnosis
    from gmmdesk.data.dataset import Dataset


class WriteFunction(Protocol):
    """Writes results to an open file; raises Cancelled when the task is cancelled."""

    def __call__(
        self, scored: ScoredRows, file: BinaryIO, names: Sequence[str], task: Task, /
    ) -> None: ...


@dataclass(frozen=True, slots=True)
class Writer:
    """One format: its name for dialogs, and where its function is.

    The function is looked up when it is needed, as the libraries behind it are slow to import.
    `max_rows` is the most that the format holds; `needs_picture` is for formats of pictures. One
    that `has_rows` takes any `ScoredRows`, the others only an `Analysis`. One that `has_diagnosis`
    takes what was `found` already.
    """

    label: str
    function: str
    max_rows: int | None = None
    needs_picture: bool = False
    has_rows: bool = True
    has_diagnosis: bool = False
    delimiter: str = ""

    def load(self, *, as_input: bool = False, found: Diagnosis | None = None) -> WriteFunction:
        """The function; `as_input`, where the format has a `delimiter`, in the input's dialect.

        What was `found` about the answer is written where the format `has_diagnosis`.
        """
        if as_input and self.delimiter:
            function = pkgutil.resolve_name("gmmdesk.export.delimited:write_as_input")
            return cast(WriteFunction, partial(function, delimiter=self.delimiter))
        function = pkgutil.resolve_name(self.function)
        if self.has_diagnosis:
            function = partial(function, found=found)
        return cast(WriteFunction, function)


WRITERS = {
    ".xlsx": Writer(
        "Excel workbook", "gmmdesk.export.workbook:write_workbook", 1_048_575, has_diagnosis=True
    ),
    ".csv": Writer("CSV table", "gmmdesk.export.delimited:write_csv", delimiter=","),
    ".tsv": Writer("TSV table", "gmmdesk.export.delimited:write_tsv", delimiter="\t"),
    ".parquet": Writer("Parquet table", "gmmdesk.export.parquet:write_parquet"),
    ".json": Writer("Model file", "gmmdesk.export.model:write_model", has_rows=False),
    ".html": Writer("Report", "gmmdesk.export.report:write_html", has_rows=False),
    ".png": Writer(
        "Clustered picture",
        "gmmdesk.export.picture:write_png",
        needs_picture=True,
        has_rows=False,
    ),
}


def default_names(n_clusters: int) -> tuple[str, ...]:
    """What clusters are called until someone names them."""
    return tuple(map(default_name, range(n_clusters)))


def endings_for(dataset: Dataset, *, rows_only: bool = False) -> tuple[str, ...]:
    """The endings of the formats in which results of `dataset` can be written."""
    is_picture = dataset.receipt.picture is not None
    return tuple(
        end
        for end, writer in WRITERS.items()
        if (is_picture or not writer.needs_picture) and (writer.has_rows or not rows_only)
    )


def check_target(path: Path, dataset: Dataset | None = None, *, rows_only: bool = False) -> Writer:
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
    if rows_only and not writer.has_rows:
        endings = [ending for ending, one in WRITERS.items() if one.has_rows]
        raise ExportError(
            f"{path} cannot be written: a {writer.label.lower()} holds no rows.",
            f"Choose a name that ends with {', '.join(endings)}.",
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
    scored: ScoredRows,
    path: Path,
    *,
    names: Sequence[str] | None = None,
    task: Task | None = None,
    as_input: bool = False,
    found: Diagnosis | None = None,
) -> None:
    """Write an analysis, or a model applied to other rows, to `path`; its ending names the format.

    `names` are the clusters' names, "Cluster 1" and so on when None. A CSV or TSV file has the
    delimiter and decimal mark of the input where it is to be written `as_input`. What was `found`
    when the analysis was diagnosed need not be found again for a workbook. The file is
    complete or absent: an existing one is only replaced by a complete one. Raises ExportError,
    naming the path and what to try, and Cancelled when the task is cancelled.
    """
    from gmmdesk.analysis import Analysis

    path = Path(path)
    writer = check_target(path, scored.dataset, rows_only=not isinstance(scored, Analysis))
    names = default_names(scored.n_clusters) if names is None else tuple(names)
    if len(names) != scored.n_clusters:
        raise ExportError(f"There are {scored.n_clusters} clusters but {len(names)} names.")
    task = task or Task()
    task.step(0.0, f"Writing {path.name}")
    write_function = writer.load(as_input=as_input, found=found)
    with complete_or_absent(path) as file:
        write_function(scored, file, names, task)
        task.step(1.0)


def _same_file(path: Path, other: Path | None) -> bool:
    try:
        return other is not None and path.samefile(other)
    except OSError:  # one of them does not exist
        return False
