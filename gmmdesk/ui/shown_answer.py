"""The answer that is shown, with the names and colours that the user gave its clusters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QObject, Signal

from gmmdesk.errors import GmmdeskError
from gmmdesk.session.answer import Answer
from gmmdesk.text import default_name
from gmmdesk.ui.answers import AnswerKeeper

if TYPE_CHECKING:  # these import numpy, scipy and pyarrow: not before the window is up
    from gmmdesk.analysis import Analysis
    from gmmdesk.analysis.grouping import Grouping
    from gmmdesk.data.dataset import Dataset

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, eq=False)
class _Said:
    """What clusters are called and coloured in an answer, by what it is and their number."""

    answer: Answer | None
    grouping: Grouping | None
    known: dict[tuple[str, int], Any] = field(default_factory=dict)


class ShownAnswer(QObject):
    """Shows one answer at a time; `analysis` is None until its rows are there.

    Signals: `analysis_changed`, `names_changed`, `colors_changed`, `outliers_changed`;
    `failed(BaseException)` where the rows of an answer cannot be computed again, after which none
    is shown.
    """

    analysis_changed = Signal()
    names_changed = Signal()
    colors_changed = Signal()
    outliers_changed = Signal()
    failed = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.answer: Answer | None = None
        self.analysis: Analysis | None = None
        self._dataset: Dataset | None = None
        self._said = _Said(None, None)
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
        if before is not None and answer is not None and _are_of_one_fit(before, answer):
            if before.given_names != answer.given_names:
                self.names_changed.emit()
            if (before.given_colors, before.signs) != (answer.given_colors, answer.signs):
                self.colors_changed.emit()
            if before.outlier_level != answer.outlier_level:
                self.outliers_changed.emit()
            return
        is_one_fit = before is not None and answer is not None and before.finding is answer.finding
        shown = self.analysis if is_one_fit else None
        self._keeper.cancel()
        self.analysis = None
        if answer is not None and analysis is not None:
            self._keeper.put(answer.finding, analysis)
            self._set_analysis(analysis)
            return
        if answer is not None and self._dataset is not None:
            self._keeper.bring_back(answer, self._dataset, self._set_analysis, shown)
        if self.analysis is None:  # there is none, or it takes a while
            self._set_analysis(None)

    def names(self, n_clusters: int) -> tuple[str, ...]:
        """The clusters' names, as the user or the program gave them."""
        return self._once("names", n_clusters, self._names)

    def colors(self, n_clusters: int) -> tuple[str, ...]:
        """The clusters' colours, "#RRGGBB", as the user or the program gave them."""
        return self._once("colors", n_clusters, self._colors)

    def signs(self, n_clusters: int) -> tuple[int, ...]:
        """Which of the program's shapes, and colours unless it has its own, each cluster has."""
        return self._once("signs", n_clusters, self._signs)

    def part_names(self, n_clusters: int) -> tuple[str, ...]:
        """What the components are called: several may be one cluster."""
        return self._once("part_names", n_clusters, self._part_names)

    def part_colors(self, n_clusters: int) -> tuple[str, ...]:
        """The colours of the components, "#RRGGBB": those of their clusters."""
        return self._once("part_colors", n_clusters, self._part_colors)

    def part_signs(self, n_clusters: int) -> tuple[int, ...]:
        """The `signs` of the components: those of their clusters."""
        return self._once("part_signs", n_clusters, self._part_signs)

    def _once(
        self, what: str, n_clusters: int, find: Callable[[int], tuple[_T, ...]]
    ) -> tuple[_T, ...]:
        """What `find` gives, which every cell of every table asks for, while it holds."""
        if self._said.answer is not self.answer or self._said.grouping is not self.grouping:
            self._said = _Said(self.answer, self.grouping)
        known = self._said.known
        if (what, n_clusters) not in known:
            known[what, n_clusters] = find(n_clusters)
        found: tuple[_T, ...] = known[what, n_clusters]
        return found

    def _names(self, n_clusters: int) -> tuple[str, ...]:
        from gmmdesk.analysis.grouping import cluster_names

        given = self.answer.given_names if self.answer is not None else {}
        grouping = self.grouping
        return cluster_names(given, n_clusters if grouping is None else len(grouping.of), grouping)

    def _colors(self, n_clusters: int) -> tuple[str, ...]:
        from gmmdesk.analysis import palette

        given = self.answer.given_colors if self.answer is not None else {}
        pairs = zip(self._leads(n_clusters), self.signs(n_clusters), strict=True)
        return tuple(given.get(k, palette.color(sign)) for k, sign in pairs)

    def _signs(self, n_clusters: int) -> tuple[int, ...]:
        from gmmdesk.analysis.palette import sign

        signs = () if self.answer is None else self.answer.signs
        return tuple(sign(k, signs) for k in self._leads(n_clusters))

    def _part_signs(self, n_clusters: int) -> tuple[int, ...]:
        signs, grouping = self.signs(n_clusters), self.grouping
        return signs if grouping is None else tuple(signs[cluster] for cluster in grouping.of)

    def _leads(self, n_clusters: int) -> Sequence[int]:
        """The component that each cluster goes by."""
        return range(n_clusters) if self.grouping is None else self.grouping.leads

    def _part_names(self, n_clusters: int) -> tuple[str, ...]:
        from gmmdesk.analysis.grouping import part_names

        return part_names(self.names(n_clusters), self.grouping)

    def _part_colors(self, n_clusters: int) -> tuple[str, ...]:
        colors, grouping = self.colors(n_clusters), self.grouping
        return colors if grouping is None else tuple(colors[cluster] for cluster in grouping.of)

    def component_names(self) -> tuple[str, ...]:
        """What components are told apart by, whatever clusters they make up: a name or a number."""
        if self.answer is None:
            return ()
        given, n_components = self.answer.given_names, self.answer.finding.scaled.n_components
        names = (given.get(k, default_name(k)) for k in range(n_components))
        return tuple(
            f"{k + 1}" if name == default_name(k) else name for k, name in enumerate(names)
        )

    @property
    def grouping(self) -> Grouping | None:
        """How components are combined into the clusters that are shown, if some are."""
        return None if self.analysis is None else self.analysis.grouping

    def renamed(self, index: int, name: str) -> Answer | None:
        """The answer with another name for a cluster, the default for an empty one.

        None where nothing would change; raises GmmdeskError for a name that is another's.
        """
        if self.answer is None or self.analysis is None:
            return None
        names = self.names(self.analysis.n_clusters)
        name = " ".join(name.split()) or default_name(index)
        if name == names[index]:
            return None
        if name in names:
            raise GmmdeskError(
                f"Another cluster is already called '{name}'.", "Choose another name."
            )
        named = self._named({**dict(enumerate(names)), index: name})
        return named._replace(suggested=tuple(one for one in named.suggested if one != name))

    @property
    def suggested(self) -> tuple[str, ...]:
        """The names that are not the user's own, also where several of them make up one."""
        answer, grouping = self.answer, self.grouping
        if answer is None or grouping is None:
            return () if answer is None else answer.suggested
        typed = {k for k, name in answer.given_names.items() if name not in answer.suggested}
        names = enumerate(self.names(grouping.n_clusters))
        made = [name for cluster, name in names if typed.isdisjoint(grouping.parts(cluster))]
        return tuple(dict.fromkeys([*answer.suggested, *made]))

    def named(self, names: Sequence[str], suggested: Sequence[str]) -> Answer | None:
        """The answer with these names for all clusters, of which the program `suggested` some.

        None where nothing would change.
        """
        if self.answer is None or self.analysis is None:
            return None
        if tuple(names) == self.names(self.analysis.n_clusters):
            return None
        named = self._named(dict(enumerate(names)))
        hidden = set(named.given_names.values()) - set(names)  # of parts that show none of theirs
        still = (one for one in self.answer.suggested if one in hidden)
        return named._replace(suggested=(*suggested, *still))

    def _named(self, names: Mapping[int, str]) -> Answer:
        """The answer with these names, by cluster: a new one is that of all its parts."""
        from gmmdesk.analysis.grouping import parts_of

        assert self.answer is not None
        assert self.analysis is not None
        before = self.names(self.analysis.n_clusters)
        given = dict(self.answer.given_names)
        for cluster, name in names.items():
            if name == before[cluster]:
                continue
            for k in parts_of(self.grouping, (cluster,)):
                given.pop(k, None)
                if name != default_name(cluster):
                    given[k] = name
        return self.answer._replace(given_names=given)

    def recolored(self, index: int, color: str | None) -> Answer | None:
        """The answer with another colour for a cluster, "#RRGGBB", or the program's for None.

        None where nothing would change.
        """
        if self.answer is None or self.analysis is None:
            return None
        lead = index if self.grouping is None else self.grouping.leads[index]
        given = {k: other for k, other in self.answer.given_colors.items() if k != lead}
        if color is not None:
            given[lead] = color.upper()
        if given == self.answer.given_colors:
            return None
        return self.answer._replace(given_colors=given)

    @property
    def outlier_level(self) -> float:
        """The share of a cluster's rows that should lie as far out as an outlier."""
        from gmmdesk.analysis import OUTLIER_LEVEL

        return OUTLIER_LEVEL if self.answer is None else self.answer.outlier_level or OUTLIER_LEVEL

    def with_outlier_level(self, level: float) -> Answer | None:
        """The answer with another level; None where nothing would change."""
        if self.answer is None or level == self.outlier_level:
            return None
        return self.answer._replace(outlier_level=level)

    def cancel(self) -> None:
        """Bring no rows back that are not there."""
        self._keeper.cancel()

    def close(self) -> None:
        self._keeper.close()

    def _set_analysis(self, analysis: Analysis | None) -> None:
        self.analysis = analysis
        self.analysis_changed.emit()

    def _on_keeper_failed(self, error: BaseException) -> None:
        self.show(None)
        self.failed.emit(error)


def _are_of_one_fit(first: Answer, second: Answer) -> bool:
    """Whether two answers have the same clusters, whatever these are called."""
    return first.finding is second.finding and first.grouping == second.grouping
