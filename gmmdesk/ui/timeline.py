"""Going back and forth in the fit that found the answer: each step, or its two halves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from gmmdesk.ui.help.glossary import GLOSSARY

if TYPE_CHECKING:  # these import numpy and pyarrow: not before the window is up
    from gmmdesk.analysis.analysis import Analysis, AnalysisProgress

_LENGTH_MS = 4_000  # of the whole, played
_SHORTEST_MS, _LONGEST_MS = 40, 400  # of one step
_HALF_STEP_MS = 1_600  # time to read a sentence

E_STEP = f"E-step: {GLOSSARY['E-step']}"
M_STEP = f"M-step: {GLOSSARY['M-step']}"


class Timeline(QObject):
    """Which moment of the fit the views show.

    Positions are half steps: after an even one, 2 i, rows are coloured by the clusters of
    iteration i (its E-step is done); after an odd one, 2 i + 1, the clusters have moved on to
    iteration i + 1 but the rows have not been asked again. The last position is the answer.
    Signals: `moved`, `playing_changed`, `slow_changed`.
    """

    moved = Signal()
    playing_changed = Signal()
    slow_changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._trail: Sequence[AnalysisProgress] = ()
        self._position = 0
        self._slow = False
        self._clock = QTimer(self)
        self._clock.timeout.connect(self._on_clock_timeout)

    def show_answer(self, analysis: Analysis | None) -> None:
        """Stand at the end of the fit that found `analysis`."""
        self.pause()
        self._trail = () if analysis is None else analysis.trail
        self._position = self.last

    @property
    def trail(self) -> Sequence[AnalysisProgress]:
        """The iterations that there are, oldest first."""
        return self._trail

    @property
    def last(self) -> int:
        """The position of the answer."""
        return max(0, 2 * (len(self._trail) - 1))

    @property
    def position(self) -> int:
        return self._position

    @property
    def is_at_end(self) -> bool:
        """Whether the answer is shown."""
        return self._position >= self.last

    @property
    def clusters(self) -> AnalysisProgress | None:
        """The iteration whose clusters are shown, None for those of the answer."""
        return None if self.is_at_end else self._trail[(self._position + 1) // 2]

    @property
    def colors(self) -> AnalysisProgress | None:
        """The iteration whose clusters the rows were asked about, None for those of the answer."""
        return None if self.is_at_end else self._trail[self._position // 2]

    @property
    def explanation(self) -> str:
        """What was just done, in one sentence, where the halves of a step are shown."""
        if not self._slow or self.is_at_end:
            return ""
        return M_STEP if self._position % 2 else E_STEP

    # -- moving ------------------------------------------------------------------------------

    def go_to(self, position: int) -> None:
        """Show another moment; positions outside are brought inside."""
        position = min(max(0, position), self.last)
        if position != self._position:
            self._position = position
            self.moved.emit()

    def go_to_iteration(self, place: int) -> None:
        """Show the iteration at a place in the trail."""
        self.go_to(2 * place)

    def step(self, direction: int) -> None:
        """One step on or back: half a one in slow motion."""
        self.pause()
        self._advance(direction)

    @property
    def is_playing(self) -> bool:
        return self._clock.isActive()

    def play(self) -> None:
        """Go on from here, or from the start where the end is shown."""
        if not self.last:
            return
        if self.is_at_end:
            self.go_to(0)
        self._clock.start(self._interval())
        self.playing_changed.emit()

    def pause(self) -> None:
        if self._clock.isActive():
            self._clock.stop()
            self.playing_changed.emit()

    @property
    def is_slow(self) -> bool:
        """Whether the two halves of each step are shown one after the other, with a sentence."""
        return self._slow

    def set_slow(self, on: bool) -> None:
        if on != self._slow:
            self._slow = on
            if not on and self._position % 2:
                self.go_to(self._position + 1)
            self._clock.setInterval(self._interval())
            self.slow_changed.emit()

    def _interval(self) -> int:
        if self._slow:
            return _HALF_STEP_MS
        return min(_LONGEST_MS, max(_SHORTEST_MS, _LENGTH_MS // max(1, len(self._trail))))

    def _advance(self, direction: int) -> None:
        half = 1 if self._slow else 2
        self.go_to(self._position + direction * half)

    def _on_clock_timeout(self) -> None:
        self._advance(1)
        if self.is_at_end:
            self.pause()
