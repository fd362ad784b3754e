"""The columns whose name was looked for, as buttons that lead to them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtWidgets import QVBoxLayout, QWidget

from gmmdesk.ui import theme
from gmmdesk.ui.text import count, plain_action, plain_tip, shortened
from gmmdesk.ui.widgets import secondary, tool_button
from gmmdesk.ui.wrapped_line import WrappedLine

_MOST = 5  # buttons; the others are gone to one after the other


class NamedColumns(QWidget):
    """Calls `chosen` with the number of a column, by a click or one after the other."""

    def __init__(self, chosen: Callable[[int], object]) -> None:
        super().__init__()
        self._chosen = chosen
        self._columns: Sequence[tuple[int, str]] = ()
        self._next = 0
        self._said = secondary()
        self._said.setAccessibleName("Columns found by name")
        self._buttons: WrappedLine | None = None
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(theme.SPACE, 0, theme.SPACE, theme.SPACE)
        self._layout.setSpacing(theme.SPACE // 2)
        self._layout.addWidget(self._said)
        self.hide()

    @property
    def said(self) -> str:
        """What is told of them; empty where there are none."""
        return "" if self.isHidden() else self._said.text()

    def show_columns(
        self, words: str, columns: Sequence[tuple[int, str]], *, in_no_cell: bool = False
    ) -> None:
        """Show these columns, (number, name), which have the words in their name."""
        self._columns, self._next = columns, 0
        self.setVisible(bool(columns))
        if self._buttons is not None:
            self._layout.removeWidget(self._buttons)
            self._buttons.deleteLater()
            self._buttons = None
        if not columns:
            return
        names = f"name of {count(len(columns), 'column')}"
        self._said.setText(
            f"No cell has “{words}” in it, but the {names} has:"
            if in_no_cell
            else f"The {names} has “{words}” in it:"
        )
        self._buttons = WrappedLine()
        for number, name in columns[:_MOST]:
            button = tool_button(plain_action(shortened(name)), plain_tip(f"Go to {name}"))
            button.setAutoRaise(False)
            button.clicked.connect(partial(self._chosen, number))
            self._buttons.add(button)
        self._layout.addWidget(self._buttons)

    def choose_next(self) -> bool:
        """Go to the next of them, after the last to the first; False where there are none."""
        if not self._columns:
            return False
        self._chosen(self._columns[self._next % len(self._columns)][0])
        self._next += 1
        return True
