"""How far the placing of the rows by t-SNE is, and a way to stop it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QWidget

from gmmdesk.task import Task
from gmmdesk.ui import theme
from gmmdesk.ui.widgets import Label, tool_button

_STEPS = 1_000


class EmbeddingBar(QWidget):
    """A line below the map while rows are being placed. Signal: `cancel_requested`."""

    cancel_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._what = Label()
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("Placing rows")
        self.cancel = tool_button("Cancel", "Go back to the axes there were", "cancel")
        self.cancel.clicked.connect(self.cancel_requested)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(theme.SPACE, 0, theme.SPACE, theme.SPACE // 2)
        layout.addWidget(self._what)
        layout.addWidget(self._bar, 1)
        layout.addWidget(self.cancel)
        self.hide()

    def show_task(self, task: Task | None) -> None:
        """Say how far a task is; be gone where there is none."""
        self.setVisible(task is not None)
        if task is None:
            return
        self._what.setText(f"t-SNE: {task.what or 'Starting'}…")
        self._bar.setRange(0, 0 if task.fraction is None else _STEPS)
        self._bar.setValue(round(_STEPS * (task.fraction or 0.0)))
