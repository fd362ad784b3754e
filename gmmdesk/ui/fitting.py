"""One fit at a time on its thread, and the replay of one too quick to follow."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from gmmdesk.run import Run
from gmmdesk.session.answer import HistoryPoint
from gmmdesk.task import Task
from gmmdesk.ui.replay import BELOW_SECONDS, Replay
from gmmdesk.ui.run_bridge import RunBridge, close_bridges

if TYPE_CHECKING:
    from gmmdesk.analysis.analysis import Analysis, AnalysisProgress
    from gmmdesk.analysis.cells import Cells
    from gmmdesk.analysis.settings import Settings
    from gmmdesk.data.dataset import Dataset
    from gmmdesk.data.prepare import Prepared


class Fitting(QObject):
    """Runs an analysis; `progress` and `history` tell how far it is.

    Signals: `progressed`; then, unless it is dropped, exactly one of `finished(Analysis)`,
    `failed(BaseException)` and `cancelled`.
    """

    progressed = Signal()
    finished = Signal(object)
    failed = Signal(object)
    cancelled = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.replays = True  # whether a fit too quick to follow is shown again, slower
        self.progress: AnalysisProgress | None = None
        self.history: list[HistoryPoint] = []  # another list for every fit; only grows
        self._cells: Cells | None = None
        self._bridge: RunBridge | None = None
        self._replay: Replay | None = None
        self._started_at = 0.0
        self._elapsed = 0.0

    @property
    def is_running(self) -> bool:
        return self._bridge is not None or self._replay is not None

    @property
    def is_replaying(self) -> bool:
        """Whether the answer is there, and how it was found is shown again."""
        return self._replay is not None

    def elapsed(self) -> float:
        """Seconds that the present or last fit has taken."""
        return time.monotonic() - self._started_at if self._bridge is not None else self._elapsed

    def start(self, dataset: Dataset, settings: Settings, prepared: Prepared | None = None) -> None:
        """Fit, in the rows as they are `prepared` where they are already."""
        from gmmdesk.analysis.cells import Cells

        cells = self._cells = self._cells or Cells()
        kept = cells.of(dataset, settings)

        def work(task: Task) -> Generator[AnalysisProgress, None, Analysis]:
            from gmmdesk.analysis import analyse

            return (yield from analyse(dataset, settings, prepared=prepared, kept=kept, task=task))

        self.progress, self.history = None, []
        self._started_at = time.monotonic()
        bridge = RunBridge(Run(work, "fit"), self, holds=True)
        self._bridge = bridge
        bridge.progressed.connect(self._on_bridge_progressed)
        bridge.finished.connect(self._on_bridge_finished)
        bridge.failed.connect(self._on_bridge_failed)
        bridge.cancelled.connect(self._on_bridge_cancelled)
        bridge.start()

    def stop(self) -> None:
        """Stop; the state that was reached becomes the answer."""
        if self._replay is not None:
            self._replay.finish()
        elif self._bridge is not None:
            self._bridge.run.cancel()

    def drop(self) -> None:
        """Stop, and take no more interest in the answer nor in the table."""
        if self._replay is not None:
            self._replay.drop()
        if self._bridge is not None:
            self._bridge.abandon()
        self._forget()
        self._replay = self._cells = None

    def led(self, analysis: Analysis) -> Analysis:
        """An answer with the iterations that led to it, where fits since have had them."""
        return analysis if self._cells is None else self._cells.led(analysis)

    def note_frame(self) -> None:
        """The views have drawn what was last progressed: the fit need not wait for them."""
        if self._bridge is not None:
            self._bridge.release()

    def close(self) -> None:
        """Drop the fit and wait for its thread, and those of fits dropped before, to end."""
        self.drop()
        close_bridges(self)

    def _forget(self) -> None:
        self._elapsed = self.elapsed()
        self._bridge = None
        self.progress, self.history = None, []

    def _on_bridge_progressed(self, new: list[AnalysisProgress]) -> None:
        self.progress = new[-1]
        self.history.extend(_history(new))
        self.progressed.emit()

    def _on_bridge_finished(self, analysis: Analysis) -> None:
        if self._cells is not None:
            analysis = self._cells.keep(analysis)
        self._elapsed = self.elapsed()
        self._bridge = None
        quick = self._elapsed < BELOW_SECONDS and not analysis.stopped_early
        if self.replays and quick and len(analysis.trail) > 1:
            self._start_replay(analysis)
        else:
            self.finished.emit(analysis)

    def _start_replay(self, analysis: Analysis) -> None:
        history = self.history

        def show(trail: tuple[AnalysisProgress, ...]) -> None:
            self.progress = trail[-1]
            self.history = _history(trail)
            self.progressed.emit()

        def end() -> None:
            self._replay = None
            self.history = history
            self.finished.emit(analysis)

        self._replay = Replay(analysis.trail, self)
        self._replay.shown.connect(show)
        self._replay.ended.connect(end)
        self._replay.start()

    def _on_bridge_failed(self, error: BaseException) -> None:
        self._forget()
        self.failed.emit(error)

    def _on_bridge_cancelled(self) -> None:
        self._forget()
        self.cancelled.emit()


def _history(progress: Iterable[AnalysisProgress]) -> list[HistoryPoint]:
    return [
        HistoryPoint(
            one.candidate,
            one.scaled.restart,
            one.scaled.iteration,
            one.log_likelihood,
            one.scaled.n_sampled,
        )
        for one in progress
    ]
