"""The rows unlike all others, with the columns that make them so."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QPoint, QSignalBlocker, Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from gmmdesk.analysis.diagnosis import Diagnosis
from gmmdesk.analysis.outliers import LEVELS
from gmmdesk.analysis.remedies import Remedy, allow_noise
from gmmdesk.data.dataset import IntArray
from gmmdesk.data.row_names import identity
from gmmdesk.text import count, number, percent
from gmmdesk.ui import theme
from gmmdesk.ui.document import Document
from gmmdesk.ui.help.glossary import tip
from gmmdesk.ui.late_view import LateView
from gmmdesk.ui.row_actions import open_row_menu
from gmmdesk.ui.tables.text_model import TextModel, text_table
from gmmdesk.ui.widgets import combo_box, secondary, tool_button

_NONE = " Rows that lie farther out are listed here; above it is chosen how far that is."
_CHOICES = tuple((str(level), f"Beyond {100 - 100 * level:g} % of a cluster") for level in LEVELS)


class OutliersPage(LateView):
    """A table of outliers; what counts as one, in every view and file, is chosen here.

    `show_rows` selects rows in every view, `apply` tries a remedy.
    """

    def __init__(
        self,
        document: Document,
        show_rows: Callable[[IntArray], object],
        apply: Callable[[Remedy], object],
    ) -> None:
        super().__init__()
        self._document = document
        self._found: Diagnosis | None = None
        self._show_rows, self._apply = show_rows, apply
        self.level = combo_box("How rare", tip("How rare"), _CHOICES)
        self.select = tool_button("Select", "Select these rows in every view: those marked, or all")
        self.noise = tool_button("No cluster for such rows", tip("Noise component"))
        for button in (self.select, self.noise):
            button.setAutoRaise(False)
        self.said = secondary()
        self.said.setAccessibleName("How many outliers")
        self.level.setMinimumContentsLength(max(len(words) for _level, words in _CHOICES))
        bar = QHBoxLayout()
        bar.setSpacing(theme.SPACE)
        bar.addWidget(self.level)
        bar.addStretch(1)
        bar.addWidget(self.select)
        bar.addWidget(self.noise)
        top = QVBoxLayout()
        top.setContentsMargins(*[theme.SPACE] * 4)
        top.setSpacing(theme.SPACE)
        top.addLayout(bar)
        top.addWidget(self.said)
        self.model = TextModel(self)
        self.table = text_table(self.model, "Outliers", selectable=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(top)
        layout.addWidget(self.table, 1)
        layout.addStretch()  # the table's place while nothing is listed
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(self._on_table_menu_requested)
        self.level.currentIndexChanged.connect(self._on_level_changed)
        for signal in (document.analysis_changed, document.outliers_changed):
            signal.connect(self._show_level)
        self._show_level()
        self.select.clicked.connect(self._on_select_clicked)
        self.noise.clicked.connect(self._on_noise_clicked)

    def _show_level(self) -> None:
        with QSignalBlocker(self.level):
            self.level.setCurrentIndex(self.level.findData(str(self._document.outlier_level)))

    def _on_level_changed(self) -> None:
        self._document.edits.count_outliers(float(self.level.currentData()))

    def show_diagnosis(self, found: Diagnosis | None) -> None:
        """Show the outliers of an answer, its clusters called as they are now, or none."""
        self._found = found
        self._outdate()

    def _renew(self) -> None:
        found = self._found
        if found is None:
            self.model.show_lines((), ())
            return
        names, dataset = self._document.part_names, found.analysis.dataset
        called = dataset.row_identifier
        lines = [
            (
                f"{dataset.number_of(odd.row):,}",
                *([] if called is None else [identity(dataset, odd.row)]),
                names[odd.cluster],
                "< 0.001 %" if odd.rarity < 1e-5 else f"{100 * odd.rarity:.2g} %",
                "; ".join(
                    f"{one.column} {number(one.value)} {one.word}"
                    f" (mostly {number(one.low, 3)} to {number(one.high, 3)})"
                    for one in odd.columns
                ),
            )
            for odd in found.odd_rows
        ]
        name = [] if called is None else [called.name]
        headings = ("Row", *name, "Nearest cluster", "As far out", "What makes it odd")
        self.model.show_lines(headings, lines, right=(0, 2 + len(name)))
        rare = found.outliers
        shown = f", the first {len(lines):,} shown" if len(lines) < rare.n else ""
        gaps = (
            f" {count(rare.n_incomplete, 'row')} with gaps were judged by what they have."
            if rare.n_incomplete
            else ""
        )
        self.said.setText(
            f"{count(rare.n, 'outlier')} ({percent(rare.n / max(rare.n_rows, 1))} of rows){shown};"
            f" by chance about {number(rare.n_expected, 2)} would be.{gaps}{_NONE * (not rare.n)}"
        )
        self.table.setVisible(rare.n > 0)
        self.select.setEnabled(rare.n > 0)
        self.noise.setVisible(not found.analysis.settings.noise)

    def _on_select_clicked(self) -> None:
        if self._found is not None:
            marked = self._marked_rows(self._found)
            self._show_rows(np.sort(marked if len(marked) else self._found.outliers.rows))

    def _marked_rows(self, found: Diagnosis) -> IntArray:
        """The rows whose lines are marked, as they are listed."""
        lines = sorted({index.row() for index in self.table.selectionModel().selectedRows()})
        return found.outliers.rows[lines]

    def _on_table_menu_requested(self, position: QPoint) -> None:
        found, line = self._found, self.table.rowAt(position.y())
        if found is None or line < 0:
            return
        row, selected = int(found.outliers.rows[line]), self._document.selection.mask
        if selected is None or not selected[row]:
            self._show_rows(np.sort(self._marked_rows(found)))
        place = self.table.viewport().mapToGlobal(position)
        open_row_menu(self._document, self.table, place, row)

    def _on_noise_clicked(self) -> None:
        self._apply(allow_noise())
