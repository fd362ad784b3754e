"""The map: from what the document holds to what is seen."""

from __future__ import annotations

import msgspec
import numpy as np
from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gmmdesk.analysis.analysis import AnalysisProgress
from gmmdesk.data.prepare import Prepared
from gmmdesk.session.view import MapState
from gmmdesk.ui.background import LatestWorker
from gmmdesk.ui.document import Document
from gmmdesk.ui.drawing.bars import Bars, Mixture, count_bars
from gmmdesk.ui.drawing.clusters import Clusters, ClustersLayer, Look
from gmmdesk.ui.drawing.figure import FigureSource, cluster_legend
from gmmdesk.ui.drawing.histogram import HistogramLayer
from gmmdesk.ui.drawing.known import (
    Known,
    known_clusters,
    known_colors,
    parameters_of,
    shade,
)
from gmmdesk.ui.drawing.projection import (
    MapAxis,
    PrincipalComponents,
    Scene,
    axis_names,
    column_axis,
    has_components,
    marginal,
    most_separating,
    name_of,
    principal_components,
    project,
)
from gmmdesk.ui.drawing.rows import RowColors, RowsPainter
from gmmdesk.ui.drawing.shading import Shading
from gmmdesk.ui.plotting import Plot
from gmmdesk.ui.views.map.inspector import Inspector
from gmmdesk.ui.views.map.state import why_no_map, why_unplaced
from gmmdesk.ui.views.map.toolbar import AxisKey, MapToolbar
from gmmdesk.ui.widgets import Pages, secondary

_PADDING = 0.05  # of the range of the rows, on every side
_NEAREST = 1e-6  # of the range of the rows: nobody needs to zoom in further
_FARTHEST = 50.0


