"""The answer: a verdict, and the clusters found."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QItemSelectionModel, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QMenu,
    QVBoxLayout,
    QWidget,
)

from gmmdesk.analysis.attempts import Attempt, came_of_it, left_to_do, still_offered
from gmmdesk.analysis.check import HALVES
from gmmdesk.analysis.difference import MERGED_IN_WORDS, changed
from gmmdesk.analysis.found_again import why_in_brackets
from gmmdesk.analysis.offers import Act, go_back
from gmmdesk.analysis.verdict_words import Ground
from gmmdesk.export.answer import answer_of
from gmmdesk.ui import theme
from gmmdesk.ui.background import LatestWorker
from gmmdesk.ui.banner import StaleBanner
from gmmdesk.ui.checking import Checking
from gmmdesk.ui.cluster_actions import add_cluster_actions
from gmmdesk.ui.color_dialog import choose_color
from gmmdesk.ui.document import Document
from gmmdesk.ui.help.glossary import GLOSSARY
from gmmdesk.ui.list_splitter import Column, ListSplitter
from gmmdesk.ui.offers import follow, try_out, why_not
from gmmdesk.ui.panels.answer_words import AnswerWords
from gmmdesk.ui.panels.chosen_panel import ChosenPanel
from gmmdesk.ui.panels.unusual_line import UnusualLine
from gmmdesk.ui.tables.clusters_model import ClustersModel
from gmmdesk.ui.tables.plain_table import plain_table
from gmmdesk.ui.widgets import heading, secondary

if TYPE_CHECKING:
    from gmmdesk.engine.judging.shape import Shape

_MOST_LINES = 10  # for which the verdict makes room
_BELOW = 21  # lines of text, as high as the beginning of a profile and what stands above it
_COUNTED = "Rows counts each row once, Share the unsure ones in part."
_SURE = "How sure: of a row's cluster, given that these clusters are there; not that they are."


class ClustersPanel(QWidget):
    """What was found in one sentence, on what grounds, and the list of clusters.

    Below it is what is `chosen`; choosing moves no line of the list.

    Signal: `findings_wanted` when what speaks against the answer is to be seen in full.
    """

    findings_wanted = Signal()

    def __init__(self, document: Document, chosen: ChosenPanel) -> None:
        super().__init__()
        self._document, self._chosen_panel = document, chosen
        self._shapes: tuple[Shape, ...] = ()
        self._shaper = LatestWorker(self)
        self._shaper.failed.connect(document.problem_raised)
        self._answer = AnswerWords()
        self._answer.setAccessibleName("Answer")
        self._answer.followed.connect(self._follow, Qt.ConnectionType.QueuedConnection)
        self._answer.tried.connect(partial(try_out, document), Qt.ConnectionType.QueuedConnection)
        self._answer.setToolTip(f"{GLOSSARY['Verdict']} BIC: {GLOSSARY['BIC']}")
        self._clusters = ClustersModel(document, self)
        self._list = plain_table(self._clusters, "Clusters")
        self._list.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        self._list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self._list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._list.customContextMenuRequested.connect(self._on_list_menu_requested)
        self._list.selectionModel().selectionChanged.connect(self._on_list_selection_changed)
        self._surety = secondary()
        # Below the verdict: its words, and what can be pressed there, stay where they are.
        self._pending = secondary()
        self._pending.setAccessibleName("What is still being looked at")

        upper = Column()
        upper_layout = upper.column
        upper_layout.setContentsMargins(0, 0, 0, 0)
        upper_layout.setSpacing(theme.SPACE // 2)
        upper_layout.addWidget(self._list, 1)
        upper_layout.addWidget(self._surety)
        upper_layout.addWidget(StaleBanner(document))  # below the list, of which no line moves
        splitter = ListSplitter(self._list, upper, chosen)

        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE // 2)
        layout.addWidget(heading("Clusters"))
        layout.addWidget(UnusualLine(document))
        layout.addWidget(self._answer)
        layout.addWidget(splitter, 1)
        layout.addWidget(self._pending)  # the lines of the list stay where they are when it ends

        model = self._clusters
        for signal in (model.rowsInserted, model.rowsRemoved, model.modelReset):
            signal.connect(self._share_height)
        model.dataChanged.connect(self._fit_lines)
        self._list.verticalHeader().sectionResized.connect(self._share_height)
        self._list.installEventFilter(self)
        for signal in (document.analysis_changed, document.run_started):
            signal.connect(lambda: self._answer.hold(False))
        for signal in (document.checking.changed, document.names_changed):
            signal.connect(self._hold_answer)
        document.analysis_changed.connect(self._judge_shapes)  # first: others were of another one
        for signal in (
            document.analysis_changed,
            document.settings_changed,
            document.run_started,
            document.names_changed,
        ):
            signal.connect(self._show_answer)
        document.checking.changed.connect(self._show_answer)
        document.current_cluster_changed.connect(self._on_document_current_cluster_changed)
        self._show_answer()
        self._judge_shapes()
        self._on_document_current_cluster_changed()

    def _show_answer(self) -> None:
        document = self._document
        checking = document.checking
        self._surety.hide()
        pending = "" if document.analysis is None else _pending(checking)
        self._pending.setText(pending)
        self._pending.setVisible(bool(pending))
        if document.analysis is not None:
            found = checking.settled
            answer = answer_of(
                document.analysis,
                document.names,
                found,
                self._shapes,
                is_being_checked=checking.is_running,
            )
            now = Attempt.of(document.analysis, found)
            offered = still_offered(answer.grounds, document.attempts, now)
            left = "" if checking.is_running else left_to_do(answer.grounds, offered)
            grounds = (*self._compared(now), *[Ground(left)] * bool(left), *offered)
            self._answer.say(answer.headline, grounds, why_not(document))
            against = checking.against_sureness
            self._surety.setVisible(any(one.is_doubt for one in answer.grounds))
            sure = why_in_brackets(against) if against else _SURE
            self._surety.setText(f"{sure} {_COUNTED}")
        elif document.is_bringing_back:
            self._answer.say("Bringing back the clusters…")
        elif document.is_running:
            self._answer.say("Looking for clusters…")
        elif document.settings is not None and not document.settings.columns:
            self._answer.say("None yet. Tick columns with numbers first.")
        else:
            self._answer.say("None yet. Press Find clusters.")

    def _compared(self, now: Attempt) -> tuple[Ground, ...]:
        """How the answer differs from the one before it, and whether for the better.

        Once its components are merged only the latter is said, as it is they that differ.
        """
        document = self._document
        if document.analysis is None:
            return ()
        found = document.difference
        told = [] if found is None else list(changed(found, document.names))
        if document.analysis.grouping is not None:
            told = [Ground(MERGED_IN_WORDS)]
        if said := came_of_it(document.attempts, now):
            told.append(Ground(said))
        return (*told[:-1], replace(told[-1], offer=go_back())) if told else ()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_height()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Leave:
            self._answer.hold(False)
        return super().eventFilter(watched, event)

    def _hold_answer(self) -> None:
        """Let other words about the same clusters not move the list under the mouse."""
        if self._list.underMouse():
            self._answer.hold(True)

    def _fit_lines(self) -> None:
        """Room below the names of clusters for what these may be instead."""
        one = self._list.verticalHeader().defaultSectionSize()
        more = self._list.fontMetrics().lineSpacing()
        for row in range(self._clusters.rowCount()):
            self._list.setRowHeight(row, one + more * bool(self._clusters.mark(row)))

    def _share_height(self) -> None:
        """To the verdict what the clusters, and what is chosen, leave; a third of it at least."""
        lines = range(min(self._clusters.rowCount(), _MOST_LINES))
        listed = self._list.horizontalHeader().height() + sum(map(self._list.rowHeight, lines))
        left = self.height() - listed
        below = _BELOW * self.fontMetrics().lineSpacing()
        self._answer.set_most_height(max(left - below, left // 3))

    @property
    def is_busy(self) -> bool:
        """Whether the shapes of the clusters are being judged."""
        return self._shaper.is_busy

    @property
    def pending(self) -> str:
        """What is still being looked at; empty where nothing is."""
        return self._pending.text()

    def close_worker(self) -> None:
        """Wait for what is being computed; no thread outlives this."""
        self._shaper.close()

    def _follow(self, act: Act) -> None:
        if act is Act.SHOW_FINDINGS:
            self.findings_wanted.emit()
        else:
            follow(self._document, act)

    def _judge_shapes(self) -> None:
        """Whether the clusters are bell-shaped: said as soon as it is known."""
        analysis = self._document.analysis
        self._shapes = ()
        if analysis is None or not self._document.checking.automatic:
            self._shaper.cancel()
            return

        def show(found: tuple[Shape, ...]) -> None:
            if analysis is self._document.analysis:
                self._shapes = found
                self._hold_answer()
                self._show_answer()

        self._shaper.submit(lambda: analysis.shapes, show)

    def _on_list_menu_requested(self, position: QPoint) -> None:
        """What can be done to the chosen cluster; by the mouse, or the menu key."""
        document, cluster = self._document, self._document.current_cluster
        if cluster is None or document.analysis is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        index = self._list.model().index(cluster, 0)
        menu.addAction("&Rename", lambda: self._list.edit(index))
        menu.addAction("Change &colour…", lambda: choose_color(document, cluster, self.window()))
        menu.addAction("&Suggest names for those without", self._chosen_panel.profile.suggest_names)
        menu.addAction("&Usual colour", lambda: document.edits.recolor(cluster, None))
        menu.addSeparator()
        add_cluster_actions(menu, document, self._chosen() or [cluster])
        menu.popup(self._list.viewport().mapToGlobal(position))

    def _chosen(self) -> list[int]:
        """The clusters whose lines are selected."""
        return sorted(index.row() for index in self._list.selectionModel().selectedRows())

    def _on_list_selection_changed(self) -> None:
        """Of several lines, the one that was reached last is the current cluster's."""
        chosen, last = self._chosen(), self._list.selectionModel().currentIndex().row()
        current = last if last in chosen else chosen[0] if chosen else None
        self._document.set_current_cluster(current, chosen)

    def _on_document_current_cluster_changed(self) -> None:
        selection = self._list.selectionModel()
        current = self._document.current_cluster
        if current is None:
            selection.clear()
        elif set(self._chosen()) != self._document.chosen_clusters:
            selection.setCurrentIndex(
                self._list.model().index(current, 0),
                QItemSelectionModel.SelectionFlag.ClearAndSelect
                | QItemSelectionModel.SelectionFlag.Rows,
            )


def _pending(checking: Checking) -> str:
    """What is still being found out about the answer, and may change the verdict."""
    if not checking.is_running:
        return ""
    done = 0 if checking.found is None else checking.found.n
    return f"Still checking whether the clusters are found again: {done} of {HALVES} resamples."
