"""The list of columns says what is in each."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTreeView


def test_a_column_that_is_ticked_all_the_same_is_not_said_to_be_unticked(driver, tmp_path):
    path = tmp_path / "flat.csv"
    path.write_text("a,b\n" + "".join(f"{i * i % 17},5\n" for i in range(30)))
    driver.open(path)
    driver.document.ticks.set("b", True)
    (columns,) = [
        view
        for view in driver.window.findChildren(QTreeView)
        if view.accessibleName() == "Columns to use"
    ]
    index = columns.model().index(1, 0)
    assert Qt.CheckState(index.data(Qt.ItemDataRole.CheckStateRole)) is Qt.CheckState.Checked
    tip = index.data(Qt.ItemDataRole.ToolTipRole)
    assert "Not suggested: one value only: 5." in tip
    assert "icked" not in tip


def test_whole_numbers_of_a_few_values_say_why_they_are_not_ticked(driver, tmp_path):
    path = tmp_path / "rides.csv"
    rows = "".join(f"{i * i % 97},{i * i * i % 89},{(i + i // 7) % 6}\n" for i in range(300))
    path.write_text(f"fare,tip,passengers\n{rows}")
    driver.open(path)
    assert driver.document.settings.columns == ("fare", "tip")
    (columns,) = [
        view
        for view in driver.window.findChildren(QTreeView)
        if view.accessibleName() == "Columns to use"
    ]
    index = columns.model().index(2, 0)
    assert index.siblingAtColumn(1).data() == "only 6 values, 0 to 5"
    assert "Not suggested: only 6 different whole numbers" in index.data(
        Qt.ItemDataRole.ToolTipRole
    )
    assert index.flags() & Qt.ItemFlag.ItemIsUserCheckable
    driver.document.ticks.set("passengers", True)
    assert "passengers" in driver.document.settings.columns
    driver.document.ticks.set_suggested()
    assert driver.document.settings.columns == ("fare", "tip")
