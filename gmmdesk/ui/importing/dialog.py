"""How a file is to be read: choices on the left, what comes of them on the right."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from gmmdesk.data.options import FOUND_OUT, Kind, ReadOptions
from gmmdesk.errors import Cancelled, GmmdeskError, UsageError
from gmmdesk.task import Task
from gmmdesk.ui import theme
from gmmdesk.ui.background import LatestWorker
from gmmdesk.ui.importing.form import ReadingForm
from gmmdesk.ui.importing.offers import OffersBox
from gmmdesk.ui.importing.preview import SHOWN_ROWS, PreviewModel, fit_columns, preview_table
from gmmdesk.ui.importing.questions import QuestionsBox
from gmmdesk.ui.problems import show_problem
from gmmdesk.ui.reading import Source, read_preview
from gmmdesk.ui.text import count
from gmmdesk.ui.widgets import ScrolledForm, heading, secondary

if TYPE_CHECKING:
    from gmmdesk.data.dataset import Dataset, Question
    from gmmdesk.data.missing_offers import MissingOffer

_DELAY_MS = 200  # after the last change, until the preview is made anew


class _Previewed(NamedTuple):
    """The first rows, and the words in them and in the whole table that may mean "missing"."""

    dataset: Dataset
    offers: tuple[MissingOffer, ...]


class ImportDialog(QDialog):
    """Choices, questions and a preview that follows them.

    `dataset` is how the whole source was read last, if it was: the choices begin there. Signals:
    `chosen(ReadOptions)` when the user agrees; `previewed` when the preview has followed.
    """

    help_page = "opening"

    chosen = Signal(object)
    previewed = Signal()

    def __init__(
        self, source: Source, dataset: Dataset | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"How to read {source.name}")
        self._source = source
        self._whole = dataset
        self._kinds: dict[str, Kind] = dict(dataset.options.kinds) if dataset is not None else {}
        self._asked: list[Question] = list(dataset.receipt.questions) if dataset is not None else []
        self._is_looked_through = dataset is None  # whether the whole table was, for offers
        self._is_sound = False
        self._is_answered = True
        self._task = Task()
        self._worker = LatestWorker(self)
        self._worker.failed.connect(self._on_worker_failed)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_DELAY_MS)
        self._timer.timeout.connect(self._preview)
        self._build()
        if dataset is not None:
            self._form.set_options(dataset.options)
            self._form.show_found(dataset)
            self._show_questions()
        self._preview()

    def _build(self) -> None:
        self._form = ReadingForm()
        self._form.changed.connect(self._on_form_changed)
        self._questions = QuestionsBox()
        self._questions.answered.connect(self._form.choose)
        self._offers = OffersBox()
        self._offers.chosen.connect(self._form.choose_missing)
        self._model = PreviewModel()
        self._table, self._header = preview_table(self._model)
        self._header.chosen.connect(self._on_header_chosen)
        self._status = secondary()
        choices = QWidget()
        left = QVBoxLayout(choices)
        left.setContentsMargins(0, 0, 0, 0)
        left.addWidget(heading("Choices"))
        left.addWidget(ScrolledForm(self._form), 1)
        outcome = QWidget()
        right = QVBoxLayout(outcome)
        right.setContentsMargins(theme.SPACE, 0, 0, 0)
        right.setSpacing(theme.SPACE)
        right.addWidget(self._questions)
        right.addWidget(self._offers)
        right.addWidget(heading("Preview"))
        right.addWidget(self._table, 1)
        right.addWidget(self._status)
        splitter = QSplitter()
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(choices)
        splitter.addWidget(outcome)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([330, 700])

        self._reset = QPushButton("Find all out")
        self._reset.setToolTip("Take back every choice")
        self._reset.clicked.connect(self._on_reset_clicked)
        buttons = QDialogButtonBox()
        self._open = buttons.addButton("Open", QDialogButtonBox.ButtonRole.AcceptRole)
        self._open.setDefault(True)
        self._reset.setAutoDefault(False)
        cancel = buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        cancel.setAutoDefault(False)  # or Return would mean that one while nothing can be opened
        buttons.accepted.connect(self._on_buttons_accepted)
        buttons.rejected.connect(self.reject)
        row = QHBoxLayout()
        row.addWidget(self._reset)
        row.addStretch()
        row.addWidget(buttons)
        layout = QVBoxLayout(self)
        layout.setSpacing(theme.SPACE)
        layout.addWidget(splitter, 1)
        layout.addLayout(row)
        parent = self.parentWidget()
        room = (parent.window() if parent is not None else self).size()
        self.resize(max(820, min(1100, room.width() - 80)), max(520, min(760, room.height() - 60)))
        self._update_open()

    # -- choices -----------------------------------------------------------------------------

    def options(self) -> ReadOptions:
        """What is chosen now; raises UsageError for what cannot be."""
        return msgspec.structs.replace(self._form.options(), kinds=tuple(self._kinds.items()))

    def _on_form_changed(self, layout: bool) -> None:
        if layout:  # the columns may be others: their kinds and questions mean nothing then
            self._kinds.clear()
            self._asked.clear()
            self._whole = None
        self._change()

    def _on_header_chosen(self, name: str, kind: Kind | None) -> None:
        self._kinds.pop(name, None)
        if kind is not None:
            self._kinds[name] = kind
        self._change()

    def _on_reset_clicked(self) -> None:
        self._kinds.clear()
        self._form.set_options(FOUND_OUT)
        self._change()

    def _change(self) -> None:
        self._is_sound = False
        self._show_questions()
        self._timer.start()

    def _show_questions(self) -> None:
        try:
            options = self.options()
        except UsageError:
            options = FOUND_OUT
        open_ones = [q for q in self._asked if not set(q.columns) <= set(self._kinds)]
        self._questions.show_questions(open_ones, options)
        self._offers.show_chosen(options.missing_words)
        self._is_answered = all(getattr(options, q.option) is not None for q in open_ones)
        self._update_open()

    def _update_open(self) -> None:
        self._open.setEnabled(self._is_sound and self._is_answered)
        self._open.setToolTip("" if self._is_answered else "Answer the questions first")

    # -- the preview -------------------------------------------------------------------------

    def _preview(self) -> None:
        self._task.cancel()
        self._task = task = Task()
        source = self._source
        try:
            options = self.options()
        except UsageError as error:
            self._show_problem(error)
            self.previewed.emit()
            return
        proven = self._proven()
        if options.decimal is None and proven is not None:
            options = msgspec.structs.replace(options, decimal=proven)
        self._status.setText("Reading…")
        whole = None if self._is_looked_through else self._whole
        self._worker.submit(lambda: _previewed(source, options, whole, task), self._show)

    def _proven(self) -> str | None:
        """The decimal mark that the whole file proves, where the first rows may not."""
        whole = self._whole
        if whole is None or any(q.option == "decimal" for q in whole.receipt.questions):
            return None
        return whole.receipt.decimal or None

    def _show(self, previewed: _Previewed) -> None:
        dataset, offers = previewed
        self._is_looked_through = True
        self._offers.add(offers)
        self._model.set_dataset(dataset)
        self._header.set_kinds(self._kinds)
        fit_columns(self._table)
        self._is_sound = True
        proven = self._proven()
        if proven is None or self._form.options().decimal is not None:
            self._form.show_found(dataset)
        asked = {(q.option, q.example) for q in self._asked}
        self._asked += [q for q in dataset.receipt.questions if (q.option, q.example) not in asked]
        self._show_questions()
        unreadable = self._model.n_unreadable
        shown = min(SHOWN_ROWS, dataset.n_rows)
        words = f"The first {count(shown, 'row')} × {count(len(dataset.columns), 'column')}"
        if unreadable:
            words += f"; {count(unreadable, 'cell')} on coloured ground cannot be read"
        self._status.setText(f"{words}. {' '.join(dataset.receipt.notes)}".strip())
        self.previewed.emit()

    def _show_problem(self, error: GmmdeskError) -> None:
        self._is_sound = False
        self._status.setText(f"{error.message} {error.hint}")
        self._update_open()

    def _on_worker_failed(self, error: BaseException) -> None:
        if isinstance(error, Cancelled):
            return
        if isinstance(error, GmmdeskError):
            self._show_problem(error)
        else:
            show_problem(error, self)
        self.previewed.emit()

    # -- the end -----------------------------------------------------------------------------

    def _on_buttons_accepted(self) -> None:
        try:
            options = self.options()
        except UsageError as error:
            self._show_problem(error)
            return
        self.accept()
        self.chosen.emit(options)

    def done(self, result: int) -> None:
        self._timer.stop()
        self._task.cancel()
        self._worker.close()
        super().done(result)


def _previewed(
    source: Source, options: ReadOptions, whole: Dataset | None, task: Task
) -> _Previewed:
    from gmmdesk.data.missing_offers import missing_offers

    dataset = read_preview(source, options, task)
    return _Previewed(dataset, missing_offers(dataset if whole is None else whole))
