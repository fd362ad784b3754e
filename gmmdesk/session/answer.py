"""An answer as a session keeps it. Imports nothing heavy: the window needs it at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from gmmdesk.text import is_default_name

if TYPE_CHECKING:
    from gmmdesk.analysis import Analysis, Finding
    from gmmdesk.analysis.difference import Difference
    from gmmdesk.analysis.grouping import Grouping


class HistoryPoint(NamedTuple):
    """One iteration on the convergence curve.

    `log_likelihood` is the total in nats, or an estimate of it from a sample of `n_rows`.
    """

    candidate: int
    restart: int
    iteration: int
    log_likelihood: float
    n_rows: int


class Answer(NamedTuple):
    """What was found, how, and what the user made of it.

    `history` has every iteration of the fits, `elapsed` is in seconds. Names, and colours as
    "#RRGGBB", are by component (0-based); those that are not there have the program's. Components
    are the clusters, unless a `grouping` combines some: such a cluster has the colour of its
    leading one. `signs` say for each component which of the program's colours and shapes it has;
    empty where that is by its number. `outlier_level` is the share of a cluster's rows that should
    lie as far out as an outlier; None where the user has chosen none. `difference` is that from the
    answer before its fit, if there was one. The names that are `suggested` are the program's words
    and not the user's own.
    """

    finding: Finding
    history: Sequence[HistoryPoint]
    elapsed: float
    given_names: Mapping[int, str] = MappingProxyType({})
    given_colors: Mapping[int, str] = MappingProxyType({})
    grouping: Grouping | None = None
    signs: tuple[int, ...] = ()
    outlier_level: float | None = None
    difference: Difference | None = None
    suggested: tuple[str, ...] = ()

    @classmethod
    def after(
        cls,
        before: Answer | None,
        former: Analysis | None,
        analysis: Analysis,
        history: Sequence[HistoryPoint],
        elapsed: float,
    ) -> Answer:
        """The answer that follows one `before`, of which `former` is the analysis.

        Clusters that are found again are called and coloured as they were; labels of a column come
        before these names.
        Without a `history` nothing was fitted: every fit there was.
        """
        from gmmdesk.analysis import Finding
        from gmmdesk.analysis.identity import merged_alike, same_clusters

        if not history and before is not None:
            history = before.history
        level = None if before is None else before.outlier_level
        answer = cls(Finding.of(analysis), history, elapsed, outlier_level=level)
        if before is not None and former is not None:
            if merged_alike(former, analysis) is not None:  # of each component there is one
                before, former = before._replace(grouping=None), former.uncombined
            same = same_clusters(former, analysis)
            answer = answer.called_like(before, same)
        if analysis.known_names is not None:
            answer = answer._replace(given_names=dict(enumerate(analysis.known_names)))
        return answer

    def called_like(self, before: Answer, same: Mapping[int, int]) -> Answer:
        """With the names, colours and shapes that clusters have in the answer `before`.

        `same` says which of them each cluster is; one that is merged has the colour of its leader.
        """
        from gmmdesk.analysis.palette import sign, signs_after

        called = before.names()
        names = {k: called[j] for k, j in same.items() if not is_default_name(called[j])}
        if before.grouping is not None:
            same = {k: before.grouping.leads[j] for k, j in same.items()}
        colors = {k: before.given_colors[j] for k, j in same.items() if j in before.given_colors}
        signs = signs_after(
            self.finding.scaled.n_components, {k: sign(j, before.signs) for k, j in same.items()}
        )
        suggested = tuple(name for name in before.suggested if name in names.values())
        return self._replace(
            given_names=names, given_colors=colors, signs=signs, suggested=suggested
        )

    def regrouped(self, grouping: Grouping | None) -> Answer:
        """With its components combined so, which keep their names.

        Where those that had one name come apart it stays with what led them.
        """
        given = self.given_names
        leads = () if self.grouping is None else self.grouping.leads
        owner: dict[str, int] = {}  # the cluster, or component, that a name goes to
        names = {}
        for k in sorted(given, key=lambda k: (k not in leads, k)):
            cluster = k if grouping is None else grouping.of[k]
            if not is_default_name(given[k]) and owner.setdefault(given[k], cluster) == cluster:
                names[k] = given[k]
        return self._replace(given_names=names, grouping=grouping)

    def names(self) -> tuple[str, ...]:
        """The clusters' names, as the user or the program gave them."""
        from gmmdesk.analysis.grouping import cluster_names

        return cluster_names(self.given_names, self.finding.scaled.n_components, self.grouping)

    def cluster_signs(self) -> tuple[int, ...]:
        """Which of the program's colours and shapes each cluster has."""
        from gmmdesk.analysis.palette import sign

        n = self.finding.scaled.n_components
        leads = range(n) if self.grouping is None else self.grouping.leads
        return tuple(sign(k, self.signs) for k in leads)

    def cluster_colors(self) -> tuple[str, ...]:
        """The clusters' colours, "#RRGGBB", as the user or the program gave them."""
        from gmmdesk.analysis.palette import color

        n = self.finding.scaled.n_components
        leads = range(n) if self.grouping is None else self.grouping.leads
        pairs = zip(leads, self.cluster_signs(), strict=True)
        return tuple(self.given_colors.get(k, color(sign)) for k, sign in pairs)
