from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTableView, QToolButton

from gmmdesk.ui.tables.named_columns import NamedColumns
from gmmdesk.ui.tables.rows_model import RowsModel
from gmmdesk.ui.views.table import TableView
from tests.ui.conftest import Driver


def table_of(driver: Driver) -> TableView:
    """The table, after a click on its tab."""
    view = driver.click_tab("Table")
    assert isinstance(view, TableView)
    settle(driver, view)
    return view


def settle(driver: Driver, view: TableView) -> None:
    driver.qtbot.waitUntil(lambda: not view.is_busy)


def column(view: TableView, name: str) -> list[str]:
    section = [field.name for field in view.model.fields].index(name)
    return [
        view.model.index(line, section).data(Qt.ItemDataRole.DisplayRole)
        for line in range(view.model.rowCount())
    ]


def click_header(view: TableView, name: str) -> None:
    header = view.table.horizontalHeader()
    section = [field.name for field in view.model.fields].index(name)
    view.table.scrollTo(view.model.index(0, section))
    x = header.sectionViewportPosition(section) + 12
    QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(x, 8))


def test_shows_every_row_before_and_after_the_answer(driver: Driver) -> None:
    driver.open("sample:penguins")
    view = table_of(driver)
    assert view.model.rowCount() == 344
    assert [f.name for f in view.model.fields][:2] == ["species", "island"]
    assert not view.kind.isEnabled()
    driver.document.change_settings("three", k_min=3, k_max=3)
    driver.find()
    settle(driver, view)
    names = [f.name for f in view.model.fields]
    assert names[:4] == ["Cluster", "How sure", "Left out", "species"]
    analysis = driver.document.analysis
    assert analysis is not None
    assert column(view, "Cluster").count("Cluster 1") == analysis.sizes[0]
    assert column(view, "Cluster").count("") == analysis.prepared.n_left_out
    driver.document.edits.rename(0, "Small")
    settle(driver, view)
    assert column(view, "Cluster").count("Small") == analysis.sizes[0]


