"""The report in the window: written when looked at, saved, and put on paper."""

from __future__ import annotations

import re
import threading
import time
from pathlib import Path

import pytest
from PySide6.QtCore import QSizeF
from PySide6.QtGui import QColor, QFont, QPageSize, QPalette
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QFileDialog

from gmmdesk.errors import Cancelled, GmmdeskError
from gmmdesk.export.answer import answer_of
from gmmdesk.export.report import page, report
from gmmdesk.export.report.style import LIGHT
from gmmdesk.task import Task
from gmmdesk.ui.report.page_breaks import fit_to_pages
from gmmdesk.ui.report.paper import paint, pdf
from gmmdesk.ui.report.text import ReportDocument, built, pages
from gmmdesk.ui.views.report import ReportView
from tests.ui.conftest import find_clusters


def settle(qtbot, view):
    qtbot.waitUntil(lambda: not view.is_busy, timeout=20_000)


@pytest.fixture
def view(qtbot, iris):
    find_clusters(qtbot, iris, 3, models=("EEE",))
    view = ReportView(iris)
    qtbot.addWidget(view)
    yield view
    view.close_workers()


@pytest.fixture
def shown(qtbot, view):
    view.resize(800, 600)
    with qtbot.waitExposed(view):
        view.show()
    settle(qtbot, view)
    return view


def test_it_needs_no_scrolling_sideways(qtbot, shown):
    for width in (800, 640, 560):
        shown.resize(width, 500)
        qtbot.waitUntil(lambda width=width: shown.browser.document().textWidth() > width - 40)
        qtbot.waitUntil(lambda: not shown.browser.horizontalScrollBar().isVisible())


def test_it_is_written_when_it_is_looked_at(qtbot, view):
    assert view.report is None
    assert not view.save_html.isEnabled()
    with qtbot.waitExposed(view):
        view.show()
    assert not view.save_pdf.isEnabled()
    settle(qtbot, view)
    assert view.save_pdf.isEnabled()
    text = view.browser.toPlainText()
    answer = answer_of(view.document.analysis)
    assert all(said in text for said in (answer.headline, *(one.text for one in answer.grounds)))
    assert text.count("\N{OBJECT REPLACEMENT CHARACTER}") == len(view.report.figures)
    assert "figure" not in re.findall("\N{INVISIBLE SEPARATOR}(.*?)\N{INVISIBLE SEPARATOR}", text)


def test_it_follows_the_names_of_clusters(qtbot, shown, iris):
    iris.edits.rename(0, "Long & <b>thin</b>")
    settle(qtbot, shown)
    assert "Long & <b>thin</b>" in shown.browser.toPlainText()


@pytest.fixture
def judged(monkeypatch):
    """One for each time that clusters are judged."""
    calls = []
    monkeypatch.setattr(
        "gmmdesk.ui.views.report.report", lambda *a: calls.append(a[1]) or report(*a)
    )
    return calls


def test_each_answer_is_judged_once_and_another_look_not_at_all(qtbot, shown, iris, judged):
    find_clusters(qtbot, iris, 4, models=("EEE",))
    settle(qtbot, shown)
    assert len(judged) == 1
    iris.edits.merge((0, 1))
    qtbot.waitUntil(lambda: iris.n_clusters == 3)
    settle(qtbot, shown)
    assert len(judged) == 2
    before, drawn = shown.report, shown.browser.document()
    dark = shown.palette()
    dark.setColor(QPalette.ColorRole.Base, QColor("black"))
    shown.setPalette(dark)
    settle(qtbot, shown)
    assert len(judged) == 2
    assert shown.report is before
    assert shown.browser.document() is not drawn


def test_it_is_written_off_the_ui_thread_and_built_on_it(qtbot, shown, iris, monkeypatch):
    """Parts of Qt that are made on another thread have to be moved, which came to a deadlock."""
    threads = {}

    def watched(name, function):
        def call(*arguments, **named):
            threads[name] = threading.current_thread()
            return function(*arguments, **named)

        monkeypatch.setattr(f"gmmdesk.ui.views.report.{name}", call)

    for name, function in (("pages", pages), ("built", built)):
        watched(name, function)
    iris.edits.rename(0, "Long")
    settle(qtbot, shown)
    assert "Long" in shown.browser.toPlainText()
    assert threads["pages"] is not threading.main_thread()
    assert threads["built"] is threading.main_thread()


