"""Where to save: the workbook first, beside the input, and the ending typed decides.

In which dialect CSV is written is one of the formats to choose from, as the dialogs of operating
systems have no room for a box to tick.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QFileDialog, QWidget

if TYPE_CHECKING:
    from gmmdesk.analysis.scored import ScoredRows
    from gmmdesk.data.dataset import Receipt

_FILTERS = (
    ("Excel workbook with rows, clusters and parameters (*.xlsx)", ".xlsx"),
    ("Comma-separated rows (*.csv)", ".csv"),
    ("Tab-separated rows (*.tsv)", ".tsv"),
    ("Parquet rows (*.parquet)", ".parquet"),
    ("Report to read, print and pass on (*.html)", ".html"),
    ("Model file with the parameters (*.json)", ".json"),
    ("Picture in the mean colours of its clusters (*.png)", ".png"),
)
# What may be meant as the ending of a file: such as none of ours is refused in words.
_ENDING = re.compile(r"\.[A-Za-z][A-Za-z0-9]{0,9}$")


class Target(NamedTuple):
    """Where to write; CSV and TSV with delimiter and decimal mark of the input if `as_input`."""

    path: Path
    as_input: bool = False


def choose_target(scored: ScoredRows, parent: QWidget, *, rows_only: bool = False) -> Target | None:
    """Ask for a path, of a format with rows if `rows_only`; None when the user thinks better."""
    from gmmdesk.export.writers import endings_for

    dataset = scored.dataset
    if dataset.path is not None:
        folder = dataset.path.parent
        name = dataset.path.stem
    else:
        folder = Path(str(QSettings().value("last_folder", str(Path.home()))))
        name = dataset.name
    dialog = QFileDialog(parent, "Export", str(folder))
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    endings = endings_for(dataset, rows_only=rows_only)
    suffixes = {text: suffix for text, suffix in _FILTERS if suffix in endings}
    as_input, suffix = _as_input(dataset.receipt)
    if as_input:
        suffixes[as_input] = suffix
    dialog.setNameFilters(list(suffixes))
    dialog.setDefaultSuffix("xlsx")

    def follow_filter(text: str) -> None:
        """Let the ending of the proposed name follow the chosen format."""
        dialog.setDefaultSuffix(suffixes[text].removeprefix("."))
        chosen = dialog.selectedFiles()
        if chosen:
            current = Path(chosen[0])
            stem = current.stem if current.suffix in suffixes.values() else current.name
            dialog.selectFile(stem + suffixes[text])

    dialog.filterSelected.connect(follow_filter)
    dialog.selectFile(f"{name} clusters.xlsx")
    try:
        if dialog.exec() != QFileDialog.DialogCode.Accepted:
            return None
        path = Path(dialog.selectedFiles()[0])
        if not _ENDING.match(path.suffix):  # "survey v1.0" has none
            path = path.with_name(f"{path.name}.{dialog.defaultSuffix()}")
        return Target(path, dialog.selectedNameFilter() == as_input)
    finally:
        dialog.deleteLater()


def _as_input(receipt: Receipt) -> tuple[str, str]:
    """The dialect of the input as a format to choose, and its ending; "" where it has none."""
    from gmmdesk.data.options import DECIMALS, DELIMITERS

    mark = receipt.delimiter
    if not mark.strip(" "):
        return "", ""
    name = DELIMITERS.get(
        mark, f"\N{LEFT DOUBLE QUOTATION MARK}{mark}\N{RIGHT DOUBLE QUOTATION MARK}"
    )
    ending = ".tsv" if mark == "\t" else ".csv"
    decimal = f", decimal {DECIMALS[receipt.decimal]}" if receipt.decimal else ""
    return f"Rows written as in the input: {name} between cells{decimal} (*{ending})", ending
