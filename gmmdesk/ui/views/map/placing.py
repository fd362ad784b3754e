"""Where the rows lie: along which two axes, and where on them."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from gmmdesk.analysis.axes import (
    MapAxis,
    axis_names,
    column_axis,
    has_components,
    most_separating,
    name_of,
)
from gmmdesk.data.prepare import Prepared
from gmmdesk.ui.background import LatestWorker
from gmmdesk.ui.document import Document
from gmmdesk.ui.drawing.projection import PrincipalComponents, Scene, principal_components, project
from gmmdesk.ui.views.map.toolbar import AxisKey, MapToolbar


class Placing(QObject):
    """Lays the document's rows out along the axes of the toolbar, in the background.

    Signals: `scene_changed(scene or None)`, once the rows lie elsewhere or are others.
    """

    scene_changed = Signal(object)

    def __init__(
        self,
        document: Document,
        toolbar: MapToolbar,
        *,
        analyst: LatestWorker,
        projector: LatestWorker,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._document, self._toolbar = document, toolbar
        self._analyst, self._projector = analyst, projector
        self._proposed_for: tuple[str, ...] = ()  # the columns for which axes were proposed
        self.components: PrincipalComponents | None = None
        toolbar.axes_changed.connect(self.project)

    def forget_proposal(self) -> None:
        """Propose axes again, even for columns of the same names: the table is another."""
        self._proposed_for = ()

    def follow_prepared(self) -> None:
        """Offer the axes of the document's rows, and lay them out."""
        prepared = self._document.prepared
        self.components = None
        rotated = prepared is not None and has_components(prepared)
        names = axis_names(prepared) if prepared is not None else ()
        self._toolbar.set_columns(names, components=not rotated)
        if prepared is None:
            self._analyst.cancel()
            self._projector.cancel()
            self.scene_changed.emit(None)
            return
        self.project()
        if len(prepared.columns) > 1 and not rotated:
            self._analyst.submit(
                lambda: (prepared, principal_components(prepared)),
                lambda found: self._show_components(*found),
            )

    def project(self) -> None:
        """Lay the rows out along the chosen axes."""
        prepared, axes = self._document.prepared, self.axes()
        if prepared is None or axes is None:
            return
        self._projector.submit(lambda: project(prepared, axes), self._show_projected)

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
        if isinstance(key, str):
            return column_axis(prepared, key)
        return None if self.components is None else self.components.axes[key - 1]

    def _show_components(self, prepared: Prepared, components: PrincipalComponents) -> None:
        if prepared is not self._document.prepared:
            return
        self.components = components
        self._toolbar.set_shares(components.shares)
        if not set(self._toolbar.axes or ()).isdisjoint((1, 2)):
            self.project()

    def _show_projected(self, scene: Scene) -> None:
        if scene.prepared is self._document.prepared:
            self.scene_changed.emit(scene)
