"""Views as tabs, side by side and in windows, moved as a user would."""

import json

import pytest
from PySide6.QtCore import QPoint, QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QMenu, QTabBar

from gmmdesk.session.view import Pane, ViewState
from gmmdesk.ui.views.densities import DensitiesView
from gmmdesk.ui.views.matrix import MatrixView


@pytest.fixture
def views(driver, csv):
    driver.open(csv)
    return driver.window.workspace.views


def choose(driver, text):
    """Trigger an entry of the menu View."""
    [menu] = [one.menu() for one in driver.window.menuBar().actions() if one.text() == "&View"]
    [action] = [one for one in menu.actions() if one.text().replace("&", "") == text]
    assert action.isEnabled()
    action.trigger()


def in_two(driver, views):
    driver.click_tab("Matrix")
    choose(driver, "Put it to the right")
    driver.qtbot.waitUntil(lambda: len(views.panes()) == 2)


def test_views_are_made_when_they_are_first_seen(driver, views):
    assert views.findChild(MatrixView) is None
    driver.click_tab("Matrix")
    assert views.findChild(MatrixView).isVisible()
    assert not views.map.isVisible()


def test_before_there_is_an_answer_a_view_has_something_to_show_or_says_how_to_get_it(driver):
    driver.open("sample:iris")
    saying = []
    for title in driver.window.workspace.views.titles:
        labels = driver.click_tab(title).findChildren(QLabel)
        if any("(Find clusters, on the left)" in one.text() for one in labels if one.isVisible()):
            saying.append(title)
    assert saying == ["Profiles", "Certainty", "Choose K", "Trust", "Report"]


def test_a_view_is_put_beside_the_others(driver, views):
    in_two(driver, views)
    driver.qtbot.waitUntil(views.map.isVisible)
    assert views.findChild(MatrixView).isVisible()
    driver.qtbot.waitUntil(lambda: views.panes()[0].place[2] < 0.9)
    left, right = views.panes()
    assert "Matrix" not in left.views
    assert right.views == ("Matrix",)
    assert left.place[0] + left.place[2] <= right.place[0] + 0.02
    choose(driver, "Put it back among the tabs")
    [pane] = views.panes()
    assert pane.views == views.titles
    assert pane.front == "Matrix"


def test_every_view_is_a_menu_away_where_its_tab_is_out_of_sight(driver, views):
    driver.window.resize(500, 600)
    [bar] = [one for one in views.findChildren(QTabBar) if one.isVisible()]
    bar.customContextMenuRequested.emit(bar.tabRect(0).center())
    [menu] = [one for one in views.findChildren(QMenu) if one.isVisible()]
    [others] = [action.menu() for action in menu.actions() if action.menu()]
    offered = {action.text(): action for action in others.actions()}
    assert set(offered) == set(views.titles) - {"Map"}
    offered["Report"].trigger()
    menu.close()
    assert views.front_title == "Report"
    assert views.front().isVisible()


def test_the_tabs_of_all_views_have_room_in_a_small_window(driver):
    driver.window.resize(1280, 760)
    driver.open("sample:photo")  # which has one view more than a table
    views = driver.window.workspace.views
    [bar] = [one for one in views.findChildren(QTabBar) if one.isVisible()]
    driver.qtbot.waitUntil(lambda: bar.count() == len(views.titles) == 10)
    assert bar.tabRect(9).right() < bar.width()


def test_a_view_is_put_below(driver, views):
    driver.click_tab("Table")
    choose(driver, "Put it below")
    driver.qtbot.waitUntil(lambda: len(views.panes()) == 2)
    driver.qtbot.waitUntil(lambda: views.panes()[0].place[3] < 0.9)
    upper, lower = views.panes()
    assert lower.views == ("Table",)
    assert upper.place[1] + upper.place[3] <= lower.place[1] + 0.02


def test_a_tab_that_is_dragged_away_becomes_a_window(driver, views):
    view = driver.click_tab("Densities")
    [bar] = [bar for bar in views.findChildren(QTabBar) if bar.isVisible()]
    start = bar.tabRect(bar.currentIndex()).center()
    QTest.mousePress(bar, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(bar, start + QPoint(0, 200))
    QTest.mouseRelease(bar, Qt.MouseButton.LeftButton, pos=start + QPoint(0, 200))
    driver.qtbot.waitUntil(lambda: views.shell.is_floating("Densities"))
    assert isinstance(view, DensitiesView)
    assert view.isVisible()
    assert [pane.views for pane in views.panes() if pane.window] == [("Densities",)]
    driver.document.selection.all()
    QTest.keyClick(view, Qt.Key.Key_Escape)  # what the main window would have taken
    assert driver.document.selection.count == 0
    choose(driver, "All as tabs")
    assert not views.shell.is_floating("Densities")


def test_keys_bring_all_views_back_to_tabs(driver, views):
    in_two(driver, views)
    assert len(views.panes()) == 2
    front = views.front_title
    QTest.keyClick(
        driver.window,
        Qt.Key.Key_T,
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
    )
    assert [(pane.views, pane.front) for pane in views.panes()] == [(views.titles, front)]


def test_a_closed_view_is_opened_from_the_menu(driver, views):
    driver.click_tab("Matrix")
    choose(driver, "Close it")
    assert not views.shell.is_open("Matrix")
    choose(driver, "Matrix")
    driver.qtbot.waitUntil(views.findChild(MatrixView).isVisible)
    assert views.panes()[0].views == views.titles


def test_the_last_view_stays(driver, views):
    views.arrange([Pane(views=("Map",))])
    choose(driver, "Close it")
    driver.qtbot.waitUntil(views.map.isVisible)


def test_the_arrangement_is_in_the_session_and_in_the_settings(driver, views):
    in_two(driver, views)
    state = driver.window.workspace.view_state()
    choose(driver, "All as tabs")
    driver.window.workspace.show_view(state)
    driver.qtbot.waitUntil(lambda: len(views.panes()) == 2)
    assert [pane.views for pane in views.panes()] == [pane.views for pane in state.panes]
    driver.window.workspace.save(QSettings())
    assert len(json.loads(QSettings().value("view_panes"))) == 2


@pytest.mark.parametrize(
    "panes",
    [
        (Pane(views=("Map", "Map", "no such view"), front="Matrix"), Pane(views=("Map",))),
        (Pane(views=("no such view",)),),
        (Pane(views=("Map",), window=(-90_000.0, 90_000.0, 0.0, -5.0)),),
    ],
)
def test_what_a_file_says_wrongly_leaves_views_that_can_be_used(driver, views, panes):
    driver.window.workspace.show_view(ViewState(panes=panes))
    driver.qtbot.waitUntil(views.map.isVisible)
    screen = views.screen().availableGeometry()
    assert screen.intersects(views.map.window().geometry())
