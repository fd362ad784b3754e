"""What the user makes of an answer: names, colours, clusters merged, another combination tried."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from gmmdesk.errors import GmmdeskError
from gmmdesk.session.answer import Answer
from gmmdesk.task import Task
from gmmdesk.ui.background import LatestWorker
from gmmdesk.ui.shown_answer import ShownAnswer

if TYPE_CHECKING:  # these import numpy, scipy and pyarrow: not before the window is up
    from gmmdesk.analysis import Analysis, Finding
    from gmmdesk.analysis.grouping import Grouping

Push = Callable[[str, Callable[[], None]], None]
# Takes the cluster of the answer before that each cluster of the present one is, as far as it is.
Renumber = Callable[[Mapping[int, int]], None]


class AnswerEdits(QObject):
    """Changes the answer that is `shown`; `push` makes each change, as one that can be undone.

    `renumber` is told which clusters are which where another answer is chosen; `led` adds the
    iterations that led to it.
    Signals: `failed(BaseException)`; `refused` when a name was not taken.
    """

    failed = Signal(object)
    refused = Signal()

    def __init__(
        self,
        shown: ShownAnswer,
        push: Push,
        renumber: Renumber,
        led: Callable[[Analysis], Analysis],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._led = led
        self._shown = shown
        self._push = push
        self._renumber = renumber
        self._chooser = LatestWorker(self)
        self._chooser.failed.connect(self.failed)

    def rename(self, index: int, name: str) -> None:
        """Give a cluster a name; an empty one brings back the default."""
        try:
            self._change(f"renaming {self._name(index)}", self._shown.renamed(index, name))
        except GmmdeskError as error:
            self.failed.emit(error)
            self.refused.emit()

    def rename_all(self, names: Sequence[str], suggested: Sequence[str]) -> None:
        """Give all clusters names in one step, of which the program `suggested` some."""
        self._change("naming the clusters", self._shown.named(names, suggested))

    def recolor(self, index: int, color: str | None) -> None:
        """Give a cluster a colour, "#RRGGBB"; None brings back the program's."""
        self._change(f"colouring {self._name(index)}", self._shown.recolored(index, color))

    def count_outliers(self, level: float) -> None:
        """Call rows outliers where less than `level` of their cluster's should lie so far out."""
        self._change(
            f"counting rows beyond {100 - 100 * level:g} % of their cluster as outliers",
            self._shown.with_outlier_level(level),
        )

    def choose(self, index: int) -> None:
        """Take another of the combinations that were tried, as soon as its rows are there."""
        before, analysis = self._shown.answer, self._shown.analysis
        if before is None or analysis is None or index == analysis.best:
            return
        task = Task()

        def compute() -> tuple[Analysis, Finding, dict[int, int]]:
            from gmmdesk.analysis import Finding, choose
            from gmmdesk.analysis.identity import same_clusters

            other = self._led(choose(analysis, index, task=task))
            return other, Finding.of(other), same_clusters(analysis, other)

        def show(found: tuple[Analysis, Finding, dict[int, int]]) -> None:
            if self._shown.answer is not before:
                return
            other, finding, same = found
            level = before.outlier_level
            after = Answer(finding, before.history, before.elapsed, outlier_level=level)
            after = after.called_like(before, same)
            one = other.candidates[index]
            text = f"choosing {one.model} with {one.n_components} clusters"

            def take() -> None:
                self._renumber(same)
                self._shown.show(after, other)

            self._push(text, take)

        self._chooser.submit(compute, show, task)

    def merge(self, clusters: Collection[int]) -> None:
        """Make some clusters (0-based) one, as soon as its rows are there."""
        from gmmdesk.analysis.grouping import together

        analysis = self._shown.analysis
        if analysis is None or len(set(clusters)) < 2:
            return
        grouping = together(analysis.grouping, analysis.scaled.weights, clusters)
        names = [self._name(k) for k in sorted(set(clusters))]
        said = " and ".join(names) if len(names) == 2 else f"{len(names)} clusters"
        self.combine(grouping, f"merging {said}")

    def take_groups(self) -> None:
        """Make the clusters of each group that the verdict sees one."""
        from gmmdesk.analysis.offers import groups_in_words

        analysis = self._shown.analysis
        if analysis is None:
            return
        groups, grouping = analysis.verdict.together, analysis.grouping
        if grouping is not None:
            groups = tuple(tuple(grouping.parts(k)[0] for k in own) for own in groups)
        self._merge_each(groups, f"merging into {groups_in_words(analysis.verdict)}")

    def merge_chains(self, chains: Sequence[Sequence[int]]) -> None:
        """Make the clusters to which components (0-based) of each chain belong one."""
        self._merge_each(
            chains, f"merging clusters along {'a band' if len(chains) == 1 else 'bands'}"
        )

    def merge_like(self, before: Analysis) -> None:
        """Combine the components as in an answer before it, where they are the same."""
        from gmmdesk.analysis.identity import merged_alike

        analysis = self._shown.analysis
        if analysis is not None and (grouping := merged_alike(before, analysis)) is not None:
            self.combine(grouping, "merging as before")

    def _merge_each(self, sets: Sequence[Sequence[int]], text: str) -> None:
        """Make the clusters of the components (0-based) in each of the `sets` one."""
        from gmmdesk.analysis.grouping import together

        analysis = self._shown.analysis
        if analysis is None:
            return
        grouping = analysis.grouping
        for own in sets:
            clusters = own if grouping is None else [grouping.of[k] for k in own]
            grouping = together(grouping, analysis.scaled.weights, clusters)
        self.combine(grouping, text)

    def split(self, cluster: int) -> None:
        """Give the components of a cluster (0-based) clusters of their own again."""
        from gmmdesk.analysis.grouping import split_up

        analysis = self._shown.analysis
        if analysis is not None and analysis.grouping is not None:
            grouping = split_up(analysis.grouping, analysis.scaled.weights, cluster)
            self.combine(grouping, f"splitting {self._name(cluster)}")

    def combine(self, grouping: Grouping | None, text: str) -> None:
        """Combine the components so, or leave them apart, as soon as rows are there for it."""
        before, analysis = self._shown.answer, self._shown.analysis
        if before is None or analysis is None or grouping == analysis.grouping:
            return
        task = Task()

        def compute() -> Analysis:
            from gmmdesk.analysis.combining import combined

            return combined(analysis, grouping, task=task)

        def show(found: Analysis) -> None:
            if self._shown.answer is before:
                after = before.regrouped(grouping)
                self._push(text, lambda: self._shown.show(after, found))

        self._chooser.submit(compute, show, task)

    @property
    def is_busy(self) -> bool:
        """Whether another answer is being made."""
        return self._chooser.is_busy

    def close(self) -> None:
        self._chooser.close()

    def _change(self, text: str, after: Answer | None) -> None:
        if after is not None:
            self._push(text, lambda: self._shown.show(after))

    def _name(self, index: int) -> str:
        analysis = self._shown.analysis
        names = self._shown.names(analysis.n_clusters) if analysis is not None else ()
        return names[index] if index < len(names) else ""
