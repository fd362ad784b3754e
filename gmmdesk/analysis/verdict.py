"""How many clusters there are, and whether there are any: one verdict in words, with its grounds.

Three questions in turn:

1. Does one bell-shaped group describe the rows as well? Clusters are claimed only on strong
   evidence against it: a BIC more than 6 lower (Kass and Raftery, 1995, section 3.2).
2. Do gaps set the clusters apart? Several components without a gap between them may be one group
   of another shape (Hennig, 2010; see `engine.judging.separation`).
3. Does another number of clusters explain the rows as well?

The evidence is that of BIC, whatever the criterion that chose: there is no such scale for
differences of ICL and AIC.
"""

from __future__ import annotations

import enum
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gmmdesk.analysis.candidates import BIC_EVIDENCE, Candidate, lowest
from gmmdesk.data.raw import listed
from gmmdesk.data.steps.advice import advise
from gmmdesk.engine import Resampled, groups_of

if TYPE_CHECKING:
    from gmmdesk.analysis.analysis import Analysis

# Below this the evidence against a single group is no more than positive.
STRONG = BIC_EVIDENCE[1]
# How well another combination explains the rows, by `BIC_EVIDENCE` against it.
_AS_WELL = ("as well", "almost as well", "less well", "")

_UNTRIED = "What was not tried may describe the rows better."
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_SHAPES = {
    "EII": "that are round and equally large",
    "VII": "that are round",
    "EEI": "aligned with the axes, of one shape and size",
    "VEI": "aligned with the axes, of one shape",
    "EVI": "aligned with the axes and equally large",
    "VVI": "aligned with the axes",
    "EEE": "of the same shape",
    "VEE": "of one shape and direction",
    "EVE": "of one direction and equally large",
    "VVE": "of one direction",
    "EEV": "of one shape and size",
    "VEV": "of one shape",
    "EVV": "of any shape and equally large",
    "VVV": "of any shape",
}


class Claim(enum.StrEnum):
    """What is said about the rows."""

    CLUSTERS = "clusters"  # each apart from the others
    FEWER_GROUPS = "fewer groups"  # some clusters run into each other
    ONE_SHAPE = "one shape"  # all of them do: one group that is not bell-shaped, perhaps
    NONE = "none"  # one bell-shaped group does as well


class Choice(enum.StrEnum):
    """How it came to this number of clusters."""

    SEARCHED = "searched"
    ASKED = "asked"
    CHOSEN = "chosen"  # by the user, among those that were tried
    STOPPED = "stopped"


