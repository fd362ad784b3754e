"""A quick fit shown at a pace that can be followed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

if TYPE_CHECKING:
    from gmmdesk.analysis.analysis import AnalysisProgress

FRAMES = 30
BELOW_SECONDS = 2.0  # a longer fit was watched while it ran
_INTERVAL_MS = 40


class Replay(QObject):
    """Hands out some iterations of a finished fit, one after the other.

    Signals: `shown(list)` with the iterations up to now, then `ended` once.
    """

    shown = Signal(object)
    ended = Signal()

    def __init__(self, trail: tuple[AnalysisProgress, ...], parent: QObject) -> None:
        super().__init__(parent)
        self._trail = trail
        n = min(FRAMES, len(trail))
        # Early iterations move most: frames thin out towards the end.
        last = len(trail) - 1
        self._frames = sorted({round(last * (i / max(1, n - 1)) ** 1.7) for i in range(n)})
        self._timer = QTimer(self)
        self._timer.setInterval(_INTERVAL_MS)
        self._timer.timeout.connect(self._on_timer_timeout)

    def start(self) -> None:
        self._timer.start()

    def finish(self) -> None:
        """Skip what has not been shown."""
        self._timer.stop()
        self.ended.emit()
        self.deleteLater()

    def drop(self) -> None:
        """Stop without a word."""
        self._timer.stop()
        self.deleteLater()

    def _on_timer_timeout(self) -> None:
        if not self._frames:
            self.finish()
            return
        self.shown.emit(self._trail[: self._frames.pop(0) + 1])
