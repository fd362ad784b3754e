"""What the window shows and edits: the only mutable state, with its undo stack."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from gmmdesk.errors import GmmdeskError, TooLargeError
from gmmdesk.task import Task
from gmmdesk.ui import reading
from gmmdesk.ui.background import LatestWorker
from gmmdesk.ui.commands import Change
from gmmdesk.ui.file_work import FileWork
from gmmdesk.ui.fitting import Fitting, HistoryPoint
from gmmdesk.ui.timeline import Timeline

if TYPE_CHECKING:  # these import numpy, scipy and pyarrow: not before the window is up
    from gmmdesk.analysis.analysis import Analysis, AnalysisProgress
    from gmmdesk.analysis.scored import ScoredRows
    from gmmdesk.analysis.settings import Settings
    from gmmdesk.data.dataset import Dataset
    from gmmdesk.data.options import ReadOptions
    from gmmdesk.data.prepare import Prepared


_KEPT_FOR_UNDO = 2**24  # bytes; an answer about more takes too much memory to be kept
_UNDO_STEPS = 30
_ROW_BYTES = 50  # of an answer, for each row, beside the values that were used


class Answer(NamedTuple):
    """An analysis, how it was found, and the names that its clusters were given, by index."""

    analysis: Analysis
    history: Sequence[HistoryPoint]
    elapsed: float  # seconds
    given_names: Mapping[int, str] = MappingProxyType({})


class Document(QObject):
    """One table, the choices made for it, and the answer.

    Signals, without arguments unless stated; read the attributes they are about:
    `dataset_changed`, `settings_changed`, `prepared_changed`, `run_started`, `progressed`,
    `run_ended`, `analysis_changed`, `names_changed`, `current_cluster_changed`, `undo_changed`;
    `exported(Path)`; `problem_raised(BaseException)`. Loading and exporting report through
    `file_work`. A table that leaves something open is not shown but handed on for an answer,
    `questions_raised(Found)`, one without room in memory with `too_large_raised(Source, error)`.
    """

    dataset_changed = Signal()
    settings_changed = Signal()
    prepared_changed = Signal()
    run_started = Signal()
    progressed = Signal()
    run_ended = Signal()
    analysis_changed = Signal()
    names_changed = Signal()
    undo_changed = Signal()
    current_cluster_changed = Signal()
    exported = Signal(object)
    problem_raised = Signal(object)
    questions_raised = Signal(object)
    too_large_raised = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.undo_stack = QUndoStack(self)  # undone and redone through `undo` and `redo` only
        self.undo_stack.setUndoLimit(_UNDO_STEPS)
        self.undo_stack.indexChanged.connect(self.undo_changed)
        self.dataset: Dataset | None = None
        self.origin: reading.Found | None = None  # of the dataset, how it was read
        self._being_read: reading.Source | None = None
        self.settings: Settings | None = None
        self.prepared: Prepared | None = None
        self.preview_problem: GmmdeskError | None = None  # why `prepared` is None, if it is known
        self.ranges: dict[str, tuple[float, float]] = {}  # least and largest number by column
        self.current_cluster: int | None = None
        self._answer: Answer | None = None
        self._before_fit: Answer | None = None
        self._ticked: frozenset[str] = frozenset()
        self.fitting = Fitting(self)
        self.fitting.progressed.connect(self._on_fitting_progressed)
        self.fitting.finished.connect(self._on_fitting_finished)
        self.fitting.failed.connect(self._on_fitting_failed)
        self.fitting.cancelled.connect(self._on_fitting_cancelled)
        self.timeline = Timeline(self)
        self.file_work = FileWork(self)
        self.file_work.failed.connect(self._on_file_work_failed)
        self.file_work.ended.connect(self._on_file_work_ended)
        self.is_exporting = False
        self._chooser = LatestWorker(self)
        self._chooser.failed.connect(self.problem_raised)
        self._preparer = LatestWorker(self)
        self._preparer.failed.connect(self._on_preparer_failed)

    # -- the table ---------------------------------------------------------------------------

    def open(self, source: str, options: ReadOptions | None = None) -> None:
        """Read a file or "sample:NAME" in the background; the present table stays until then.

        Without `options` it is read as was chosen for it earlier, or all is found out.
        """
        self.read(reading.Source(source), options)

    def open_text(self, text: str) -> None:
        """Read a table pasted from a spreadsheet."""
        self.read(reading.Source("clipboard", text), None)

    def read(self, source: reading.Source, options: ReadOptions | None) -> None:
        """Read a table in the background, whatever it comes from."""
        if self.is_exporting:
            self.problem_raised.emit(
                GmmdeskError(
                    "An export is still being written.", "Wait for it, or cancel it (Esc)."
                )
            )
            return
        what = "Reading the pasted table" if source.text else f"Opening {source.name}"
        self.file_work.begin(what, partial(reading.read_source, source, options), self._on_read)
        self._being_read = source

    def _on_read(self, found: reading.Found) -> None:
        self._being_read = None
        if found.dataset.receipt.questions:
            self.questions_raised.emit(found)
        else:
            self.accept(found)

    def accept(self, found: reading.Found) -> None:
        """Show a table that was read, whatever it leaves open."""
        self.origin = found
        self.set_dataset(found.dataset, found.ranges)

    def _on_file_work_failed(self, error: BaseException) -> None:
        source, self._being_read = self._being_read, None
        if isinstance(error, TooLargeError) and source is not None:
            self.too_large_raised.emit(source, error)
        else:
            self.problem_raised.emit(error)

    def set_dataset(
        self, dataset: Dataset, ranges: dict[str, tuple[float, float]] | None = None
    ) -> None:
        """Start anew with another table, all choices at their defaults."""
        from gmmdesk.analysis.settings import PLAIN_MODELS, Settings

        self._drop_fit()
        self.undo_stack.clear()
        self.dataset = dataset
        if self.origin is not None and self.origin.dataset is not dataset:
            self.origin = None
        self._choose(Settings(columns=dataset.recommended, models=PLAIN_MODELS))
        self.ranges = ranges or {}
        self.prepared = self.preview_problem = None
        self._before_fit = None
        self._show(None)
        self.dataset_changed.emit()
        self.settings_changed.emit()
        self._prepare()

    # -- the choices -------------------------------------------------------------------------

    def change_settings(self, text: str, **changes: Any) -> None:
        """Replace some settings, undoably; `text` says in the undo menu what was done."""
        if self.settings is None:
            return
        before = self.settings
        try:
            after = msgspec.structs.replace(before, **changes)
        except GmmdeskError as error:
            self.problem_raised.emit(error)
            self.settings_changed.emit()  # the panels show again what holds
            return
        if after != before:
            self.undo_stack.push(
                Change(text, lambda: self._set_settings(after), lambda: self._set_settings(before))
            )

    def undo(self) -> None:
        """Take back the last change; not while a fit runs, whose answer follows from them."""
        if not self.is_running:
            self.undo_stack.undo()

    def redo(self) -> None:
        """Make the last change that was taken back again."""
        if not self.is_running:
            self.undo_stack.redo()

    @property
    def is_stale(self) -> bool:
        """Whether the choices differ from those the answer was found with."""
        return self.analysis is not None and self.analysis.settings != self.settings

    def ticked(self, name: str) -> bool:
        """Whether the column called `name` is chosen."""
        return name in self._ticked

    def tick(self, name: str, on: bool) -> None:
        """Choose a column or leave it out, keeping the order of the file."""
        if self.dataset is not None and on != self.ticked(name):
            self._set_columns(
                f"{'ticking' if on else 'unticking'} {name}",
                lambda column: on if column == name else self.ticked(column),
            )

    def tick_recommended(self) -> None:
        """Choose the columns that look like measurements."""
        if self.dataset is not None:
            recommended = set(self.dataset.recommended)
            self._set_columns("ticking suggested columns", recommended.__contains__)

    def tick_none(self) -> None:
        """Choose no column."""
        self._set_columns("unticking all columns", lambda _column: False)

    def _set_columns(self, text: str, wanted: Callable[[str], bool]) -> None:
        if self.dataset is not None:
            names = (column.name for column in self.dataset.columns)
            self.change_settings(text, columns=tuple(name for name in names if wanted(name)))

    def _choose(self, settings: Settings) -> None:
        self.settings = settings
        self._ticked = frozenset(settings.columns)

    def _set_settings(self, settings: Settings) -> None:
        self._choose(settings)
        self.settings_changed.emit()
        if self.analysis is None and not self.is_running:
            self._prepare()

    def _prepare(self) -> None:
        """Show the chosen columns before anything is fitted."""
        dataset, settings = self.dataset, self.settings
        if dataset is None or settings is None:
            return

        def compute() -> Prepared | None:
            from gmmdesk.data.prepare import prepare

            if not settings.columns:
                return None
            return prepare(
                dataset,
                settings.columns,
                settings.scaling,
                missing=settings.missing,
                steps=settings.steps,
            )

        self._preparer.submit(compute, self._set_prepared)

    def _set_prepared(self, prepared: Prepared | None, problem: GmmdeskError | None = None) -> None:
        if prepared is not self.prepared or problem is not self.preview_problem:
            self.prepared, self.preview_problem = prepared, problem
            self.prepared_changed.emit()

    def _on_preparer_failed(self, error: BaseException) -> None:
        """A preview that cannot be drawn: no reason to interrupt the user, unless it is a bug."""
        if isinstance(error, GmmdeskError):
            self._set_prepared(None, error)
        else:
            self._set_prepared(None)
            self.problem_raised.emit(error)

    # -- the fit -----------------------------------------------------------------------------

    @property
    def is_running(self) -> bool:
        return self.fitting.is_running

    @property
    def is_replaying(self) -> bool:
        return self.fitting.is_replaying

    @property
    def progress(self) -> AnalysisProgress | None:
        """The state of the running fit."""
        return self.fitting.progress if self.is_running else None

    @property
    def moment(self) -> AnalysisProgress | None:
        """The iteration that is shown and not the answer: of the running fit, or an earlier one."""
        return self.progress if self.is_running else self.timeline.clusters

    @property
    def history(self) -> Sequence[HistoryPoint]:
        """Every iteration of the running fit, or of the one that found the answer."""
        return self._answer.history if self._answer is not None else self.fitting.history

    def elapsed(self) -> float:
        """Seconds that the running fit has taken, or the one that found the answer."""
        return self._answer.elapsed if self._answer is not None else self.fitting.elapsed()

    def note_frame(self) -> None:
        """The views have drawn the last progress."""
        self.fitting.note_frame()

    def start_fit(self) -> None:
        """Find clusters with the present choices; the answer there is comes back if it fails."""
        dataset, settings = self.dataset, self.settings
        if dataset is None or settings is None or self.is_running:
            return
        if not settings.columns:
            self.problem_raised.emit(_no_column(dataset))
            return
        self._preparer.cancel()
        self._before_fit = self._answer
        self._show(None)
        self.fitting.start(dataset, settings)
        self.run_started.emit()

    def stop_fit(self) -> None:
        """Stop the fit; the state it has reached becomes the answer."""
        self.fitting.stop()

    def _drop_fit(self) -> None:
        was_running = self.is_running
        self.fitting.drop()
        if was_running:
            self.run_ended.emit()

    def _on_fitting_progressed(self) -> None:
        assert self.progress is not None
        self._set_prepared(self.progress.prepared)
        self.progressed.emit()

    def _on_fitting_finished(self, analysis: Analysis) -> None:
        before, self._before_fit = self._before_fit, None
        answer = Answer(analysis, self.fitting.history, self.fitting.elapsed())
        if analysis.prepared.X.nbytes + _ROW_BYTES * analysis.dataset.n_rows > _KEPT_FOR_UNDO:
            self.undo_stack.clear()
            self._show(answer)
        else:
            self.undo_stack.push(
                Change(
                    "finding clusters", lambda: self._show(answer), lambda: self._return_to(before)
                )
            )
        self.run_ended.emit()

    def _on_fitting_failed(self, error: BaseException) -> None:
        self._on_fitting_cancelled()
        self.problem_raised.emit(error)

    def _on_fitting_cancelled(self) -> None:
        before, self._before_fit = self._before_fit, None
        self._return_to(before)
        self.run_ended.emit()

    def _return_to(self, answer: Answer | None) -> None:
        """Show an earlier answer, or the columns as they were before there was one."""
        self._show(answer)
        if answer is None:
            self._prepare()

    # -- the answer --------------------------------------------------------------------------

    @property
    def analysis(self) -> Analysis | None:
        """The answer that is shown."""
        return self._answer.analysis if self._answer is not None else None

    @property
    def n_clusters(self) -> int:
        """How many clusters the views show now."""
        if self._answer is not None:
            return self._answer.analysis.n_clusters
        return self.progress.n_components if self.progress is not None else 0

    @property
    def names(self) -> tuple[str, ...]:
        """The clusters' names, as the user or the program gave them."""
        given = self._answer.given_names if self._answer is not None else {}
        return tuple(given.get(i, f"Cluster {i + 1}") for i in range(self.n_clusters))

    def rename_cluster(self, index: int, name: str) -> None:
        """Give a cluster a name, undoably; an empty one brings back the default."""
        before = self._answer
        if before is None:
            return
        name = " ".join(name.split()) or f"Cluster {index + 1}"
        old = self.names[index]
        if name == old:
            return
        if name in self.names:
            self.problem_raised.emit(
                GmmdeskError(f"Another cluster is already called '{name}'.", "Choose another name.")
            )
            self.names_changed.emit()
            return
        after = before._replace(given_names={**dict(enumerate(self.names)), index: name})
        self.undo_stack.push(
            Change(f"renaming {old}", lambda: self._show(after), lambda: self._show(before))
        )

    def choose_candidate(self, index: int) -> None:
        """Take another of the combinations that were tried as the answer, undoably."""
        before = self._answer
        if before is None or self.is_running or index == before.analysis.best:
            return

        def compute() -> Analysis:
            from gmmdesk.analysis import choose

            return choose(before.analysis, index)

        def show(analysis: Analysis) -> None:
            if self._answer is not before:
                return
            after = Answer(analysis, before.history, before.elapsed)
            one = analysis.candidates[index]
            text = f"choosing {one.model} with {one.n_components} clusters"
            self.undo_stack.push(
                Change(text, lambda: self._show(after), lambda: self._show(before))
            )

        self._chooser.submit(compute, show)

    def set_current_cluster(self, index: int | None) -> None:
        """Highlight a cluster in every view, or none."""
        if index is not None and not 0 <= index < self.n_clusters:
            index = None
        if index != self.current_cluster:
            self.current_cluster = index
            self.current_cluster_changed.emit()

    def _show(self, answer: Answer | None) -> None:
        """Make `answer` the one that is shown; with another analysis everything about it."""
        renamed = answer is not None and self.analysis is answer.analysis
        self._answer = answer
        if not renamed:
            self.timeline.show_answer(self.analysis)
            self.set_current_cluster(None)
            if answer is not None:
                self._set_prepared(answer.analysis.prepared)
            self.analysis_changed.emit()
        self.names_changed.emit()

    # -- files -------------------------------------------------------------------------------

    def export(self, path: Path) -> None:
        """Write the answer to `path` in the background; the ending decides the format."""
        if self.analysis is not None:
            self.export_rows(self.analysis, self.names, path)

    def export_rows(self, scored: ScoredRows, names: Sequence[str], path: Path) -> None:
        """Write rows with their clusters, so called, to `path` in the background."""

        def write(task: Task) -> Path:
            from gmmdesk.export import write

            write(scored, path, names=names, task=task)
            return path

        self.file_work.begin(f"Exporting {path.name}", write, self.exported.emit)
        self.is_exporting = True  # after what it may have superseded has ended

    def _on_file_work_ended(self) -> None:
        self.is_exporting = False

    def close(self) -> None:
        """Stop everything that runs; no thread outlives the document."""
        self.fitting.close()
        self.file_work.close()
        self._preparer.close()
        self._chooser.close()
        self.timeline.pause()


def _no_column(dataset: Dataset) -> GmmdeskError:
    if any(column.is_numeric for column in dataset.columns):
        return GmmdeskError("No column is ticked.", "Tick at least one column with measurements.")
    return GmmdeskError(
        f"{dataset.name} has no column with numbers.", "Open a table that holds measurements."
    )
