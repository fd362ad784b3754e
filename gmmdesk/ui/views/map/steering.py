"""Steering: clusters are dragged, stretched, turned, added and removed, and the fit goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from pyqtgraph.GraphicsScene.mouseEvents import MouseClickEvent, MouseDragEvent
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPalette

from gmmdesk.analysis import Analysis, AnalysisProgress, palette, steering
from gmmdesk.engine import Parameters
from gmmdesk.text import default_name
from gmmdesk.ui.document import Document
from gmmdesk.ui.drawing.curve_handles import CurveHandles
from gmmdesk.ui.drawing.handles import Handle, Handles, Kind
from gmmdesk.ui.drawing.known import grouping_of, known_clusters, parameters_of
from gmmdesk.ui.drawing.projection import Scene
from gmmdesk.ui.plotting import Plot
from gmmdesk.ui.views.map.coloring import Coloring
from gmmdesk.ui.views.map.placing import same_rows
from gmmdesk.ui.views.map.selecting import Tool, Tools
from gmmdesk.ui.views.map.steering_bar import SteeringBar

_DONE = {Kind.MOVE: "moved", Kind.STRETCH: "stretched", Kind.TURN: "turned"}
_STEP = 10.0  # pixels that an arrow key moves


class _State(NamedTuple):
    """The mixture in the units of `Prepared.X`; by component which it was (-1 - i: added)."""

    parameters: Parameters
    origins: tuple[int, ...]
    chosen: int | None
    done: tuple[str, ...] = ()  # what was done by hand, in words


class _Tried(NamedTuple):
    """What a fit goes on from, and what it was steered from; there again if it finds nothing."""

    states: list[_State]
    said: str
    analysis: Analysis | None


class Steering(QObject):
    """A mode of the map, on while its tool is chosen. Signal: `look_changed`, of the clusters.

    It begins at what is shown: the answer, a moment of the timeline, one cluster for all rows where
    there is no answer; a running fit is stopped at what it has reached.
    """

    look_changed = Signal()

    def __init__(
        self, document: Document, plot: Plot, *, tools: Tools, coloring: Coloring, bar: SteeringBar
    ) -> None:
        super().__init__(plot)
        self._document, self._plot, self._tools = document, plot, tools
        self._coloring, self.bar = coloring, bar
        self._on_ellipses, self._on_curves = Handles(plot.box), CurveHandles(plot.box)
        self.handles = self._on_ellipses
        self._scene: Scene | None = None
        self._states: list[_State] = []  # the first is what it began at
        self._from = ""  # what that is, in words
        self._tried: _Tried | None = None
        self._dragged: Handle | None = None
        self._shown: _State | None = None  # while dragging
        self._stroke: Callable[[MouseDragEvent], bool] = plot.box.on_stroke
        plot.box.on_stroke = self._on_stroke
        plot.takes_click = self._on_click
        plot.installEventFilter(self)
        plot.palette_changed.connect(self._on_plot_palette_changed)
        tools.changed.connect(self._on_tools_changed)
        bar.go_on.connect(self.go_on)
        bar.undo.connect(self.undo)
        bar.remove.connect(self.remove)
        bar.cancel.connect(self.leave)
        document.run_started.connect(self.leave)
        document.dataset_changed.connect(self.leave)
        document.run_ended.connect(self._on_document_run_ended)
        document.analysis_changed.connect(self._begin)
        document.timeline.moved.connect(self._begin)

    # -- being on ----------------------------------------------------------------------------

    @property
    def is_on(self) -> bool:
        """Whether there are handles."""
        return bool(self._states)

    @property
    def mixture(self) -> Parameters | None:
        """The mixture as it has been steered, in the units of `Prepared.X`."""
        return self._states[-1].parameters if self._states else None

    @property
    def colors(self) -> tuple[str, ...]:
        """The colours of the clusters that are shown: each keeps its own."""
        if not self._states:
            return self._document.colors
        colors, origins = self._document.part_colors, self._states[-1].origins
        first = len(self._states[0].origins)  # those that are added count down from -1
        kept = dict(enumerate(self._document.part_signs))
        signs = palette.signs_after(first - min(origins, default=0), kept)
        places = [i if i >= 0 else first - 1 - i for i in origins]
        return tuple(
            colors[k] if k < min(first, len(colors)) else palette.color(palette.sign(k, signs))
            for k in places
        )

    def show_scene(self, scene: Scene | None) -> None:
        """Be about other axes; with other rows it begins anew."""
        before, self._scene = self._scene, scene
        self.handles.hide()
        single = scene is not None and scene.is_single
        self.handles = self._on_curves if single else self._on_ellipses
        if before is None or scene is None or not same_rows(before.prepared, scene.prepared):
            self._states = []
            self._begin()
        elif self._states:
            self._show()

    def leave(self) -> None:
        """Show again what there was."""
        self._states, self._dragged, self._shown, self._tried = [], None, None, None
        if self._tools.tool is Tool.STEER:
            self._tools.use(Tool.PAN)

    def _on_tools_changed(self) -> None:
        if self._tools.tool is not Tool.STEER:
            self._states = []
            self._coloring.steer(None, ())
            self.handles.hide()
            self.bar.hide()
            self.look_changed.emit()
        elif self._document.is_running:
            self._say("Stopping the fit at what it has reached…")
            self._document.stop_fit()  # and `run_ended` begins
        else:
            self._begin()

    def _on_document_run_ended(self) -> None:
        tried = self._tried
        if tried is not None and tried.analysis is self._document.analysis:
            self._tools.use(Tool.STEER)
        else:
            self._tried = None
            self._begin()

    def _begin(self) -> None:
        if self._tools.tool is not Tool.STEER or self._document.is_running:
            return
        document, scene = self._document, self._scene
        if self._tried is not None and scene is not None:
            (self._states, self._from, _), self._tried = self._tried, None
            self._show()
            self.look_changed.emit()
            return
        self._states = []
        parameters = None
        if scene is not None:
            known = known_clusters(document, scene.prepared)
            parameters = parameters_of(known)
            self._from = "these clusters"
            if isinstance(known, AnalysisProgress):
                self._from = f"iteration {known.scaled.iteration}"
            elif not isinstance(known, Analysis) and document.analysis is None:
                parameters = steering.one_component(scene.prepared)
                self._from = "one cluster of all rows"
        if scene is None or parameters is None:
            why = "There is nothing to be steered yet."
        else:
            why = steering.why_not_steerable(parameters, scene.distinct_axes)
        if parameters is None or why:
            self._coloring.steer(None, ())
            self.handles.hide()
            self._say(why)
        else:
            K = len(parameters.weights)
            grouping, current = grouping_of(known), document.current_cluster or 0
            current = current if grouping is None else grouping.leads[current]
            self._states = [_State(parameters, tuple(range(K)), min(current, K - 1))]
            self._show()
        self.look_changed.emit()

    # -- what is done ------------------------------------------------------------------------

    def undo(self) -> None:
        """Take back the last change."""
        if len(self._states) > 1:
            self._states.pop()
            self._show()
            self.look_changed.emit()

    def remove(self) -> None:
        """Remove the chosen cluster, unless it is the only one."""
        state = self._states[-1] if self._states else None
        if state is None or state.chosen is None or len(state.origins) < 2:
            return
        k = state.chosen
        self._push(
            steering.without_component(state.parameters, k),
            state.origins[:k] + state.origins[k + 1 :],
            min(k, len(state.origins) - 2),
            f"{self._name(state, k)} removed",
        )

    def add(self, point: QPointF) -> None:
        """Add a cluster at a pixel of the box."""
        if not self._states or self._scene is None:
            return
        state = self._states[-1]
        at = self.handles.place(point)
        if not np.isfinite(at).all():
            return  # where a bent axis has no values
        new = -1 - sum(origin < 0 for one in self._states[-1:] for origin in one.origins)
        self._push(
            steering.with_component(state.parameters, self._scene.distinct_axes, at),
            (*state.origins, new),
            len(state.origins),
            "a cluster added",
        )

    def go_on(self) -> None:
        """Fit on from here, which the settings record."""
        if not self._states or self._scene is None:
            return
        state, prepared = self._states[-1], self._scene.prepared
        done = ", ".join(dict.fromkeys(state.done))
        said = f"{self._from}, steered by hand ({done})" if done else self._from
        mixture = state.parameters.in_units(prepared.center, prepared.scale)
        tried = _Tried(self._states, self._from, self._document.analysis)
        self.leave()
        self._document.start_fit_from(mixture, said)
        self._tried = tried
        if not self._document.is_running:  # the start was refused
            self._on_document_run_ended()

    def _push(
        self, parameters: Parameters, origins: tuple[int, ...], chosen: int | None, said: str
    ) -> None:
        done = (*self._states[-1].done, said)
        self._states.append(_State(parameters, origins, chosen, done))
        self._show()
        self.look_changed.emit()

    def _choose(self, cluster: int) -> None:
        self._states[-1] = self._states[-1]._replace(chosen=cluster)
        self._show()

    # -- showing -----------------------------------------------------------------------------

    def _name(self, state: _State, cluster: int) -> str:
        origin, names = state.origins[cluster], self._document.part_names
        if 0 <= origin < len(names):
            return names[origin]
        return default_name(origin) if origin >= 0 else "an added cluster"

    def _names(self, state: _State) -> tuple[str, ...]:
        names = self._document.part_names
        return tuple(
            names[i] if 0 <= i < len(names) else "New" if i < 0 else default_name(i)
            for i in state.origins
        )

    def _on_plot_palette_changed(self) -> None:
        if self._states:
            self._show()

    def _show(self, state: _State | None = None) -> None:
        """Show a state, the last one where none is given."""
        state, scene = state or self._states[-1], self._scene
        if scene is None:
            return
        why = steering.why_not_steerable(state.parameters, scene.distinct_axes)
        self._coloring.steer(state.parameters, self._names(state))
        self.handles.setVisible(not why)
        if why:
            self._say(why)
            return
        self.handles.ink = self._plot.color(QPalette.ColorRole.Text)
        self.handles.paper = self._plot.color(QPalette.ColorRole.Base)
        self.handles.show_clusters(state.parameters, scene.distinct_axes, state.chosen)
        analysis = self._document.analysis
        model = "VVV" if analysis is None else analysis.result.model
        d = state.parameters.means.shape[1]
        form = "" if steering.is_free(model, d) else f" {self.handles.form.format(model=model)}"
        self.bar.show_state(
            self.handles.how + form,
            steers=True,
            changed=len(self._states) > 1,
            many=len(state.origins) > 1,
        )

    def _say(self, why: str) -> None:
        self.bar.show_state(why, steers=False, changed=False, many=False)

    # -- the mouse and the keys --------------------------------------------------------------

    def _on_stroke(self, event: MouseDragEvent) -> bool:
        if not self._states or not self.handles.isVisible():
            return self._stroke(event)
        box = self._plot.box
        start = box.mapFromScene(event.buttonDownScenePos())
        if event.isStart():
            self._dragged = self.handles.at(start)
            if self._dragged is not None:
                self._choose(self._dragged.cluster)
        if self._dragged is None:
            return False  # beside the handles the map is moved
        self._drag(self._dragged, start, box.mapFromScene(event.scenePos()))
        if event.isFinish():
            self._drop()
        return True

    def _drag(self, handle: Handle, start: QPointF, end: QPointF) -> None:
        """Show what the chosen cluster becomes, seen from where it was before the drag."""
        state, scene = self._states[-1], self._scene
        assert scene is not None
        axes = scene.distinct_axes
        self.handles.show_clusters(state.parameters, axes, state.chosen)
        mean, covariance = self.handles.dragged(handle, start, end)
        changed = steering.with_marginal(state.parameters, axes, handle.cluster, mean, covariance)
        self._shown = state._replace(parameters=changed)
        self._show(self._shown)

    def _drop(self) -> None:
        handle, shown, self._dragged, self._shown = self._dragged, self._shown, None, None
        if handle is not None and shown is not None and _differ(shown, self._states[-1]):
            said = f"{self._name(shown, handle.cluster)} {_DONE[handle.kind]}"
            self._push(shown.parameters, shown.origins, shown.chosen, said)

    def _on_click(self, event: MouseClickEvent, position: QPointF) -> bool:
        if not self._states or not self.handles.isVisible():
            return self._tools.tool is Tool.STEER
        handle = self.handles.at(position)
        if handle is not None:
            self._choose(handle.cluster)
            if event.button() is Qt.MouseButton.RightButton:
                self.remove()
        elif event.double() and event.button() is Qt.MouseButton.LeftButton:
            self.add(position)
        self._plot.setFocus()
        return True

    def _nudge(self, dx: float, dy: float) -> None:
        chosen = self._states[-1].chosen
        if chosen is not None:
            handle = self._dragged = Handle(Kind.MOVE, chosen)
            self._drag(handle, QPointF(), QPointF(dx, dy))
            self._drop()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Escape leaves, or gives up what is being dragged; Delete removes, arrows move."""
        if event.type() is not QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        if self._tools.tool is not Tool.STEER:
            return False
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self.leave()
            return True
        if not self._states or not self.handles.isVisible():
            return False
        state = self._states[-1]
        if key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove()
        elif key == Qt.Key.Key_Insert:
            self.add(self._plot.box.rect().center())
        elif key in (Qt.Key.Key_PageDown, Qt.Key.Key_PageUp):
            step = 1 if key == Qt.Key.Key_PageDown else -1
            self._choose(((state.chosen or 0) + step) % len(state.origins))
        elif key in _ARROWS:
            self._nudge(*_ARROWS[key])
        else:
            return False
        return True


def _differ(one: _State, other: _State) -> bool:
    """Whether clusters lie otherwise, as they do not where a drag came back or led nowhere."""
    first, second = one.parameters, other.parameters
    return not (
        np.array_equal(first.means, second.means)
        and np.array_equal(first.covariances, second.covariances)
    )


_ARROWS = {
    Qt.Key.Key_Left.value: (-_STEP, 0.0),
    Qt.Key.Key_Right.value: (_STEP, 0.0),
    Qt.Key.Key_Up.value: (0.0, -_STEP),
    Qt.Key.Key_Down.value: (0.0, _STEP),
}
