"""Merging: the entropy of every number of clusters that the components of the answer can make."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QModelIndex, QPointF, Qt, QTimer
from PySide6.QtGui import QCursor, QGuiApplication, QPalette, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

from gmmdesk.analysis import Analysis
from gmmdesk.analysis.combining import Merging, merging_of
from gmmdesk.analysis.two_rules import gaps_beside_overlap
from gmmdesk.task import Task
from gmmdesk.text import count, fixed
from gmmdesk.ui import theme
from gmmdesk.ui.background import LatestWorker
from gmmdesk.ui.document import Document
from gmmdesk.ui.drawing.curves import Content, Curve, CurvePlot, Dots
from gmmdesk.ui.drawing.entries import Entry, Sign
from gmmdesk.ui.drawing.figure import FigureSource, figure_of_curves
from gmmdesk.ui.help.glossary import tip
from gmmdesk.ui.list_splitter import ListSplitter
from gmmdesk.ui.tables.text_model import TextModel, text_table
from gmmdesk.ui.text import number, plain_tip
from gmmdesk.ui.theme import Line
from gmmdesk.ui.widgets import Pages, once_found, secondary, tool_button

_DOT, _RING = 8.0, 14.0  # pixels
_LEAST = 1.0  # nats of all rows together that the axis reaches: less is no overlap to speak of
_CURVE, _FITTED = QPalette.ColorRole.Link, QPalette.ColorRole.PlaceholderText
_EMPTY = once_found("those that overlap can be made one here.")
_ALONE = "There is one cluster only: nothing can be merged."
_LOOKING = "Looking for clusters that overlap…"
_FAILED = "Which clusters overlap could not be found out. Come back to this page to try it again."


class MergingPage(QWidget):
    """The entropy plot and its steps as a table; a click takes that number of clusters.

    The merging is found in the background once somebody looks, and holds however components are
    combined since.
    """

    def __init__(self, document: Document, worker: type[LatestWorker] = LatestWorker) -> None:
        super().__init__()
        self._document = document
        self._subject: Analysis | None = None  # with each component a cluster
        self._merging: Merging | None = None
        self._failed = False  # to find that
        self._shown: tuple[object, ...] | None = None  # what the page tells of; None if unknown
        self._at: int | None = None  # the number of clusters marked in the table
        self._clicked: int | None = None
        self._click = QTimer(self, singleShot=True)  # until it is no double click
        self._click.timeout.connect(lambda: self._take(self._clicked))
        self._worker = worker(self)
        self._worker.failed.connect(self._on_worker_failed)
        self._worker.failed.connect(document.problem_raised)
        self.said = secondary()
        self.said.setAccessibleName("What may be merged")
        self.said.setToolTip(tip("Merging"))
        self.merge = tool_button(
            "Merge", f"Take the number where the curve bends. Entropy: {tip('Entropy')}"
        )
        self.split = tool_button("Split all", "Make every part a cluster of its own again")
        for button in (self.merge, self.split):
            button.setAutoRaise(False)
        bar = QHBoxLayout()
        bar.setContentsMargins(*[theme.SPACE] * 4)
        bar.setSpacing(theme.SPACE)
        bar.addWidget(self.said, 1)
        bar.addWidget(self.merge, 0, Qt.AlignmentFlag.AlignTop)
        bar.addWidget(self.split, 0, Qt.AlignmentFlag.AlignTop)
        self.plot = CurvePlot()
        self.plot.setAccessibleName("Entropy by number of clusters")
        self.plot.x_axis.set_title("Number of clusters", "Clusters", "K")
        self.plot.x_axis.counts = True
        self.plot.y_axis.set_title("Entropy: how unsure all rows are", "Entropy")
        self.model = TextModel(self)
        self.table = text_table(self.model, "Which clusters each step merges", selectable=True)
        self.table.setToolTip(tip("ICL"))
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        splitter = ListSplitter(self.table, self.plot, self.table)
        content = QWidget()
        inner = QVBoxLayout(content)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(0)
        inner.addLayout(bar)
        inner.addWidget(splitter, 1)
        self._pages = Pages(_EMPTY, content)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._pages)

        self.merge.clicked.connect(self._on_merge_clicked)
        self.split.clicked.connect(lambda: self._document.edits.combine(None, "splitting clusters"))
        self.table.activated.connect(self._on_table_activated)
        self.table.clicked.connect(self._on_table_activated)
        self.plot.clicked.connect(self._on_plot_clicked)
        self.plot.scene().sigMouseMoved.connect(self._on_scene_mouse_moved)
        self.plot.reset_requested.connect(self._on_plot_reset_requested)
        document.analysis_changed.connect(self._follow)
        document.names_changed.connect(self._show)
        document.checking.changed.connect(self._show)
        self._follow()

    @property
    def is_busy(self) -> bool:
        """Whether the merging is being found, or is going to be."""
        lacks = self._subject is not None and self._merging is None and not self._failed
        waits = (lacks and self.isVisible()) or self._click.isActive()
        return waits or self._worker.is_busy or self._document.edits.is_busy

    @property
    def found(self) -> Merging | None:
        """What may be merged, None before it is known."""
        return self._merging

    def figure(self) -> FigureSource | None:
        """The entropy plot, to be painted elsewhere."""
        if self._merging is None:
            return None
        self._update()

        def legend(palette: QPalette) -> list[Entry]:
            entries = [Entry("Entropy", palette.color(_CURVE), Sign.LINE)]
            if self._merging is not None and self._merging.bends:
                entries.append(Entry("Where the curve bends", palette.color(_FITTED), Sign.LINE))
            return entries

        return figure_of_curves("Merging clusters", self.plot, legend)

    def close_workers(self) -> None:
        """Wait for what is being computed; no thread outlives this."""
        self._worker.close()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._failed = False
        self._look()
        self._update()

    # -- finding it ---------------------------------------------------------------------------

    def _follow(self) -> None:
        """The answer is another, or its components are combined otherwise."""
        analysis = self._document.analysis
        subject = None if analysis is None else analysis.uncombined
        self._click.stop()
        if subject is not self._subject:
            self._worker.cancel()
            self._subject, self._merging, self._failed = subject, None, False
            self._look()
        self._show()

    def _look(self) -> None:
        subject = self._subject
        if subject is None or self._merging is not None or not self.isVisible():
            return
        if self._worker.is_busy:  # with this one
            return
        task = Task()

        def show(found: Merging) -> None:
            if subject is self._subject:
                self._merging = found
                self._show()
                self._reset_range()

        self._worker.submit(lambda: merging_of(subject, task), show, task)

    def _on_worker_failed(self) -> None:
        self._failed = True
        self._show()

    # -- what is shown -----------------------------------------------------------------------

    def _show(self) -> None:
        """Tell what is known, as soon as somebody looks."""
        if self.isVisible():
            self._update()
        else:
            self._shown = None

    def _update(self) -> None:
        merging, analysis = self._merging, self._document.analysis
        names = self._document.component_names
        settled = self._document.checking.settled
        subject = (merging, analysis, names, settled, self._failed)
        if subject == self._shown:
            return
        self._shown = subject
        alone = analysis is not None and analysis.result.n_components < 2
        waiting = _ALONE if alone else _FAILED if self._failed else _LOOKING
        self._pages.empty.setText(_EMPTY if analysis is None else waiting)
        self._pages.show_content(merging is not None and analysis is not None and not alone)
        if merging is None or analysis is None or alone:
            return
        K, n, bend = analysis.result.n_components, analysis.n_clusters, merging.proposed
        at = merging.place_of(analysis.grouping)
        overlapping = merging.path.overlapping
        by_overlap = 0 if overlapping and not merging.bends else bend
        judged = analysis.uncombined.verdict.with_resamples(settled)
        verdict = gaps_beside_overlap(judged, by_overlap) if K > 2 else ""
        told = in_words(K, n, bend, verdict, is_on_path=at is not None, overlapping=overlapping)
        self.said.setText(told)
        self.merge.setText(f"Merge into {count(bend, 'cluster')}")
        self.merge.setVisible(merging.bends)
        self.merge.setEnabled(at != bend)
        self.split.setEnabled(analysis.grouping is not None)
        self._fill(merging, at, names, analysis.result.bic)
        self._draw(merging, at)

    def _fill(self, merging: Merging, at: int | None, names: Sequence[str], bic: float) -> None:
        entropies = merging.path.entropies
        K, largest = len(entropies), max(float(entropies.max()), _LEAST)
        digits = max(0, 3 - math.floor(math.log10(largest)))
        lines = []
        for n in range(K, 0, -1):
            fall = "" if n == K else f"{entropies[n] - entropies[n - 1]:,.{digits}f}"
            mark = "where the curve bends" if n == merging.proposed < K else ""
            here = f"{entropies[n - 1]:,.{digits}f}"
            icl = fixed(bic - 2.0 * float(merging.path.log_certainties[n - 1]), 1)
            lines.append((f"{n}", mark, here, fall, icl, _merged(merging, n, names)))
        headings = ("Clusters", "", "Entropy", "Falls by", "ICL", "Parts merged in this step")
        line = self.table.currentIndex().row()  # where somebody is with the keyboard
        if at != self._at or not 0 <= line < K:
            line = -1 if at is None else K - at
        self._at = at
        self.model.show_lines(headings, lines, right=(0, 2, 3, 4))
        if line >= 0:
            self.table.selectRow(line)
        else:  # what is shown is in no line
            self.table.setCurrentIndex(QModelIndex())
            self.table.clearSelection()

    def _draw(self, merging: Merging, at: int | None) -> None:
        entropies = merging.path.entropies
        K, bend = len(entropies), merging.proposed
        numbers = np.arange(1.0, K + 1.0)
        left, right = merging.lines
        rings = [at] if at is not None else []

        def content(palette: QPalette) -> Content:
            accent, quiet = palette.color(_CURVE), palette.color(_FITTED)
            top = float(entropies[-1])
            mark = np.array([bend, bend], float)
            bends = [Curve(mark, np.array([0.0, top]), quiet, Line.HAIR)] if merging.bends else []
            curves = (
                *bends,
                Curve(numbers, left, quiet, Line.FINE),
                Curve(numbers, right, quiet, Line.FINE),
                Curve(numbers, entropies, accent, Line.PLAIN),
            )
            chosen = np.array(rings, float)
            heights = entropies[[n - 1 for n in rings]] if rings else np.empty(0)
            return Content(
                curves,
                (
                    Dots(numbers, entropies, [accent] * K, _DOT),
                    Dots(chosen, heights, [accent] * len(rings), _RING, Line.PLAIN),
                ),
            )

        self.plot.show_content(content)

    def _reset_range(self) -> None:
        if self._merging is None:
            return
        entropies = self._merging.path.entropies
        highest = max(float(entropies.max()), _LEAST)
        room = 0.08 * highest
        self.plot.box.setRange(
            xRange=(0.5, len(entropies) + 0.5),
            yRange=(-room, highest + room),
            padding=0.0,
        )

    # -- taking one --------------------------------------------------------------------------

    def _take(self, n: int | None) -> None:
        merging = self._merging
        if merging is not None and n is not None:
            text = f"merging into {count(n, 'cluster')}"
            if merging.groupings[n - 1] is None:
                text = "splitting clusters"
            self._document.edits.combine(merging.groupings[n - 1], text)

    def _on_merge_clicked(self) -> None:
        if self._merging is not None:
            self._take(self._merging.proposed)

    def _on_table_activated(self, index: QModelIndex) -> None:
        self._take(self.model.rowCount() - index.row())

    def _on_plot_clicked(self, position: QPointF) -> None:
        self.plot.setFocus()
        self._clicked = self._number_at(position)
        if self._clicked is not None:
            self._click.start(QGuiApplication.styleHints().mouseDoubleClickInterval())

    def _on_plot_reset_requested(self) -> None:
        self._click.stop()
        self._reset_range()

    def _on_scene_mouse_moved(self, position: QPointF) -> None:
        n = self._number_at(self.plot.box.mapFromScene(position))
        told = ""
        if n is not None and self._merging is not None:
            entropy = number(float(self._merging.path.entropies[n - 1]), 4)
            told = plain_tip(f"{count(n, 'cluster')}: entropy {entropy} nats. A click takes them.")
        if told != self.plot.toolTip():
            self.plot.setToolTip(told)
            QToolTip.showText(QCursor.pos(), told, self.plot)  # an empty one hides the last

    def _number_at(self, position: QPointF) -> int | None:
        """The number of clusters whose dot is at a pixel of the box."""
        if self._merging is None:
            return None
        entropies = self._merging.path.entropies
        place = self.plot.dot_at(position, np.arange(1, len(entropies) + 1), entropies)
        return None if place is None else place + 1


def _merged(merging: Merging, n: int, names: Sequence[str]) -> str:
    """The two clusters that become one on the way to n clusters, by the `names` of their parts."""
    step = len(names) - n - 1
    if step < 0:
        return "none: each part is a cluster"
    groups = merging.path.groups(n + 1)
    both = sorted(np.flatnonzero(groups == one).tolist() for one in merging.path.merges[step])
    return "  +  ".join(", ".join(names[k] for k in parts) for parts in both)


def in_words(
    K: int, n: int, bend: int, verdict: str = "", *, is_on_path: bool, overlapping: bool = True
) -> str:
    """Where the entropy bends, what the `verdict` says beside that, and what is shown."""
    sentences = ["Clusters that overlap may be parts of one that is not bell-shaped."]
    if K < 3:
        sentences.append("With two of them no bend of the curve can tell whether they are one.")
    elif bend < K:
        sentences.append(
            f"Merging down to {bend} makes rows surer where they belong, merging further adds"
            " little: there the curve bends."
        )
    elif overlapping:
        sentences.append(
            "Here the curve has no bend: overlap says of no number that merging should stop there."
        )
    else:
        sentences.append("Here nothing overlaps enough to be merged.")
    sentences += [verdict] * bool(verdict)
    if K > 2:
        sentences.append(
            "Entropy and ICL fall with every merge, down to one cluster: that they are lowest there"
            " says nothing."
        )
    if n < K and not is_on_path:
        sentences.append(f"The {count(n, 'cluster')} shown were merged otherwise.")
    wished = "a click takes that number"
    if K == 2:
        wished = "click 1 to make them one" if n == 2 else "click 2 to have two again"
    sentences.append(f"Nothing is fitted again; {wished}.")
    return " ".join(sentences)
