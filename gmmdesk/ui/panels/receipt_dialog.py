"""The import receipt in a window of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QGridLayout,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from gmmdesk.export.provenance import reading_facts
from gmmdesk.text import sentence_case
from gmmdesk.ui import theme
from gmmdesk.ui.panels.unreadable_page import UnreadablePage, cells_table
from gmmdesk.ui.tables.cells_model import CellsModel
from gmmdesk.ui.text import count, plain_tip
from gmmdesk.ui.widgets import heading, scrolled, secondary

if TYPE_CHECKING:
    from gmmdesk.data.dataset import Column, Dataset

_SHOWN_CELLS = 5
_HEADINGS = ("Column", "Kind", "Missing", "Unreadable", "Remarks")


class ReceiptDialog(QDialog):
    """Facts and how they were settled, the columns, cells as they were read, and the rest."""

    help_page = "opening"

    def __init__(self, dataset: Dataset, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        from gmmdesk.data.receipt import unreadable_cells

        self.setWindowTitle(f"How “{dataset.name}” was read")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(900, 600)
        receipt = dataset.receipt
        place = dataset.places.what if dataset.places is not None else ""
        unreadable = list(unreadable_cells(dataset))
        self._unreadable = UnreadablePage(unreadable, place, dataset)
        tabs = QTabWidget()
        tabs.addTab(scrolled(_facts_page(dataset)), "How it was read")
        tabs.addTab(_columns_table(dataset), "Columns")
        tabs.addTab(_sample_page(dataset, place), "Sample of cells")
        tabs.addTab(self._unreadable, f"Unreadable cells ({len(unreadable):,})")
        n_notes = len(receipt.questions) + len(receipt.notes)
        tabs.addTab(scrolled(_notes_page(dataset)), f"Questions and notes ({n_notes})")
        tabs.tabBar().setAccessibleName("Parts of the receipt")

        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setSpacing(theme.SPACE)
        layout.addWidget(tabs, 1)
        layout.addWidget(buttons)


def _facts_page(dataset: Dataset) -> QWidget:
    page = QWidget()
    form = QFormLayout()
    form.setHorizontalSpacing(2 * theme.SPACE)
    for what, value in _facts(dataset):
        form.addRow(secondary(what), _selectable(value))
    layout = QVBoxLayout(page)
    layout.addLayout(form)
    findings = dataset.receipt.findings
    if findings:
        grid = QGridLayout()
        grid.setHorizontalSpacing(2 * theme.SPACE)
        grid.setColumnStretch(2, 1)
        for i, finding in enumerate(findings):
            reason = f"{sentence_case(finding.reason)}."
            grid.addWidget(secondary(finding.what), i, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(_selectable(finding.value), i, 1, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(_selectable(reason), i, 2)
        layout.addSpacing(theme.SPACE)
        layout.addWidget(heading("What was settled, and why"))
        layout.addLayout(grid)
    layout.addStretch()
    return page


def _columns_table(dataset: Dataset) -> QTableWidget:
    table = QTableWidget(len(dataset.columns), len(_HEADINGS))
    table.setHorizontalHeaderLabels(list(_HEADINGS))
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setAlternatingRowColors(True)
    table.setShowGrid(False)
    table.verticalHeader().hide()
    table.setAccessibleName("Columns of the file")
    for i, column in enumerate(dataset.columns):
        for j, text in enumerate(_line(column, dataset)):
            item = QTableWidgetItem(text)
            item.setToolTip(plain_tip(text))
            if j in (2, 3):
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            table.setItem(i, j, item)
    table.resizeColumnsToContents()
    table.setColumnWidth(0, min(table.columnWidth(0), 260))
    table.horizontalHeader().setSectionResizeMode(4, QHeaderView.ResizeMode.Stretch)
    return table


def _sample_page(dataset: Dataset, place: str) -> QWidget:
    page = QWidget()
    layout = QVBoxLayout(page)
    layout.addWidget(secondary("Some cells as their text stands in the file, and what it means."))
    model = CellsModel(dataset.receipt.cells, place, with_values=True)
    layout.addWidget(cells_table(model, "Sample of cells", page), 1)
    return page


def _notes_page(dataset: Dataset) -> QWidget:
    page = QWidget()
    layout = QVBoxLayout(page)
    receipt = dataset.receipt
    for title, sentences in (
        ("Questions still open", [question.text for question in receipt.questions]),
        ("Notes", receipt.notes),
    ):
        if sentences:
            layout.addWidget(heading(title))
            layout.addWidget(_selectable("\n".join(f"• {sentence}" for sentence in sentences)))
    if not receipt.questions and not receipt.notes:
        layout.addWidget(secondary("Nothing had to be asked or resolved."))
    layout.addStretch()
    return page


def _selectable(text: str) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setWordWrap(True)
    return label


def _facts(dataset: Dataset) -> list[tuple[str, str]]:
    receipt = dataset.receipt
    size = (
        f"{count(dataset.n_rows, 'row')} × {count(len(dataset.columns), 'column')}, "
        f"{count(receipt.n_bytes, 'byte')}"
    )
    found = {finding.what for finding in receipt.findings}  # said with the reason
    return [
        ("File", str(dataset.path or receipt.source)),
        ("Size", size),
        *((what, value) for what, value in reading_facts(receipt) if what not in found),
    ]


def _line(column: Column, dataset: Dataset) -> tuple[str, ...]:
    remarks = [column.label] if column.label else []
    if column.reason:
        remarks.append(f"not suggested: {column.reason}")
    if len(column.unreadable):
        shown = [
            f"row {dataset.number_of(int(row)):,}: “{column.cells[int(row)].as_py()}”"
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
