"""The report: what was found, to read here, to save, to print and to pass on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QEvent, Qt, QTemporaryDir, QTimer, QUrl
from PySide6.QtGui import QDesktopServices, QPalette, QTextDocument
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QTextBrowser, QVBoxLayout

from gmmdesk.analysis import Analysis
from gmmdesk.engine import Resampled
from gmmdesk.errors import ExportError, GmmdeskError
from gmmdesk.export.report import Report, page, report
from gmmdesk.export.report.style import DARK, LIGHT
from gmmdesk.task import Task
from gmmdesk.ui import theme
from gmmdesk.ui.background import LatestWorker
from gmmdesk.ui.document import Document
from gmmdesk.ui.file_dialog import SaveDialog
from gmmdesk.ui.late_view import LateView
from gmmdesk.ui.report.layout_steps import LayoutSteps
from gmmdesk.ui.report.paper import layout, page_size, paint, write_pdf
from gmmdesk.ui.report.printers import wait_for_printers
from gmmdesk.ui.report.text import Pages, ReportDocument, built, pages
from gmmdesk.ui.widgets import Pages as Stack
from gmmdesk.ui.widgets import once_found, secondary, tool_button

_MARGIN = 24.0  # pixels around the text
_LINES = 4  # pixels that tables are wider than what they fill
_HALF = 128  # of 255: paper that is darker is dark
_JUDGING = "Judging the clusters and drawing the figures…"
_DRAWING = "Drawing the figures…"
# The system says whether it has found a browser, not whether a window has come up.
_NOT_PRINTED = "The report was not printed."
_OPENED = "Opened in your browser. If it does not come up, save the report as HTML and open that."


class Subject(NamedTuple):
    """All that a report follows from; how it looks in the window is no part of that."""

    analysis: Analysis
    names: tuple[str, ...]
    colors: tuple[str, ...]
    signs: tuple[int, ...]
    found: Resampled | None
    is_being_checked: bool
    outlier_level: float


class Written(NamedTuple):
    """A report, what it is about, and how it is shown."""

    subject: Subject
    report: Report
    pages: Pages


class ReportView(LateView):
    """The report of the answer; it is written when it is looked at, in the background."""

    def __init__(self, document: Document, worker: type[LatestWorker] = LatestWorker) -> None:
        super().__init__()
        self.document = document
        self._written: Written | None = None
        self._shown: ReportDocument | None = None
        self._next: ReportDocument | None = None
        self._blank = QTextDocument(self)
        self._soon = QTimer(self, singleShot=True, interval=0)  # several things change at once
        self._soon.timeout.connect(self._write)
        self._placing = QTimer(self, singleShot=True, interval=0)
        self._placing.timeout.connect(self._place)
        self._printing = QTimer(self, singleShot=True, interval=0)  # its dialog is waited for
        self._printing.timeout.connect(self._print)
        self._folder: QTemporaryDir | None = None  # of what the browser shows
        self._worker = worker(self)
        self._opener = worker(self)  # of the browser
        self._asker = worker(self)  # of the printers
        self._worker.failed.connect(self._on_worker_failed)
        self._worker.failed.connect(document.problem_raised)
        self._opener.failed.connect(self._on_opener_failed)
        self._asker.failed.connect(self._on_asker_failed)

        self.save_html = tool_button(
            "Save as HTML…", "One file that every browser shows, without network", "save"
        )
        self.save_pdf = tool_button("Save as PDF…", "Pages to print or to send", "save")
        self.print_button = tool_button("Print…", "Print the report", "")
        self.open_in_browser = tool_button(
            "Open in browser", "Show the report in your browser", "eye"
        )
        self.short = QCheckBox("Short on paper")
        self.short.setToolTip(
            "Only what was found and whether to trust it, without methods: printed and as PDF"
        )
        self.state = secondary()
        self.state.setContentsMargins(*[theme.SPACE] * 4)
        self.state.hide()
        bar = QHBoxLayout()
        bar.setContentsMargins(*[theme.SPACE // 2] * 4)
        bar.setSpacing(theme.SPACE // 2)
        self._buttons = (self.save_html, self.save_pdf, self.print_button, self.open_in_browser)
        for button in (*self._buttons[:3], self.short, *self._buttons[3:]):
            bar.addWidget(button)
        bar.addStretch(1)
        self.browser = QTextBrowser()
        self.browser.setAccessibleName("Report")
        self.browser.setFrameShape(self.browser.Shape.NoFrame)
        self.browser.setOpenLinks(False)
        self.browser.horizontalScrollBar().rangeChanged.connect(self._on_range_changed)
        self._stack = Stack(once_found("their report is written here."), self.browser)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(bar)
        column.addWidget(self._stack, 1)
        column.addWidget(self.state)

        self.save_html.clicked.connect(self._on_save_html_clicked)
        self.save_pdf.clicked.connect(self._on_save_pdf_clicked)
        self.print_button.clicked.connect(self._on_print_clicked)
        self.open_in_browser.clicked.connect(self._on_open_in_browser_clicked)
        for signal in (
            document.analysis_changed,
            document.names_changed,
            document.colors_changed,
            document.outliers_changed,
        ):
            signal.connect(self._refresh)
        document.checking.changed.connect(self._on_checking_changed)
        self._refresh()

    @property
    def is_busy(self) -> bool:
        """Whether the report is being written, or is going to be."""
        return self._soon.isActive() or self._placing.isActive() or self._worker.is_busy

    @property
    def report(self) -> Report | None:
        """What is shown."""
        return None if self._written is None else self._written.report

    def close_workers(self) -> None:
        """Wait for what is being computed; no thread outlives this."""
        self._soon.stop()
        self._placing.stop()
        self._printing.stop()
        for worker in (self._worker, self._opener, self._asker):
            worker.close()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._refresh()

    def _refresh(self) -> None:
        self._stack.show_content(self.document.analysis is not None)
        self._enable()
        self._outdate()

    def _on_checking_changed(self) -> None:
        if not self.document.checking.is_running:  # the halves are tried, and told of
            self._refresh()

    def _renew(self) -> None:
        self._soon.start()

    def _write(self) -> None:
        """What was judged already is only drawn anew, where letters or colours are others."""
        document, analysis = self.document, self.document.analysis
        self._worker.cancel()
        if analysis is None:
            self._show(None)
            return
        subject = Subject(
            *(analysis, document.names, document.colors, document.signs),
            *(document.checking.settled, document.checking.is_running, document.outlier_level),
        )
        written, task = self._written, Task()
        known = written.report if written is not None and written.subject == subject else None
        paper = self.palette().color(QPalette.ColorRole.Base)
        dark = paper.lightness() < _HALF
        look = replace(DARK if dark else LIGHT, paper=paper.name())

        def compute() -> Written:
            content = known or _judged(subject, task)
            task.step()
            return Written(subject, content, pages(content, look, dark=dark))

        self._say(_JUDGING if known is None else _DRAWING)
        self._worker.submit(compute, self._show, task)
        self._enable()

    def _show(self, written: Written | None) -> None:
        self._written = written
        self._placing.stop()
        if self._next is not None:
            self._next.deleteLater()
            self._next = None
        if written is None:
            self._place()
            return
        width = float(self.browser.viewport().width())
        self._next = built(written.pages, self.font(), margin=_MARGIN, width=width)
        self._placing.start()

    def _place(self) -> None:
        """Show the document that is next; a step of its own, as both lay out the first pages."""
        before, self._shown, self._next = self._shown, self._next, None
        place = self.browser.verticalScrollBar().value()
        # The browser would go on to draw the one that is deleted.
        self.browser.setDocument(self._shown or self._blank)
        if self._shown is not None:
            LayoutSteps(self._shown)
            self.browser.verticalScrollBar().setValue(place)
        if before is not None:
            before.deleteLater()
        self._say("")
        self._enable()

    def _on_worker_failed(self, _error: BaseException) -> None:
        """Have another try when it is looked at again; what is there stays if it is of this fit."""
        written = self._written
        if written is not None and written.subject.analysis is not self.document.analysis:
            self._show(None)
        self._is_outdated = True
        self._say("")
        self._enable()

    def _on_range_changed(self, _low: int, high: int) -> None:
        """Have no scroll bar for the lines of a table, which Qt puts beside its width."""
        shown = Qt.ScrollBarPolicy.ScrollBarAsNeeded
        none = Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self.browser.setHorizontalScrollBarPolicy(shown if high > _LINES else none)

    def _enable(self) -> None:
        ready = self._written is not None and self.document.analysis is not None
        for button in self._buttons:
            button.setEnabled(ready and not self.is_busy)

    def _say(self, text: str) -> None:
        self.state.setText(text)
        self.state.setVisible(bool(text))

    @property
    def _for_paper(self) -> Report | None:
        """What is printed and saved as PDF."""
        content = self.report
        return None if content is None else replace(content, is_brief=self.short.isChecked())

    # -- out of the window -------------------------------------------------------------------

    def _on_save_html_clicked(self) -> None:
        path = self._ask("HTML page (*.html)", "html")
        if path is not None:
            self.document.export(path)

    def _on_save_pdf_clicked(self) -> None:
        content, path = self._for_paper, self._ask("PDF (*.pdf)", "pdf")
        if content is None or path is None:
            return
        size = page_size()

        def write(task: Task) -> Path:
            write_pdf(content, path, size, task)
            return path

        doing = f"Exporting {path.name}"
        files = self.document.files
        files.begin_writing("The report", doing, write, self.document.exported.emit)

    def _on_print_clicked(self) -> None:
        if self.report is None or self._asker.is_busy:
            return
        task = Task()
        self._say("Asking the printers…")
        self._asker.submit(lambda: wait_for_printers(task), lambda _: self._printing.start(), task)

    def _print(self) -> None:
        content = self._for_paper
        if content is None:  # it was taken away while the printers were asked
            self._say(_NOT_PRINTED)
            return
        self._say("")
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        printer.setDocName(content.title)
        printer.setPageLayout(layout(page_size()))
        dialog = QPrintDialog(printer, self)
        dialog.setWindowModality(Qt.WindowModality.WindowModal)
        accepted = dialog.exec() == QPrintDialog.DialogCode.Accepted
        dialog.deleteLater()
        if not accepted:
            return

        def work(task: Task) -> None:
            paint(content, printer, task)

        files = self.document.files
        files.begin_writing("The report", "Printing the report", work, lambda _: None)

    def _on_asker_failed(self, error: BaseException) -> None:
        self._say(_NOT_PRINTED)
        self.document.problem_raised.emit(error)

    def _on_open_in_browser_clicked(self) -> None:
        content = self.report
        if content is None:
            return
        if self._folder is None:
            self._folder = QTemporaryDir()
        path = Path(self._folder.filePath("report.html"))

        def write() -> Path:
            try:
                path.write_bytes(page(content).encode("utf-8", "xmlcharrefreplace"))
            except OSError as error:
                raise ExportError(
                    f"The report cannot be written: {error}.", "Save it as HTML."
                ) from None
            return path

        self._say("Writing the page for the browser…")
        self._opener.submit(write, self._open)

    def _open(self, path: Path) -> None:
        if QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
            self._say(_OPENED)
        else:
            self._on_opener_failed(
                GmmdeskError("No browser could be started.", "Save the report as HTML and open it.")
            )

    def _on_opener_failed(self, error: BaseException) -> None:
        self._say("The report was not opened in a browser.")
        self.document.problem_raised.emit(error)

    def _ask(self, what: str, ending: str) -> Path | None:
        dataset = self.document.dataset
        if dataset is None:
            return None
        folder = dataset.path.parent if dataset.path is not None else Path.home()
        stem = dataset.path.stem if dataset.path is not None else dataset.name
        endings = {what: f".{ending}"}
        name, title = f"{stem} report.{ending}", "Save the report"
        dialog = SaveDialog(self, title, folder, endings, name=name, help_page="view-report")
        return dialog.ask()


def _judged(subject: Subject, task: Task) -> Report:
    analysis = subject.analysis.changed(
        colors=subject.colors,
        signs=subject.signs,
        resampled=subject.found,
        is_being_checked=subject.is_being_checked,
        outlier_level=subject.outlier_level,
    )
    return report(analysis, subject.names, task)
