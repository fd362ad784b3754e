"""Two rules say which clusters may be one: gaps, by which the verdict goes, and overlap.

Gaps ask whether rows are missing between clusters (Hennig, 2010), overlap whether rows are unsure
which of them they belong to (Baudry et al., 2010, the bend of the entropy under Choose K >
Merging). Where these numbers differ, each place says so.
"""

from __future__ import annotations

from collections.abc import Sequence

from gmmdesk.analysis.offers import groups_in_words
from gmmdesk.analysis.overlaps import Overlap, could_be
from gmmdesk.analysis.verdict import Choice, Claim, Verdict
from gmmdesk.text import joined, sentence_case, spelt

_OVERLAP_MEANS = "Clusters that overlap need not be of one kind"


def overlap_beside_gaps(verdict: Verdict) -> str:
    """Where the verdict tells of groups: which number to use for what, with that by overlap.

    That by overlap is left out where overlap comes to none, or nobody has looked.
    """
    if verdict.choice is Choice.STOPPED:
        return ""
    return f"{sentence_case(_which_to_use(verdict, verdict.bend, 'see Choose K > Merging'))}."


def gaps_beside_overlap(verdict: Verdict, bend: int) -> str:
    """Where overlap says `bend` clusters, or none (0): what the `verdict` on the components says by
    gaps.
    """
    if verdict.choice is Choice.STOPPED or verdict.claim is Claim.NONE:
        return ""
    if bend == _n_by_gaps(verdict):
        return "The verdict goes by gaps between clusters instead and comes to the same number."
    groups = groups_in_words(verdict)
    return (
        f"The verdict goes by gaps between clusters instead and comes to {groups}:"
        f" {_which_to_use(verdict, bend, _on_page(verdict, bend))}."
    )


def overlap_in_words(overlap: Overlap, names: Sequence[str], verdict: Verdict) -> str:
    """That two clusters overlap much; they may be one where no gap lies between them."""
    has_gap = verdict.has_gap(*overlap[1:])
    so = " in spite of the gap between them" if has_gap else ": they may be one group"
    return f"{could_be(overlap, names)}{so}."


def overlaps_in_words(verdict: Verdict, names: Sequence[str]) -> str:
    """The pairs of clusters of which one has many rows that could be the other's."""
    return " ".join(overlap_in_words(one, names, verdict) for one in verdict.overlaps)


def _on_page(verdict: Verdict, bend: int) -> str:
    """Where the number by overlap is seen, beside the curve of the entropy."""
    return "where the curve bends" if bend < verdict.n_components else "as nothing overlaps"


def _which_to_use(verdict: Verdict, bend: int, seen: str) -> str:
    """Which of the numbers that are told is for what, `bend` being the one by overlap, as is `seen`
    somewhere; 0 for none. What is seldom found again is neither claimed nor sorted by.
    """
    groups, shown = verdict.n_claimed, verdict.n_components
    uses, to_describe = [], []
    is_claim = groups > 1 and not verdict.would_be_unstable(_groups_of_components(verdict))
    if is_claim:
        uses = [f"{'at most ' * verdict.may_be_shape}{spelt(groups)} to claim groups"]
    if bend > 1 and bend != groups:
        counted = ", counting outliers" * (bend > groups and _n_by_gaps(verdict) > verdict.n_groups)
        by = f"by overlap{counted}, {seen}"
        if verdict.would_be_unstable(verdict.bend_of):
            to_describe.append(f"{spelt(bend)} ({by})")
        else:
            uses.append(f"{spelt(bend)} ({by}) where few rows may be unsure")
    if shown not in (groups, bend):
        to_describe.append(spelt(shown))
    if to_describe:
        uses.append(f"{' or '.join(to_describe)} only to describe them closely")
    use = f"use {joined(uses)}"
    told = use if is_claim else f"claim no groups; {use}" if uses else "claim no groups"
    is_by_overlap = 1 < bend < shown and bend != groups
    return f"{told}. {_OVERLAP_MEANS}" if is_by_overlap else told


def _groups_of_components(verdict: Verdict) -> tuple[int, ...]:
    return tuple(verdict.groups[cluster] for cluster in verdict.of)


def _n_by_gaps(verdict: Verdict) -> int:
    """Clusters that are left where each group becomes one."""
    return verdict.n_groups + verdict.n_clusters - len(verdict.gathered)
