"""Why a row is in its cluster, chosen by its number or by the selection."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QHBoxLayout, QSpinBox, QVBoxLayout, QWidget

from gmmdesk.analysis import Analysis
from gmmdesk.data.dataset import Dataset
from gmmdesk.ui import theme
from gmmdesk.ui.background import LatestWorker
from gmmdesk.ui.document import Document
from gmmdesk.ui.panels.why import WhyPanel
from gmmdesk.ui.widgets import Label, secondary, tool_button


class RowBox(QSpinBox):
    """A row's number; its arrows go from one row of a table to the next."""

    def __init__(self) -> None:
        super().__init__()
        self._dataset: Dataset | None = None
        self.setRange(1, 1)
        self.setAccessibleName("Row")
        self.setToolTip("The row's number, counted from 1, as the table shows it")
        self.setKeyboardTracking(False)

    def set_dataset(self, dataset: Dataset) -> None:
        """Offer the rows of this table."""
        self._dataset = dataset
        self.setRange(1, dataset.last_number)

    @property
    def row(self) -> int | None:
        """The row (0-based), None where the table has none of the number."""
        if self._dataset is None:
            return None
        found = self._dataset.rows_numbered(np.array([self.value()]))
        return int(found[0]) if len(found) else None

    def set_row(self, row: int) -> None:
        """Choose a row (0-based)."""
        if self._dataset is not None:
            self.setValue(self._dataset.number_of(row))

    def stepBy(self, steps: int) -> None:
        dataset = self._dataset
        if dataset is None or dataset.row_numbers is None:
            super().stepBy(steps)
            return
        place = int(np.searchsorted(dataset.row_numbers, self.value())) + steps
        if steps > 0 and self.row is None:
            place -= 1  # that is the first one behind already
        self.set_row(min(max(place, 0), dataset.n_rows - 1))


class WhyPage(QWidget):
    """A row's number above the reasons."""

    def __init__(self, document: Document, worker: type[LatestWorker] = LatestWorker) -> None:
        super().__init__()
        self._document = document
        self._analysis: Analysis | None = None
        self.row = RowBox()
        self.take = tool_button("Selected row", "Explain the first of the selected rows")
        self.which = secondary("The least sure row. Type another number, or select a row.")
        self.which.setWordWrap(False)
        self._least_sure: int | None = None
        self.panel = WhyPanel(document, worker)
        bar = QHBoxLayout()
        bar.setSpacing(theme.SPACE)
        bar.addWidget(Label("Row"))
        bar.addWidget(self.row)
        bar.addWidget(self.take)
        bar.addWidget(self.which)
        bar.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*[theme.SPACE] * 4)
        layout.setSpacing(theme.SPACE)
        layout.addLayout(bar)
        layout.addWidget(self.panel, 1)
        self.row.valueChanged.connect(self._on_row_changed)
        self.take.clicked.connect(self._on_take_clicked)
        document.selection.changed.connect(self._on_document_selection_changed)
        self._on_document_selection_changed()

    @property
    def is_busy(self) -> bool:
        return self.panel.is_busy

    def show_answer(self, analysis: Analysis | None) -> None:
        """Be about another answer: its least sure row comes first."""
        if analysis is self._analysis:
            return
        self._analysis = analysis
        if analysis is None:
            self.panel.show_row(None)
            return
        row = int(analysis.prepared.rows[int(np.argmin(analysis.rows.probability))])
        self._least_sure = row
        self.which.show()
        self.row.blockSignals(True)
        self.row.set_dataset(analysis.dataset)
        self.row.set_row(row)
        self.row.blockSignals(False)
        self.panel.show_row(row)

    def close_workers(self) -> None:
        """Wait for what is being computed; no thread outlives this."""
        self.panel.close_workers()

    def _on_row_changed(self, number: int) -> None:
        row = self.row.row
        self.which.setVisible(row == self._least_sure)
        self.panel.show_row(row)
        if row is None and self._analysis is not None:
            self.panel.said.setText(f"Row {number:,} is not in the sample that was read.")

    def _on_take_clicked(self) -> None:
        mask = self._document.selection.mask
        if mask is not None:
            self.row.set_row(int(np.argmax(mask)))

    def _on_document_selection_changed(self) -> None:
        self.take.setEnabled(self._document.selection.count > 0)
