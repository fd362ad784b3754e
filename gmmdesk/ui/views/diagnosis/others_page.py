"""The clusters beside k-means, density-based clusters or a column of known labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from gmmdesk.analysis import Analysis
from gmmdesk.analysis.comparing import (
    Comparison,
    against_density,
    against_k_means,
    against_labels,
    comparison_in_words,
)
from gmmdesk.analysis.labels import label_columns
from gmmdesk.data.dataset import IntArray
from gmmdesk.errors import GmmdeskError
from gmmdesk.text import percent
from gmmdesk.ui import theme
from gmmdesk.ui.background import LatestWorker
from gmmdesk.ui.document import Document
from gmmdesk.ui.help.glossary import tip
from gmmdesk.ui.late_view import LateView
from gmmdesk.ui.tables.text_model import TextModel, text_table
from gmmdesk.ui.widgets import Label, combo_box, secondary

# By a key of the choice; known labels have their column as key, marked off from these.
_METHODS: dict[str, tuple[str, str, Callable[[Analysis], Comparison]]] = {
    "k-means": ("k-means", tip("k-means"), against_k_means),
    "density": ("Density-based (HDBSCAN)", tip("Density-based clusters"), against_density),
}
_LABELS = "labels:"
_HEADINGS = ("Cluster", "Rows", "Mostly in", "Of its rows", "The others are in")
_TIP_ROLE = Qt.ItemDataRole.ToolTipRole


class OthersPage(LateView):
    """What was compared and how far it agrees, where each cluster's rows are, and who moves.

    Computed in the background once it is looked at.
    """

    def __init__(self, document: Document, worker: type[LatestWorker] = LatestWorker) -> None:
        super().__init__()
        self._document = document
        self._analysis: Analysis | None = None
        self._found: Comparison | None = None
        self._worker = worker(self)
        self._worker.failed.connect(self._on_worker_failed)
        self.choice = combo_box("Compare with", "What the clusters are set beside")
        self.choice.setMinimumContentsLength(len(_METHODS["density"][0]))
        self.said = Label()
        self.said.setWordWrap(True)
        self.said.setAccessibleName("How far both agree")
        self.model = TextModel(self)
        self.table = text_table(self.model, "Where the rows of each cluster are")
        self.moves = secondary()
        self.moves.setAccessibleName("Who moves")
        self.moves.setContentsMargins(*[theme.SPACE] * 4)
        bar = QHBoxLayout()
        bar.addWidget(Label("Compare with"))
        bar.addWidget(self.choice)
        bar.addStretch(1)
        top = QVBoxLayout()
        top.setContentsMargins(*[theme.SPACE] * 4)
        top.setSpacing(theme.SPACE)
        top.addLayout(bar)
        top.addWidget(self.said)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(top)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.moves)
        self._chosen = self.choice.currentData()  # stays while there is no answer to compare
        self.choice.currentIndexChanged.connect(self._on_choice_changed)

    @property
    def is_busy(self) -> bool:
        return self._worker.is_busy or self.is_awaited

    @property
    def found(self) -> Comparison | None:
        """What is shown."""
        return self._found

    def show_answer(self, analysis: Analysis | None) -> None:
        """Be about another answer, or about the same with other names."""
        if analysis is not None and analysis is self._analysis:
            self._say()
            return
        self._analysis = analysis
        self.choice.blockSignals(True)
        self.choice.clear()
        for key, (text, about, _compute) in _METHODS.items():
            self.choice.addItem(text, key)
            self.choice.setItemData(self.choice.count() - 1, about, _TIP_ROLE)
        for column in () if analysis is None else label_columns(analysis):
            self.choice.addItem(f"Labels in {column}", _LABELS + column)
        self.choice.setCurrentIndex(max(self.choice.findData(self._chosen), 0))
        self.choice.blockSignals(False)
        self._ask()

    def choose_density(self) -> None:
        """Set density-based clusters beside the answer."""
        self.choice.setCurrentIndex(self.choice.findData("density"))

    def close_workers(self) -> None:
        """Wait for what is being computed; no thread outlives this."""
        self._worker.close()

    def _on_choice_changed(self) -> None:
        self._chosen = self.choice.currentData()
        self._ask()

    def _ask(self) -> None:
        self._worker.cancel()
        self._show(None)
        self._outdate()

    def _renew(self) -> None:
        analysis, key = self._analysis, self.choice.currentData()
        if analysis is None or key is None:
            return
        self.said.setText("Comparing…")

        def compute() -> Comparison:
            if key in _METHODS:
                return _METHODS[key][2](analysis)
            return against_labels(analysis, key.removeprefix(_LABELS))

        self._worker.submit(compute, self._show)

    def _show(self, found: Comparison | None) -> None:
        self._found = found
        self._say()

    def _say(self) -> None:
        found, names = self._found, self._document.names
        if found is None:
            self.said.setText("")
            self.moves.hide()
            self.model.show_lines((), ())
            return
        agrees, *moves = comparison_in_words(found, names)
        self.said.setText(agrees)
        self.moves.setText("\n".join(moves))
        self.moves.setVisible(bool(moves))
        groups = found.groups_beside(names)
        label = f"{found.what} = " if found.kind == "labels" else ""  # a bare 1 says little
        table = found.agreement.table
        lines = [_where(name, groups, table[k], label) for k, name in enumerate(names)]
        self.model.show_lines(_HEADINGS, lines, right=(1, 3))

    def _on_worker_failed(self, error: BaseException) -> None:
        self._show(None)
        if isinstance(error, GmmdeskError):
            self.said.setText(str(error))
        else:
            self._document.problem_raised.emit(error)


def _where(name: str, groups: Sequence[str], counts: IntArray, label: str) -> tuple[str, ...]:
    """A line of the table: the group that has most of a cluster's rows, and all that have some."""
    total = int(counts.sum())
    most, *others = [int(g) for g in np.argsort(-counts, kind="stable")]
    if not total:
        return name, "0", "", "", ""
    rest = ", ".join(f"{groups[g]}: {counts[g]:,}" for g in others if counts[g])
    return name, f"{total:,}", f"{label}{groups[most]}", percent(counts[most] / total), rest
