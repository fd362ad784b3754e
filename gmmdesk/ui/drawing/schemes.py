"""What colours of rows mean where they are not those of clusters."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyqtgraph as pg
from PySide6.QtGui import QColor

from gmmdesk.analysis import palette
from gmmdesk.ui.colors import cluster_color
from gmmdesk.ui.drawing.calendar_ticks import Tick

STEPS = 64  # colours of a number
OTHER = "Others"


@dataclass(frozen=True, slots=True)
class Scheme:
    """What the colours of a shading mean: groups with `names`, or steps of a number on a `scale`.

    `title` says of what. `scale` is the least and the greatest number, `ends` are these in words,
    `ticks` round places between them where the ends are none.
    """

    title: str
    names: tuple[str, ...] = ()
    scale: tuple[float, float] | None = None
    ends: tuple[str, str] = ("", "")
    ticks: tuple[Tick, ...] = ()

    def colors(self, paper: QColor, neutral: QColor) -> tuple[str, ...]:
        """The colour of each group on a paper."""
        if self.scale is not None:
            return _ramp(paper.lightnessF() < 0.5)
        named = [cluster_color(i, paper, palette.PALETTE).name() for i in range(len(self.names))]
        if self.names and self.names[-1] == OTHER:
            named[-1] = neutral.name()
        return tuple(named)


@lru_cache(maxsize=2)
def _ramp(dark: bool) -> tuple[str, ...]:
    """Viridis (Smith and van der Walt, 2015), as far as it stands out from the paper."""
    low, high = (0.4, 1.0) if dark else (0.0, 0.9)
    colors = pg.colormap.get("viridis").map(np.linspace(low, high, STEPS), mode="qcolor")
    return tuple(color.name() for color in colors)
