"""When a document's table leaves something open, or has no room: the dialogs, and what follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from gmmdesk.errors import TooLargeError
from gmmdesk.ui.document import Document
from gmmdesk.ui.importing.dialog import ImportDialog
from gmmdesk.ui.importing.too_large_dialog import TooLargeDialog
from gmmdesk.ui.reading import Source

if TYPE_CHECKING:
    from gmmdesk.data.dataset import Dataset


def ask_how_to_read(
    document: Document, source: Source, dataset: Dataset | None, parent: QWidget
) -> ImportDialog:
    """Open the dialog on a source, beginning from how `dataset` was read from it, if it was.

    The document reads it as was chosen when the user agrees.
    """
    dialog = ImportDialog(source, dataset, parent)
    dialog.chosen.connect(lambda options: document.read(source, options))
    dialog.open()
    return dialog


def ask_how_to_read_less(
    document: Document, source: Source, error: TooLargeError, parent: QWidget
) -> TooLargeDialog:
    """Offer to read a part of a source that has no room in memory."""
    dialog = TooLargeDialog(source.name, error, parent)
    dialog.chosen.connect(lambda options: document.read(source, options))
    dialog.open()
    return dialog
