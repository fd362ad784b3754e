"""Decision regions: which cluster a row would belong to, wherever it were."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QColor

from gmmdesk.ui.drawing.look import Look
from gmmdesk.ui.drawing.overlay import Cells, Ground, ImageOverlay
from gmmdesk.ui.help import glossary
from gmmdesk.ui.theme import Opacity


class RegionsOverlay(ImageOverlay):
    """Every place in the colour of its likeliest cluster."""

    name = "regions"
    title = "&Decision regions"
    tip = glossary.tip("Decision regions")
    depth = -50.0
    of_single = True

    @staticmethod
    def compute(ground: Ground) -> Cells | None:
        land = ground.landscape
        if land is None:
            return None
        return Cells(ground.region, np.minimum(land.label, 255).astype(np.uint8))

    @staticmethod
    def colors(look: Look) -> list[QColor]:
        return [_color(look, k) for k in range(256)]


def _color(look: Look, cluster: int) -> QColor:
    if cluster >= len(look.colors) or cluster in look.hidden:
        return QColor(0, 0, 0, 0)  # of noise, or nobody's
    color = look.color(cluster)
    color.setAlphaF(Opacity.WASH * (Opacity.DIMMED if look.dims(cluster) else 1.0))
    return color
