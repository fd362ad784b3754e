"""What would change the answer: fits with one choice changed, on request."""

from __future__ import annotations

import math
from collections.abc import Generator

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from gmmdesk.analysis import Analysis
from gmmdesk.analysis.agreement_words import agrees
from gmmdesk.analysis.sensitivity import ROWS, Refit, sensitivity, sensitivity_in_words
from gmmdesk.run import Run
from gmmdesk.task import Task
from gmmdesk.ui import theme
from gmmdesk.ui.document import Document
from gmmdesk.ui.run_bridge import RunBridge, close_bridges
from gmmdesk.ui.tables.text_model import TextModel, text_table
from gmmdesk.ui.widgets import Label, tool_button

_ASK = "Try other choices"
_TRYING = "Looking for the clusters with other choices…"
_STEPS = 1_000  # of the bar
_HINT = (
    "Clusters are looked for again with another seed, with the columns scaled otherwise, and with"
    f" columns transformed otherwise, on at most {ROWS:,} rows."
)
_PROMISE = f"{_HINT} What is found each time is listed here, beside the answer."


class ChangesPage(QWidget):
    """A button that begins, and stops; how far that is, and a line for each change once done."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._document = document
        self._analysis: Analysis | None = None
        self._bridge: RunBridge | None = None
        self.found: tuple[Refit, ...] = ()
        self.button = tool_button(_ASK, _HINT, "find")
        self.button.setAutoRaise(False)
        self.said = Label(_PROMISE)
        self.said.setWordWrap(True)
        self.said.setAccessibleName("What changes the answer")
        self.progress = QProgressBar()
        self.progress.setRange(0, _STEPS)
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName("How much of it is done")
        self.progress.hide()
        self.model = TextModel(self)
        self.table = text_table(self.model, "Answers with other choices", fills=False)
        top = QHBoxLayout()
        top.setContentsMargins(*[theme.SPACE] * 4)
        top.setSpacing(theme.SPACE)
        top.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)
        top.addWidget(self.said, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(top)
        layout.addWidget(self.progress)
        layout.addWidget(self.table, 1)
        layout.addStretch()  # the table's place while nothing is listed
        self.button.clicked.connect(self._on_button_clicked)
        self._show(())

    @property
    def is_busy(self) -> bool:
        return self._bridge is not None

    def show_answer(self, analysis: Analysis | None) -> None:
        """Be about another answer: what was found is not about it."""
        if analysis is self._analysis:
            return
        if self._bridge is not None:
            self._bridge.abandon()
            self._bridge = None
        self._analysis = analysis
        self._show(())
        self._rest(_PROMISE)

    def close_workers(self) -> None:
        """Wait for what runs; no thread outlives this."""
        close_bridges(self)

    def _on_button_clicked(self) -> None:
        analysis = self._analysis
        if self._bridge is not None:
            self._bridge.run.cancel()
            return
        if analysis is None:
            return

        def work(task: Task) -> Generator[tuple[Refit, ...], None, tuple[Refit, ...]]:
            return (yield from sensitivity(analysis, task=task, n_threads=1))

        self._bridge = bridge = RunBridge(Run(work, "sensitivity"), self)
        bridge.ticked.connect(self._on_bridge_ticked)
        bridge.progressed.connect(lambda new: self._show(new[-1]))
        bridge.finished.connect(self._show)
        bridge.failed.connect(self._document.problem_raised)
        for signal in (bridge.finished, bridge.failed, bridge.cancelled):
            signal.connect(self._on_bridge_ended)
        self._show(())
        self.said.setText(_TRYING)
        self.button.setText("Stop")
        self.progress.setValue(0)
        self.progress.show()
        bridge.start()

    def _on_bridge_ticked(self) -> None:
        if self._bridge is not None:
            task = self._bridge.run.task
            self.progress.setValue(round(_STEPS * (task.fraction or 0.0)))
            self.said.setText(f"{_TRYING} {task.what}".strip())

    def _rest(self, said: str) -> None:
        """Nothing runs any more."""
        self.said.setText(said)
        self.button.setText(_ASK)
        self.progress.hide()

    def _on_bridge_ended(self, *_: object) -> None:
        self._bridge = None
        trust = None if self._analysis is None else self._analysis.trust
        self._rest(sensitivity_in_words(self.found, trust) if self.found else _PROMISE)

    def _show(self, found: tuple[Refit, ...]) -> None:
        self.found = found
        headings = ("What was changed", "Clusters", "Shape", "BIC difference", "Agreement", "")
        lines = [
            (one.change, "", "", "", "", one.problem)
            if one.problem
            else (
                one.change,
                f"{one.n_clusters}",
                one.model,
                "" if math.isnan(one.bic_rise) else f"{one.bic_rise:+z,.1f}",
                f"{one.agreement:.3f}",
                agrees(one.agreement),
            )
            for one in found
        ]
        self.model.show_lines(headings, lines, right=(1, 3, 4))
        self.table.setVisible(bool(lines))
