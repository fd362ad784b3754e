"""Which layers the map shows, as switches in a menu."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from gmmdesk.analysis.ellipse import LEVELS
from gmmdesk.session.view import MapState
from gmmdesk.ui import text
from gmmdesk.ui.help import glossary
from gmmdesk.ui.views.map.overlays import OVERLAYS

# Field of `MapState`, title and tip of the layers that are not overlays, above and below these.
_ROWS = (
    ("points", "&Points", "The rows, as dots or counted where there are many"),
    (
        "shapes",
        "&Shapes",
        "A shape for each cluster beside its colour, where dots are few and large enough",
    ),
)
_CLUSTERS = (
    ("ellipses", "E&llipses", "The regions that hold the chosen shares of each cluster"),
    ("ellipse_axes", "&Axes of the ellipses", "The directions in which a cluster is widest"),
    ("labels", "Ce&ntres and weights", glossary.tip("Centres and weights")),
    ("legend", "Le&gend", "Names and colours; a click there hides a cluster"),
    ("legend_beside", "Legend &beside the map", "Where it hides no rows, instead of on the map"),
)
_FADES = ("fades", "&Fade uncertain rows", glossary.tip("Fading"))
_NONE_OF_SINGLE = "contours", "component_contours", "heat", "ellipse_axes", "points", "shapes"


class LayersMenu(QMenu):
    """Switches of the layers, and the levels of the ellipses. Signal: `changed`."""

    changed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__("Layers", parent)
        self.setToolTipsVisible(True)
        self._switches: dict[str, QAction] = {}
        defaults = MapState()
        overlays = [(one.name, one.title, one.tip) for one in OVERLAYS]
        for name, title, tip in (*_ROWS, _FADES, *overlays, *_CLUSTERS):
            if name in ("heat", "ellipses", "legend"):
                self.addSeparator()
            self._switches[name] = self._add(self, title, tip, on=getattr(defaults, name))
        self._levels_menu = QMenu("Ellipse &levels", self)
        self._levels_menu.setToolTipsVisible(True)
        self._levels = {
            level: self._add(
                self._levels_menu,
                text.percent(level),
                glossary.tip("Ellipse level"),
                on=level == defaults.level,
            )
            for level in LEVELS
        }
        self.insertMenu(self._switches["ellipse_axes"], self._levels_menu)

    def switch(self, name: str) -> QAction:
        """The switch of a layer, by its field of `MapState`."""
        return self._switches[name]

    def is_on(self, name: str) -> bool:
        """Whether a layer is to be shown."""
        return self._switches[name].isChecked()

    @property
    def levels(self) -> tuple[float, ...]:
        """The levels of the ellipses, from the least."""
        return tuple(level for level, action in self._levels.items() if action.isChecked())

    def level_switch(self, level: float) -> QAction:
        """The switch of one of `LEVELS`."""
        return self._levels[level]

    def set_single(self, single: bool) -> None:
        """Offer what there is of one column, or of two."""
        for name in _NONE_OF_SINGLE:
            self._switches[name].setEnabled(not single)
        self._levels_menu.setEnabled(not single)

    def state(self) -> dict[str, Any]:
        """Fields of `MapState`."""
        fields: dict[str, Any] = {name: self.is_on(name) for name in self._switches}
        return fields | {"levels": self.levels}

    def show_state(self, state: MapState) -> None:
        """Switch as `state` says."""
        wanted = state.levels if state.levels is not None else (state.level,)
        for level, action in self._levels.items():
            action.setChecked(level in wanted)
        for name, action in self._switches.items():
            action.setChecked(getattr(state, name))

    def _add(self, menu: QMenu, title: str, tip: str, *, on: bool) -> QAction:
        action = menu.addAction(title)
        action.setCheckable(True)
        action.setChecked(on)
        action.setToolTip(tip)
        action.toggled.connect(lambda _: self.changed.emit())
        return action
