from __future__ import annotations

from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from gmmdesk.ui.wrapped_line import WrappedLine


def test_what_has_no_room_goes_into_another_line(qtbot: QtBot) -> None:
    line, parts = WrappedLine(), [QPushButton(text) for text in ("First", "Second", "Third one")]
    qtbot.addWidget(line)
    assert line.is_empty
    for part in parts:
        line.add(part)
    high = parts[0].sizeHint().height()
    wide = line.sizeHint().width()
    assert line.heightForWidth(wide) == high
    assert high < line.heightForWidth(wide - 1) < line.heightForWidth(1)
    line.resize(wide - 1, 200)
    line.show()
    assert parts[0].y() == parts[1].y() < parts[2].y()
    assert parts[2].x() == 0
    assert parts[1].x() > parts[0].geometry().right()
    assert line.minimumSizeHint().width() == max(part.sizeHint().width() for part in parts)
    line.resize(wide, 200)
    assert len({part.y() for part in parts}) == 1


def test_a_line_that_is_shown_follows_its_parts(qtbot: QtBot) -> None:
    line, first, second = WrappedLine(), QPushButton("One"), QPushButton("Two")
    qtbot.addWidget(line)
    line.add(first)
    line.resize(1000, 80)
    line.show()
    line.add(second)
    assert second.isVisible()
    assert second.x() > first.geometry().right()
    before, asked = first.width(), line.minimumSizeHint().width()
    first.setText("A much longer word than before")
    qtbot.waitUntil(lambda: first.width() > before)
    assert first.width() == first.sizeHint().width()
    assert second.x() > first.geometry().right()
    assert line.minimumSizeHint().width() > asked
    font = line.font()
    font.setPointSizeF(2.0 * font.pointSizeF())
    before = first.width()
    line.setFont(font)
    qtbot.waitUntil(lambda: first.width() > before)
    assert second.x() > first.geometry().right()
