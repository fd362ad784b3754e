"""The clusters' colours on the background they stand on."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QColor

from gmmdesk.analysis import palette

# Of a colour against its background, for things that are no text (WCAG 2.2, 1.4.11).
LEAST_CONTRAST = 3.0
_STEP = 0.02  # of white, by which a dark colour is lightened until it stands out


def cluster_color(cluster: int, paper: QColor, colors: Sequence[str]) -> QColor:
    """The cluster's colour; on a dark `paper` lightened where it would drown.

    It is the one of `colors`, or of the palette where there are not so many.
    """
    name = colors[cluster] if cluster < len(colors) else palette.color(cluster)
    return QColor.fromRgbF(*_readable(name, paper.rgb()))


@lru_cache(maxsize=512)
def _readable(name: str, paper: int) -> tuple[float, float, float]:
    color, ground = rgb(QColor(name)), _luminance(rgb(QColor(paper)))
    if ground < 0.2:
        while (_luminance(color) + 0.05) / (ground + 0.05) < LEAST_CONTRAST:
            color = color + _STEP * (1.0 - color)
    red, green, blue = (float(part) for part in color)
    return red, green, blue


def rgb(color: QColor) -> npt.NDArray[np.float64]:
    """Red, green and blue, each 0..1."""
    return np.array([color.redF(), color.greenF(), color.blueF()])


def _luminance(color: npt.NDArray[np.float64]) -> float:
    """Relative luminance of an sRGB colour, 0..1 (WCAG 2.2)."""
    linear = np.where(color <= 0.04045, color / 12.92, ((color + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))
