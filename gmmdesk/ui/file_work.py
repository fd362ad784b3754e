"""Reading and writing files in the background, one at a time."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

from PySide6.QtCore import QObject, Signal

from gmmdesk.run import Run
from gmmdesk.task import Task
from gmmdesk.ui.run_bridge import RunBridge, close_bridges


class FileWork(QObject):
    """Runs one call on a thread; a newer one supersedes it.

    Signals: `started(str)` with what is done, `progressed(object)` on every beat with the fraction
    done or None, `ended` however it ended, and before the outcome is handed over; `failed(error)`.
    """

    started = Signal(str)
    progressed = Signal(object)
    ended = Signal()
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge: RunBridge | None = None

    @property
    def is_running(self) -> bool:
        return self._bridge is not None

    def begin(self, what: str, call: Callable[[Task], Any], done: Callable[[Any], object]) -> None:
        """Do `call(task)` on a thread, then `done(outcome)` here; `what` tells the user."""
        if self._bridge is not None:
            self._bridge.abandon()
            self._end()

        def work(task: Task) -> Generator[None, None, Any]:
            yield from ()
            return call(task)

        def finish(outcome: Any) -> None:
            self._end()
            done(outcome)

        def fail(error: BaseException) -> None:
            self._end()
            self.failed.emit(error)

        bridge = RunBridge(Run(work, "file"), self)
        self._bridge = bridge
        bridge.ticked.connect(lambda: self.progressed.emit(bridge.run.task.fraction))
        bridge.finished.connect(finish)
        bridge.failed.connect(fail)
        bridge.cancelled.connect(self._end)
        bridge.start()
        self.started.emit(what)

    def cancel(self) -> None:
        """Stop; what was written so far is removed."""
        if self._bridge is not None:
            self._bridge.run.cancel()

    def close(self) -> None:
        """Stop and wait for the thread, and those of superseded work, to end."""
        self._bridge = None
        close_bridges(self)

    def _end(self) -> None:
        self._bridge = None
        self.ended.emit()
