"""Answers that can be returned to: parameters always, rows as far as there is room for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from gmmdesk.task import Task
from gmmdesk.ui.background import LatestWorker

if TYPE_CHECKING:  # these import numpy, scipy and pyarrow: not before the window is up
    from gmmdesk.analysis import Analysis, Finding
    from gmmdesk.data.dataset import Dataset

_ROOM = 2**26  # bytes for the rows of answers that are not shown
_ROW_BYTES = 50  # of an analysis, for each row, beside the values that were used


class AnswerKeeper(QObject):
    """Makes analyses of findings again: at once where their rows were kept, else on a thread.

    Signal: `failed(BaseException)` where that cannot be done.
    """

    failed = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._kept: dict[Finding, Analysis] = {}  # the one used last at the end
        self._worker = LatestWorker(self)
        self._worker.failed.connect(self.failed)

    def bring_back(
        self, finding: Finding, dataset: Dataset, done: Callable[[Analysis], object]
    ) -> None:
        """Call `done` with the analysis of `finding`; a newer call supersedes this one."""
        self._worker.cancel()
        analysis = self._kept.pop(finding, None)
        if analysis is not None:
            self._kept[finding] = analysis
            done(analysis)
            return

        def finish(analysis: Analysis) -> None:
            self.put(finding, analysis)
            done(analysis)

        task = Task()
        self._worker.submit(lambda: finding.analysis(dataset, task=task), finish, task)

    def cancel(self) -> None:
        """Bring nothing back that is not there."""
        self._worker.cancel()

    def forget(self) -> None:
        """Let everything go."""
        self._worker.cancel()
        self._kept.clear()

    def close(self) -> None:
        self._worker.close()

    def put(self, finding: Finding, analysis: Analysis) -> None:
        """Keep the rows of `finding` while there is room."""
        self._kept[finding] = analysis
        sizes = {one: _size(kept) for one, kept in self._kept.items()}
        taken = sum(sizes.values())
        for oldest in list(self._kept)[:-1]:
            if taken <= _ROOM:
                break
            taken -= sizes[oldest]
            del self._kept[oldest]
        if taken > _ROOM:  # too large to be kept when another is shown
            del self._kept[finding]


def _size(analysis: Analysis) -> int:
    return analysis.prepared.X.nbytes + _ROW_BYTES * analysis.dataset.n_rows
