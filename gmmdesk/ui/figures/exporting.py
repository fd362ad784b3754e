"""The view in front as a figure: into a file, and onto the clipboard."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from gmmdesk.errors import GmmdeskError
from gmmdesk.task import Task
from gmmdesk.ui.document import Document
from gmmdesk.ui.figures.settling import when_settled
from gmmdesk.ui.workspace import Workspace

if TYPE_CHECKING:  # these import numpy and pyqtgraph: not before the window is up
    from gmmdesk.ui.drawing.figure import FigureSource
    from gmmdesk.ui.figures.composing import Figure


class Figures(QObject):
    """Exports and copies figures of the workspace's views.

    Signal: `copied`, once a figure is on the clipboard.
    """

    copied = Signal()

    def __init__(self, document: Document, workspace: Workspace, window: QWidget) -> None:
        super().__init__(window)
        self._document = document
        self._workspace = workspace
        self._window = window

    def export(self) -> None:
        """Ask what the figure is to be like, with a preview."""
        sources, dataset = self._sources(), self._document.dataset
        if sources and dataset is not None:
            from gmmdesk.ui.figures.dialog import FigureDialog

            dialog = FigureDialog(sources, dataset.name, self._window)
            dialog.write_requested.connect(self._write)
            dialog.copy_requested.connect(self._copy)
            dialog.open()

    def copy(self) -> None:
        """Copy the view in front, as the last figure was."""
        sources = self._sources()
        if not sources:
            return
        from gmmdesk.ui.figures.composing import Figure
        from gmmdesk.ui.figures.options import last_options

        source, *others = sources
        for other in others:
            other.close()
        figure = Figure(source, last_options())

        def finish() -> None:
            self._copy(figure)
            source.close()

        when_settled(figure, finish, self)

    def _sources(self) -> list[FigureSource]:
        sources = self._workspace.figures() if self._document.dataset is not None else []
        if not sources:
            self._document.problem_raised.emit(
                GmmdeskError("There is no figure here.", "Look at another view, such as the map.")
            )
        return sources

    def _write(self, figure: Figure, path: Path) -> None:
        """Paint at once, write in the background."""
        from gmmdesk.ui.figures.formats import painted, write

        document = self._document
        try:
            encode = painted(figure, path)
        except GmmdeskError as error:
            document.problem_raised.emit(error)
            return

        def work(_task: Task) -> Path:
            write(encode, path)
            return path

        document.files.begin_writing(
            "A figure", f"Exporting {path.name}", work, document.exported.emit
        )

    def _copy(self, figure: Figure) -> None:
        from gmmdesk.ui.figures.formats import picture

        try:
            image = picture(figure)
        except GmmdeskError as error:
            self._document.problem_raised.emit(error)
            return
        QGuiApplication.clipboard().setImage(image)
        self.copied.emit()
