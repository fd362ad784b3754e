"""A heat map of how densely the rows lie, whether clusters are known or not."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor

from gmmdesk.ui.drawing import density
from gmmdesk.ui.drawing.look import Look
from gmmdesk.ui.drawing.overlay import Cells, Ground, ImageOverlay
from gmmdesk.ui.drawing.projection import Scene
from gmmdesk.ui.help import glossary

_MAP = "CET-L17"  # from white to dark blue, perceptually even (Kovesi, 2015, arXiv:1509.03700)
_DARK_MAP = "CET-L16"  # from black to light yellow-green
_FADING = 40  # of 256 steps, over which the coolest fade into the paper
_SHARPER = 0.5  # of the bandwidth for one hump: clusters are narrower than all rows
_LEAST, _MOST = 1.0, 60.0  # bandwidth in cells


class HeatOverlay(ImageOverlay):
    """The rows, counted in cells and smoothed (a kernel estimate of their density)."""

    name = "heat"
    title = "Density &heat map"
    tip = glossary.tip("Heat map")
    depth = -60.0
    of_mixture = False

    @staticmethod
    def compute(ground: Ground) -> Cells | None:
        from scipy.ndimage import gaussian_filter  # slow to import

        scene, region, shape = ground.scene, ground.region, ground.shape
        points = scene.points or density.loose(scene.x, scene.y)
        counts = density.count(points, region, shape).counts.astype(np.float32)
        smooth = gaussian_filter(counts, _bandwidth(scene, region, shape), mode="constant")
        highest = float(smooth.max(initial=0.0))
        if not highest > 0.0:
            return None
        values = 255.0 * np.sqrt(np.maximum(smooth, 0.0) / highest)
        return Cells(region, values.astype(np.uint8))

    @staticmethod
    def colors(look: Look) -> list[QColor]:
        dark = QColor(look.paper).lightnessF() < 0.5
        table = pg.colormap.get(_DARK_MAP if dark else _MAP).getLookupTable(nPts=256, alpha=False)
        alpha = np.minimum(np.arange(256) * (255.0 / _FADING), 255.0).astype(int)
        rows = zip(table.tolist(), alpha.tolist(), strict=True)
        return [QColor(red, green, blue, opacity) for (red, green, blue), opacity in rows]


def _bandwidth(scene: Scene, region: QRectF, shape: tuple[int, int]) -> tuple[float, float]:
    """In cells, down and across: half of Scott's n^(-1/6) spreads (2015, section 6.3)."""
    factor = _SHARPER * max(scene.n_rows, 2) ** (-1.0 / 6.0)
    spreads = [_spread(values) for values in scene.places(scene.sample)]
    cells = (shape[0] / region.height(), shape[1] / region.width())
    down, across = (
        float(np.clip(factor * spread * scale, _LEAST, _MOST))
        for spread, scale in zip(spreads[::-1], cells, strict=True)
    )
    return down, across


def _spread(values: np.ndarray) -> float:
    """A standard deviation that a long tail does not blow up."""
    values = values[np.isfinite(values)]
    if len(values) < 2:
        return 0.0
    low, high = np.quantile(values, (0.25, 0.75))
    middle = float(high - low) / 1.349
    return min(float(values.std()), middle) if middle > 0.0 else float(values.std())
