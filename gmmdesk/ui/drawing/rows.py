"""The rows on the map, kept up to date with what is in sight and what is known of them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, QRectF, QTimer, Signal
from PySide6.QtGui import QColor

from gmmdesk.ui.background import LatestWorker
from gmmdesk.ui.drawing.layers import CellsLayer, DotsLayer
from gmmdesk.ui.drawing.pictures import Drawn, Kept, Wanted, drawn
from gmmdesk.ui.drawing.projection import Scene
from gmmdesk.ui.drawing.shading import Shading, inks
from gmmdesk.ui.drawing.tiles import Loose
from gmmdesk.ui.plotting import Plot

IntArray = npt.NDArray[np.int64]

_SETTLE_MS = 60
_MARGIN = 0.2  # of the visible range, drawn on every side so that panning meets no gap


class RowColors(NamedTuple):
    """What the colours of rows follow from, besides their clusters."""

    paper: QColor
    neutral: QColor
    chosen: frozenset[int] = frozenset()  # clusters
    fades: bool = True
    given: tuple[str, ...] = ()  # colours of clusters
    hidden: frozenset[int] = frozenset()  # clusters, or groups of the shading's scheme
    shapes: bool = False  # whether groups differ in their shape too, where there is room
    signs: tuple[int, ...] = ()  # the shapes of clusters


class RowsPainter(QObject):
    """Keeps the two layers of rows up to date with scene, shading, colours and visible range.

    Signal: `shapes_changed`, when dots have shapes or have none any more.
    """

    shapes_changed = Signal()

    def __init__(self, plot: Plot, worker: LatestWorker) -> None:
        super().__init__(plot)
        self.cells, self.dots = CellsLayer(plot.box), DotsLayer(plot.box)
        self.pixel_ratio: float | None = None  # of what is painted on, if not the screen
        self._plot = plot
        self._worker = worker
        self._scene: Scene | None = None
        self._shading: Shading | None = None
        self._kept = Kept()  # of what was drawn last
        self._strays: IntArray = np.empty(0, np.int64)  # dots over the picture
        self._over: IntArray = self._strays  # rows that are dots, hidden ones too
        self._colors = RowColors(QColor("white"), QColor("gray"))
        self._had_shapes = False
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
        """Whether rows are counted, and single ones cannot be told apart."""
        return self.cells.picture is not None and not self.dots.in_picture

    def set_shown(self, shown: bool) -> None:
        """Show the rows, or do without them."""
        if shown != self.cells.isVisible():
            self.cells.setVisible(shown)
            self.dots.setVisible(shown)
            self.redraw()

    def show_scene(self, scene: Scene | None) -> None:
        """Show other rows, or the same along other axes: these keep their shading."""
        self._worker.cancel()
        before, self._scene = self._scene, scene
        self._kept = Kept()
        stays = scene is not None and scene.lies_like(before) and scene.points is not None
        if scene is None or before is None or scene.prepared is not before.prepared:
            self._shading, stays = None, False
            self._update_inks()
        if not stays:
            if scene is None or scene.points is None or not scene.lies_like(before):
                self.cells.show_picture(None)
            self._show_dots(np.empty(0, np.int64))
        self.redraw()

    def show_shading(self, shading: Shading | None) -> None:
        """Colour the rows; a shading of some rows only is laid over the grey picture of all."""
        before, self._shading = self._shading, shading
        self._kept = Kept(self._kept.counted)
        self._update_inks()
        if self.cells.picture is None:
            if len(self._over):
                self._show_dots(self._over)
            if self._worker.is_busy:
                self.redraw()
            return
        if _is_complete(shading) or _is_complete(before):
            self.redraw()
        if not _is_complete(shading):
            self._lay_sample_over()

    def set_colors(self, colors: RowColors) -> None:
        before, self._colors = self._colors, colors
        if before == colors:
            return
        self._update_inks()
        if before.hidden != colors.hidden:
            self._show_dots(self._over)
        if self.cells.picture is not None:
            self.redraw()

    def redraw(self) -> None:
        """Draw anew for the visible range; few rows at once, many in the background."""
        self._moved.stop()
        scene = self._scene
        if scene is None or not self.cells.isVisible():
            return
        if scene.points is None:
            if len(self._over) != scene.n_rows:
                self._show_dots(np.arange(scene.n_rows))
            return
        ratio = self.pixel_ratio or self._plot.devicePixelRatioF()
        region, pixels = self._region(), self._pixels(ratio)
        counted = self._kept.counted
        if counted is None or counted.region != region:
            self._kept = Kept(ordered=self._kept.ordered)
        wanted = Wanted(scene.points, region, pixels, ratio, self._shading, self.inks(), self._kept)
        self._worker.submit(lambda: drawn(wanted), self._show_drawn)

    def _show_drawn(self, found: Drawn) -> None:
        wanted, picture = found.wanted, found.picture
        same = wanted.shading is self._shading
        self._kept = wanted.kept if same else Kept(wanted.kept.counted)
        self.dots.in_picture = picture is not None and picture.counts is None
        self._strays = found.rows if self.shows_cells or picture is not None else found.rows[:0]
        self.cells.show_picture(picture)
        if picture is not None and self._scene is not None:
            x0, x1, y0, y1 = self._scene.bounds
            if picture.region.contains(QRectF(x0, y0, x1 - x0, y1 - y0)):
                self.cells.backdrop = picture
        self._lay_over(found.rows)
        waits = isinstance(wanted.points, Loose)  # for tiles, of which it takes less
        if found.is_draft and not waits and not self._worker.is_busy:
            full = wanted._replace(drafts=False)
            self._worker.submit(lambda: drawn(full), self._show_drawn)

    def _lay_sample_over(self) -> None:
        self._lay_over(self._strays)

    def _lay_over(self, rows: IntArray) -> None:
        """Show `rows` as dots, or those whose colour is known where these are a sample."""
        shading = self._shading
        if self.cells.picture is not None and shading is not None and shading.rows is not None:
            self.dots.in_picture = False
            sampled = shading.rows
            rows = np.union1d(rows, sampled) if self.cells.picture.counts is not None else sampled
        self._show_dots(rows)

    def _show_dots(self, rows: IntArray) -> None:
        scene, self._over = self._scene, rows
        self.dots.over_cells = self.cells.picture is not None
        if scene is None:
            rows = rows[:0]
            self.dots.show_dots(rows, np.empty(0), np.empty(0), np.empty(0, np.uint16))
            return
        if self._shading is None:
            codes = np.zeros(len(rows), np.uint16)
        elif self._shading.rows is rows:
            codes = self._shading.codes
        else:
            codes = self._shading.at(rows)
        colors = self.inks()
        if colors.shape[1] == 4:
            seen = colors[codes, 3] > 0.0
            rows, codes = rows[seen], codes[seen]
        x, y = scene.places(rows)
        if scene.n_unplaced:
            placed = ~(np.isnan(x) | np.isnan(y))
            rows, x, y, codes = rows[placed], x[placed], y[placed], codes[placed]
        self.dots.show_dots(rows, x, y, codes)
        self._tell_of_shapes()

    def inks(self, *, full: bool = False) -> npt.NDArray[np.float64]:
        """The colour of every code (c, 3), with a fourth number where some are hidden.

        With `full` strength, whether rows are unsure, or of other clusters than the chosen.
        """
        colors, shading = self._colors, self._shading
        scheme = None if shading is None else shading.scheme
        return inks(
            0 if shading is None else shading.n_clusters,
            colors.paper,
            colors.neutral,
            colors.chosen if scheme is None and not full else (),
            colors.fades and not full,
            given=colors.given if scheme is None else scheme.colors(colors.paper, colors.neutral),
            hidden=colors.hidden if shading is not None else (),
        )

    def _update_inks(self) -> None:
        self.cells.paper = self._colors.paper
        scheme = None if self._shading is None else self._shading.scheme
        # Only clusters have shapes: those of categories would be taken for theirs.
        signs = self._colors.signs if self._colors.shapes and scheme is None else None
        self.dots.set_inks(self.inks(), self._colors.paper, signs)
        self._tell_of_shapes()

    def _tell_of_shapes(self) -> None:
        if self.dots.has_shapes != self._had_shapes:
            self._had_shapes = self.dots.has_shapes
            self.shapes_changed.emit()

    def _region(self) -> QRectF:
        shown = self._plot.visible_rect()
        dx, dy = _MARGIN * shown.width(), _MARGIN * shown.height()
        return shown.adjusted(-dx, -dy, dx, dy)

    def _pixels(self, ratio: float) -> tuple[int, int]:
        """Height and width of the region in pixels of the device."""
        scale, size = ratio * (1 + 2 * _MARGIN), self._plot.box.rect()
        return max(1, round(size.height() * scale)), max(1, round(size.width() * scale))

    def _on_box_range_changed(self, *_: object) -> None:
        """Let the old picture move along; the new one is drawn when the movement slows down."""
        if self._scene is None or self._scene.points is None:
            return
        # While the old picture covers what is visible, each movement puts the new one off.
        if not self._moved.isActive() or not self._leaves_picture():
            self._moved.start()

    def _leaves_picture(self) -> bool:
        picture = self.cells.picture
        return picture is None or not picture.region.contains(self._plot.visible_rect())


def _is_complete(shading: Shading | None) -> bool:
    return shading is not None and shading.is_complete
