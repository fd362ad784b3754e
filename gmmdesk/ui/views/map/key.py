"""What the colours on the map mean, and which of them are hidden."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from PySide6.QtCore import QObject, QPoint, QPointF, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QMenu

from gmmdesk.analysis import NO_CLUSTER, palette
from gmmdesk.ui.colors import cluster_color
from gmmdesk.ui.document import Document
from gmmdesk.ui.drawing.clusters import ClustersLayer
from gmmdesk.ui.drawing.coloured_by import NO_VALUE
from gmmdesk.ui.drawing.entries import Entry, Sign
from gmmdesk.ui.drawing.projection import SAMPLE
from gmmdesk.ui.drawing.rows import RowsPainter
from gmmdesk.ui.drawing.schemes import Scheme
from gmmdesk.ui.drawing.shading import groups_of
from gmmdesk.ui.merge_actions import add_merge_actions
from gmmdesk.ui.plotting import Plot
from gmmdesk.ui.views.map.legend import Bar, Item, Legend

_UNKNOWN = NO_CLUSTER - 1
_MOST_CODES = 100_000  # looked at for rows without a value
_ENTRIES = 5  # of a number, in the legend of a figure


class Key(QObject):
    """Keeps the legend to what the rows are coloured by. Signal: `hidden_changed`."""

    hidden_changed = Signal()

    def __init__(
        self, document: Document, plot: Plot, rows: RowsPainter, clusters: ClustersLayer
    ) -> None:
        super().__init__(plot)
        self._document, self._plot, self._rows = document, plot, rows
        self._clusters = clusters
        self._shown = True
        self._kept_for: tuple[object, ...] = ()  # what the place of the legend was found for
        self._keeping = QTimer(self, singleShot=True, interval=0)
        self._keeping.timeout.connect(self._on_keeping_timeout)
        self.hidden: frozenset[int] = frozenset()
        self.legend = Legend(plot.viewport())
        self.legend.hidden_changed.connect(self.hide)
        self.legend.menu_requested.connect(self._on_legend_menu_requested)
        self.legend.placed.connect(self._on_legend_placed)
        rows.shapes_changed.connect(self.refresh)

    def _on_legend_menu_requested(self, group: int, place: QPoint) -> None:
        """What can be shown, and done to a cluster: nothing to rows of none, or other groups."""
        menu = QMenu(self._plot)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        others = frozenset(item.group for item in self.legend.items) - {group}
        menu.addAction("Show &only this", partial(self.hide, others))
        menu.addAction("Show &all", partial(self.hide, frozenset())).setEnabled(bool(self.hidden))
        if self._scheme is None and group >= 0:
            menu.addSeparator()
            add_merge_actions(menu, self._document, (group,))
        menu.popup(place)

    def _on_legend_placed(self) -> None:
        """Labels, or the whole plot, stand beside it."""
        self._plot.leave_room(self.legend.room_beside)
        corner = self._plot.mapFromScene(self._plot.box.mapToScene(QPointF(0.0, 0.0)))
        area = self.legend.geometry().translated(-corner) if self.legend.isVisible() else QRect()
        self._clusters.keep_off(QRectF(area))

    def hide(self, groups: frozenset[int]) -> None:
        """Hide these groups of rows and no others."""
        if groups != self.hidden:
            self.hidden = groups
            self.hidden_changed.emit()
            self.refresh()

    def set_shown(self, shown: bool, *, beside: bool) -> None:
        """Have a legend, where there is something to be said, on the plot or beside it, or not."""
        self._shown = shown
        self.legend.set_beside(beside)
        self.refresh()

    def refresh(self) -> None:
        """Write the legend anew."""
        scheme = self._scheme
        if scheme is not None and scheme.scale is not None:
            colors = [QColor(name) for name in scheme.colors(self._paper, self._neutral)]
            self.legend.show_bar(scheme.title, Bar(colors, scheme.ends, scheme.ticks))
        else:
            title = "" if scheme is None else scheme.title
            self.legend.show_items(title, self._items(self._paper, self._neutral), self.hidden)
        has_content = scheme is not None or self._rows.shading is not None
        self.legend.setVisible(self._shown and has_content and self._rows.scene is not None)
        self.legend.raise_()

    def keep_clear(self) -> None:
        """Have the legend where it covers the fewest clusters, then rows and lines, of those seen.

        A small cluster may have hardly any of the sampled rows. While clusters move it stays.
        Found once, when all that is told of an answer has been followed.
        """
        self._keeping.start()

    def _on_keeping_timeout(self) -> None:
        scene = self._rows.scene
        told = self._document.analysis, self._document.names
        now = (scene, *told, self.legend.size(), self._plot.visible_rect(), self._plot.size())
        if scene is None or scene.is_single or now == self._kept_for:
            return
        self._kept_for = now
        dots = self._rows.dots.rows
        rows = np.concatenate([scene.sample, dots[:: 1 + len(dots) // SAMPLE]])
        points = np.stack(scene.places(rows), axis=-1)
        box = self._plot.box
        corner = self._plot.mapFromScene(box.mapToScene(QPointF(0.0, 0.0)))
        offset = np.array([corner.x(), corner.y()])
        at = self._rows.dots.pixels(points[np.isfinite(points).all(axis=1)])
        at = np.concatenate([at, self._clusters.outline_points()]) + offset
        areas = np.concatenate([self._clusters.center_areas(), self._clusters.label_areas()])
        self.legend.avoid(areas + np.tile(offset, 2), at)

    def figure_legend(self) -> Callable[[QPalette], Sequence[Entry]]:
        """The same for a figure, as it is now."""
        scheme, hidden = self._scheme, self.hidden

        def entries(colors: QPalette) -> list[Entry]:
            paper = colors.color(QPalette.ColorRole.Base)
            neutral = colors.color(QPalette.ColorRole.PlaceholderText)
            if scheme is not None and scheme.scale is not None:
                return _steps(scheme, paper, neutral)
            items = self._items(paper, neutral)
            return [
                Entry(item.name, item.color, Sign.SQUARE if item.symbol is None else item.symbol)
                for item in items
                if item.group not in hidden
            ]

        return entries

    @property
    def hidden_clusters(self) -> frozenset[int]:
        """Those of the hidden groups that are clusters."""
        return self.hidden if self._scheme is None else frozenset()

    @property
    def bar_colors(self) -> tuple[str, ...] | None:
        """Colours of the bars of one column, None for those of the clusters."""
        scheme = self._scheme
        return None if scheme is None else scheme.colors(self._paper, self._neutral)

    @property
    def _scheme(self) -> Scheme | None:
        return None if self._rows.shading is None else self._rows.shading.scheme

    @property
    def _paper(self) -> QColor:
        return self._plot.color(QPalette.ColorRole.Base)

    @property
    def _neutral(self) -> QColor:
        return self._plot.color(QPalette.ColorRole.PlaceholderText)

    def _items(self, paper: QColor, neutral: QColor) -> list[Item]:
        items = self._plain_items(paper, neutral)
        if not self._rows.dots.has_shapes:
            return items
        # Rows of which nothing is known are discs, as where there are no shapes.
        return [
            item
            if item.group == _UNKNOWN
            else item._replace(symbol=self._rows.dots.sign(item.group))
            for item in items
        ]

    def _plain_items(self, paper: QColor, neutral: QColor) -> list[Item]:
        shading, scheme = self._rows.shading, self._scheme
        if shading is None:
            return []
        if scheme is not None:
            colors = scheme.colors(paper, neutral)
            items = [
                Item(i, name, QColor(color))
                for i, (name, color) in enumerate(zip(scheme.names, colors, strict=True))
            ]
            if not groups_of(shading.coded[:_MOST_CODES]).all():
                items.append(Item(_UNKNOWN, NO_VALUE, neutral))
            return items
        names, colors = self._document.names, self._document.colors
        items = [
            Item(k, name, cluster_color(k, paper, colors))
            for k, name in enumerate(names[: shading.n_clusters])
        ]
        analysis = self._document.analysis
        if analysis is not None and analysis.noise is not None:
            items.append(Item(NO_CLUSTER, palette.NO_NAME, neutral))
        return items


def _steps(scheme: Scheme, paper: QColor, neutral: QColor) -> list[Entry]:
    """A number's colours at some places, the ends in words."""
    colors = scheme.colors(paper, neutral)
    places = [i * (len(colors) - 1) // (_ENTRIES - 1) for i in range(_ENTRIES)]
    names = [f"{scheme.title}: {scheme.ends[0]}", *[""] * (_ENTRIES - 2), scheme.ends[1]]
    return [Entry(name, QColor(colors[i])) for name, i in zip(names, places, strict=True)]
