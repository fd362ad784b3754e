"""The question where to save."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QFileDialog

from gmmdesk.ui.export_dialog import Target, choose_target


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("survey v1.0 (final) & co", "survey v1.0 (final) & co.xlsx"),
        ("groups", "groups.xlsx"),
        ("groups.CSV", "groups.CSV"),
        ("groups.doc", "groups.doc"),  # refused in words when it is written
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


def test_rows_can_be_written_as_in_the_input(driver, tmp_path, monkeypatch):
    path = tmp_path / "things.csv"
    path.write_text("a;b\n" + "".join(f"{i * i % 17},50;{i * 5 % 23}\n" for i in range(40)))
    driver.open(path)
    driver.document.change_settings("quick", k_min=2, k_max=2, models=("VVV",))
    driver.find()

    def choose_format(dialog):
        wanted = next(text for text in dialog.nameFilters() if "as in the input" in text)
        assert "semicolon between cells, decimal comma (*.csv)" in wanted
        dialog.selectNameFilter(wanted)
        dialog.filterSelected.emit(wanted)
        return QFileDialog.DialogCode.Accepted

    monkeypatch.setattr(QFileDialog, "exec", choose_format)
    chosen = choose_target(driver.document.analysis, driver.window)
    assert chosen == Target(tmp_path / "things clusters.csv", as_input=True)
    driver.wait(
        driver.document.exported, lambda: driver.document.export(chosen.path, as_input=True)
    )
    lines = chosen.path.read_text().splitlines()
    assert lines[1].startswith("0,50;0;")
    assert len(lines[1].split(";")) == len(lines[0].split(";"))
