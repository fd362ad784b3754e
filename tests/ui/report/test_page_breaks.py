"""Lines of tables on pages."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSizeF
from PySide6.QtGui import QTextDocument, QTextTable

from gmmdesk.ui.report.page_breaks import fit_to_pages


@pytest.mark.parametrize("height", [300.0, 330.0, 350.0])
def test_a_line_of_a_table_without_a_head_begins_the_page_that_it_is_moved_to(qapp, height):
    document = QTextDocument()
    document.setDocumentMargin(0.0)
    line = f"<tr><td>To note</td><td>{'what was found ' * 20}</td></tr>"
    document.setHtml(f"<table>{line * 30}</table>")
    fit_to_pages(document, QSizeF(400.0, height))
    layout = document.documentLayout()
    (table,) = (one for one in document.rootFrame().childFrames() if isinstance(one, QTextTable))
    pages = {}
    for row in range(table.rows()):
        text = layout.blockBoundingRect(table.cellAt(row, 1).firstCursorPosition().block())
        page = int(text.top() // height)
        assert page == int((text.bottom() - 1.0) // height)  # not cut
        pages.setdefault(page, text.top() % height)
    assert len(pages) > 3
    assert max(pages.values()) < 12.0
