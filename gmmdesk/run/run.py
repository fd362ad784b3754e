"""One piece of work on one thread, watched and stopped from another. No Qt."""

from __future__ import annotations

import enum
import threading
from collections import deque
from collections.abc import Callable, Generator
from typing import Generic, TypeVar

from gmmdesk.errors import Cancelled
from gmmdesk.task import Task

Progress = TypeVar("Progress")
Outcome = TypeVar("Outcome")


class State(enum.Enum):
    """Where a run is; every state but the first two is final."""

    CREATED = enum.auto()
    RUNNING = enum.auto()
    FINISHED = enum.auto()
    FAILED = enum.auto()
    CANCELLED = enum.auto()


class Run(Generic[Progress, Outcome]):
    """Drains a generator on a worker thread.

    `work(task)` is a generator that yields frozen progress and returns a frozen outcome. The other
    side reads `state` and `task`, takes the progress it has not seen with `take`, and
    after the end reads `outcome` or `error`. `cancel` returns at once; the work ends when it next
    looks at the task, and either returns what it has (FINISHED) or nothing (CANCELLED).
    """

    def __init__(
        self, work: Callable[[Task], Generator[Progress, None, Outcome]], name: str = "work"
    ) -> None:
        self.task = Task()
        self.state = State.CREATED
        self.outcome: Outcome | None = None
        self.error: BaseException | None = None
        self._work = work
        self._unseen: deque[Progress] = deque()
        self._thread = threading.Thread(target=self._drain, name=f"gmmdesk-{name}", daemon=True)

    def start(self) -> None:
        """Begin; where the system gives no thread the run has failed."""
        self.state = State.RUNNING
        try:
            self._thread.start()
        except (RuntimeError, MemoryError) as error:
            self.error = error
            self.state = State.FAILED

    def cancel(self) -> None:
        self.task.cancel()

    def abandon(self) -> None:
        """Cancel, and have no use for what there is."""
        self.task.abandon()

    def join(self, timeout: float | None = None) -> bool:
        """Wait for the thread to end; returns whether it has."""
        if self._thread.ident is not None:
            self._thread.join(timeout)
        return not self._thread.is_alive()

    @property
    def ended(self) -> bool:
        return self.state not in (State.CREATED, State.RUNNING)

    def take(self) -> list[Progress]:
        """The progress that arrived since the last call, oldest first."""
        return [self._unseen.popleft() for _ in range(len(self._unseen))]

    def _drain(self) -> None:
        try:
            steps = self._work(self.task)
            while True:
                try:
                    progress = next(steps)
                except StopIteration as stop:
                    self.outcome = stop.value
                    break
                self._unseen.append(progress)
        except Cancelled:
            self.state = State.CANCELLED
        except BaseException as error:
            self.error = error
            self.state = State.FAILED
        else:
            self.state = State.FINISHED
