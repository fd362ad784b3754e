"""Every cell that could not be read: to scroll through, to filter and to save."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSortFilterProxyModel, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from gmmdesk.errors import GmmdeskError
from gmmdesk.ui.file_dialog import SaveDialog
from gmmdesk.ui.problems import show_problem
from gmmdesk.ui.tables.cells_model import CellsModel
from gmmdesk.ui.tables.plain_table import lined_table
from gmmdesk.ui.widgets import secondary

if TYPE_CHECKING:
    from gmmdesk.data.dataset import CellReading, Dataset


def cells_table(
    model: CellsModel | QSortFilterProxyModel, name: str, parent: QWidget
) -> QTableView:
    """A table of cells; `parent` keeps its model."""
    model.setParent(parent)
    table = lined_table(model, name)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    for j in range(model.columnCount()):
        title = model.headerData(j, Qt.Orientation.Horizontal, Qt.ItemDataRole.DisplayRole)
        table.setColumnWidth(j, 200 if title in ("Column", "In the file") else 110)
    table.horizontalHeader().setStretchLastSection(True)
    return table


class UnreadablePage(QWidget):
    """The list, a field to search in it, and a button to save it as CSV."""

    def __init__(self, cells: Sequence[CellReading], place: str, dataset: Dataset) -> None:
        super().__init__()
        self._cells = cells
        self._place = place
        self._dataset = dataset
        self._source = CellsModel(cells, place, with_values=False)
        self._source.setParent(self)
        self._proxy = QSortFilterProxyModel()
        self._proxy.setSourceModel(self._source)
        self._proxy.setFilterKeyColumn(-1)
        self._proxy.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        search = QLineEdit()
        search.setPlaceholderText("Search rows, columns and texts")
        search.setAccessibleName("Search unreadable cells")
        search.setClearButtonEnabled(True)
        search.textChanged.connect(self._proxy.setFilterFixedString)
        save = QPushButton("Export as CSV…")
        save.setToolTip("Save the list with row, column and text of every unreadable cell")
        save.setAutoDefault(False)
        save.setEnabled(bool(cells))
        save.clicked.connect(self._on_save_clicked)
        row = QHBoxLayout()
        row.addWidget(search, 1)
        row.addWidget(save)
        words = (
            "Their rows are left out where the column is used, and stay in the export."
            if cells
            else "Every cell could be read."
        )
        layout = QVBoxLayout(self)
        layout.addWidget(secondary(words))
        layout.addLayout(row)
        layout.addWidget(cells_table(self._proxy, "Unreadable cells", self), 1)

    def _on_save_clicked(self) -> None:
        folder = self._dataset.path.parent if self._dataset.path is not None else Path.home()
        name, endings = f"{self._dataset.name} unreadable cells.csv", {"CSV (*.csv)": ".csv"}
        dialog = SaveDialog(self, "Export", folder, endings, name=name, help_page="opening")
        chosen = dialog.ask()
        if chosen is not None:
            try:
                self.save(chosen)
            except GmmdeskError as error:
                show_problem(error, self)

    def save(self, path: Path) -> None:
        """Write the list as CSV; raises ExportError."""
        from gmmdesk.export.atomic import complete_or_absent

        text = io.StringIO(newline="")
        writer = csv.writer(text)
        writer.writerow(["row", *[self._place] * bool(self._place), "column", "text"])
        for cell in self._cells:
            place = [cell.place] if self._place else []
            writer.writerow([cell.row, *place, cell.column, cell.raw])
        with complete_or_absent(path) as file:
            file.write(text.getvalue().encode("utf-8-sig", "replace"))
