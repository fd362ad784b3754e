"""What is known about the rows on the map: their clusters as colours, and the clusters' shapes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QObject, Signal

from gmmdesk.analysis import Analysis, AnalysisProgress
from gmmdesk.analysis.axes import marginal
from gmmdesk.analysis.bars import Bars, Mixture
from gmmdesk.analysis.ellipse import own_shapes
from gmmdesk.data.dataset import Column
from gmmdesk.data.prepare import Prepared
from gmmdesk.engine import Parameters
from gmmdesk.ui.background import LatestWorker
from gmmdesk.ui.document import Document
from gmmdesk.ui.drawing.bars import count_bars
from gmmdesk.ui.drawing.clusters import Clusters, ClustersLayer
from gmmdesk.ui.drawing.coloured_by import by_certainty, by_column
from gmmdesk.ui.drawing.histogram import HistogramLayer
from gmmdesk.ui.drawing.known import (
    Known,
    grouping_of,
    known_clusters,
    known_colors,
    parameters_of,
    shade,
)
from gmmdesk.ui.drawing.projection import Scene
from gmmdesk.ui.drawing.rows import RowsPainter
from gmmdesk.ui.drawing.shading import Shading


class ColorBy(NamedTuple):
    """What rows are coloured by, as in `MapState`: "cluster", "certainty" or a "column"."""

    kind: str
    column: str = ""


CLUSTERS = ColorBy("cluster")


class Coloring(QObject):
    """Follows the answer, the fit and the timeline; rows are asked in the background.

    Signals: `clusters_changed` and `colors_changed`, once the layers show others.
    """

    clusters_changed = Signal()
    colors_changed = Signal()

    def __init__(
        self,
        document: Document,
        *,
        rows: RowsPainter,
        clusters: ClustersLayer,
        histogram: HistogramLayer,
        worker: LatestWorker,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._rows, self._clusters, self._histogram = rows, clusters, histogram
        self._worker = worker
        self._scene: Scene | None = None
        self._shaded: tuple[object, ...] | None = None  # what the shading follows from
        self._choice = CLUSTERS
        self._steered: tuple[Parameters, Sequence[str]] | None = None

    def follow(self, scene: Scene | None) -> None:
        """Be about the rows of `scene`: its clusters are shown at once, its colours by `shade`."""
        before, self._scene = self._scene, scene
        if scene is None or before is None or scene.prepared is not before.prepared:
            self._shaded = None
        self._worker.cancel()
        self._histogram.show_bars(None)
        self._show_clusters(self.known_clusters())

    def choose(self, choice: ColorBy) -> None:
        """Colour the rows by something else."""
        if choice != self._choice:
            self._choice = choice
            self.shade()

    def _column(self, choice: ColorBy) -> Column | None:
        dataset = self._document.dataset
        names = () if dataset is None else (one.name for one in dataset.columns)
        if dataset is None or choice.kind != "column" or choice.column not in names:
            return None
        return dataset.column(choice.column)

    def known(self) -> Known:
        """What the rows that are shown are coloured by."""
        return known_colors(self._document, self._prepared)

    def update(self) -> None:
        """Show the clusters as they are now, and the colours of the rows."""
        self._show_clusters(self.known_clusters())
        self.shade()

    def steer(self, parameters: Parameters | None, names: Sequence[str]) -> None:
        """Show these clusters and not those that are known; those again with None."""
        before = self._steered
        self._steered = None if parameters is None else (parameters, names)
        if before is not self._steered:
            self._show_layers(self.known_clusters())

    def shade(self) -> None:
        """Find out what every row is to be coloured like, of the sample while a fit runs."""
        scene, known, choice = self._scene, self.known(), self._choice
        if scene is None:
            return
        column = self._column(choice)
        follows = (scene.prepared, choice, column, known if column is None else None)
        if follows == self._shaded:
            if isinstance(known, AnalysisProgress):
                self._show_clusters(self.known_clusters())
            return
        self._shaded = None  # until this one is done: an older one may still arrive

        def show(found: tuple[Shading | None, Bars | None]) -> None:
            if scene is not self._scene or choice != self._choice:
                return
            if column is None and self._is_outdated(known):
                return
            self._shaded = follows
            if isinstance(known, AnalysisProgress):  # with the colours: one painting for both
                is_live = self._document.is_running
                self._show_clusters(known if is_live else self.known_clusters())
            shading, bars = found
            self._rows.show_shading(shading)
            if scene.is_single:
                self._histogram.show_bars(bars)
            self.colors_changed.emit()

        self._worker.submit(lambda: _shaded(scene, known, choice, column), show)

    @property
    def _prepared(self) -> Prepared | None:
        return None if self._scene is None else self._scene.prepared

    def known_clusters(self) -> Known:
        """Whose clusters are drawn over them."""
        return known_clusters(self._document, self._prepared)

    def _is_outdated(self, known: Known) -> bool:
        """Whether what follows from `known` is not to be shown any more.

        An earlier state of the fit that still runs may be: newer ones come too fast for each.
        """
        now = self.known()
        live = isinstance(known, AnalysisProgress) and isinstance(now, AnalysisProgress)
        return known is not now and not live

    def _show_clusters(self, known: Known) -> None:
        self._show_layers(known)
        self.clusters_changed.emit()

    def _show_layers(self, known: Known) -> None:
        scene, parameters, names = self._scene, parameters_of(known), self._document.names
        grouping = grouping_of(known)
        if self._steered is not None:
            parameters, names, grouping = self._steered[0], tuple(self._steered[1]), None
        clusters = mixture = None
        if scene is not None and parameters is not None and scene.is_linear:
            if scene.is_single:
                mixture = Mixture.along(parameters, scene.axes[0], grouping)
            else:
                means, covariances = marginal(parameters, scene.axes)
                clusters = Clusters(
                    parameters.weights,
                    means,
                    covariances,
                    scene.axes,
                    grouping,
                    own_shapes(parameters, scene.n_rows),
                )
        self._clusters.show_clusters(clusters, names)
        self._histogram.show_mixture(mixture)


def _shaded(
    scene: Scene, known: Known, choice: ColorBy, column: Column | None
) -> tuple[Shading | None, Bars | None]:
    """The colours of the rows and, of a single column, its bars."""
    if column is not None:
        shading: Shading | None = by_column(column, scene.prepared)
    elif choice.kind == "certainty" and isinstance(known, Analysis):
        shading = by_certainty(known)
    else:
        shading = shade(scene, known)
    if not scene.is_single:
        return shading, None
    if shading is None:
        return None, count_bars(scene.x, None, 0)
    values = scene.x if shading.rows is None else scene.x[shading.rows]
    return shading, count_bars(values, shading.codes, shading.n_clusters)
