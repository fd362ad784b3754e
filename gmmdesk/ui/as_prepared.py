"""Whether axes are drawn on the scale on which clusters were found: a switch that views have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QCheckBox

from gmmdesk.ui.help.glossary import tip

if TYPE_CHECKING:
    from gmmdesk.data.prepare import Prepared


class AsPrepared(QCheckBox):
    """To be seen only where a step of the preparation has bent a column."""

    def __init__(self) -> None:
        super().__init__("Axes as prepared")
        self.setToolTip(tip("Axes as prepared"))
        self.setChecked(True)
        self.hide()

    def follow(self, prepared: Prepared | None) -> None:
        """Be about these rows."""
        from gmmdesk.analysis.axes import has_bent_columns  # slow: not before the window is up

        self.setVisible(prepared is not None and has_bent_columns(prepared))
