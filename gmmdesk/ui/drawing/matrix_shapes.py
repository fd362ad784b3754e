"""What is painted over the rows of the matrix: histograms on the diagonal, ellipses beside it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pyqtgraph.functions import arrayToQPolygonF
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QPainter

from gmmdesk.analysis import ellipse
from gmmdesk.analysis.axes import MapAxis, bent_back, marginal
from gmmdesk.analysis.bars import Mixture
from gmmdesk.analysis.grouping import Grouping
from gmmdesk.engine import Parameters
from gmmdesk.ui.drawing.device import unclip
from gmmdesk.ui.drawing.histogram import Histogram
from gmmdesk.ui.drawing.look import Look
from gmmdesk.ui.drawing.matrix_cells import Place
from gmmdesk.ui.drawing.pane import Pane
from gmmdesk.ui.theme import Line, Opacity

FloatArray = npt.NDArray[np.float64]

_LEVEL = 0.9  # share of a cluster that its ellipse holds


@dataclass(frozen=True, slots=True, eq=False)
class Shapes:
    """Frozen, to be painted on any thread: hundreds of lines take too long between two events."""

    panes: dict[Place, Pane]
    axes: tuple[MapAxis, ...]
    histograms: tuple[Histogram, ...]
    parameters: Parameters | None
    look: Look
    grouping: Grouping | None = None  # of the components of `parameters`
    n_rows: int = 0  # that these were fitted to

    def image(self, size: QSize, ratio: float) -> QImage:
        """All of them on a transparent picture, `ratio` device pixels for each of `size`."""
        image = QImage(size * ratio, QImage.Format.Format_ARGB32_Premultiplied)
        image.setDevicePixelRatio(ratio)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        self.paint(painter)
        painter.end()
        return image

    def paint(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for (line, column), pane in self.panes.items():
            painter.setClipRect(pane.area)
            if line == column:
                self._paint_histogram(painter, pane, line)
            elif self.parameters is not None:
                self._paint_ellipses(painter, pane, (self.axes[column], self.axes[line]))
        unclip(painter)

    def _paint_histogram(self, painter: QPainter, pane: Pane, place: int) -> None:
        histogram = self.histograms[place]
        if self.parameters is not None:
            mixture = Mixture.along(self.parameters, self.axes[place], self.grouping)
            histogram = dataclasses.replace(histogram, mixture=mixture)
        histogram.paint(painter, pane.pixels, pane.x, pane.area.width())

    def _paint_ellipses(self, painter: QPainter, pane: Pane, pair: tuple[MapAxis, MapAxis]) -> None:
        assert self.parameters is not None
        means, covariances = marginal(self.parameters, pair)
        look = self.look
        painter.setBrush(Qt.BrushStyle.NoBrush)
        of = range(len(means)) if self.grouping is None else self.grouping.of
        own = ellipse.own_shapes(self.parameters, self.n_rows).tolist()
        for cluster, mean, covariance, is_own in zip(of, means, covariances, own, strict=True):
            points = pane.pixels(bent_back(pair, ellipse.outline(mean, covariance, _LEVEL)))
            if np.isfinite(points).all():
                painter.setOpacity(Opacity.DIMMED if look.dims(cluster) else 1.0)
                width = Line.PLAIN if cluster in look.chosen else Line.FINE
                painter.setPen(look.line(cluster, width, is_own=is_own))
                painter.drawPolyline(arrayToQPolygonF(points[:, 0], points[:, 1]))
        painter.setOpacity(1.0)
