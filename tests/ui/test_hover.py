"""The card beside the mouse, as it is read."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QTextDocument

from gmmdesk.ui.hover import cluster_card, crowd_card


def read(card: str) -> str:
    document = QTextDocument()
    document.setHtml(card)
    return document.toPlainText()


def test_a_share_that_is_hardly_any_is_read_as_one(qapp):
    assert "< 0.1 % of the rows" in read(cluster_card(0, 1e-5, ("Ann",)))
    assert "< 0.1 %" in read(crowd_card("here", np.array([0, 0, 99_999, 1]), ("Ann", "Bob")))