# How the components of combined clusters were come by.
_HOW = {
    Choice.SEARCHED: " ({by})",
    Choice.ASKED: ", which were asked for",
    Choice.CHOSEN: ", which were chosen",
    Choice.STOPPED: ", at which the search was stopped early",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How many clusters, and the grounds for it.

    `groups` has the group of each of the K clusters (0-based); groups are set apart by gaps.
    `rival` is the best combination with another number of clusters and `rival_difference` how much
    higher its criterion is than the answer's; `single_difference` is that of the BIC of the best
    fit of a single cluster. All three are None where nothing was tried. `at_end` says which end of
    the range that was searched the answer lies at, "lower", "upper" or neither, `tailed` which of
    the `n_columns` have a long tail that can look like clusters. Of `n_starts` `n_agreeing` led
    near the same clusters; `resampled` says how often halves of the rows did, where it is known.
    Where clusters are made of several of the `n_components` of the mixture, it is these that were
    found, compared and found again.
    """

    groups: tuple[int, ...]
    model: str
    criterion: str
    choice: Choice
    n_tried: int
    n_starts: int
    n_agreeing: int
    rival: Candidate | None = None
    rival_difference: float | None = None
    single_difference: float | None = None
    preferred: Candidate | None = None
    at_end: str = ""
    tailed: tuple[str, ...] = ()
    n_columns: int = 2
    resampled: Resampled | None = None
    n_components: int = 0  # 0 for as many as there are clusters

    @property
    def is_combined(self) -> bool:
        """Whether some cluster is made of several components."""
        return self.n_components > self.n_clusters

    @property
    def n_clusters(self) -> int:
        return len(self.groups)

    @property
    def n_groups(self) -> int:
        return len(set(self.groups))

    @property
    def one_does(self) -> bool:
        """Whether one bell-shaped group describes the rows as well."""
        return self.single_difference is not None and self.single_difference <= STRONG

    @property
    def claim(self) -> Claim:
        """The rule of this module."""
        if self.n_clusters == 1 or self.one_does:
            return Claim.NONE
        if self.n_groups == 1:
            return Claim.ONE_SHAPE
        return Claim.CLUSTERS if self.n_groups == self.n_clusters else Claim.FEWER_GROUPS

    @property
    def sentences(self) -> tuple[str, ...]:
        """The verdict, what it rests on, and what to do about it."""
        found = (self._opening, self._caveat, self._gaps, self._grounds, self._end)
        return tuple(sentence for sentence in found if sentence)

    @property
    def text(self) -> str:
        return " ".join(self.sentences)

    def with_resamples(self, resampled: Resampled | None) -> Verdict:
        """The same, knowing how often the clusters were found again in halves of the rows."""
        return replace(self, resampled=resampled)

    @property
    def _shape(self) -> str:
        if self.n_columns > 1:
            return _SHAPES[self.model]
        return "that are equally wide" if self.model[0] == "E" else "of any width"

    @property
    def _clusters(self) -> str:
        if self.n_clusters == 1:
            return "One cluster"
        return f"{_spelt(self.n_clusters).capitalize()} clusters {self._shape}"

    @property
    def _opening(self) -> str:
        clusters = self._clusters
        if self.is_combined:
            how = _HOW[self.choice].format(by=f"{self.criterion.upper()}, {self.n_tried} tries")
            noun = "cluster" if self.n_clusters == 1 else "clusters"
            return (
                f"{_spelt(self.n_clusters).capitalize()} {noun}, merged from"
                f" {self._components} of the mixture{how}."
            )
        if self.choice is Choice.STOPPED:
            clusters = f"{clusters[:1].lower()}{clusters[1:]}"
            if self.n_tried == 1:
                return f"Stopped early at {clusters}: the answer could still change."
            return (
                f"Stopped early: {clusters}, the best of {self.n_tried} tries until then."
                f" {_UNTRIED}"
            )
        if self.choice is Choice.ASKED:
            return f"{clusters}, as asked."
        if self.choice is Choice.CHOSEN:
            return f"{clusters}, as chosen. {self._prefers}"
        by = f"{self.criterion.upper()}, {self.n_tried} tries"
        if self.n_clusters == 1:
            return f"No clusters: one bell-shaped group describes these data best ({by})."
        if self.one_does:
            return f"No clear clusters: {self._one_does(_spelt(self.n_clusters), f'; {by}')}"
        return f"{clusters} ({by})."

    @property
    def _caveat(self) -> str:
        """What is to be said against the components of clusters that are merged."""
        if not self.is_combined:
            return ""
        if self.choice is Choice.CHOSEN:
            return self._prefers
        if self.choice is Choice.STOPPED:
            return _UNTRIED if self.n_tried > 1 else "The answer could still change."
        if self.one_does:
            return f"No clusters are clear: {self._one_does(f'the {self._components}')}"
        return ""

    @property
    def _components(self) -> str:
        return f"{_spelt(self.n_components)} components"

    @property
    def _prefers(self) -> str:
        assert self.preferred is not None
        n, model = self.preferred.n_components, self.preferred.model
        noun = "component" if self.is_combined else "cluster"
        return f"{self.criterion.upper()} prefers {_spelt(n)} {noun}{'s' * (n != 1)} ({model})."

    def _one_does(self, than: str, grounds: str = "") -> str:
        assert self.single_difference is not None
        difference = self.single_difference
        how = f"{_AS_WELL[bisect_left(BIC_EVIDENCE, difference)]} as"
        if difference < 0.0:  # another criterion than BIC has chosen
            how = "better than"
        return (
            f"one bell-shaped group describes these data {how} {than} (BIC difference"
            f" {abs(difference):.1f}{grounds})."
        )

    @property
    def _gaps(self) -> str:
        tail = ""
        if self.tailed:
            has = "has" if len(self.tailed) == 1 else "have"
            alone = ", which alone can make gaps" if self.claim is Claim.FEWER_GROUPS else ""
            columns = listed(list(self.tailed))
            tail = f" {columns} {has} a long tail{alone}: try a logarithm or power."
        if self.claim is Claim.ONE_SHAPE:
            return (
                "But no gap lies between them: the shape of one group that is not bell-shaped, not"
                f" grouping, may be the cause.{tail}"
            )
        if self.claim is not Claim.FEWER_GROUPS:
            return ""
        together = [
            _named([k for k, group in enumerate(self.groups) if group == one])
            for one in dict.fromkeys(self.groups)
            if self.groups.count(one) > 1
        ]
        run = "; ".join(together)
        return (
            f"Gaps set {_spelt(self.n_groups)} groups apart: {run} run into each other and may be"
            f" parts of one group that is not bell-shaped.{tail}"
        )

    @property
    def _grounds(self) -> str:
        """The rival, and how often the clusters were found again."""
        told = [part for part in (self._against, self._again) if part]
        if not told or self.choice is Choice.STOPPED:
            return ""
        sentence = "; ".join(told)
        return f"{sentence[:1].upper()}{sentence[1:]}."

    @property
    def _against(self) -> str:
        rival, difference = self.rival, self.rival_difference
        if rival is None or difference is None or self.choice is not Choice.SEARCHED:
            return ""
        k = _spelt(rival.n_components)
        if self.is_combined:
            k += " component" if rival.n_components == 1 else " components"
        if self.criterion != "bic":
            come = "come" if self.is_combined and rival.n_components > 1 else "comes"
            return f"next by {self.criterion.upper()} {come} {k} (difference {difference:.1f})"
        how = _AS_WELL[bisect_left(BIC_EVIDENCE, difference)]
        told = rival.n_components == 1 and self.one_does
        if not how or told:
            return ""
        explains = "explains" if rival.n_components == 1 else "explain"
        return f"{k} {explains} the data {how} (BIC difference {difference:.1f})"

    @property
    def _again(self) -> str:
        again = []
        if self.n_starts > 1:
            again.append(f"{self.n_agreeing} of {self.n_starts} restarts")
        if self.resampled is not None and self.resampled.n:
            n = self.resampled.n
            again.append(f"{self.resampled.n_same} of {n} {'resample' if n == 1 else 'resamples'}")
        found = self._components if self.is_combined else ""
        if not again or (self.n_clusters == 1 and not found):
            return ""
        found = found or _spelt(self.n_clusters)
        return f"the {found} were found again in {' and in '.join(again)}"

    @property
    def _end(self) -> str:
        # Where nothing sets clusters apart, more of them would be no more groups.
        if self.at_end == "upper" and self.claim not in (Claim.NONE, Claim.ONE_SHAPE):
            return "The best number is at the end of your range: allow more and look again."
        if self.at_end == "lower":
            return "The best number is at the beginning of your range: allow fewer and look again."
        return ""


def judge(analysis: Analysis) -> Verdict:
    """The verdict on `analysis`: looks at some of its rows, fits nothing."""
    if analysis.grouping is not None:
        found = analysis.uncombined.verdict
        return replace(
            found,
            groups=_joined(found.groups, analysis.grouping.of),
            n_components=len(found.groups),
            tailed=(),
            resampled=analysis.resampled,
        )
    settings, candidates = analysis.settings, analysis.candidates
    answer = candidates[analysis.best]
    k, criterion = answer.n_components, settings.criterion
    others = [one for one in candidates if one.n_components != k]
    rival, preferred = lowest(others, criterion), analysis.preferred
    singles = [one for one in others if one.n_components == 1]
    single = lowest(singles, "bic")
    choice = Choice.SEARCHED
    if analysis.stopped_early:
        choice = Choice.STOPPED
    elif settings.k_min == settings.k_max:
        choice = Choice.ASKED
    elif preferred is not None and preferred != analysis.best:
        choice = Choice.CHOSEN
    at_end = ""
    if choice is Choice.SEARCHED:
        at_end = "upper" if k == settings.k_max else "lower" if k == settings.k_min > 1 else ""
    groups = groups_of(analysis.scaled, analysis.prepared.fitted())
    tailed: tuple[str, ...] = ()
    if len(set(groups.tolist())) < k:  # else they are apart whatever their tails
        advice = advise(analysis.dataset, analysis.prepared)
        tailed = tuple(name for one in advice for name in one.columns)
    return Verdict(
        groups=tuple(groups.tolist()),
        model=analysis.result.model,
        criterion=criterion,
        choice=choice,
        n_tried=len(candidates),
        n_starts=analysis.trust.n_starts,
        n_agreeing=analysis.trust.n_agreeing,
        rival=None if rival is None else others[rival],
        rival_difference=None
        if rival is None
        else others[rival].value(criterion) - answer.value(criterion),
        single_difference=None if single is None else singles[single].bic - answer.bic,
        preferred=candidates[preferred]
        if choice is Choice.CHOSEN and preferred is not None
        else None,
        at_end=at_end,
        tailed=tailed,
        n_columns=len(analysis.prepared.columns),
        resampled=analysis.resampled,
    )


def _joined(groups: Sequence[int], of: Sequence[int]) -> tuple[int, ...]:
    """The group of each cluster, where `groups` (K,) are those of components, `of` their clusters.

    Clusters are in one group where components of theirs are.
    """
    found = list(range(max(of) + 1))
    for group in set(groups):
        own = {found[cluster] for cluster, other in zip(of, groups, strict=True) if other == group}
        found = [min(own) if one in own else one for one in found]
    places = sorted(set(found))
    return tuple(places.index(one) for one in found)


def _spelt(n: int) -> str:
    return _NUMBERS[n] if n < len(_NUMBERS) else f"{n:,}"


def _named(clusters: list[int]) -> str:
    """Clusters (0-based), counted from 1: "clusters 1, 3 and 4"."""
    *most, last = (str(k + 1) for k in clusters)
    return f"clusters {', '.join(most)} and {last}"
