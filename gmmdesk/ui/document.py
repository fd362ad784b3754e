"""What the window shows and edits: the only mutable state, with its undo stack."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from gmmdesk.errors import GmmdeskError
from gmmdesk.run import Run
from gmmdesk.task import Task
from gmmdesk.ui.background import LatestWorker
from gmmdesk.ui.commands import Change
from gmmdesk.ui.file_work import FileWork
from gmmdesk.ui.replay import BELOW_SECONDS, Replay
from gmmdesk.ui.run_bridge import RunBridge
from gmmdesk.ui.warm_up import import_heavy_modules

if TYPE_CHECKING:  # these import numpy, scipy and pyarrow: not before the window is up
    from gmmdesk.analysis.analysis import Analysis, AnalysisProgress
    from gmmdesk.analysis.settings import Settings
    from gmmdesk.data.dataset import Dataset
    from gmmdesk.data.prepare import Prepared


class HistoryPoint(NamedTuple):
    """One iteration on the convergence curve; `log_likelihood` is the total, in nats."""

    candidate: int
    restart: int
    iteration: int
    log_likelihood: float


class Document(QObject):
    """One table, the choices made for it, and the answer.

    Signals, without arguments unless stated; read the attributes they are about:
    `dataset_changed`, `settings_changed`, `prepared_changed`, `run_started`, `progressed`,
    `run_ended`, `analysis_changed`, `names_changed`, `current_cluster_changed`; `exported(Path)`;
    `problem_raised(BaseException)`. Loading and exporting report through `file_work`.
    """

    dataset_changed = Signal()
    settings_changed = Signal()
    prepared_changed = Signal()
    run_started = Signal()
    progressed = Signal()
    run_ended = Signal()
    analysis_changed = Signal()
    names_changed = Signal()
    current_cluster_changed = Signal()
    exported = Signal(object)
    problem_raised = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.undo_stack = QUndoStack(self)
        self.dataset: Dataset | None = None
        self.settings: Settings | None = None
        self.prepared: Prepared | None = None
        self.progress: AnalysisProgress | None = None
        self.history: tuple[HistoryPoint, ...] = ()
        self.analysis: Analysis | None = None
        self.current_cluster: int | None = None
        self._custom_names: dict[int, str] = {}
        self.replays = True  # whether a fit too quick to follow is shown again, slower
        self._fit: RunBridge | None = None
        self._replay: Replay | None = None
        self.file_work = FileWork(self)
        self.file_work.failed.connect(self.problem_raised)
        self._started_at = 0.0
        self._elapsed = 0.0
        self._preparer = LatestWorker(self)
        self._preparer.failed.connect(self._on_preparer_failed)

    # -- the table ---------------------------------------------------------------------------

    def open(self, source: str, sheet: str | None = None) -> None:
        """Read a file or "sample:NAME" in the background; the present table stays until then."""

        def read(task: Task) -> Dataset:
            import_heavy_modules()
            from gmmdesk.data.samples import open_table

            return open_table(source, sheet=sheet, task=task)

        self.file_work.begin(f"Opening {Path(source).name}", read, self.set_dataset)

    def open_text(self, text: str) -> None:
        """Read a table pasted from a spreadsheet."""

        def read(task: Task) -> Dataset:
            import_heavy_modules()
            from gmmdesk.data.readers import read_text

            return read_text(text, task=task)

        self.file_work.begin("Reading the pasted table", read, self.set_dataset)

    def set_dataset(self, dataset: Dataset) -> None:
        """Start anew with another table, all choices at their defaults."""
        from gmmdesk.analysis.settings import Settings

        self.stop_fit(keep=False)
        self.undo_stack.clear()
        self.dataset = dataset
        previous = self.settings or Settings()
        self.settings = msgspec.structs.replace(previous, columns=dataset.recommended)
        self.prepared = None
        self._set_analysis(None)
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

    @property
    def is_stale(self) -> bool:
        """Whether the choices differ from those the answer was found with."""
        return self.analysis is not None and self.analysis.settings != self.settings

    def ticked(self, name: str) -> bool:
        """Whether the column called `name` is chosen."""
        return self.settings is not None and name in self.settings.columns

    def tick(self, name: str, on: bool) -> None:
        """Choose a column or leave it out, keeping the order of the file."""
        if self.dataset is not None and on != self.ticked(name):
            self._set_columns(
                f"{'Tick' if on else 'Untick'} {name}",
                lambda column: on if column == name else self.ticked(column),
            )

    def tick_recommended(self) -> None:
        """Choose the columns that look like measurements."""
        if self.dataset is not None:
            recommended = set(self.dataset.recommended)
            self._set_columns("Tick suggested columns", recommended.__contains__)

    def tick_none(self) -> None:
        """Choose no column."""
        self._set_columns("Untick all columns", lambda _column: False)

    def _set_columns(self, text: str, wanted: Callable[[str], bool]) -> None:
        if self.dataset is not None:
            names = (column.name for column in self.dataset.columns)
            self.change_settings(text, columns=tuple(name for name in names if wanted(name)))

    def _set_settings(self, settings: Settings) -> None:
        self.settings = settings
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
            return prepare(dataset, settings.columns, settings.scaling)

        self._preparer.submit(compute, self._set_prepared)

    def _set_prepared(self, prepared: Prepared | None) -> None:
        if prepared is not self.prepared:
            self.prepared = prepared
            self.prepared_changed.emit()

    def _on_preparer_failed(self, error: BaseException) -> None:
        """A preview that cannot be drawn: said when the user asks for a fit, unless it is a bug."""
        self._set_prepared(None)
        if not isinstance(error, GmmdeskError):
            self.problem_raised.emit(error)

    # -- the fit -----------------------------------------------------------------------------

    @property
    def is_running(self) -> bool:
        return self._fit is not None or self._replay is not None

    def elapsed(self) -> float:
        """Seconds that the present or last fit has taken."""
        return time.monotonic() - self._started_at if self._fit is not None else self._elapsed

    def start_fit(self) -> None:
        """Find clusters with the present choices."""
        dataset, settings = self.dataset, self.settings
        if dataset is None or settings is None or self.is_running:
            return
        if not settings.columns:
            self.problem_raised.emit(
                GmmdeskError("No column is ticked.", "Tick at least one column with measurements.")
            )
            return

        def work(task: Task) -> Generator[AnalysisProgress, None, Analysis]:
            from gmmdesk.analysis import analyse

            return (yield from analyse(dataset, settings, task=task))

        self._preparer.cancel()
        self._started_at = time.monotonic()
        self._fit = RunBridge(Run(work, "fit"), self)
        self._fit.progressed.connect(self._on_fit_progressed)
        self._fit.finished.connect(self._on_fit_finished)
        self._fit.failed.connect(self._on_fit_failed)
        self._fit.cancelled.connect(self._on_fit_cancelled)
        self.progress, self.history = None, ()
        self._set_analysis(None)
        self._fit.start()
        self.run_started.emit()

    def stop_fit(self, *, keep: bool = True) -> None:
        """Stop the fit; the state it has reached becomes the answer if `keep`."""
        if self._replay is not None:
            self._replay.finish()
        elif self._fit is not None and keep:
            self._fit.run.cancel()
        elif self._fit is not None:
            self._fit.abandon()
            self._end_fit()

    def _on_fit_progressed(self, new: list[AnalysisProgress]) -> None:
        self.progress = new[-1]
        self.history += _history(new)
        self._set_prepared(self.progress.prepared)
        self.progressed.emit()

    def _on_fit_finished(self, analysis: Analysis) -> None:
        self._elapsed = self.elapsed()
        self._fit = None
        self._set_prepared(analysis.prepared)
        if self.replays and self._elapsed < BELOW_SECONDS and len(analysis.trail) > 1:
            self._start_replay(analysis)
        else:
            self._accept(analysis)

    def _start_replay(self, analysis: Analysis) -> None:
        history = self.history

        def show(trail: tuple[AnalysisProgress, ...]) -> None:
            self.progress = trail[-1]
            self.history = _history(trail)
            self.progressed.emit()

        def end() -> None:
            self._replay = None
            self.history = history
            self._accept(analysis)

        self._replay = Replay(analysis.trail, self)
        self._replay.shown.connect(show)
        self._replay.ended.connect(end)
        self._replay.start()

    def _accept(self, analysis: Analysis) -> None:
        self._set_analysis(analysis)
        self.run_ended.emit()

    def _on_fit_failed(self, error: BaseException) -> None:
        self._end_fit()
        self._prepare()
        self.problem_raised.emit(error)

    def _on_fit_cancelled(self) -> None:
        self._end_fit()
        self._prepare()

    def _end_fit(self) -> None:
        self._elapsed = self.elapsed()
        self._fit = None
        self.progress, self.history = None, ()
        self.run_ended.emit()

    # -- the answer --------------------------------------------------------------------------

    @property
    def n_clusters(self) -> int:
        """How many clusters the views show now."""
        if self.analysis is not None:
            return self.analysis.n_clusters
        return self.progress.n_components if self.progress is not None else 0

    @property
    def names(self) -> tuple[str, ...]:
        """The clusters' names, as the user or the program gave them."""
        return tuple(self._custom_names.get(i, f"Cluster {i + 1}") for i in range(self.n_clusters))

    def rename_cluster(self, index: int, name: str) -> None:
        """Give a cluster a name, undoably; an empty one brings back the default."""
        name = " ".join(name.split())
        before = self._custom_names.get(index, "")
        if name == f"Cluster {index + 1}":
            name = ""
        if name == before:
            return
        if name in self.names:
            self.problem_raised.emit(
                GmmdeskError(f"Another cluster is already called '{name}'.", "Choose another name.")
            )
            self.names_changed.emit()
            return
        self.undo_stack.push(
            Change(
                f"Rename {self.names[index]}",
                lambda: self._set_name(index, name),
                lambda: self._set_name(index, before),
            )
        )

    def _set_name(self, index: int, name: str) -> None:
        if name:
            self._custom_names[index] = name
        else:
            self._custom_names.pop(index, None)
        self.names_changed.emit()

    def set_current_cluster(self, index: int | None) -> None:
        """Highlight a cluster in every view, or none."""
        if index is not None and not 0 <= index < self.n_clusters:
            index = None
        if index != self.current_cluster:
            self.current_cluster = index
            self.current_cluster_changed.emit()

    def _set_analysis(self, analysis: Analysis | None) -> None:
        self.analysis = analysis
        self._custom_names = {}
        self.set_current_cluster(None)
        self.analysis_changed.emit()
        self.names_changed.emit()

    # -- files -------------------------------------------------------------------------------

    def export(self, path: Path) -> None:
        """Write the answer to `path` in the background; the ending decides the format."""
        analysis, names = self.analysis, self.names
        if analysis is None:
            return

        def write(task: Task) -> Path:
            from gmmdesk.export import write

            write(analysis, path, names=names, task=task)
            return path

        self.file_work.begin(f"Exporting {path.name}", write, self.exported.emit)

    def close(self) -> None:
        """Stop everything that runs; no thread outlives the document."""
        if self._replay is not None:
            self._replay.finish()
        if self._fit is not None:
            self._fit.close()
            self._fit = None
        self.file_work.close()
        self._preparer.close()


def _history(progress: Iterable[AnalysisProgress]) -> tuple[HistoryPoint, ...]:
    return tuple(
        HistoryPoint(one.candidate, one.scaled.restart, one.scaled.iteration, one.log_likelihood)
        for one in progress
    )
