"""The rows and columns to be fitted, shown before anything is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from gmmdesk.errors import GmmdeskError
from gmmdesk.task import Task
from gmmdesk.ui.background import LatestWorker

if TYPE_CHECKING:  # these import numpy, scipy and pyarrow: not before the window is up
    from gmmdesk.analysis.analysis import Analysis
    from gmmdesk.analysis.settings import Settings
    from gmmdesk.data.dataset import Dataset
    from gmmdesk.data.prepare import Prepared


class Preview(QObject):
    """Prepares a table in the background; `prepared` is the last outcome.

    Where there is none `problem` says why, if it is known. Signals: `changed`; `failed` for what is
    no fault of the user.
    """

    changed = Signal()
    failed = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.prepared: Prepared | None = None
        self.problem: GmmdeskError | None = None
        self._source: tuple[Dataset, Settings] | None = None  # of what is prepared, if known
        self._worker = LatestWorker(self)
        self._worker.failed.connect(self._on_worker_failed)

    def prepare(self, dataset: Dataset, settings: Settings) -> None:
        """Show the chosen columns, as soon as they are prepared."""

        task = Task()

        def compute() -> Prepared | None:
            from gmmdesk.analysis import prepared_as

            return prepared_as(settings, dataset, task) if settings.columns else None

        def show(prepared: Prepared | None) -> None:
            self.show(prepared, source=(dataset, settings))

        self._worker.submit(compute, show, task)

    def prepared_by(self, dataset: Dataset, settings: Settings) -> Prepared | None:
        """What `settings` make of a table, where that is what is shown."""
        from gmmdesk.analysis import is_prepared_alike

        if self._source is None or self._source[0] is not dataset:
            return None
        return self.prepared if is_prepared_alike(self._source[1], settings) else None

    def show(
        self,
        prepared: Prepared | None,
        problem: GmmdeskError | None = None,
        source: tuple[Dataset, Settings] | None = None,
    ) -> None:
        """Show what somebody else has prepared, of the `source` if that is known."""
        if prepared is not self.prepared or source is not None:
            self._source = source
        if prepared is not self.prepared or problem is not self.problem:
            self.prepared, self.problem = prepared, problem
            self.changed.emit()

    def show_answer(self, analysis: Analysis) -> None:
        """Show the rows of an answer, and no others that are still being prepared."""
        self._worker.cancel()
        self.show(analysis.prepared, source=(analysis.dataset, analysis.settings))

    def clear(self) -> None:
        """Show nothing, without a word: there is another table."""
        self._worker.cancel()
        self.prepared = self.problem = self._source = None

    def cancel(self) -> None:
        """Show nothing that is still being prepared."""
        self._worker.cancel()

    def close(self) -> None:
        self._worker.close()

    def _on_worker_failed(self, error: BaseException) -> None:
        """A preview that cannot be drawn: no reason to interrupt the user, unless it is a bug."""
        if isinstance(error, GmmdeskError):
            self.show(None, error)
        else:
            self.show(None)
            self.failed.emit(error)
