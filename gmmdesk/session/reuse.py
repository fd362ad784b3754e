"""A session without a window: its table and choices, and its answer as long as they hold."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gmmdesk.analysis import Analysis, Settings
from gmmdesk.analysis.combining import asked_grouping, combined
from gmmdesk.analysis.merge_request import MergeRequest
from gmmdesk.data.dataset import Dataset
from gmmdesk.errors import ReadError
from gmmdesk.session.answer import Answer
from gmmdesk.session.files import read_session
from gmmdesk.task import Task


@dataclass(frozen=True, slots=True)
class Saved:
    """What a session is about, its table as it was."""

    dataset: Dataset
    settings: Settings
    answer: Answer | None
    table: Path | None  # the file that its table was read from, if it was in one

    def answers(self, settings: Settings) -> bool:
        """Whether its answer is the one to `settings`."""
        return self.answer is not None and self.answer.finding.settings == settings

    def analysis(
        self, task: Task | None = None, merge: MergeRequest | None = None
    ) -> tuple[Analysis, tuple[str, ...]]:
        """The answer without fitting again, as it was shown, and the names of its clusters.

        `merge` combines its components otherwise, see `asked_grouping`.
        """
        answer = self.answer
        assert answer is not None
        analysis = answer.finding.analysis(self.dataset, task=task)
        if merge is not None:
            answer = answer.regrouped(asked_grouping(analysis, merge, task))
        analysis = combined(analysis, answer.grouping, task=task)
        colors, signs = answer.cluster_colors(), answer.cluster_signs()
        level = answer.outlier_level or analysis.outlier_level
        shown = analysis.changed(colors=colors, signs=signs, outlier_level=level)
        return shown, answer.names()


def open_saved(path: Path, *, task: Task | None = None) -> Saved:
    """Read the session at `path`; raises ReadError, also where its table is not as it was."""
    session, found = read_session(path, task)
    if found.dataset is None:
        raise found.problem or ReadError(f"The table of {path.name} is not there.")
    if found.changed:
        raise ReadError(
            f"{found.changed} since {path.name} was saved.",
            f"Open the session in the window, or fit {found.dataset.path or session.data.source}.",
        )
    table = None if session.data.embedded else found.dataset.path
    return Saved(found.dataset, session.settings, session.answer, table)