def test_what_fails_is_said_and_tried_again_when_it_is_looked_at(qtbot, shown, iris, monkeypatch):
    def fail(*_):
        raise GmmdeskError("No room.", "Close something.")

    problems = []
    iris.problem_raised.disconnect()
    iris.problem_raised.connect(problems.append)
    with monkeypatch.context() as patch:
        patch.setattr("gmmdesk.ui.views.report.report", fail)
        iris.edits.rename(0, "Long")
        settle(qtbot, shown)
        assert shown.state.text() == ""
        assert shown.save_pdf.isEnabled()  # what is to be seen
        find_clusters(qtbot, iris, 2, models=("EEE",))
        settle(qtbot, shown)
        assert shown.report is None  # that was of other clusters
        assert shown.browser.toPlainText() == ""
    assert [str(one) for one in problems] == ["No room. Close something."] * 2
    shown.hide()
    shown.show()
    settle(qtbot, shown)
    assert shown.report.clusters
    assert shown.save_pdf.isEnabled()


def test_without_an_answer_there_is_no_report(qtbot, document):
    view = ReportView(document)
    qtbot.addWidget(view)
    with qtbot.waitExposed(view):
        view.show()
    assert view.browser.toPlainText() == ""
    assert not any(b.isEnabled() for b in (view.save_html, view.save_pdf, view.print_button))
    view.close_workers()


@pytest.mark.parametrize("ending", ["html", "pdf"])
def test_it_is_saved_where_the_user_says(qtbot, shown, tmp_path, monkeypatch, ending):
    iris = shown.document
    path = tmp_path / "a report"
    monkeypatch.setattr(QFileDialog, "exec", lambda _: QFileDialog.DialogCode.Accepted)
    monkeypatch.setattr(QFileDialog, "selectedFiles", lambda _: [str(path)])
    with qtbot.waitSignal(iris.exported, timeout=20_000) as done:
        getattr(shown, f"save_{ending}").click()
    (written,) = done.args
    assert written == path.with_name(f"a report.{ending}")
    start = {"html": b"<!DOCTYPE html>", "pdf": b"%PDF-"}[ending]
    assert written.read_bytes().startswith(start)


def test_the_browser_gets_the_whole_page_which_is_written_off_the_ui_thread(
    qtbot, shown, monkeypatch
):
    opened, threads = [], []

    def read(url):
        opened.append(Path(url.toLocalFile()).read_text(encoding="utf-8"))
        return True

    def written(content):
        threads.append(threading.current_thread())
        return page(content)

    monkeypatch.setattr("gmmdesk.ui.views.report.page", written)
    monkeypatch.setattr("gmmdesk.ui.views.report.QDesktopServices.openUrl", read)
    shown.open_in_browser.click()
    qtbot.waitUntil(lambda: bool(opened))
    assert opened[0].endswith("</html>")
    assert shown.state.text().startswith("Opened in your browser.")
    assert threads != [threading.main_thread()]


def test_it_is_said_that_there_is_no_browser(qtbot, shown, iris, monkeypatch):
    problems = []
    iris.problem_raised.disconnect()
    iris.problem_raised.connect(problems.append)
    monkeypatch.setattr("gmmdesk.ui.views.report.QDesktopServices.openUrl", lambda _url: False)
    shown.open_in_browser.click()
    qtbot.waitUntil(lambda: bool(problems))
    assert "No browser could be started" in str(problems[0])
    assert shown.state.text() == "The report was not opened in a browser."


def test_it_is_printed_off_the_ui_thread(qtbot, shown, monkeypatch, tmp_path):
    """On a printer that is a file."""
    path, threads = tmp_path / "printed.pdf", []

    def accept(dialog):
        dialog.printer().setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        dialog.printer().setOutputFileName(str(path))
        return QPrintDialog.DialogCode.Accepted

    def painted(*arguments):
        threads.append(threading.current_thread())
        paint(*arguments)

    monkeypatch.setattr(QPrintDialog, "exec", accept)
    monkeypatch.setattr("gmmdesk.ui.views.report.paint", painted)
    shown.print_button.click()
    files = shown.document.files
    qtbot.waitUntil(lambda: bool(threads) and not files.is_writing, timeout=20_000)
    assert threads != [threading.main_thread()]
    content = path.read_bytes()
    assert content.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type /Page\b", content)) >= 3


def never() -> None:
    """What a print server that is silent comes to."""
    time.sleep(600.0)


def test_printers_that_do_not_answer_hold_nothing_up(qtbot, shown, monkeypatch):
    monkeypatch.setattr("gmmdesk.ui.report.printers._QUESTION", f"{__name__}:never")
    monkeypatch.setattr("gmmdesk.ui.report.printers.PATIENCE", 0.2)
    opened, problems = [], []
    monkeypatch.setattr(QPrintDialog, "exec", opened.append)
    shown.document.problem_raised.disconnect()
    shown.document.problem_raised.connect(problems.append)
    shown.print_button.click()
    assert shown.state.text() == "Asking the printers…"
    qtbot.waitUntil(lambda: bool(problems))
    assert "do not answer" in str(problems[0])
    assert shown.state.text() == "The report was not printed."
    assert not opened


