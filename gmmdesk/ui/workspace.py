"""The panels and views around one table, built piece by piece."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QByteArray, QSettings, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from gmmdesk.session.view import Pane, ViewState
from gmmdesk.ui import theme
from gmmdesk.ui.document import Document
from gmmdesk.ui.folding import FoldingSplitter

if TYPE_CHECKING:
    from gmmdesk.ui.drawing.figure import FigureSource
    from gmmdesk.ui.panels.clusters_panel import ClustersPanel
    from gmmdesk.ui.panels.columns_panel import ColumnsPanel
    from gmmdesk.ui.panels.model_panel import ModelPanel
    from gmmdesk.ui.panels.preparation_panel import PreparationPanel
    from gmmdesk.ui.panels.profile_panel import ProfilePanel
    from gmmdesk.ui.panels.selection_panel import SelectionPanel
    from gmmdesk.ui.view_docks import ViewDocks
    from gmmdesk.ui.views.convergence import ConvergenceView
    from gmmdesk.ui.views.map import MapView


# Names of settings.
_PANES = "view_panes"
_TIMELINE = "timeline"


class Workspace(QSplitter):
    """Data, columns and model on the left, the plots in the middle, clusters on the right."""

    columns_panel: ColumnsPanel
    preparation_panel: PreparationPanel
    model_panel: ModelPanel
    clusters_panel: ClustersPanel
    selection_panel: SelectionPanel
    profile_panel: ProfilePanel
    map: MapView
    views: ViewDocks
    convergence: ConvergenceView

    def __init__(self, document: Document) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setChildrenCollapsible(False)
        self._document = document
        self._left = QWidget()
        self._middle = FoldingSplitter()
        for widget in (self._left, self._middle):
            self.addWidget(widget)
        self._timeline = QAction("T&imeline below the views", self, checkable=True, checked=True)
        self._timeline.setToolTip("Hide it where the views need the room")

    def build(self) -> Iterator[None]:
        """Make the pieces; between two of them the event loop may run.

        Imports here, not above: the plots take long, and are wanted when a table is there.
        """
        from gmmdesk.ui.panels.chosen_panel import ChosenPanel
        from gmmdesk.ui.panels.clusters_panel import ClustersPanel
        from gmmdesk.ui.panels.columns_and_steps import ColumnsAndSteps
        from gmmdesk.ui.panels.columns_panel import ColumnsPanel
        from gmmdesk.ui.panels.data_panel import DataPanel
        from gmmdesk.ui.panels.model_panel import ModelPanel
        from gmmdesk.ui.panels.preparation_panel import PreparationPanel
        from gmmdesk.ui.view_docks import ViewDocks
        from gmmdesk.ui.views.convergence import ConvergenceView

        column = QVBoxLayout(self._left)
        column.setContentsMargins(*[theme.SPACE] * 4)
        column.setSpacing(2 * theme.SPACE)
        yield
        column.addWidget(DataPanel(self._document))
        yield
        self.columns_panel = ColumnsPanel(self._document)
        yield
        self.preparation_panel = PreparationPanel(self._document)
        column.addWidget(ColumnsAndSteps(self.columns_panel, self.preparation_panel), 1)
        yield
        self.model_panel = ModelPanel(self._document)
        column.addWidget(self.model_panel)
        yield
        self.views = ViewDocks(self._document)
        self.map = self.views.map
        self._middle.addWidget(self.views)
        yield
        self.convergence = ConvergenceView(self._document)
        self._middle.addWidget(self.convergence)
        self._timeline.toggled.connect(self._middle.set_shown)
        self._middle.setStretchFactor(0, 3)
        self._middle.setStretchFactor(1, 1)
        self._middle.setSizes([560, 170])
        for signal in (
            self.views.looked_at,
            self._document.run_started,
            self._document.analysis_changed,
        ):
            signal.connect(self._fold)
        yield
        chosen = ChosenPanel(self._document)
        self.selection_panel, self.profile_panel = chosen.selection, chosen.profile
        yield
        self.clusters_panel = ClustersPanel(self._document, chosen)
        self.clusters_panel.findings_wanted.connect(lambda: self.views.show_view("Trust"))
        self.clusters_panel.setContentsMargins(*[theme.SPACE] * 4)
        self.clusters_panel.setMinimumWidth(290)  # room for names beside the numbers
        self.addWidget(self.clusters_panel)
        for index, factor in enumerate((1, 5, 1)):  # of a large screen the sides get some too
            self.setStretchFactor(index, factor)
        self.setSizes([316, 630, 326])
        self._restore()

    def menu_actions(self) -> list[QAction]:
        """What is to be seen, and where, for a menu."""
        return [*self.views.menu_actions(), self._timeline]

    def view_state(self) -> ViewState:
        """How things are looked at."""
        return ViewState(
            current_cluster=self._document.current_cluster,
            map=self.map.state(),
            tab=self.views.front_title,
            panes=self.views.panes(),
            splitters={name: tuple(one.sizes()) for name, one in self._splitters().items()},
        )

    def show_view(self, state: ViewState) -> None:
        """Look at things as in `state`."""
        for name, splitter in self._splitters().items():
            sizes = state.splitters.get(name, ())
            if len(sizes) == splitter.count() and any(sizes):
                splitter.setSizes(list(sizes))
        if state.panes:
            self.views.arrange(state.panes)
        if state.tab in self.views.titles:
            self.views.show_view(state.tab)
        if state.map is not None:
            self.map.show_state(state.map)
        self._document.set_current_cluster(state.current_cluster)

    def figures(self) -> list[FigureSource]:
        """Copies of what can be exported as a figure: the view in front, then the curve below."""
        from gmmdesk.ui.drawing.figure import HasFigure

        views: tuple[object, ...] = (self.views.front(), self.convergence)
        found = [view.figure() for view in views if isinstance(view, HasFigure)]
        return [figure for figure in found if figure is not None]

    def close_workers(self) -> None:
        """Compute no more; no thread outlives this."""
        self.preparation_panel.close_worker()
        self.clusters_panel.close_worker()
        self.profile_panel.close_worker()
        self.selection_panel.close_worker()
        self.views.close_workers()

    def save(self, settings: QSettings) -> None:
        """Remember how the room is divided."""
        self._middle.set_folded(False)
        for name, splitter in self._splitters().items():
            settings.setValue(name, splitter.saveState())
        settings.setValue(_TIMELINE, str(self._timeline.isChecked()))
        settings.setValue(_PANES, msgspec.json.encode(self.views.panes()).decode())

    def _fold(self) -> None:
        """Leave the room of the curve to views that do not follow the timeline."""
        is_needed = self.views.has_moments or self._document.is_running
        self.convergence.set_folded(not is_needed)
        self._middle.set_folded(not is_needed)

    def _restore(self) -> None:
        for name, splitter in self._splitters().items():
            state = QSettings().value(name)
            if isinstance(state, QByteArray):
                splitter.restoreState(state)
        self._timeline.setChecked(QSettings().value(_TIMELINE) != str(False))
        with suppress(msgspec.MsgspecError):  # a broken settings file stops nothing
            saved = str(QSettings().value(_PANES, "[]"))
            if panes := msgspec.json.decode(saved, type=tuple[Pane, ...]):
                self.views.arrange(panes)

    def _splitters(self) -> dict[str, QSplitter]:
        return {"workspace_splitter": self, "middle_splitter": self._middle}
