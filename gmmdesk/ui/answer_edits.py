"""What the user makes of an answer: names, colours, another of the combinations tried."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from gmmdesk.errors import GmmdeskError
from gmmdesk.session.answer import Answer
from gmmdesk.task import Task
from gmmdesk.ui.background import LatestWorker
from gmmdesk.ui.shown_answer import ShownAnswer

if TYPE_CHECKING:  # these import numpy, scipy and pyarrow: not before the window is up
    from gmmdesk.analysis import Analysis, Finding

Push = Callable[[str, Callable[[], None]], None]


class AnswerEdits(QObject):
    """Changes the answer that is `shown`; `push` makes each change, as one that can be undone.

    Signals: `failed(BaseException)`; `refused` when a name was not taken.
    """

    failed = Signal(object)
    refused = Signal()

    def __init__(self, shown: ShownAnswer, push: Push, parent: QObject) -> None:
        super().__init__(parent)
        self._shown = shown
        self._push = push
        self._chooser = LatestWorker(self)
        self._chooser.failed.connect(self.failed)

    def rename(self, index: int, name: str) -> None:
        """Give a cluster a name; an empty one brings back the default."""
        try:
            self._change(f"renaming {self._name(index)}", self._shown.renamed(index, name))
        except GmmdeskError as error:
            self.failed.emit(error)
            self.refused.emit()

    def rename_all(self, names: Sequence[str]) -> None:
        """Give all clusters names in one step."""
        self._change("naming the clusters", self._shown.named(names))

    def recolor(self, index: int, color: str | None) -> None:
        """Give a cluster a colour, "#RRGGBB"; None brings back the program's."""
        self._change(f"colouring {self._name(index)}", self._shown.recolored(index, color))

    def choose(self, index: int) -> None:
        """Take another of the combinations that were tried, as soon as its rows are there."""
        before, analysis = self._shown.answer, self._shown.analysis
        if before is None or analysis is None or index == analysis.best:
            return
        task = Task()

        def compute() -> tuple[Analysis, Finding, dict[int, int]]:
            from gmmdesk.analysis import Finding, choose
            from gmmdesk.analysis.identity import same_clusters

            other = choose(analysis, index, task=task)
            return other, Finding.of(other), same_clusters(analysis, other)

        def show(found: tuple[Analysis, Finding, dict[int, int]]) -> None:
            if self._shown.answer is not before:
                return
            other, finding, same = found
            after = Answer(finding, before.history, before.elapsed).called_like(before, same)
            one = other.candidates[index]
            text = f"choosing {one.model} with {one.n_components} clusters"
            self._push(text, lambda: self._shown.show(after, other))

        self._chooser.submit(compute, show, task)

    def close(self) -> None:
        self._chooser.close()

    def _change(self, text: str, after: Answer | None) -> None:
        if after is not None:
            self._push(text, lambda: self._shown.show(after))

    def _name(self, index: int) -> str:
        analysis = self._shown.analysis
        names = self._shown.names(analysis.n_clusters) if analysis is not None else ()
        return names[index] if index < len(names) else ""
