"""From choices to clusters: a fit, and the answer that comes of it, or the one before it again."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject, Signal

from gmmdesk.session.answer import Answer, HistoryPoint
from gmmdesk.session.past import State, completed
from gmmdesk.task import Task
from gmmdesk.ui.commands import Commands, Moment
from gmmdesk.ui.contents import Contents
from gmmdesk.ui.fitting import Fitting
from gmmdesk.ui.preview import Preview
from gmmdesk.ui.shown_answer import ShownAnswer
from gmmdesk.ui.text import count

if TYPE_CHECKING:  # these import numpy, scipy and pyarrow: not before the window is up
    from gmmdesk.analysis.analysis import Analysis, AnalysisProgress
    from gmmdesk.analysis.attempts import Attempt
    from gmmdesk.analysis.difference import Difference
    from gmmdesk.analysis.remedies import Remedy
    from gmmdesk.analysis.settings import Settings
    from gmmdesk.data.dataset import Dataset
    from gmmdesk.engine import Resampled


class Unfinished(NamedTuple):
    """A fit that runs, at one moment, and the answer before it.

    It `is_begun` by the last change, with which it is one step.
    """

    dataset: Dataset
    settings: Settings
    progress: AnalysisProgress
    history: Sequence[HistoryPoint]
    elapsed: float
    before: Answer | None
    former: Analysis | None
    is_begun: bool = False

    @property
    def stage(self) -> tuple[object, ...]:
        """Differs where there is something else to be kept."""
        search = self.progress.search
        if search is None or search.best is not None:
            return () if search is None else (search.best, len(search.tried))
        return search.spec, search.fit.restart, search.fit.iteration

    def kept_in(self, contents: Contents, task: Task) -> Contents:
        """What there is to be saved, with what was found so far as its answer.

        Not on the UI thread: every row is looked at. Raises Cancelled.
        """
        from gmmdesk.analysis.analyse import found_so_far

        analysis = found_so_far(
            self.dataset, self.settings, self.progress, self._course(), task=task, n_threads=1
        )
        answer = Answer.after(self.before, self.former, analysis, self.history, self.elapsed)
        past = contents.past
        if past is not None:
            state = State(contents.settings, answer, contents.dataset.options)
            if self.is_begun:
                past = past.completed_by(state, _found(analysis))
            else:
                past = past.followed_by(_told(analysis), state)
        return contents._replace(answer=answer, past=past, resampled=None)

    def _course(self) -> list[float]:
        """The log-likelihoods of the fit under way; other starts, other fits lie in between."""
        now = self.progress.scaled
        own = {
            point.iteration: point.log_likelihood
            for point in self.history
            if (point.candidate, point.restart) == (self.progress.candidate, now.restart)
        }
        return [own[i] for i in range(1, now.iteration + 1) if i in own]


class Fits(QObject):
    """Finds clusters, one fit at a time; what is `shown` makes room for it, and comes back.

    Signals: `started`, `progressed`; then, unless it is dropped, `came_to_nothing(answer,
    analysis)` with those before it where there is none, and `ended` in any case; after it `failed`
    where an error was the reason, `followed(former)` where there was an analysis before the new
    one. A new answer is a step of `commands`, which can be undone.
    """

    started = Signal()
    progressed = Signal()
    came_to_nothing = Signal(object, object)
    ended = Signal()
    followed = Signal(object)
    failed = Signal(object)

    def __init__(
        self,
        shown: ShownAnswer,
        preview: Preview,
        commands: Commands,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._shown = shown
        self._preview = preview
        self._commands = commands
        self._before: tuple[Answer | None, Analysis | None] = (None, None)
        self._of: tuple[Dataset, Settings] | None = None  # what is fitted
        self._begun: Moment | None = None
        self._attempts: tuple[Attempt, ...] = ()
        self.fitting = Fitting(self)
        self.fitting.progressed.connect(self._on_fitting_progressed)
        self.fitting.finished.connect(self._on_fitting_finished)
        self.fitting.failed.connect(self._on_fitting_failed)
        self.fitting.cancelled.connect(self._on_fitting_cancelled)

    @property
    def is_running(self) -> bool:
        return self.fitting.is_running

    @property
    def progress(self) -> AnalysisProgress | None:
        """The state of the running fit."""
        return self.fitting.progress if self.is_running else None

    @property
    def unfinished(self) -> Unfinished | None:
        """The running fit as it is now, where it has got anywhere."""
        progress = self.progress
        if self._of is None or progress is None or progress.search is None:
            return None
        elapsed, history = self.elapsed(), tuple(self.history)
        is_begun = self._begun is not None and self._begun is self._commands.here
        return Unfinished(*self._of, progress, history, elapsed, *self._before, is_begun)

    @property
    def history(self) -> Sequence[HistoryPoint]:
        """Every iteration of the running fit, or of the one that found the answer."""
        answer = self._shown.answer
        return answer.history if answer is not None else self.fitting.history

    def elapsed(self) -> float:
        """Seconds that the running fit has taken, or the one that found the answer."""
        answer = self._shown.answer
        return answer.elapsed if answer is not None else self.fitting.elapsed()

    @property
    def kept_answer(self) -> Answer | None:
        """The answer that is shown; while a fit runs, the one before it."""
        return self._before[0] if self.is_running else self._shown.answer

    @property
    def difference(self) -> Difference | None:
        """How the answer that is shown differs from the one before its fit, if there was one."""
        answer = self._shown.answer
        return None if answer is None or answer.grouping is not None else answer.difference

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """The answers that led to the one that is shown, however its components are combined."""
        answer = self._shown.answer
        return () if answer is None or answer.difference is None else answer.difference.attempts

    def start(
        self,
        dataset: Dataset,
        settings: Settings,
        *,
        halves: Resampled | None = None,
        remedy: Remedy | None = None,
        is_begun: bool = False,
    ) -> None:
        """Find clusters; the answer there is comes back if that fails.

        The last change is undone with it where that has begun it (`is_begun`), and if that fails.

        What is found will be compared with that answer, by `halves` of the rows too as far as these
        were checked; a `remedy` is being tried on it.
        """
        self._preview.cancel()
        self._attempts = self._with_present(settings, halves, remedy)
        self._before = (self._shown.answer, self._shown.analysis)
        self._of = dataset, settings
        self._begun = self._commands.here if is_begun else None
        self._shown.show(None)
        self.fitting.start(dataset, settings, self._preview.prepared_by(dataset, settings))
        self.started.emit()

    def _with_present(
        self, settings: Settings, halves: Resampled | None, remedy: Remedy | None
    ) -> tuple[Attempt, ...]:
        """The answers until now, that which is shown included, before a fit by `settings`."""
        present, before = self._shown.analysis, self.attempts
        if present is None:
            return ()
        from gmmdesk.analysis import is_prepared_alike
        from gmmdesk.analysis.attempts import Attempt, with_others

        if remedy is None and not is_prepared_alike(present.settings, settings):
            before = with_others(before)
        return (*before, Attempt.of(present, halves, remedy))

    def drop(self) -> None:
        """Take no more interest in the fit, nor in the answer before it."""
        was_running = self.is_running
        self.fitting.drop()
        self._before, self._of, self._begun = (None, None), None, None
        if was_running:
            self.ended.emit()

    def close(self) -> None:
        self.fitting.close()

    def _on_fitting_progressed(self) -> None:
        assert self.progress is not None
        self._preview.show(self.progress.prepared, source=self._of)
        self.progressed.emit()

    def _on_fitting_finished(self, analysis: Analysis) -> None:
        (before, former), self._before, self._of = self._before, (None, None), None
        history, elapsed = self.fitting.history, self.fitting.elapsed()
        answer = Answer.after(before, former, analysis, history, elapsed)
        if before is not None and former is not None:
            from gmmdesk.analysis.difference import Difference

            difference = Difference.of(former, before.names(), analysis, self._attempts)
            answer = answer._replace(difference=difference)
        show = partial(self._shown.show, answer, analysis)
        begun, self._begun = self._begun, None
        self._commands.complete(begun, _told(analysis), show, _found(analysis))
        self.ended.emit()
        if former is not None:
            self.followed.emit(former)

    def _on_fitting_failed(self, error: BaseException) -> None:
        self._on_fitting_cancelled()
        self.failed.emit(error)

    def _on_fitting_cancelled(self) -> None:
        before, begun = self._before, self._begun
        self._before, self._of, self._begun = (None, None), None, None
        self.came_to_nothing.emit(*before)
        if begun is not None and begun is self._commands.here:
            self._commands.go_to(self._commands.stack.index() - 1)
        self.ended.emit()


def _told(analysis: Analysis) -> str:
    """What was done, told apart from other fits in the history."""
    return completed("finding clusters", _found(analysis))


def _found(analysis: Analysis) -> str:
    """What came of a fit."""
    found = f"{count(analysis.n_clusters, 'cluster')} of shape {analysis.result.model}"
    rows = count(len(analysis.prepared.fitted_rows), "row")
    stopped = ", stopped early" * analysis.stopped_early
    return f"{found} in {rows}{stopped}"
