"""How rows are written as text: as most programs expect it, or as they stood in the input."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QRadioButton, QVBoxLayout, QWidget

from gmmdesk.ui import theme
from gmmdesk.ui.widgets import secondary

if TYPE_CHECKING:
    from gmmdesk.data.dataset import Receipt

_KEY = "export_as_input"  # the last choice, with which the next one begins


class DialectDialog(QDialog):
    """A choice of two; `usual` is the delimiter of the format that was chosen.

    `has_units` says that a row of units stands below the header of the input.

    The dialogs of operating systems that ask for a file have no room for it.
    """

    help_page = "exporting"

    def __init__(
        self, name: str, usual: str, receipt: Receipt, parent: QWidget, *, has_units: bool = False
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"How to write {name}")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self._as_input = QRadioButton(
            f"As in the &input: {_told(receipt.delimiter, receipt.decimal or '.')}"
        )
        self._usual = QRadioButton(f"As &most programs expect it: {_told(usual, '.')}")
        as_last_time = QSettings().value(_KEY, True, type=bool)
        (self._as_input if as_last_time else self._usual).setChecked(True)
        buttons = QDialogButtonBox()
        export = buttons.addButton("Export", QDialogButtonBox.ButtonRole.AcceptRole)
        export.setDefault(True)
        buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setSpacing(theme.SPACE)
        for choice, said in (
            (
                self._as_input,
                "Numbers in the style of the file, such as 8,1, stay so."
                + " So does the row of units below the header." * has_units,
            ),
            (
                self._usual,
                "Numbers in another style, such as 8,1, become 8.1."
                + " There is no row of units." * has_units,
            ),
        ):
            layout.addWidget(choice)
            hint = secondary(said)
            hint.setContentsMargins(3 * theme.SPACE, 0, 0, 0)
            layout.addWidget(hint)
        layout.addWidget(buttons)

    @property
    def as_input(self) -> bool:
        return self._as_input.isChecked()

    def accept(self) -> None:
        QSettings().setValue(_KEY, self.as_input)
        super().accept()


def _told(delimiter: str, decimal: str) -> str:
    from gmmdesk.data.options import DECIMALS, DELIMITERS

    quoted = f"\N{LEFT DOUBLE QUOTATION MARK}{delimiter}\N{RIGHT DOUBLE QUOTATION MARK}"
    return f"{DELIMITERS.get(delimiter, quoted)} between cells, decimal {DECIMALS[decimal]}"
