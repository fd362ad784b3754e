"""Whether axes are drawn on the scale on which clusters were found: one choice for all views."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QCheckBox

from gmmdesk.ui.help.glossary import tip

if TYPE_CHECKING:
    from gmmdesk.ui.document import Document


class AxesScale(QObject):
    """The choice. Signal: `changed(bool)`, to be drawn as prepared or not."""

    changed = Signal(bool)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.is_prepared = True

    def draw_as_prepared(self, on: bool) -> None:
        """On the scale on which clusters were found, or in the units of the file."""
        if on != self.is_prepared:
            self.is_prepared = on
            self.changed.emit(on)


class AsPrepared(QCheckBox):
    """The switch of a view, to be seen only where a step of the preparation has bent a column."""

    def __init__(self, document: Document) -> None:
        super().__init__("Axes as prepared")
        self._document = document
        self.setToolTip(tip("Axes as prepared"))
        self.setChecked(document.axes_scale.is_prepared)
        self.toggled.connect(document.axes_scale.draw_as_prepared)
        document.axes_scale.changed.connect(self.setChecked)
        document.prepared_changed.connect(self._on_document_prepared_changed)
        if not self._is_needed:  # what is shown before it is in a view would be a window
            self.hide()

    def _on_document_prepared_changed(self) -> None:
        self.setVisible(self._is_needed)

    @property
    def _is_needed(self) -> bool:
        from gmmdesk.analysis.axes import has_bent_columns  # slow: not before the window is up

        prepared = self._document.prepared
        return prepared is not None and has_bent_columns(prepared)
