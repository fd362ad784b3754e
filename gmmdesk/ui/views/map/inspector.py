"""The mouse on the map: what is under it, and choosing a cluster."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt
from PySide6.QtGui import QPalette

from gmmdesk.analysis import Analysis
from gmmdesk.ui import hover, text
from gmmdesk.ui.background import LatestWorker
from gmmdesk.ui.document import Document
from gmmdesk.ui.drawing.clusters import ClustersLayer
from gmmdesk.ui.drawing.histogram import HistogramLayer
from gmmdesk.ui.drawing.known import Known, grouping_of, parameters_of
from gmmdesk.ui.drawing.rows import RowsPainter
from gmmdesk.ui.drawing.shading import groups_of
from gmmdesk.ui.plotting import Plot

IntArray = npt.NDArray[np.int64]

_Role = QPalette.ColorRole
_REACH = 8.0  # pixels between the mouse and a dot it still means
_CROWD = 5.0  # half the side of the square whose rows are counted where there are many


class Inspector(QObject):
    """Shows the card beside the mouse; a click makes a cluster the current one.

    Without a card while it `is_quiet`: over handles that are to be dragged it would be in the way.
    """

    def __init__(
        self,
        document: Document,
        plot: Plot,
        *,
        rows: RowsPainter,
        clusters: ClustersLayer,
        histogram: HistogramLayer,
        known: Callable[[], Known],
        worker: LatestWorker,
    ) -> None:
        super().__init__(plot)
        self.card = hover.HoverCard(plot.viewport())
        self._document, self._plot = document, plot
        self._rows, self._clusters, self._histogram = rows, clusters, histogram
        self._known = known  # about the rows on the map
        self._worker = worker
        self.is_quiet = False
        self._place: int | None = None  # the row the card is about
        self._mouse = QPointF()  # where it was last, in the scene
        plot.scene().sigMouseMoved.connect(self._on_scene_mouse_moved)
        plot.clicked.connect(self._on_plot_clicked)
        plot.box.sigRangeChanged.connect(self.hide)
        plot.viewport().installEventFilter(self)

    def hide(self, *_: object) -> None:
        """Put the card away, for example because what it is about has changed."""
        self._worker.cancel()
        self._place = None
        self.card.hide()

    def refresh(self) -> None:
        """Write the card anew: what is known of what it is about has changed."""
        if self.card.isVisible():
            self._place = None
            self._on_scene_mouse_moved(self._mouse)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self.hide()
        return False

    def _on_scene_mouse_moved(self, position: QPointF) -> None:
        self._mouse = position
        point = self._plot.box.mapFromScene(position)
        inside = self._plot.box.rect().contains(point)
        if self.is_quiet or self._rows.scene is None or not inside:
            self.hide()
            return
        cluster = self._clusters.center_at(point)
        if cluster is not None and self._clusters.clusters is not None:
            shown = self._clusters.clusters
            weight, is_guessed = shown.share(cluster), shown.is_guessed(cluster)
            card = hover.cluster_card(cluster, weight, *self._look(), is_guessed=is_guessed)
            self._show(point, card)
        elif self._histogram.bars is not None:
            self._show_bar(point)
        elif self._rows.shows_cells:
            self._count_crowd(point)
        else:
            self._show_row(point)

    def _look(self) -> tuple[tuple[str, ...], hover.Looks]:
        return self._document.names, hover.Looks(self._document.colors, self._document.signs)

    def _groups(self, counts: IntArray) -> tuple[IntArray, tuple[str, ...], hover.Looks]:
        """Counts of the groups of which rows have colours, with their names and looks."""
        scheme = None if self._rows.shading is None else self._rows.shading.scheme
        if scheme is None:
            return counts, *self._look()
        if scheme.scale is not None:  # steps of a number have no names
            return counts.sum(keepdims=True), (), hover.PLAIN
        colors = (self._plot.color(role) for role in (_Role.Base, _Role.PlaceholderText))
        return counts, scheme.names, hover.Looks(scheme.colors(*colors))

    def _show(self, point: QPointF, content: str) -> None:
        self._place = None
        self._show_at(point, content)

    def _show_at(self, point: QPointF, content: str) -> None:
        scene_point = self._plot.box.mapToScene(point)
        self.card.show_at(self._plot.mapFromScene(scene_point), content)

    def _show_row(self, point: QPointF) -> None:
        place = self._rows.dots.nearest(point, _REACH)
        if place is None:
            self.hide()
        elif place != self._place:
            self._show_card(self._rows.dots.position(place), int(self._rows.dots.rows[place]))
            self._place = place

    def _show_card(self, point: QPointF, row: int) -> None:
        scene, dataset = self._rows.scene, self._document.dataset
        if scene is None or dataset is None:
            return
        known = self._known()
        likely = hover.likely(scene.prepared, row, parameters_of(known), grouping_of(known))
        names, looks = self._look()
        card = hover.row_card(dataset, scene.prepared, row, likely, names, looks=looks)
        self._show(point, card)

    def _show_bar(self, point: QPointF) -> None:
        bar, bars, scene = self._histogram.bar_at(point), self._histogram.bars, self._rows.scene
        if bar is None or bars is None or scene is None or not bars.counts[:, bar].any():
            self.hide()
            return
        ends = scene.axes[0].told(bars.edges[bar : bar + 2])
        low, high = map(text.number, ends.tolist())
        counts = bars.counts[:, bar]
        self._show(point, hover.crowd_card(f"from {low} to {high}", *self._groups(counts)))

    def _count_crowd(self, point: QPointF) -> None:
        """Where single rows cannot be told apart, count those around the mouse by cluster."""
        scene, shading = self._rows.scene, self._rows.shading
        if scene is None:
            return
        corner = QPointF(_CROWD, _CROWD)
        region = QRectF(
            self._plot.box.mapToView(point - corner), self._plot.box.mapToView(point + corner)
        ).normalized()

        def count() -> tuple[IntArray, IntArray]:
            inside = scene.within(region)
            if shading is None:
                return inside, np.array([len(inside)])
            groups = groups_of(shading.at(inside))
            return inside, np.bincount(groups, minlength=2 + shading.n_clusters)

        def show(found: tuple[IntArray, IntArray]) -> None:
            inside, counts = found
            if scene is not self._rows.scene or not len(inside):
                self.card.hide()
            elif len(inside) == 1:
                self._show_card(point, int(inside[0]))
            else:
                self._show(point, hover.crowd_card("here", *self._groups(counts)))

        self._worker.submit(count, show)

    def _on_plot_clicked(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        self._plot.setFocus()
        if not modifiers:  # with keys it is about what is selected
            self._document.set_current_cluster(self.cluster_at(point))

    def row_at(self, point: QPointF) -> int | None:
        """The row at a pixel, as its place in the scene, where single ones can be told apart.

        A centre comes before it.
        """
        if self._histogram.bars is not None or self._rows.shows_cells:
            return None
        if self._clusters.center_at(point) is not None:
            return None
        place = self._rows.dots.nearest(point, _REACH)
        return None if place is None else int(self._rows.dots.rows[place])

    def cluster_at(self, point: QPointF) -> int | None:
        """A centre comes before a dot, a dot before the ellipse around it."""
        if self._histogram.bars is not None:
            return self._histogram.cluster_at(point)
        cluster = self._clusters.center_at(point)
        if cluster is not None:
            return cluster
        if not self._rows.shows_cells:
            place = self._rows.dots.nearest(point, _REACH)
            if place is not None:
                cluster = self._cluster_of(place)
                if cluster is not None:
                    return cluster
        return self._clusters.ellipse_at(point)

    def _cluster_of(self, place: int) -> int | None:
        """The cluster of a dot, whatever its colour means."""
        shading, known = self._rows.shading, self._known()
        if shading is None or shading.scheme is None:
            return self._rows.dots.cluster(place)
        if not isinstance(known, Analysis):
            return None
        label = int(known.rows.label[self._rows.dots.rows[place]])
        return label if label >= 0 else None
