"""Why a row is in its cluster, chosen by its number or by the selection."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gmmdesk.analysis import Analysis
from gmmdesk.ui import theme
from gmmdesk.ui.background import LatestWorker
from gmmdesk.ui.document import Document
from gmmdesk.ui.panels.why import WhyPanel
from gmmdesk.ui.widgets import Label, spin_box, tool_button


class WhyPage(QWidget):
    """A row's number above the reasons."""

    def __init__(self, document: Document, worker: type[LatestWorker] = LatestWorker) -> None:
        super().__init__()
        self._document = document
        self._analysis: Analysis | None = None
        self.row = spin_box(1, 1, "Row", "The row of the table, counted from 1")
        self.take = tool_button("Selected row", "Explain the first of the selected rows")
        self.panel = WhyPanel(document, worker)
        bar = QHBoxLayout()
        bar.setSpacing(theme.SPACE)
        bar.addWidget(Label("Row"))
        bar.addWidget(self.row)
        bar.addWidget(self.take)
        bar.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*[theme.SPACE] * 4)
        layout.setSpacing(theme.SPACE)
        layout.addLayout(bar)
        layout.addWidget(self.panel, 1)
        self.row.valueChanged.connect(lambda value: self.panel.show_row(value - 1))
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
        self.row.blockSignals(True)
        self.row.setRange(1, analysis.dataset.n_rows)
        self.row.setValue(row + 1)
        self.row.blockSignals(False)
        self.panel.show_row(row)

    def close_workers(self) -> None:
        """Wait for what is being computed; no thread outlives this."""
        self.panel.close_workers()

    def _on_take_clicked(self) -> None:
        mask = self._document.selection.mask
        if mask is not None:
            self.row.setValue(int(np.argmax(mask)) + 1)

    def _on_document_selection_changed(self) -> None:
        self.take.setEnabled(self._document.selection.count > 0)
