"""The panels and views, whenever they are built."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QSettings
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QLabel,
    QLineEdit,
)

from gmmdesk.ui.main_window import MainWindow


def shown(window):
    """Everything that the panels say; on which axes the map lies depends on what was before."""
    workspace = window.workspace
    said = [
        label.text()
        for label in workspace.findChildren(QLabel)
        if not workspace.map.isAncestorOf(label)
    ]
    said += [box.text() for box in workspace.findChildren(QAbstractSpinBox)]
    said += [
        box.currentText()
        for box in workspace.findChildren(QComboBox)
        if not workspace.map.isAncestorOf(box)
    ]
    for button in workspace.findChildren(QAbstractButton):
        said += [button.text(), button.isChecked(), button.isEnabled()]
    for edit in workspace.findChildren(QLineEdit):
        said.append(edit.isVisibleTo(workspace))
    for view in workspace.findChildren(QAbstractItemView):
        if view.accessibleName():
            model = view.model()
            rows = [
                [model.index(i, j).data() for j in range(model.columnCount())]
                for i in range(model.rowCount())
            ]
            said += [rows, [index.row() for index in view.selectionModel().selectedRows()]]
    return said


@pytest.mark.parametrize("answered", [False, True])
def test_a_late_workspace_shows_what_is_there(driver, qtbot, tmp_path, answered):
    """A table may come before the panels: the program starts with a file."""
    path = tmp_path / "things.csv"
    names = ",".join(f"c{j}" for j in range(14))
    rows = (",".join(str((i * (j + 3)) % 17) for j in range(14)) for i in range(60))
    path.write_text("\n".join([names, *rows, ",1"]))
    driver.open(path)
    driver.document.change_settings("quick", k_min=2, k_max=3, models=("VII",), seed=5)
    if answered:
        driver.find()
        driver.document.set_current_cluster(1)
    late = MainWindow(driver.document)
    qtbot.addWidget(late)
    late.build_workspace()
    with qtbot.waitExposed(late):
        late.show()
    panels = [window.workspace.preparation_panel for window in (late, driver.window)]
    qtbot.waitUntil(lambda: not any(panel.is_busy for panel in panels))
    qtbot.waitUntil(lambda: shown(late) == shown(driver.window))
    late.close()


def test_the_window_fits_a_small_screen(driver, qtbot):
    """1024 pixels wide, or 1366 x 768 at 125 %, with all settings in sight."""
    window, panel = driver.window, driver.window.workspace.model_panel
    driver.open("sample:penguins")
    driver.document.change_settings("quick", k_min=2, k_max=2, models=("VVV",))
    driver.find()
    (more,) = [
        button for button in panel.findChildren(QAbstractButton) if button.text() == "More settings"
    ]
    more.click()
    heights = []

    def is_settled():  # what is shown reaches the window's layout after some turns of the loop
        heights.append(window.minimumSizeHint().height())
        return len(heights) >= 10 and len({*heights[-10:]}) == 1

    qtbot.waitUntil(is_settled)
    least = window.minimumSizeHint()
    assert least.width() <= 960
    assert least.height() <= 580
    window.resize(least)
    qtbot.waitUntil(lambda: window.size() == least)
    assert panel.visibleRegion().boundingRect() == panel.rect()


def test_the_timeline_can_be_hidden_and_stays_so(driver, qtbot):
    driver.open("sample:faithful")
    timeline = driver.window.workspace.convergence
    assert timeline.isVisible()
    [action] = [one for one in driver.window.findChildren(QAction) if "imeline" in one.text()]
    action.trigger()
    assert not timeline.isVisible()
    driver.window.workspace.save(QSettings())
    later = MainWindow(driver.document)
    qtbot.addWidget(later)
    later.build_workspace()
    with qtbot.waitExposed(later):
        later.show()
    assert not later.workspace.convergence.isVisible()
    action.trigger()
    assert timeline.isVisible()


def test_the_curve_leaves_its_room_to_views_that_do_not_follow_the_timeline(driver, qtbot):
    driver.open("sample:faithful")
    driver.document.change_settings("quick", k_min=2, k_max=2, models=("VVV",))
    workspace = driver.window.workspace
    curve, bar = workspace.convergence.plot, workspace.convergence.timeline_bar
    sizes = workspace.view_state().splitters["middle_splitter"]
    driver.click_tab("Profiles")
    qtbot.waitUntil(lambda: not curve.isVisible())
    driver.find()
    qtbot.waitUntil(lambda: bar.isVisible() and not curve.isVisible())
    qtbot.waitUntil(lambda: workspace.convergence.height() < sizes[1] / 2)
    qtbot.waitUntil(lambda: workspace.views.height() > sizes[0])
    assert workspace.view_state().splitters["middle_splitter"] == sizes
    sizes = {"middle_splitter": (400, 330)}
    workspace.show_view(replace(workspace.view_state(), panes=(), splitters=sizes))
    driver.click_tab("Map")
    qtbot.waitUntil(curve.isVisible)
    qtbot.waitUntil(lambda: workspace.convergence.height() > 280)


def test_a_hidden_timeline_comes_back_as_high_as_it_was(driver, qtbot):
    driver.open("sample:faithful")
    workspace = driver.window.workspace
    [action] = [one for one in driver.window.findChildren(QAction) if "imeline" in one.text()]
    wanted = {"middle_splitter": (400, 330)}
    workspace.show_view(replace(workspace.view_state(), panes=(), splitters=wanted))
    qtbot.waitUntil(lambda: workspace.convergence.height() > 280)
    action.trigger()
    qtbot.waitUntil(lambda: workspace.views.height() > 650)
    kept = workspace.view_state().splitters["middle_splitter"]
    assert kept[1] > 280
    workspace.save(QSettings())
    later = MainWindow(driver.document)
    qtbot.addWidget(later)
    later.resize(driver.window.size())
    later.build_workspace()
    with qtbot.waitExposed(later):
        later.show()
    qtbot.waitUntil(lambda: later.workspace.views.height() > 650)
    for window in (driver.window, later):  # folded and unfolded while it is hidden, or once shown
        views, curve = window.workspace.views, window.workspace.convergence
        [action] = [one for one in window.findChildren(QAction) if "imeline" in one.text()]
        views.show_view("Table")
        qtbot.waitUntil(lambda views=views: not views.has_moments)
        action.trigger()
        qtbot.waitUntil(lambda curve=curve: curve.isVisible() and not curve.plot.isVisible())
        views.show_view("Map")
        qtbot.waitUntil(lambda curve=curve: abs(curve.height() - kept[1]) < 20)
    later.close()


def test_while_clusters_are_sought_the_curve_is_in_sight_beside_any_view(driver, qtbot):
    driver.open("sample:faithful")
    driver.document.change_settings("quick", k_min=2, k_max=2, models=("VVV",))
    curve = driver.window.workspace.convergence.plot
    driver.click_tab("Table")
    qtbot.waitUntil(lambda: not curve.isVisible())
    seen = []
    driver.document.progressed.connect(lambda: seen.append(curve.isVisible()))
    driver.find()
    assert any(seen)
    qtbot.waitUntil(lambda: not curve.isVisible())
