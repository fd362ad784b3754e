"""How many clusters there are, and whether there are any: one verdict, with its grounds.

Three questions in turn:

1. Does one bell-shaped group describe the rows as well? Clusters are claimed only on strong
   evidence against it: a BIC more than 6 lower (Kass and Raftery, 1995, section 3.2).
2. Do gaps set the clusters apart? Several components without a gap between them may be one group
   of another shape (Hennig, 2010; see `engine.judging.separation`).
3. Does another number of clusters explain the rows as well?

The evidence is that of BIC, whatever the criterion that chose: there is no such scale for
differences of ICL and AIC. The words for it are those of `headline` and `verdict_words`.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace

from gmmdesk.analysis.candidates import Candidate, bic_evidence
from gmmdesk.analysis.doubts import Doubt
from gmmdesk.analysis.found_again import UNCHECKED, UNSTABLE, is_unstable
from gmmdesk.analysis.grouping import Grouping
from gmmdesk.analysis.labels import Labelled
from gmmdesk.analysis.overlaps import Overlap
from gmmdesk.analysis.remedies import Remedy
from gmmdesk.analysis.settings import Searched
from gmmdesk.engine import Resampled, Trust
from gmmdesk.engine.judging.bent import NOT_BENT, Bent

POSITIVE = 1  # evidence (`bic_evidence`), which is not strong yet


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
    STARTED = "started"  # that of the start, which was chosen
    CHOSEN = "chosen"  # by the user, among those that were tried
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Doubted:
    """What is doubtful about a component, and the remedies that are `offered`."""

    doubt: Doubt
    offered: tuple[Remedy, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How many clusters, and the grounds for it.

    `groups` has the group of each of the K clusters (0-based), `sizes` the rows of each; groups are
    set apart by gaps.
    `rival` is the best combination with another number of clusters and `rival_difference` how much
    higher its criterion is than the answer's; `other_shape` and `shape_difference` are the same for
    as many clusters of another shape; `single_difference` is that of the BIC of the best fit of a
    single cluster. All five are None where nothing was tried. `at_end` says which end of the range
    that was searched the answer lies at, "lower", "upper" or neither, `tailed` which of the
    `n_columns` have a long tail that can look like clusters, `straightening` what may help;
    `periods` are the columns that count time, and `timeless` what may help there. Of `n_starts`
    `n_agreeing` led near the same clusters; `resampled` says how often halves of the rows did,
    where it is known, and `steadying` what may help if that is seldom. After `unfinished`
    iterations the fit ended before it converged; 0 where it did. `doubts` are about single
    components, the clusters (0-based) of `stray` rows, scattered or no more than a handful, are in
    no group of others, and the gap around the groups that are `unsure` (0-based) may be chance.
    Where clusters are made of several components of the mixture, as `grouping` says, it is these
    that were found, compared and found again from other starts; `parts_resampled` says how often
    halves led to them, `resampled` how often to their clusters. `overlaps` are the pairs of
    clusters of which one has many rows that could be the other's. `overlapped` says whether some
    ran into each other, `across` which clusters (0-based) have a gap within. `bend` is the number
    of clusters that overlap comes to where gaps set fewer apart than there are (`two_rules`); 0
    where it comes to none, or nobody has looked; `bend_of` has the one of each component. Along the
    columns `humped` alone clusters of one group make several humps; `bent` has the components that
    lie along bands. Where the user `chose_start` halves are fitted without it. `labelled` is the
    column that was not used and agrees best with the clusters, if one does. Some of the fits are of
    searches that this one came `after`. While it
    `is_being_checked` how often halves of the rows lead to the clusters, what is said of them may
    change.
    """

    groups: tuple[int, ...]
    sizes: tuple[int, ...]
    model: str
    criterion: str
    choice: Choice
    n_tried: int
    n_starts: int
    n_agreeing: int
    rival: Candidate | None = None
    rival_difference: float | None = None
    other_shape: Candidate | None = None
    shape_difference: float | None = None
    single_difference: float | None = None
    preferred: Candidate | None = None
    at_end: str = ""
    tailed: tuple[str, ...] = ()
    n_columns: int = 2
    resampled: Resampled | None = None
    parts_resampled: Resampled | None = None
    grouping: Grouping | None = None
    doubts: tuple[Doubted, ...] = ()
    stray: tuple[int, ...] = ()
    unsure: tuple[int, ...] = ()
    steadying: tuple[Remedy, ...] = ()
    straightening: tuple[Remedy, ...] = ()
    periods: tuple[str, ...] = ()
    timeless: tuple[Remedy, ...] = ()
    unfinished: int = 0
    overlaps: tuple[Overlap, ...] = ()
    overlapped: bool = False
    across: tuple[int, ...] = ()
    bend: int = 0
    bend_of: tuple[int, ...] = ()
    humped: tuple[str, ...] = ()
    bent: Bent = NOT_BENT
    chose_start: bool = False
    labelled: Labelled | None = None
    after: tuple[Searched, ...] = ()
    is_being_checked: bool = False

    @property
    def is_combined(self) -> bool:
        """Whether some cluster is made of several components."""
        return self.grouping is not None

    @property
    def n_clusters(self) -> int:
        return len(self.groups)

    @property
    def n_components(self) -> int:
        """Of the mixture: as many as there are clusters, where none are combined."""
        return self.n_clusters if self.grouping is None else len(self.grouping.of)

    @property
    def of(self) -> tuple[int, ...]:
        """The cluster of each component."""
        return tuple(range(self.n_clusters)) if self.grouping is None else self.grouping.of

    @property
    def n_groups(self) -> int:
        return len(set(self.gathered.values()))

    @property
    def gathered(self) -> dict[int, int]:
        """The group of each cluster but those of stray rows."""
        of = dict(enumerate(self.groups))
        some = {k: group for k, group in of.items() if k not in self.stray}
        return some if len(some) > 1 else of

    @property
    def group_sizes(self) -> tuple[int, ...]:
        """The rows of each of the `gathered` groups, the largest first."""
        total: dict[int, int] = {}
        for k, group in self.gathered.items():
            total[group] = total.get(group, 0) + self.sizes[k]
        return tuple(sorted(total.values(), reverse=True))

    @property
    def outlying(self) -> tuple[int, ...]:
        """The clusters (0-based) that are counted as outliers: of stray rows, beside others."""
        return self.stray if len(self.stray) < self.n_clusters else ()

    @property
    def n_claimed(self) -> int:
        """The groups that there are, without clusters that are counted as outliers."""
        return len({group for k, group in enumerate(self.groups) if k not in self.outlying})

    @property
    def together(self) -> tuple[tuple[int, ...], ...]:
        """The clusters (0-based) that run into each other, by the group that they are parts of."""
        if self.claim not in (Claim.FEWER_GROUPS, Claim.ONE_SHAPE):
            return ()
        members: dict[int, list[int]] = {}
        for k, group in self.gathered.items():
            members.setdefault(group, []).append(k)
        return tuple(tuple(own) for own in members.values() if len(own) > 1)

    @property
    def one_does(self) -> bool:
        """Whether one bell-shaped group describes the rows as well."""
        difference = self.single_difference
        return difference is not None and bic_evidence(difference) <= POSITIVE

    @property
    def is_rivalled(self) -> bool:
        """Whether another number explains the rows as well, or almost as well, by BIC."""
        difference = self.rival_difference
        if difference is None or self.criterion != "bic" or self.choice is not Choice.SEARCHED:
            return False
        return bic_evidence(difference) <= POSITIVE

    @property
    def claim(self) -> Claim:
        """The rule of this module."""
        if self.n_clusters == 1 or self.one_does:
            return Claim.NONE
        if self.n_groups == 1:
            return Claim.ONE_SHAPE
        is_each_apart = self.n_groups == len(self.gathered)
        return Claim.CLUSTERS if is_each_apart else Claim.FEWER_GROUPS

    @property
    def are_apart(self) -> bool:
        """Whether gaps that are no chance set each cluster apart."""
        return self.claim is Claim.CLUSTERS and not self.may_be_shape

    @property
    def by_chance(self) -> tuple[int, ...]:
        """The clusters around which few rows may have a gap by chance."""
        if self.claim not in (Claim.CLUSTERS, Claim.FEWER_GROUPS):
            return ()
        return tuple(k for k, group in self.gathered.items() if group in self.unsure)

    def has_gap(self, first: int, second: int) -> bool:
        """Whether a gap that is no chance lies between two clusters (0-based)."""
        groups = [self.gathered.get(k) for k in (first, second)]
        is_sure = None not in groups and not set(groups).intersection(self.unsure)
        return self.claim is not Claim.NONE and is_sure and groups[0] != groups[1]

    @property
    def may_be_tails(self) -> bool:
        """Whether long tails alone may make the clusters; not where these are surely apart."""
        if not self.tailed or self.claim is Claim.NONE:
            return False
        # Where clusters of a group are merged, what is said of the group holds on.
        return self.claim is not Claim.CLUSTERS or bool(self.by_chance) or self.is_combined

    @property
    def may_be_shape(self) -> bool:
        """Whether the shape of one group, not grouping, may be the cause."""
        return self.claim is Claim.ONE_SHAPE or bool(self.by_chance) or self.may_be_tails

    @property
    def is_claimed(self) -> bool:
        """Whether it is said that there are clusters, as far as that is settled."""
        return self.claim is not Claim.NONE and self.choice is not Choice.STOPPED

    @property
    def is_unstable(self) -> bool:
        """Whether clusters that are claimed are seldom found again in halves of the rows."""
        return self.is_claimed and is_unstable(self.resampled)

    @property
    def is_unchecked(self) -> bool:
        """Whether it is unknown if clusters are found without the start that the user chose."""
        is_unknown = self.resampled is None and not self.is_being_checked
        return self.is_claimed and self.chose_start and is_unknown

    @property
    def against_sureness(self) -> str:
        """Why how sure rows are stands in brackets (`why_in_brackets`); empty where it does not."""
        if self.is_unstable:
            return UNSTABLE
        return UNCHECKED if self.is_unchecked else ""

    @property
    def lone_doubts(self) -> tuple[Doubt, ...]:
        """The doubts about components that are no part of a group, or cluster, of several."""
        doubts = [one.doubt for one in self.doubts]
        return tuple(one for one in doubts if one.cluster is None or not self.is_part(one.cluster))

    def is_part(self, component: int) -> bool:
        """Whether a component (0-based) is a part of a group, or cluster, of several."""
        cluster = self.of[component]
        return self.of.count(cluster) > 1 or any(cluster in own for own in self.together)

    def would_be_unstable(self, of: tuple[int, ...]) -> bool:
        """Whether the clusters into which `of` (K,) sorts the components are seldom found again, as
        far as that is known.
        """
        halves = self.parts_resampled
        return bool(of) and halves is not None and is_unstable(halves.of_clusters(of))

    @property
    def is_clear(self) -> bool:
        """Whether nothing speaks against the clusters."""
        return self.are_apart and not (self.doubts or self.is_unstable or self.unfinished)

    @property
    def trust(self) -> Trust | None:
        """How many starts led to the clusters; None of those that are merged: nobody has looked."""
        return None if self.is_combined else self.parts_trust

    @property
    def parts_trust(self) -> Trust:
        """How many starts led to the components."""
        return Trust(n_starts=self.n_starts, n_agreeing=self.n_agreeing, few_rows=(), flat=())

    def with_resamples(self, resampled: Resampled | None) -> Verdict:
        """The same, knowing how often the components were found again in halves of the rows.

        That says nothing of a single cluster, which is in every half.
        """
        if self.grouping is None or resampled is None:
            return replace(self, resampled=resampled, parts_resampled=resampled)
        clusters = resampled.of_clusters(self.grouping.of) if self.n_clusters > 1 else None
        return replace(self, resampled=clusters, parts_resampled=resampled)
