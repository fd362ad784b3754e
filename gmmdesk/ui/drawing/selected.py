"""The selected rows on the map, drawn above the others, which fade."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, QRectF, QTimer
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from gmmdesk.data.dataset import BoolArray
from gmmdesk.data.row_set import RowSet
from gmmdesk.ui.background import LatestWorker
from gmmdesk.ui.drawing.column_selection import selected_counts
from gmmdesk.ui.drawing.density import Picture
from gmmdesk.ui.drawing.enclosed import chunks
from gmmdesk.ui.drawing.histogram import HistogramLayer
from gmmdesk.ui.drawing.layers import CellsLayer, DotsLayer, Layer
from gmmdesk.ui.drawing.projection import Scene
from gmmdesk.ui.drawing.rows import RowsPainter
from gmmdesk.ui.plotting import Plot, ViewBox
from gmmdesk.ui.selection import Selection
from gmmdesk.ui.theme import Opacity

IntArray = npt.NDArray[np.int64]

MOST_DOTS = 4_000  # selected rows in sight that are drawn as dots
_AT_ONCE = 20_000  # rows of a table that are looked through without a thread
_BATCH = 1 << 20  # rows that are counted together
_SETTLE_MS = 60
_MARGIN = 0.2  # of the visible range, drawn on every side so that panning meets no gap
_CELL = 2  # side of a cell in pixels


class _Veil(Layer):
    """Lets what lies below fade into the paper."""

    def __init__(self, box: ViewBox) -> None:
        super().__init__(box, -16)
        self.paper = QColor("white")
        self.hide()

    def paint(
        self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        paper = QColor(self.paper)
        paper.setAlphaF(Opacity.VEIL)
        painter.fillRect(self.boundingRect(), paper)


class _Wanted(NamedTuple):
    scene: Scene
    selected: RowSet
    region: QRectF
    shape: tuple[int, int]
    ink: QColor


class _Found(NamedTuple):
    """The selected rows in sight as places in the scene, or counted where there are many."""

    places: IntArray
    picture: Picture | None = None
    is_all: bool = False  # whether the places are all that are selected, in sight or not


class SelectedRows(QObject):
    """Follows the selection and what the map shows: few as dots, many as counts per cell."""

    def __init__(
        self,
        plot: Plot,
        rows: RowsPainter,
        histogram: HistogramLayer,
        *,
        selection: Selection,
        worker: LatestWorker,
    ) -> None:
        super().__init__(plot)
        self._histogram = histogram  # of a single column
        self._plot, self._rows, self._selection, self._worker = plot, rows, selection, worker
        self.veil = _Veil(plot.box)
        self.cells, self.dots = CellsLayer(plot.box), DotsLayer(plot.box)
        self.cells.setZValue(-15)
        self.dots.setZValue(-14)
        self._ink = QColor("black")
        self._drawn = False  # whether another range needs another picture
        self._moved = QTimer(self, interval=_SETTLE_MS, singleShot=True)
        self._moved.timeout.connect(self.redraw)
        plot.box.sigRangeChanged.connect(self._on_box_range_changed)
        plot.box.sigResized.connect(self._on_box_range_changed)
        selection.changed.connect(self.redraw)

    @property
    def is_busy(self) -> bool:
        """Whether the picture is about to change."""
        return self._moved.isActive() or self._worker.is_busy

    def set_colors(self, paper: QColor, ink: QColor) -> None:
        """What rows fade into, and what marks those that are selected."""
        self.veil.paper = self.cells.paper = paper
        self._ink = ink
        self.redraw()

    def redraw(self) -> None:
        """Draw anew, as what is selected, shown or in sight has changed."""
        self._moved.stop()
        scene, selected = self._rows.scene, self._selection.rows
        if selected is None or (scene and len(scene.prepared.left_out) != selected.n_rows):
            scene = None  # of a table that is gone
        if scene is None or scene.is_single or selected is None or not selected.count:
            self._worker.cancel()
            self._drawn = False
            self.veil.hide()
            self._show(scene, _Found(np.empty(0, np.int64)))
            self._count_bars(scene, selected)
            return
        wanted = _Wanted(scene, selected, self._region(), self._shape(), self._ink)
        if scene.n_rows <= _AT_ONCE:
            self._worker.cancel()
            self._show_wanted(wanted, _find(wanted))
        else:
            self._worker.submit(
                lambda: _find(wanted), lambda found: self._show_wanted(wanted, found)
            )

    def _count_bars(self, scene: Scene | None, selected: RowSet | None) -> None:
        """Of a single column: how many selected rows there are in each bar."""
        bars = self._histogram.bars
        if scene is None or bars is None or selected is None or not selected.count:
            self._histogram.show_selected(None)
            return

        def count() -> IntArray | None:
            return selected_counts(scene.x, bars.edges, scene.prepared, selected)

        def show(counts: IntArray | None) -> None:
            if bars is self._histogram.bars and selected is self._selection.rows:
                self._histogram.show_selected(counts)

        self._worker.submit(count, show)

    def _show_wanted(self, wanted: _Wanted, found: _Found) -> None:
        if wanted.scene is self._rows.scene and wanted.selected is self._selection.rows:
            self.veil.show()
            self._drawn = not found.is_all
            self._show(wanted.scene, found)

    def _show(self, scene: Scene | None, found: _Found) -> None:
        self.cells.show_picture(found.picture)
        self.dots.over_cells = self._rows.shows_cells
        self.dots.set_inks(self._rows.inks(full=True), self._ink, self._rows.dots.signs)
        places = found.places
        if scene is None or not len(places):
            nowhere = np.empty(0)
            self.dots.show_dots(places[:0], nowhere, nowhere, np.empty(0, np.uint16))
            return
        x, y = scene.places(places)
        placed = ~(np.isnan(x) | np.isnan(y))
        places, x, y = places[placed], x[placed], y[placed]
        shading = self._rows.shading
        codes = np.zeros(len(places), np.uint16)
        if shading is not None:
            codes = shading.at(places)
        inks = self._rows.inks()
        if inks.shape[1] == 4:  # selected rows of a hidden cluster are hidden too
            seen = inks[codes, 3] > 0.0
            places, x, y, codes = places[seen], x[seen], y[seen], codes[seen]
        self.dots.show_dots(places, x, y, codes)

    def _region(self) -> QRectF:
        shown = self._plot.visible_rect()
        dx, dy = _MARGIN * shown.width(), _MARGIN * shown.height()
        return shown.adjusted(-dx, -dy, dx, dy)

    def _shape(self) -> tuple[int, int]:
        """Height and width of the region in cells."""
        ratio, size = (1 + 2 * _MARGIN) / _CELL, self._plot.box.rect()
        return max(1, round(size.height() * ratio)), max(1, round(size.width() * ratio))

    def _on_box_range_changed(self, *_: object) -> None:
        """Let the old picture move along until the movement slows down."""
        if self._drawn and not self._moved.isActive():
            self._moved.start()


def places_of(scene: Scene, selected: RowSet, some: IntArray) -> BoolArray:
    """Which of `some` rows of the scene (m,) are selected."""
    return selected.mask[scene.prepared.rows[some]]


def _find(wanted: _Wanted) -> _Found:
    """The selected rows of a region: where they are, or how many there are in each cell."""
    scene, selected, region, (height, width), ink = wanted
    found: list[IntArray] = []
    n_found, n_selected = 0, 0
    counts = np.zeros(height * width, np.int64)
    waiting: list[IntArray] = []
    to_column, to_row = width / region.width(), height / region.height()
    for rows in chunks(scene.n_rows):
        places = rows[places_of(scene, selected, rows)]
        n_selected += len(places)
        if not len(places):
            continue
        x, y = scene.places(places)
        column, row = (x - region.left()) * to_column, (y - region.top()) * to_row
        inside = (column >= 0) & (column <= width) & (row >= 0) & (row <= height)
        n_found += int(np.count_nonzero(inside))
        if n_found <= MOST_DOTS:
            found.append(places[inside])
        cells = np.minimum(row[inside].astype(np.int64), height - 1) * width
        waiting.append(cells + np.minimum(column[inside].astype(np.int64), width - 1))
        if sum(map(len, waiting)) > _BATCH:
            counts += np.bincount(np.concatenate(waiting), minlength=len(counts))
            waiting.clear()
    if n_found <= MOST_DOTS:
        places = np.concatenate([np.empty(0, np.int64), *found])
        return _Found(places, None, n_found == n_selected)
    counts += np.bincount(np.concatenate(waiting), minlength=len(counts))
    shaped = counts.reshape(height, width)
    return _Found(
        np.empty(0, np.int64), Picture(region, shaped.astype(np.int32), _image(shaped, ink))
    )


def _image(counts: npt.NDArray[np.int64], ink: QColor) -> QImage:
    """Cells as pixels of one ink, the bottom row last; opacity grows with the count's logarithm."""
    height, width = counts.shape
    fullest = int(counts.max(initial=1))
    steps = np.log1p(np.arange(fullest + 1)) / np.log1p(fullest)
    opacities = Opacity.SINGLE + (1.0 - Opacity.SINGLE) * steps
    opacities[0] = 0.0
    opacity = opacities[counts][::-1]
    pixels = np.empty((height, width, 4), np.uint8)
    for channel, value in enumerate((ink.redF(), ink.greenF(), ink.blueF(), 1.0)):
        pixels[..., channel] = 255.0 * value * opacity + 0.5
    premultiplied = QImage.Format.Format_RGBA8888_Premultiplied
    image = QImage(pixels.data, width, height, 4 * width, premultiplied)
    return image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)  # with its own pixels
