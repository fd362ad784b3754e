"""Whether the answer can be trusted: findings, shape, outliers, other methods, other choices."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtWidgets import QTabWidget, QVBoxLayout

from gmmdesk.analysis.attempts import Attempt, still_offered
from gmmdesk.analysis.diagnosis import Diagnosis, diagnose
from gmmdesk.analysis.diagnosis_words import remarks
from gmmdesk.data.dataset import IntArray
from gmmdesk.task import Task
from gmmdesk.ui.background import LatestWorker
from gmmdesk.ui.banner import StaleBanner
from gmmdesk.ui.document import Document
from gmmdesk.ui.drawing.figure import FigureSource, cluster_legend, figure_of_curves
from gmmdesk.ui.help.glossary import tip
from gmmdesk.ui.late_view import LateView
from gmmdesk.ui.offers import follow, why_not
from gmmdesk.ui.selection import How
from gmmdesk.ui.views.diagnosis.changes_page import ChangesPage
from gmmdesk.ui.views.diagnosis.findings import FindingsPage
from gmmdesk.ui.views.diagnosis.others_page import OthersPage
from gmmdesk.ui.views.diagnosis.outliers_page import OutliersPage
from gmmdesk.ui.views.diagnosis.remedy_banner import RemedyBanner
from gmmdesk.ui.views.diagnosis.shape_page import ShapePage
from gmmdesk.ui.views.diagnosis.why_page import WhyPage
from gmmdesk.ui.widgets import Pages, once_found

_EMPTY = once_found("it is said here whether to believe them, and why.")
_JUDGING = "Judging the clusters…"


class DiagnosisView(LateView):
    """Pages about the answer, which is judged in the background once somebody looks."""

    def __init__(self, document: Document, worker: type[LatestWorker] = LatestWorker) -> None:
        super().__init__()
        self._document = document
        self._worker = worker(self)
        self._worker.failed.connect(document.problem_raised)

        self.stale = StaleBanner(document)
        self.remedy = RemedyBanner(document)
        self.findings = FindingsPage(
            self.remedy.try_remedy,
            self._select,
            self._compare,
            document.edits.merge_chains,
            partial(follow, document),
        )
        self.shape = ShapePage(document)
        self.outliers = OutliersPage(document, self._select, self.remedy.try_remedy)
        self.others = OthersPage(document, worker)
        self.changes = ChangesPage(document)
        self.why = WhyPage(document, worker)
        self.pages = QTabWidget()
        self.pages.setDocumentMode(True)
        self.pages.setAccessibleName("What is judged")
        for title, about, page in (
            ("Findings", "What speaks against the answer, and what may help", self.findings),
            ("Shape", tip("Shape of a cluster"), self.shape),
            ("Outliers", "Rows unlike all others", self.outliers),
            ("Others", "Beside k-means, density-based clusters, known labels", self.others),
            ("Choices", tip("Sensitivity"), self.changes),
            ("Why?", "Why a row is in its cluster, and what would change that", self.why),
        ):
            self.pages.setTabToolTip(self.pages.addTab(page, title), about)
        self._stack = Pages(_EMPTY, self.pages)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._stack, 1)
        for banner in (self.stale, self.remedy):  # below: as they come and go no button moves
            layout.addWidget(banner)

        document.analysis_changed.connect(self._refresh)
        document.names_changed.connect(self._say)
        # What is shown stays until the same answer is judged with other outliers.
        document.outliers_changed.connect(self._outdate)
        document.settings_changed.connect(self._forbid_offers)
        document.checking.changed.connect(self._on_checking_changed)
        self._refresh()

    @property
    def is_busy(self) -> bool:
        """Whether the answer is being judged, or is going to be."""
        pages = (self.others, self.changes, self.why)
        return self.is_awaited or self._worker.is_busy or any(page.is_busy for page in pages)

    @property
    def found(self) -> Diagnosis | None:
        """What was found, None before it is known."""
        return self._document.diagnosis

    def figure(self) -> FigureSource | None:
        """The plot of a cluster's shape, to be painted elsewhere."""
        if self.found is None:
            return None
        return figure_of_curves("Shape", self.shape.plot, cluster_legend(self._document))

    def close_workers(self) -> None:
        """Wait for what is being computed; no thread outlives this."""
        self._worker.close()
        for page in (self.others, self.changes, self.why):
            page.close_workers()

    def _refresh(self) -> None:
        """Another answer, or none."""
        self._worker.cancel()
        self._forbid_offers()
        self._show_found()
        self._outdate()

    def _renew(self) -> None:
        analysis, level = self._document.analysis, self._document.outlier_level
        if analysis is None:
            return
        task = Task()

        def show(found: Diagnosis) -> None:
            if analysis is self._document.analysis and level == self._document.outlier_level:
                self._document.diagnosis = found
                self._show_found()

        self._worker.submit(lambda: diagnose(analysis, level, task), show, task)

    def _show_found(self) -> None:
        found, analysis = self.found, self._document.analysis
        self._stack.empty.setText(_EMPTY if analysis is None else _JUDGING)
        self._stack.show_content(found is not None)
        self.others.show_answer(None if found is None else analysis)
        self.changes.show_answer(None if found is None else analysis)
        self.why.show_answer(None if found is None else analysis)
        self._say()

    def _say(self) -> None:
        """In the clusters' names as they are now."""
        found, names = self.found, self._document.names
        if found is not None and len(names) != found.analysis.n_clusters:
            return  # a fit has begun, whose clusters are others
        self._show_remarks()
        self.shape.show_diagnosis(found)
        self.outliers.show_diagnosis(found)
        if found is not None:
            self.others.show_answer(found.analysis)

    def _on_checking_changed(self) -> None:
        if not self._document.checking.is_running:  # not at each of the halves
            self._show_remarks()

    def _show_remarks(self) -> None:
        found, names = self.found, self._document.names
        if found is None:
            self.findings.show_remarks(())
        elif len(names) == found.analysis.n_clusters:
            checking = self._document.checking
            found = replace(found, resampled=checking.settled)
            now = Attempt.of(found.analysis, found.resampled)
            told = still_offered(remarks(found, names), self._document.attempts, now)
            self.findings.show_remarks(told)

    def _forbid_offers(self) -> None:
        self.findings.forbid_offers(why_not(self._document))

    def _compare(self) -> None:
        self.others.choose_density()
        self.pages.setCurrentWidget(self.others)

    def _select(self, rows: IntArray) -> None:
        self._document.selection.change_rows(rows, How.REPLACE, "rows of a finding")
