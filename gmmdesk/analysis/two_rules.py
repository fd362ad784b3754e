"""Two rules say which clusters may be one: gaps, by which the verdict goes, and overlap.

Gaps ask whether rows are missing between clusters (Hennig, 2010), overlap whether rows are unsure
which of them they belong to (Baudry et al., 2010, the bend of the entropy under Choose K >
Merging). Where these numbers differ, each place says so.
"""

from __future__ import annotations

from gmmdesk.analysis.headline import spelt
from gmmdesk.analysis.offers import groups_in_words
from gmmdesk.analysis.verdict import Choice, Claim, Verdict

_WHAT_TO_MAKE_OF_IT = "the smaller number is the safer claim, the larger the finer division"


def overlap_beside_gaps(verdict: Verdict) -> str:
    """Where the verdict tells of groups: what overlap says; empty where nobody has looked."""
    if not verdict.bend:
        return ""
    n = _n_by_gaps(verdict)
    if verdict.bend == n:
        return "By overlap instead of gaps (Choose K > Merging) it is the same number."
    # Of the groups alone that are told of, the number could be the same.
    counted = f", outliers too, not {spelt(n)}" if n > verdict.n_groups else ""
    return (
        "By overlap, how unsure rows are, instead of gaps (Choose K > Merging) it would be"
        f" {spelt(verdict.bend)}{counted}: {_WHAT_TO_MAKE_OF_IT}."
    )


def gaps_beside_overlap(verdict: Verdict, bend: int) -> str:
    """Where overlap says `bend` clusters: what the `verdict` on the components says by gaps."""
    if verdict.choice is Choice.STOPPED or verdict.claim is Claim.NONE:
        return ""
    if bend == _n_by_gaps(verdict):
        return "The verdict goes by gaps between clusters instead and comes to the same number."
    groups = groups_in_words(verdict)
    return (
        f"The verdict goes by gaps between clusters instead and comes to {groups}:"
        f" {_WHAT_TO_MAKE_OF_IT}."
    )


def _n_by_gaps(verdict: Verdict) -> int:
    """Clusters that are left where each group becomes one."""
    return verdict.n_groups + verdict.n_clusters - len(verdict.gathered)
