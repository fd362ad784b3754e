"""How far a command is, on a line of the terminal."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Generator
from typing import TYPE_CHECKING, TextIO

from gmmdesk.task import Task

if TYPE_CHECKING:
    from gmmdesk.analysis import Analysis, AnalysisProgress

_REFRESH = 0.1  # seconds between two states of the progress line


class ProgressLine(Task):
    """A task that shows itself on one line of standard error, if that is a terminal."""

    def __init__(self, *, quiet: bool) -> None:
        super().__init__()
        self._terminal: TextIO | None = None
        if not quiet and sys.stderr is not None and sys.stderr.isatty():
            self._terminal = sys.stderr
        self._shown_at = 0.0
        self._width = 0

    def __enter__(self) -> ProgressLine:
        return self

    def __exit__(self, *_: object) -> None:
        if self._width:
            self._show("")

    def step(self, fraction: float | None = None, what: str | None = None) -> None:
        super().step(fraction, what)
        self.note(self.what if self.fraction is None else f"{self.what} {self.fraction:.0%}")

    def note(self, text: str) -> None:
        """Show `text`, if the last one has been there long enough to be read."""
        now = time.monotonic()
        if self._terminal is not None and now - self._shown_at >= _REFRESH:
            self._shown_at = now
            self._show(text)

    def _show(self, text: str) -> None:
        assert self._terminal is not None
        text = text[: shutil.get_terminal_size().columns - 1]
        self._terminal.write("\r" + text.ljust(self._width) + ("" if text else "\r"))
        self._terminal.flush()
        self._width = len(text)


def drain(steps: Generator[AnalysisProgress, None, Analysis], progress: ProgressLine) -> Analysis:
    while True:
        try:
            state = next(steps)
        except StopIteration as end:
            analysis: Analysis = end.value
            return analysis
        progress.note(
            f"Fit {state.number} of {state.n_candidates}: {state.model},"
            f" {state.n_components} clusters, iteration {state.fit.iteration},"
            f" log-likelihood {state.fit.log_likelihood:.6g}"
        )


def checked(analysis: Analysis, n_halves: int, progress: ProgressLine) -> Analysis:
    """`analysis` with how often its clusters are found again in halves of the rows.

    A single one is in every half: nothing is looked for.
    """
    from gmmdesk.analysis.check import check

    if analysis.result.n_components == 1:
        return analysis
    found = None
    for found in check(analysis, n_halves, task=progress):
        progress.note(f"Looking again in halves of the rows: {found.n} of {n_halves}")
    return analysis.changed(resampled=found)
