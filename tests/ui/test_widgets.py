"""The small widgets do what the library's own do not."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip

from gmmdesk.ui.widgets import Label


def tip(widget):
    """What is said where the mouse rests on it."""
    at = widget.rect().center()
    QApplication.sendEvent(widget, QHelpEvent(QEvent.Type.ToolTip, at, widget.mapToGlobal(at)))
    return QToolTip.text()


def test_a_label_gives_way(qtbot):
    label = Label("Some <i>words</i> that take more room than there is")
    qtbot.addWidget(label)
    label.resize(label.sizeHint())
    assert label.shown_text() == label.text()
    assert tip(label) == ""
    whole = label.grab().toImage()
    label.resize(120, label.height())
    assert label.shown_text().startswith("Some <i>")
    assert label.shown_text().endswith("…")
    assert label.minimumSizeHint().width() < 120
    assert label.grab().toImage() != whole.copy(0, 0, 120, label.height())
    assert "&lt;i&gt;words&lt;/i&gt; that take more" in tip(label)
    label.setWordWrap(True)
    assert label.heightForWidth(120) > 2 * label.fontMetrics().height()
