"""How the log-likelihood climbs, iteration by iteration."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, QTimer
from PySide6.QtGui import QColor, QCursor, QPalette
from PySide6.QtWidgets import QHBoxLayout, QToolTip, QVBoxLayout, QWidget

from gmmdesk.analysis.analysis import AnalysisProgress
from gmmdesk.session.answer import HistoryPoint
from gmmdesk.ui import theme
from gmmdesk.ui.document import Document
from gmmdesk.ui.drawing.curves import Content, Curve, CurvePlot, Dots
from gmmdesk.ui.drawing.entries import Entry, Sign
from gmmdesk.ui.drawing.figure import FigureSource, figure_of_curves
from gmmdesk.ui.drawing.marks import Marks
from gmmdesk.ui.help.glossary import GLOSSARY
from gmmdesk.ui.panels.timeline_bar import TimelineBar
from gmmdesk.ui.theme import Line, Opacity
from gmmdesk.ui.views.convergence.curves import joined, run_of, segments, worth_seeing
from gmmdesk.ui.views.convergence.status import final_lines, running_lines
from gmmdesk.ui.widgets import Pages, once_found, secondary

_CLOCK_MS = 100
_EARLIER = 40  # curves of earlier fits that are kept in sight
_DOT = 7.0  # pixels
_MARK, _MARK_SIZE = QPalette.ColorRole.Text, 9.0  # rings where something led on, pixels
_LIKELIER = 0.1  # nats, more than fits leave to gain
_SAME = 1e-12  # relative: the log-likelihood of one fit, converted to the units of the file twice
_DOUBT = QPalette.ColorRole.BrightText  # of runs that were refused
_PRESENT = QPalette.ColorRole.Accent  # of the present fit's curve
_TIP = GLOSSARY["Convergence"]
_THIS, _EARLIER_FITS = "This fit", "Fits before it"


class ConvergenceView(QWidget):
    """The log-likelihood against the iteration, live, with a line of numbers above it.

    The present fit is drawn plainly, earlier starts and candidates faintly.
    """

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._document = document
        self.status = secondary()
        self.status.setWordWrap(False)
        self.status.setAccessibleName("Progress of the fit")
        self.plot = CurvePlot()
        self.plot.setAccessibleName("Log-likelihood by iteration")
        self.plot.setAccessibleDescription("Arrow keys move, plus and minus zoom, Home shows all.")
        self.plot.setToolTip(_TIP)
        self.plot.x_axis.set_title("Iteration")
        self.plot.x_axis.counts = True
        self.plot.y_axis.set_title("Log-likelihood (nats)", "ln L (nats)", "ln L")
        self._present = self._earlier = self._refused = joined([])
        self._names = _THIS, _EARLIER_FITS  # of the plain curve and of the faint ones
        self._here = joined([])  # the last iteration, or where the timeline stands
        self._lowest = math.inf  # log-likelihood to which the timeline has gone back
        self.marks = Marks(self.plot)
        self._moment = pg.InfiniteLine(movable=True)
        self._moment.setCursor(Qt.CursorShape.SizeHorCursor)
        self.plot.box.addItem(self._moment)
        self._pages = Pages(
            once_found("it is drawn here how well they describe the rows (log-likelihood)."),
            self.plot,
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, theme.SPACE // 2, 0, 0)
        layout.setSpacing(0)
        self.explanation = secondary()
        self.explanation.setContentsMargins(theme.SPACE, 0, theme.SPACE, theme.SPACE // 2)
        self.explanation.setAccessibleName("What happens in this half of a step")
        self.timeline_bar = TimelineBar(document)
        head = QHBoxLayout()
        head.setContentsMargins(theme.SPACE, 0, theme.SPACE, 0)
        head.setSpacing(theme.SPACE)
        head.addWidget(self.timeline_bar)
        head.addWidget(self.status, 1)
        layout.addLayout(head)
        layout.addWidget(self.explanation)
        layout.addWidget(self._pages, 1)

        self._runs: list[list[HistoryPoint]] = []  # one for each start of each candidate
        self._history: Sequence[HistoryPoint] = ()  # the one that `_runs` follow from
        self._n_taken = 0  # points of it that are in `_runs`
        self._places = np.empty(0)  # of the timeline's iterations on the axis
        self._skips = True  # the next beat; the first one is shown
        self._drawn: AnalysisProgress | None = None  # what the curve and the line above it tell
        self._is_folded = False
        self._n_before = 0  # iterations on samples of the rows, before those on all
        self._on_samples: list[np.ndarray] = []  # their log-likelihoods, sample by sample
        self._clock = QTimer(self, interval=_CLOCK_MS)
        self._clock.timeout.connect(self._update_status)
        self.plot.reset_requested.connect(self._update_range)
        self.plot.box.sigRangeChanged.connect(self._name_curves)
        self.plot.palette_changed.connect(self._update_colors)
        document.run_started.connect(self._on_document_run_started)
        document.progressed.connect(self._on_document_progressed)
        document.run_ended.connect(self._clock.stop)
        document.analysis_changed.connect(self._update)
        document.timeline.moved.connect(self._show_moment)
        document.timeline.slow_changed.connect(self._show_moment)
        self._moment.sigDragged.connect(lambda line: self._go_to(line.value()))
        self.plot.clicked.connect(self._on_plot_clicked)
        self.plot.box.on_drag = self._on_plot_dragged
        self._update_colors()
        self._update()

    def set_folded(self, on: bool) -> None:
        """Show no more than the line above the curve."""
        if on != self._is_folded:
            self._is_folded = on
            self._pages.setHidden(on)
            self._show_moment()

    def curve(self) -> tuple[np.ndarray, np.ndarray]:
        """Iterations and log-likelihoods of the present fit, as drawn."""
        return self._present

    def figure(self) -> FigureSource | None:
        """The curves, to be painted elsewhere."""
        if not len(self._present[0]):
            return None
        return figure_of_curves("Convergence", self.plot, self.plot.legend)

    def _name_curves(self) -> None:
        """Say what the faint curves and the rings are; what is out of sight needs no name."""
        name, others = self._names
        has_others, has_refused = self._sees(*self._earlier), self._sees(*self._refused)
        has_marks = self._sees(self.marks.x, self.marks.y)

        def legend(palette: QPalette) -> list[Entry]:
            entries = [Entry(name, palette.color(_PRESENT), Sign.LINE)]
            other = Entry(others, _faint(palette), Sign.LINE)
            refused = Entry("Refused as spurious", _faint(palette, _DOUBT), Sign.DASHES)
            marked = Entry("Turning point", palette.color(_MARK), Sign.RING)
            seen = (other, has_others), (refused, has_refused), (marked, has_marks)
            return [*entries, *(entry for entry, is_seen in seen if is_seen)]

        self.plot.show_legend(legend)

    def _sees(self, x: np.ndarray, y: np.ndarray) -> bool:
        """Whether any of these places is in sight."""
        shown = self.plot.visible_rect()
        beside = (x >= shown.left()) & (x <= shown.right())
        return bool((beside & (y >= shown.top()) & (y <= shown.bottom())).any())

    def _on_document_run_started(self) -> None:
        self._skips = True
        self._clock.start()
        self._update()

    def _on_document_progressed(self) -> None:
        """Draw the curve at every second beat, as every painting costs, and of another fit at once.

        The other views show that already.
        """
        self._skips = not self._skips
        if not self.isVisible():
            return
        drawn, now = self._drawn, self._document.progress
        is_other = drawn is None or now is None or drawn.candidate != now.candidate
        if is_other or not self._skips:
            self._update()

    def _update(self) -> None:
        self._drawn = self._document.progress
        self._take_history()
        present, earlier = self._curves()
        # The likeliest that is no artefact of few rows was chosen: what is likelier is one. With a
        # prior it is not by the likelihood alone that one is chosen.
        analysis = self._document.analysis
        by_likelihood = analysis is not None and not analysis.has_prior
        refused = [run for run in earlier if by_likelihood and _is_higher(run[-1], present[-1])]
        self._present, self._refused = joined([present]), joined(refused)
        self._earlier = joined([run for run in earlier if run not in refused])
        self._pages.show_content(bool(present))
        self._update_range()
        self._show_moment()

    def _take_history(self) -> None:
        """Sort what is new in the history into runs; long searches have very long histories."""
        history = self._document.history
        if history is not self._history:
            self._history, self._runs, self._n_taken = history, [], 0
        for point in history[self._n_taken :]:
            last = self._runs[-1][-1] if self._runs else None
            if last is None or run_of(last) != run_of(point):
                self._runs.append([])
            self._runs[-1].append(point)
        self._n_taken = len(history)

    def _curves(self) -> tuple[Sequence[HistoryPoint], Sequence[Sequence[HistoryPoint]]]:
        """The present fit's points, and those of fits before it that they compare with.

        While a fit runs these are the latest; of an answer they are its candidate's other starts.
        What was computed from a sample of the rows is as much higher or lower as the sample is.
        """
        analysis = self._document.analysis
        self._n_before, self._on_samples = 0, []
        if analysis is None:
            if not (self._document.is_running and self._runs):
                return [], []
            present = self._runs[-1]
            self._names = _THIS, _EARLIER_FITS
            earlier = self._runs[-1 - _EARLIER : -1]
            return present, [run for run in earlier if run[0].n_rows == present[0].n_rows]
        # Where the search was stopped, some before it may be missing.
        best = analysis.trail[0].candidate if analysis.trail else analysis.best
        *sampled, trail = segments(analysis.trail)
        if sampled:
            self._n_before = sampled[-1][-1].iteration
            self._on_samples = [np.array([p.log_likelihood for p in part]) for part in sampled]
        final = [
            HistoryPoint(best, 0, iteration, float(value), analysis.result.n_sampled)
            for iteration, value in enumerate(analysis.result.history, self._n_before + 1)
        ]
        self._places = np.array([p.iteration for part in (*sampled, trail) for p in part], float)
        if sampled:  # other starts were on the sample too
            sizes = dict.fromkeys(f"{part[-1].n_rows:,}" for part in (sampled[0], sampled[-1]))
            self._names = "All rows", f"Before, {' to '.join(sizes)} rows"
            return final, sampled
        self._names = _THIS, "Other restarts"
        reached = final[-1].log_likelihood
        others = [
            run
            for run in self._runs
            if (run[0].candidate, run[0].n_rows) == (best, analysis.result.n_sampled)
            and not math.isclose(run[-1].log_likelihood, reached, rel_tol=_SAME)
        ]
        return final, others

    def _update_range(self) -> None:
        iterations, values = self.curve()
        if not len(values):
            return
        low, high = worth_seeing(values, *self._on_samples)
        low = min(low, self._lowest)
        _, others = self._earlier
        if len(others) and self._document.analysis is not None:
            high = max(high, float(np.nanmax(others)))
        room = max(0.15 * (high - low), 1e-6 * max(1.0, abs(high)))  # smaller steps are rounding
        last = max(5.0, float(iterations[-1]))
        self.plot.box.setRange(
            xRange=(0.0, 1.03 * last), yRange=(low - room, high + room), padding=0.0
        )

    def _show_moment(self) -> None:
        """Mark where the timeline stands; while a fit runs, its last iteration."""
        timeline = self._document.timeline
        iterations, values = self.curve()
        is_back = timeline.clusters is not None and len(self._places) == len(timeline.trail)
        self._moment.setVisible(timeline.last > 0 and self._document.analysis is not None)
        if is_back:
            low, high = timeline.position // 2, (timeline.position + 1) // 2
            x = (self._places[low] + self._places[high]) / 2.0
            y = [timeline.trail[i].log_likelihood for i in (low, high)]
            self._here = np.array([x]), np.array([sum(y) / 2.0])
            self._moment.setValue(x)
            if y[0] < min(self._lowest, self.plot.visible_rect().top()):
                self._lowest = y[0]
                self._update_range()
        else:
            if self._lowest < math.inf:
                self._lowest = math.inf
                self._update_range()
            self._here = iterations[-1:], values[-1:]
            if len(iterations):
                self._moment.setValue(iterations[-1])
        self.marks.show_trail(
            () if self._document.analysis is None else timeline.trail, self._places
        )
        self._draw()
        self.explanation.setText(timeline.explanation)
        self.explanation.setVisible(bool(timeline.explanation) and not self._is_folded)
        self._update_status()

    def _draw(self) -> None:
        present, earlier, here = self._present, self._earlier, self._here
        refused = self._refused
        marks = self.marks.x, self.marks.y

        def content(palette: QPalette) -> Content:
            color = palette.color(_PRESENT)
            curves = (
                Curve(*earlier, _faint(palette), Line.HAIR),
                Curve(*refused, _faint(palette, _DOUBT), Line.HAIR, is_dashed=True),
                Curve(*present, color),
            )
            marked = Dots(
                *marks, [palette.color(_MARK)] * len(marks[0]), _MARK_SIZE, ring=Line.FINE
            )
            return Content(curves, (marked, Dots(*here, [color] * len(here[0]), _DOT)))

        self.plot.show_content(content)
        self._name_curves()

    def _on_plot_clicked(self, position: QPointF) -> None:
        self.plot.setFocus()
        self._go_to(self.plot.box.mapToView(position).x())

    def _on_plot_dragged(self, position: QPointF) -> bool:
        if self._can_go_back:
            self._go_to(self.plot.box.mapToView(position).x())
        else:
            QToolTip.showText(QCursor.pos(), self.why_not_back, self.plot)
        return True  # never to move the axes, which follow the fit

    @property
    def why_not_back(self) -> str:
        """Why there is no going back along the curve; empty where there is."""
        if self._can_go_back:
            return ""
        if self._document.is_running:
            return "Once the fit has ended, dragging here goes back to its iterations."
        if self._document.analysis is None:
            return "Once clusters are found, dragging here shows how they formed."
        return "There are no earlier iterations of this fit to go back to."

    @property
    def _can_go_back(self) -> bool:
        trail = self._document.timeline.trail
        return self._document.analysis is not None and len(self._places) == len(trail) > 1

    def _go_to(self, x: float) -> None:
        """Show the iteration nearest to a place on the axis."""
        if self._can_go_back:
            timeline = self._document.timeline
            timeline.pause()
            timeline.go_to_iteration(int(np.abs(self._places - x).argmin()))
            self._show_moment()  # the line stands on an iteration, wherever it was dragged

    def _update_status(self) -> None:
        document = self._document
        if document.is_running:
            line, *shorter = running_lines(document, self._drawn)
        else:
            line, *shorter = final_lines(document, self._n_before)
        self.status.setText(line, shorter)
        self.status.setVisible(bool(line))

    def _update_colors(self) -> None:
        color = self.plot.color(_PRESENT)
        self._moment.setPen(pg.mkPen(color, width=Line.HAIR))
        self._moment.setHoverPen(pg.mkPen(color, width=Line.CHOSEN))


def _is_higher(point: HistoryPoint, other: HistoryPoint) -> bool:
    """Whether it is likelier for the same rows, by more than fits leave to gain."""
    higher = point.log_likelihood > other.log_likelihood + _LIKELIER
    return higher and point.n_rows == other.n_rows


def _faint(palette: QPalette, role: QPalette.ColorRole = QPalette.ColorRole.Text) -> QColor:
    """The colour of other starts."""
    color = QColor(palette.color(role))
    color.setAlphaF(Opacity.DIMMED)
    return color