def test_what_is_printed_is_what_is_shown_once_the_printers_have_answered(
    qtbot, shown, monkeypatch, tmp_path
):
    answered, printed = threading.Event(), []

    def accept(dialog):
        dialog.printer().setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        dialog.printer().setOutputFileName(str(tmp_path / "printed.pdf"))
        return QPrintDialog.DialogCode.Accepted

    monkeypatch.setattr(QPrintDialog, "exec", accept)
    monkeypatch.setattr("gmmdesk.ui.views.report.wait_for_printers", lambda _: answered.wait(20.0))
    monkeypatch.setattr("gmmdesk.ui.views.report.paint", lambda *told: printed.append(told[0]))
    shown.print_button.click()
    before = shown.report
    shown.document.edits.rename(0, "Iris")
    qtbot.waitUntil(lambda: shown.report is not before and not shown.is_busy, timeout=20_000)
    answered.set()
    qtbot.waitUntil(lambda: bool(printed) and not shown.document.files.is_writing)
    assert printed[0].names[0] == "Iris"


@pytest.mark.parametrize("size", [QPageSize.PageSizeId.A4, QPageSize.PageSizeId.Letter])
def test_paper_has_text_and_lines_but_no_pictures(shown, size):
    content = pdf(shown.report, QPageSize(size), Task())
    assert b"/Subtype /Image" not in content
    assert content.count(b"/ToUnicode") >= 1
    assert len(content) < 5_000_000
    assert len(re.findall(rb"/Type /Page\b", content)) >= 3


def test_paper_can_be_given_up(shown):
    task = Task()
    task.cancel()
    with pytest.raises(Cancelled):
        pdf(shown.report, QPageSize(QPageSize.PageSizeId.A4), task)


def test_on_paper_it_is_short_where_that_is_wanted(qtbot, shown, tmp_path, monkeypatch):
    monkeypatch.setattr(QFileDialog, "exec", lambda _: QFileDialog.DialogCode.Accepted)
    n_pages = []
    for name in ("whole.pdf", "short.pdf"):
        path = tmp_path / name
        monkeypatch.setattr(QFileDialog, "selectedFiles", lambda _, path=path: [str(path)])
        with qtbot.waitSignal(shown.document.exported, timeout=20_000):
            shown.save_pdf.click()
        n_pages.append(len(re.findall(rb"/Type /Page\b", path.read_bytes())))
        shown.short.click()
    assert n_pages[1] < n_pages[0]
    assert "Methods, ready to paste" in shown.browser.toPlainText()  # all of it in the window


@pytest.mark.parametrize("height", [500.0, 610.0, 733.0, 1000.0])
def test_tables_are_whole_and_figures_leave_little_white(shown, height):
    document = ReportDocument(pages(shown.report, LIGHT, dark=False), QFont())
    fit_to_pages(document, QSizeF(600.0, height))
    layout, end = document.documentLayout(), 0.0
    tables = document.rootFrame().childFrames()
    assert len(tables) > 5
    for table in tables:
        extent = layout.frameBoundingRect(table)
        cut = int(extent.top() // height) != int((extent.bottom() - 1.0) // height)
        if cut:  # only what does not fit, or would have left much white
            room = height - (extent.top() % height)
            assert extent.height() + 150.0 > height or room > 0.3 * height
        end = max(end, extent.bottom())
    assert end > height
    block, n_figures = document.begin(), 0
    while block.isValid():
        if "\N{OBJECT REPLACEMENT CHARACTER}" in block.text():
            n_figures += block.text().count("\N{OBJECT REPLACEMENT CHARACTER}")
            figure = layout.blockBoundingRect(block)
            assert figure.width() <= 600.0
            above = layout.blockBoundingRect(block.previous()).bottom()
            if int(above // height) != int(figure.top() // height):  # at the top of a page
                assert height - above % height < 0.75 * figure.height() + 52.0
        block = block.next()
    assert n_figures == len(shown.report.figures)


@pytest.mark.parametrize("height", [500.0, 610.0, 733.0])
def test_no_page_ends_with_a_heading(shown, height):
    document = ReportDocument(pages(shown.report, LIGHT, dark=False), QFont())
    fit_to_pages(document, QSizeF(600.0, height))
    layout, block = document.documentLayout(), document.begin()
    while block.isValid():
        after = block.next()
        while after.isValid() and (after.blockFormat().headingLevel() or not after.text()):
            after = after.next()
        if block.blockFormat().headingLevel() and after.isValid():
            tops = [layout.blockBoundingRect(one).top() for one in (block, after)]
            assert int(tops[0] // height) == int(tops[1] // height), block.text()
        block = after if after.isValid() else block.next()
