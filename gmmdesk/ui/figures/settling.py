"""Waiting for what is still being drawn for a figure."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

if TYPE_CHECKING:  # imports numpy and pyqtgraph: not before the window is up
    from gmmdesk.ui.figures.composing import Figure

_BEAT_MS = 20


def when_settled(figure: Figure, do: Callable[[], object], parent: QObject) -> QTimer:
    """Call `do` once nothing is being drawn for `figure` any more; not if the timer is stopped."""
    timer = QTimer(parent, interval=_BEAT_MS)

    def look() -> None:
        if not figure.is_busy:
            timer.stop()
            timer.deleteLater()
            do()

    timer.timeout.connect(look)
    timer.start()
    return timer
