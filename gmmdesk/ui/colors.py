"""The clusters' colours on the background they stand on."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QColor

from gmmdesk.analysis import palette


def cluster_color(cluster: int, paper: QColor, colors: Sequence[str]) -> QColor:
    """The cluster's colour; on a dark `paper` lightened where it would drown.

    It is the one of `colors`, or of the palette where there are not so many.
    """
    name = colors[cluster] if cluster < len(colors) else palette.color(cluster)
    return QColor.fromRgb(_readable(name, paper.rgb()))


@lru_cache(maxsize=256)
def _readable(name: str, paper: int) -> int:
    """As numbers: every frame asks for each cluster's colour."""
    return QColor(palette.readable(name, QColor.fromRgb(paper).name())).rgb()


# Below and above the middle (RdBu of ColorBrewer; Harrower and Brewer, 2003).
_BELOW, _ABOVE = QColor("#2166AC"), QColor("#B2182B")
_FULLEST = 0.75  # of these colours on the paper: numbers stand on it


def diverging(value: float, paper: QColor) -> QColor:
    """The paper's colour at 0, one colour towards -1 and another towards 1."""
    share = _FULLEST * min(abs(value), 1.0)
    end = rgb(_ABOVE if value > 0.0 else _BELOW)
    red, green, blue = ((1.0 - share) * rgb(paper) + share * end).tolist()
    return QColor.fromRgbF(red, green, blue)


def rgb(color: QColor) -> npt.NDArray[np.float64]:
    """Red, green and blue, each 0..1."""
    return np.array([color.redF(), color.greenF(), color.blueF()])
