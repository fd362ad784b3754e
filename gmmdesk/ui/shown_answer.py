"""The answer that is shown, with the names and colours that the user gave its clusters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from gmmdesk.errors import GmmdeskError
from gmmdesk.session.answer import Answer
from gmmdesk.ui.answers import AnswerKeeper

if TYPE_CHECKING:  # these import numpy, scipy and pyarrow: not before the window is up
    from gmmdesk.analysis import Analysis
    from gmmdesk.data.dataset import Dataset


class ShownAnswer(QObject):
    """Shows one answer at a time; `analysis` is None until its rows are there.

    Signals: `analysis_changed`, `names_changed`, `colors_changed`; `failed(BaseException)` where
    the rows of an answer cannot be computed again, after which none is shown.
    """

    analysis_changed = Signal()
    names_changed = Signal()
    colors_changed = Signal()
    failed = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.answer: Answer | None = None
        self.analysis: Analysis | None = None
        self._dataset: Dataset | None = None
        self._keeper = AnswerKeeper(self)
        self._keeper.failed.connect(self._on_keeper_failed)

    def start(self, dataset: Dataset) -> None:
        """Show nothing; answers from now on are about `dataset`."""
        self._dataset = dataset
        self._keeper.forget()
        self.show(None)

    def show(self, answer: Answer | None, analysis: Analysis | None = None) -> None:
        """Show `answer`, whose rows are those of `analysis` or computed in the background."""
        before, self.answer = self.answer, answer
        if before is not None and answer is not None and before.finding is answer.finding:
            if before.given_names != answer.given_names:
                self.names_changed.emit()
            if before.given_colors != answer.given_colors:
                self.colors_changed.emit()
            return
        self._keeper.cancel()
        self.analysis = None
        if answer is not None and analysis is not None:
            self._keeper.put(answer.finding, analysis)
            self._set_analysis(analysis)
            return
        if answer is not None and self._dataset is not None:
            self._keeper.bring_back(answer.finding, self._dataset, self._set_analysis)
        if self.analysis is None:  # there is none, or it takes a while
            self._set_analysis(None)

    def names(self, n_clusters: int) -> tuple[str, ...]:
        """The clusters' names, as the user or the program gave them."""
        given = self.answer.given_names if self.answer is not None else {}
        return tuple(given.get(i, f"Cluster {i + 1}") for i in range(n_clusters))

    def colors(self, n_clusters: int) -> tuple[str, ...]:
        """The clusters' colours, "#RRGGBB", as the user or the program gave them."""
        from gmmdesk.analysis import palette

        given = self.answer.given_colors if self.answer is not None else {}
        return tuple(given.get(i, palette.color(i)) for i in range(n_clusters))

    def renamed(self, index: int, name: str) -> Answer | None:
        """The answer with another name for a cluster, the default for an empty one.

        None where nothing would change; raises GmmdeskError for a name that is another's.
        """
        if self.answer is None or self.analysis is None:
            return None
        names = self.names(self.analysis.n_clusters)
        name = " ".join(name.split()) or f"Cluster {index + 1}"
        if name == names[index]:
            return None
        if name in names:
            raise GmmdeskError(
                f"Another cluster is already called '{name}'.", "Choose another name."
            )
        return self.answer._replace(given_names={**dict(enumerate(names)), index: name})

    def named(self, names: Sequence[str]) -> Answer | None:
        """The answer with these names for all clusters; None where nothing would change."""
        if self.answer is None or self.analysis is None:
            return None
        if tuple(names) == self.names(self.analysis.n_clusters):
            return None
        return self.answer._replace(given_names=dict(enumerate(names)))

    def recolored(self, index: int, color: str | None) -> Answer | None:
        """The answer with another colour for a cluster, "#RRGGBB", or the program's for None.

        None where nothing would change.
        """
        if self.answer is None or self.analysis is None:
            return None
        given = {k: other for k, other in self.answer.given_colors.items() if k != index}
        if color is not None:
            given[index] = color.upper()
        if given == self.answer.given_colors:
            return None
        return self.answer._replace(given_colors=given)

    def cancel(self) -> None:
        """Bring no rows back that are not there."""
        self._keeper.cancel()

    def close(self) -> None:
        self._keeper.close()

    def _set_analysis(self, analysis: Analysis | None) -> None:
        self.analysis = analysis
        self.analysis_changed.emit()
        self.names_changed.emit()

    def _on_keeper_failed(self, error: BaseException) -> None:
        self.show(None)
        self.failed.emit(error)
