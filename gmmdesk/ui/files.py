"""Tables that are read for a document, and what is written of it, in the background."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from gmmdesk.errors import GmmdeskError, TooLargeError
from gmmdesk.task import Task
from gmmdesk.ui import reading
from gmmdesk.ui.file_work import FileWork

if TYPE_CHECKING:  # these import numpy, scipy and pyarrow: not before the window is up
    from gmmdesk.analysis.diagnosis import Diagnosis
    from gmmdesk.analysis.scored import ScoredRows
    from gmmdesk.data.options import ReadOptions


class Files(QObject):
    """Reads or writes one file at a time; `work` reports how far it is.

    Signals: `found(Found)`, a table that was read; `questions_raised(Found)`, one that leaves
    something open; `too_large_raised(Source, error)`, one without room in memory;
    `exported(Path)`; `failed(BaseException)`.
    """

    found = Signal(object)
    questions_raised = Signal(object)
    too_large_raised = Signal(object, object)
    exported = Signal(object)
    failed = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        # Calls what would replace the table and the answer, as soon as the user agrees to that.
        self.before_replacing: Callable[[Callable[[], None]], None] = lambda replace: replace()
        self.writing = ""  # what is being written to a file, as a sentence begins
        self.work = FileWork(self)
        self.work.failed.connect(self._on_work_failed)
        self.work.ended.connect(self._on_work_ended)
        self._being_read: reading.Source | None = None

    def read(
        self, source: reading.Source, options: ReadOptions | None, *, replaces: bool = True
    ) -> None:
        """Read a table, whatever it comes from; the present one stays until then.

        Without `options` it is read as was chosen for it earlier, or all is found out. Where it
        `replaces` the present one the user is asked about that first.
        """
        what = "Reading the pasted table" if source.text else f"Opening {source.name}"
        read = partial(reading.read_source, source, options)

        def begin() -> None:
            self.begin_reading(what, read, self._on_read)
            self._being_read = source

        if replaces:
            self.before_replacing(begin)
        else:
            begin()

    def begin_reading(
        self, what: str, read: Callable[[Task], Any], done: Callable[[Any], object]
    ) -> None:
        """Call `done(read(task))`, `read` in the background, unless a file is being written."""
        if self.is_writing:
            self.failed.emit(
                GmmdeskError(
                    f"{self.writing} is still being written.", "Wait for it, or cancel it (Esc)."
                )
            )
            return
        self.work.begin(what, read, done)

    def export_rows(
        self,
        scored: ScoredRows,
        names: Sequence[str],
        path: Path,
        *,
        as_input: bool = False,
        part: Callable[[], ScoredRows] | None = None,
        found: Diagnosis | None = None,
    ) -> None:
        """Write rows with their clusters, so called, to `path`; the ending decides the format.

        CSV and TSV have the delimiter and decimal mark of the input if `as_input`. What is written
        is a `part` of the rows, if it is given, which is taken in the background. What was `found`
        about the answer is not looked for again.
        """

        def write(task: Task) -> Path:
            from gmmdesk.export import write

            rows = scored if part is None else part()
            write(rows, path, names=names, task=task, as_input=as_input, found=found)
            return path

        self.begin_writing("An export", f"Exporting {path.name}", write, self.exported.emit)

    def begin_writing(
        self, what: str, doing: str, write: Callable[[Task], Any], done: Callable[[Any], object]
    ) -> None:
        """Call `done(write(task))`, `write` in the background, which nothing else may supersede."""
        self.work.begin(doing, write, done)
        self.writing = what  # after what it may have superseded has ended

    @property
    def is_writing(self) -> bool:
        """Whether a file is being written that would be lost."""
        return bool(self.writing)

    def close(self) -> None:
        """Stop, and wait for the thread to end."""
        self.work.close()

    def _on_read(self, found: reading.Found) -> None:
        self._being_read = None
        questions = found.dataset.receipt.questions
        (self.questions_raised if questions else self.found).emit(found)

    def _on_work_failed(self, error: BaseException) -> None:
        source, self._being_read = self._being_read, None
        if isinstance(error, TooLargeError) and source is not None:
            self.too_large_raised.emit(source, error)
        else:
            self.failed.emit(error)

    def _on_work_ended(self) -> None:
        self.writing = ""
