"""What can be done while clusters are steered by hand."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gmmdesk.ui import theme
from gmmdesk.ui.widgets import Label, primary_button, tool_button


class SteeringBar(QWidget):
    """Two lines above the map. Signals: `go_on`, `undo`, `remove`, `cancel`, as asked."""

    go_on = Signal()
    undo = Signal()
    remove = Signal()
    cancel = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.said = Label()
        self.said.setWordWrap(True)
        self.remove_button = tool_button(
            "Remove", "Remove the cluster that has the handles (Delete)"
        )
        self.undo_button = tool_button("Undo", "Take back the last change by hand", "undo")
        self.cancel_button = tool_button("Cancel", "Leave all as it was (Escape)", "cancel")
        self.go_button = primary_button("Continue from here", "find")
        self.go_button.setToolTip("Find clusters on from where they have been put")
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        for button in (self.remove_button, self.undo_button, self.cancel_button, self.go_button):
            buttons.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.SPACE, 0, theme.SPACE, theme.SPACE // 2)
        layout.setSpacing(theme.SPACE // 2)
        layout.addWidget(self.said)
        layout.addLayout(buttons)
        self.remove_button.clicked.connect(self.remove)
        self.undo_button.clicked.connect(self.undo)
        self.cancel_button.clicked.connect(self.cancel)
        self.go_button.clicked.connect(self.go_on)
        self.hide()

    def show_state(self, said: str, *, steers: bool, changed: bool, many: bool) -> None:
        """Say what can be done; `steers` is False where nothing can."""
        self.said.setText(said)
        for button in (self.remove_button, self.undo_button, self.go_button):
            button.setVisible(steers)
        self.remove_button.setEnabled(many)
        self.undo_button.setEnabled(changed)
        self.go_button.setEnabled(steers)
        self.show()
