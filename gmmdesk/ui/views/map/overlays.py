"""The layers over and under the rows that are computed for what is in sight."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, QRectF, QTimer

from gmmdesk.analysis import Analysis
from gmmdesk.ui.background import LatestWorker
from gmmdesk.ui.drawing.doubt import UncertaintyOverlay
from gmmdesk.ui.drawing.heat import HeatOverlay
from gmmdesk.ui.drawing.isolines import ComponentContours, MixtureContours
from gmmdesk.ui.drawing.known import Known, grouping_of, parameters_of
from gmmdesk.ui.drawing.landscape import Marginal, survey
from gmmdesk.ui.drawing.look import Look
from gmmdesk.ui.drawing.outliers import OutliersOverlay
from gmmdesk.ui.drawing.overlay import Ground, Overlay
from gmmdesk.ui.drawing.projection import Scene
from gmmdesk.ui.drawing.regions import RegionsOverlay
from gmmdesk.ui.plotting import Plot

# From the lowest to the uppermost, as the menu lists them.
OVERLAYS: tuple[type[Overlay], ...] = (
    HeatOverlay,
    RegionsOverlay,
    UncertaintyOverlay,
    MixtureContours,
    ComponentContours,
    OutliersOverlay,
)
_CELL = 4.0  # pixels of the window
_MARGIN = 0.2  # of what is visible, on every side
_SETTLE_MS = 60
_LIVE_MS = 500  # between two states of a fit, which needs the cores itself


class Overlays(QObject):
    """Keeps the overlays that are switched on up to date with range, scene and clusters.

    `known` gives whose clusters are shown, `is_live` whether a fit is running, `outlier_level` what
    counts as an outlier.
    """

    def __init__(
        self,
        plot: Plot,
        worker: LatestWorker,
        *,
        known: Callable[[], Known],
        is_live: Callable[[], bool],
        outlier_level: Callable[[], float],
    ) -> None:
        super().__init__(plot)
        self._plot, self._worker = plot, worker
        self._known, self._is_live, self._outlier_level = known, is_live, outlier_level
        self._scene: Scene | None = None
        self.layers = {kind.name: kind(plot.box) for kind in OVERLAYS}
        for layer in self.layers.values():
            layer.hide()
        self._due = QTimer(self, interval=_SETTLE_MS, singleShot=True)
        self._due.timeout.connect(self.redraw)
        plot.box.sigRangeChanged.connect(self._on_box_range_changed)
        plot.box.sigResized.connect(self._on_box_range_changed)

    @property
    def is_busy(self) -> bool:
        """Whether an overlay is about to change."""
        return self._due.isActive() or self._worker.is_busy

    @property
    def shows_marginal(self) -> bool:
        """Whether something is shown that only this pair of axes tells."""
        return any(layer.isVisible() and layer.of_mixture for layer in self.layers.values())

    def show_scene(self, scene: Scene | None) -> None:
        """Be about other rows, or other axes."""
        self._scene = scene
        self._worker.cancel()
        for layer in self.layers.values():
            layer.show_content(None)
        self.redraw()

    def set_shown(self, is_on: Callable[[str], bool]) -> None:
        """Show the layers whose names `is_on` says so of."""
        for name, layer in self.layers.items():
            layer.setVisible(is_on(name))
        self.redraw()

    def set_look(self, look: Look) -> None:
        for layer in self.layers.values():
            layer.set_look(look)

    def follow_clusters(self) -> None:
        """The clusters have changed; those of a fit that runs are shown now and then."""
        if not self._is_live():
            self.redraw()
        elif not self._due.isActive():
            self._due.start(_LIVE_MS)

    def redraw(self) -> None:
        """Compute what is shown for the visible range, in the background."""
        self._due.stop()
        scene = self._scene
        wanted = [layer for layer in self.layers.values() if layer.isVisible()]
        if scene is None or not wanted:
            self._worker.cancel()
            return
        known, region, shape = self._known(), self._region(), self._shape(scene)
        kinds, level = {layer.name: type(layer) for layer in wanted}, self._outlier_level()

        def compute() -> dict[str, Any]:
            ground = _ground(scene, known, region, shape, level)
            return {name: kind.compute(ground) for name, kind in kinds.items()}

        def show(found: dict[str, Any]) -> None:
            if scene is self._scene:
                for name, content in found.items():
                    self.layers[name].show_content(content)

        self._worker.submit(compute, show)

    def _region(self) -> QRectF:
        shown = self._plot.visible_rect()
        dx, dy = _MARGIN * shown.width(), _MARGIN * shown.height()
        return shown.adjusted(-dx, -dy, dx, dy)

    def _shape(self, scene: Scene) -> tuple[int, int]:
        size, scale = self._plot.box.rect(), (1 + 2 * _MARGIN) / _CELL
        width = max(2, round(size.width() * scale))
        return (1 if scene.is_single else max(2, round(size.height() * scale))), width

    def _on_box_range_changed(self, *_: object) -> None:
        if self._scene is not None and any(layer.isVisible() for layer in self.layers.values()):
            self._due.start(_SETTLE_MS)


def _ground(
    scene: Scene, known: Known, region: QRectF, shape: tuple[int, int], level: float
) -> Ground:
    parameters, landscape = parameters_of(known), None
    if parameters is not None and scene.is_linear:
        marginal = Marginal.of(parameters, scene.distinct_axes, grouping_of(known))
        landscape = survey(marginal, region, shape)
    outliers = None
    if isinstance(known, Analysis):
        outliers = np.flatnonzero(known.rows.outliers(level))
    return Ground(scene, region, shape, landscape, outliers)
