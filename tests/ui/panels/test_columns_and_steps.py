"""How the columns and the preparation share the left side of the window."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTreeView

from gmmdesk.ui.panels.columns_and_steps import ColumnsAndSteps
from tests.ui.conftest import shown_window

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def opened(driver, tmp_path):
    """Columns of which some have long tails, which the preparation then speaks of."""
    path = tmp_path / "columns.csv"
    names = ["who", *(f"column_{j}" for j in range(13))]
    rows = (
        ",".join([f"somebody {i}", *(str(2.0 ** ((i * (j + 3)) % 11)) for j in range(13))])
        for i in range(80)
    )
    path.write_text("\n".join([",".join(names), *rows, ""]))
    driver.open(path)
    driver.qtbot.waitUntil(lambda: not driver.window.workspace.preparation_panel.is_busy)
    return driver


def columns_of(window):
    return window.workspace.columns_panel.findChild(QTreeView)


def lines_in_sight(view):
    port, model = view.viewport().rect(), view.model()
    rects = [view.visualRect(model.index(row, 0)) for row in range(model.rowCount())]
    return sum(port.contains(QPoint(1, rect.bottom())) for rect in rects)


def open_preparation(window):
    QTest.mouseClick(window.workspace.preparation_panel.header, LEFT)


def test_some_columns_stay_in_sight_above_the_preparation(opened):
    window, view = opened.window, columns_of(opened.window)
    window.resize(1264, 752)
    opened.qtbot.waitUntil(lambda: window.height() == 752)
    before = lines_in_sight(view)
    open_preparation(window)
    body = window.workspace.preparation_panel.body
    opened.qtbot.waitUntil(lambda: body.isVisible() and lines_in_sight(view) < before)
    assert lines_in_sight(view) >= 5
    assert body.height() > 70  # of what is suggested alone
    open_preparation(window)
    opened.qtbot.waitUntil(lambda: lines_in_sight(view) == before)


def test_the_handle_between_them_is_remembered(opened, qtbot):
    window = opened.window
    open_preparation(window)
    splitter = window.findChild(ColumnsAndSteps)
    handle = splitter.handle(1)
    qtbot.waitUntil(handle.isEnabled)
    before = splitter.sizes()[1]
    QTest.mousePress(handle, LEFT, pos=QPoint(20, 3))
    QTest.mouseMove(handle, QPoint(20, 33))
    QTest.mouseRelease(handle, LEFT, pos=QPoint(20, 33))
    chosen = splitter.sizes()[1]
    assert chosen < before
    open_preparation(window)
    open_preparation(window)
    qtbot.waitUntil(lambda: splitter.sizes()[1] == chosen)
    other = shown_window(qtbot)
    other.resize(window.size())
    qtbot.waitUntil(lambda: other.size() == window.size())
    open_preparation(other)
    again = other.findChild(ColumnsAndSteps)
    qtbot.waitUntil(lambda: again.sizes()[1] == chosen)
    other.close()


def test_what_is_in_a_column_has_room_on_a_large_screen(opened):
    window, view = opened.window, columns_of(opened.window)
    window.resize(1904, 1032)
    opened.qtbot.waitUntil(lambda: window.width() == 1904)
    opened.qtbot.waitUntil(lambda: view.columnWidth(1) >= view.sizeHintForColumn(1))
    assert view.columnWidth(0) >= view.sizeHintForColumn(0)


def test_numbers_are_whole_beside_long_names(driver, tmp_path):
    path = tmp_path / "long.csv"
    name = "lifetime value predicted by the department of sales"
    rows = (f"{34_376.25 + 7.5 * i},{1.37 * i}\n" for i in range(40))
    path.write_text(f"{name},b\n" + "".join(rows))
    driver.open(path)
    view = columns_of(driver.window)
    driver.window.resize(1264, 752)
    driver.qtbot.waitUntil(lambda: view.columnWidth(1) >= view.sizeHintForColumn(1))


def test_nothing_moves_while_clusters_are_sought(opened):
    """Whatever is said below the button has its room always."""
    document, panel = opened.document, opened.window.workspace.model_panel
    document.change_settings("quick", k_min=2, k_max=3, restarts=1)
    places, said = set(), set()

    def look():
        at = panel.find_button.mapTo(opened.window, QPoint(0, 0))
        places.add((at.x(), at.y(), panel.find_button.height()))
        said.add(panel._hint.text())

    for signal in (document.run_started, document.progressed, document.run_ended):
        signal.connect(look)
    look()
    opened.find()
    look()
    assert len(said) > 2
    assert len(places) == 1
