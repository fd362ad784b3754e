"""Decision regions: which cluster a row would belong to, wherever it were."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QColor

from gmmdesk.ui.drawing.overlay import Cells, Ground, ImageOverlay

_OPACITY = 0.22
_DIMMED = 0.08  # beside the current cluster's


class RegionsOverlay(ImageOverlay):
    """Every place in the colour of its likeliest cluster."""

    name = "regions"
    title = "&Decision regions"
    tip = "To which cluster a new row would belong at each place (of largest posterior probability)"
    depth = -50.0
    of_single = True

    @staticmethod
    def compute(ground: Ground) -> Cells | None:
        land = ground.landscape
        if land is None:
            return None
        return Cells(ground.region, np.minimum(land.label, 255).astype(np.uint8))

    def colors(self) -> list[QColor]:
        return [self._color(k) for k in range(256)]

    def _color(self, cluster: int) -> QColor:
        if cluster >= len(self.look.colors) or cluster in self.look.hidden:
            return QColor(0, 0, 0, 0)  # of noise, or nobody's
        color = self.look.color(cluster)
        current = self.look.current
        color.setAlphaF(_OPACITY if current in (None, cluster) else _DIMMED)
        return color
