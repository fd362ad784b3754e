"""The small widgets do what the library's own do not."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QPoint
from PySide6.QtGui import QAccessible, QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip, QVBoxLayout

from gmmdesk.ui.text import plain_tip
from gmmdesk.ui.widgets import GrowingDialog, Label, combo_box


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


def test_a_label_says_it_shorter_where_there_is_no_room(qtbot):
    label = Label()
    qtbot.addWidget(label)
    label.setText("Iteration 12 · gain 0.5 · 3 s", ["Iteration 12 · 3 s", "Iteration 12"])
    width = label.fontMetrics().horizontalAdvance
    for text in ("Iteration 12 · gain 0.5 · 3 s", "Iteration 12 · 3 s", "Iteration 12"):
        label.resize(width(text), 20)
        assert label.shown_text() == text
    assert "gain 0.5" in tip(label)
    label.resize(width("Iteration"), 20)
    assert label.shown_text().endswith("…")
    label.setText("Iteration 13 · gain 0.5 · 3 s")
    label.resize(width("Iteration 12 · 3 s"), 20)
    assert label.shown_text().endswith("…")  # the shorter ones were of another text


def test_a_dialog_grows_with_its_words(qtbot):
    dialog = GrowingDialog()
    qtbot.addWidget(dialog)
    label = Label("Short.")
    label.setWordWrap(True)
    QVBoxLayout(dialog).addWidget(label)
    dialog.resize(200, 60)
    with qtbot.waitExposed(dialog):
        dialog.show()
    label.setText("A sentence that is too long for the line that there is. " * 5)
    qtbot.waitUntil(lambda: label.height() >= label.heightForWidth(label.width()))
    high = dialog.height()
    assert high > 60
    label.setText("Short.")
    QApplication.sendPostedEvents()
    assert (dialog.width(), dialog.height()) == (200, high)


def test_a_label_with_a_name_is_read_out_with_its_text(qtbot):
    label = Label("nothing yet")
    qtbot.addWidget(label)
    label.setAccessibleName("What was found")
    label.setText("3 rows")
    read = QAccessible.queryAccessibleInterface(label)
    assert read.text(QAccessible.Text.Name) == "What was found: 3 rows"
    label.setText("")
    assert read.text(QAccessible.Text.Name) == "What was found"
    label.setAccessibleName("")
    label.setText("3 rows")
    assert read.text(QAccessible.Text.Name) == "3 rows"


def test_a_long_choice_keeps_both_its_ends_and_is_told_in_full(qtbot, monkeypatch):
    name = "Sum of everything that was measured at the plant in the north, number 17"
    box = combo_box("Column", "What is shown", [("a", name), ("b", "short")])
    qtbot.addWidget(box)
    box.resize(180, 28)
    box.show()
    head, tail = box.shown_text().split("…")
    assert name.startswith(head)
    assert name.endswith(tail)
    assert "17" in tail
    told = []
    monkeypatch.setattr(QToolTip, "showText", lambda _at, words, _box: told.append(words))
    help_event = QHelpEvent(QEvent.Type.ToolTip, QPoint(5, 5), QPoint(5, 5))
    QCoreApplication.sendEvent(box, help_event)
    assert told == [plain_tip(name)]
    box.setCurrentIndex(1)
    assert box.shown_text() == "short"
    assert not box.grab().isNull()
