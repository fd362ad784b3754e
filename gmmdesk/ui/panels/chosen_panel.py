"""What is chosen: the selected rows, and one of the clusters."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gmmdesk.ui import theme
from gmmdesk.ui.document import Document
from gmmdesk.ui.panels.profile_panel import ProfilePanel
from gmmdesk.ui.panels.selection_panel import SelectionPanel
from gmmdesk.ui.whole_lines import WholeLines

_LEAST_LINES = 6
_MOST_LINES = 10_000  # of tables with many columns


class ChosenPanel(WholeLines):
    """Scrolls, to what was chosen last, so that it wants the same room whatever is chosen.

    Else the list of clusters above it would move under the mouse, and a second click hit another.
    """

    def __init__(self, document: Document) -> None:
        self.selection, self.profile = SelectionPanel(document), ProfilePanel(document)
        form = QWidget()
        self._column = layout = QVBoxLayout(form)
        layout.setContentsMargins(0, theme.SPACE // 2, 0, 0)
        layout.setSpacing(theme.SPACE)
        layout.addWidget(self.selection)
        layout.addWidget(self.profile)
        layout.addStretch(1)
        super().__init__(form, _MOST_LINES)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # to scroll it by keys
        self.setAccessibleName("What is chosen")
        document.selection.changed.connect(lambda: self._reveal(self.selection))
        document.current_cluster_changed.connect(lambda: self._reveal(self.profile))

    def minimumSizeHint(self) -> QSize:
        width = super().minimumSizeHint().width()
        return QSize(width, _LEAST_LINES * self.fontMetrics().lineSpacing())

    def sizeHint(self) -> QSize:
        return self.minimumSizeHint()

    def _reveal(self, part: QWidget) -> None:
        """Scroll to its beginning, once everything has the place that it gets."""
        self._column.activate()
        self.verticalScrollBar().setValue(part.y())
