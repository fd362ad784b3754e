"""The settings that rarely need to change: a form that shows and changes the document's."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtGui import QValidator
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QLabel,
    QSpinBox,
    QWidget,
)

from gmmdesk.analysis.settings import MOST_REPEATED
from gmmdesk.data.conditions import number_text, read_number
from gmmdesk.ui import theme
from gmmdesk.ui.document import Document
from gmmdesk.ui.help.glossary import tip
from gmmdesk.ui.widgets import SeedBox, combo_box, spin_box

CRITERIA = (
    ("bic", "Fit against simplicity (BIC)"),
    ("icl", "Clearly separated clusters (ICL)"),
    ("aic", "Closest fit (AIC)"),
)
MISSING = (("leave-out", "Leave out"), ("em", "Use what they have"))
SCALINGS = (("standard", "Each column counts alike"), ("none", "Columns as they are"))
PRIORS = (("guard", "When needed"), ("always", "Always"), ("never", "Never"))


class AdvancedSettings(QWidget):
    """Shows and changes those settings of the document that have no place of their own."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._document = document
        self._showing = False
        self._noise = QCheckBox("Some rows may belong to no cluster")
        self._noise.setToolTip(tip("Noise component"))
        self._combos = {
            "criterion": combo_box("Best means", tip("Criterion"), CRITERIA),
            "scaling": combo_box("Scale", tip("Scale"), SCALINGS),
            "missing": combo_box(
                "Rows with missing values",
                tip("Missing values"),
                MISSING,
            ),
            "prior": combo_box(
                "Keep clusters from collapsing",
                tip("Prior"),
                PRIORS,
            ),
        }
        tolerance = GeneralSpinBox()
        tolerance.setDecimals(15)
        tolerance.setRange(0.0, 1.0)
        tolerance.setAccessibleName("Stop below")
        tolerance.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
        tolerance.setToolTip(tip("Tolerance"))
        self._whole_numbers: dict[str, QSpinBox | SeedBox] = {
            "seed": SeedBox(tip("Seed")),
            "restarts": spin_box(
                1,
                MOST_REPEATED,
                "Restarts",
                tip("Restarts"),
            ),
            "max_iter": spin_box(1, MOST_REPEATED, "Iterations", tip("Iterations")),
        }
        self._tolerance = tolerance

        form = QFormLayout(self)
        form.setContentsMargins(theme.SPACE, 0, 0, 0)
        form.setSpacing(theme.SPACE // 2)
        for name, setting in (
            ("Best means", "criterion"),
            ("Scale", "scaling"),
            ("Rows with gaps", "missing"),
        ):
            form.addRow(name, self._combos[setting])
        form.addRow(self._noise)
        # Beside the others it would leave no room for what they say.
        form.addRow(QLabel("Keep clusters from collapsing"))
        form.addRow("", self._combos["prior"])
        for name, setting in (
            ("Seed", "seed"),
            ("Restarts", "restarts"),
            ("Iterations", "max_iter"),
        ):
            form.addRow(name, self._whole_numbers[setting])
        form.addRow("Stop below", tolerance)

        self._noise.toggled.connect(partial(self._change, "noise"))
        for setting, combo in self._combos.items():
            combo.activated.connect(partial(self._on_combo_activated, combo, setting))
        for setting, spin in self._whole_numbers.items():
            spin.editingFinished.connect(partial(self._on_spin_edited, spin, setting))
        tolerance.editingFinished.connect(partial(self._on_spin_edited, tolerance, "tol"))
        document.settings_changed.connect(self._show_settings)
        self._show_settings()

    def _on_combo_activated(self, combo: QComboBox, setting: str, _index: int) -> None:
        self._change(setting, combo.currentData())

    def _on_spin_edited(self, spin: QSpinBox | QDoubleSpinBox, setting: str) -> None:
        self._change(setting, spin.value())

    def _change(self, setting: str, value: Any) -> None:
        if not self._showing:
            self._document.change_settings(
                f"changing {setting.replace('_', ' ')}", **{setting: value}
            )

    def _show_settings(self) -> None:
        settings = self._document.settings
        if settings is None:
            return
        self._showing = True  # and not the user's wish
        try:
            self._noise.setChecked(settings.noise)
            for setting, combo in self._combos.items():
                combo.setCurrentIndex(combo.findData(getattr(settings, setting)))
            for setting, spin in self._whole_numbers.items():
                spin.setValue(getattr(settings, setting))
            self._tolerance.setValue(settings.tol)
        finally:
            self._showing = False


class GeneralSpinBox(QDoubleSpinBox):
    """Shows 0.00001 as 1e-05 instead of with all its decimals, and no digit less than there is."""

    def textFromValue(self, value: float) -> str:
        return number_text(value)

    def valueFromText(self, text: str) -> float:
        number = self._number(text)
        return self.value() if number is None else number

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        if self._number(text) is not None:
            state = QValidator.State.Acceptable
        elif self._number(self._bare(text).rstrip("+-.,eE") or "0") is not None:
            state = QValidator.State.Intermediate
        else:
            state = QValidator.State.Invalid
        return state, text, position

    def _number(self, text: str) -> float | None:
        return read_number(self._bare(text).replace(",", "."))

    def _bare(self, text: str) -> str:
        return text.strip().removesuffix(self.suffix().strip()).strip()
