"""A long document is laid out whole, in short steps, and again where it is shown otherwise wide."""

from __future__ import annotations

import pytest
import shiboken6
from PySide6.QtCore import QObject, QTimerEvent
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QTextBrowser

from gmmdesk.ui.report.layout_steps import LayoutSteps

TABLE = "<table>" + "<tr><td>a few words</td><td>12.5<br>± 3</td></tr>" * 40 + "</table>"


def document(width: float) -> QTextDocument:
    made = QTextDocument()
    made.setHtml("".join(f"<h2>Part {i}</h2><p>{'word ' * 60}</p>{TABLE}" for i in range(30)))
    made.setTextWidth(width)
    return made


@pytest.mark.parametrize("wide", [700, 420])
def test_all_is_laid_out_and_the_scroll_bar_knows(qtbot, wide):
    browser = QTextBrowser()
    qtbot.addWidget(browser)
    browser.resize(500, 300)
    browser.show()
    shown = document(300.0)
    browser.setDocument(shown)
    LayoutSteps(shown)
    bar = browser.verticalScrollBar()
    for width in (500, wide):
        browser.resize(width, 300)
        viewport = browser.viewport()
        height = document(viewport.width()).size().height()  # asks for all of it at once
        qtbot.waitUntil(
            lambda h=height, v=viewport: abs(bar.maximum() + v.height() - round(h)) <= 1
        )
        assert shown.textWidth() == viewport.width()


def test_a_step_without_what_has_shown_the_document_is_none(qtbot):
    browser = QTextBrowser()
    shown = document(300.0)
    browser.setDocument(shown)
    steps = LayoutSteps(shown)
    browser.show()
    shiboken6.delete(browser)
    assert shiboken6.isValid(shown)
    assert not steps.eventFilter(QObject(), QTimerEvent(1))


def test_a_step_that_comes_too_late_is_none():
    gone = document(300.0)
    steps = LayoutSteps(gone)
    shiboken6.delete(gone)
    assert not steps.eventFilter(QObject(), QTimerEvent(1))
