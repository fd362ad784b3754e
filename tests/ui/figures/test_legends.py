"""The legend of a figure: what stands before a name is what stands for it in the plot."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QWidget

from gmmdesk.analysis import NO_CLUSTER
from gmmdesk.ui import theme
from gmmdesk.ui.drawing.entries import Entry, Sign
from gmmdesk.ui.drawing.figure import FigureSource
from gmmdesk.ui.figures.composing import Figure
from gmmdesk.ui.figures.options import FigureOptions
from gmmdesk.ui.views.certainty import CertaintyView
from gmmdesk.ui.views.comparison import ComparisonView
from gmmdesk.ui.views.convergence import ConvergenceView
from gmmdesk.ui.views.densities import DensitiesView
from tests.ui.conftest import find_clusters


def signs(view):
    figure = view.figure()
    found = [entry.symbol for entry in figure.legend(theme.palette(dark=False))]
    figure.close()
    return found


@pytest.mark.parametrize("kind", [DensitiesView, CertaintyView])
def test_clusters_have_their_shapes(qtbot, iris, kind):
    find_clusters(qtbot, iris, 2, noise=True)
    view = kind(iris)
    qtbot.addWidget(view, before_close_func=kind.close_workers)
    with qtbot.waitExposed(view):
        view.show()
    qtbot.waitUntil(lambda: not view.is_busy)
    assert signs(view) == [0, 1, NO_CLUSTER]


def test_lines_are_lines_and_marks_are_rings(qtbot, iris):
    curve = ConvergenceView(iris)
    qtbot.addWidget(curve)
    iris.change_settings("some", k_min=1, k_max=3, models=("VVV", "EEE"), restarts=2)
    with qtbot.waitSignal(iris.run_ended):
        iris.start_fit()
    assert signs(curve)[:2] == [Sign.LINE, Sign.LINE]
    assert (Sign.RING in signs(curve)) == (len(curve.marks.x) > 0)
    compared = ComparisonView(iris)
    qtbot.addWidget(compared, before_close_func=ComparisonView.close_workers)
    with qtbot.waitExposed(compared):
        compared.show()
    assert signs(compared) == [Sign.LINE, Sign.LINE, Sign.RING]


def painted(qtbot, symbol):
    """The pixels of a figure whose only red is the sign in its legend."""
    canvas, red = QWidget(), QColor("red")
    qtbot.addWidget(canvas)
    source = FigureSource("", canvas, lambda _painter: None, lambda _: [Entry("", red, symbol)])
    figure = Figure(source, FigureOptions())
    size = figure.options.size.toSize() * 4
    image = QImage(size, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    painter.scale(4.0, 4.0)
    figure.paint(painter)
    painter.end()
    canvas.close()
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(size.height(), -1, 4)
    return (pixels[..., 2] > 200) & (pixels[..., 1] < 100)


def test_each_sign_looks_like_what_it_stands_for(qtbot):
    square, line, ring, disc, triangle = (
        painted(qtbot, sign) for sign in (Sign.SQUARE, Sign.LINE, Sign.RING, 0, 1)
    )
    lines, columns = np.nonzero(square)
    middle = lines.mean().round().astype(int), columns.mean().round().astype(int)
    height = np.ptp(lines)
    assert square.sum() == pytest.approx((height + 1) ** 2)
    assert np.ptp(np.nonzero(line)[0]) < height / 3 < np.ptp(np.nonzero(line)[1])
    assert ring.any()
    assert not ring[middle]
    assert disc.sum() == pytest.approx(np.pi / 4 * square.sum(), rel=0.1)
    assert not np.array_equal(disc, triangle)
    assert triangle.sum() == pytest.approx(disc.sum(), rel=0.1)
