"""The map: what is chosen, what lies where, what is known and what is in sight, put together."""

from __future__ import annotations

from dataclasses import replace

import msgspec
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QPalette, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gmmdesk.analysis import Analysis
from gmmdesk.session.view import MapState
from gmmdesk.ui.as_prepared import AsPrepared
from gmmdesk.ui.background import LatestWorker
from gmmdesk.ui.document import Document
from gmmdesk.ui.drawing.clusters import ClustersLayer
from gmmdesk.ui.drawing.figure import FigureSource
from gmmdesk.ui.drawing.histogram import HistogramLayer
from gmmdesk.ui.drawing.look import Look
from gmmdesk.ui.drawing.projection import Scene
from gmmdesk.ui.drawing.rows import RowColors, RowsPainter
from gmmdesk.ui.drawing.selected import SelectedRows
from gmmdesk.ui.plotting import Plot
from gmmdesk.ui.views.map.coloring import Coloring
from gmmdesk.ui.views.map.embedding_bar import EmbeddingBar
from gmmdesk.ui.views.map.inspector import Inspector
from gmmdesk.ui.views.map.key import Key
from gmmdesk.ui.views.map.overlays import Overlays
from gmmdesk.ui.views.map.placing import Placing
from gmmdesk.ui.views.map.selecting import Selecting, Tools
from gmmdesk.ui.views.map.sight import Sight
from gmmdesk.ui.views.map.state import notes, why_no_map
from gmmdesk.ui.views.map.steering import Steering
from gmmdesk.ui.views.map.steering_bar import SteeringBar
from gmmdesk.ui.views.map.toolbar import MapToolbar
from gmmdesk.ui.widgets import Pages, secondary


