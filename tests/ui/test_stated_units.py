"""The unit that a file states stands beside the name of its column in every view."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QHeaderView

from gmmdesk.ui.views.densities.pictures import ColumnPicture

UNITED = {"weight (kg)", "size (cm)"}


def test_every_view_says_it(driver, qtbot, tmp_path):
    path = tmp_path / "things.csv"
    rows = [f"{i % 2 * 5 + i / 40:.3f},{i % 2 * 9 + i * 7 % 5}\n" for i in range(40)]
    path.write_text("weight,size\nkg,(cm)\n" + "".join(rows), encoding="utf-8")
    driver.open(path)
    driver.document.change_settings("choosing", k_min=2, k_max=2, models=("VVV",), restarts=1)
    driver.find()
    workspace = driver.window.workspace
    plot = workspace.map.plot
    qtbot.waitUntil(lambda: {*plot.x_axis.titles[:1], *plot.y_axis.titles[:1]} == UNITED)
    matrix = driver.click_tab("Matrix").matrix
    qtbot.waitUntil(lambda: not matrix.is_busy)
    assert "size (cm) against weight (kg)" in matrix.tip_at(
        QPoint(matrix.width() // 4, 3 * matrix.height() // 4)
    )
    densities = driver.click_tab("Densities")
    qtbot.waitUntil(lambda: len(densities.cells) == 2)
    assert {one.accessibleName() for one in densities.findChildren(ColumnPicture)} == {
        "Densities of weight (kg)",
        "Densities of size (cm)",
    }
    driver.document.set_current_cluster(0)
    profiles = driver.click_tab("Profiles")
    lines = [
        header.model().headerData(i, Qt.Orientation.Vertical)
        for header in profiles.findChildren(QHeaderView)
        if header.orientation() is Qt.Orientation.Vertical
        for i in range(header.count())
    ]
    assert set(lines) >= UNITED
    table = driver.click_tab("Table")
    qtbot.waitUntil(lambda: not table.is_busy)
    columns = range(table.model.columnCount())
    assert {table.model.headerData(j, Qt.Orientation.Horizontal) for j in columns} >= UNITED
