"""The bell shape of each cluster: its distances against those that a Gaussian has."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gmmdesk.analysis.diagnosis import Diagnosis
from gmmdesk.analysis.shape_remarks import shape_in_words
from gmmdesk.ui import theme
from gmmdesk.ui.colors import cluster_color
from gmmdesk.ui.document import Document
from gmmdesk.ui.drawing.curves import Content, Curve, CurvePlot, Dots
from gmmdesk.ui.help.glossary import GLOSSARY
from gmmdesk.ui.theme import Line
from gmmdesk.ui.widgets import combo_box, secondary

_DIAMETER = 4.0
_TIP = GLOSSARY["Distances of rows"]


class ShapePage(QWidget):
    """A QQ plot of one cluster, chosen by name, and what the test says."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._document = document
        self._found: Diagnosis | None = None
        self.cluster = combo_box("Cluster", "Whose shape is shown")
        self.said = secondary()
        self.said.setAccessibleName("Whether the cluster is bell-shaped")
        self.plot = CurvePlot()
        self.plot.setAccessibleName("Distances of the cluster's rows against those of a bell")
        self.plot.setToolTip(_TIP)
        self.plot.x_axis.set_title("Squared distance expected of a bell", "Expected")
        self.plot.y_axis.set_title("Squared distance of the rows", "Found")
        top = QVBoxLayout()
        top.setContentsMargins(*[theme.SPACE] * 4)
        top.setSpacing(theme.SPACE)
        top.addWidget(self.cluster, 0, Qt.AlignmentFlag.AlignLeft)
        top.addWidget(self.said)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(top)
        layout.addWidget(self.plot, 1)
        self.cluster.currentIndexChanged.connect(self._draw)
        self.plot.reset_requested.connect(self._reset_range)
        document.current_cluster_changed.connect(self._on_document_current_cluster_changed)
        document.colors_changed.connect(self._draw)

    def show_diagnosis(self, found: Diagnosis | None) -> None:
        """Show the clusters of another answer, or the same with other names."""
        is_new = found is not self._found
        self._found = found
        at = 0 if is_new else max(self.cluster.currentIndex(), 0)
        self.cluster.blockSignals(True)
        self.cluster.clear()
        for k, name in enumerate(() if found is None else self._document.part_names):
            self.cluster.addItem(name, k)
        if found is not None:
            if is_new:  # the one that is least a bell
                ps = [one.p_value if one.is_judged else 2.0 for one in found.shapes]
                at = int(np.argmin(ps))
            self.cluster.setCurrentIndex(at)
        self.cluster.blockSignals(False)
        self._draw()

    def _on_document_current_cluster_changed(self) -> None:
        current = self._document.current_cluster
        if current is not None and self._found is not None:
            grouping = self._found.analysis.grouping
            self.cluster.setCurrentIndex(current if grouping is None else grouping.leads[current])

    def _draw(self) -> None:
        found, k = self._found, self.cluster.currentIndex()
        if found is None or not 0 <= k < len(found.shapes):
            self.said.setText("")
            self.plot.show_content(lambda _palette: Content())
            return
        shape = found.shapes[k]
        name, colors = self.cluster.currentText(), self._document.part_colors
        self.said.setText(shape_in_words(shape, name, found.skewed[k]))
        ends = np.array([0.0, float(shape.expected[-1]) if len(shape.expected) else 1.0])

        def content(palette: QPalette) -> Content:
            paper = palette.color(QPalette.ColorRole.Base)
            quiet = QColor(palette.color(QPalette.ColorRole.PlaceholderText))
            color = cluster_color(k, paper, colors)
            curves = (
                Curve(ends, ends, quiet, Line.FINE),
                Curve(shape.expected, shape.low, quiet, Line.HAIR),
                Curve(shape.expected, shape.high, quiet, Line.HAIR),
            )
            dots = Dots(shape.expected, shape.distances, [color] * len(shape.expected), _DIAMETER)
            return Content(curves, (dots,))

        self.plot.show_content(content)
        self._reset_range()

    def _reset_range(self) -> None:
        found, k = self._found, self.cluster.currentIndex()
        if found is None or not 0 <= k < len(found.shapes) or not len(found.shapes[k].expected):
            return
        shape = found.shapes[k]
        right = 1.04 * float(shape.expected[-1])
        top = 1.04 * float(max(shape.distances[-1], shape.expected[-1]))
        self.plot.box.setRange(xRange=(0.0, right), yRange=(0.0, top), padding=0.0)
