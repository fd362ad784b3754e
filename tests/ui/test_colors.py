"""The clusters' colours, light and dark."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor

from gmmdesk.analysis import palette
from gmmdesk.ui.colors import cluster_color


def luminance(color):
    """WCAG 2.2, relative luminance."""
    parts = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (color.redF(), color.greenF(), color.blueF())
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


@pytest.mark.parametrize("cluster", range(len(palette.PALETTE)))
@pytest.mark.parametrize("paper", ["#000000", "#171C22", "#20262C"])
def test_every_colour_stands_out_from_a_dark_background(cluster, paper):
    color = cluster_color(cluster, QColor(paper), ())
    contrast = (luminance(color) + 0.05) / (luminance(QColor(paper)) + 0.05)
    assert contrast >= palette.LEAST_CONTRAST


@pytest.mark.parametrize("cluster", range(len(palette.PALETTE)))
def test_on_white_it_is_the_colour_of_the_palette(cluster):
    assert (
        cluster_color(cluster, QColor("white"), ()).name() == QColor(palette.color(cluster)).name()
    )
