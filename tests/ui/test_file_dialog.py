from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QWidget

from gmmdesk.ui.file_dialog import SaveDialog

ENDINGS = {"Workbook (*.xlsx)": ".xlsx", "Rows (*.csv)": ".csv"}


def asked(qtbot, monkeypatch, folder: Path, typed: str, chosen: str) -> Path | None:
    """What a save dialog says once `typed` was accepted, its format `chosen` at the end."""
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = SaveDialog(parent, "Save", folder, ENDINGS, name="a.xlsx", help_page="exporting")
    dialog.selectNameFilter(chosen)
    monkeypatch.setattr(QFileDialog, "exec", lambda _: QFileDialog.DialogCode.Accepted)
    monkeypatch.setattr(QFileDialog, "selectedFiles", lambda _: [str(folder / typed)])
    return dialog.ask()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("groups", "groups.csv"),
        ("groups.XLSX", "groups.XLSX"),
        ("survey v1.0", "survey v1.0.csv"),
        ("groups.doc", "groups.doc.csv"),
    ],
)
def test_a_name_without_an_ending_gets_that_of_the_format(
    qtbot, monkeypatch, tmp_path, typed, meant
):
    assert asked(qtbot, monkeypatch, tmp_path, typed, "Rows (*.csv)") == tmp_path / meant


def test_dialogs_that_tell_no_format_before_they_are_shown_begin_with_the_first(
    qtbot, monkeypatch, tmp_path
):
    """As those of operating systems do."""
    monkeypatch.setattr(QFileDialog, "selectedNameFilter", lambda _: "")
    assert asked(qtbot, monkeypatch, tmp_path, "groups", "") == tmp_path / "groups.xlsx"
