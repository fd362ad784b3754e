"""The frame around what is asked above the form."""

from __future__ import annotations

from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QFrame, QVBoxLayout

from gmmdesk.ui import theme


class Box(QFrame):
    """A column of widgets on a ground of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self._layout = QVBoxLayout(self)
        self._layout.setSpacing(theme.SPACE // 2)
