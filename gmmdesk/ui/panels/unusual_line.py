"""What an answer rests on that is not as usual, such as remedies, and taking it back."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

from gmmdesk.analysis.unusual import Unusual, unusual
from gmmdesk.text import sentence_case
from gmmdesk.ui import theme
from gmmdesk.ui.contents import fresh
from gmmdesk.ui.document import Document
from gmmdesk.ui.offers import take_back, why_not
from gmmdesk.ui.text import plain_action, plain_tip
from gmmdesk.ui.widgets import secondary, tool_button

_ALL = "All of them"
_TIP = "Find clusters again with the usual choice; Undo brings these back"


class UnusualLine(QWidget):
    """Says it in a line, there while there is such an answer."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._document = document
        self.said = secondary()
        self.said.setAccessibleName("Choices that are not as usual")
        self.button = tool_button("Take back", _TIP, "undo")
        self.button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.button.setMenu(QMenu(self.button))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE // 2)
        layout.addWidget(self.said, 1)
        layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)
        for signal in (document.settings_changed, document.analysis_changed):
            signal.connect(self._show)
        self._show()

    def _show(self) -> None:
        found = self._found()
        self.setVisible(bool(found))
        self.said.setText(f"{sentence_case(', '.join(one.said for one in found))}.")
        reason = why_not(self._document)
        self.button.setEnabled(not reason)
        self.button.setToolTip(plain_tip(reason or _TIP))
        menu = self.button.menu()
        menu.clear()
        for one in found:
            self._add(sentence_case(one.said), [one])
        if len(found) > 1:
            menu.addSeparator()
            self._add(_ALL, found)

    def _found(self) -> tuple[Unusual, ...]:
        document = self._document
        if document.analysis is None or document.dataset is None:
            return ()
        return unusual(document.analysis.settings, fresh(document.dataset).settings)

    def _add(self, text: str, choices: Sequence[Unusual]) -> None:
        action = self.button.menu().addAction(plain_action(text))
        # Later: the menu is filled anew by what it does.
        action.triggered.connect(
            lambda: take_back(self._document, choices), Qt.ConnectionType.QueuedConnection
        )
