"""The import receipt: what was found in the file and how it was understood."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from gmmdesk.export.provenance import reading_facts
from gmmdesk.ui import theme
from gmmdesk.ui.text import count, plain_tip
from gmmdesk.ui.widgets import heading, secondary

if TYPE_CHECKING:
    from gmmdesk.data.dataset import Column, Dataset

_SHOWN_CELLS = 5
_HEADINGS = ("Column", "Kind", "Missing", "Unreadable", "Remarks")


class ReceiptDialog(QDialog):
    """Facts about the file, notes of what was resolved, and a line per column."""

    def __init__(self, dataset: Dataset, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"How “{dataset.name}” was read")
        self.resize(860, 560)
        form = QFormLayout()
        form.setHorizontalSpacing(2 * theme.SPACE)
        for what, value in _facts(dataset):
            label = QLabel(value)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            label.setWordWrap(True)
            form.addRow(secondary(what), label)

        table = QTableWidget(len(dataset.columns), len(_HEADINGS))
        table.setHorizontalHeaderLabels(list(_HEADINGS))
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setAlternatingRowColors(True)
        table.setShowGrid(False)
        table.verticalHeader().hide()
        table.setAccessibleName("Columns of the file")
        for i, column in enumerate(dataset.columns):
            for j, text in enumerate(_line(column)):
                item = QTableWidgetItem(text)
                item.setToolTip(plain_tip(text))
                if j in (2, 3):
                    item.setTextAlignment(
                        Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                    )
                table.setItem(i, j, item)
        table.resizeColumnsToContents()
        table.setColumnWidth(0, min(table.columnWidth(0), 260))
        table.horizontalHeader().setSectionResizeMode(4, QHeaderView.ResizeMode.Stretch)

        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setSpacing(theme.SPACE)
        layout.addLayout(form)
        if dataset.receipt.notes:
            layout.addWidget(heading("Notes"))
            notes = QLabel("\n".join(f"• {note}" for note in dataset.receipt.notes))
            notes.setTextFormat(Qt.TextFormat.PlainText)
            notes.setWordWrap(True)
            notes.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            layout.addWidget(notes)
        layout.addWidget(heading("Columns"))
        layout.addWidget(table, 1)
        layout.addWidget(buttons)


def _facts(dataset: Dataset) -> list[tuple[str, str]]:
    receipt = dataset.receipt
    size = (
        f"{count(dataset.n_rows, 'row')} × {count(len(dataset.columns), 'column')}, "
        f"{count(receipt.n_bytes, 'byte')}"
    )
    return [
        ("File", str(dataset.path or receipt.source)),
        ("Size", size),
        *reading_facts(receipt),
    ]


def _line(column: Column) -> tuple[str, ...]:
    remarks = [column.label] if column.label else []
    if column.reason:
        remarks.append(f"not suggested: {column.reason}")
    if len(column.unreadable):
        shown = [
            f"row {row + 1:,}: “{column.cells[int(row)].as_py()}”"
            for row in column.unreadable[:_SHOWN_CELLS]
        ]
        more = len(column.unreadable) - len(shown)
        remarks.append(
            "unreadable in " + ", ".join(shown) + (f" and {more:,} more" if more else "")
        )
    return (
        column.name,
        str(column.kind),
        f"{column.n_missing:,}",
        f"{len(column.unreadable):,}",
        "; ".join(remarks),
    )
