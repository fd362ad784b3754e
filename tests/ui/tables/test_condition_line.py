"""Names are offered while a condition is typed, as a user meets them."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QApplication
from pytestqt.qtbot import QtBot

from gmmdesk.ui.tables.condition_line import ConditionLine

NAMES = ("age", "yearly income", "income of the household")


@pytest.fixture
def line(qtbot: QtBot) -> ConditionLine:
    line = ConditionLine(lambda: NAMES)
    qtbot.addWidget(line)
    with qtbot.waitExposed(line):
        line.show()
    line.setFocus()
    return line


def popup_of(line: ConditionLine) -> QAbstractItemView:
    (popup,) = (w for w in QApplication.topLevelWidgets() if isinstance(w, QAbstractItemView))
    assert popup.isVisible()
    return popup


def choose(line: ConditionLine, n_down: int) -> None:
    """Go down in the list and press Return, as the keyboard does."""
    popup = popup_of(line)
    for _ in range(n_down):
        QTest.keyClick(popup, Qt.Key.Key_Down)
    QTest.keyClick(popup, Qt.Key.Key_Return)


def test_a_chosen_name_is_quoted_where_it_needs_it(line: ConditionLine, qtbot: QtBot) -> None:
    QTest.keyClicks(line, "ag")
    assert line.offered == ["age"]
    choose(line, 1)
    assert line.text() == "age "
    QTest.keyClicks(line, "> 30 and inc")
    assert line.offered == ["income of the household", "yearly income"]
    with qtbot.waitSignal(line.textEdited):
        choose(line, 2)
    assert line.text() == 'age > 30 and "yearly income" '
    QTest.keyClicks(line, "> 5 and x")
    assert line.offered == []


def test_return_is_about_what_is_typed_unless_a_name_was_gone_to(
    line: ConditionLine, qtbot: QtBot
) -> None:
    QTest.keyClicks(line, "inc")
    assert line.offered
    with qtbot.waitSignal(line.returnPressed):
        QTest.keyClick(popup_of(line), Qt.Key.Key_Return)
    assert line.text() == "inc"


def test_the_arrow_down_offers_all_names_and_a_value_none(line: ConditionLine) -> None:
    QTest.keyClick(line, Qt.Key.Key_Down)
    assert line.offered == list(NAMES)
    QTest.keyClick(popup_of(line), Qt.Key.Key_Escape)
    assert line.offered == []
    QTest.keyClicks(line, "age > in")
    QTest.keyClick(line, Qt.Key.Key_Down)
    assert line.offered == []


def test_what_is_complete_is_not_offered_again(line: ConditionLine) -> None:
    QTest.keyClicks(line, "age")
    assert line.offered == []
