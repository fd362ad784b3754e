"""The question where to save."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFileDialog, QPushButton, QRadioButton

from gmmdesk.ui.dialect_dialog import DialectDialog
from gmmdesk.ui.export_dialog import Target, choose_target


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("survey v1.0 (final) & co", "survey v1.0 (final) & co.xlsx"),
        ("groups", "groups.xlsx"),
        ("groups.CSV", "groups.CSV"),
        ("groups.doc", "groups.doc.xlsx"),
    ],
)
def test_what_is_no_ending_gets_one(driver, tmp_path, monkeypatch, typed, meant):
    path = tmp_path / "things.csv"
    path.write_text("a,b\n" + "".join(f"{i * i % 17},{i * 5 % 23}\n" for i in range(40)))
    driver.open(path)
    driver.document.change_settings("quick", k_min=2, k_max=2, models=("VVV",))
    driver.find()
    monkeypatch.setattr(QFileDialog, "exec", lambda _: QFileDialog.DialogCode.Accepted)
    monkeypatch.setattr(QFileDialog, "selectedFiles", lambda _: [str(tmp_path / typed)])
    monkeypatch.setattr(DialectDialog, "exec", lambda dialog: dialog.DialogCode.Accepted)
    monkeypatch.setattr(DialectDialog, "as_input", False)
    chosen = choose_target(driver.document.analysis, driver.window)
    assert chosen == Target(tmp_path / meant)


def test_it_starts_beside_the_input_with_a_workbook(driver, tmp_path, monkeypatch):
    path = tmp_path / "things.csv"
    path.write_text("a,b\n" + "".join(f"{i * i % 17},{i * 5 % 23}\n" for i in range(40)))
    driver.open(path)
    driver.document.change_settings("quick", k_min=2, k_max=2, models=("VVV",))
    driver.find()
    seen = {}

    def fake_exec(dialog):
        seen["files"] = dialog.selectedFiles()
        seen["filters"] = dialog.nameFilters()
        return QFileDialog.DialogCode.Accepted

    monkeypatch.setattr(QFileDialog, "exec", fake_exec)
    chosen = choose_target(driver.document.analysis, driver.window)
    assert chosen == Target(path.with_name("things clusters.xlsx"))
    assert "xlsx" in seen["filters"][0]
    driver.qtbot.waitUntil(lambda: not driver.window.findChildren(QFileDialog))


@pytest.mark.parametrize("as_input", [True, False])
def test_rows_are_written_as_in_the_input_or_as_usual(driver, tmp_path, monkeypatch, as_input):
    path = tmp_path / "things.csv"
    path.write_text("a;b\n" + "".join(f"{i * i % 17},50;{i * 5 % 23}\n" for i in range(40)))
    driver.open(path)
    driver.document.change_settings("quick", k_min=2, k_max=2, models=("VVV",))
    driver.find()
    out = tmp_path / "out.csv"
    monkeypatch.setattr(QFileDialog, "exec", lambda _: QFileDialog.DialogCode.Accepted)
    monkeypatch.setattr(QFileDialog, "selectedFiles", lambda _: [str(out)])
    asked = []

    def choose(dialog):
        dialog.show()
        choices = dialog.findChildren(QRadioButton)
        asked.append([(choice.text(), choice.isChecked()) for choice in choices])
        driver.qtbot.mouseClick(choices[not as_input], Qt.MouseButton.LeftButton, pos=QPoint(8, 8))
        (export,) = [b for b in dialog.findChildren(QPushButton) if b.text() == "Export"]
        driver.qtbot.mouseClick(export, Qt.MouseButton.LeftButton)
        return dialog.result()

    monkeypatch.setattr(DialectDialog, "exec", choose)
    driver.wait(driver.document.exported, driver.window.actions_.export.trigger)
    (((first, is_first), (second, _)),) = asked
    assert "semicolon between cells, decimal comma" in first
    assert "comma between cells, decimal point" in second
    assert is_first
    lines = out.read_text().splitlines()
    assert lines[1].startswith("0,50;0;" if as_input else "0.5,0,")
    mark = ";" if as_input else ","
    assert len(lines[1].split(mark)) == len(lines[0].split(mark))
    choose_target(driver.document.analysis, driver.window)
    assert asked[1][0][1] is as_input  # as the last time


def test_who_thinks_better_of_the_dialect_writes_nothing(driver, csv, monkeypatch):
    driver.open(csv)
    driver.document.change_settings("quick", k_min=2, k_max=2, models=("VVV",))
    driver.find()
    monkeypatch.setattr(QFileDialog, "exec", lambda _: QFileDialog.DialogCode.Accepted)
    monkeypatch.setattr(QFileDialog, "selectedFiles", lambda _: [str(csv.with_name("out.tsv"))])
    monkeypatch.setattr(DialectDialog, "exec", lambda _: QFileDialog.DialogCode.Rejected)
    assert choose_target(driver.document.analysis, driver.window) is None