def test_a_click_on_a_heading_sorts_up_then_down_then_not(driver: Driver, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("name,x\nb,3\na,1\nc,2\n")
    driver.open(path)
    view = table_of(driver)
    for expected in (["1", "2", "3"], ["3", "2", "1"], ["3", "1", "2"]):
        click_header(view, "x")
        settle(driver, view)
        assert column(view, "x") == expected
    assert view.model.headerData(0, Qt.Orientation.Vertical) == "1"


def test_rows_are_searched_while_typing(driver: Driver) -> None:
    driver.open("sample:penguins")
    view = table_of(driver)
    QTest.keyClicks(view.search, "flipper_length_mm > 220")
    QTest.keyClick(view.search, Qt.Key.Key_Return)
    settle(driver, view)
    dataset = driver.document.dataset
    assert dataset is not None
    n_wanted = int(np.sum(dataset.column("flipper_length_mm").numbers() > 220))
    assert 0 < n_wanted == view.model.rowCount()
    assert view.found == f"{n_wanted} of 344 rows"
    view.search.clear()
    settle(driver, view)
    assert view.model.rowCount() == 344


def search_for(driver: Driver, view: TableView, words: str) -> None:
    view.search.clear()
    QTest.keyClicks(view.search, words)
    settle(driver, view)


def in_sight(view: TableView) -> set[str]:
    """The columns of which something is seen."""
    width = view.table.viewport().width()
    places = [view.table.columnViewportPosition(j) for j in range(len(view.model.fields))]
    return {
        field.name
        for j, field in enumerate(view.model.fields)
        if places[j] + view.table.columnWidth(j) > 0 and places[j] < width
    }


def test_a_part_of_a_column_name_leads_to_the_column(driver: Driver, tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    names = [f"measured value number {j}" for j in range(40)]
    names[30] = "household <income>"
    rows = [",".join(f"{i * j % 7 + i / 10:.2f}" for j in range(40)) for i in range(20)]
    path.write_text("\n".join([",".join(names), *rows]) + "\n")
    driver.open(path)
    view = table_of(driver)
    assert "column names" in view.search.placeholderText()
    assert names[30] not in in_sight(view)
    search_for(driver, view, "inc")
    assert view.model.rowCount() == 20  # no cell has the words: the rows stay
    assert names[30] in in_sight(view)
    (line,) = view.findChildren(NamedColumns)
    assert line.said == "No cell has “inc” in it, but the name of 1 column has:"
    assert [button.text() for button in line.findChildren(QToolButton)] == [names[30]]

    search_for(driver, view, "number 3")
    told = "No cell has “number 3” in it, but the name of 10 columns has:"
    assert line.said == told
    assert names[3] in in_sight(view)
    QTest.keyClick(view.search, Qt.Key.Key_Return)  # the next of them
    assert names[31] in in_sight(view)
    first = line.findChildren(QToolButton)[0]
    QTest.mouseClick(first, Qt.MouseButton.LeftButton)
    assert names[3] in in_sight(view)
    bold = [
        j
        for j in range(40)
        if view.model.headerData(j, Qt.Orientation.Horizontal, Qt.ItemDataRole.FontRole)
    ]
    assert bold == [3, *range(31, 40)]

    search_for(driver, view, "household income > 1")
    assert line.said == ""
    assert "Did you mean" in view.problem


def test_words_in_cells_and_in_names_show_rows_and_columns(driver: Driver) -> None:
    driver.open("sample:penguins")
    view = table_of(driver)
    search_for(driver, view, "is")  # in Biscoe, and in island
    (line,) = view.findChildren(NamedColumns)
    assert line.said == "The name of 1 column has “is” in it:"
    assert 0 < view.model.rowCount() < 344


def test_a_condition_that_cannot_be_met_says_why_and_keeps_the_rows(driver: Driver) -> None:
    driver.open("sample:penguins")
    view = table_of(driver)
    QTest.keyClicks(view.search, "bil = 3")
    QTest.keyClick(view.search, Qt.Key.Key_Return)
    settle(driver, view)
    assert "There is no column 'bil'" in view.problem
    assert view.problem.endswith("Below, all is as it was before.")
    assert view.model.rowCount() == 344
    for words in ("bill_length_mm > 900", "bil = 3"):
        view.search.selectAll()
        QTest.keyClicks(view.search, words)
        settle(driver, view)
    assert view.model.rowCount() == 0  # of which nothing is to be said
    assert "There is no column 'bil'" in view.problem
    assert "Below" not in view.problem
    view.search.clear()
    settle(driver, view)
    assert view.problem == ""


def test_chosen_rows_are_copied_as_spreadsheets_take_them(driver: Driver, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("name,x\nb,30000.125\na,1\nc,2\n")
    driver.open(path)
    view = table_of(driver)
    view.table.setFocus()
    view.table.selectRow(0)
    QTest.keyClick(view.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "name\tx\nb\t30000.125"


def copy(driver: Driver, view: TableView) -> str:
    view.table.setFocus()
    QTest.keyClick(view.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    settle(driver, view)
    return QGuiApplication.clipboard().text()


def test_as_many_rows_as_there_are_for_a_spreadsheet_are_copied(
    driver: Driver, tmp_path: Path
) -> None:
    path = tmp_path / "many.csv"
    lines = [f"{i % 7}.5,{i * i % 11}.25" for i in range(5_000)]
    path.write_text("\n".join(["a,b", *lines]) + "\n")
    driver.open(path)
    view = table_of(driver)
    QTest.keyClicks(view.search, "a > 2 and a < 5")
    QTest.keyClick(view.search, Qt.Key.Key_Return)
    settle(driver, view)
    view.table.selectAll()
    kept = [line.replace(",", "\t") for line in lines if line[0] in "234"]
    assert copy(driver, view).split("\n") == ["a\tb", *kept]
    assert view.table.n_chosen == len(kept)
    assert view.problem == ""


def test_too_many_rows_to_copy_are_refused(driver: Driver) -> None:
    driver.open("sample:penguins")
    view = table_of(driver)
    n_fields = len(view.model.fields)
    view.model.show_rows(view.model.fields, 2_000_000, None)
    QGuiApplication.clipboard().setText("before")
    view.table.selectAll()
    assert view.table.n_chosen == 2_000_000
    assert copy(driver, view) == "before"
    assert f"2,000,000 rows of {n_fields} columns are too many to copy." in view.problem
    view.table.clearSelection()
    view.table.selectRow(0)
    assert copy(driver, view).count("\n") == 1
    assert view.problem == ""


def test_only_the_kind_of_rows_that_is_chosen(driver: Driver) -> None:
    driver.open("sample:penguins")
    driver.document.change_settings("three", k_min=3, k_max=3)
    driver.find()
    view = table_of(driver)
    analysis = driver.document.analysis
    assert analysis is not None
    for kind, expected in (
        ("left out", analysis.prepared.n_left_out),
        ("used", len(analysis.prepared.rows)),
        ("outliers", int(analysis.rows.outliers(0.001).sum())),
        ("unsure", int((analysis.rows.probability < 0.795).sum())),
    ):
        view.kind.setCurrentIndex(view.kind.findData(kind))
        settle(driver, view)
        assert view.model.rowCount() == expected


def test_another_table_starts_anew(driver: Driver, tmp_path: Path) -> None:
    driver.open("sample:penguins")
    view = table_of(driver)
    QTest.keyClicks(view.search, "Biscoe")
    path = tmp_path / "x.csv"
    path.write_text("name,x\nb,3\na,1\nc,2\n")
    driver.open(path)
    settle(driver, view)
    assert view.search.text() == ""
    assert column(view, "name") == ["b", "a", "c"]


def test_columns_have_room_for_what_is_in_sight(driver: Driver) -> None:
    driver.open("sample:penguins")
    driver.document.change_settings("three", k_min=3, k_max=3)
    driver.find()
    view = table_of(driver)
    for section, field in enumerate(view.model.fields):
        needed = QTableView.sizeHintForColumn(view.table, section)  # as Qt measures
        needed = min(needed, 260)  # long texts are cut
        assert needed <= view.table.columnWidth(section) <= needed + 120, field.name


def test_a_table_without_height_is_not_measured_to_its_end(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.csv"
    path.write_text("x,y\n" + "".join(f"{i}.5,{i % 7}.25\n" for i in range(3_000)))
    driver.open(path)
    view = table_of(driver)
    view.table.setFixedHeight(view.table.horizontalHeader().height())
    driver.qtbot.waitUntil(lambda: view.table.viewport().height() <= 0)
    data = RowsModel.data
    lines: set[int] = set()

    def counted(model: RowsModel, index: QModelIndex, role: int = 0) -> object:
        lines.add(index.row())
        return data(model, index, role)

    monkeypatch.setattr(RowsModel, "data", counted)
    view.table.resizeColumnsToContents()
    assert 0 < len(lines) < 500


def test_where_no_row_is_found_it_is_said_what_to_do(driver: Driver, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("name,x\n" + "".join(f"a{i},{i % 7}.5\n" for i in range(60)))
    driver.open(path)
    view = table_of(driver)
    driver.qtbot.keyClicks(view.search, "x > 900")
    driver.qtbot.waitUntil(lambda: not view.is_busy and view.model.rowCount() == 0)
    assert view.problem.startswith("No row meets this condition")
    view.search.clear()
    driver.qtbot.waitUntil(lambda: not view.is_busy and view.model.rowCount() == 60)
    assert view.problem == ""
    driver.find()
    view.kind.setFocus()
    driver.qtbot.keyClick(view.kind, Qt.Key.Key_End)
    driver.qtbot.waitUntil(lambda: not view.is_busy and view.model.rowCount() == 0)
    assert view.problem == (
        "There are none of these: Rows that were left out. Show all rows instead."
    )
