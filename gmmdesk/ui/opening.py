"""Opening tables and sessions: files, the clipboard, and what a table leaves open."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QWidget

from gmmdesk.errors import GmmdeskError, TooLargeError
from gmmdesk.ui.document import Document
from gmmdesk.ui.file_dialog import OpenDialog
from gmmdesk.ui.reading import Found, Source
from gmmdesk.ui.recent import last_folder
from gmmdesk.ui.sessions import SUFFIX, Sessions


class Opening(QObject):
    """Leads from what the user points at to the document or, for a session, to `sessions`."""

    def __init__(self, document: Document, sessions: Sessions, window: QWidget) -> None:
        super().__init__(window)
        self._document = document
        self._sessions = sessions
        self._window = window
        document.questions_raised.connect(self._on_document_questions_raised)
        document.too_large_raised.connect(self._on_document_too_large_raised)

    def open_source(self, source: str) -> None:
        """Open a table, a session or "sample:NAME"."""
        if source.lower().endswith(SUFFIX):
            self._sessions.open(Path(source))
        else:
            self._document.open(source)

    def ask(self) -> None:
        """Open a file that the user chooses."""
        if path := self._ask_for_file():
            self.open_source(str(path))

    def ask_with_options(self) -> None:
        """Open a file that the user chooses, and ask how it is to be read."""
        from gmmdesk.ui.importing import ask_how_to_read

        if path := self._ask_for_file():
            ask_how_to_read(self._document, Source(str(path)), None, self._window)

    def paste(self) -> None:
        """Open the table on the clipboard."""
        text = QGuiApplication.clipboard().text()
        if text.strip():
            self._document.open_text(text)
        else:
            self._document.problem_raised.emit(
                GmmdeskError(
                    "There is no table to paste.",
                    "Copy the cells in your spreadsheet first, with their headings.",
                )
            )

    def drag(self, event: QDragEnterEvent) -> None:
        """Welcome files that are dragged over the window."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            # Never a move, whatever is proposed: whose file was moved may delete it.
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def drop(self, event: QDropEvent) -> None:
        """Open a file that was dropped."""
        paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
        if len(paths) == 1:
            self.open_source(paths[0])
        elif paths:
            self._document.problem_raised.emit(
                GmmdeskError(f"{len(paths)} files were dropped.", "Drop one file at a time.")
            )

    def _ask_for_file(self) -> Path | None:
        from gmmdesk.data.readers import FILE_FILTERS, SUFFIXES

        all_of_ours = " ".join(f"*{suffix}" for suffix in (*SUFFIXES, SUFFIX))
        tables, sessions = f"Tables and sessions ({all_of_ours})", f"Sessions (*{SUFFIX})"
        filters = (tables, sessions, *FILE_FILTERS)
        title = "Open a table"
        return OpenDialog(self._window, title, last_folder(), filters, help_page="opening").ask()

    def _on_document_questions_raised(self, found: Found) -> None:
        from gmmdesk.ui.importing import ask_how_to_read

        ask_how_to_read(self._document, found.source, found.dataset, self._window)

    def _on_document_too_large_raised(self, source: Source, error: TooLargeError) -> None:
        from gmmdesk.ui.importing import ask_how_to_read_less

        ask_how_to_read_less(self._document, source, error, self._window)
