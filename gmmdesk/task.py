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

    def step(self, fraction: float | None = None, what: str | None = None) -> None:
        """Note how far the work is; raises `Cancelled` once `cancel` was called."""
        if self._cancelled.is_set():
            raise Cancelled
        if fraction is not None:
            self.fraction = min(1.0, max(0.0, fraction))
        if what is not None:
            self.what = what

    def cancel(self) -> None:
        self._cancelled.set()

    def abandon(self) -> None:
        self._abandoned.set()
        self._cancelled.set()

    @property
    def abandoned(self) -> bool:
        return self._abandoned.is_set()

    @property
    def cancelled(self) -> bool:
        return self._cancelled.is_set()
