"""Uncertainty: where a row could belong to several clusters."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QColor

from gmmdesk.ui.drawing.look import Look
from gmmdesk.ui.drawing.overlay import Cells, Ground, ImageOverlay
from gmmdesk.ui.help import glossary
from gmmdesk.ui.theme import Opacity


class UncertaintyOverlay(ImageOverlay):
    """The darker a place, the less sure it is where a row there would belong."""

    name = "uncertainty"
    title = "&Uncertainty"
    tip = glossary.tip("Uncertainty")
    depth = -45.0
    of_single = True

    @staticmethod
    def compute(ground: Ground) -> Cells | None:
        land = ground.landscape
        if land is None or (land.n_clusters < 2 and not land.mixture.noise):
            return None
        most = 1.0 - 1.0 / max(2, land.n_clusters)
        values = np.clip(255.0 * land.uncertainty / most, 0.0, 255.0)
        return Cells(ground.region, values.astype(np.uint8))

    @staticmethod
    def colors(look: Look) -> list[QColor]:
        ink = QColor(look.ink)
        return [
            QColor(ink.red(), ink.green(), ink.blue(), round(Opacity.VEIL * value))
            for value in range(256)
        ]
