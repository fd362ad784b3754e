"""Marks on the curve of a fit: where something else than an iteration of EM led on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QObject, QPointF
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QToolTip

from gmmdesk.analysis import AnalysisProgress
from gmmdesk.ui.plotting import Plot
from gmmdesk.ui.text import plain_tip

FloatArray = npt.NDArray[np.float64]

WORDS = {
    "chosen": "Restart {start} of {starts} was among the likeliest so far, and went on from here",
    "moved": "Two clusters were merged and one was split: higher than before",
    "again": "The first answer was left here: where another shape had ended led higher",
    "kept": "A cluster was kept from collapsing onto too few rows",
}
_REACH = 9.0  # pixels around a mark that mean it


class Marks(QObject):
    """Where the marks of a trail are, and what each says when the mouse rests on it."""

    def __init__(self, plot: Plot) -> None:
        super().__init__(plot)
        self._plot = plot
        self.x: FloatArray = np.empty(0)
        self.y: FloatArray = np.empty(0)
        self.said: tuple[str, ...] = ()
        plot.viewport().installEventFilter(self)

    def show_trail(self, trail: Sequence[AnalysisProgress], places: FloatArray) -> None:
        """Mark the events of a trail whose iterations are at `places` (m,) on the axis."""
        if len(places) != len(trail):
            trail = ()
        marked = [i for i, one in enumerate(trail) if one.scaled.event in WORDS]
        self.x = places[marked] if marked else np.empty(0)
        self.y = np.array([trail[i].log_likelihood for i in marked])
        self.said = tuple(_said(trail[i]) for i in marked)

    def at(self, position: QPointF) -> str:
        """What the mark at a pixel of the box says; empty where there is none."""
        for x, y, said in zip(self.x, self.y, self.said, strict=True):
            away = self._plot.box.mapFromView(QPointF(x, y)) - position
            if max(abs(away.x()), abs(away.y())) <= _REACH:
                return said
        return ""

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() is not QEvent.Type.ToolTip or not isinstance(event, QHelpEvent):
            return False
        at = self._plot.box.mapFromScene(self._plot.mapToScene(event.pos()))
        said = self.at(at)
        if said:
            QToolTip.showText(event.globalPos(), plain_tip(said), self._plot)
        return bool(said)


def _said(one: AnalysisProgress) -> str:
    fit = one.scaled
    return WORDS[fit.event].format(start=fit.restart + 1, starts=fit.n_restarts)
