"""The answer: the clusters found, and the profile of the chosen one."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractTableModel, QItemSelectionModel, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHeaderView,
    QMenu,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from gmmdesk.analysis.attempts import Attempt, came_of_it, left_to_do, still_offered
from gmmdesk.analysis.check import HALVES
from gmmdesk.analysis.describe import HIGH_OR_LOW
from gmmdesk.analysis.description import Descriptions, describe
from gmmdesk.analysis.difference import MERGED_IN_WORDS, changed
from gmmdesk.analysis.found_again import why_in_brackets
from gmmdesk.analysis.offers import Act, go_back
from gmmdesk.analysis.verdict_words import Ground
from gmmdesk.export.answer import answer_of
from gmmdesk.text import default_name, is_default_name
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
from gmmdesk.ui.tables.clusters_model import ClustersModel
from gmmdesk.ui.tables.profile_model import ProfileModel
from gmmdesk.ui.widgets import Label, heading, secondary

if TYPE_CHECKING:
    from gmmdesk.analysis.analysis import Analysis
    from gmmdesk.engine.judging.shape import Shape

_LINES_BESIDE = 6  # of the list, that have room beside a verdict in half of the panel
_MOST_LINES = 10  # for which the verdict makes room
_COUNTED = "Rows counts each row once, Share the unsure ones in part."
_SURE = "How sure: of a row's cluster, given that these clusters are there; not that they are."


class ClustersPanel(QWidget):
    """What was found in one sentence, the list of clusters, and one cluster's numbers.

    Signal: `findings_wanted` when what speaks against the answer is to be seen in full.
    """

    findings_wanted = Signal()

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._document = document
        self._descriptions: Descriptions | None = None
        self._describer = LatestWorker(self)
        self._shapes: tuple[Shape, ...] = ()
        self._shaper = LatestWorker(self)
        for worker in (self._describer, self._shaper):
            worker.failed.connect(document.problem_raised)
        # A profile takes room from what is above it, and a second click is to land where the first
        # has: nothing moves until then.
        self._profiling = QTimer(self, singleShot=True)
        self._profiling.setInterval(QApplication.doubleClickInterval())
        self._profiling.timeout.connect(self._show_profile)
        self._answer = AnswerWords()
        self._answer.setAccessibleName("Answer")
        self._answer.followed.connect(self._follow, Qt.ConnectionType.QueuedConnection)
        self._answer.tried.connect(partial(try_out, document), Qt.ConnectionType.QueuedConnection)
        self._answer.setToolTip(f"{GLOSSARY['Verdict']} BIC: {GLOSSARY['BIC']}")
        self._clusters = ClustersModel(document, self)
        self._list = _table(self._clusters, "Clusters")
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
        self._profile_heading = heading("")
        self._description = Label()
        self._description.setWordWrap(True)
        self._description.setAccessibleName("What the cluster is")
        self._description.setToolTip(
            "The columns in which the cluster is high or low beside the rest of the rows, and what"
            " most of its rows have, or have on average, in columns that were not used."
            f" {HIGH_OR_LOW}"
        )
        self._profile_hint = secondary()
        self._profile = _table(
            ProfileModel(document, self), "Means and spreads of the chosen cluster"
        )
        self._profile.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)

        lower = Column()
        lower_layout = lower.column
        lower_layout.setContentsMargins(0, theme.SPACE // 2, 0, 0)
        lower_layout.setSpacing(theme.SPACE // 2)
        lower_layout.addWidget(self._profile_heading)
        lower_layout.addWidget(self._description)
        lower_layout.addWidget(self._profile_hint)
        lower_layout.addWidget(self._profile, 100)
        lower_layout.addStretch(1)
        upper = Column()
        upper_layout = upper.column
        upper_layout.setContentsMargins(0, 0, 0, 0)
        upper_layout.setSpacing(theme.SPACE // 2)
        upper_layout.addWidget(self._list, 1)
        upper_layout.addWidget(self._surety)
        splitter = ListSplitter(self._list, upper, lower)

        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE // 2)
        layout.addWidget(heading("Clusters"))
        layout.addWidget(StaleBanner(document))
        layout.addWidget(self._answer)
        layout.addWidget(splitter, 1)
        layout.addWidget(self._pending)  # the lines of the list stay where they are when it ends

        model = self._clusters
        for signal in (model.rowsInserted, model.rowsRemoved, model.modelReset):
            signal.connect(self._share_height)
        model.dataChanged.connect(self._fit_lines)
        document.analysis_changed.connect(self._judge_shapes)  # first: others were of another one
        for signal in (
            document.analysis_changed,
            document.settings_changed,
            document.run_started,
            document.names_changed,
        ):
            signal.connect(self._show_answer)
        document.checking.changed.connect(self._show_answer)
        document.analysis_changed.connect(self._describe)
        for signal in (document.analysis_changed, document.names_changed, document.timeline.moved):
            signal.connect(self._show_profile)
        document.current_cluster_changed.connect(self._on_document_current_cluster_changed)
        self._show_answer()
        self._describe()
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

        Once its components are merged that is not said, as it is they that are compared.
        """
        document = self._document
        if document.analysis is None:
            return ()
        if document.analysis.grouping is not None:
            return (Ground(MERGED_IN_WORDS, offer=go_back()),)
        found = document.difference
        told = [] if found is None else list(changed(found, document.names))
        if said := came_of_it(document.attempts, now):
            told.append(Ground(said))
        return (*told[:-1], replace(told[-1], offer=go_back())) if told else ()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_height()

    def _fit_lines(self) -> None:
        """Room below the names of clusters for what these may be instead."""
        one = self._list.verticalHeader().defaultSectionSize()
        more = self._list.fontMetrics().lineSpacing()
        for row in range(self._clusters.rowCount()):
            self._list.setRowHeight(row, one + more * bool(self._clusters.mark(row)))

    def _share_height(self) -> None:
        """Half for the verdict; less where there are many clusters, which are to be seen too."""
        lines = min(self._list.model().rowCount(), _MOST_LINES) - _LINES_BESIDE
        for_lines = max(0, lines) * self._list.verticalHeader().defaultSectionSize()
        height = self.height()
        self._answer.set_most_height(max(height // 2 - for_lines, height // 3))

    @property
    def is_busy(self) -> bool:
        """Whether the clusters are being described, or their shapes judged."""
        return self._describer.is_busy or self._shaper.is_busy or self._profiling.isActive()

    @property
    def pending(self) -> str:
        """What is still being looked at; empty where nothing is."""
        return self._pending.text()

    @property
    def description(self) -> str:
        """What is said of the chosen cluster."""
        return self._description.text()

    def suggest_names(self) -> None:
        """Call every cluster that the user has not named what sets it apart."""
        analysis = self._document.analysis
        if self._descriptions is None or analysis is None:
            return
        suggested, present = self._descriptions.names, self._document.names
        before = self._document.suggested_names
        own = [not (is_default_name(one) or one in before) for one in present]
        kept = {name for name, is_own in zip(present, own, strict=True) if is_own}
        names = [
            present[k] if own[k] else default_name(k) if new in kept else new
            for k, new in enumerate(suggested)
        ]
        taken = [name for name, is_own in zip(names, own, strict=True) if not is_own]
        self._document.edits.rename_all(names, [one for one in suggested if one in taken])

    def close_workers(self) -> None:
        """Wait for what is being computed; no thread outlives this."""
        self._describer.close()
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
                self._show_answer()

        self._shaper.submit(lambda: analysis.shapes, show)

    def _describe(self) -> None:
        analysis = self._document.analysis
        self._descriptions = None
        self._show_profile()
        if analysis is None:
            self._describer.cancel()
            return

        def show(found: Descriptions) -> None:
            if analysis is self._document.analysis:
                self._descriptions = found
                self._show_profile()

        self._describer.submit(lambda: describe(analysis), show)

    def _show_profile(self) -> None:
        document = self._document
        current = document.current_cluster if document.analysis is not None else None
        chosen = current is not None
        self._profile_heading.setText("Profile" if current is None else document.names[current])
        analysis = document.analysis
        is_answer = document.timeline.is_at_end
        if not chosen or analysis is None:
            hint = "Choose a cluster, in the list or on the map, to see what is typical of it."
        else:
            hint = _typical(analysis) if is_answer else "As it was at this step of the fit."
        self._profile_hint.setText(hint)
        found = self._descriptions
        told = found.sentences if found is not None and is_answer else ()
        words = told[current] if current is not None and current < len(told) else ""
        self._description.setText(words)
        self._description.setVisible(bool(words))
        self._profile.setVisible(chosen)

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
        menu.addAction("&Suggest names for those without", self.suggest_names)
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
        self._document.set_current_cluster(
            last if last in chosen else chosen[0] if chosen else None
        )

    def _on_document_current_cluster_changed(self) -> None:
        if QApplication.mouseButtons() and self._list.underMouse():
            self._profiling.start()
        else:
            self._show_profile()
        selection = self._list.selectionModel()
        current = self._document.current_cluster
        if current is None:
            selection.clear()
        elif current not in self._chosen():
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


def _table(model: QAbstractTableModel, name: str) -> QTableView:
    view = QTableView()
    view.setModel(model)
    view.setAccessibleName(name)
    view.setShowGrid(False)
    view.setAlternatingRowColors(True)
    view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    view.setTabKeyNavigation(False)
    view.setWordWrap(False)
    view.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # long names differ at their ends
    view.verticalHeader().hide()
    view.verticalHeader().setDefaultSectionSize(view.fontMetrics().height() + theme.SPACE)
    header = view.horizontalHeader()
    header.setHighlightSections(False)
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    header.setMinimumSectionSize(44)
    return view


def _typical(analysis: Analysis) -> str:
    """What the numbers of the profile are."""
    if not all(one.is_mean for one in analysis.profiles):
        return (
            "In the units of the file: means and spreads; of columns that a step has bent, medians"
            " and the range of the middle 68 % of the rows:"
        )
    if not all(one.exact for one in analysis.profiles):
        return "Means and spreads in the units of the file, as far as the components hold them:"
    return "Means and spreads in the units of the file:"
