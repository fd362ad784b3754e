"""What a view says of the selected rows and the answer, found in the background."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, TypeVar

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from gmmdesk.task import Task
from gmmdesk.ui.background import LatestWorker
from gmmdesk.ui.document import Document

if TYPE_CHECKING:
    from gmmdesk.analysis import Analysis
    from gmmdesk.data.row_set import RowSet

Facts = TypeVar("Facts")


class SelectedFacts(QObject, Generic[Facts]):
    """Follows the selection and the answer while `view` is seen, and `changed` says so.

    `tell` makes the facts of frozen values, on a thread, and listens to the task.
    """

    changed = Signal()

    def __init__(
        self,
        document: Document,
        tell: Callable[[RowSet, Analysis, Task], Facts],
        view: QWidget,
        worker: type[LatestWorker] = LatestWorker,
    ) -> None:
        super().__init__(view)
        self._document, self._tell, self._view = document, tell, view
        self._found: Facts | None = None
        self._analysis: Analysis | None = None  # that they were found of
        self._subject: tuple[RowSet, Analysis] | None = None  # that the facts are about
        self._worker = worker(self)
        self._worker.failed.connect(document.problem_raised)
        document.selection.changed.connect(self.refresh)
        document.analysis_changed.connect(self.refresh)

    @property
    def found(self) -> Facts | None:
        """The facts; None where no row is selected, or nothing is known yet."""
        return self._found

    def of(self, analysis: Analysis) -> Facts | None:
        """The facts, where they are about this answer."""
        return self._found if analysis is self._analysis else None

    @property
    def is_busy(self) -> bool:
        """Whether other facts are being found."""
        return self._worker.is_busy

    def refresh(self) -> None:
        """Find the facts that are out of date; to be called when the view is shown, too."""
        rows, analysis = self._document.selection.rows, self._document.analysis
        if rows is None or not rows.count or analysis is None or not self._view.isVisible():
            self._worker.cancel()
            self._subject = None
            self._show(None, None)
            return
        before = self._subject
        if before is not None and before[0] is rows and before[1] is analysis:
            return
        if before is not None and before[1] is not analysis:
            self._show(None, None)  # what is known is of another answer
        self._subject = subject = (rows, analysis)
        tell, task = self._tell, Task()

        def show(found: Facts) -> None:
            if subject is self._subject:
                self._show(found, analysis)

        self._worker.cancel()
        self._worker.submit(lambda: tell(rows, analysis, task), show, task)

    def close(self) -> None:
        """Wait for what is being found; no thread outlives this."""
        self._worker.close()

    def _show(self, found: Facts | None, analysis: Analysis | None) -> None:
        if found is not self._found:
            self._found, self._analysis = found, analysis
            self.changed.emit()
