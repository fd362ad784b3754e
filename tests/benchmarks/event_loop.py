"""An event loop that is watched: how long until something is so, and how long it stood still."""

from __future__ import annotations

import itertools
import resource
import statistics
import time
from pathlib import Path


class Loop:
    """The event loop, with a timer that should beat every 5 ms."""

    def __init__(self, application) -> None:
        from PySide6.QtCore import Qt, QTimer

        self.application = application
        self.beats: list[float] = []
        self._beat = QTimer(interval=5, timerType=Qt.TimerType.PreciseTimer)
        self._beat.timeout.connect(lambda: self.beats.append(time.perf_counter()))
        self._beat.start()

    def until(self, reached) -> None:
        from PySide6.QtCore import QEventLoop, QTimer

        loop = QEventLoop()
        poll = QTimer(interval=1)
        poll.timeout.connect(lambda: loop.quit() if reached() else None)
        poll.start()
        loop.exec()

    def idle(self, milliseconds: int = 300) -> None:
        end = time.perf_counter() + milliseconds / 1000.0
        self.until(lambda: time.perf_counter() >= end)

    def gap(self) -> float:
        return max((b - a for a, b in itertools.pairwise(self.beats)), default=0.0)

    def phase(self, name: str, begin, first, last) -> None:
        """What `begin` takes until `first`, and until `last`, are so."""
        self.idle()
        self.beats.clear()
        began = time.perf_counter()
        begin()
        self.until(first)
        self.application.processEvents()
        took = time.perf_counter() - began
        self.until(last)
        whole = time.perf_counter() - began
        print(
            f"{name:34s} {1000 * took:7.0f} ms, settled after {1000 * whole:5.0f} ms,"
            f" largest gap {1000 * self.gap():3.0f} ms"
        )

    def frames(self, name: str, moves, settled=lambda: True) -> None:
        self.until(settled)
        self.idle()
        paints, processor = [], []
        for move in moves:
            began, thread_began = time.perf_counter(), time.thread_time()
            move()
            self.application.processEvents()
            paints.append(1000 * (time.perf_counter() - began))
            processor.append(1000 * (time.thread_time() - thread_began))
            self.idle(12)
        self.until(settled)
        print(
            f"{name:34s} {statistics.median(paints):7.1f} ms a frame"
            f" (best {min(paints):.1f}, worst {max(paints):.1f};"
            f" processor {statistics.median(processor):.1f})"
        )


def resident() -> float:
    """Megabytes of memory in use now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1e6
