"""A small form for each kind of step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QRadioButton,
    QWidget,
)

from gmmdesk.data.conditions import PRESENCE
from gmmdesk.data.limits import MAX_COLUMNS
from gmmdesk.data.steps import (
    DropColumn,
    HoldOut,
    Indicators,
    LeaveOutRows,
    LeaveOutWhere,
    Logarithm,
    Power,
    PrincipalComponents,
    Step,
)
from gmmdesk.data.steps.words import parse_rows, rows_text, typed_value, value_text
from gmmdesk.errors import UsageError
from gmmdesk.ui.help.glossary import tip
from gmmdesk.ui.panels.advanced_settings import GeneralSpinBox
from gmmdesk.ui.panels.look import Columns
from gmmdesk.ui.widgets import SeedBox, combo_box, spin_box

_OPERATORS = (
    ("=", "is"),
    ("!=", "is not"),
    ("<", "is less than"),
    ("<=", "is at most"),
    (">", "is more than"),
    (">=", "is at least"),
    ("contains", "contains"),
    ("is-empty", "is empty"),
    ("is-not-empty", "is not empty"),
)
_POWERS = (
    ("yeo-johnson", "Any numbers (Yeo-Johnson)"),
    ("box-cox", "Positive numbers (Box-Cox)"),
)


class Editor(QWidget):
    """A form in which a step is filled in.

    Signal: `changed`, when another step would be made.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.form = QFormLayout(self)
        self.form.setContentsMargins(0, 0, 0, 0)

    def _line(self, name: str, tip: str, text: str, hint: str = "") -> QLineEdit:
        line = QLineEdit(text)
        line.setAccessibleName(name)
        line.setToolTip(tip)
        line.setPlaceholderText(hint)
        line.textChanged.connect(self.changed)
        self.form.addRow(name, line)
        return line

    def _reason(self, text: str) -> QLineEdit:
        return self._line(
            "Reason", "Kept with the result, so that others know why", text, "optional, kept"
        )

    def _combo(
        self, name: str, tip: str, options: Sequence[tuple[str, str]], chosen: str
    ) -> QComboBox:
        combo = combo_box(name, tip, options)
        combo.setCurrentIndex(max(0, combo.findData(chosen)))
        combo.currentIndexChanged.connect(self.changed)
        self.form.addRow(name, combo)
        return combo

    def _column(self, tip: str, names: Sequence[str], chosen: str) -> QComboBox:
        names = names if not chosen or chosen in names else (*names, chosen)
        return self._combo("Column", tip, [(name, name) for name in names], chosen)

    def _chosen(self, columns: QComboBox) -> str:
        if columns.currentIndex() < 0:
            raise UsageError("There is no column to choose.", "Tick one in the list of columns.")
        return str(columns.currentData())


class ConditionEditor(Editor):
    def __init__(self, step: LeaveOutWhere | None, columns: Columns) -> None:
        super().__init__()
        chosen = step.column if step is not None else next(iter(columns.used), "")
        self._name = self._column("The column that decides", columns.every, chosen)
        operator = step.operator if step is not None else ">"
        self._operator = self._combo("", "How its cells are compared", _OPERATORS, operator)
        self._operator.setAccessibleName("Condition")
        self._before = None if step is None else step.value
        value = "" if self._before is None else value_text(self._before)
        self._value = self._line(
            "Value", "A number, a date such as 2024-05-31, or a text", value, "number or text"
        )
        self._why = self._reason(step.reason if step is not None else "")
        self._operator.currentIndexChanged.connect(self._on_operator_changed)
        self._on_operator_changed()

    def _on_operator_changed(self) -> None:
        self._value.setEnabled(self._operator.currentData() not in PRESENCE)

    def step(self) -> Step:
        text, operator = self._value.text().strip(), self._operator.currentData()
        return LeaveOutWhere(
            column=self._chosen(self._name),
            operator=operator,
            value=self._compared(text) if text and operator not in PRESENCE else None,
            reason=self._why.text().strip(),
        )

    def _compared(self, text: str) -> float | str:
        before = self._before
        return before if before is not None and text == value_text(before) else typed_value(text)


class RowsEditor(Editor):
    def __init__(self, step: LeaveOutRows | None, _columns: Columns) -> None:
        super().__init__()
        rows = rows_text(step.rows) if step is not None else ""
        self._rows = self._line(
            "Rows", "Their numbers, counted from 1 below the header", rows, "3, 7, 10-12"
        )
        self._why = self._reason(step.reason if step is not None else "")

    def step(self) -> Step:
        return LeaveOutRows(rows=parse_rows(self._rows.text()), reason=self._why.text().strip())


class DropEditor(Editor):
    def __init__(self, step: DropColumn | None, columns: Columns) -> None:
        super().__init__()
        chosen = step.column if step is not None else ""
        self._name = self._column("The column to do without", columns.used, chosen)
        self._why = self._reason(step.reason if step is not None else "")

    def step(self) -> Step:
        return DropColumn(column=self._chosen(self._name), reason=self._why.text().strip())


class _ColumnsEditor(Editor):
    """A form with a list of columns to tick."""

    def _tick_list(self, names: Sequence[str], ticked: Sequence[str]) -> None:
        self._list = QListWidget()
        self._list.setAccessibleName("Columns to transform")
        self._list.setToolTip("The columns that the step is for")
        for name in dict.fromkeys((*names, *ticked)):
            item = QListWidgetItem(name)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            on = name in ticked
            item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
            self._list.addItem(item)
        height = self._list.sizeHintForRow(0) * self._list.count() + 2 * self._list.frameWidth()
        self._list.setFixedHeight(min(max(height, 40), 180))
        self._list.itemChanged.connect(self.changed)
        self.form.addRow("Columns", self._list)

    def _ticked(self) -> tuple[str, ...]:
        items = (self._list.item(i) for i in range(self._list.count()))
        return tuple(item.text() for item in items if item.checkState() is Qt.CheckState.Checked)