class MapView(QWidget):
    """The rows along two axes, grey until clusters are known, and the clusters' ellipses.

    Follows the document. What takes long is computed in the background from frozen values: where
    the rows lie, their codes, and the picture. `worker` is the class that does so.
    """

    def __init__(self, document: Document, worker: type[LatestWorker] = LatestWorker) -> None:
        super().__init__()
        self._document = document
        self._components: PrincipalComponents | None = None
        self._scene: Scene | None = None
        self._shaded: tuple[object, ...] | None = None  # what the shading follows from
        self._home = QRectF()  # what was visible after the last reset
        self._wanted_region: QRectF | None = None  # to be shown when the rows are there
        self._proposed_for: tuple[str, ...] = ()  # the columns for which axes were proposed
        self._workers = [worker(self) for _ in range(5)]
        self._analyst, self._projector, self._shader, drawer, finder = self._workers

        self.toolbar = MapToolbar()
        self.plot = Plot()
        self.plot.setAccessibleName("Map of the rows")
        self.plot.setAccessibleDescription(
            "Arrow keys move, plus and minus zoom, Home shows all rows."
        )
        self.rows = RowsPainter(self.plot, drawer)
        self.clusters = ClustersLayer(self.plot.box)
        self.histogram = HistogramLayer(self.plot.box)
        self.inspector = Inspector(
            document,
            self.plot,
            rows=self.rows,
            clusters=self.clusters,
            histogram=self.histogram,
            known=self._known,
            worker=finder,
        )
        self._pages = Pages("", self.plot)
        self._unplaced = secondary()
        self._unplaced.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._unplaced.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.toolbar)
        layout.addWidget(self._pages, 1)
        layout.addWidget(self._unplaced)

        for each in self._workers:
            each.failed.connect(document.problem_raised)
            each.became_idle.connect(self._on_worker_became_idle)
        self.toolbar.axes_changed.connect(self._project)
        self.toolbar.look_changed.connect(self._update_look)
        self.toolbar.lock_changed.connect(self._on_toolbar_lock_changed)
        self.toolbar.reset_requested.connect(self.reset_range)
        self.plot.reset_requested.connect(self.reset_range)
        self.plot.palette_changed.connect(self._update_look)
        document.dataset_changed.connect(self._on_document_dataset_changed)
        document.prepared_changed.connect(self._on_document_prepared_changed)
        document.progressed.connect(self._shade)  # which shows the clusters with the new colours
        document.run_ended.connect(self._update_clusters)
        document.timeline.moved.connect(self._on_timeline_moved)
        document.analysis_changed.connect(self._on_document_analysis_changed)
        document.names_changed.connect(self._on_document_names_changed)
        document.current_cluster_changed.connect(self._update_look)
        document.colors_changed.connect(self._update_look)
        self._update_look()
        self._on_document_prepared_changed()

    @property
    def is_busy(self) -> bool:
        """Whether something is being computed that will change the map."""
        return self.rows.is_busy or any(worker.is_busy for worker in self._workers)

    def reset_range(self) -> None:
        """Show all rows, and the ellipses."""
        scene = self._scene
        if scene is None:
            return
        x, y = self._whole(scene)
        if self._is_single(scene):
            self.plot.box.setXRange(*x, padding=0.0)
            self._fit_densities()
        else:  # both at once: with a locked aspect the second would cut the first
            self.plot.box.setRange(xRange=x, yRange=y, padding=0.0)
        self._home = self.plot.visible_rect()

    def state(self) -> MapState:
        """What is chosen and in sight."""
        region = None
        if self._scene is not None and not self._is_home() and not self._is_single(self._scene):
            region = self.plot.visible_rect().getRect()
        return msgspec.structs.replace(self.toolbar.state(), region=region)

    def show_state(self, state: MapState) -> None:
        """Show what was chosen and in sight, as soon as the rows are there."""
        self.toolbar.show_state(state)
        self._wanted_region = None if state.region is None else QRectF(*state.region)
        self._show_wanted_region()

    def _show_wanted_region(self) -> None:
        """Show the region that is waited for, once the rows lie along its axes."""
        scene, axes = self._scene, self._axes(self._document.prepared)
        if self._wanted_region is None or scene is None or axes is None:
            return
        same_axes = [axis.title for axis in scene.axes] == [axis.title for axis in axes]
        if scene.prepared is self._document.prepared and same_axes:
            self.plot.box.setRange(self._wanted_region, padding=0.0)
            self._wanted_region = None

    def close_workers(self) -> None:
        """Wait for what is being computed and compute no more; no thread outlives this."""
        for worker in self._workers:
            worker.close()

    def _whole(self, scene: Scene) -> tuple[tuple[float, float], tuple[float, float]]:
        """The ranges of x and y around all rows and the ellipses."""
        x0, x1, y0, y1 = scene.bounds
        low, high = self.clusters.extent(np.array([x0, y0]), np.array([x1, y1]))
        return _padded(low[0], high[0]), _padded(low[1], high[1])

    def _is_home(self) -> bool:
        """Whether the user has left the choice of what to look at to the view."""
        return self.plot.visible_rect() == self._home

    def _make_room(self) -> None:
        """Widen the range for ellipses that have grown; never narrow it, which would jitter."""
        scene = self._scene
        if scene is None or self._is_single(scene) or not self._is_home():
            return
        (x0, x1), (y0, y1) = self._whole(scene)
        wanted = QRectF(x0, y0, x1 - x0, y1 - y0)
        if not self._home.contains(wanted):
            self.plot.box.setRange(self._home.united(wanted), padding=0.0)
            self._home = self.plot.visible_rect()

    def figure(self) -> FigureSource | None:
        """The map as it is, to be painted elsewhere."""
        if self._scene is None:
            return None
        twin = MapView(self._document)
        twin.plot.setParent(None)  # the rest of it is not to be seen, but goes on to work
        twin.show_state(self.state())

        def settle(ratio: float) -> None:
            twin.rows.pixel_ratio = ratio
            twin.plot.settle()
            twin.rows.redraw()

        def close() -> None:
            twin.close_workers()
            twin.deleteLater()

        return FigureSource(
            "Map",
            twin.plot,
            twin.plot.paint_on,
            cluster_legend(self._document),
            settle,
            lambda: twin.is_busy,
            close,
        )

    # -- where the rows lie ------------------------------------------------------------------

    def _on_document_dataset_changed(self) -> None:
        self._proposed_for = ()
        self._wanted_region = None
        self._on_document_prepared_changed()

    def _on_document_prepared_changed(self) -> None:
        prepared = self._document.prepared
        self._components = None
        rotated = prepared is not None and has_components(prepared)
        names = axis_names(prepared) if prepared is not None else ()
        self.toolbar.set_columns(names, components=not rotated)
        self._pages.show_content(prepared is not None)
        self._pages.empty.setText(why_no_map(self._document))
        if prepared is None:
            for worker in self._workers:
                worker.cancel()
            self._show_scene(None)
            return
        self._project()
        if len(prepared.columns) > 1 and not rotated:
            self._analyst.submit(
                lambda: (prepared, principal_components(prepared)),
                lambda found: self._show_components(*found),
            )

    def _show_components(self, prepared: Prepared, components: PrincipalComponents) -> None:
        if prepared is not self._document.prepared:
            return
        self._components = components
        self.toolbar.set_shares(components.shares)
        if not set(self.toolbar.axes or ()).isdisjoint((1, 2)):
            self._project()

    def _project(self) -> None:
        prepared = self._document.prepared
        axes = self._axes(prepared)
        if prepared is None or axes is None:
            return
        self._projector.submit(lambda: project(prepared, axes), self._show_projected)

    def _show_projected(self, scene: Scene) -> None:
        if scene.prepared is self._document.prepared:
            self._show_scene(scene)

    def _axes(self, prepared: Prepared | None) -> tuple[MapAxis, MapAxis] | None:
        """The chosen axes, None while they are not known yet."""
        keys = self.toolbar.axes
        if prepared is None or keys is None:
            return None
        x, y = (self._axis(prepared, key) for key in keys)
        return None if x is None or y is None else (x, y)

    def _axis(self, prepared: Prepared, key: AxisKey) -> MapAxis | None:
        if isinstance(key, str):
            return column_axis(prepared, key)
        return None if self._components is None else self._components.axes[key - 1]

    def _show_scene(self, scene: Scene | None) -> None:
        before, self._scene = self._scene, scene
        if scene is None or before is None or scene.prepared is not before.prepared:
            self._shaded = None
        self._shader.cancel()
        self._unplaced.setVisible(scene is not None and scene.n_unplaced > 0)
        self._unplaced.setText("" if scene is None else why_unplaced(scene))
        self.inspector.hide()
        self.histogram.show_bars(None)
        if scene is not None:
            self._set_limits(scene)
            self.plot.x_axis.set_title(scene.axes[0].title)
            single = self._is_single(scene)
            self.plot.y_axis.set_title("Density" if single else scene.axes[1].title)
        single = scene is not None and self._is_single(scene)
        self.plot.box.setMouseEnabled(x=True, y=not single)  # densities always fill the height
        self.rows.cells.setVisible(not single)
        self.rows.dots.setVisible(not single)
        self._show_clusters(known_clusters(self._document, self._prepared))
        self.rows.show_scene(scene)
        if scene is not None and not scene.lies_like(before):
            self.reset_range()
        self._show_wanted_region()
        self._shade()

    def _set_limits(self, scene: Scene) -> None:
        x0, x1, y0, y1 = scene.bounds
        limits: dict[str, float | None] = {"minYRange": None, "maxYRange": None}
        ranges = {"X": _padded(x0, x1)}
        if not self._is_single(scene):
            ranges["Y"] = _padded(y0, y1)
        for axis, (low, high) in ranges.items():
            # Below this, neighbouring pixels could not be told apart in floating point.
            finest = 1e-12 * max(abs(low), abs(high))
            limits[f"min{axis}Range"] = max(_NEAREST * (high - low), finest)
            # On one scale for both, the shorter range may need to be any number of times as long.
            locked = self.toolbar.lock.isChecked()
            limits[f"max{axis}Range"] = None if locked else _FARTHEST * (high - low)
        self.plot.box.setLimits(**limits)

    def _is_single(self, scene: Scene) -> bool:
        """Whether there is one column only, shown as a histogram."""
        return len(scene.prepared.columns) == 1

    def _fit_densities(self) -> None:
        self.plot.box.setYRange(0.0, 1.05 * self.histogram.highest, padding=0.0)

    # -- what is known about the clusters ----------------------------------------------------

    def _known(self) -> Known:
        """What the rows that are shown are coloured by."""
        return known_colors(self._document, self._prepared)

    @property
    def _prepared(self) -> Prepared | None:
        return None if self._scene is None else self._scene.prepared

    def _on_document_analysis_changed(self) -> None:
        if self._document.colors != self.clusters.look.colors:
            self._update_look()
        self._update_clusters()
        if self._is_home():  # else the user has chosen what to look at
            self.reset_range()
            self._choose_axes()

    def _choose_axes(self) -> None:
        """Show where the clusters lie apart, unless the user has chosen the axes.

        Once for the same columns: who compares answers wants to see them on the same map.
        """
        analysis = self._document.analysis
        if analysis is None or self.toolbar.chosen or len(analysis.prepared.columns) < 3:
            return
        prepared, columns = analysis.prepared, analysis.prepared.columns
        if columns == self._proposed_for:
            return
        self._proposed_for = columns
        x, y = most_separating(analysis.scaled.parameters)
        self.toolbar.propose_axes((name_of(prepared, x), name_of(prepared, y)))

    def _update_clusters(self) -> None:
        self._show_clusters(known_clusters(self._document, self._prepared))
        self._shade()

    def _on_timeline_moved(self) -> None:
        """With the colours, unless the rows have not been asked again."""
        if self._known() is not known_clusters(self._document, self._prepared):
            self._update_clusters()
        else:
            self._shade()

    def _show_clusters(self, known: Known) -> None:
        scene, parameters = self._scene, parameters_of(known)
        clusters = mixture = None
        if scene is not None and parameters is not None:
            if self._is_single(scene):
                mixture = Mixture.along(parameters, scene.axes[0])
            else:
                means, covariances = marginal(parameters, scene.axes)
                clusters = Clusters(parameters.weights, means, covariances, scene.axes)
        self.clusters.show_clusters(clusters, self._document.names)
        self.histogram.show_mixture(mixture)
        self._make_room()

    def _shade(self) -> None:
        """Find out what every row is to be coloured like, of the sample while a fit runs."""
        scene, known = self._scene, self._known()
        if scene is None:
            return
        follows = (scene.prepared, known)
        if follows == self._shaded:
            return
        self._shaded = None  # until this one is done: an older one may still arrive
        single = self._is_single(scene)

        def compute() -> tuple[Shading | None, Bars | None]:
            shading = shade(scene, known)
            if not single:
                return shading, None
            if shading is None:
                return None, count_bars(scene.x, None, 0)
            values = scene.x if shading.rows is None else scene.x[shading.rows]
            return shading, count_bars(values, shading.codes, shading.n_clusters)

        def show(found: tuple[Shading | None, Bars | None]) -> None:
            if scene is not self._scene or self._is_outdated(known):
                return
            shading, bars = found
            self._shaded = follows
            if isinstance(known, AnalysisProgress):  # with the colours: one painting for both
                is_live = self._document.is_running
                latest = known_clusters(self._document, scene.prepared)
                self._show_clusters(known if is_live else latest)
            self.rows.show_shading(shading)
            if single:
                self.histogram.show_bars(bars)
                self._fit_densities()
            self.inspector.refresh()

        self._shader.submit(compute, show)

    def _is_outdated(self, known: Known) -> bool:
        """Whether what follows from `known` is not to be shown any more.

        An earlier state of the fit that still runs may be: newer ones come too fast for each.
        """
        now = self._known()
        live = isinstance(known, AnalysisProgress) and isinstance(now, AnalysisProgress)
        return known is not now and not live

    def _on_worker_became_idle(self) -> None:
        if not self.is_busy:
            QTimer.singleShot(0, self, self._document.note_frame)  # after it has been painted

    # -- how it looks ------------------------------------------------------------------------

    def _update_look(self) -> None:
        paper = self.plot.color(QPalette.ColorRole.Base)
        ink = self.plot.color(QPalette.ColorRole.Text)
        neutral = self.plot.color(QPalette.ColorRole.PlaceholderText)
        current = self._document.current_cluster
        toolbar = self.toolbar
        look = Look(
            toolbar.level,
            toolbar.ellipses.isChecked(),
            toolbar.labels.isChecked(),
            current,
            ink,
            paper,
            self._document.colors,
        )
        self.clusters.set_look(look)
        self.histogram.set_look(look, neutral)
        self.rows.set_colors(
            RowColors(paper, neutral, current, toolbar.fades.isChecked(), look.colors)
        )
        self._make_room()

    def _on_document_names_changed(self) -> None:
        self.clusters.show_clusters(self.clusters.clusters, self._document.names)

    def _on_toolbar_lock_changed(self, locked: bool) -> None:
        if self._scene is not None:
            self._set_limits(self._scene)
        self.plot.box.setAspectLocked(locked)
        self.reset_range()


def _padded(low: float, high: float) -> tuple[float, float]:
    """A range with some room on both sides, never empty."""
    room = _PADDING * (high - low) or max(abs(low), 1.0) * np.finfo(float).eps * 1e4
    return low - room, high + room
