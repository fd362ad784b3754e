"""Answers that can be returned to: parameters always, rows as far as there is room for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from gmmdesk.session.answer import Answer
from gmmdesk.task import Task
from gmmdesk.ui.background import LatestWorker

if TYPE_CHECKING:  # these import numpy, scipy and pyarrow: not before the window is up
    from gmmdesk.analysis import Analysis, Finding
    from gmmdesk.analysis.grouping import Grouping
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
        # By their fit and how its components are combined; the one used last at the end.
        self._kept: dict[tuple[Finding, Grouping | None], Analysis] = {}
        self._worker = LatestWorker(self)
        self._worker.failed.connect(self.failed)

    def bring_back(
        self, answer: Answer, dataset: Dataset, done: Callable[[Analysis], object]
    ) -> None:
        """Call `done` with the analysis of `answer`; a newer call supersedes this one."""
        self._worker.cancel()
        finding, grouping = answer.finding, answer.grouping
        alike = [one for (fit, _), one in self._kept.items() if fit is finding]
        analysis = self._kept.pop((finding, grouping), None)
        if analysis is None and alike and grouping is None:
            analysis = alike[0].uncombined
        if analysis is not None:
            self._kept[finding, grouping] = analysis
            done(analysis)
            return

        def finish(analysis: Analysis) -> None:
            self.put(finding, analysis)
            done(analysis)

        task = Task()

        def work() -> Analysis:
            from gmmdesk.analysis.combining import combined

            found = alike[0] if alike else finding.analysis(dataset, task=task)
            return combined(found, grouping, task=task)

        self._worker.submit(work, finish, task)

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
        key = finding, analysis.grouping
        self._kept[key] = analysis
        sizes = {one: _size(kept) for one, kept in self._kept.items()}
        taken = sum(sizes.values())
        for oldest in list(self._kept)[:-1]:
            if taken <= _ROOM:
                break
            taken -= sizes[oldest]
            del self._kept[oldest]
        if taken > _ROOM:  # too large to be kept when another is shown
            del self._kept[key]


def _size(analysis: Analysis) -> int:
    return analysis.prepared.X.nbytes + _ROW_BYTES * analysis.dataset.n_rows
