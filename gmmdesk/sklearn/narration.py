"""What `verbose` prints: scikit-learn's lines."""

from __future__ import annotations

import time


class Narration:
    """The course of a fit on standard output: at verbosity 1, and at 2 with times and numbers."""

    def __init__(self, verbosity: int, interval: int) -> None:
        self._verbosity = int(verbosity)
        self._interval = interval
        self._begun = self._before = time.perf_counter()

    def begins(self, run: int) -> None:
        self._begun = self._before = time.perf_counter()
        self._say(f"Initialization {run}")

    def iterated(self, n_iter: int, change: float) -> None:
        if n_iter % self._interval:
            return
        now = time.perf_counter()
        more = f"\t time lapse {now - self._before:.5f}s\t ll change {change:.5f}"
        self._before = now
        self._say(f"  Iteration {n_iter}", more)

    def ends(self, bound: float, converged: bool) -> None:
        outcome = "converged" if converged else "did not converge"
        elapsed = time.perf_counter() - self._begun
        self._say(
            f"Initialization {outcome}.", f" time lapse {elapsed:.5f}s\t lower bound {bound:.5f}."
        )

    def _say(self, line: str, more: str = "") -> None:
        if self._verbosity:
            print(line + (more if self._verbosity > 1 else ""))
