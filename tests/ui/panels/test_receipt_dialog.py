"""How a file was read, in the words of the exports, and every cell that was not."""

from __future__ import annotations

import csv

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QFormLayout,
    QLabel,
    QLineEdit,
    QMessageBox,
    QTableView,
    QTableWidget,
    QTabWidget,
)

from gmmdesk.data.readers import read
from gmmdesk.ui.panels import unreadable_page
from gmmdesk.ui.panels.receipt_dialog import ReceiptDialog


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "things.csv"
    lines = [f"{i},5;{'bad' if i % 10 == 3 else i * i % 7};4" for i in range(30)]
    path.write_text("a;b;c\n" + "\n".join([*lines, "x;1;4"]) + "\n")
    return path


@pytest.fixture
def dialog(qtbot, path):
    dialog = ReceiptDialog(read(path))
    qtbot.addWidget(dialog)
    return dialog


def table(dialog, name):
    (found,) = [t for t in dialog.findChildren(QTableView) if t.accessibleName() == name]
    model = found.model()
    return [
        [model.index(i, j).data() for j in range(model.columnCount())]
        for i in range(model.rowCount())
    ]


def test_facts_and_remarks(dialog, path):
    form = dialog.findChild(QFormLayout)
    facts = {}
    for i in range(form.rowCount()):
        what, value = (
            form.itemAt(i, role).widget().text()
            for role in (QFormLayout.ItemRole.LabelRole, QFormLayout.ItemRole.FieldRole)
        )
        facts[what] = value
    assert facts["File"] == str(path)
    assert facts["Size"].startswith("31 rows × 3 columns, ")
    columns = dialog.findChild(QTableWidget)
    remarks = [columns.item(i, 4).text() for i in range(3)]
    assert remarks == [
        "unreadable in row 31: “x”",
        "unreadable in row 4: “bad”, row 14: “bad”, row 24: “bad”",
        "not suggested: one value only: 4",
    ]


def test_what_was_found_has_a_reason(dialog):
    texts = [label.text() for label in dialog.findChildren(QLabel)]
    for what, value, reason in (
        ("Delimiter", "semicolon", "With it, and no other, every line has as many cells."),
        ("Decimal mark", "comma", "'0,5' in 'a' can only be read so."),
    ):
        assert texts[texts.index(what) :][1:3] == [value, reason]


def test_text_stands_beside_value(dialog):
    lines = table(dialog, "Sample of cells")
    assert ["1", "2", "a", "0,5", "0.5"] in lines
    assert ["1", "2", "b", "0", "0"] in lines
    assert ["31", "32", "a", "x", "–"] in lines


def test_unreadable_cells_are_listed_searched_and_saved(dialog, qtbot, tmp_path, monkeypatch):
    expected = [["31", "32", "a", "x"]]
    expected += [[str(row), str(row + 1), "b", "bad"] for row in (4, 14, 24)]
    assert table(dialog, "Unreadable cells") == expected
    tabs = dialog.findChild(QTabWidget)
    assert "Unreadable cells (4)" in [tabs.tabText(i) for i in range(tabs.count())]

    qtbot.keyClicks(dialog.findChild(QLineEdit), "BAD")
    assert len(table(dialog, "Unreadable cells")) == 3

    out = tmp_path / "out.csv"
    monkeypatch.setattr(unreadable_page.SaveDialog, "ask", lambda _: out)
    (save,) = [b for b in dialog.findChildren(QAbstractButton) if b.text() == "Export as CSV…"]
    qtbot.mouseClick(save, Qt.MouseButton.LeftButton)
    with out.open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file)) == [["row", "line", "column", "text"], *expected]


def test_a_list_that_cannot_be_saved_is_told(dialog, qtbot, tmp_path, monkeypatch):
    out = tmp_path / "absent" / "out.csv"
    monkeypatch.setattr(unreadable_page.SaveDialog, "ask", lambda _: out)
    (save,) = [b for b in dialog.findChildren(QAbstractButton) if b.text() == "Export as CSV…"]
    save.click()
    (box,) = dialog.findChildren(QMessageBox)
    assert "does not exist" in box.text()
    box.accept()
    qtbot.waitUntil(lambda: not dialog.findChildren(QMessageBox))
