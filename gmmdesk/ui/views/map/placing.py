"""Where the rows lie: along which two axes, and where on them."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from gmmdesk.analysis.axes import (
    MapAxis,
    axis_names,
    column_axis,
    has_components,
    most_separating,
    name_of,
)
from gmmdesk.data.prepare import Prepared
from gmmdesk.errors import Cancelled
from gmmdesk.task import Task
from gmmdesk.ui.background import LatestWorker
from gmmdesk.ui.document import Document
from gmmdesk.ui.drawing.discriminant import discriminants
from gmmdesk.ui.drawing.embedding import EmbeddedAxis, embed
from gmmdesk.ui.drawing.projection import PrincipalComponents, Scene, principal_components, project
from gmmdesk.ui.drawing.tiles import Loose
from gmmdesk.ui.views.map.axes import COMPONENTS, DISCRIMINANTS, EMBEDDED, AxisKey
from gmmdesk.ui.views.map.toolbar import MapToolbar

_BEAT_MS = 100  # between two looks at how far an embedding is


class Placing(QObject):
    """Lays the document's rows out along the axes of the toolbar, in the background.

    Signals: `scene_changed(scene or None)`, once the rows lie elsewhere or are others;
    `embedding_changed(Task or None)`, how far an embedding is, None when there is none under way.
    """

    scene_changed = Signal(object)
    embedding_changed = Signal(object)

    def __init__(
        self,
        document: Document,
        toolbar: MapToolbar,
        *,
        analyst: LatestWorker,
        projector: LatestWorker,
        embedder: LatestWorker,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._document, self._toolbar = document, toolbar
        self._analyst, self._projector, self._embedder = analyst, projector, embedder
        self._proposed_for: tuple[str, ...] = ()  # the columns for which axes were proposed
        self._prepared: Prepared | None = None  # of the axes that were found
        self._found: dict[int, MapAxis] = {}  # that are no columns
        self._shown: tuple[AxisKey, AxisKey] | None = None
        self._task: Task | None = None  # of the embedding under way
        self.components: PrincipalComponents | None = None
        self._beat = QTimer(self, interval=_BEAT_MS)
        self._beat.timeout.connect(lambda: self.embedding_changed.emit(self._task))
        toolbar.axes_changed.connect(self.project)

    def forget_proposal(self) -> None:
        """Propose axes again, even for columns of the same names: the table is another."""
        self._proposed_for = ()

    def adopt(self, other: Placing) -> None:
        """Know the axes that another has found for the same rows."""
        self._prepared, self._found = other._prepared, dict(other._found)
        self._toolbar.set_available(self._found)

    def follow_prepared(self) -> None:
        """Offer the axes of the document's rows, and lay them out."""
        prepared = self._document.prepared
        self.components = None
        if prepared is None or self._prepared is None or not same_rows(prepared, self._prepared):
            self.cancel_embedding()
            self._found = {}
        for key in COMPONENTS:
            self._found.pop(key, None)
        self._prepared = prepared
        rotated = prepared is not None and has_components(prepared)
        names = axis_names(prepared) if prepared is not None else ()
        self._toolbar.set_columns(names, components=not rotated)
        self._toolbar.set_available(self._found)
        if prepared is None:
            self._analyst.cancel()
            self._projector.cancel()
            self.scene_changed.emit(None)
            return
        self.follow_answer()
        self.project()
        if len(prepared.columns) > 1 and not rotated:
            self._analyst.submit(
                lambda: (prepared, principal_components(prepared)),
                lambda found: self._show_components(*found),
            )

    def follow_answer(self) -> None:
        """Find the directions that separate the clusters of the answer."""
        analysis, keys = self._document.analysis, self._toolbar.axes
        if analysis is None or analysis.prepared is not self._prepared:
            return
        axes = discriminants(analysis.scaled_clusters)
        for key in DISCRIMINANTS:
            self._found.pop(key, None)
        self._found |= dict(zip(DISCRIMINANTS, axes or (), strict=axes is not None))
        self._toolbar.set_available(self._found)
        if keys is not None and not set(keys).isdisjoint(DISCRIMINANTS):
            if axes is None:
                self._toolbar.choose_columns()
            self.project()

    def project(self) -> None:
        """Lay the rows out along the chosen axes, which may have to be found first."""
        prepared, axes, keys = self._document.prepared, self.axes(), self._toolbar.axes
        if prepared is None or keys is None:
            return
        embeds = not set(keys).isdisjoint(EMBEDDED)
        if not embeds:
            self.cancel_embedding()
        if axes is not None:
            self._toolbar.as_prepared.setEnabled(any(axis.maps for axis in axes))
            self._shown = keys
            self._projector.submit(lambda: project(prepared, axes), self._show_projected)
        elif embeds and self._task is None and EMBEDDED[0] not in self._found:
            self._embed(prepared)

    def axes(self) -> tuple[MapAxis, MapAxis] | None:
        """The chosen axes, None while they are not known yet."""
        prepared, keys = self._document.prepared, self._toolbar.axes
        if prepared is None or keys is None:
            return None
        x, y = (self._axis(prepared, key) for key in keys)
        return None if x is None or y is None else (x, y)

    def propose_axes(self) -> None:
        """Show where the clusters lie apart, unless the user has chosen the axes.

        Once for the same columns: who compares answers wants to see them on the same map.
        """
        analysis = self._document.analysis
        if analysis is None or self._toolbar.chosen or len(analysis.prepared.columns) < 3:
            return
        prepared, columns = analysis.prepared, analysis.prepared.columns
        if columns == self._proposed_for:
            return
        self._proposed_for = columns
        x, y = most_separating(analysis.scaled.parameters)
        self._toolbar.propose_axes((name_of(prepared, x), name_of(prepared, y)))

    def _axis(self, prepared: Prepared, key: AxisKey) -> MapAxis | None:
        if not isinstance(key, str):
            return self._found.get(key)
        return column_axis(prepared, key, as_fitted=self._toolbar.as_prepared.isChecked())

    def _show_components(self, prepared: Prepared, components: PrincipalComponents) -> None:
        if prepared is not self._document.prepared:
            return
        self.components = components
        self._found |= dict(zip(COMPONENTS, components.axes, strict=True))
        self._toolbar.set_available(self._found)
        if not set(self._toolbar.axes or ()).isdisjoint(COMPONENTS):
            self.project()

    def _show_projected(self, scene: Scene) -> None:
        """Show the rows at once, then the same in tiles, unless others are being laid out."""
        if scene.prepared is not self._document.prepared:
            return
        self.scene_changed.emit(scene)
        if isinstance(scene.points, Loose) and not self._projector.is_busy:
            self._projector.submit(scene.tiled, self._show_projected)

    # -- t-SNE -------------------------------------------------------------------------------

    def cancel_embedding(self) -> None:
        """Place no more rows."""
        if self._task is not None:
            self._embedder.cancel()
            self._end_embedding()

    def give_up_embedding(self) -> None:
        """The same, and show again what was shown before."""
        self.cancel_embedding()
        if self._shown is not None:
            self._toolbar.set_axes(self._shown)
        else:
            self._toolbar.choose_columns()

    def _embed(self, prepared: Prepared) -> None:
        settings = self._document.settings
        seed, task = 0 if settings is None else settings.seed, Task()
        self._task = task

        def compute() -> tuple[EmbeddedAxis, EmbeddedAxis] | None:
            try:
                return embed(prepared, seed, task)
            except Cancelled:
                return None

        def show(axes: tuple[EmbeddedAxis, EmbeddedAxis] | None) -> None:
            self._end_embedding()
            if (
                axes is not None
                and self._prepared is not None
                and same_rows(self._prepared, prepared)
            ):
                self._found |= dict(zip(EMBEDDED, axes, strict=True))
                self.project()

        self._embedder.submit(compute, show, task)
        self._beat.start()
        self.embedding_changed.emit(task)

    def _end_embedding(self) -> None:
        self._task = None
        self._beat.stop()
        self.embedding_changed.emit(None)


def same_rows(one: Prepared, other: Prepared) -> bool:
    """Whether both have the same rows and columns, so that axes of one are axes of the other."""
    return one is other or (
        one.columns == other.columns
        and np.array_equal(one.center, other.center)
        and np.array_equal(one.scale, other.scale)
        and np.array_equal(one.rows, other.rows)
    )
