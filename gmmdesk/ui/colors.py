"""The clusters' colours on the background they stand on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QColor

from gmmdesk.analysis import palette


def cluster_color(cluster: int, paper: QColor, colors: Sequence[str]) -> QColor:
    """The cluster's colour; on a dark `paper` lightened where it would drown.

    It is the one of `colors`, or of the palette where there are not so many.
    """
    name = colors[cluster] if cluster < len(colors) else palette.color(cluster)
    return QColor(palette.readable(name, paper.name()))


def rgb(color: QColor) -> npt.NDArray[np.float64]:
    """Red, green and blue, each 0..1."""
    return np.array([color.redF(), color.greenF(), color.blueF()])
