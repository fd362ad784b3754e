"""What a view gives of itself to be painted elsewhere: into a file, in any size."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol, runtime_checkable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPalette
from PySide6.QtWidgets import QWidget

from gmmdesk.analysis import NO_CLUSTER
from gmmdesk.analysis.palette import NO_NAME
from gmmdesk.ui.colors import cluster_color
from gmmdesk.ui.document import Document
from gmmdesk.ui.drawing.curves import CurvePlot
from gmmdesk.ui.drawing.entries import Entry, Legend


@dataclass(frozen=True, slots=True, eq=False)
class FigureSource:
    """A copy of what a view shows, on a `canvas` that nobody sees.

    `settle` is called once the canvas has its size, with the pixels there are for one of the
    canvas; afterwards pictures may still be drawn in the background, while it `is_busy`.
    """

    title: str
    canvas: QWidget
    paint: Callable[[QPainter], object]
    legend: Legend
    settle: Callable[[float], object] = lambda _ratio: None
    is_busy: Callable[[], bool] = lambda: False
    close_workers: Callable[[], object] = lambda: None

    def lay_out(self, size: QSize, palette: QPalette, font: QFont, ratio: float) -> None:
        """Be so large, in these colours and letters, with `ratio` pixels for one of `size`."""
        canvas = self.canvas
        if canvas.isHidden():  # only what is shown is laid out
            canvas.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
            canvas.setMinimumSize(0, 0)
            canvas.resize(size)
            canvas.show()
        canvas.setFont(font)
        canvas.setPalette(palette)
        canvas.resize(size)
        self.settle(ratio)

    def close(self) -> None:
        """Be gone, with what is still being drawn."""
        self.close_workers()
        self.canvas.hide()
        self.canvas.deleteLater()


@runtime_checkable
class HasFigure(Protocol):
    """A view that can be exported as a figure."""

    def figure(self) -> FigureSource | None:
        """A copy of what is shown; None while there is nothing."""


def cluster_legend(document: Document) -> Legend:
    """The names, colours and shapes of the clusters as they are now."""
    analysis = document.analysis
    has_noise = analysis is not None and analysis.noise is not None
    return partial(_entries, document.names, document.colors, document.signs, has_noise)


def _entries(
    names: Sequence[str],
    colors: Sequence[str],
    signs: Sequence[int],
    has_noise: bool,
    palette: QPalette,
) -> list[Entry]:
    paper = palette.color(QPalette.ColorRole.Base)
    entries = [
        Entry(name, cluster_color(k, paper, colors), signs[k]) for k, name in enumerate(names)
    ]
    if has_noise:
        neutral = palette.color(QPalette.ColorRole.PlaceholderText)
        entries.append(Entry(NO_NAME, neutral, NO_CLUSTER))
    return entries


def figure_of_curves(title: str, plot: CurvePlot, legend: Legend) -> FigureSource:
    """A copy of a plot of curves."""
    twin = plot.twin()
    return FigureSource(title, twin, twin.paint_on, legend, lambda _ratio: twin.settle())
