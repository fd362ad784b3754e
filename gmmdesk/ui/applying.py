"""Applying the shown model to another file: which file, which columns, and what came of it."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from gmmdesk.errors import GmmdeskError
from gmmdesk.task import Task
from gmmdesk.ui.document import Document
from gmmdesk.ui.file_dialog import OpenDialog
from gmmdesk.ui.reading import Found, Source, read_source
from gmmdesk.ui.recent import last_folder

if TYPE_CHECKING:
    from gmmdesk.analysis.application import Application
    from gmmdesk.analysis.fitted_model import FittedModel
    from gmmdesk.analysis.matching import Matching
    from gmmdesk.data.dataset import Dataset
    from gmmdesk.data.options import ReadOptions


class Table(NamedTuple):
    """A table that was read, and which of its columns stand for those of the model."""

    model: FittedModel
    source: Source
    dataset: Dataset
    matching: Matching


class Applying(QObject):
    """Leads from a model to the rows of another file, scored; the document stays as it is."""

    def __init__(self, document: Document, window: QWidget) -> None:
        super().__init__(window)
        self._document = document
        self._window = window

    def begin(self) -> None:
        """Ask for a file and apply the shown answer to it."""
        from gmmdesk.data.readers import FILE_FILTERS

        title = "Apply to another file"
        dialog = OpenDialog(self._window, title, last_folder(), FILE_FILTERS, help_page="applying")
        path = dialog.ask()
        if path is not None:
            self.open(str(path))

    def open(self, source: str, options: ReadOptions | None = None) -> None:
        """Read a file, or "sample:NAME", and apply the shown answer to it.

        Without `options` it is read as was chosen for it earlier, or like the table of the answer.
        """
        analysis = self._document.analysis_as_shown
        if analysis is not None:
            model = analysis.fitted_model(self._document.names)
            usual = analysis.dataset.options
            work = partial(_read, Source(source), options, usual, model)
            self._document.file_work.begin(f"Opening {Path(source).name}", work, self._match)

    def _match(self, table: Table) -> None:
        """Apply the model at once where nothing is open and every column has the same name."""
        if table.dataset.receipt.questions:
            from gmmdesk.ui.importing.dialog import ImportDialog

            place = table.source.place
            reading = ImportDialog(table.source, table.dataset, self._window)
            reading.chosen.connect(lambda options: self.open(place, options))
            reading.open()
            return
        if not table.matching.missing and not table.matching.likely:
            self._apply(table, {})
            return
        from gmmdesk.ui.mapping_dialog import MappingDialog

        dialog = MappingDialog(table.model, table.matching, table.dataset, self._window)
        dialog.accepted.connect(lambda: self._apply(table, dialog.mapping()))
        dialog.open()

    def _apply(self, table: Table, mapping: dict[str, str]) -> None:
        def work(task: Task) -> Application:
            from gmmdesk.analysis import apply

            return apply(table.model, table.dataset, mapping, task=task)

        self._document.file_work.begin(f"Scoring {table.dataset.name}", work, self._show)

    def _show(self, application: Application) -> None:
        from gmmdesk.ui.application_dialog import ApplicationDialog

        dialog = ApplicationDialog(application, self._window)
        dialog.export_requested.connect(lambda: self._export(application))
        dialog.open()

    def _export(self, application: Application) -> None:
        from gmmdesk.ui.export_dialog import choose_target

        target = choose_target(application, self._window, rows_only=True)
        if target is not None:
            self._document.files.export_rows(
                application, application.model.names, target.path, as_input=target.as_input
            )


def _read(
    source: Source,
    options: ReadOptions | None,
    usual: ReadOptions,
    model: FittedModel,
    task: Task,
) -> Table:
    from gmmdesk.analysis.matching import match_columns

    dataset = _found(source, options, usual, task).dataset
    needed, inputs = model.preparation.needed, model.preparation.inputs
    return Table(
        model, source, dataset, match_columns(needed, dataset, numeric=inputs, units=model.units)
    )


def _found(source: Source, options: ReadOptions | None, usual: ReadOptions, task: Task) -> Found:
    """The table as was chosen for it; else as the `usual` one was read, if that fits it."""
    import msgspec

    from gmmdesk.data.options import FOUND_OUT

    found = read_source(source, options, task)
    part = msgspec.structs.replace(usual, row_limit=None, sample_rows=None)
    if options is not None or found.recalled or part == FOUND_OUT:
        return found
    try:
        like_it = read_source(source, part, task, remembers=False)
    except GmmdeskError:  # it has another layout
        return found
    return found if like_it.dataset.receipt.questions else like_it
