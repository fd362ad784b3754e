"""Where to save: the workbook first, beside the input, and the ending typed decides."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtWidgets import QDialog, QWidget

from gmmdesk.ui.dialect_dialog import DialectDialog
from gmmdesk.ui.file_dialog import SaveDialog
from gmmdesk.ui.recent import last_folder

if TYPE_CHECKING:
    from gmmdesk.analysis.scored import ScoredRows
    from gmmdesk.data.dataset import Dataset

_FILTERS = (
    ("Excel workbook with rows, clusters and parameters (*.xlsx)", ".xlsx"),
    ("Comma-separated rows (*.csv)", ".csv"),
    ("Tab-separated rows (*.tsv)", ".tsv"),
    ("Parquet rows (*.parquet)", ".parquet"),
    ("Report to read, print and pass on (*.html)", ".html"),
    ("Model file with the parameters (*.json)", ".json"),
    ("Picture in the mean colours of its clusters (*.png)", ".png"),
)


class Target(NamedTuple):
    """Where to write; CSV and TSV with delimiter and decimal mark of the input if `as_input`."""

    path: Path
    as_input: bool = False


def choose_target(scored: ScoredRows, parent: QWidget, *, rows_only: bool = False) -> Target | None:
    """Ask for a path, of a format with rows if `rows_only`; None when the user thinks better.

    Where text is to be written of a table that was text, also in which dialect.
    """
    path = _choose_path(scored.dataset, parent, rows_only=rows_only)
    return None if path is None else _target(path, scored.dataset, parent)


def _choose_path(dataset: Dataset, parent: QWidget, *, rows_only: bool) -> Path | None:
    from gmmdesk.export.writers import endings_for

    if dataset.path is not None:
        folder = dataset.path.parent
        name = dataset.path.stem
    else:
        folder = last_folder()
        name = dataset.name
    endings = endings_for(dataset, rows_only=rows_only)
    suffixes = {text: suffix for text, suffix in _FILTERS if suffix in endings}
    name = f"{name} clusters.xlsx"
    dialog = SaveDialog(parent, "Export", folder, suffixes, name=name, help_page="exporting")
    return dialog.ask()


def _target(path: Path, dataset: Dataset, parent: QWidget) -> Target | None:
    from gmmdesk.export.writers import WRITERS

    writer = WRITERS.get(path.suffix.lower())
    if writer is None or not writer.delimiter or not dataset.receipt.delimiter.strip(" "):
        return Target(path)
    has_units = any(column.unit for column in dataset.columns)
    dialog = DialectDialog(
        path.name, writer.delimiter, dataset.receipt, parent, has_units=has_units
    )
    try:
        if dialog.exec() != QDialog.DialogCode.Accepted:
            return None
        return Target(path, as_input=dialog.as_input)
    finally:
        dialog.deleteLater()
