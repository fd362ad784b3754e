"""A right click is about what is under the mouse, in every view."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from gmmdesk.data.row_set import RowSet
from gmmdesk.ui.panels.why import WhyDialog
from tests.ui.conftest import choose, menu_texts


@pytest.fixture(scope="module")
def groups_file(tmp_path_factory):
    """Two groups of 30 rows, and one row far from both: the 61st."""
    rng = np.random.default_rng(4)
    rows = np.repeat([[0.0, 0.0], [8.0, 5.0]], 30, axis=0) + rng.normal(0.0, 0.6, (60, 2))
    path = tmp_path_factory.mktemp("groups") / "groups.csv"
    lines = [f"{x:.4f},{y:.4f}" for x, y in [*rows, (4.0, 12.0)]]
    path.write_text("\n".join(["x,y", *lines, ""]))
    return path


@pytest.fixture
def fitted(driver, groups_file):
    driver.open(groups_file)
    driver.document.change_settings("two", k_min=2, k_max=2, models=("EEI",), restarts=1)
    driver.find()
    return driver


def selected(driver):
    driver.qtbot.waitUntil(lambda: not driver.document.selection.is_busy)
    return driver.document.selection.rows.rows().tolist()


def explained(driver, menu, row):
    """What is said when it is asked why a row (0-based) is in its cluster."""
    choose(menu, f"Why is row {row + 1} in its cluster?…")
    driver.qtbot.waitUntil(lambda: driver.window.findChild(WhyDialog) is not None)
    dialog = driver.window.findChild(WhyDialog)
    driver.qtbot.waitUntil(lambda: not dialog.panel.is_busy)
    title, said = dialog.windowTitle(), dialog.panel.said.text()
    dialog.reject()
    assert f"row {row + 1} " in title
    return said


def on_map(driver, row):
    """Where a row is on the map, in pixels of its viewport."""
    view = driver.window.workspace.map
    driver.qtbot.waitUntil(lambda: not view.is_busy)
    numbers = [driver.document.dataset.column(name).numbers()[row] for name in "xy"]
    scene = view.plot.box.mapViewToScene(QPointF(*numbers))
    return view.plot.viewport(), view.plot.mapFromScene(scene)


def in_table(driver, row):
    view = driver.click_tab("Table")
    driver.qtbot.waitUntil(lambda: not view.is_busy)
    index = view.model.index(row, 0)
    view.table.scrollTo(index)
    return view.table.viewport(), view.table.visualRect(index).center()


def in_matrix(driver, row):
    """Where a row is in the cell of y against x."""
    view = driver.click_tab("Matrix")
    driver.qtbot.waitUntil(lambda: not view.is_busy)
    numbers = [driver.document.dataset.column(name).numbers()[row] for name in "xy"]
    pane = view.matrix._pane((1, 0))
    return view.matrix, QPointF(*pane.pixels(np.array(numbers))).toPoint()


@pytest.mark.parametrize("place", [on_map, in_table, in_matrix])
def test_what_is_not_selected_is_so_before_the_menu_is_about_it(fitted, place):
    driver = fitted
    driver.document.selection.set(RowSet.of_rows([0, 1, 2], 61))
    menu = driver.right_click(*place(driver, 60))
    assert selected(driver) == [60]
    assert "Row 61 is" in explained(driver, menu, 60)
    driver.document.undo()
    assert selected(driver) == [0, 1, 2]


@pytest.mark.parametrize("place", [on_map, in_table, in_matrix])
def test_among_selected_rows_the_menu_is_about_all_and_explains_the_one(fitted, place):
    driver = fitted
    driver.document.selection.set(RowSet.of_rows([0, 1, 60], 61))
    menu = driver.right_click(*place(driver, 60))
    assert selected(driver) == [0, 1, 60]
    assert "Row 61 is" in explained(driver, menu, 60)


def test_a_row_of_the_matrix_stands_for_its_cluster_and_its_cell_for_two_columns(fitted):
    driver, analysis = fitted, fitted.document.analysis
    widget, at = in_matrix(driver, 5)
    cluster = int(analysis.rows.label[5])
    menu = driver.right_click(widget, at)
    choose(menu, f"Select Cluster {cluster + 1}")
    assert selected(driver) == analysis.prepared.rows[analysis.rows.label == cluster].tolist()
    menu = driver.right_click(widget, at)
    choose(menu, "Open on the map")
    assert driver.window.workspace.views.front_title == "Map"
    assert driver.window.workspace.map.toolbar.axes == ("x", "y")


def test_a_row_of_the_matrix_is_told_of_like_one_of_the_map(fitted):
    driver = fitted
    widget, at = in_matrix(driver, 60)
    QTest.mouseMove(widget, QPoint(2, 2))  # it may be there already, and would not move
    QTest.mouseMove(widget, at)
    driver.qtbot.waitUntil(widget.card.isVisible)
    assert "Row 61" in widget.card.text()
    assert "Cluster 2" in widget.card.text()
    assert widget.rect().contains(widget.card.geometry())
    diagonal = widget.cell((0, 0)).center().toPoint()
    QTest.mouseMove(widget, diagonal)
    driver.qtbot.waitUntil(widget.card.isHidden)
    menu = driver.right_click(widget, diagonal)
    assert menu_texts(menu) == ["No row is here, and none is selected"]
    QTest.keyClick(menu, Qt.Key.Key_Escape)


def test_an_outlier_in_the_list_is_a_row_too(fitted):
    driver = fitted
    view = driver.click_tab("Trust")
    driver.qtbot.waitUntil(lambda: not view.is_busy)
    view.pages.setCurrentWidget(view.outliers)
    table = view.outliers.table
    at = table.visualRect(view.outliers.model.index(0, 0)).center()
    assert view.outliers.model.index(0, 0).data() == "61"
    menu = driver.right_click(table.viewport(), at)
    assert selected(driver) == [60]
    assert "Row 61 is" in explained(driver, menu, 60)


def test_a_line_of_the_table_of_certainty_stands_for_its_cluster(fitted):
    driver, analysis = fitted, fitted.document.analysis
    view = driver.click_tab("Certainty")
    driver.qtbot.waitUntil(lambda: not view.is_busy)
    at = view.table.visualRect(view.model.index(1, 0)).center()
    menu = driver.right_click(view.table.viewport(), at)
    choose(menu, "Select Cluster 2")
    assert selected(driver) == analysis.prepared.rows[analysis.rows.label == 1].tolist()


def test_a_curve_of_certainty_stands_for_its_cluster(fitted):
    driver = fitted
    view = driver.click_tab("Certainty")
    driver.qtbot.waitUntil(lambda: not view.is_busy)
    nowhere = view.plot.mapFromScene(view.plot.box.mapViewToScene(QPointF(50.0, 91.0)))
    menu = driver.right_click(view.plot.viewport(), nowhere)
    assert not any(text.startswith("Select") for text in menu_texts(menu))
    QTest.keyClick(menu, Qt.Key.Key_Escape)
    curve = view.plot.mapFromScene(view.plot.box.mapViewToScene(QPointF(50.0, 100.0)))
    menu = driver.right_click(view.plot.viewport(), curve + QPoint(0, 2))
    assert any(text.startswith("Select Cluster") for text in menu_texts(menu))
    QTest.keyClick(menu, Qt.Key.Key_Escape)


def test_a_line_of_the_list_stands_for_its_cluster(fitted):
    driver, analysis = fitted, fitted.document.analysis
    clusters = driver.window.workspace.clusters_panel._list
    at = clusters.visualRect(clusters.model().index(1, 1)).center()
    menu = driver.right_click(clusters.viewport(), at)
    choose(menu, "Select Cluster 2")
    assert selected(driver) == analysis.prepared.rows[analysis.rows.label == 1].tolist()


def test_of_a_row_that_was_left_out_it_is_said_so_instead(driver, tmp_path):
    path = tmp_path / "gap.csv"
    path.write_text(
        "x,y\n" + "".join(f"{i % 2 * 9 + i / 40},{i * 7 % 11}\n" for i in range(40)) + ",5\n"
    )
    driver.open(path)
    driver.document.change_settings("two", k_min=2, k_max=2, models=("EEI",), restarts=1)
    driver.find()
    menu = driver.right_click(*in_table(driver, 40))
    first = menu.actions()[0]
    assert menu_texts(menu)[0] == "Why is row 41 in its cluster?… (left out, missing: x)"
    assert not first.isEnabled()
    menu.close()