class MapView(QWidget):
    """The rows along two axes, grey until clusters are known, and the clusters' ellipses.

    Follows the document. What takes long is computed in the background from frozen values: where
    the rows lie, their codes, and the picture. `worker` is the class that does so.
    """

    def __init__(self, document: Document, worker: type[LatestWorker] = LatestWorker) -> None:
        super().__init__()
        self._document = document
        self._scene: Scene | None = None
        self._answer = document.analysis  # or the one before, as long as there is none
        self._is_behind = False  # whether the fit went on while nobody looked
        self._workers = [worker(self) for _ in range(8)]
        analyst, projector, shader, drawer, finder, marker, surveyor, embedder = self._workers

        self.toolbar = MapToolbar(AsPrepared(document))
        self.plot = Plot()
        self.plot.setAccessibleName("Map of the rows")
        self.plot.setAccessibleDescription(
            "Arrow keys move, plus and minus zoom, Home shows all rows."
        )
        self.rows = RowsPainter(self.plot, drawer)
        self.clusters = ClustersLayer(self.plot.box)
        self.histogram = HistogramLayer(self.plot.box)
        self.placing = Placing(
            document,
            self.toolbar,
            analyst=analyst,
            projector=projector,
            embedder=embedder,
            parent=self,
        )
        self.coloring = Coloring(
            document,
            rows=self.rows,
            clusters=self.clusters,
            histogram=self.histogram,
            worker=shader,
            parent=self,
        )
        self.key = Key(document, self.plot, self.rows, self.clusters)
        self.overlays = Overlays(
            self.plot,
            surveyor,
            known=self.coloring.known_clusters,
            is_live=lambda: document.is_running,
            outlier_level=lambda: document.outlier_level,
        )
        self.sight = Sight(self.plot, self.clusters, self.histogram)
        self.inspector = Inspector(
            document,
            self.plot,
            rows=self.rows,
            clusters=self.clusters,
            histogram=self.histogram,
            known=self.coloring.known,
            worker=finder,
        )
        self.selected = SelectedRows(
            self.plot, self.rows, self.histogram, selection=document.selection, worker=marker
        )
        self.tools = Tools()
        self.selecting = Selecting(
            document,
            self.plot,
            self.rows,
            tools=self.tools,
            cluster_at=self.inspector.cluster_at,
            row_at=self.inspector.row_at,
        )
        self.steering = Steering(
            document, self.plot, tools=self.tools, coloring=self.coloring, bar=SteeringBar()
        )
        self._lay_out()
        self._connect()
        self._on_toolbar_look_changed()
        self._on_document_dataset_changed()

    def _lay_out(self) -> None:
        self.toolbar.add_tools(self.tools)
        self._pages = Pages("", self.plot)
        self.embedding_bar = EmbeddingBar()
        self._notes = secondary()
        self._notes.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._notes.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.toolbar)
        layout.addWidget(self.steering.bar)
        layout.addWidget(self._pages, 1)
        layout.addWidget(self._notes)
        layout.addWidget(self.embedding_bar)

    def _connect(self) -> None:
        document, coloring, sight = self._document, self.coloring, self.sight
        for each in self._workers:
            each.failed.connect(document.problem_raised)
            each.became_idle.connect(self._on_worker_became_idle)
        self.placing.scene_changed.connect(self._on_placing_scene_changed)
        self.placing.embedding_changed.connect(self.embedding_bar.show_task)
        self.embedding_bar.cancel_requested.connect(self.placing.give_up_embedding)
        coloring.clusters_changed.connect(self._make_room)
        coloring.clusters_changed.connect(self.overlays.follow_clusters)
        coloring.colors_changed.connect(self._on_coloring_colors_changed)
        self.toolbar.look_changed.connect(self._on_toolbar_look_changed)
        self.toolbar.lock_changed.connect(sight.lock)
        self.toolbar.color_changed.connect(self._on_toolbar_color_changed)
        self.key.hidden_changed.connect(self._update_look)
        self.steering.look_changed.connect(self._on_steering_look_changed)
        self.toolbar.reset_requested.connect(self.reset_range)
        self.plot.reset_requested.connect(self.reset_range)
        self.plot.palette_changed.connect(self._update_look)
        document.dataset_changed.connect(self._on_document_dataset_changed)
        document.prepared_changed.connect(self._on_document_prepared_changed)
        document.progressed.connect(self._on_document_progressed)
        document.timeline.moved.connect(coloring.update)
        document.analysis_changed.connect(self._on_document_analysis_changed)
        document.names_changed.connect(self._on_document_names_changed)
        document.current_cluster_changed.connect(self._update_look)
        document.colors_changed.connect(self._update_look)
        document.outliers_changed.connect(self.overlays.redraw)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._is_behind:
            self._is_behind = False
            self.coloring.update()

    @property
    def is_busy(self) -> bool:
        """Whether something is being computed that will change the map."""
        drawing = self.rows.is_busy or self.selected.is_busy or self.overlays.is_busy
        return drawing or self.clusters.is_moving or any(worker.is_busy for worker in self._workers)

    def reset_range(self) -> None:
        """Show all rows, and the ellipses."""
        self.sight.reset()

    def state(self) -> MapState:
        """What is chosen and in sight."""
        state, hidden = self.toolbar.state(), tuple(sorted(self.key.hidden))
        return msgspec.structs.replace(state, region=self.sight.region, hidden=hidden)

    def show_state(self, state: MapState) -> None:
        """Show what was chosen and in sight, as soon as the rows are there."""
        self.toolbar.show_state(state)
        self.key.hide(frozenset(state.hidden))
        self.sight.want(state.region)
        self._show_wanted_region()

    def close_workers(self) -> None:
        """Wait for what is being computed and compute no more; no thread outlives this."""
        for worker in self._workers:
            worker.close()

    def figure(self) -> FigureSource | None:
        """The map as it is, to be painted elsewhere."""
        if self._scene is None:
            return None
        twin = MapView(self._document)
        twin.plot.setParent(None)  # the rest of it is not to be seen, but goes on to work
        twin.placing.adopt(self.placing)
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
            self.key.figure_legend(),
            settle,
            lambda: twin.is_busy,
            close,
        )

    # -- what the parts tell each other ------------------------------------------------------

    def _on_placing_scene_changed(self, scene: Scene | None) -> None:
        before, self._scene = self._scene, scene
        self.inspector.hide()
        self.sight.follow(scene)
        single = scene is not None and scene.is_single
        if scene is not None:
            self.plot.x_axis.set_scale(scene.axes[0].scale)
            self.plot.y_axis.set_scale(() if single else scene.axes[1].scale)
            self.plot.x_axis.set_title(scene.axes[0].title)
            self.plot.y_axis.set_title("Density" if single else scene.axes[1].title)
        self._show_points()
        self.coloring.follow(scene)
        if scene is not None and not scene.lies_like(before):
            self.reset_range()
        self._show_wanted_region()
        self.rows.show_scene(scene)  # as all that draws, when it is clear what is in sight
        self.steering.show_scene(scene)
        self.selected.redraw()
        self.overlays.show_scene(scene)
        self._say_notes()
        self.coloring.shade()

    def _show_wanted_region(self) -> None:
        if self._scene is not None and self._scene.prepared is self._document.prepared:
            self.sight.show_wanted(self.placing.axes())

    def _on_coloring_colors_changed(self) -> None:
        if self._scene is not None and self._scene.is_single:
            self.sight.fit_densities()
            self._update_look()
        self.selected.redraw()
        self.key.refresh()
        self.key.keep_clear()
        self.inspector.refresh()

    def _on_steering_look_changed(self) -> None:
        self.inspector.is_quiet = self.steering.is_on
        self.inspector.refresh()
        self._update_look()
        if not self.steering.is_on and self.sight.is_home:
            self.reset_range()  # there was room for clusters that were dragged away

    def _on_toolbar_color_changed(self) -> None:
        self.key.hide(frozenset())  # groups of something else
        self.coloring.choose(self.toolbar.color_by)

    def _show_points(self) -> None:
        """Rows of one column are bars, which are always shown."""
        single = self._scene is not None and self._scene.is_single
        shown = self.toolbar.layers.is_on("points") and not single
        self.rows.set_shown(shown)

    def _say_notes(self) -> None:
        said = notes(
            self._scene,
            marginal=self.overlays.shows_marginal and self._has_clusters,
            proposed=self.toolbar.is_proposed and self._document.analysis is not None,
        )
        self._notes.setText(said)
        self._notes.setVisible(bool(said))

    @property
    def _has_clusters(self) -> bool:
        return self.clusters.clusters is not None or self.histogram.mixture is not None

    def _on_worker_became_idle(self) -> None:
        if not self.is_busy:
            QTimer.singleShot(0, self, self._document.note_frame)  # after it has been painted

    def _update_look(self) -> None:
        paper = self.plot.color(QPalette.ColorRole.Base)
        ink = self.plot.color(QPalette.ColorRole.Text)
        neutral = self.plot.color(QPalette.ColorRole.PlaceholderText)
        document = self._document
        chosen = document.chosen_clusters
        layers = self.toolbar.layers
        look = Look(
            layers.levels,
            layers.is_on("ellipses"),
            layers.is_on("ellipse_axes"),
            layers.is_on("labels"),
            frozenset() if self.steering.is_on else chosen,
            ink,
            paper,
            self.steering.colors,
            self.key.hidden_clusters,
        )
        self.clusters.set_look(look)
        bar_colors = self.key.bar_colors
        if bar_colors is None and self.steering.is_on:  # bars are of the clusters before
            before = replace(look, colors=document.colors)
            bar_colors = tuple(before.color(k).name() for k in range(len(document.colors)))
        self.histogram.set_look(look, neutral, bar_colors, self.key.hidden)
        self.overlays.set_look(replace(look, colors=document.colors))  # never steered
        self.rows.set_colors(
            RowColors(
                paper,
                neutral,
                chosen,
                layers.is_on("fades"),
                document.colors,
                self.key.hidden,
                layers.is_on("shapes"),
                document.signs,
            )
        )
        self.selected.set_colors(paper, ink)
        self.selecting.outline.color = self.plot.color(QPalette.ColorRole.Accent)
        self.key.refresh()
        self._make_room()

    def _make_room(self) -> None:
        """For clusters that stay: those of an iteration are wide at first, and soon others."""
        if self._document.moment is None:
            self.sight.make_room()

    def _on_toolbar_look_changed(self) -> None:
        self._update_look()
        self._show_points()
        layers = self.toolbar.layers
        self.key.set_shown(layers.is_on("legend"), beside=layers.is_on("legend_beside"))
        self.overlays.set_shown(layers.is_on)
        self._say_notes()

    # -- what the document tells -------------------------------------------------------------

    def _on_document_dataset_changed(self) -> None:
        self.placing.forget_proposal()
        self.sight.want(None)
        self.key.hide(frozenset())
        self._answer = None
        dataset = self._document.dataset
        self.toolbar.set_color_columns(() if dataset is None else [c.name for c in dataset.columns])
        self._on_document_prepared_changed()

    def _on_document_prepared_changed(self) -> None:
        is_there = self._document.prepared is not None
        self._pages.show_content(is_there)
        self._pages.empty.setText(why_no_map(self._document))
        if not is_there:
            for worker in self._workers:
                worker.cancel()
        self.placing.follow_prepared()

    def _on_document_analysis_changed(self) -> None:
        analysis = self._document.analysis
        if analysis is not None:
            before, self._answer = self._answer, analysis
            is_other = before is not None and not _has_same_clusters(before, analysis)
            if is_other and self.key.hidden_clusters:
                self.key.hide(frozenset())  # hidden numbers would be of others
        if self._document.colors != self.clusters.look.colors:
            self._update_look()
        self.coloring.update()
        self.placing.follow_answer()
        if self.sight.is_home:  # else the user has chosen what to look at
            self.reset_range()
            self.placing.propose_axes()
        self._say_notes()
        self._write_legend()

    def _on_document_progressed(self) -> None:
        """Follow the fit, unless nobody looks: then it need not wait for a frame."""
        self._is_behind = not self.plot.isVisible()
        if self._is_behind:
            QTimer.singleShot(0, self, self._document.note_frame)
        else:
            self.coloring.shade()  # which shows the clusters with the new colours

    def _on_document_names_changed(self) -> None:
        self.clusters.show_clusters(self.clusters.clusters, self._document.names)
        self._write_legend()

    def _write_legend(self) -> None:
        self.key.refresh()
        self.key.keep_clear()


def _has_same_clusters(first: Analysis, second: Analysis) -> bool:
    """Whether these are of one fit, also where one was brought back, and combined alike."""
    return first.trust is second.trust and first.grouping == second.grouping
