"""What each cluster is like, as the view shows it."""

import math
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtTest import QTest

from gmmdesk.analysis.describe import separation, traits
from gmmdesk.analysis.profiles import Typical
from gmmdesk.data.row_set import RowSet
from gmmdesk.data.steps import parse_step
from gmmdesk.ui.colors import diverging
from gmmdesk.ui.drawing.figure import HasFigure
from gmmdesk.ui.tables.means_model import STRIP, SelectedRole, StripRole
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


def test_of_one_cluster_nothing_is_said_about_two(driver, view):
    means, role = view.table.means, Qt.ItemDataRole.ToolTipRole
    told = means.headerData(0, Qt.Orientation.Vertical, role)
    assert "pairs of rows of two clusters" in told
    driver.document.change_settings("one", k_min=1, k_max=1)
    driver.find()
    told = means.headerData(0, Qt.Orientation.Vertical, role)
    assert "clusters" not in told
    assert "Double-click" in told


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


def test_columns_that_a_step_has_bent_are_laid_out_on_the_scale_of_the_fit(driver, view):
    steps = (parse_step("log petal_width_cm"), parse_step("log petal_length_cm"))
    driver.document.change_settings("log", steps=steps)
    driver.find()
    analysis, model = driver.document.analysis, view.table.means
    row = [model.column_name(row) for row in range(4)].index("petal_width_cm")
    (profile,) = (one for one in analysis.profiles if one.name == "petal_width_cm")
    strip = model.index(row, STRIP).data(StripRole)
    logs = np.log(analysis.dataset.column("petal_width_cm").numbers())
    middle = np.median(logs)
    assert np.ptp(np.log(profile.centers)) / np.ptp(strip.centers) == pytest.approx(
        logs.std(), rel=0.05
    )
    for k in range(3):
        assert model.index(row, k + 1).data() == rough(
            float(profile.centers[k]), float(profile.spreads[k])
        )
        assert np.sign(strip.centers[k]) == np.sign(np.log(profile.centers[k]) - middle)
        tip = model.index(row, k + 1).data(Qt.ItemDataRole.ToolTipRole)
        assert "median of all used rows" in tip
    assert "or the median in a column that a step has bent" in view.hint.text()


def test_tints_are_on_the_scale_of_the_words(driver, view):
    """Red where a sentence says high, blue where it says low, and full where it says very."""
    analysis, model = driver.document.analysis, view.table.means
    paper = QColor("white")
    names = [model.column_name(row) for row in range(model.rowCount())]
    seen = set()
    for k, own in enumerate(traits(analysis)):
        tinted = [model.ahead(names.index(trait.column), k) for trait in own]
        assert tinted == pytest.approx([trait.ahead for trait in own], abs=1e-12)
    for k, own in enumerate(traits(analysis)):
        for trait in own:
            ground, _ = model.inks(model.index(names.index(trait.column), k + 1), paper)
            if trait.word:
                assert ("high" in trait.word) == (ground.red() > ground.blue())
            if abs(trait.ahead) > 0.05:
                assert (trait.ahead > 0) == (ground.red() > ground.blue())
            fullest = diverging(math.copysign(1.0, trait.ahead), paper)
            assert (ground == fullest) == trait.word.startswith("very")
            seen.add(trait.word)
    assert {"very high", "very low"} <= seen


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


def test_selected_rows_stand_beside_the_clusters(driver, view):
    dataset, model = driver.document.dataset, view.table.means
    before = view.table.grab().toImage()
    chosen = np.arange(50, 90)
    driver.document.selection.set(RowSet.of_rows(chosen, dataset.n_rows))
    driver.qtbot.waitUntil(lambda: model.columnCount() == 5)
    assert "are 40 selected rows." in view.hint.text()
    assert model.headerData(4, Qt.Orientation.Horizontal, 0) == "Selected"
    for row in range(model.rowCount()):
        values = dataset.column(model.column_name(row)).numbers()
        mean, spread = values[chosen].mean(), values[chosen].std()
        assert model.index(row, 4).data() == rough(float(mean), float(spread))
        place = model.index(row, STRIP).data(SelectedRole)
        scaled = (np.array([mean, mean - spread, mean + spread]) - values.mean()) / values.std()
        np.testing.assert_allclose(place, scaled, rtol=1e-6, atol=1e-6)
        assert "Selected rows" in model.index(row, 4).data(Qt.ItemDataRole.ToolTipRole)
    assert view.table.grab().toImage() != before
    click(view, 0, 4)  # which is no cluster
    assert driver.document.current_cluster is None
    driver.document.selection.clear()
    assert model.columnCount() == 4


