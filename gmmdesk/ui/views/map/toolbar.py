"""What can be chosen about the map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QEvent, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import (
    QBoxLayout,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QToolButton,
    QWidget,
)

from gmmdesk.analysis.axes import MapAxis
from gmmdesk.session.view import MapState
from gmmdesk.ui import theme
from gmmdesk.ui.as_prepared import AsPrepared
from gmmdesk.ui.drawing.embedding import HOW_TO_GET, is_installed
from gmmdesk.ui.icons import icon
from gmmdesk.ui.views.map.axes import (
    COMPONENTS,
    DISCRIMINANTS,
    EMBEDDED,
    TIPS,
    TITLES,
    AxisKey,
)
from gmmdesk.ui.views.map.coloring import CLUSTERS, ColorBy
from gmmdesk.ui.views.map.layers_menu import LayersMenu
from gmmdesk.ui.widgets import combo_box, tool_button

_TIPS = {
    "x": "What runs from left to right",
    "y": "What runs from bottom to top",
    "swap": "Exchange the two axes",
    "color": "What the colours of the rows mean",
    "layers": "What the map shows",
    "lock": "Same scale: one unit is equally long on both axes (lock the aspect ratio)",
    "reset": "Show all: every row and ellipse in sight again (Home, or double-click the map)",
}


class MapToolbar(QWidget):
    """The axes and the look, in one line where there is room, else in two.

    Signals: `axes_changed`, `color_changed`, `look_changed`, `lock_changed(bool)`,
    `reset_requested`.
    """

    axes_changed = Signal()
    color_changed = Signal()
    look_changed = Signal()
    lock_changed = Signal(bool)
    reset_requested = Signal()

    def __init__(self, as_prepared: AsPrepared) -> None:
        super().__init__()
        self._keys: list[AxisKey] = []
        self._embeds = False  # whether the axes are those of an embedding
        self.chosen = False  # whether the user has chosen the axes for these columns
        self.is_proposed = False  # whether the program has changed them
        self.x_box, self.y_box = (
            combo_box("Horizontal axis", _TIPS["x"]),
            combo_box("Vertical axis", _TIPS["y"]),
        )
        for box in (self.x_box, self.y_box):
            box.setMinimumContentsLength(6)  # in a small window, beside the tools of the mouse
        self.color_box = combo_box("Colour by", _TIPS["color"])
        self._fill_color_box(())
        self.swap = self._button("Swap the axes", _TIPS["swap"], "swap")
        self.as_prepared = as_prepared
        self.lock = self._button("Same scale", _TIPS["lock"], "lock")
        self.lock.setCheckable(True)
        self.reset = self._button("Show all", _TIPS["reset"], "fit-view")
        self.layers_button = tool_button("Layers", _TIPS["layers"], "eye")
        self.layers = LayersMenu(self.layers_button)
        self.layers_button.setMenu(self.layers)
        self.layers_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._color_label = _label("C&olour", self.color_box)
        self._x_label, self._y_label = _label("&X", self.x_box), _label("&Y", self.y_box)

        self._axes, self._look = QHBoxLayout(), QHBoxLayout()
        for widget in (self._x_label, self.x_box, self.swap, self._y_label, self.y_box):
            self._axes.addWidget(widget, 1 if isinstance(widget, QComboBox) else 0)
        look: tuple[QWidget, ...] = (
            self._color_label, self.color_box, self.layers_button, self.as_prepared, self.lock,
            self.reset,
        )  # fmt: skip
        for each in look:
            self._look.addWidget(each)
        self._lines = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._lines.setContentsMargins(theme.SPACE, theme.SPACE // 2, theme.SPACE, theme.SPACE // 2)
        self._lines.setSpacing(theme.SPACE)
        self._lines.addLayout(self._axes, 1)
        self._lines.addLayout(self._look)
        for layout in (self._axes, self._look):
            layout.setSpacing(theme.SPACE // 2)

        self.x_box.activated.connect(self._on_box_activated)
        self.y_box.activated.connect(self._on_box_activated)
        self.color_box.currentIndexChanged.connect(lambda _: self.color_changed.emit())
        self.swap.clicked.connect(self._on_swap_clicked)
        self.layers.changed.connect(self.look_changed)
        self.as_prepared.toggled.connect(lambda _: self.axes_changed.emit())
        self.lock.toggled.connect(self.lock_changed)
        self.reset.clicked.connect(self.reset_requested)

    def add_tools(self, tools: QWidget) -> None:
        """Show what the mouse can do before the axes."""
        self._axes.insertWidget(0, tools)

    @property
    def axes(self) -> tuple[AxisKey, AxisKey] | None:
        """The chosen axes; None while there is nothing to choose from."""
        if not self._keys:
            return None
        return self._keys[self.x_box.currentIndex()], self._keys[self.y_box.currentIndex()]

    @property
    def color_by(self) -> ColorBy:
        """What the rows are to be coloured by."""
        chosen = self.color_box.currentData()
        return CLUSTERS if chosen is None else ColorBy(*chosen)

    def set_color_columns(self, columns: Sequence[str]) -> None:
        """Offer these columns of the table for colours; keeps a choice that is still there."""
        before = self.color_by
        blocker = QSignalBlocker(self.color_box)
        self._fill_color_box(columns)
        self._choose_color(before)
        blocker.unblock()
        if self.color_by != before:
            self.color_changed.emit()

    def _fill_color_box(self, columns: Sequence[str]) -> None:
        self.color_box.clear()
        self.color_box.addItem("Cluster", tuple(CLUSTERS))
        self.color_box.addItem("How sure", ("certainty", ""))
        if columns:
            self.color_box.insertSeparator(2)
        for name in columns:
            self.color_box.addItem(name, ("column", name))

    def _choose_color(self, choice: ColorBy) -> None:
        places = range(self.color_box.count())
        found = (i for i in places if self.color_box.itemData(i) == tuple(choice))
        self.color_box.setCurrentIndex(next(found, 0))

    def _least_widths(self) -> tuple[int, int]:
        """Pixels without which the controls have no room in two lines, and in one."""
        margins, gap = self._lines.contentsMargins(), self._lines.spacing()
        edges = margins.left() + margins.right()
        axes, look = self._axes.minimumSize().width(), self._look.minimumSize().width()
        return edges + max(axes, look), edges + axes + gap + look

    def minimumSizeHint(self) -> QSize:
        return QSize(self._least_widths()[0], super().minimumSizeHint().height())

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            fits = self._least_widths()[1] <= self.width()
            direction = QBoxLayout.Direction
            self._lines.setDirection(direction.LeftToRight if fits else direction.TopToBottom)
        return super().event(event)

    def set_columns(self, columns: Sequence[str], *, components: bool = True) -> None:
        """Offer these columns and their `components`; keeps a choice that is still there."""
        before = self.axes
        if not set(columns) <= {key for key in self._keys if isinstance(key, str)}:
            self.chosen = False
            self.is_proposed = False
        self._keys = [*columns]
        if len(columns) > 1:
            self._keys += [*(COMPONENTS if components else ()), *DISCRIMINANTS, *EMBEDDED]
        for box, at, default in ((self.x_box, 0, 0), (self.y_box, 1, min(1, len(columns) - 1))):
            box.clear()
            for i, key in enumerate(self._keys):
                box.addItem(key if isinstance(key, str) else TITLES[key])
                if isinstance(key, int):
                    box.setItemData(i, TIPS[key], Qt.ItemDataRole.ToolTipRole)
            kept = before is not None and before[at] in self._keys
            box.setCurrentIndex(
                self._keys.index(before[at]) if before is not None and kept else default
            )
        several = len(columns) > 1
        if several and self.x_box.currentIndex() == self.y_box.currentIndex():
            self.y_box.setCurrentIndex(1 - min(1, self.x_box.currentIndex()))
        for widget in (self._y_label, self.y_box, self.swap, self.lock):
            widget.setVisible(several)
        self.layers.set_single(not several)
        self.setEnabled(bool(columns))

    def offers(self, key: AxisKey) -> bool:
        """Whether an axis can be chosen."""
        return key in self._keys

    def set_axes(self, axes: tuple[AxisKey, AxisKey]) -> None:
        """Choose two of the axes that are offered, as the user does."""
        self._set_axes(axes)
        self._on_box_activated()

    def propose_axes(self, axes: tuple[AxisKey, AxisKey]) -> None:
        """Show these axes until the user chooses others."""
        if axes != self.axes:
            self.is_proposed = True
            self._set_axes(axes)
            self.axes_changed.emit()

    def _set_axes(self, axes: tuple[AxisKey, AxisKey]) -> None:
        self.x_box.setCurrentIndex(self._keys.index(axes[0]))
        self.y_box.setCurrentIndex(self._keys.index(axes[1]))

    def _on_box_activated(self) -> None:
        self._pair_embedded()
        self.chosen, self.is_proposed = True, False
        self.axes_changed.emit()

    def _pair_embedded(self) -> None:
        """One axis of an embedding alone says nothing: both are chosen, or none."""
        x, y = (self._keys[box.currentIndex()] for box in (self.x_box, self.y_box))
        before = self._embeds
        self._embeds = x in EMBEDDED or y in EMBEDDED
        if not self._embeds or {x, y} == set(EMBEDDED):
            return
        if before:  # the other one has been changed: away from the embedding
            kept = x if x not in EMBEDDED else y
            other = next(key for key in self._keys if isinstance(key, str) and key != kept)
            self._set_axes((kept, other) if kept == x else (other, kept))
            self._embeds = False
        else:
            self._set_axes((EMBEDDED[0], EMBEDDED[1]))

    def state(self) -> MapState:
        """What is chosen."""
        kind, column = self.color_by
        fields = self.layers.state() | {"color_by": kind, "color_column": column}
        return MapState(
            axes=self.axes,
            as_prepared=self.as_prepared.isChecked(),
            locked=self.lock.isChecked(),
            **fields,
        )

    def show_state(self, state: MapState) -> None:
        """Choose what was chosen in `state`, as far as it is still there."""
        self.layers.show_state(state)
        self._choose_color(ColorBy(state.color_by, state.color_column))
        self.as_prepared.setChecked(state.as_prepared)
        self.lock.setChecked(state.locked)
        if state.axes is not None and all(axis in self._keys for axis in state.axes):
            self.set_axes(state.axes)

    def set_available(self, found: Mapping[int, MapAxis]) -> None:
        """Offer the axes that were `found`, and say of the others how to get them."""
        for i, key in enumerate(self._keys):
            if isinstance(key, str):
                continue
            # Without the share that the title of the axis tells: for that there is no room.
            is_there, title, tip = True, TITLES[key], TIPS[key]
            if key in found and found[key].title != title:
                tip = f"{found[key].title}. {tip}"
            if key in DISCRIMINANTS and key not in found:
                is_there, title = False, f"{title} (needs clusters)"
            elif key in EMBEDDED and not is_installed():
                is_there, title = False, f"{title} (needs {HOW_TO_GET})"
            for box in (self.x_box, self.y_box):
                box.setItemText(i, title)
                box.setItemData(i, tip, Qt.ItemDataRole.ToolTipRole)
                model = box.model()
                assert isinstance(model, QStandardItemModel)
                item = model.item(i)
                # What is chosen stays so until there is an answer to judge it by.
                item.setEnabled(is_there or i == box.currentIndex())

    def choose_columns(self) -> None:
        """Show the first two columns, as there is nothing along the axes that were chosen."""
        first, second = [key for key in self._keys if isinstance(key, str)][:2]
        self.set_axes((first, second))

    def _on_swap_clicked(self) -> None:
        axes = self.axes
        if axes is not None:
            self.set_axes((axes[1], axes[0]))

    def _button(self, name: str, tip: str, icon_name: str) -> QToolButton:
        button = tool_button("", tip)
        button.setIcon(icon(icon_name))
        button.setAccessibleName(name)
        return button


def _label(title: str, buddy: QWidget) -> QLabel:
    label = QLabel(title)
    label.setBuddy(buddy)
    label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return label
