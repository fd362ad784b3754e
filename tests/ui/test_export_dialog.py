"""The question where to save."""

from __future__ import annotations

from PySide6.QtWidgets import QFileDialog

from gmmdesk.ui.export_dialog import choose_export_path


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
    chosen = choose_export_path(driver.document.analysis, driver.window)
    assert chosen == path.with_name("things clusters.xlsx")
    assert "xlsx" in seen["filters"][0]
    driver.qtbot.waitUntil(lambda: not driver.window.findChildren(QFileDialog))
