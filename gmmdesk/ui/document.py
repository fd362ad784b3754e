"""What the window shows and edits: the only mutable state, with its undo stack."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from PySide6.QtCore import QObject, Qt, QTimer, Signal

from gmmdesk.errors import GmmdeskError
from gmmdesk.session.answer import Answer, HistoryPoint
from gmmdesk.session.past import State
from gmmdesk.ui import reading
from gmmdesk.ui.answer_edits import AnswerEdits
from gmmdesk.ui.as_prepared import AxesScale
from gmmdesk.ui.checking import Checking
from gmmdesk.ui.commands import Commands, Moment
from gmmdesk.ui.contents import (
    FIT_WAS_STOPPED,
    Contents,
    fresh,
    gave_way,
    is_read_again,
    read_again,
    said,
    told,
)
from gmmdesk.ui.files import Files
from gmmdesk.ui.fits import Fits, Unfinished
from gmmdesk.ui.number_testing import NumberTesting
from gmmdesk.ui.preview import Preview
from gmmdesk.ui.readings import Readings
from gmmdesk.ui.selection import Selection
from gmmdesk.ui.shown_answer import ShownAnswer
from gmmdesk.ui.starting import Starting
from gmmdesk.ui.ticks import Ticks
from gmmdesk.ui.timeline import Timeline

if TYPE_CHECKING:  # these import numpy, scipy and pyarrow: not before the window is up
    from gmmdesk.analysis.analysis import Analysis, AnalysisProgress
    from gmmdesk.analysis.attempts import Attempt
    from gmmdesk.analysis.diagnosis import Diagnosis
    from gmmdesk.analysis.difference import Difference
    from gmmdesk.analysis.remedies import Remedy
    from gmmdesk.analysis.settings import Settings
    from gmmdesk.data.dataset import Dataset
    from gmmdesk.data.options import ReadOptions
    from gmmdesk.data.prepare import Prepared
    from gmmdesk.engine import Parameters


class Document(QObject):
    """One table, the choices made for it, and the answer.

    Signals, without arguments unless stated; read the attributes they are about:
    `begun_anew` with another table, before `dataset_changed`, which is sent too where the same one
    was read in another way; `analysis_changed`, with which all names are others too, and
    `names_changed`, where these alone are; `settings_changed`, `prepared_changed`, `run_started`,
    `progressed`, `run_ended`, after `analysis_changed` has told of what came of it or is there
    again; `colors_changed`, `outliers_changed`, `current_cluster_changed`,
    `undo_changed`; `exported(Path)`; `problem_raised(BaseException)`.
    Loading and exporting report through `files`. A table that leaves something open is not shown
    but handed on for an answer, `questions_raised(Found)`, one without room in memory with
    `too_large_raised(Source, error)`; `closed`, after which nothing more is to be done.
    """

    begun_anew = Signal()
    dataset_changed = Signal()
    settings_changed = Signal()
    prepared_changed = Signal()
    run_started = Signal()
    progressed = Signal()
    run_ended = Signal()
    analysis_changed = Signal()
    names_changed = Signal()
    colors_changed = Signal()
    outliers_changed = Signal()
    undo_changed = Signal()
    current_cluster_changed = Signal()
    exported = Signal(object)
    problem_raised = Signal(object)
    questions_raised = Signal(object)
    too_large_raised = Signal(object, object)
    closed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.commands = Commands(self._moment, self._go_to, self)
        self.undo_stack = self.commands.stack  # undone through `undo` and its like only
        self.undo_stack.indexChanged.connect(self.undo_changed)
        self.dataset: Dataset | None = None
        self.origin: reading.Found | None = None  # of the dataset, how it was read
        self.settings: Settings | None = None
        self.ranges: dict[str, tuple[float, float]] = {}  # least and largest number by column
        self.current_cluster: int | None = None
        self.chosen_clusters: frozenset[int] = frozenset()  # with the current one
        self.diagnosis: Diagnosis | None = None  # of the analysis, once a view has asked for it
        self.ticks = Ticks(self)
        self._preview = Preview(self)
        self._preview.changed.connect(self.prepared_changed)
        self._preview.failed.connect(self.problem_raised)
        self._shown = ShownAnswer(self)
        self._shown.analysis_changed.connect(self._on_shown_analysis_changed)
        self._shown.names_changed.connect(self.names_changed)
        self._shown.colors_changed.connect(self.colors_changed)
        self._shown.outliers_changed.connect(self.outliers_changed)
        self._shown.failed.connect(self._on_shown_failed)
        self._fits = Fits(self._shown, self._preview, self.commands, self)
        self._fits.started.connect(self.run_started)
        self._fits.progressed.connect(self.progressed)
        self._fits.came_to_nothing.connect(self._return_to)
        self._fits.ended.connect(self.run_ended)
        self._fits.failed.connect(self.problem_raised)
        self.fitting = self._fits.fitting
        self._starting = Starting(self, self._fits)
        self.timeline = Timeline(self)
        self.axes_scale = AxesScale(self)
        self.selection = Selection(self.commands.push_selection, self)
        self.selection.failed.connect(self.problem_raised)
        self.files = Files(self)
        self.files.found.connect(self.accept)
        self.files.questions_raised.connect(self.questions_raised)
        self.files.too_large_raised.connect(self.too_large_raised)
        self.files.exported.connect(self.exported)
        self.files.failed.connect(self.problem_raised)
        self.file_work = self.files.work
        self._readings = Readings(self.files, self)
        self.checking = Checking(self)
        self.checking.failed.connect(self.problem_raised)
        self.number_testing = NumberTesting(self)
        self.number_testing.failed.connect(self.problem_raised)
        self.edits = AnswerEdits(
            self._shown, self.commands.push, self._renumber, self.fitting.led, self
        )
        self._fits.followed.connect(self.edits.merge_like)
        self.edits.failed.connect(self.problem_raised)
        self.edits.refused.connect(self.names_changed)  # the panels show again what holds

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
        """Read a table; one that would replace the present one only if the user agrees."""
        is_shown = self.origin is not None and self.origin.source == source
        if is_shown and self.dataset is not None and options == self.dataset.options:
            return  # nothing was changed in the choices for it
        self.files.read(source, options, replaces=not is_shown)

    def accept(self, found: reading.Found) -> None:
        """Show a table that was read, whatever it leaves open.

        Where it is the one that is shown, read in another way, that is a step which can be undone,
        and the choices are kept that fit; what a fit that runs has found until then is a step too.
        """
        before, origin = self.contents(), self.origin
        if before is None or origin is None or found.source != origin.source:
            self._begin_with(found)
        elif is_read_again(origin, found):
            stopped = [FIT_WAS_STOPPED] * self.is_running
            self._end_fit_and(lambda: self._read_again(found, origin, stopped))
        else:  # it has changed meanwhile, and the user was not asked about unsaved work
            self.files.before_replacing(lambda: self._begin_with(found))

    def _read_again(
        self, found: reading.Found, before: reading.Found, stopped: Sequence[str]
    ) -> None:
        present = self.contents()
        if present is None or self.origin is not before:  # another table has come meanwhile
            return
        contents, lost = read_again(present, found.dataset)
        text = told(before.dataset.options, found.dataset.options)
        self.commands.push(text, lambda: self._show_again(contents, found))
        if lost or stopped:
            self.problem_raised.emit(said([*stopped, *lost], can_undo=True))

    def _begin_with(self, found: reading.Found) -> None:
        self._readings.begin(is_of_user=True)
        self._begin(fresh(found.dataset), found.ranges, found)

    def set_dataset(
        self,
        dataset: Dataset,
        ranges: dict[str, tuple[float, float]] | None = None,
    ) -> None:
        """Start anew with another table, all choices at their defaults."""
        self.set_contents(fresh(dataset), ranges)

    def set_contents(
        self,
        contents: Contents,
        ranges: dict[str, tuple[float, float]] | None = None,
        analysis: Analysis | None = None,
    ) -> None:
        """Start anew with what was saved; `analysis` is that of its answer."""
        self._readings.begin(is_of_user=False)
        origin = reading.origin_of(contents.dataset, ranges or {})
        self._begin(contents, ranges or {}, origin, analysis)

    def _begin(
        self,
        contents: Contents,
        ranges: dict[str, tuple[float, float]],
        origin: reading.Found | None,
        analysis: Analysis | None = None,
    ) -> None:
        self._fits.drop()
        self.commands.clear()
        self._show(contents, ranges, origin, analysis, anew=True)
        self.commands.begin(contents.past)

    def _show_again(self, contents: Contents, found: reading.Found) -> None:
        """Show the same table, read in another way."""
        if self.origin is not None:
            self._readings.keep(self.origin)
        self._show(contents, found.ranges, found)

    def _show(
        self,
        contents: Contents,
        ranges: dict[str, tuple[float, float]],
        origin: reading.Found | None,
        analysis: Analysis | None = None,
        *,
        anew: bool = False,
    ) -> None:
        """Show a table, the choices for it and its answer, in place of all there is."""
        self._fits.drop()
        self.dataset, self.ranges, self.origin = contents.dataset, ranges, origin
        self.settings = contents.settings
        self._preview.clear()
        self.checking.forget()
        self.number_testing.forget()
        if contents.answer is not None:
            self.checking.remember(contents.answer.finding, contents.resampled)
        if contents.past is not None:
            for finding, resampled in contents.past.checked.items():
                self.checking.remember(finding, resampled)
        self._shown.start(contents.dataset)
        self.selection.start(contents.dataset.n_rows)
        if anew:
            self.begun_anew.emit()
        self.dataset_changed.emit()
        self.settings_changed.emit()
        self._return_to(contents.answer, analysis)
        if contents.selected is not None:
            self.selection.restore(contents.selected)

    def contents(self) -> Contents | None:
        """What there is to be saved; while a fit runs, with the answer before it."""
        if self.dataset is None or self.settings is None:
            return None
        selected = self.selection.rows if self.selection.count else None
        past, answer = self.commands.past(), self._fits.kept_answer
        past = past and past._replace(checked=self.checking.every)
        resampled = None if answer is None else self.checking.known(answer.finding)
        return Contents(self.dataset, self.settings, answer, past, selected, resampled)

    def _moment(self) -> Moment | None:
        if self.dataset is None or self.settings is None:
            return None
        state = State(self.settings, self._fits.kept_answer, self.dataset.options)
        return Moment(state, self.selection.kept())

    def _go_to(self, moment: Moment) -> None:
        state = moment.state
        if self.dataset is not None and state.options != self.dataset.options:
            found = self._readings.take(state.options)
            self._show_again(Contents(found.dataset, state.settings, state.answer), found)
            self._readings.remember(found)
        if state.settings != self.settings:
            self._set_settings(state.settings)
        if state.answer is not self._shown.answer:
            self._return_to(state.answer)
        if moment.rows is not None:
            self.selection.bring_back(moment.rows)

    # -- the choices -------------------------------------------------------------------------

    def change_settings(
        self, text: str, *, begun: Moment | None = None, **changes: Any
    ) -> bool | None:
        """Replace some settings, undoably; `text` says in the undo menu what was done.

        It is one step with the last change where that has `begun` it, see `Commands.complete`.
        Returns whether any of them is another now, None where they were refused.
        """
        if self.settings is None:
            return False
        before = self.settings
        try:
            after = msgspec.structs.replace(before, **changes)
        except GmmdeskError as error:
            self.problem_raised.emit(error)
            self.settings_changed.emit()  # the panels show again what holds
            return None
        if after == before:
            return False

        def change() -> None:
            self._set_settings(after)
            self._select_none_left_out(before, after)

        self.commands.complete(begun, text, change)
        return True

    def _select_none_left_out(self, before: Settings, after: Settings) -> None:
        """Rows that are left out by hand from now on are not to be seen: they are selected no more.

        That is no step of its own.
        """
        import numpy as np

        from gmmdesk.data.steps.records import rows_by_hand

        if self.dataset is not None and self.selection.count and before.steps != after.steps:
            numbers = rows_by_hand(after.steps) - rows_by_hand(before.steps)
            chosen = np.array(sorted(numbers), np.int64)
            self.selection.drop(self.dataset.rows_numbered(chosen))

    def undo(self) -> None:
        """Take back the last change; not while a fit runs, whose answer follows from them."""
        self.go_to_step(self.undo_stack.index() - 1)

    def redo(self) -> None:
        """Make the last change that was taken back again."""
        self.go_to_step(self.undo_stack.index() + 1)

    def go_to_step(self, index: int) -> None:
        """Take back or make again as many changes as it needs for `index` of them to hold.

        Where that needs the table as it was read then, and there was no room to keep it, it is read
        again in the background first.
        """
        moment, dataset, here = self.commands.moment(index), self.dataset, self.commands.here
        if moment is None or dataset is None or self.is_running:
            return

        def go() -> None:
            is_as_then = self.commands.here is here and self.commands.moment(index) is moment
            if is_as_then and not self.is_running:
                self.commands.go_to(index)
            else:
                self.problem_raised.emit(gave_way())

        if moment.state.options == dataset.options:
            go()
        else:
            self._readings.fetch(moment.state.options, self.origin, go)

    @property
    def is_stale(self) -> bool:
        """Whether the choices differ from those the answer was found with."""
        return self.analysis is not None and self.analysis.settings != self.settings

    def _renumber(self, same: Mapping[int, int]) -> None:
        """Rows are kept out of clusters of the answer that is shown: another numbers them anew."""
        from gmmdesk.analysis.known import renumbered

        if self.settings is not None and self.settings.forbidden:
            self._set_settings(renumbered(self.settings, same))

    def _set_settings(self, settings: Settings) -> None:
        self.settings = settings
        self.settings_changed.emit()
        if self._shown.answer is None and not self.is_running:
            self._prepare()

    @property
    def prepared(self) -> Prepared | None:
        """The rows and columns to be fitted, or those of the answer."""
        return self._preview.prepared

    @property
    def prepared_as_chosen(self) -> Prepared | None:
        """The same where the present choices lead to it, which those of the answer need not."""
        if self.dataset is None or self.settings is None:
            return None
        return self._preview.prepared_by(self.dataset, self.settings)

    @property
    def preview_problem(self) -> GmmdeskError | None:
        """Why there is nothing to be fitted, if it is known."""
        return self._preview.problem

    def _prepare(self) -> None:
        """Show the chosen columns before anything is fitted."""
        if self.dataset is not None and self.settings is not None:
            self._preview.prepare(self.dataset, self.settings)

    # -- the fit -----------------------------------------------------------------------------

    @property
    def is_running(self) -> bool:
        return self._fits.is_running

    @property
    def is_replaying(self) -> bool:
        return self.fitting.is_replaying

    @property
    def progress(self) -> AnalysisProgress | None:
        """The state of the running fit."""
        return self._fits.progress

    @property
    def unfinished(self) -> Unfinished | None:
        """The running fit as it is now, where it has got anywhere."""
        return self._fits.unfinished

    @property
    def moment(self) -> AnalysisProgress | None:
        """The iteration that is shown and not the answer: of the running fit, or an earlier one."""
        return self.progress if self.is_running else self.timeline.clusters

    @property
    def history(self) -> Sequence[HistoryPoint]:
        """Every iteration of the running fit, or of the one that found the answer."""
        return self._fits.history

    @property
    def difference(self) -> Difference | None:
        """How the answer that is shown differs from the one before its fit, if there was one."""
        return self._fits.difference

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """The answers that led to the one that is shown."""
        return self._fits.attempts

    def elapsed(self) -> float:
        """Seconds that the running fit has taken, or the one that found the answer."""
        return self._fits.elapsed()

    def note_frame(self) -> None:
        """The views have drawn the last progress."""
        self.fitting.note_frame()

    def start_fit(self, *, remedy: Remedy | None = None, is_begun: bool = False) -> None:
        """Find clusters with the present choices; the answer there is comes back if it fails.

        A `remedy` is what the choices have just been changed for. Where the last change has begun
        it (`is_begun`), both are undone at once.
        """
        self._starting.anew(remedy, is_begun=is_begun)

    def start_fit_from(
        self, mixture: Parameters, said: str, *, goes_on: bool = False, **changes: Any
    ) -> None:
        """Fit the components of `mixture`, in the prepared columns, on from where they are.

        `said` tells what they are, as it goes on "started from ..."; the settings record it, and
        other `changes` of them in the same step. Whether that `goes_on` with a fit, see `Start`.
        """
        self._starting.from_given(mixture, said, goes_on=goes_on, **changes)

    def stop_fit(self) -> None:
        """Stop the fit; the state it has reached becomes the answer."""
        self.fitting.stop()

    def _end_fit_and(self, do: Callable[[], object]) -> None:
        """Stop the fit, if one runs, and `do` something once its state is the answer."""
        if not self.is_running:
            do()
            return
        # Later: a fit that is dropped ends while another table takes the place of its own.
        self.run_ended.connect(
            lambda: QTimer.singleShot(0, do), Qt.ConnectionType.SingleShotConnection
        )
        self.stop_fit()

    def _return_to(self, answer: Answer | None, analysis: Analysis | None = None) -> None:
        """Show an earlier answer, or the columns as they were before there was one."""
        self._shown.show(answer, analysis)
        if answer is None:
            self._prepare()

    # -- the answer --------------------------------------------------------------------------

    @property
    def analysis(self) -> Analysis | None:
        """The answer that is shown."""
        return self._shown.analysis

    @property
    def analysis_as_shown(self) -> Analysis | None:
        """The same with what the user made of it: colours, shapes, and what counts as an outlier.

        And with what halves of the rows said, once all were looked at, or that they still are.
        """
        if self.analysis is None:
            return None
        return self.analysis.changed(
            colors=self.colors,
            signs=self.signs,
            resampled=self.checking.settled,
            is_being_checked=self.checking.is_running,
            outlier_level=self.outlier_level,
        )

    @property
    def outlier_level(self) -> float:
        """The share of a cluster's rows that should lie as far out as an outlier, or farther."""
        return self._shown.outlier_level

    @property
    def is_bringing_back(self) -> bool:
        """Whether there is an answer whose rows are being computed again."""
        return self._shown.answer is not None and self.analysis is None

    @property
    def n_clusters(self) -> int:
        """How many clusters the views show now."""
        if self.analysis is not None:
            return self.analysis.n_clusters
        return self.progress.n_components if self.progress is not None else 0

    @property
    def names(self) -> tuple[str, ...]:
        """The clusters' names, as the user or the program gave them."""
        return self._shown.names(self.n_clusters)

    @property
    def suggested_names(self) -> tuple[str, ...]:
        """Those of the names that the program has suggested, and nobody typed."""
        return self._shown.suggested

    @property
    def colors(self) -> tuple[str, ...]:
        """The clusters' colours, "#RRGGBB", as the user or the program gave them."""
        return self._shown.colors(self.n_clusters)

    @property
    def signs(self) -> tuple[int, ...]:
        """Which of the program's shapes, and colours unless it has its own, each cluster has."""
        return self._shown.signs(self.n_clusters)

    @property
    def part_signs(self) -> tuple[int, ...]:
        """Those of the components: of their clusters."""
        return self._shown.part_signs(self.n_clusters)

    @property
    def part_names(self) -> tuple[str, ...]:
        """What the components are called: several may be one cluster."""
        return self._shown.part_names(self.n_clusters)

    @property
    def component_names(self) -> tuple[str, ...]:
        """What components are told apart by, whatever clusters they make up: a name or a number."""
        return self._shown.component_names()

    @property
    def part_colors(self) -> tuple[str, ...]:
        """The colours of the components, "#RRGGBB": those of their clusters."""
        return self._shown.part_colors(self.n_clusters)

    def set_current_cluster(self, index: int | None, beside: Collection[int] = ()) -> None:
        """Highlight a cluster in every view, with others `beside` it, or none."""
        if index is not None and not 0 <= index < self.n_clusters:
            index = None
        chosen = frozenset() if index is None else frozenset((index, *beside))
        if (index, chosen) != (self.current_cluster, self.chosen_clusters):
            self.current_cluster, self.chosen_clusters = index, chosen
            self.current_cluster_changed.emit()

    def _on_shown_analysis_changed(self) -> None:
        self.diagnosis = None
        self.timeline.show_answer(self.analysis)
        self.set_current_cluster(None)
        if self.analysis is not None:
            self._preview.show_answer(self.analysis)
        answer = self._shown.answer
        finding = None if answer is None else answer.finding
        self.checking.show(finding, self.analysis)
        self.number_testing.show(finding, self.analysis)
        self.analysis_changed.emit()

    def _on_shown_failed(self, error: BaseException) -> None:
        self._prepare()
        self.problem_raised.emit(error)

    # -- files -------------------------------------------------------------------------------

    def export(self, path: Path, *, as_input: bool = False, selected: bool = False) -> None:
        """Write the answer to `path` in the background; see `Files.export_rows`.

        With the rows that are `selected` alone, if so asked.
        """
        analysis, found = self.analysis_as_shown, self.diagnosis
        if analysis is None:
            return
        if found is not None and found.outliers.level != analysis.outlier_level:
            found = None  # the outliers are being looked for anew
        if found is not None:
            found = replace(found, resampled=analysis.resampled)
        part, rows = None, self.selection.rows
        if selected and rows is not None:
            from gmmdesk.analysis.selected import only_rows

            part = partial(only_rows, analysis, rows)
        self.files.export_rows(
            analysis, self.names, path, as_input=as_input, part=part, found=found
        )

    def close(self) -> None:
        """Stop everything that runs; no thread outlives the document."""
        self.closed.emit()
        self._fits.close()
        self.checking.close()
        self.number_testing.close()
        self._shown.close()
        self.files.close()
        self._preview.close()
        self.edits.close()
        self._readings.close()
        self.selection.close()
        self.timeline.pause()
        self.commands.clear()  # while their stack is there: collected before it, they crash it
