"""How sure it is where rows belong: their probabilities, and which clusters they could be of."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QPalette, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QMenu,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from gmmdesk.analysis import Analysis
from gmmdesk.analysis.check import why_not_checked
from gmmdesk.analysis.found_again import only_if_there, stability_in_words
from gmmdesk.analysis.selected import Sureness, sureness
from gmmdesk.analysis.two_rules import overlaps_in_words
from gmmdesk.ui import theme
from gmmdesk.ui.background import LatestWorker
from gmmdesk.ui.cluster_actions import add_cluster_actions
from gmmdesk.ui.colors import cluster_color
from gmmdesk.ui.document import Document
from gmmdesk.ui.drawing.curves import Content, Curve, CurvePlot, Dots
from gmmdesk.ui.drawing.figure import FigureSource, cluster_legend, figure_of_curves
from gmmdesk.ui.help.glossary import tip
from gmmdesk.ui.late_view import LateView
from gmmdesk.ui.list_splitter import ListSplitter
from gmmdesk.ui.row_actions import open_row_menu
from gmmdesk.ui.selected_facts import SelectedFacts
from gmmdesk.ui.tables.names_header import NamesHeader
from gmmdesk.ui.tables.overlap_model import OverlapModel
from gmmdesk.ui.tables.row_order import UNSURE
from gmmdesk.ui.text import count, percent
from gmmdesk.ui.theme import Line, Opacity
from gmmdesk.ui.widgets import Pages, heading, once_found, secondary, tool_button

FloatArray = npt.NDArray[np.float64]

_POINTS = 400  # of a curve
_MARKS, _MARK = 60, 8.0  # selected rows on a curve, at most, and their diameter in pixels
_CHECK = "Are they found again?"
_JUDGING = "Looking at how sure each row is…"
_WIDEST_NAME = 180  # pixels
_LEAST_WIDTH = 52  # of a share
_SURE = 90.0  # percent, which the axis reaches down to at least


class Judged(NamedTuple):
    """What is shown of an answer.

    `curves` are the sorted probabilities (in percent) of each cluster's rows, thinned.
    """

    analysis: Analysis
    shares: FloatArray
    curves: list[FloatArray]
    n_unsure: int


class CertaintyView(LateView):
    """Sorted probabilities of every cluster's rows, and the table of who could be whose.

    Signal: `unsure_requested`, to see the unsure rows themselves.
    """

    unsure_requested = Signal()

    def __init__(self, document: Document, worker: type[LatestWorker] = LatestWorker) -> None:
        super().__init__()
        self._document = document
        self._judged: Judged | None = None
        self._worker = worker(self)
        self._worker.failed.connect(document.problem_raised)

        self._facts = SelectedFacts(
            document,
            lambda rows, of, task: sureness(rows, of, UNSURE, _MARKS, task),
            self,
            worker,
        )
        self.summary = secondary()
        self.summary.setAccessibleName("How sure the clusters are")
        self.unsure = tool_button(
            "Show them", "Show the unsure rows in the table, least sure first"
        )
        bar = QHBoxLayout()
        bar.setContentsMargins(*[theme.SPACE] * 4)
        bar.addWidget(self.summary, 1)
        bar.addWidget(self.unsure)
        self.plot = CurvePlot()
        self.plot.setAccessibleName("Sorted probabilities of each cluster's rows")
        self.plot.setToolTip(tip("Sure rows"))
        self.plot.x_axis.set_title("Rows of the cluster, surest first (%)", "Rows (%)")
        self.plot.y_axis.set_title("How sure (%)", "Sure (%)")
        self.model = OverlapModel(document, self)
        self.table = QTableView()
        self.table.setHorizontalHeader(NamesHeader(self.table))
        self.table.setModel(self.model)
        self.table.setAccessibleName("Share of each cluster's rows that could be another's")
        self.table.setFrameShape(self.table.Shape.NoFrame)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.table.setTabKeyNavigation(False)
        self.table.setCornerButtonEnabled(False)
        across, down = self.table.horizontalHeader(), self.table.verticalHeader()
        across.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        down.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # long names differ at their ends
        down.setMaximumWidth(_WIDEST_NAME)
        across.setMinimumSectionSize(_LEAST_WIDTH)
        across.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        down.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        down.setDefaultSectionSize(self.table.fontMetrics().height() + theme.SPACE)
        title = heading("Whose rows could be another's")
        title.setToolTip(tip("Overlap"))
        self.check = tool_button(
            _CHECK,
            tip("Stability"),
            "find",
        )
        self.verdict = secondary()
        self.verdict.setAccessibleName("Whether the clusters are there")
        checking = QHBoxLayout()
        checking.setSpacing(theme.SPACE)
        checking.addWidget(self.check, 0, Qt.AlignmentFlag.AlignTop)
        checking.addWidget(self.verdict, 1)
        lower = QWidget()
        lower_layout = QVBoxLayout(lower)
        lower_layout.setContentsMargins(theme.SPACE, theme.SPACE // 2, theme.SPACE, 0)
        lower_layout.addLayout(checking)
        lower_layout.addWidget(title)
        lower_layout.addWidget(self.table, 1)
        splitter = ListSplitter(self.table, self.plot, lower)
        content = QWidget()
        content_layout = QVBoxLayout(content)
        content_layout.setContentsMargins(0, 0, 0, 0)
        content_layout.setSpacing(0)
        content_layout.addLayout(bar)
        content_layout.addWidget(splitter, 1)
        self._pages = Pages(once_found("it is shown here how sure they are."), content)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._pages)

        self.unsure.clicked.connect(self.unsure_requested)
        self.check.clicked.connect(self._on_check_clicked)
        self.plot.reset_requested.connect(self._reset_range)
        self.plot.menu_requested.connect(self._on_plot_menu_requested)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(self._on_table_menu_requested)
        document.checking.changed.connect(self._show_checked)
        document.analysis_changed.connect(self._refresh)
        document.names_changed.connect(self._on_document_names_changed)
        document.analysis_changed.connect(self._show_checked)
        document.colors_changed.connect(self._update_headers)
        document.current_cluster_changed.connect(self._draw)
        document.colors_changed.connect(self._draw)
        self._facts.changed.connect(self._on_facts_changed)
        self._refresh()
        self._show_checked()

    @property
    def is_busy(self) -> bool:
        """Whether the rows are being judged, or are going to be."""
        return self.is_awaited or self._worker.is_busy or self._facts.is_busy

    @property
    def judged(self) -> Judged | None:
        """What is known of the answer that is shown, None before it is."""
        judged = self._judged
        return None if judged is None or judged.analysis is not self._document.analysis else judged

    def figure(self) -> FigureSource | None:
        """The curves, to be painted elsewhere."""
        if self.judged is None:
            return None
        return figure_of_curves("Certainty", self.plot, cluster_legend(self._document))

    def close_workers(self) -> None:
        """Wait for what is being computed; no thread outlives this."""
        self._worker.close()
        self._facts.close()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._facts.refresh()

    # -- whether the clusters are there ------------------------------------------------------

    def _on_check_clicked(self) -> None:
        checking = self._document.checking
        if checking.is_running:
            checking.stop()
        else:
            checking.start()

    def _show_checked(self) -> None:
        checking = self._document.checking
        running, found = checking.is_running, checking.found
        analysis, why_not = self._document.analysis, ""
        if analysis is not None:
            found = analysis.verdict.with_resamples(found).resampled
            why_not = why_not_checked(analysis)
        self.check.setText("Stop" if running else "Look again" if found else _CHECK)
        self.check.setEnabled(checking.can_start)
        said = "Looking for the clusters in halves of the rows…" if running else ""
        if found is not None:
            said = stability_in_words(found, is_done=not running)
        self.verdict.setText(why_not or said)
        self._summarise()  # it says whether that holds

    def _refresh(self) -> None:
        """The answer is another: what is known is not about its clusters."""
        self._pages.show_content(self._document.analysis is not None)
        self._show(None)
        self._outdate()

    def _renew(self) -> None:
        analysis = self._document.analysis
        self._worker.cancel()
        if analysis is None:
            return

        def show(judged: Judged) -> None:
            if analysis is self._document.analysis:
                self._show(judged)

        self._worker.submit(lambda: _judged(analysis), show)

    def _show(self, judged: Judged | None) -> None:
        self._judged = judged
        self._reset_range()
        self._on_facts_changed()

    @property
    def selected(self) -> Sureness | None:
        """What is said of the selected rows, if any of them take part in the answer."""
        found = None if self.judged is None else self._facts.of(self.judged.analysis)
        return found if found is not None and found.n_used else None

    def _on_facts_changed(self) -> None:
        judged, selected = self.judged, self.selected
        if judged is None:
            self.model.show_shares(np.empty((0, 0)))
        else:
            self.model.show_shares(judged.shares, None if selected is None else selected.shares)
        self._draw()
        self._summarise()

    def _summarise(self) -> None:
        judged = self.judged
        if judged is None:
            self.summary.setText(_JUDGING)
            self.unsure.hide()
            return
        n_rows = len(judged.analysis.prepared.rows)
        said = f"Every row is at least {percent(UNSURE)} sure of its cluster."
        if judged.n_unsure:
            share = percent(judged.n_unsure / n_rows)
            whose = "its" if judged.n_unsure == 1 else "their"
            said = (
                f"{count(judged.n_unsure, 'row')} ({share}) of {n_rows:,} could also belong"
                f" elsewhere: {whose} cluster is less than {percent(UNSURE)} sure."
            )
        if judged.n_unsure and self.selected is not None:
            said = f"{said} {_selected_in_words(self.selected)}"
        overlapping = overlaps_in_words(judged.analysis.verdict, self._document.names)
        if against := self._document.checking.against_sureness:
            said = f"{said} {only_if_there(against)}"
        self.summary.setText(f"{said} {overlapping}".strip())
        self.unsure.setVisible(judged.n_unsure > 0)

    def _draw(self) -> None:
        judged, selected, colors = self.judged, self.selected, self._document.colors
        chosen = self._document.chosen_clusters

        def curve(cluster: int, sure: FloatArray, paper: QColor) -> Curve:
            color = cluster_color(cluster, paper, colors)
            if chosen and cluster not in chosen:
                color.setAlphaF(Opacity.DIMMED)
            x = np.linspace(0.0, 100.0, len(sure))
            return Curve(x, sure, color, Line.CHOSEN if cluster in chosen else Line.PLAIN)

        def content(palette: QPalette) -> Content:
            paper = palette.color(QPalette.ColorRole.Base)
            curves = [] if judged is None else judged.curves
            shown = Content([curve(k, sure, paper) for k, sure in enumerate(curves)])
            if selected is None:
                return shown
            ink = palette.color(QPalette.ColorRole.Text)
            dots: list[Dots] = []
            for k, (line, sure) in enumerate(zip(shown.curves, selected.curves, strict=True)):
                x, y = marks_on(curves[k], 100.0 * sure), 100.0 * sure
                dots.append(Dots(x, y, [line.color] * len(x), _MARK))
                dots.append(Dots(x, y, [ink] * len(x), _MARK, ring=Line.FINE))
            return shown._replace(dots=dots)

        self.plot.show_content(content)

    def _reset_range(self) -> None:
        curves = [] if self.judged is None else [c for c in self.judged.curves if len(c)]
        least = min((float(curve.min()) for curve in curves), default=0.0)
        least = min(least, _SURE)  # else a cliff would be seen where all rows are sure
        room = 0.04 * (100.0 - least)
        top = 100.0 + 0.5 * room  # the line has room, a number above 100 % has not
        self.plot.box.setRange(
            xRange=(-2.0, 102.0), yRange=(max(0.0, least - room), top), padding=0.0
        )

    # -- what can be done with what is shown --------------------------------------------------

    def _on_plot_menu_requested(self, point: QPointF) -> None:
        curves = () if self.judged is None else self.judged.curves
        x = self.plot.box.mapToView(point).x()
        at = [
            np.interp(x, np.linspace(0.0, 100.0, len(curve)), curve) if len(curve) else np.nan
            for curve in curves
        ]
        scene = self.plot.box.mapToScene(point)
        place = self.plot.mapToGlobal(self.plot.mapFromScene(scene))
        self._open_menu(place, self.plot.dot_at(point, np.full(len(at), x), at))

    def _on_table_menu_requested(self, position: QPoint) -> None:
        line = self.table.rowAt(position.y())
        self._open_menu(self.table.viewport().mapToGlobal(position), line)

    def _open_menu(self, place: QPoint, cluster: int | None) -> None:
        """What can be done with a cluster, if that is what it is, and with the selected rows."""
        document = self._document

        def add_cluster(menu: QMenu) -> None:
            if cluster is not None and 0 <= cluster < document.n_clusters:
                add_cluster_actions(menu, document, (cluster,))

        open_row_menu(document, self, place, None, add_cluster)

    def _on_document_names_changed(self) -> None:
        self._summarise()
        self._update_headers()

    def _update_headers(self) -> None:
        across, down = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
        for orientation, n in ((across, self.model.columnCount()), (down, self.model.rowCount())):
            if n:
                self.model.headerDataChanged.emit(orientation, 0, n - 1)


def _selected_in_words(selected: Sureness) -> str:
    """How many of the selected rows are among the unsure ones."""
    n, n_unsure = selected.n_used, selected.n_unsure
    if n == 1:
        return f"The selected row is {'' if n_unsure else 'not '}among them."
    many = f"{n_unsure:,}" if n_unsure else "None"
    return f"{many} of the {n:,} selected rows {'are' if n_unsure > 1 else 'is'} among them."


def marks_on(curve: FloatArray, sure: FloatArray) -> FloatArray:
    """Where values `sure` (m,) lie on a falling `curve` from 0 to 100; both in falling order.

    Values that are alike are spread over the part of the curve that is as high as they are. On a
    curve of no rows none has a place.
    """
    if not len(curve) or not len(sure):
        return np.empty(0)
    place = np.linspace(0.0, 100.0, len(curve))
    between = np.interp(-sure, -curve, place)
    first = np.searchsorted(-curve, -sure, "left")
    last = np.searchsorted(-curve, -sure, "right") - 1
    level = last >= first
    begin, end = between.copy(), between
    begin[level], end[level] = place[first[level]], place[last[level]]
    _, at, counts = np.unique(-sure, return_index=True, return_counts=True)
    within = (np.arange(len(sure)) - np.repeat(at, counts) + 0.5) / np.repeat(counts, counts)
    return np.asarray(begin + within * (end - begin))


def _judged(analysis: Analysis) -> Judged:
    """What is shown of an answer."""
    rows = analysis.rows
    curves = []
    for cluster in range(analysis.n_clusters):
        probability = rows.probability[rows.label == cluster]
        if len(probability) > _POINTS:
            probability = np.quantile(probability, np.linspace(1.0, 0.0, _POINTS))
        curves.append(100.0 * np.sort(probability)[::-1])
    return Judged(analysis, analysis.overlap, curves, int((rows.probability < UNSURE).sum()))
