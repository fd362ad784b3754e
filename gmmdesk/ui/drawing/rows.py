"""The rows on the map: as dots while few are in sight, as counts per cell when many."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, QRectF, QTimer
from PySide6.QtGui import QColor

from gmmdesk.ui.background import LatestWorker
from gmmdesk.ui.drawing import density
from gmmdesk.ui.drawing.layers import CellsLayer, DotsLayer
from gmmdesk.ui.drawing.projection import Scene
from gmmdesk.ui.drawing.shading import CodeArray, Shading, inks
from gmmdesk.ui.plotting import Plot

IntArray = npt.NDArray[np.int64]

MOST_DOTS = 8_000  # painting so many takes about 10 ms on a slow machine
_SETTLE_MS = 60
_MARGIN = 0.2  # of the visible range, drawn on every side so that panning meets no gap
# Side of a cell in device pixels, up to a number of rows: a few single pixels are hard to see.
_CELLS = ((50_000, 3), (4_000_000, 2), (1 << 62, 1))


class RowColors(NamedTuple):
    """What the colours of rows follow from, besides their clusters."""

    paper: QColor
    neutral: QColor
    current: int | None = None
    fades: bool = True
    given: tuple[str, ...] = ()  # colours of clusters


class RowsPainter(QObject):
    """Keeps the two layers of rows up to date with scene, shading, colours and visible range."""

    def __init__(self, plot: Plot, worker: LatestWorker) -> None:
        super().__init__(plot)
        self.cells, self.dots = CellsLayer(plot.box), DotsLayer(plot.box)
        self.pixel_ratio: float | None = None  # of what is painted on, if not the screen
        self._plot = plot
        self._worker = worker
        self._scene: Scene | None = None
        self._shading: Shading | None = None
        self._colors = RowColors(QColor("white"), QColor("gray"))
        self._moved = QTimer(self, interval=_SETTLE_MS, singleShot=True)
        self._moved.timeout.connect(self.redraw)
        plot.box.sigRangeChanged.connect(self._on_box_range_changed)
        plot.box.sigResized.connect(self._on_box_range_changed)

    @property
    def scene(self) -> Scene | None:
        return self._scene

    @property
    def shading(self) -> Shading | None:
        return self._shading

    @property
    def is_busy(self) -> bool:
        """Whether the picture is about to change."""
        return self._moved.isActive() or self._worker.is_busy

    @property
    def shows_cells(self) -> bool:
        return self.cells.picture is not None

    def show_scene(self, scene: Scene | None) -> None:
        """Show other rows, or the same along other axes: these keep their shading."""
        self._worker.cancel()
        before, self._scene = self._scene, scene
        if scene is None or before is None or scene.prepared is not before.prepared:
            self._shading = None
            self._update_inks()
        if scene is None or not scene.lies_like(before) or scene.n_rows <= MOST_DOTS:
            self.cells.show_picture(None)
        self._show_dots(np.empty(0, np.int64))
        self.redraw()

    def show_shading(self, shading: Shading | None) -> None:
        """Colour the rows; a shading of some rows only is laid over the grey picture of all."""
        before, self._shading = self._shading, shading
        self._update_inks()
        if not self.shows_cells:
            if len(self.dots.rows):
                self._show_dots(self.dots.rows)
            if self._worker.is_busy:
                self.redraw()
            return
        if _complete(shading) is not None or _complete(before) is not None:
            self.redraw()
        self._lay_sample_over()

    def set_colors(self, colors: RowColors) -> None:
        self._colors = colors
        self._update_inks()
        if self.shows_cells:
            self.redraw()

    def redraw(self) -> None:
        """Draw anew for the visible range; few rows at once, many in the background."""
        self._moved.stop()
        scene = self._scene
        if scene is None or not self.cells.isVisible():
            return
        if scene.n_rows <= MOST_DOTS:
            if len(self.dots.rows) != scene.n_rows - scene.n_unplaced:
                self._show_dots(np.arange(scene.n_rows))
            return
        region, shape = self._region(), self._shape(scene.n_rows)
        codes = _complete(self._shading)
        colors = self._inks()

        def draw() -> density.Picture | IntArray:
            rows = density.rows_within(scene.x, scene.y, region, MOST_DOTS)
            if rows is not None:
                return rows
            return density.draw(scene.x, scene.y, region, shape, codes=codes, inks=colors)

        def show(picture: density.Picture | IntArray) -> None:
            if isinstance(picture, density.Picture):
                self.cells.show_picture(picture)
                self._lay_sample_over()
            else:
                self.cells.show_picture(None)
                self._show_dots(picture)

        self._worker.submit(draw, show)

    def _lay_sample_over(self) -> None:
        sampled = self._shading is not None and self._shading.rows is not None
        rows = self._shading.rows if sampled and self._shading is not None else None
        self._show_dots(np.empty(0, np.int64) if rows is None else rows)

    def _show_dots(self, rows: IntArray) -> None:
        scene = self._scene
        self.dots.over_cells = self.shows_cells
        if scene is None:
            rows = rows[:0]
            self.dots.show_dots(rows, np.empty(0), np.empty(0), np.empty(0, np.uint16))
            return
        if self._shading is None:
            codes = np.zeros(len(rows), np.uint16)
        elif self._shading.rows is rows:
            codes = self._shading.codes
        else:
            codes = self._shading.of_all(scene.n_rows)[rows]
        x, y = scene.x[rows], scene.y[rows]
        if scene.n_unplaced:
            placed = ~(np.isnan(x) | np.isnan(y))
            rows, x, y, codes = rows[placed], x[placed], y[placed], codes[placed]
        self.dots.show_dots(rows, x, y, codes)

    def _inks(self) -> npt.NDArray[np.float64]:
        n_clusters = self._shading.n_clusters if self._shading is not None else 0
        colors = self._colors
        return inks(
            n_clusters,
            colors.paper,
            colors.neutral,
            colors.current,
            colors.fades,
            given=colors.given,
        )

    def _update_inks(self) -> None:
        self.cells.paper = self._colors.paper
        self.dots.set_inks(self._inks(), self._colors.paper)

    def _region(self) -> QRectF:
        shown = self._plot.visible_rect()
        dx, dy = _MARGIN * shown.width(), _MARGIN * shown.height()
        return shown.adjusted(-dx, -dy, dx, dy)

    def _shape(self, n_rows: int) -> tuple[int, int]:
        """Height and width of the region in cells, each a whole number of device pixels."""
        side = next(side for most, side in _CELLS if n_rows <= most)
        ratio = (self.pixel_ratio or self._plot.devicePixelRatioF()) * (1 + 2 * _MARGIN) / side
        size = self._plot.box.rect()
        return max(1, round(size.height() * ratio)), max(1, round(size.width() * ratio))

    def _on_box_range_changed(self, *_: object) -> None:
        """Let the old picture move along; the new one is drawn when the movement slows down."""
        if self._scene is None or self._scene.n_rows <= MOST_DOTS:
            return
        # While the old picture covers what is visible, each movement puts the new one off.
        if not self._moved.isActive() or not self._leaves_picture():
            self._moved.start()

    def _leaves_picture(self) -> bool:
        picture = self.cells.picture
        return picture is None or not picture.region.contains(self._plot.visible_rect())


def _complete(shading: Shading | None) -> CodeArray | None:
    """The codes of a shading that knows every row."""
    return shading.codes if shading is not None and shading.rows is None else None
