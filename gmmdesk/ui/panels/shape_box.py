"""The box of shapes, of which the longest names need several lines."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent

from gmmdesk.ui.widgets import ComboBox


class ShapeBox(ComboBox):
    """Higher while what it shows is wider than it is."""

    def __init__(self) -> None:
        super().__init__()
        self.currentTextChanged.connect(self._fit)

    def shown_text(self) -> str:
        room, metrics = self._room_for_text(), self.fontMetrics()
        lines = [""]
        for word in self.currentText().split(" "):
            longer = f"{lines[-1]} {word}".strip()
            if lines[-1] and metrics.horizontalAdvance(longer) > room:
                lines.append(word)
            else:
                lines[-1] = longer
        return "\n".join(map(self._elided, lines))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        more = self.shown_text().count("\n") * self.fontMetrics().lineSpacing()
        self.setFixedHeight(self.sizeHint().height() + more)
