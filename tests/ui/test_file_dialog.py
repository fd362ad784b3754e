from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

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


@pytest.mark.parametrize("answer", ["Yes", "No"])
def test_a_file_whose_name_the_ending_makes_is_replaced_only_where_the_user_says_so(
    qtbot, monkeypatch, tmp_path, answer
):
    """The dialog has asked about the name as it was typed."""
    there = tmp_path / "survey v1.0.csv"
    there.touch()
    said = []

    def exec_(box):
        said.append(box.text())
        return QMessageBox.StandardButton[answer]

    monkeypatch.setattr(QMessageBox, "exec", exec_)
    path = asked(qtbot, monkeypatch, tmp_path, "survey v1.0", "Rows (*.csv)")
    assert said == ["survey v1.0.csv is there already. Replace it?"]
    assert path == (there if answer == "Yes" else None)
