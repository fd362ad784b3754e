"""Choosing K: what every number of clusters and shape that was tried is worth, and taking one.

On a second page, components are combined into fewer clusters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QModelIndex, QPointF, Qt, QTimer
from PySide6.QtGui import QCursor, QPalette, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QTableView,
    QTabWidget,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

from gmmdesk.analysis import BIC_EVIDENCE, MEASURES, Candidate
from gmmdesk.analysis.shapes_named import named_model
from gmmdesk.ui import theme
from gmmdesk.ui.background import LatestWorker
from gmmdesk.ui.document import Document
from gmmdesk.ui.drawing.curves import Content, Curve, CurvePlot, Dots
from gmmdesk.ui.drawing.entries import Entry, Sign
from gmmdesk.ui.drawing.figure import FigureSource, figure_of_curves
from gmmdesk.ui.help.glossary import GLOSSARY, tip
from gmmdesk.ui.late_view import LateView
from gmmdesk.ui.list_splitter import ListSplitter
from gmmdesk.ui.number_testing import GAVE_WAY
from gmmdesk.ui.tables.comparison_model import ComparisonModel
from gmmdesk.ui.tables.names_header import NamesHeader
from gmmdesk.ui.text import plain_tip
from gmmdesk.ui.theme import Line
from gmmdesk.ui.views.comparison.merging_page import MergingPage
from gmmdesk.ui.widgets import Label, Pages, combo_box, once_found, secondary, tool_button

_DOT, _RING = 7.0, 13.0  # pixels
_SHAPE_WIDTH = 150  # pixels for a shape's name, at least: nine numbers fit beside it
_WORTH_SEEING = 3.0  # times the distance from the best to the middle one
_HINT = "{}; a click takes that one."
_TINTS = f"Tinted: up to {', '.join(f'{most:g}' for most in BIC_EVIDENCE)} from the best."
_OUT_OF_SIGHT = "Far worse ones are not in sight."
_UNFINISHED = "{}; the fit shown had not converged yet."
_TIP = f"Nothing is fitted again. {GLOSSARY['BIC difference']}"
_TERMS = {
    "bic": "BIC",
    "icl": "ICL",
    "aic": "AIC",
    "held_out": "Held-out rows",
    "certainty": "How sure",
}
# Of the lines: that of the shape that is the answer's, and the others'.
_OWN, _OTHER = QPalette.ColorRole.Link, QPalette.ColorRole.PlaceholderText
_MEASURES = tuple((key, one.name) for key, one in MEASURES.items())
_TEST, _STOP = "Test this number", "Stop"
_TEST_BEGINS = "Making up tables and fitting them…"
_NONE_HELD_OUT = (
    "No rows were held out: add the step “Hold out rows” to the Preparation, and find clusters"
    " again."
)


class ComparisonView(LateView):
    """A criterion over the number of clusters, a line for each shape, and the same as a table."""

    def __init__(self, document: Document, worker: type[LatestWorker] = LatestWorker) -> None:
        super().__init__()
        self._document = document
        self._followed = ""  # the criterion of the answer shown last
        self.criterion = combo_box(
            "Criterion",
            "What the combinations are compared by:\n"
            + "\n".join(f"{one.name}: {GLOSSARY[_TERMS[key]]}" for key, one in MEASURES.items()),
            _MEASURES,
        )
        self.criterion.setMinimumContentsLength(10)
        self.hint = Label(_HINT.format("Lower is better"))
        self.hint.setWordWrap(True)
        self.hint.setToolTip(_TIP)
        self.hint.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        bar = QHBoxLayout()
        bar.setContentsMargins(*[theme.SPACE] * 4)
        bar.setSpacing(theme.SPACE)
        bar.addWidget(self.criterion)
        bar.addWidget(self.hint, 1)
        self.test = tool_button(_TEST, tip("Test of the number"), "find")
        bar.addWidget(self.test)
        self.tested = secondary()
        self.tested.setAccessibleName("Test of the number of clusters")
        self.tested.setContentsMargins(theme.SPACE, 0, theme.SPACE, theme.SPACE)
        self.tested.hide()

        self.plot = CurvePlot()
        self.plot.setAccessibleName("Criterion by number of clusters")
        self.plot.x_axis.counts = True
        self.model = ComparisonModel(self)
        self.table = QTableView()
        self.table.setModel(self.model)
        self.table.setAccessibleName("Criterion by shape and number of clusters")
        self.table.setFrameShape(self.table.Shape.NoFrame)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setTabKeyNavigation(False)
        self.table.setCornerButtonEnabled(False)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.table.horizontalHeader().setHighlightSections(False)
        # By columns it would stay where it was scrolled to when it had less room.
        self.table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        widest = self.table.fontMetrics().horizontalAdvance("100 %") + theme.SPACE
        self.table.horizontalHeader().setMinimumSectionSize(widest)
        lines = NamesHeader(self.table, Qt.Orientation.Vertical)
        self.table.setVerticalHeader(lines)
        lines.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        lines.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        splitter = ListSplitter(self.table, self.plot, self.table)
        self._pages = Pages(
            once_found("every number of clusters and every shape that was tried is compared here."),
            splitter,
        )
        self.fits = QWidget()
        inner = QVBoxLayout(self.fits)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(0)
        inner.addLayout(bar)
        inner.addWidget(self.tested)
        inner.addWidget(self._pages, 1)
        self.merging = MergingPage(document, worker)
        self.pages = QTabWidget()
        self.pages.setDocumentMode(True)
        self.pages.setAccessibleName("How the number is chosen")
        for title, told, page in (
            (
                "Fits",
                "What every number of clusters and every shape that was tried is worth",
                self.fits,
            ),
            ("Merging", "Clusters that overlap made one, as far as entropy says", self.merging),
        ):
            self.pages.setTabToolTip(self.pages.addTab(page, title), told)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.pages)

        self.criterion.currentIndexChanged.connect(self._update)
        self.test.clicked.connect(self._on_test_clicked)
        self.table.activated.connect(self._on_table_activated)
        self.table.clicked.connect(self._on_table_activated)
        self.plot.clicked.connect(self._on_plot_clicked)
        self.plot.scene().sigMouseMoved.connect(self._on_scene_mouse_moved)
        self.plot.reset_requested.connect(self._reset_range)
        document.analysis_changed.connect(self._on_document_analysis_changed)
        document.progressed.connect(self._on_document_progressed)
        document.number_testing.changed.connect(self._show_test)
        self._on_document_analysis_changed()

    @property
    def is_busy(self) -> bool:
        """Whether it is being found out what may be merged."""
        return self.merging.is_busy

    def figure(self) -> FigureSource | None:
        """The curves, to be painted elsewhere."""
        if self.pages.currentWidget() is self.merging:
            return self.merging.figure()
        if not self.model.candidates or self._leading() is None:
            return None
        return figure_of_curves("Choosing the number of clusters", self.plot, self.plot.legend)

    def close_workers(self) -> None:
        """Wait for what is being merged; no thread outlives this."""
        self.merging.close_workers()

    def _on_document_analysis_changed(self) -> None:
        analysis = self._document.analysis
        if analysis is not None and self._followed != analysis.settings.criterion:
            self._followed = analysis.settings.criterion
            self.criterion.setCurrentIndex(self.criterion.findData(self._followed))
        self._show_test()
        self._outdate()

    def _renew(self) -> None:
        self._update()
        self._reveal()

    def _reveal(self) -> None:
        """Have the answer in sight."""
        analysis = self._document.analysis
        if analysis is not None:
            self.table.scrollTo(self.model.index_of(analysis.best))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        QTimer.singleShot(0, self, self._reveal)  # when it is known how much of it is in sight

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_shapes()

    def _fit_shapes(self) -> None:
        """Give the names of the shapes what room the numbers leave them, as far as they need it."""
        across, lines = self.table.horizontalHeader(), self.table.verticalHeader()
        numbers = across.count() * across.minimumSectionSize()
        room = self.width() - numbers - self.table.verticalScrollBar().sizeHint().width()
        needed = lines.sizeHint().width() + theme.SPACE
        lines.setFixedWidth(min(needed, max(_SHAPE_WIDTH, room)))

    # -- the test of the number --------------------------------------------------------------

    def _on_test_clicked(self) -> None:
        testing = self._document.number_testing
        if testing.is_running:
            testing.stop()
        else:
            testing.start()

    def _show_test(self) -> None:
        testing = self._document.number_testing
        self.test.setText(_STOP if testing.is_running else _TEST)
        self.test.setEnabled(self._document.analysis is not None)
        said = GAVE_WAY if testing.has_given_way else ""
        if testing.is_running:
            said = _TEST_BEGINS
        if testing.found:
            said = " ".join(replace(one, noun=self._noun).sentence for one in testing.found)
        self.tested.setText(said)
        self.tested.setVisible(bool(said))

    # -- what is shown -----------------------------------------------------------------------

    def _on_document_progressed(self) -> None:
        if len(self._candidates()) != len(self.model.candidates):
            self._outdate()

    def _candidates(self) -> Sequence[Candidate]:
        document = self._document
        if document.analysis is not None:
            return document.analysis.candidates
        return document.progress.candidates if document.progress is not None else ()

    @property
    def _noun(self) -> str:
        """What is counted: once merged, clusters are others than the components compared."""
        analysis = self._document.analysis
        is_merged = analysis is not None and analysis.grouping is not None
        return "component" if is_merged else "cluster"

    def _update(self) -> None:
        document, candidates = self._document, self._candidates()
        chosen = document.analysis.best if document.analysis is not None else None
        key = self.criterion.currentData()
        measure = MEASURES[key]
        n_columns = 0 if document.prepared is None else len(document.prepared.columns)
        noun = self._noun
        self.model.show_candidates(candidates, key, chosen, n_columns, noun)
        self.plot.x_axis.set_title(f"Number of {noun}s", f"{noun.capitalize()}s", "K")
        self._fit_shapes()
        self._pages.show_content(bool(candidates))
        better = "Lower" if measure.rise < 0 else "Higher"
        missing = key == "held_out" and all(np.isnan(one.held_out) for one in candidates)
        leading = self._leading()
        is_unfinished = leading is not None and candidates[leading].unfinished
        hint = _UNFINISHED if is_unfinished else _HINT
        hint = hint.format(f"{better} is better" if measure.ranks else "Fewer are always surer")
        if key == "bic":
            hint = f"{hint} {_TINTS}"
        low, high = self._heights()
        if any(not low <= one.value(key) <= high for one in self._shown()):
            hint = f"{hint} {_OUT_OF_SIGHT}"
        self.hint.setText(_NONE_HELD_OUT if missing else hint)
        self.plot.y_axis.set_title(f"{measure.name} ({better.lower()} is better)", measure.name)
        self._draw(candidates, key)
        self._reset_range()

    def _shown(self) -> list[Candidate]:
        """Those that have a place in the plot."""
        measure = self.model.measure
        return [
            one for one in self.model.candidates if one.sound and np.isfinite(one.value(measure))
        ]

    def _leading(self) -> int | None:
        """The candidate that is the answer, or would be."""
        analysis = self._document.analysis
        return analysis.best if analysis is not None else self.model.best

    def _draw(self, candidates: Sequence[Candidate], criterion: str) -> None:
        sound = self._shown()
        leading = self._leading()
        model = candidates[leading].model if leading is not None else ""
        x: list[float] = []
        y: list[float] = []
        for other in dict.fromkeys(one.model for one in sound if one.model != model):
            line = _line(sound, other, criterion)
            x += [*(k for k, _ in line), np.nan]
            y += [*(v for _, v in line), np.nan]
        own = np.array(_line(sound, model, criterion)).reshape(-1, 2)
        numbers = np.array([one.n_components for one in sound], float)
        values = np.array([one.value(criterion) for one in sound])
        is_own = [one.model == model for one in sound]
        ring = [leading] if leading is not None and candidates[leading] in sound else []
        ring_x = np.array([candidates[i].n_components for i in ring], float)
        ring_y = np.array([candidates[i].value(criterion) for i in ring])

        def content(palette: QPalette) -> Content:
            other, accent = palette.color(_OTHER), palette.color(_OWN)
            curves = (
                Curve(np.array(x), np.array(y), other, Line.HAIR),
                Curve(own[:, 0], own[:, 1], accent),
            )
            colors = [accent if mine else other for mine in is_own]
            dots = Dots(numbers, values, colors, _DOT)
            return Content(
                curves, (dots, Dots(ring_x, ring_y, [accent] * len(ring), _RING, Line.PLAIN))
            )

        self.plot.show_content(content)
        self._name_curves(sound, model, has_ring=bool(ring))

    def _name_curves(self, sound: Sequence[Candidate], model: str, *, has_ring: bool) -> None:
        """Say which shape the plain curve is of."""
        others = any(one.model != model for one in sound)
        name = named_model(model, self.model.n_columns) if model else ""

        def legend(palette: QPalette) -> list[Entry]:
            accent = palette.color(_OWN)
            entries = [Entry(name, accent, Sign.LINE)] * bool(name)
            entries += [Entry("Other shapes", palette.color(_OTHER), Sign.LINE)] * others
            return [*entries, *[Entry("Chosen", accent, Sign.RING)] * has_ring]

        self.plot.show_legend(legend)

    def _heights(self) -> tuple[float, float]:
        """From the best to what is worth seeing: one cluster may be worse by a hundred times."""
        measure = MEASURES[self.model.measure]
        values = [one.value(self.model.measure) for one in self._shown()]
        worse = -measure.rise * np.array(values or [0.0])
        best, worst = float(worse.min()), float(worse.max())
        if worst > best and measure.ranks:
            worst = min(worst, best + _WORTH_SEEING * float(np.median(worse) - best))
        low, high = sorted((-measure.rise * best, -measure.rise * worst))
        room = 0.08 * (high - low) or max(1.0, 1e-6 * abs(low))
        return low - room, high + room

    def _reset_range(self) -> None:
        numbers = [one.n_components for one in self._shown()]
        if not numbers:
            return
        self.plot.box.setRange(
            xRange=(min(numbers) - 0.5, max(numbers) + 0.5),
            yRange=self._heights(),
            padding=0.0,
        )

    def _on_table_activated(self, index: QModelIndex) -> None:
        self._choose(self.model.candidate_at(index))

    def _on_plot_clicked(self, position: QPointF) -> None:
        self.plot.setFocus()
        self._choose(self._candidate_at(position))

    def _on_scene_mouse_moved(self, position: QPointF) -> None:
        candidate = self._candidate_at(self.plot.box.mapFromScene(position))
        tip = plain_tip(self.model.described(candidate)) if candidate is not None else ""
        if tip != self.plot.toolTip():
            self.plot.setToolTip(tip)
            QToolTip.showText(QCursor.pos(), tip, self.plot)  # an empty one hides the last

    def _candidate_at(self, position: QPointF) -> int | None:
        """The candidate whose dot is nearest to a pixel of the box, if it is near."""
        measure, all_of_them = self.model.measure, self.model.candidates
        values = [one.value(measure) if one.sound else np.nan for one in all_of_them]
        return self.plot.dot_at(position, [one.n_components for one in all_of_them], values)

    def _choose(self, candidate: int | None) -> None:
        analysis = self._document.analysis
        if candidate is not None and analysis is not None and candidate != analysis.best:
            self._document.edits.choose(candidate)


def _line(candidates: Sequence[Candidate], model: str, criterion: str) -> list[tuple[float, float]]:
    return sorted(
        (float(one.n_components), one.value(criterion)) for one in candidates if one.model == model
    )
