"""From a run on its thread to Qt signals on the UI thread."""

from __future__ import annotations

import time
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from gmmdesk.run import Run, State
from gmmdesk.ui.background import STARTS_AFTER_MS

BEATS_PER_SECOND = 11
_HOLD_MS = 25  # at most, from a beat until its frame is being painted
_PARTS = 18  # of the time, of which a frame may take one from the run


class RunBridge(QObject):
    """Watches a run with a timer, so that fast work never floods the event loop.

    With `holds` the run pauses while a frame is made of its progress, until `release`: each of the
    hundreds of Qt calls in a frame gives up the interpreter, and would wait for the run to hand
    it back. The longer a frame takes, the later is the next.

    Signals: `progressed(list)` with everything new since the last beat, oldest first; then exactly
    one of `finished(outcome)`, `failed(error)` and `cancelled()`. `ticked` on every beat.
    """

    ticked = Signal()
    progressed = Signal(object)
    finished = Signal(object)
    failed = Signal(object)
    cancelled = Signal()

    def __init__(
        self, run: Run[Any, Any], parent: QObject | None = None, *, holds: bool = False
    ) -> None:
        super().__init__(parent)
        self._holds = holds
        self.run = run
        self._is_abandoned = False
        self._held_at: float | None = None
        self._due_at = 0.0  # before, no frame is made
        self._release = QTimer(self)
        self._release.setSingleShot(True)
        self._release.setInterval(_HOLD_MS)
        self._release.timeout.connect(self.release)
        self._start = QTimer(self, singleShot=True, interval=STARTS_AFTER_MS)
        self._start.timeout.connect(run.start)
        self._timer = QTimer(self)
        self._timer.setInterval(1000 // BEATS_PER_SECOND)
        self._timer.timeout.connect(self._on_timer_timeout)

    def start(self) -> None:
        """Start the run once what is being shown now is painted, with which it would take turns."""
        self._start.start()
        self._timer.start()

    def release(self) -> None:
        """Let the run go on: the frame is made."""
        self._release.stop()
        self.run.task.release()
        if self._held_at is not None:
            self._due_at = self._held_at + _PARTS * (time.perf_counter() - self._held_at)
            self._held_at = None

    def abandon(self) -> None:
        """Take no more interest in the run, and stop it."""
        self._is_abandoned = True
        self.run.abandon()

    def close(self) -> None:
        """Stop the run and wait for its thread to end; no signal follows."""
        for timer in (self._start, self._timer, self._release):
            timer.stop()
        self.run.abandon()
        self.run.join()

    def _on_timer_timeout(self) -> None:
        if not self.run.ended and time.perf_counter() < self._due_at:
            self.ticked.emit()
            return
        if self._holds and not self.run.ended:
            self.run.task.hold()
            self._held_at = time.perf_counter()
            self._release.start()
        ended = self.run.ended  # read first: what is taken below is then complete
        new = self.run.take()
        if not new:  # no frame will come
            self.release()
        if not self._is_abandoned:
            if new:
                self.progressed.emit(new)
            self.ticked.emit()
        if ended and self._timer.isActive():
            self._timer.stop()
            self.release()
            self.run.join()
            if not self._is_abandoned:
                self._announce_end()
            self.deleteLater()

    def _announce_end(self) -> None:
        if self.run.state is State.FINISHED:
            self.finished.emit(self.run.outcome)
        elif self.run.state is State.FAILED:
            self.failed.emit(self.run.error)
        else:
            self.cancelled.emit()


def close_bridges(parent: QObject) -> None:
    """Stop all runs that `parent` still has, abandoned ones too, and wait for their threads."""
    for bridge in parent.findChildren(RunBridge):
        bridge.close()
