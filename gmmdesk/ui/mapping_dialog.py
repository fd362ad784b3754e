"""Which column of a file stands for which column of the model, where names differ."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from PySide6.QtCore import QStringListModel, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from gmmdesk.analysis.matching import is_other_unit, is_same_but_for_marks, stated_unit
from gmmdesk.data.dataset import bare_unit
from gmmdesk.ui import theme
from gmmdesk.ui.text import count, plain_tip, shortened
from gmmdesk.ui.widgets import Label, ScrolledForm, Sign, combo_box, heading, secondary

if TYPE_CHECKING:
    from gmmdesk.analysis.fitted_model import FittedModel
    from gmmdesk.analysis.matching import Matching
    from gmmdesk.data.dataset import Dataset

_NONE = "Choose a column…"
_HEADINGS = ("The model asks for", "Unit", "In this file", "Unit", "How they match")
_UNITS = (1, 3)  # of the headings
_LEAST_WIDTH, _MOST_WIDTH = 640, 1160  # pixels of the dialog
_BESIDE_NAMES = 400  # pixels for all that stands beside the two names
_AROUND = 150  # pixels above and below the lines
_LINE = 34  # pixels
_MOST_HEIGHT = 620


class _Fit(Enum):
    """How a chosen column suits the one of the model; what it is called."""

    SAME = "Same name"
    SPELLING = "Other spelling"
    OTHER = "Other name"
    OPEN = "Nothing chosen"
    TWICE = "Chosen twice"
    WORDS = "Holds no numbers"

    @property
    def is_sure(self) -> bool:
        """Whether nobody needs to look at it."""
        return self in (_Fit.SAME, _Fit.SPELLING)

    @property
    def can_be(self) -> bool:
        """Whether the model can be applied to it."""
        return self.is_sure or self is _Fit.OTHER


class MappingDialog(QDialog):
    """A line for each column of the model, with what the file may have for it.

    What needs somebody to look at it has a sign, and words that say why.
    """

    help_page = "applying"

    def __init__(
        self,
        model: FittedModel,
        matching: Matching,
        dataset: Dataset,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"Columns of “{dataset.name}”")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._columns = {column.name: column for column in dataset.columns}
        self._of_numbers = frozenset(model.preparation.inputs)
        self._lines: dict[str, _Line] = {}
        form = QWidget()
        grid = QGridLayout(form)
        grid.setContentsMargins(0, 0, theme.SPACE, 0)
        grid.setHorizontalSpacing(2 * theme.SPACE)
        grid.setVerticalSpacing(theme.SPACE // 2)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(2, 1)
        has_units = bool(model.units) or any(column.unit for column in dataset.columns)
        for j, title in enumerate(_HEADINGS):
            if has_units or j not in _UNITS:
                grid.addWidget(heading(title), 0, j, 1, 2 if j == len(_HEADINGS) - 1 else 1)
        options = QStringListModel([_NONE, *self._columns], self)  # one for all: there may be many
        for i, name in enumerate(matching.columns, start=1):
            line = _Line(name, model.units.get(name, ""), options)
            proposed = matching.found.get(name) or matching.suggested.get(name) or _NONE
            line.choose(proposed)
            line.choice.currentIndexChanged.connect(self._update)
            for j, widget in enumerate(line.widgets):
                if has_units or j not in _UNITS:
                    grid.addWidget(widget, i, j)
            self._lines[name] = line
        grid.setRowStretch(len(matching.columns) + 1, 1)

        self._asked = secondary()
        self._problem = secondary()
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.apply_button: QPushButton = buttons.addButton(
            "&Apply", QDialogButtonBox.ButtonRole.AcceptRole
        )
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setSpacing(theme.SPACE)
        layout.addWidget(self._asked)
        layout.addWidget(ScrolledForm(form), 1)
        layout.addWidget(self._problem)
        layout.addWidget(buttons)
        self._update()
        self._fit_size()
        self._begin_where_to_look()

    def mapping(self) -> dict[str, str]:
        """The file's columns by those of the model, as they are chosen."""
        return {name: line.choice.currentText() for name, line in self._lines.items()}

    def _fit_size(self) -> None:
        """Room for the longest names, as far as there is."""
        width = self.fontMetrics().horizontalAdvance
        names = max(width(name) for name in self._lines)
        chosen = max(width(name) for name in self.mapping().values())
        most = min(_MOST_WIDTH, self.screen().availableGeometry().width() - 8 * theme.SPACE)
        wanted = max(_LEAST_WIDTH, names + chosen + _BESIDE_NAMES)
        self.resize(min(wanted, most), min(_MOST_HEIGHT, _AROUND + _LINE * len(self._lines)))

    def _begin_where_to_look(self) -> None:
        """Keys go to the first line that needs somebody, or to the button that leads on."""
        for name, line in self._lines.items():
            if not self._fit(name).is_sure:
                line.choice.setFocus()
                return
        self.apply_button.setFocus()

    def _fit(self, name: str) -> _Fit:
        choice = self._lines[name].choice
        there = choice.currentText()
        if choice.currentIndex() <= 0:
            return _Fit.OPEN
        if sum(other == there for other in self._chosen()) > 1:
            return _Fit.TWICE
        if name in self._of_numbers and not self._columns[there].is_numeric:
            return _Fit.WORDS
        if there == name:
            return _Fit.SAME
        return _Fit.SPELLING if is_same_but_for_marks(name, there) else _Fit.OTHER

    def _chosen(self) -> list[str]:
        choices = [line.choice for line in self._lines.values()]
        return [choice.currentText() for choice in choices if choice.currentIndex() > 0]

    def _update(self) -> None:
        """Say of each line how it matches, and what is to be done before the model is applied."""
        fits = {name: self._fit(name) for name in self._lines}
        for name, fit in fits.items():
            line = self._lines[name]
            column = self._columns.get(line.choice.currentText())
            line.show_fit(fit, "" if column is None else column.unit)
        n_others = sum(not fit.is_sure for fit in fits.values())
        verb = "has" if n_others == 1 else "have"
        self._asked.setText(
            f"{n_others:,} of the model's {count(len(fits), 'column')} {verb} another name in this"
            " file, or none. Check which stands for which; values are taken as they are, so both"
            " must be in the same unit."
        )
        said = self._problem_of(fits)
        self._problem.setText(said)
        self.apply_button.setEnabled(not said)

    def _problem_of(self, fits: dict[str, _Fit]) -> str:
        """Why the model cannot be applied yet; empty where it can."""
        of = {fit: [name for name, one in fits.items() if one is fit] for fit in _Fit}
        if open_ones := of[_Fit.OPEN]:
            more = f" and {len(open_ones) - 3} more" if len(open_ones) > 3 else ""
            return f"Still to be chosen: {', '.join(map(shortened, open_ones[:3]))}{more}."
        if twice := of[_Fit.TWICE]:
            there = self._lines[twice[0]].choice.currentText()
            return f"“{shortened(there)}” cannot stand for two columns."
        if words := of[_Fit.WORDS]:
            there = self._lines[words[0]].choice.currentText()
            return f"“{shortened(there)}” holds no numbers; “{shortened(words[0])}” needs them."
        return ""


