"""Rows that are left out by hand, from the table."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialogButtonBox, QMenu

from gmmdesk.data.steps import LeaveOutRows, parse_step
from gmmdesk.ui.leave_out_dialog import LeaveOutDialog, leave_out
from gmmdesk.ui.selection import How


def test_rows_of_one_reason_are_one_step(iris):
    leave_out(iris, [4, 2], "wrong label")
    assert iris.settings.steps == (LeaveOutRows(rows=(3, 5), reason="wrong label"),)
    leave_out(iris, [2, 9], "wrong label")
    assert iris.settings.steps == (LeaveOutRows(rows=(3, 5, 10), reason="wrong label"),)
    leave_out(iris, [0], "doubtful")
    assert [step.rows for step in iris.settings.steps] == [(3, 5, 10), (1,)]
    iris.undo()
    iris.undo()
    assert iris.settings.steps == (LeaveOutRows(rows=(3, 5), reason="wrong label"),)


def test_other_steps_stay_where_they_are(iris):
    log = parse_step("log sepal_length")
    iris.change_settings("log", steps=(log,))
    leave_out(iris, [1])
    assert iris.settings.steps == (log, LeaveOutRows(rows=(2,)))


def test_rows_that_are_left_out_are_selected_no_more_in_the_same_step(iris):
    iris.selection.change_rows(np.array([3, 5, 8]), How.REPLACE)
    steps = iris.undo_stack.count()
    leave_out(iris, [3, 5], "typing errors")
    assert iris.undo_stack.count() == steps + 1
    assert iris.selection.rows.rows().tolist() == [8]
    iris.undo()
    assert iris.selection.rows.rows().tolist() == [3, 5, 8]
    assert iris.settings.steps == ()
    iris.redo()
    assert iris.selection.rows.rows().tolist() == [8]


@pytest.fixture
def table(driver):
    driver.open("sample:iris")
    view = driver.click_tab("Table")
    driver.qtbot.waitUntil(lambda: view.isVisible() and not view.is_busy)
    return view


def menu_of(driver, table, row):
    """The menu of a row in the table, and what leaves rows out in it."""
    at = table.table.visualRect(table.model.index(row, 0)).center()
    table.table.customContextMenuRequested.emit(at)
    driver.qtbot.waitUntil(lambda: table.table.findChild(QMenu) is not None)
    menu = table.table.findChild(QMenu)
    return menu, next(one for one in menu.actions() if "Leave out" in one.text())


def test_chosen_rows_are_left_out_with_a_reason(driver, table):
    table.table.selectRow(1)
    selection = table.table.selectionModel()
    flags = selection.SelectionFlag.Select | selection.SelectionFlag.Rows
    selection.select(table.model.index(2, 0), flags)
    menu, action = menu_of(driver, table, 2)
    action.trigger()
    menu.close()
    driver.qtbot.waitUntil(lambda: len(table.findChildren(LeaveOutDialog)) == 1)
    (dialog,) = table.findChildren(LeaveOutDialog)
    assert dialog.windowTitle().startswith("Leave out 2 rows")
    driver.qtbot.keyClicks(dialog.reason, "two labels")
    ok = dialog.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Ok)
    driver.wait(
        driver.document.prepared_changed,
        lambda: driver.qtbot.mouseClick(ok, Qt.MouseButton.LeftButton),
    )
    assert driver.document.settings.steps == (LeaveOutRows(rows=(2, 3), reason="two labels"),)
    prepared = driver.document.prepared
    assert prepared.reasons == ("two labels",)
    assert prepared.n_left_out == 2


def test_without_a_chosen_row_it_is_the_one_under_the_mouse(driver, table):
    table.table.clearSelection()
    menu, action = menu_of(driver, table, 4)
    action.trigger()
    menu.close()
    driver.qtbot.waitUntil(lambda: len(table.findChildren(LeaveOutDialog)) == 1)
    (dialog,) = table.findChildren(LeaveOutDialog)
    assert dialog.windowTitle() == "Leave out 1 row"
    dialog.reject()
