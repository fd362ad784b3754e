"""Which column of a file stands for which column of the model, where names differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QStringListModel, Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from gmmdesk.ui import theme
from gmmdesk.ui.text import plain_tip
from gmmdesk.ui.widgets import Label, ScrolledForm, combo_box, heading, secondary

if TYPE_CHECKING:
    from gmmdesk.analysis.matching import Matching
    from gmmdesk.data.dataset import Dataset

_NONE = "Choose a column…"


class MappingDialog(QDialog):
    """A line for each column of the model, with what the file may have for it."""

    def __init__(self, matching: Matching, dataset: Dataset, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"Columns of “{dataset.name}”")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(560, min(620, 220 + 34 * len(matching.columns)))
        self._choices: dict[str, QComboBox] = {}
        names = [column.name for column in dataset.columns]
        options = QStringListModel([_NONE, *names], self)  # one for all: there may be many
        form = QWidget()
        grid = QGridLayout(form)
        grid.setContentsMargins(0, 0, theme.SPACE, 0)
        grid.setHorizontalSpacing(2 * theme.SPACE)
        grid.setVerticalSpacing(theme.SPACE // 2)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        grid.addWidget(heading("The model asks for"), 0, 0)
        grid.addWidget(heading("In this file"), 0, 1)
        for i, name in enumerate(matching.columns, start=1):
            grid.addWidget(Label(name), i, 0)
            choice = combo_box(f"Column of the file for {name}", plain_tip(f"Stands for {name}"))
            choice.setModel(options)
            proposed = matching.found.get(name) or matching.suggested.get(name) or _NONE
            choice.setCurrentIndex(max(0, choice.findText(proposed, Qt.MatchFlag.MatchExactly)))
            choice.currentIndexChanged.connect(self._update)
            grid.addWidget(choice, i, 1)
            self._choices[name] = choice
        grid.setRowStretch(len(matching.columns) + 1, 1)

        self._problem = secondary()
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.apply_button: QPushButton = buttons.addButton(
            "&Apply", QDialogButtonBox.ButtonRole.AcceptRole
        )
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setSpacing(theme.SPACE)
        layout.addWidget(
            secondary(
                "The columns of this file have other names than those of the model. Check which"
                " stands for which; both must be in the same unit."
            )
        )
        layout.addWidget(ScrolledForm(form), 1)
        layout.addWidget(self._problem)
        layout.addWidget(buttons)
        self._update()

    def mapping(self) -> dict[str, str]:
        """The file's columns by those of the model, as they are chosen."""
        return {name: choice.currentText() for name, choice in self._choices.items()}

    def _update(self) -> None:
        """Say what is still to be chosen; only then the model can be applied."""
        open_ones = [name for name, c in self._choices.items() if c.currentIndex() <= 0]
        chosen = [c.currentText() for c in self._choices.values() if c.currentIndex() > 0]
        twice = sorted({name for name in chosen if chosen.count(name) > 1})
        said = ""
        if open_ones:
            more = f" and {len(open_ones) - 3} more" if len(open_ones) > 3 else ""
            said = f"Still to be chosen: {', '.join(open_ones[:3])}{more}."
        elif twice:
            said = f"“{twice[0]}” cannot stand for two columns."
        self._problem.setText(said)
        self.apply_button.setEnabled(not said)
