"""Everything that can be chosen about the reading of a file, but the kinds of its columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFormLayout, QLineEdit, QWidget

from gmmdesk.data import options as reading
from gmmdesk.data.options import ReadOptions
from gmmdesk.ui import theme
from gmmdesk.ui.importing.controls import Choice, Control, Number
from gmmdesk.ui.widgets import SeedBox, combo_box, spin_box

if TYPE_CHECKING:
    from gmmdesk.data.dataset import Dataset

# Choices that make other columns of the file, or give them other names.
LAYOUT = ("sheet", "cell_range", "encoding", "delimiter", "quote", "skip_rows", "header_rows")
_ENCODINGS = (
    ("utf-8", "UTF-8"),
    ("utf-16", "UTF-16"),
    ("cp1252", "Western (Windows-1252)"),
    ("latin-1", "Western (Latin-1)"),
    ("iso8859-15", "Western with € (Latin-9)"),
    ("mac-roman", "Western (old Macintosh)"),
    ("cp850", "Western (DOS)"),
    ("cp1250", "Central European (Windows-1250)"),
    ("cp1251", "Cyrillic (Windows-1251)"),
    ("koi8-r", "Cyrillic (KOI8-R)"),
    ("cp1253", "Greek (Windows-1253)"),
    ("cp1254", "Turkish (Windows-1254)"),
    ("shift_jis", "Japanese (Shift JIS)"),
    ("gb18030", "Chinese (GB 18030)"),
    ("big5", "Chinese (Big5)"),
    ("euc_kr", "Korean (EUC-KR)"),
)
_ORDERS = {
    "day-first": "Day, month, year",
    "month-first": "Month, day, year",
    "year-first": "Year, month, day",
}
# Found where nothing tells otherwise.
_USUAL = {"quote": 'double (")', "skip_rows": "0", "units_row": "none", "thousands": "none"}
_QUOTES = {'"': 'Double (")', "'": "Single (')", "": "None"}
_PARTS = (("", "All"), ("row_limit", "The first ones"), ("sample_rows", "Drawn at random"))


def _named(marks: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (mark, f"{name.capitalize()} ({mark})" if mark.strip() else name.capitalize())
        for mark, name in marks.items()
    )


class ReadingForm(QWidget):
    """One line for each choice that makes sense for the file.

    Signals: `changed(bool)` by the user, with whether the columns may now be others.
    """

    changed = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self._layout = QFormLayout(self)
        self._layout.setContentsMargins(0, 0, theme.SPACE, 0)
        self._layout.setVerticalSpacing(theme.SPACE)
        self._layout.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        self._controls: dict[str, Control] = {}
        add = self._add
        add("sheet", "Sheet", Choice("Sheet", "The sheet of the workbook to read", ()))
        self._range = _line_edit(
            "Range of cells", "The part of the sheet to read, such as B3:F200 or B:F", "All cells"
        )
        self._layout.addRow("Cells", self._range)
        self._range.editingFinished.connect(lambda: self._on_edited(self._range, True))
        tip = "How letters are stored in the file (its character encoding)"
        add("encoding", "Encoding", Choice("Encoding", tip, _ENCODINGS))
        tip = "What stands between two cells of a line"
        add("delimiter", "Delimiter", Choice("Delimiter", tip, _named(reading.DELIMITERS)))
        tip = "What stands around cells that hold the delimiter"
        add("quote", "Quotation mark", Choice("Quotation mark", tip, tuple(_QUOTES.items())))
        tip = "Lines above the table that are none of its rows, such as titles"
        add("skip_rows", "Rows to skip", Number("Rows to skip", tip, reading.MOST_SKIPPED))
        tip = "Rows with the columns' names: 0 where there are none; several are joined"
        add("header_rows", "Header rows", Number("Header rows", tip, reading.MOST_HEADER_ROWS))
        tip = "Whether the row below the header holds units, such as cm"
        units = ((True, "Below the header"), (False, "None"))
        add("units_row", "Row of units", Choice("Row of units", tip, units))
        tip = "What stands in front of the fraction of a number"
        add("decimal", "Decimal mark", Choice("Decimal mark", tip, _named(reading.DECIMALS)))
        tip = "What stands between groups of three digits"
        add("thousands", "Thousands", Choice("Thousands", tip, _named(reading.THOUSANDS)))
        tip = "Which number of a date comes first"
        add("date_order", "Dates", Choice("Dates", tip, tuple(_ORDERS.items())))
        self._words = _line_edit(
            "Words for missing values",
            "Words that stand where a value is missing, with commas between: -999, n/v",
            "Besides NA, null, …",
        )
        self._layout.addRow("Missing values", self._words)
        self._words.editingFinished.connect(lambda: self._on_edited(self._words, False))
        self._add_rows()
        self._seen = {self._range: "", self._words: ""}

    def _add(self, field: str, label: str, control: Control) -> None:
        self._controls[field] = control
        self._layout.addRow(label, control)
        control.changed.connect(lambda: self.changed.emit(field in LAYOUT))

    def _add_rows(self) -> None:
        self._part = combo_box("Rows", "Which rows of the file to read", _PARTS)
        self._n_rows = spin_box(1, reading.MOST_ROWS, "Number of rows", "How many rows to read")
        self._n_rows.setGroupSeparatorShown(True)
        self._n_rows.setValue(10_000)
        self._seed = SeedBox("The same seed draws the same rows again")
        self._layout.addRow("Rows", self._part)
        self._layout.addRow("Number of rows", self._n_rows)
        self._layout.addRow("Seed", self._seed)
        self._part.activated.connect(self._on_rows_changed)
        for spin in (self._n_rows, self._seed):
            spin.valueChanged.connect(self._on_rows_changed)
        self._show_rows()

    def _on_rows_changed(self) -> None:
        self._show_rows()
        self.changed.emit(False)

    def _show_rows(self) -> None:
        part = self._part.currentData()
        self._layout.setRowVisible(self._n_rows, bool(part))
        self._layout.setRowVisible(self._seed, part == "sample_rows")

    def _on_edited(self, edit: QLineEdit, layout: bool) -> None:
        if edit.text() != self._seen[edit]:  # else the focus has left it, and no more
            self._seen[edit] = edit.text()
            self.changed.emit(layout)

    # -- the choices -------------------------------------------------------------------------

    def options(self) -> ReadOptions:
        """What is chosen; raises UsageError for what cannot be."""
        chosen: dict[str, Any] = {field: c.value for field, c in self._controls.items()}
        chosen["cell_range"] = self._range.text().strip() or None
        words = (word.strip() for word in self._words.text().split(","))
        chosen["missing_words"] = tuple(word for word in words if word)
        part = self._part.currentData()
        if part:
            chosen[part] = self._n_rows.value()
        if part == "sample_rows":
            chosen["sample_seed"] = self._seed.value()
        return ReadOptions(**chosen)

    def set_options(self, options: ReadOptions) -> None:
        """Show choices."""
        for field, control in self._controls.items():
            control.set_value(getattr(options, field))
        self._range.setText(options.cell_range or "")
        self._words.setText(", ".join(options.missing_words))
        self._seen = {edit: edit.text() for edit in self._seen}
        part = "sample_rows" if options.sample_rows else "row_limit" if options.row_limit else ""
        self._part.setCurrentIndex([value for value, _ in _PARTS].index(part))
        for spin, value in ((self._n_rows, options.most_rows), (self._seed, options.sample_seed)):
            if value is not None:
                blocked = spin.blockSignals(True)
                spin.setValue(value)
                spin.blockSignals(blocked)
        self._show_rows()

    def choose_missing(self, word: str, is_missing: bool) -> None:
        """Let a word stand for a missing value or not, as if the user had typed it here."""
        words = [
            one for one in map(str.strip, self._words.text().split(",")) if one and one != word
        ]
        self._words.setText(", ".join([*words, *[word] * is_missing]))
        self._seen[self._words] = self._words.text()
        self.changed.emit(False)

    def choose(self, field: str, value: object) -> None:
        """Decide one choice, as if the user had done it here."""
        self._controls[field].set_value(value)
        self.changed.emit(field in LAYOUT)

    # -- what is found -----------------------------------------------------------------------

    def show_found(self, dataset: Dataset) -> None:
        """Say what was found out, and offer only what makes sense for such a file."""
        from gmmdesk.data.readers import options_of

        receipt = dataset.receipt
        found = {f.option: f for f in receipt.findings if not f.chosen}
        chosen = set(dataset.options.chosen())
        sheets = self._controls["sheet"]
        assert isinstance(sheets, Choice)
        sheets.set_choices([(sheet, sheet) for sheet in receipt.sheets])
        for field, control in self._controls.items():
            finding = found.get(field)
            if finding is not None:
                control.show_found(finding.value, finding.reason)
            elif field == "sheet" and field not in chosen:
                control.show_found(receipt.sheet, "the first one that holds a table")
            elif field not in chosen:
                is_open = any(q.option == field for q in receipt.questions)
                control.show_found("" if is_open else _USUAL.get(field, ""), "")
        fitting = options_of(receipt.format)
        for field, control in self._controls.items():
            if field in reading.OF_SOME:
                self._layout.setRowVisible(control, field in fitting)
        self._layout.setRowVisible(self._range, "cell_range" in fitting)


def _line_edit(name: str, tip: str, hint: str) -> QLineEdit:
    edit = QLineEdit()
    edit.setAccessibleName(name)
    edit.setToolTip(tip)
    edit.setPlaceholderText(hint)
    return edit
