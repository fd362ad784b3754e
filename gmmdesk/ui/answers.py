"""Answers that can be returned to: parameters always, rows as far as there is room for them."""

from __future__ import annotations

from collections.abc import Callable, Collection
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
        self,
        answer: Answer,
        dataset: Dataset,
        done: Callable[[Analysis], object],
        shown: Analysis | None = None,
    ) -> None:
        """Call `done` with the analysis of `answer`; a newer call supersedes this one.

        `shown` is an analysis of the same fit, however its components are combined, if one is left.
        """
        self._worker.cancel()
        finding, grouping = answer.finding, answer.grouping
        alike = [one for (fit, _), one in self._kept.items() if fit is finding]
        alike += [] if shown is None else [shown]
        analysis = self._kept.pop((finding, grouping), None)
        if analysis is None and alike and grouping is None:
            analysis = alike[0].uncombined
        if analysis is not None:
            self.put(finding, analysis)
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
        self._kept.pop(key, None)
        self._kept[key] = analysis
        while _size(self._kept.values()) > _ROOM:  # it goes itself, in the end, if it is too large
            del self._kept[next(iter(self._kept))]


def _size(analyses: Collection[Analysis]) -> int:
    """Bytes of what these hold; the values that were used are the same for all of one fit."""
    values = {id(one.prepared.X): one.prepared.X.nbytes for one in analyses}
    return sum(values.values()) + sum(_ROW_BYTES * one.dataset.n_rows for one in analyses)
