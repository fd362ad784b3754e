"""How a file was read, in the words of the exports."""

from __future__ import annotations

from PySide6.QtWidgets import QFormLayout, QTableWidget

from gmmdesk.data.readers import read
from gmmdesk.ui.panels.receipt_dialog import ReceiptDialog


def test_facts_and_remarks(qtbot, tmp_path):
    path = tmp_path / "things.csv"
    path.write_text("a;b;c\n" + "".join(f"{i},5;{i * i % 7};4\n" for i in range(30)) + "x;1;4\n")
    dialog = ReceiptDialog(read(path))
    qtbot.addWidget(dialog)
    form = dialog.findChild(QFormLayout)
    facts = {}
    for i in range(form.rowCount()):
        what, value = (
            form.itemAt(i, role).widget().text()
            for role in (QFormLayout.ItemRole.LabelRole, QFormLayout.ItemRole.FieldRole)
        )
        facts[what] = value
    assert facts["File"] == str(path)
    assert facts["Delimiter"] == "semicolon"
    assert facts["Decimal mark"] == "comma"
    assert facts["Size"].startswith("31 rows × 3 columns, ")
    table = dialog.findChild(QTableWidget)
    remarks = [table.item(i, 4).text() for i in range(3)]
    assert remarks == ["unreadable in row 31: “x”", "", "not suggested: one value only: 4"]
