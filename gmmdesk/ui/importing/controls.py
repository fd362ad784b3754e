"""The controls of single choices: "found out" comes first, with what was found and why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gmmdesk.text import sentence_case
from gmmdesk.ui import theme
from gmmdesk.ui.widgets import combo_box, secondary, spin_box

_UNKNOWN = "Find out"


class _Reasoned(QWidget):
    """A choice with the reason for what was found below it. Signals: `changed` by the user.

    `is_found` asks whether it is left to be found out, `call_found` names that among the choices.
    """

    changed = Signal()

    def __init__(
        self, editor: QWidget, is_found: Callable[[], bool], call_found: Callable[[str], object]
    ) -> None:
        super().__init__()
        self._is_found = is_found
        self._call_found = call_found
        self._reason = secondary()
        self._reason.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE // 4)
        layout.addWidget(editor)
        layout.addWidget(self._reason)
        self.setFocusProxy(editor)

    def show_found(self, value: str, reason: str) -> None:
        """Say what is taken where nothing is chosen, and why; both empty where it is unknown."""
        self._call_found(f"Found: {value}" if value else _UNKNOWN)
        self._reason.setText(f"{sentence_case(reason)}." if reason else "")
        self._show_reason()

    def _show_reason(self) -> None:
        self._reason.setVisible(self._is_found() and bool(self._reason.text()))

    def _on_editor_changed(self) -> None:
        self._show_reason()
        self.changed.emit()


class Choice(_Reasoned):
    """One of some values, or None to find it out."""

    def __init__(self, name: str, tip: str, options: Sequence[tuple[object, str]]) -> None:
        self._combo = combo_box(name, tip)
        self._values: list[object] = [None]
        self._combo.addItem(_UNKNOWN)
        call_found = partial(self._combo.setItemText, 0)
        super().__init__(self._combo, lambda: self.value is None, call_found)
        self.set_choices(options)
        self._combo.activated.connect(self._on_editor_changed)

    @property
    def value(self) -> Any:
        """What is chosen; None to find it out."""
        return self._values[self._combo.currentIndex()]

    def set_value(self, value: Any) -> None:
        """Show a choice, without a signal."""
        # Also one that is none of the usual.
        if value not in self._values:
            self._values.append(value)
            self._combo.addItem(str(value))
        self._combo.setCurrentIndex(self._values.index(value))
        self._show_reason()

    def set_choices(self, options: Sequence[tuple[object, str]]) -> None:
        """Offer other (value, text); the present choice stays where it is one of them."""
        if self._values == [None, *(value for value, _ in options)]:
            return
        before = self.value
        while self._combo.count() > 1:
            self._combo.removeItem(1)
        self._values = [None, *(value for value, _ in options)]
        self._combo.addItems([text for _, text in options])
        self._combo.setCurrentIndex(self._values.index(before) if before in self._values else 0)


class Number(_Reasoned):
    """A whole number from 0 up, or None to find it out."""

    def __init__(self, name: str, tip: str, most: int) -> None:
        self._spin = spin_box(-1, most, name, tip)
        self._spin.setSpecialValueText(_UNKNOWN)
        self._spin.setValue(-1)
        super().__init__(self._spin, lambda: self.value is None, self._spin.setSpecialValueText)
        self._spin.valueChanged.connect(self._on_editor_changed)

    @property
    def value(self) -> int | None:
        """What is chosen; None to find it out."""
        return None if self._spin.value() == -1 else self._spin.value()

    def set_value(self, value: Any) -> None:
        """Show a choice, without a signal."""
        blocked = self._spin.blockSignals(True)
        self._spin.setValue(-1 if value is None else value)
        self._spin.blockSignals(blocked)
        self._show_reason()


Control = Choice | Number
