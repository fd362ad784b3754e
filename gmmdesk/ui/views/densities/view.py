"""Every used column for itself: its histogram, and the mixture and clusters as curves over it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import (
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from gmmdesk.analysis import Analysis
from gmmdesk.analysis.axes import MapAxis, axis_names, column_axis
from gmmdesk.analysis.bars import Mixture
from gmmdesk.data.prepare import Prepared
from gmmdesk.data.row_set import RowSet
from gmmdesk.ui import theme
from gmmdesk.ui.as_prepared import AsPrepared
from gmmdesk.ui.background import LatestWorker
from gmmdesk.ui.document import Document
from gmmdesk.ui.drawing.bars import count_bars
from gmmdesk.ui.drawing.column_selection import selected_counts
from gmmdesk.ui.drawing.figure import FigureSource, cluster_legend
from gmmdesk.ui.drawing.known import Known, grouping_of, known_clusters, known_colors, parameters_of
from gmmdesk.ui.drawing.shading import encode
from gmmdesk.ui.help.glossary import tip
from gmmdesk.ui.late_view import LateView
from gmmdesk.ui.selection import HOW_TIP
from gmmdesk.ui.views.densities.pictures import CELL, ColumnPicture, Counted, Page, best_across
from gmmdesk.ui.widgets import Label, Pages, combo_box, scrolled, tool_button

_AT_ONCE = 12  # columns on a page
_FINENESS_STEPS = 8  # of the slider to each side: a quarter to four times as many bars


class DensitiesView(LateView):
    """A small histogram of each used column, a page at a time; computed in the background."""

    def __init__(self, document: Document, worker: type[LatestWorker] = LatestWorker) -> None:
        super().__init__()
        self._document = document
        self._first = 0  # column on the page
        self._worker = worker(self)
        self._worker.failed.connect(document.problem_raised)

        self.fineness = QSlider(Qt.Orientation.Horizontal)
        self.fineness.setRange(-_FINENESS_STEPS, _FINENESS_STEPS)
        self.fineness.setFixedWidth(120)
        self.fineness.setAccessibleName("Number of bars")
        self.fineness.setToolTip(tip("Number of bars"))
        self.logarithmic = QCheckBox("&Logarithmic axis")
        self.logarithmic.setToolTip(
            "Equal distances for equal ratios, where all values are positive: what is skewed to the"
            " right here may be bell-shaped there"
        )
        self.as_prepared = AsPrepared(document)
        self.page = combo_box("Columns shown", "Which of the columns to show")
        self.back = tool_button("Automatic", "As many bars as suit the rows")
        bar = QHBoxLayout()
        bar.setContentsMargins(*[theme.SPACE] * 4)
        bar.setSpacing(theme.SPACE)
        bar.addWidget(Label("Bars"))
        bar.addWidget(self.fineness)
        bar.addWidget(self.back)
        bar.addWidget(self.logarithmic)
        bar.addWidget(self.as_prepared)
        bar.addStretch(1)
        bar.addWidget(self.page)

        self._cells: list[ColumnPicture] = []
        self._grid_widget = QWidget()
        self._grid_widget.setToolTip(f"Drag across bars to select their rows. {HOW_TIP}")
        self._grid = QGridLayout(self._grid_widget)
        self._grid.setContentsMargins(*[theme.SPACE] * 4)
        self._grid.setSpacing(theme.SPACE)
        scroll = scrolled(self._grid_widget)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll = scroll
        self._pages = Pages("Tick at least one column on the left.", scroll)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(bar)
        layout.addWidget(self._pages, 1)

        self.fineness.valueChanged.connect(self._outdate)
        self.back.clicked.connect(lambda: self.fineness.setValue(0))
        for box in (self.logarithmic, self.as_prepared):
            box.toggled.connect(self._outdate)
        self.page.activated.connect(self._on_page_activated)
        document.prepared_changed.connect(self._on_document_prepared_changed)
        document.analysis_changed.connect(self._outdate)
        document.selection.changed.connect(self._outdate)
        document.progressed.connect(self._move_curves)
        document.timeline.moved.connect(self._move_curves)
        document.names_changed.connect(self._update_look)
        document.colors_changed.connect(self._update_look)
        document.current_cluster_changed.connect(self._update_look)
        self._on_document_prepared_changed()

    @property
    def is_busy(self) -> bool:
        """Whether something is being counted that will change the pictures."""
        return self._worker.is_busy or self.is_awaited

    @property
    def cells(self) -> list[ColumnPicture]:
        """The pictures on the page."""
        return [cell for cell in self._cells if not cell.isHidden()]

    def figure(self) -> FigureSource | None:
        """The pictures on the page, to be painted elsewhere."""
        cells = self.cells
        if not cells:
            return None
        page = Page([cell.twin() for cell in cells])
        legend = cluster_legend(self._document)
        return FigureSource("Densities", page, page.paint_on, legend, lambda _ratio: page.settle())

    def close_workers(self) -> None:
        """Wait for what is being computed; no thread outlives this."""
        self._worker.close()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._update_look()

    def _on_document_prepared_changed(self) -> None:
        prepared = self._document.prepared
        n = 0 if prepared is None else len(axis_names(prepared))
        self._first = 0
        self.page.clear()
        for first in range(0, n, _AT_ONCE):
            last = min(first + _AT_ONCE, n)
            shown = f"{last}" if last == first + 1 else f"{first + 1}\N{EN DASH}{last}"
            self.page.addItem(f"{shown} of {n}", first)  # short: there is little room
        self.page.setVisible(n > _AT_ONCE)
        self._pages.show_content(n > 0)
        self._outdate()

    def _on_page_activated(self, _index: int) -> None:
        self._first = self.page.currentData()
        self._outdate()

    def _move_curves(self) -> None:
        """Only the curves move during a fit: the rows' clusters are known at its end."""
        if not self.isVisible():
            return
        prepared = self._document.prepared
        known = known_clusters(self._document, prepared)
        parameters, grouping = parameters_of(known), grouping_of(known)
        if parameters is None or prepared is None:
            return
        for cell in self.cells:
            axis = column_axis(prepared, cell.name).drawn_on(cell.scale)
            cell.show_mixture(Mixture.along(parameters, axis, grouping))

    def _renew(self) -> None:
        prepared = self._document.prepared
        if prepared is None:
            self._worker.cancel()
            return
        known, first = known_colors(self._document, prepared), self._first
        shown = axis_names(prepared)[first : first + _AT_ONCE]
        fineness = 4.0 ** (self.fineness.value() / _FINENESS_STEPS)
        logarithmic, as_prepared = self.logarithmic.isChecked(), self.as_prepared.isChecked()
        selected = self._document.selection.rows

        def compute() -> list[Counted]:
            axes = {
                name: _axis(prepared, name, as_prepared=as_prepared, logarithmic=logarithmic)
                for name in shown
            }
            return _counted(prepared, known, axes, fineness, selected=selected)

        def show(found: list[Counted]) -> None:
            if prepared is self._document.prepared:
                self._show(found)

        self._worker.submit(compute, show)

    def _show(self, found: list[Counted]) -> None:
        while len(self._cells) < len(found):
            self._cells.append(ColumnPicture(self._document, self._grid_widget))
        for i, cell in enumerate(self._cells):
            cell.setVisible(i < len(found))
            if i < len(found):
                cell.show_column(found[i])
        self._update_look()
        self._lay_out()

    def _lay_out(self) -> None:
        """Side by side as far as there is room, and as suits their shape."""
        cells = self.cells
        # The room beside a scroll bar, whether there is one or not: else one could come and go.
        n, room = len(cells), self._scroll.maximumViewportSize()
        room.setWidth(room.width() - self._scroll.verticalScrollBar().sizeHint().width())
        across = best_across(n, min(n, room.width() // CELL.width()), room, CELL.height())
        for i, cell in enumerate(cells):
            self._grid.addWidget(cell, i // across, i % across)

    def _update_look(self) -> None:
        for cell in self._cells:
            cell.update_look(self.palette())


def _counted(
    prepared: Prepared,
    known: Known,
    axes: Mapping[str, MapAxis],
    fineness: float,
    *,
    selected: RowSet | None,
) -> list[Counted]:
    """The bars along axes by the names of their columns, and the mixture along them."""
    parameters = parameters_of(known)
    codes, n_clusters = None, 0
    if isinstance(known, Analysis):
        n_clusters = known.n_clusters
        codes = encode(known.rows.label, known.rows.probability, n_clusters)
    found = []
    for name, axis in axes.items():
        values, mixture = axis.values(prepared), None
        if parameters is not None:
            mixture = Mixture.along(parameters, axis, grouping_of(known))
        bars = count_bars(values, codes, n_clusters, fineness)
        chosen = selected_counts(values, bars.edges, prepared, selected)
        found.append(Counted(name, axis, bars, mixture, chosen))
    return found


def _axis(prepared: Prepared, name: str, *, as_prepared: bool, logarithmic: bool) -> MapAxis:
    """The axis of a column, on a logarithmic scale where all values are positive."""
    axis = column_axis(prepared, name, as_fitted=as_prepared)
    if logarithmic and not axis.scale and float(np.fmin.reduce(axis.values(prepared))) > 0.0:
        return axis.logarithmic()
    return axis
