"""How many clusters there are, and whether there are any: one verdict in words, with its grounds.

Three questions in turn:

1. Does one bell-shaped group describe the rows as well? Clusters are claimed only on strong
   evidence against it: a BIC more than 6 lower (Kass and Raftery, 1995, section 3.2).
2. Do gaps set the clusters apart? Several components without a gap between them may be one group
   of another shape (Hennig, 2010; see `engine.judging.separation`).
3. Does another number of clusters explain the rows as well?

The headline says how many, and in a few words what speaks against it; the grounds follow, doubts
first.

The evidence is that of BIC, whatever the criterion that chose: there is no such scale for
differences of ICL and AIC.
"""

from __future__ import annotations

import enum
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gmmdesk.analysis.candidates import BIC_EVIDENCE, Candidate
from gmmdesk.analysis.found_again import (
    WHAT_UNSTABLE_MEANS,
    found_again,
    is_unstable,
    unstable_in_words,
)
from gmmdesk.data.raw import listed
from gmmdesk.engine import Resampled, Trust

# Below this the evidence against a single group is no more than positive.
STRONG = BIC_EVIDENCE[1]
# How well another combination explains the rows, by `BIC_EVIDENCE` against it.
_AS_WELL = ("as well", "almost as well", "less well", "")

_SHAPE = "the shape of one group that is not bell-shaped, not grouping, may be the cause"
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
    Choice.SEARCHED: "",
    Choice.ASKED: ", which were asked for",
    Choice.CHOSEN: ", which were chosen",
    Choice.STOPPED: ", at which the search was stopped early",
}


@dataclass(frozen=True, slots=True)
class Ground:
    """One thing that the verdict rests on, or that speaks against it."""

    text: str
    is_doubt: bool = False


