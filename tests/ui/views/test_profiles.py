"""What each cluster is like, as the view shows it."""

import numpy as np
import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtTest import QTest

from gmmdesk.analysis.describe import separation
from gmmdesk.ui.drawing.figure import HasFigure
from gmmdesk.ui.tables.means_model import STRIP, StripRole
from gmmdesk.ui.text import rough
from gmmdesk.ui.views.profiles import ProfilesView


@pytest.fixture
def view(driver):
    driver.open("sample:iris")
    driver.document.change_settings("three", k_min=3, k_max=3, models=("VVV",))
    driver.find()
    view = driver.click_tab("Profiles")
    assert isinstance(view, ProfilesView)
    return view


def click(view, row, section, double=False):
    index = view.table.means.index(row, section)
    view.table.scrollTo(index)
    at = view.table.visualRect(index).center()
    QTest.mouseClick(view.table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    if double:
        QTest.mouseDClick(view.table.viewport(), Qt.MouseButton.LeftButton, pos=at)


def test_columns_that_separate_most_come_first(driver, view):
    analysis = driver.document.analysis
    order = np.argsort(-separation(analysis))
    model = view.table.means
    names = [model.column_name(row) for row in range(model.rowCount())]
    assert names == [analysis.profiles[i].name for i in order]
    for row, i in enumerate(order):
        profile = analysis.profiles[i]
        for k in range(3):
            text = model.index(row, k + 1).data()
            assert text == rough(float(profile.centers[k]), float(profile.spreads[k]))


def test_strips_are_in_standard_deviations_of_all_rows(driver, view):
    analysis = driver.document.analysis
    weights = analysis.result.weights
    model = view.table.means
    for row in range(model.rowCount()):
        strip = model.index(row, STRIP).data(StripRole)
        centers, lows, highs = map(np.array, strip)
        assert weights @ centers == pytest.approx(0.0, abs=1e-9)
        assert np.allclose(centers - lows, highs - centers)
        spread = 0.5 * (highs - lows)
        assert weights @ (centers**2 + spread**2) == pytest.approx(1.0)


def test_a_click_chooses_a_cluster(driver, view):
    click(view, 1, 3)
    assert driver.document.current_cluster == 2
    click(view, 0, STRIP)
    assert driver.document.current_cluster == 2


def test_a_double_click_shows_the_column_on_the_map(driver, view):
    column = view.table.means.column_name(3)
    click(view, 3, STRIP, double=True)
    driver.qtbot.waitUntil(driver.window.workspace.map.isVisible)
    assert column in driver.window.workspace.map.toolbar.axes


def test_the_keyboard_chooses_too(driver, view):
    view.table.setFocus()
    view.table.setCurrentIndex(view.table.means.index(0, 1))
    QTest.keyClick(view.table, Qt.Key.Key_Right)
    assert driver.document.current_cluster == 1


def test_names_of_clusters_are_followed(driver, view):
    driver.document.edits.rename(1, "Long ones")
    assert view.table.means.headerData(2, Qt.Orientation.Horizontal, 0) == "Long ones"
    assert "Long ones" in view.table.means.index(0, 2).data(Qt.ItemDataRole.ToolTipRole)


def test_it_can_be_a_figure(view):
    assert isinstance(view, HasFigure)
    figure = view.figure()
    assert figure is not None
    figure.lay_out(QSize(500, 80), view.palette(), view.font(), 1.0)
    rows = figure.canvas.verticalHeader()
    assert rows.length() <= 80  # however small, every line is there
    figure.close()
