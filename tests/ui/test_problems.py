"""How a fault reaches the user."""

from __future__ import annotations

import sys

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMessageBox, QWidget

from gmmdesk.errors import DataError
from gmmdesk.ui import problems


def boxes():
    return [box for box in QApplication.topLevelWidgets() if isinstance(box, QMessageBox)]


@pytest.fixture
def close_all(qtbot):
    def close():
        for box in boxes():
            box.accept()
        qtbot.waitUntil(lambda: not boxes())

    yield close
    close()


def test_a_fault_that_repeats_is_shown_once_and_logged_each_time(qtbot, close_all, home):
    for i in range(30):
        problems.show_problem(RuntimeError(f"fault {i}"))
    (box,) = boxes()
    assert "inside gmmdesk" in box.text()
    (log,) = home.rglob("gmmdesk.log")
    assert str(log) in box.informativeText()
    assert all(f"fault {i}" in log.read_text() for i in range(30))
    close_all()
    problems.show_problem(RuntimeError("another"))
    assert len(boxes()) == 1


def test_what_the_user_can_mend_is_said_beside_a_fault(close_all):
    problems.show_problem(RuntimeError("fault"))
    problems.show_problem(DataError("Column 'a' is constant.", "Untick it."))
    assert sorted(box.informativeText()[:6] for box in boxes()) == ["Please", "Untick"]


def test_a_fault_is_shown_again_after_its_window_is_gone(qtbot, close_all):
    window = QWidget()
    problems.show_problem(RuntimeError("one"), window)
    window.deleteLater()
    qtbot.waitUntil(lambda: not boxes())
    problems.show_problem(RuntimeError("two"))
    assert len(boxes()) == 1


def test_what_escapes_from_a_slot_is_shown(qtbot, close_all, monkeypatch):
    monkeypatch.setattr(sys, "excepthook", None)  # put back afterwards
    problems.install_exception_hook()
    QTimer.singleShot(0, lambda: 1 / 0)
    qtbot.waitUntil(lambda: len(boxes()) == 1)
