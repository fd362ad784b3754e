"""Choosing the colour of a cluster."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QColorDialog, QWidget

from gmmdesk.ui.document import Document


def choose_color(document: Document, cluster: int, parent: QWidget) -> None:
    """Ask for the colour of a cluster, offering those of the palette first."""
    from gmmdesk.analysis import palette

    for place, color in enumerate(palette.PALETTE):
        QColorDialog.setCustomColor(place, QColor(color))
    before = QColor(document.colors[cluster])
    dialog = QColorDialog(before, parent)
    dialog.setWindowTitle(f"Colour of {document.names[cluster]}")
    dialog.setWindowModality(Qt.WindowModality.WindowModal)
    try:
        if dialog.exec():
            document.edits.recolor(cluster, dialog.selectedColor().name())
    finally:
        dialog.deleteLater()