class _Line:
    """A column of the model, the choice of one of the file for it, and how they match."""

    def __init__(self, name: str, unit: str, options: QStringListModel) -> None:
        self._name, self._unit = name, unit
        self.choice: QComboBox = combo_box(
            f"Column of the file for {name}", plain_tip(f"Stands for {name}")
        )
        self.choice.setModel(options)
        self._there = Label()
        self._sign = Sign()
        self._said = Label()
        self.widgets = (
            Label(name, elided=Qt.TextElideMode.ElideMiddle),
            Label(bare_unit(unit)),
            self.choice,
            self._there,
            self._sign,
            self._said,
        )

    def choose(self, there: str) -> None:
        """Choose a column of the file, or none where it has none of this name."""
        at = self.choice.findText(there, Qt.MatchFlag.MatchExactly)
        self.choice.setCurrentIndex(max(0, at))

    def show_fit(self, fit: _Fit, unit: str) -> None:
        """Say how the chosen column, whose unit the file states or not, matches."""
        here = stated_unit(self._name, self._unit)
        there = stated_unit(self.choice.currentText(), unit)
        differs = fit.can_be and is_other_unit(here, there)
        words = f"{fit.value}, other unit" if differs else fit.value
        in_doubt = differs or not fit.is_sure
        role = QPalette.ColorRole.BrightText if in_doubt else QPalette.ColorRole.PlaceholderText
        self._sign.show_icon("attention" if in_doubt else "check", role)
        self._said.setText(words)
        self._there.setText(bare_unit(unit))
        self.choice.setAccessibleDescription(words)