@dataclass(frozen=True, slots=True)
class Doubted:
    """What is doubtful about a component: the `kind` of `Doubt`, and the words for it."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How many clusters, and the grounds for it.

    `groups` has the group of each of the K clusters (0-based); groups are set apart by gaps.
    `rival` is the best combination with another number of clusters and `rival_difference` how much
    higher its criterion is than the answer's; `single_difference` is that of the BIC of the best
    fit of a single cluster. All three are None where nothing was tried. `at_end` says which end of
    the range that was searched the answer lies at, "lower", "upper" or neither, `tailed` which of
    the `n_columns` have a long tail that can look like clusters. Of `n_starts` `n_agreeing` led
    near the same clusters; `resampled` says how often halves of the rows did, where it is known,
    and `steadying` what may help if that is seldom. `doubts` are about single components, the
    clusters that are `scattered` (0-based) rows are in no group of others, and the gap around the
    groups that are `unsure` (0-based) may be chance.
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
    doubts: tuple[Doubted, ...] = ()
    scattered: tuple[int, ...] = ()
    unsure: tuple[int, ...] = ()
    steadying: tuple[str, ...] = ()

    @property
    def is_combined(self) -> bool:
        """Whether some cluster is made of several components."""
        return self.n_components > self.n_clusters

    @property
    def n_clusters(self) -> int:
        return len(self.groups)

    @property
    def n_groups(self) -> int:
        return len(set(self._gathered.values()))

    @property
    def _gathered(self) -> dict[int, int]:
        """The group of each cluster but those that are scattered over the room of others."""
        of = dict(enumerate(self.groups))
        some = {k: group for k, group in of.items() if k not in self.scattered}
        return some if len(some) > 1 else of

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
        is_each_apart = self.n_groups == len(self._gathered)
        return Claim.CLUSTERS if is_each_apart else Claim.FEWER_GROUPS

    @property
    def may_be_shape(self) -> bool:
        """Whether it says that the shape of one group, not grouping, may be the cause."""
        return self.claim is Claim.ONE_SHAPE or bool(self._chance or self._tail)

    @property
    def headline(self) -> str:
        """How many clusters, and whether to build on them: one sentence."""
        return self._opening

    @property
    def grounds(self) -> tuple[Ground, ...]:
        """What it rests on and what to do about it; what speaks against it first."""
        doubts = (self._caveat, self._gaps, self._chance, self._tail, *self._doubtful)
        if self._is_unstable:
            doubts = (*doubts, self._unstable)
        told = [Ground(text, is_doubt=True) for text in doubts if text]
        told += [Ground(text) for text in (self._grounds, self._end, self._how) if text]
        return tuple(told)

    @property
    def text(self) -> str:
        """All of it as one paragraph."""
        return " ".join((self.headline, *(one.text for one in self.grounds)))

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
            noun = "cluster" if self.n_clusters == 1 else "clusters"
            clusters = f"{_spelt(self.n_clusters).capitalize()} {noun}, merged from"
            clusters += f" {self._components} of the mixture{_HOW[self.choice]}"
        elif self.choice is Choice.STOPPED:
            clusters = f"{clusters[:1].lower()}{clusters[1:]}"
            if self.n_tried == 1:
                return f"Stopped early at {clusters}: the answer could still change."
            return f"Stopped early: {clusters}, the best of {self.n_tried} tries until then."
        elif self.choice is Choice.ASKED:
            clusters = f"{clusters}, as asked"
        elif self.choice is Choice.CHOSEN:
            clusters = f"{clusters}, as chosen"
        elif self.n_clusters == 1:
            return "No clusters: one bell-shaped group describes these data best."
        elif self.one_does:
            return f"No clear clusters: {self._one_does(_spelt(self.n_clusters))}"
        return f"{', '.join((clusters, *self._reservations))}."

    @property
    def _reservations(self) -> list[str]:
        """What speaks against the clusters, in as few words as a headline has room for."""
        if self.choice is Choice.STOPPED or self.n_clusters == 1:
            return []
        told = []
        if self.claim is Claim.ONE_SHAPE:
            told.append("perhaps only one group")
        elif self.claim is Claim.FEWER_GROUPS:
            told.append(f"perhaps only {_spelt(self.n_groups)} groups")
        elif self.claim is Claim.CLUSTERS and (self._chance or self._tail):
            told.append("perhaps fewer groups")
        if n := len(self.doubts):
            outliers = all(one.kind == "scattered" for one in self.doubts)
            told.append(f"{_spelt(n)} of them perhaps {'outliers' if outliers else 'no group'}")
        if self._is_unstable:
            told.append("unstable in halves of the rows")
        return told

    @property
    def _how(self) -> str:
        if self.choice is not Choice.SEARCHED:
            return ""
        return f"Chosen by {self.criterion.upper()} among {self.n_tried} tries."

    @property
    def _doubtful(self) -> tuple[str, ...]:
        return () if self.choice is Choice.STOPPED else tuple(one.text for one in self.doubts)

    @property
    def _is_unstable(self) -> bool:
        is_one = self.n_clusters == 1 and not self.is_combined
        return not is_one and self.choice is not Choice.STOPPED and is_unstable(self.resampled)

    @property
    def _trust(self) -> Trust:
        return Trust(n_starts=self.n_starts, n_agreeing=self.n_agreeing, few_rows=(), flat=())

    @property
    def _found(self) -> str:
        """What was found again."""
        return f"the {self._components if self.is_combined else _spelt(self.n_clusters)}"

    @property
    def _unstable(self) -> str:
        told = unstable_in_words(self._trust, self.resampled, self._found)
        return with_help(f"{told} {WHAT_UNSTABLE_MEANS}", self.steadying)

    @property
    def _caveat(self) -> str:
        """What is to be said against a number that was chosen, and against merged components."""
        if self.choice is Choice.CHOSEN:
            return self._prefers
        if self.choice is Choice.STOPPED and not self.is_combined:
            return _UNTRIED if self.n_tried > 1 else ""
        if not self.is_combined:
            return ""
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

    def _one_does(self, than: str) -> str:
        assert self.single_difference is not None
        difference = self.single_difference
        how = f"{_AS_WELL[bisect_left(BIC_EVIDENCE, difference)]} as"
        if difference < 0.0:  # another criterion than BIC has chosen
            how = "better than"
        return (
            f"one bell-shaped group describes these data {how} {than} (BIC difference"
            f" {abs(difference):.1f})."
        )

    @property
    def _gaps(self) -> str:
        if self.claim is Claim.ONE_SHAPE:
            return f"But no gap lies between them: {_SHAPE}."
        if self.claim is not Claim.FEWER_GROUPS:
            return ""
        gathered = self._gathered
        together = [
            _named([k for k, group in gathered.items() if group == one])
            for one in dict.fromkeys(gathered.values())
            if list(gathered.values()).count(one) > 1
        ]
        run = "; ".join(together)
        return (
            f"Gaps set {_spelt(self.n_groups)} groups apart: {run} run into each other and may be"
            " parts of one group that is not bell-shaped."
        )

    @property
    def _chance(self) -> str:
        """What is to be said against gaps that few rows may have by chance."""
        if self.claim not in (Claim.CLUSTERS, Claim.FEWER_GROUPS):
            return ""
        unsure = [k for k, group in self._gathered.items() if group in self.unsure]
        if not unsure:
            return ""
        whole = {self._gathered[k] for k in unsure} == set(self._gathered.values())
        around = "between them" if whole else f"around {_named(unsure)}"
        return f"The gap {around} may be chance in so few rows: {_SHAPE}."

    @property
    def _tail(self) -> str:
        """Columns that alone may make clusters; not where these are surely apart."""
        if not self.tailed or self.claim is Claim.NONE:
            return ""
        if self.claim is Claim.CLUSTERS and not self._chance:
            return ""
        has = "has" if len(self.tailed) == 1 else "have"
        alone = ""
        if self.claim is not Claim.ONE_SHAPE:
            alone = (
                ", which alone can make gaps"
                if self._chance
                else f", which alone can make gaps: {_SHAPE}"
            )
        columns = listed(list(self.tailed))
        return f"{columns} {has} a long tail{alone}. Try a logarithm or power."

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
        again = "" if self._is_unstable else found_again(self._trust, self.resampled)
        if not again or (self.n_clusters == 1 and not self.is_combined):
            return ""
        return f"{self._found} were found again in {again}"

    @property
    def _end(self) -> str:
        # Where nothing sets clusters apart, more of them would be no more groups.
        if self.at_end == "upper" and self.claim not in (Claim.NONE, Claim.ONE_SHAPE):
            return "The best number is at the end of your range: allow more and look again."
        if self.at_end == "lower":
            return "The best number is at the beginning of your range: allow fewer and look again."
        return ""


def with_help(text: str, offered: Sequence[str]) -> str:
    """What speaks against an answer, and what may help."""
    return f"{text} What may help: {'; '.join(offered)}." if offered else text


def _spelt(n: int) -> str:
    return _NUMBERS[n] if n < len(_NUMBERS) else f"{n:,}"


def _named(clusters: list[int]) -> str:
    """Clusters (0-based), counted from 1: "clusters 1, 3 and 4"."""
    *most, last = (str(k + 1) for k in clusters)
    return f"clusters {', '.join(most)} and {last}"
