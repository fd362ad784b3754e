"""The report as a text document of Qt."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QTextBlock

from gmmdesk.analysis import Settings, analyse
from gmmdesk.data.samples import load_sample
from gmmdesk.export.report import report
from gmmdesk.export.report.style import LIGHT
from gmmdesk.text import default_name
from gmmdesk.ui.report.text import ReportDocument, pages

NARROW, MARGIN = 610.0, 24.0  # pixels that a window of 1280 has for it
K = 9


@pytest.fixture(scope="module")
def content():
    steps = analyse(
        load_sample("iris"), Settings(k_min=K, k_max=K, models=("EEI", "VEV"), restarts=1)
    )
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return pages(report(end.value, [default_name(k) for k in range(K)]), LIGHT, dark=False)


def broken_words(block: QTextBlock) -> list[str]:
    """The words of a block that end in one line and go on in the next."""
    layout, text = block.layout(), block.text()
    ends = [layout.lineAt(i).textStart() for i in range(1, layout.lineCount())]
    return [text for at in ends if text[at - 1].isalnum() and text[at].isalnum()]


def test_tables_fit_a_small_window_without_breaking_words(qapp, content):
    document = ReportDocument(content, qapp.font())
    document.setDocumentMargin(MARGIN)
    document.setTextWidth(NARROW)
    assert document.size().width() <= NARROW + 2.0
    block, found = document.begin(), []
    while block.isValid():
        if not block.text().startswith(("gmmdesk", "sha", "b6b8")):
            found += broken_words(block)
        block = block.next()
    assert found == []
