"""Mapping a function over chunks of rows: in order, on threads, until the user stops it."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from functools import cache
from itertools import islice
from types import ModuleType
from typing import Protocol, Self, TypeVar

import scipy
from threadpoolctl import ThreadpoolController

from gmmdesk.errors import Cancelled

A = TypeVar("A")
B = TypeVar("B")


class ChunkMap(Protocol):
    """What carries out a pass: applies a function to items and yields the results in order.

    May raise Cancelled between items. The function is safe to call from several threads; at most
    `n_threads` of this process do, each with one more item waiting for it.
    """

    n_threads: int

    def __call__(self, function: Callable[[A], B], items: Sequence[A]) -> Iterator[B]: ...


def look_up(chunk_map: ChunkMap) -> None:
    """Raise Cancelled if the chunk map says so."""
    for _ in chunk_map(bool, (0,)):
        pass


def n_cores() -> int:
    """The cores this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS and Windows
        return os.cpu_count() or 1


class ThreadedMap:
    """A ChunkMap on `n_threads` threads (default: one for each core); a context manager.

    `cancelled` is asked before every item; when it answers True, Cancelled is raised, after the
    items under way have ended. Threads are started when first needed and gone after `close`.
    """

    def __init__(
        self, n_threads: int | None = None, cancelled: Callable[[], bool] = lambda: False
    ) -> None:
        self.n_threads = n_threads or n_cores()
        self._cancelled = cancelled
        self._executor: ThreadPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """End the threads; the map may be used again and then starts new ones."""
        if self._executor is not None:
            self._executor.shutdown()
            self._executor = None

    def __call__(self, function: Callable[[A], B], items: Sequence[A]) -> Iterator[B]:
        if self.n_threads == 1 or len(items) < 2:
            for item in items:
                self._check()
                yield function(item)
            return
        if self._executor is None:
            self._executor = ThreadPoolExecutor(self.n_threads, thread_name_prefix="engine")
        waiting = iter(items)
        running: deque[Future[B]] = deque()
        try:
            # Two items for each thread keep all of them busy while few are in flight.
            for item in islice(waiting, 2 * self.n_threads):
                self._check()
                running.append(self._executor.submit(function, item))
            while running:
                result = running[0].result()
                running.popleft()
                self._check()
                for item in islice(waiting, 1):
                    running.append(self._executor.submit(function, item))
                yield result
        finally:
            for future in running:
                future.cancel()
            wait(running)

    def _check(self) -> None:
        if self._cancelled():
            raise Cancelled


class _SerialBlas:
    """Holds BLAS to one thread while at least one fit runs: the chunks are what runs in parallel.

    The setting is of the whole process, so overlapping fits share one change of it. The libraries
    are looked for by the first fit, and once more when scipy's is loaded: that takes longer than
    fitting a few thousand rows.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._libraries: ThreadpoolController | None = None
        self._limits = ExitStack()  # restores the former settings

    @contextmanager
    def __call__(self) -> Iterator[None]:
        with self._lock:
            if self._users == 0:
                self._hold()
            self._users += 1
        try:
            yield
        finally:
            with self._lock:
                self._users -= 1
                if self._users == 0:
                    self._limits.close()

    def look_again(self) -> None:
        """Hold libraries too that were loaded since the first fit."""
        with self._lock:
            self._libraries = None
            if self._users:
                self._hold()

    def _hold(self) -> None:
        self._libraries = self._libraries or ThreadpoolController()
        self._limits.enter_context(self._libraries.limit(limits=1, user_api="blas"))


serial_blas = _SerialBlas()


@cache
def lapack() -> ModuleType:
    """scipy's LAPACK, loaded when it is first asked for: that takes as long as many fits.

    With threads of its own a call for a small matrix takes up to a hundred times as long.
    """
    module: ModuleType = scipy.linalg.lapack
    serial_blas.look_again()
    return module


@contextmanager
def running(chunk_map: ChunkMap | None) -> Iterator[ChunkMap]:
    """The map to use: the caller's, which the caller closes, or one on all cores for this block."""
    with serial_blas():
        if chunk_map is not None:
            yield chunk_map
        else:
            with ThreadedMap() as own:
                yield own
