"""Short computations off the UI thread, of which only the newest matters."""

from __future__ import annotations

import threading
import weakref
from collections import deque
from collections.abc import Callable
from functools import cache
from queue import SimpleQueue
from typing import Any, NamedTuple

from PySide6.QtCore import QObject, Qt, QTimerEvent, Signal
from shiboken6 import isValid

from gmmdesk.task import Task

STARTS_AFTER_MS = 1  # Qt paints, and does all else that waits, before it looks at timers


class _Job(NamedTuple):
    number: int
    compute: Callable[[], Any]
    apply: Callable[[Any], object]
    task: Task | None = None


class _Outcome(NamedTuple):
    worker: weakref.ref[LatestWorker]
    job: _Job
    result: Any
    error: BaseException | None


class _Mailbox(QObject):
    """Carries jobs from the UI thread to others, and outcomes back.

    One for all workers, and never deleted: a thread must not hold a QObject that could be deleted
    under it, nor be the last to hold one.
    """

    arrived = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.arrived.connect(self._on_arrived, Qt.ConnectionType.QueuedConnection)
        self._outcomes: deque[_Outcome] = deque()
        self._timer = 0
        self._starts: list[Callable[[], None]] = []
        self._start_timer = 0

    def start(self, start: Callable[[], None]) -> None:
        """Call what starts a thread, once what is being shown now is painted.

        Its thread would take turns with that at the interpreter, and at the cores.
        """
        self._starts.append(start)
        self._start_timer = self._start_timer or self.startTimer(STARTS_AFTER_MS)

    def _on_arrived(self, outcome: _Outcome) -> None:
        # Not reported here: Qt delivers all that arrives before it looks at anything else, and what
        # several outcomes lead to at once would hold up the window. A timer lets it breathe.
        self._outcomes.append(outcome)
        self._timer = self._timer or self.startTimer(0)

    def timerEvent(self, event: QTimerEvent) -> None:
        self.killTimer(event.timerId())
        if event.timerId() == self._start_timer:
            starts, self._starts, self._start_timer = self._starts, [], 0
            for start in starts:
                starter().put(start)
            return
        outcome = self._outcomes.popleft()
        # Another one: while this event lasts, in a dialog it has opened, its own is not sent again.
        self._timer = self.startTimer(0) if self._outcomes else 0
        worker = outcome.worker()
        if worker is not None:
            worker.report(outcome.job, outcome.result, outcome.error)


@cache
def _mailbox() -> _Mailbox:
    return _Mailbox()


@cache
def starter() -> SimpleQueue[Callable[[], None]]:
    """What is put here starts a thread, and is called; it raises nothing.

    To start one is to wait until it runs: while others hold the interpreter, and the cores, for
    longer than a frame may take. So a thread of its own does that, one for all workers.
    """
    starts: SimpleQueue[Callable[[], None]] = SimpleQueue()

    def start() -> None:
        while True:
            starts.get()()

    threading.Thread(target=start, name="gmmdesk-starter", daemon=True).start()
    return starts


class _Queue:
    """One job running, at most one waiting. Shared by the worker and its thread."""

    def __init__(self, worker: LatestWorker) -> None:
        self._worker = weakref.ref(worker)
        self._mailbox = _mailbox()  # made here, on the UI thread
        self._lock = threading.Lock()
        self._waiting: _Job | None = None
        self._running: _Job | None = None
        self._is_begun = False  # whether there is a thread, or is going to be
        self._is_idle = threading.Event()  # whether there is no thread
        self._is_idle.set()
        self._closed = False

    def put(self, job: _Job) -> bool:
        """Let `job` wait in place of whatever waited; returns whether it is going to run."""
        with self._lock:
            if self._closed:
                return False
            self._waiting = job
            if not self._is_begun:
                self._is_begun = True
                self._mailbox.start(self._start)
            return True

    def clear(self) -> None:
        """Forget what waits, and stop what runs if it can be stopped."""
        with self._lock:
            self._waiting = None
            if self._running is not None and self._running.task is not None:
                self._running.task.abandon()

    def close(self) -> None:
        with self._lock:
            self._closed = True
        self.clear()
        self._is_idle.wait()

    def _start(self) -> None:
        """Start the thread; where the system gives none, that is what became of the job."""
        with self._lock:
            self._is_begun = self._waiting is not None
            if not self._is_begun:
                return
            self._is_idle.clear()
        try:
            threading.Thread(target=self._work, name="gmmdesk-background", daemon=True).start()
        except (RuntimeError, MemoryError) as error:
            with self._lock:
                job, self._waiting = self._waiting, None
                self._is_begun = False
                self._is_idle.set()
            if job is not None:
                self._mailbox.arrived.emit(_Outcome(self._worker, job, None, error))

    def _work(self) -> None:
        while True:
            with self._lock:
                job, self._waiting = self._waiting, None
                self._running = job
                if job is None:
                    self._is_begun = False
                    self._is_idle.set()
                    return
            try:
                outcome = _Outcome(self._worker, job, job.compute(), None)
            except BaseException as error:
                outcome = _Outcome(self._worker, job, None, error)
            self._mailbox.arrived.emit(outcome)
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
        self._queue = _Queue(self)

    @property
    def is_busy(self) -> bool:
        return max(self._finished, self._cancelled) < self._newest

    def submit(
        self,
        compute: Callable[[], Any],
        apply: Callable[[Any], object],
        task: Task | None = None,
    ) -> None:
        """Call `apply(compute())`: `compute`, over frozen values, on the thread, `apply` here.

        What takes long listens to a `task`, which is abandoned when this is cancelled or closed.
        """
        job = _Job(self._newest + 1, compute, apply, task)
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

    def report(self, job: _Job, result: Any, error: BaseException | None) -> None:
        """What became of a job; called by the mailbox."""
        if job.number <= self._cancelled or not isValid(self):
            return
        self._finished = job.number
        if error is not None:
            self.failed.emit(error)
        else:
            job.apply(result)
        if not self.is_busy:
            self.became_idle.emit()
