"""Bars as they are painted."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage, QPainter

from gmmdesk.analysis.bars import Bars
from gmmdesk.ui.drawing.histogram import Histogram

_WIDTH, _HEIGHT = 300, 20


def painted_columns(n_bars: int) -> np.ndarray:
    """Which columns of pixels `n_bars` of the same height have ink in."""
    counts = np.zeros((3, n_bars), np.int64)
    counts[2] = 7
    bars = Bars(np.linspace(0.0, 1.0, n_bars + 1), counts)
    image = QImage(_WIDTH, _HEIGHT, QImage.Format.Format_Grayscale8)
    image.fill(QColor("white"))
    scale = np.array([_WIDTH, -_HEIGHT / bars.highest])
    painter = QPainter(image)
    Histogram(bars).paint(painter, lambda at: at * scale + [0.0, _HEIGHT], (0.0, 1.0), _WIDTH)
    painter.end()
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(_HEIGHT, -1)[:, :_WIDTH]
    return (pixels < 255).any(axis=0)


@pytest.mark.parametrize("n_bars", [60, 96, 100, 120, 150, 180, 300])
def test_many_bars_are_an_area_and_no_hatching(n_bars):
    assert painted_columns(n_bars).all()


def test_few_bars_are_set_apart():
    assert painted_columns(15).sum() == _WIDTH - 15