class LogarithmEditor(_ColumnsEditor):
    def __init__(self, step: Logarithm | None, columns: Columns) -> None:
        super().__init__()
        self._tick_list(columns.used, step.columns if step is not None else ())
        self._shift = GeneralSpinBox()
        self._shift.setRange(-1e12, 1e12)
        self._shift.setDecimals(12)
        self._shift.setValue(step.shift if step is not None else 0.0)
        self._shift.setAccessibleName("Add first")
        self._shift.setToolTip(
            "Added before the logarithm is taken, which numbers of 0 and less do not have"
        )
        self._shift.valueChanged.connect(self.changed)
        self.form.addRow("Add first", self._shift)

    def step(self) -> Step:
        return Logarithm(columns=self._ticked(), shift=self._shift.value())


class PowerEditor(_ColumnsEditor):
    def __init__(self, step: Power | None, columns: Columns) -> None:
        super().__init__()
        self._tick_list(columns.used, step.columns if step is not None else ())
        method = step.method if step is not None else "yeo-johnson"
        self._method = self._combo("For", "Which numbers the columns hold", _POWERS, method)

    def step(self) -> Step:
        return Power(columns=self._ticked(), method=self._method.currentData())


class IndicatorsEditor(Editor):
    def __init__(self, step: Indicators | None, columns: Columns) -> None:
        super().__init__()
        chosen = step.column if step is not None else ""
        self._name = self._column(tip("Categories as columns"), columns.categories, chosen)

    def step(self) -> Step:
        return Indicators(column=self._chosen(self._name))


class ComponentsEditor(Editor):
    def __init__(self, step: PrincipalComponents | None, _columns: Columns) -> None:
        super().__init__()
        share = step.share if step is not None else 0.9
        self._by_share = QRadioButton("&Share of the variance")
        self._by_share.setToolTip("As many components as hold this much of all differences")
        self._by_number = QRadioButton("&Number")
        self._by_number.setToolTip("This many components")
        self._by_share.setChecked(share is not None)
        self._by_number.setChecked(share is None)
        self._share = _percent("Share of the variance", self._by_share.toolTip(), share or 0.9)
        self._number = spin_box(1, MAX_COLUMNS, "Number of components", self._by_number.toolTip())
        self._number.setValue((step.number if step is not None else None) or 2)
        for button, box in ((self._by_share, self._share), (self._by_number, self._number)):
            self.form.addRow(button, box)
            button.toggled.connect(box.setEnabled)
            box.setEnabled(button.isChecked())
            box.valueChanged.connect(self.changed)
        self._by_share.toggled.connect(self.changed)

    def step(self) -> Step:
        if self._by_share.isChecked():
            return PrincipalComponents(share=round(self._share.value() / 100, 12))
        return PrincipalComponents(number=self._number.value())


class HoldOutEditor(Editor):
    def __init__(self, step: HoldOut | None, _columns: Columns) -> None:
        super().__init__()
        about = "So many rows are kept from the fit, which is then judged on them"
        self._share = _percent("Share of the rows", about, step.share if step is not None else 0.2)
        self._share.setRange(0.1, 99.9)
        self._seed = SeedBox(tip("Seed"))
        self._seed.setValue(step.seed if step is not None else 0)
        for name, box in (("Share of the rows", self._share), ("Seed", self._seed)):
            self.form.addRow(name, box)
            box.valueChanged.connect(self.changed)

    def step(self) -> Step:
        return HoldOut(share=round(self._share.value() / 100, 12), seed=self._seed.value())


def _percent(name: str, tip: str, share: float) -> GeneralSpinBox:
    box = GeneralSpinBox()
    box.setRange(0.1, 100.0)
    box.setDecimals(10)
    box.setSuffix(" %")
    box.setValue(100 * share)
    box.setAccessibleName(name)
    box.setToolTip(tip)
    return box


# The `step()` of each is as it is filled in; it raises UsageError where that is none.
StepEditor = (
    ConditionEditor
    | RowsEditor
    | DropEditor
    | LogarithmEditor
    | PowerEditor
    | IndicatorsEditor
    | ComponentsEditor
    | HoldOutEditor
)


class Kind(NamedTuple):
    """A kind of step as the menu offers it."""

    name: str
    tip: str
    editor: Callable[..., StepEditor]


KINDS: dict[type, Kind] = {
    LeaveOutWhere: Kind(
        "Leave out rows by a &condition…", "Such as age is more than 90", ConditionEditor
    ),
    LeaveOutRows: Kind("Leave out rows by &hand…", "By their numbers", RowsEditor),
    DropColumn: Kind("&Do without a column…", "Such as one with many missing values", DropEditor),
    Logarithm: Kind("&Logarithm…", tip("Logarithm"), LogarithmEditor),
    Power: Kind("&Power…", tip("Box-Cox, Yeo-Johnson"), PowerEditor),
    Indicators: Kind("Ca&tegories as columns…", tip("Categories as columns"), IndicatorsEditor),
    PrincipalComponents: Kind(
        "Principal c&omponents…",
        tip("Principal components"),
        ComponentsEditor,
    ),
    HoldOut: Kind("Hold out &rows…", tip("Held-out rows"), HoldOutEditor),
}
