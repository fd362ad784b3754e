"""Short computations off the UI thread, of which only the newest matters."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, NamedTuple

from PySide6.QtCore import QObject, Qt, Signal


class _Job(NamedTuple):
    number: int
    compute: Callable[[], Any]
    apply: Callable[[Any], object]


class _Outcome(NamedTuple):
    job: _Job
    result: Any
    error: BaseException | None


class _Mailbox(QObject):
    """Carries outcomes to the UI thread; the thread holds it, so it never dangles."""

    arrived = Signal(object)


class _Queue:
    """One job running, at most one waiting. Shared by the worker and its thread."""

    def __init__(self) -> None:
        self.mailbox = _Mailbox()
        self._lock = threading.Lock()
        self._waiting: _Job | None = None
        self._thread: threading.Thread | None = None
        self._closed = False

    def put(self, job: _Job) -> bool:
        """Let `job` wait in place of whatever waited; returns whether it is going to run."""
        with self._lock:
            if self._closed:
                return False
            self._waiting = job
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._work, name="gmmdesk-background", daemon=True
                )
                self._thread.start()
            return True

    def clear(self) -> None:
        with self._lock:
            self._waiting = None

    def close(self) -> None:
        with self._lock:
            self._closed = True
            self._waiting = None
            thread = self._thread
        if thread is not None:
            thread.join()

    def _work(self) -> None:
        while True:
            with self._lock:
                job, self._waiting = self._waiting, None
                if job is None:
                    self._thread = None
                    return
            try:
                outcome = _Outcome(job, job.compute(), None)
            except BaseException as error:
                outcome = _Outcome(job, None, error)
            self.mailbox.arrived.emit(outcome)
            del job, outcome  # what they hold shall not live until the next job


class LatestWorker(QObject):
    """Runs computations on a thread, one at a time; of those waiting only the newest is kept.

    The thread exists only while there is work. A finished computation is applied even if a newer
    one waits, so that a steady stream of requests still shows something.
    Signals, on the UI thread: `failed(BaseException)` for an error in `compute`; `became_idle` when
    the newest computation was applied, has failed or was cancelled.
    """

    failed = Signal(object)
    became_idle = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._newest = 0  # number of the job submitted last
        self._finished = 0  # number of the last one that was reported
        self._cancelled = 0  # jobs up to this number are of no interest any more
        self._queue = queue = _Queue()
        queue.mailbox.arrived.connect(self._on_mailbox_arrived, Qt.ConnectionType.QueuedConnection)
        self.destroyed.connect(lambda _object: queue.close())

    @property
    def is_busy(self) -> bool:
        return max(self._finished, self._cancelled) < self._newest

    def submit(self, compute: Callable[[], Any], apply: Callable[[Any], object]) -> None:
        """Call `apply(compute())`: `compute`, over frozen values, on the thread, `apply` here."""
        job = _Job(self._newest + 1, compute, apply)
        if self._queue.put(job):
            self._newest = job.number

    def cancel(self) -> None:
        """Forget what waits and what runs: neither is applied nor reported."""
        self._queue.clear()
        was_busy = self.is_busy
        self._cancelled = self._newest
        if was_busy:
            self.became_idle.emit()

    def close(self) -> None:
        """Take no more work, forget what there is, and wait for the thread to end."""
        self._queue.close()
        self._cancelled = self._newest

    def _on_mailbox_arrived(self, outcome: _Outcome) -> None:
        job, result, error = outcome
        if job.number <= self._cancelled:
            return
        self._finished = job.number
        if error is not None:
            self.failed.emit(error)
        else:
            job.apply(result)
        if not self.is_busy:
            self.became_idle.emit()


class ImmediateWorker(LatestWorker):
    """Computes at once and here, for pictures that must be complete when they are asked for."""

    def submit(self, compute: Callable[[], Any], apply: Callable[[Any], object]) -> None:
        apply(compute())
