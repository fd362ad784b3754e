"""Step 1: which table, and how it was read."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gmmdesk.ui import theme
from gmmdesk.ui.document import Document
from gmmdesk.ui.panels.receipt_dialog import ReceiptDialog
from gmmdesk.ui.text import count, plain_tip
from gmmdesk.ui.widgets import Label, combo_box, heading, secondary, tool_button


class DataPanel(QWidget):
    """The file's name and size, what is missing in it, and the way to the import receipt."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._document = document
        self._name = Label(elided=Qt.TextElideMode.ElideMiddle)
        self._facts = secondary()
        self._sheet = combo_box("Sheet", "Which of the sheets, tables or files in this file to use")
        self._sheet.activated.connect(self._on_sheet_activated)
        self._receipt = tool_button(
            "How it was read",
            "Everything found while reading: columns, gaps, unreadable cells",
            "details",
        )
        self._receipt.clicked.connect(self._on_receipt_clicked)
        self._change = tool_button(
            "Change…",
            "Choose how the table is read: decimal mark, header rows, kinds of columns …",
        )
        self._change.setAccessibleName("Change how it was read")
        self._change.clicked.connect(self._on_change_clicked)
        self._recalled = secondary()
        self._anew = tool_button("Find all out", "Read it again without the choices made before")
        self._anew.clicked.connect(self._on_anew_clicked)

        header = QHBoxLayout()
        header.addWidget(heading("1  Data"))
        header.addStretch()
        header.addWidget(self._change)
        header.addWidget(self._receipt)
        recalled = QHBoxLayout()
        recalled.addWidget(self._recalled, 1)
        recalled.addWidget(self._anew, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE // 2)
        layout.addLayout(header)
        layout.addWidget(self._name)
        layout.addWidget(self._sheet)
        layout.addWidget(self._facts)
        layout.addLayout(recalled)
        document.dataset_changed.connect(self._show_dataset)
        document.file_work.ended.connect(self._show_sheet)
        self._show_dataset()

    def _show_dataset(self) -> None:
        dataset = self._document.dataset
        if dataset is None:
            return
        self._name.setText(dataset.path.name if dataset.path else dataset.name)
        self._name.setToolTip(plain_tip(str(dataset.path or dataset.receipt.source)))
        missing = sum(column.n_missing for column in dataset.columns)
        unreadable = sum(len(column.unreadable) for column in dataset.columns)
        rows, n_in_file = count(dataset.n_rows, "row"), dataset.receipt.rows_in_file
        if n_in_file is not None and n_in_file != dataset.n_rows:
            rows = f"{dataset.n_rows:,} of {count(n_in_file, 'row')}"
        facts = f"{rows} × {count(len(dataset.columns), 'column')}"
        if missing:
            facts += f", {count(missing, 'cell')} missing"
        if unreadable:
            facts += f", {unreadable:,} unreadable"
        self._facts.setText(facts)
        receipt = dataset.receipt
        self._sheet.setVisible(len(receipt.sheets) > 1)
        self._sheet.clear()
        self._sheet.addItems(list(receipt.sheets))
        self._show_sheet()
        self._show_recalled()

    def _show_recalled(self) -> None:
        """Whether earlier choices took part, or could not."""
        origin = self._document.origin
        recalled, unfit = origin is not None and origin.recalled, ""
        if origin is not None and origin.unfit:
            unfit = f"Not as you chose last time: {origin.unfit}"
        self._recalled.setText("Read as you chose last time." if recalled else unfit)
        self._recalled.setVisible(bool(recalled or unfit))
        self._anew.setVisible(recalled)
        self._change.setEnabled(origin is not None)

    def _show_sheet(self) -> None:
        """The sheet that is open, also after another one could not be."""
        dataset = self._document.dataset
        if dataset is not None:
            self._sheet.setCurrentText(dataset.receipt.sheet)

    def _on_sheet_activated(self, _index: int) -> None:
        from gmmdesk.data.options import ReadOptions

        dataset, sheet = self._document.dataset, self._sheet.currentText()
        origin = self._document.origin
        if dataset is not None and origin is not None and sheet != dataset.receipt.sheet:
            self._document.read(origin.source, ReadOptions(sheet=sheet))
            if not self._document.file_work.is_running:
                self._show_sheet()  # the user thought better of it

    def _on_receipt_clicked(self) -> None:
        if self._document.dataset is not None:
            ReceiptDialog(self._document.dataset, self.window()).open()

    def _on_change_clicked(self) -> None:
        from gmmdesk.ui.importing import ask_how_to_read

        origin = self._document.origin
        if origin is not None:
            ask_how_to_read(self._document, origin.source, origin.dataset, self.window())

    def _on_anew_clicked(self) -> None:
        from gmmdesk.data.options import FOUND_OUT

        origin = self._document.origin
        if origin is not None:
            self._document.read(origin.source, FOUND_OUT)
