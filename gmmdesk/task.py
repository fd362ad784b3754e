"""How long work tells how far it is, and how it is stopped."""

from __future__ import annotations

import threading

from gmmdesk.errors import Cancelled


class Task:
    """The two-way line between long work and whoever waits for it.

    The worker calls `step` often (at least every 50 ms of its work); the other side reads
    `fraction` and `what` whenever it likes and may `cancel`, after which the work may still hand
    over what it has, or `abandon`, after which nobody wants that. Safe between threads: each
    attribute is replaced as a whole.
    """

    def __init__(self) -> None:
        self.fraction: float | None = None  # 0..1, None while it cannot be known
        self.what = ""
        self._cancelled = threading.Event()
        self._abandoned = threading.Event()
        self._free = threading.Event()
        self._free.set()

    def step(self, fraction: float | None = None, what: str | None = None) -> None:
        """Note how far the work is; raises `Cancelled` once `cancel` was called."""
        if self.checkpoint():
            raise Cancelled
        if fraction is not None:
            self.fraction = min(1.0, max(0.0, fraction))
        if what is not None:
            self.what = what

    def checkpoint(self) -> bool:
        """Wait while the work is on hold; whether it has been cancelled."""
        self._free.wait()
        return self._cancelled.is_set()

    def hold(self) -> None:
        """Let the work wait at its next step, so that the interpreter is free for a frame."""
        if not self._cancelled.is_set():
            self._free.clear()

    @property
    def held(self) -> bool:
        return not self._free.is_set()

    def release(self) -> None:
        """Let work on hold go on."""
        self._free.set()

    def cancel(self) -> None:
        self._cancelled.set()
        self.release()

    def abandon(self) -> None:
        self._abandoned.set()
        self.cancel()

    @property
    def abandoned(self) -> bool:
        return self._abandoned.is_set()

    @property
    def cancelled(self) -> bool:
        return self._cancelled.is_set()