def test_a_figure_has_the_selected_rows_too(driver, view):
    driver.document.selection.set(RowSet.of_rows(np.arange(9), 150))
    figure = view.figure()
    figure.lay_out(QSize(700, 300), view.palette(), view.font(), 1.0)
    driver.qtbot.waitUntil(lambda: not figure.is_busy())
    assert figure.canvas.means.columnCount() == 5
    gone = []
    figure.canvas.means.destroyed.connect(lambda: gone.append(True))
    figure.close()
    driver.qtbot.waitUntil(lambda: bool(gone))  # else it would follow every answer from now on


@pytest.mark.parametrize("width", [180, 240, 700])
def test_a_figure_of_any_size_says_it_all_within_its_edges(driver, view, tmp_path, width):
    assert isinstance(view, HasFigure)
    figure = view.figure()
    assert figure is not None
    font = QFont(view.font())
    font.setPixelSize(10)
    figure.lay_out(QSize(width, 90), view.palette(), font, 1.0)
    driver.qtbot.waitUntil(lambda: not figure.is_busy())
    widths = figure.canvas.widths()
    model, numbers = view.table.means, 3 * bool(widths.numbers)
    assert bool(widths.numbers) is (width > 200)
    assert widths.names + widths.strips + numbers * widths.numbers <= width
    path = tmp_path / "figure.svg"
    device = QSvgGenerator()
    device.setFileName(str(path))
    device.setSize(QSize(width, 90))
    painter = QPainter(device)
    figure.paint(painter)
    painter.end()
    texts = [
        "".join(one.itertext()).strip()
        for one in ET.parse(path).iter("{http://www.w3.org/2000/svg}text")
    ]
    said = [model.index(row, k).data() for row in range(4) for k in range(1, 1 + numbers)]
    assert [text for text in texts if text in said] == said
    assert len([text for text in texts if text.startswith(("petal_", "sepal_", "pe", "se"))]) == 4
    assert [entry.name for entry in figure.legend(view.palette())] == list(driver.document.names)
    figure.close()


def test_lines_grow_with_the_room_up_to_a_point(driver, view):
    table, lines = view.table, view.table.verticalHeader()
    sizes = []
    for height in (100, 180, 3_000):
        table.resize(900, height)
        sizes.append(lines.sectionSize(0))
        assert height == 100 or lines.length() <= height
    assert sizes[0] < sizes[1] < sizes[2]
    assert 700 < lines.length() < 1_000


def test_nine_clusters_share_a_small_window_and_no_number_is_cut(driver, view):
    driver.document.change_settings("nine", k_min=9, k_max=9, models=("EEE",), restarts=1)
    driver.find()
    table = view.table
    table.resize(622, 500)
    across = table.horizontalHeader()
    assert across.length() <= table.viewport().width()
    font = QFont(table.font())
    font.setPointSizeF(1.6 * font.pointSizeF())
    table.setFont(font)
    driver.document.change_settings("eight", k_min=8, k_max=8)
    driver.find()
    measured = table.fontMetrics().horizontalAdvance
    for row in range(4):
        for section in range(1, 9):
            said = table.means.index(row, section).data()
            assert measured(said) < across.sectionSize(section)


@pytest.mark.parametrize("size", [(1280, 800), (1920, 1080)])
def test_the_ends_of_headings_are_never_cut(driver, view, size):
    """On a small screen the numbers of the clusters stand on a line of their own."""
    driver.window.resize(*size)
    driver.document.edits.rename(1, "Customers of the north")
    driver.qtbot.waitUntil(lambda: driver.window.width() == size[0])
    header = view.table.horizontalHeader()
    for section, end in enumerate(("lie", "1", "north", "3")):
        shown = header.shown(section)
        assert shown.split()[-1] == end
        lines = shown.split("\n")
        assert len(lines) * header.fontMetrics().height() <= header.height()
        widest = max(map(header.fontMetrics().horizontalAdvance, lines))
        assert widest <= header.sectionSize(section)
    view.table.setColumnWidth(STRIP, 900)  # others are as narrow as they can be
    assert header.shown(1).split("\n")[-1].endswith("1")


def test_numbers_of_other_selected_rows_are_not_cut_either(driver, view):
    """What is selected changes, and with it how wide its numbers are."""
    table, section = view.table, 4
    table.resize(480, 300)
    for center in (5.0, -1234567.8):
        centers = np.full(4, center)
        table.means.show_selected(Typical(9, centers, centers - 0.5, centers + 0.5))
    needed = table.fontMetrics().horizontalAdvance(table.means.index(0, section).data())
    assert needed < table.horizontalHeader().sectionSize(section)
