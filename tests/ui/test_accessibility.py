"""Everything can be found and used by keyboard, and has a name for a screen reader."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QTabBar,
    QToolButton,
)

from gmmdesk.ui.plotting import Plot

CONTROLS = (QAbstractButton, QAbstractItemView, QAbstractSpinBox, QComboBox, QLineEdit, Plot)


@pytest.fixture(params=["welcome", "workspace"])
def window(request, driver, tmp_path):
    """The window as it opens, and with all that it can show."""
    if request.param == "workspace":
        path = tmp_path / "things.csv"
        names = ",".join(f"c{j}" for j in range(14))  # enough for the search box
        rows = (",".join(str((i * (j + 3)) % 17) for j in range(14)) for i in range(60))
        path.write_text("\n".join([names, *rows]))
        driver.open(path)
        driver.document.change_settings("quick", k_min=2, k_max=3, models=("VII",))
        driver.find()
        driver.document.set_current_cluster(0)
        driver.document.timeline.set_slow(True)
        driver.document.timeline.go_to(1)  # from where one can go on and back
        button(driver.window, "More settings").click()
    return driver.window


def button(window, text):
    (found,) = [each for each in window.findChildren(QAbstractButton) if each.text() == text]
    return found


def controls(window):
    """The visible ones, without the parts that others consist of."""
    return [
        child
        for kind in CONTROLS
        for child in window.findChildren(kind)
        if child.isVisible() and not isinstance(child.parentWidget(), (*CONTROLS, QTabBar))
    ]


def tab_stops(qtbot, window):
    """What has the focus in turn while Tab is pressed."""
    stops = []
    window.focusNextChild()
    while QApplication.focusWidget() not in stops:
        stops.append(QApplication.focusWidget())
        qtbot.keyClick(stops[-1], Qt.Key.Key_Tab)
    return stops


def in_menus(menu):
    for action in menu.actions():
        yield action
        if action.menu():
            yield from in_menus(action.menu())


def test_every_control_has_a_name(window):
    for control in controls(window):
        text = control.text() if isinstance(control, QAbstractButton) else ""
        assert control.accessibleName() or text, control


def test_every_control_is_reached_by_keyboard(qtbot, window):
    reached = tab_stops(qtbot, window)
    if window.document.dataset is not None:  # of a choice Tab reaches the one that is made
        automatic = button(window, "Choose for &me, from")
        automatic.setFocus()
        qtbot.keyClick(automatic, Qt.Key.Key_Down)
        assert button(window, "Ex&actly").isChecked()
        reached += tab_stops(qtbot, window)
    actions = list(in_menus(window.menuBar()))
    for control in controls(window):
        by_menu = isinstance(control, QToolButton) and control.defaultAction() in actions
        assert control in reached or by_menu, control
    assert [stop for stop in reached if isinstance(stop, QLabel) and not stop.text()] == []


def test_no_key_is_given_twice(window):
    texts = [action.text() for action in window.menuBar().actions()]
    texts += [each.text() for each in controls(window) if isinstance(each, QAbstractButton)]
    texts += [
        label.text()
        for label in window.findChildren(QLabel)
        if label.isVisible() and label.buddy() is not None
    ]
    keys = [key for text in texts if (key := QKeySequence.mnemonic(text).toString())]
    assert "Alt+F" in keys
    assert sorted(set(keys)) == sorted(keys)
