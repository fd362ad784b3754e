"""Every used column for itself: its histogram, and the mixture and clusters as curves over it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QFont,
    QFontMetricsF,
    QHelpEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QSizePolicy,
    QSlider,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

from gmmdesk.analysis import Analysis
from gmmdesk.analysis.axes import axis_names, column_axis
from gmmdesk.analysis.bars import Bars, Mixture
from gmmdesk.analysis.palette import NO_NAME
from gmmdesk.data.dataset import IntArray
from gmmdesk.data.prepare import Prepared
from gmmdesk.data.row_set import RowSet
from gmmdesk.ui import theme
from gmmdesk.ui.background import LatestWorker
from gmmdesk.ui.document import Document
from gmmdesk.ui.drawing.bars import count_bars
from gmmdesk.ui.drawing.clusters import Look
from gmmdesk.ui.drawing.column_selection import rows_in_range, selected_counts
from gmmdesk.ui.drawing.device import unclip
from gmmdesk.ui.drawing.figure import FigureSource, cluster_legend
from gmmdesk.ui.drawing.histogram import Histogram
from gmmdesk.ui.drawing.known import Known, known_clusters, known_colors, parameters_of
from gmmdesk.ui.drawing.pane import TICK, Pane
from gmmdesk.ui.drawing.shading import encode
from gmmdesk.ui.selection import HOW_TIP, how
from gmmdesk.ui.text import count, number, percent, plain_tip
from gmmdesk.ui.widgets import Label, Pages, combo_box, scrolled, tool_button

_AT_ONCE = 12  # columns on a page
_CELL = QSize(250, 150)  # pixels, at least
_FINENESS_STEPS = 8  # of the slider to each side: a quarter to four times as many bars
_HEADROOM = 1.05
_MARGIN = 0.02  # of the range, on both sides


class Counted(NamedTuple):
    """What one column is painted from."""

    name: str
    bars: Bars
    mixture: Mixture | None
    logarithmic: bool  # where positions are logarithms to the base of 10
    selected: IntArray | None = None  # rows in each bar


class DensitiesView(QWidget):
    """A small histogram of each used column, a page at a time; computed in the background."""

    def __init__(self, document: Document, worker: type[LatestWorker] = LatestWorker) -> None:
        super().__init__()
        self._document = document
        self._stale = True
        self._first = 0  # column on the page
        self._worker = worker(self)
        self._worker.failed.connect(document.problem_raised)

        self.fineness = QSlider(Qt.Orientation.Horizontal)
        self.fineness.setRange(-_FINENESS_STEPS, _FINENESS_STEPS)
        self.fineness.setFixedWidth(120)
        self.fineness.setAccessibleName("Number of bars")
        self.fineness.setToolTip(
            "Fewer or more bars; in the middle there are as many as suit the rows (Freedman and"
            " Diaconis)"
        )
        self.logarithmic = QCheckBox("&Logarithmic axis")
        self.logarithmic.setToolTip(
            "Equal distances for equal ratios, where all values are positive: what is skewed to the"
            " right here may be bell-shaped there"
        )
        self.page = combo_box("Columns shown", "Which of the columns to show")
        self.back = tool_button("Automatic", "As many bars as suit the rows")
        bar = QHBoxLayout()
        bar.setContentsMargins(*[theme.SPACE] * 4)
        bar.setSpacing(theme.SPACE)
        bar.addWidget(Label("Bars"))
        bar.addWidget(self.fineness)
        bar.addWidget(self.back)
        bar.addWidget(self.logarithmic)
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

        self.fineness.valueChanged.connect(self._refresh)
        self.back.clicked.connect(lambda: self.fineness.setValue(0))
        self.logarithmic.toggled.connect(self._refresh)
        self.page.activated.connect(self._on_page_activated)
        document.prepared_changed.connect(self._on_document_prepared_changed)
        document.analysis_changed.connect(self._refresh)
        document.selection.changed.connect(self._refresh)
        document.progressed.connect(self._move_curves)
        document.timeline.moved.connect(self._move_curves)
        document.run_ended.connect(self._refresh)
        document.names_changed.connect(self._update_look)
        document.colors_changed.connect(self._update_look)
        document.current_cluster_changed.connect(self._update_look)
        self._on_document_prepared_changed()

    @property
    def is_busy(self) -> bool:
        """Whether something is being counted that will change the pictures."""
        return self._worker.is_busy or (self._stale and self.isVisible())

    @property
    def cells(self) -> list[ColumnPicture]:
        """The pictures on the page."""
        return [cell for cell in self._cells if not cell.isHidden()]

    def figure(self) -> FigureSource | None:
        """The pictures on the page, to be painted elsewhere."""
        cells = self.cells
        if not cells:
            return None
        page = _Page([cell.twin() for cell in cells])
        legend = cluster_legend(self._document)
        return FigureSource("Densities", page, page.paint_on, legend, lambda _ratio: page.settle())

    def close_workers(self) -> None:
        """Wait for what is being computed; no thread outlives this."""
        self._worker.close()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale:
            self._count()

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
            self.page.addItem(f"Columns {first + 1} to {min(first + _AT_ONCE, n)} of {n}", first)
        self.page.setVisible(n > _AT_ONCE)
        self._pages.show_content(n > 0)
        self._refresh()

    def _on_page_activated(self, _index: int) -> None:
        self._first = self.page.currentData()
        self._refresh()

    def _move_curves(self) -> None:
        """Only the curves move during a fit: the rows' clusters are known at its end."""
        if not self.isVisible():
            return
        prepared = self._document.prepared
        parameters = parameters_of(known_clusters(self._document, prepared))
        if parameters is None or prepared is None:
            return
        for cell in self.cells:
            mixture = Mixture.along(parameters, column_axis(prepared, cell.name))
            cell.show_mixture(mixture._replace(logarithmic=cell.is_logarithmic))

    def _refresh(self, *_: object) -> None:
        self._stale = True
        if self.isVisible():
            self._count()

    def _count(self) -> None:
        prepared = self._document.prepared
        self._stale = False
        if prepared is None:
            self._worker.cancel()
            return
        known, first = known_colors(self._document, prepared), self._first
        shown = axis_names(prepared)[first : first + _AT_ONCE]
        fineness = 4.0 ** (self.fineness.value() / _FINENESS_STEPS)
        logarithmic, selected = self.logarithmic.isChecked(), self._document.selection.rows

        def compute() -> list[Counted]:
            return _counted(prepared, known, shown, fineness, logarithmic, selected=selected)

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
        """As many side by side as have room."""
        cells = self.cells
        width = self._scroll.viewport().width()
        across = max(1, min(len(cells), width // _CELL.width()))
        for i, cell in enumerate(cells):
            self._grid.addWidget(cell, i // across, i % across)

    def _update_look(self) -> None:
        for cell in self._cells:
            cell.update_look(self.palette())


class ColumnPicture(QWidget):
    """One column's histogram with its name above.

    A click chooses the cluster under the mouse, a drag selects the rows of a range.
    """

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self.histogram = Histogram()
        self.name = ""
        self.is_logarithmic = False
        self.setAccessibleDescription(f"Drag to select the rows of a range. {HOW_TIP}")
        self._range: tuple[float, float] | None = None  # pixels, while it is dragged
        self.setMinimumSize(_CELL)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_column(self, column: Counted) -> None:
        self.name, self.is_logarithmic = column.name, column.logarithmic
        self.histogram.bars, self.histogram.mixture = column.bars, column.mixture
        self.histogram.selected = column.selected
        self.setAccessibleName(f"Densities of {column.name}")
        self.update()

    def update_look(self, colors: QPalette) -> None:
        """Be painted in these colours and those of the clusters."""
        self.histogram.look = Look(
            current=self._document.current_cluster,
            ink=colors.color(QPalette.ColorRole.Text),
            paper=colors.color(QPalette.ColorRole.Base),
            colors=self._document.colors,
        )
        self.histogram.neutral = colors.color(QPalette.ColorRole.PlaceholderText)
        self.update()

    def twin(self) -> ColumnPicture:
        """Another one of the same column."""
        other = ColumnPicture(self._document)
        other.setMinimumSize(1, 1)
        histogram = self.histogram
        assert histogram.bars is not None
        other.show_column(
            Counted(
                self.name,
                histogram.bars,
                histogram.mixture,
                self.is_logarithmic,
                histogram.selected,
            )
        )
        return other

    def show_mixture(self, mixture: Mixture) -> None:
        self.histogram.mixture = mixture
        self.update()

    def pane(self) -> Pane:
        """Where the bars are."""
        metrics = QFontMetricsF(self.font())
        top, bottom = metrics.height() + theme.SPACE, metrics.height() + TICK + 4
        area = QRectF(self.rect()).adjusted(theme.SPACE, top, -theme.SPACE, -bottom)
        bars = self.histogram.bars
        low, high = (0.0, 1.0) if bars is None else (float(bars.edges[0]), float(bars.edges[-1]))
        room = _MARGIN * (high - low)
        x, y = (low - room, high + room), (0.0, _HEADROOM * self.histogram.highest)
        return Pane(area, x, y, self.is_logarithmic)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.palette().color(QPalette.ColorRole.Base))
        self.paint_on(painter)
        if self._range is not None:
            color = self.palette().color(QPalette.ColorRole.Accent)
            color.setAlphaF(0.2)
            start, end = self._range
            area = self.pane().area
            painter.fillRect(QRectF(start, area.top(), end - start, area.height()), color)
        painter.end()

    def paint_on(self, painter: QPainter) -> None:
        """Paint the column without its background."""
        colors = self.palette()
        painter.setFont(self.font())
        pane, text = self.pane(), colors.color(QPalette.ColorRole.Text)
        painter.setClipRect(pane.area)
        self.histogram.paint(painter, pane.pixels, pane.x, pane.area.width())
        unclip(painter)
        pane.paint_x_axis(painter, colors.color(QPalette.ColorRole.Mid), text)
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        room = self.width() - 2 * theme.SPACE
        name = f"{self.name} (logarithmic)" if self.is_logarithmic else self.name
        title = metrics.elidedText(name, Qt.TextElideMode.ElideRight, room)
        painter.setPen(text)
        painter.drawText(QPointF(theme.SPACE, theme.SPACE / 2 + metrics.ascent()), title)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._range = (event.position().x(), event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._range is not None:
            self._range = (self._range[0], event.position().x())
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        dragged, self._range = self._range, None
        self.update()
        if dragged is None:
            return
        x, _y = self.pane().units(event.position())
        if abs(event.position().x() - dragged[0]) < QApplication.startDragDistance():
            self._document.set_current_cluster(self.histogram.cluster_at(x))
            return
        start, _y = self.pane().units(QPointF(dragged[0], 0.0))
        low, high = sorted((start, x))
        if self.is_logarithmic:
            low, high = 10.0**low, 10.0**high
        prepared, name = self._document.prepared, self.name
        if prepared is not None and name in axis_names(prepared):
            self._document.selection.find(
                lambda: rows_in_range(prepared, column_axis(prepared, name), low, high),
                how(event.modifiers()),
                f"rows with {name} from {number(low)} to {number(high)}",
            )

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            x, _y = self.pane().units(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), self.tip_at(x), self)
            return True
        return super().event(event)

    def tip_at(self, x: float) -> str:
        """The bar at a place on the axis, in words."""
        bar, bars = self.histogram.bar_at(x), self.histogram.bars
        if bar is None or bars is None:
            return plain_tip(self.name)
        low, high = bars.edges[bar : bar + 2]
        if self.is_logarithmic:
            low, high = 10.0**low, 10.0**high
        counts = bars.counts[:, bar]
        lines = [f"{self.name} {number(low)} to {number(high)}: {count(int(counts.sum()), 'row')}"]
        names = ("", NO_NAME, *self._document.names)
        lines += [
            f"{names[group]}: {percent(counts[group] / counts.sum())}"
            for group in np.argsort(-counts, kind="stable")
            if 0 < group < len(names) and counts[group]
        ]
        return plain_tip("\n".join(lines))


class _Page(QWidget):
    """Pictures of columns in as many lines as suit its size, to be painted elsewhere."""

    def __init__(self, cells: list[ColumnPicture]) -> None:
        super().__init__()
        self._cells = cells
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(theme.SPACE)
        for cell in cells:
            self._grid.addWidget(cell)

    def settle(self) -> None:
        """Arrange the pictures so that none is much wider than high, or the other way round."""
        n, wanted = len(self._cells), math.log(_CELL.width() / _CELL.height())

        def misfit(across: int) -> float:
            down = math.ceil(n / across)
            width, height = self.width() / across, self.height() / down
            return abs(math.log(width / max(height, 1.0)) - wanted)

        across = min(range(1, n + 1), key=misfit)
        for i, cell in enumerate(self._cells):
            self._grid.addWidget(cell, i // across, i % across)
            cell.update_look(self.palette())
        self._grid.activate()

    def paint_on(self, painter: QPainter) -> None:
        for cell in self._cells:
            painter.save()
            painter.translate(cell.pos())
            cell.paint_on(painter)
            painter.restore()


def _counted(
    prepared: Prepared,
    known: Known,
    names: Iterable[str],
    fineness: float,
    logarithmic: bool,
    *,
    selected: RowSet | None,
) -> list[Counted]:
    """The bars along axes by their names, and the mixture along them."""
    parameters = parameters_of(known)
    codes, n_clusters = None, 0
    if isinstance(known, Analysis):
        n_clusters = known.n_clusters
        codes = encode(known.rows.label, known.rows.probability, n_clusters)
    found = []
    for name in names:
        axis = column_axis(prepared, name)
        values, mixture = axis.values(prepared), None
        logs = logarithmic and float(np.fmin.reduce(values)) > 0.0
        if parameters is not None:
            mixture = Mixture.along(parameters, axis)._replace(logarithmic=logs)
        shown = np.log10(values) if logs else values
        bars = count_bars(shown, codes, n_clusters, fineness)
        chosen = selected_counts(shown, bars.edges, prepared, selected)
        found.append(Counted(name, bars, mixture, logs, chosen))
    return found
