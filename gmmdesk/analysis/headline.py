"""The verdict's headline: one sentence that says what to believe.

It says how many groups there are, where gaps set fewer apart than there are clusters, else how
many clusters, with the one thing that weighs most against them. All else are grounds, which
`verdict_words` lists below it.
"""

from __future__ import annotations

from gmmdesk.analysis.candidates import bic_evidence
from gmmdesk.analysis.shapes_named import shape_told
from gmmdesk.analysis.verdict import Choice, Claim, Verdict
from gmmdesk.text import sentence_case, spelt

# How well another combination explains the rows, by `bic_evidence` against it.
AS_WELL = ("as well", "almost as well", "less well", "")

# What a cluster may be instead.
_OUTLIERS, _NO_GROUP = "outliers", "no group"

# How the clusters were come by, as it goes on their number, and that of their components.
_CLUSTERS_BY = {
    Choice.SEARCHED: "",
    Choice.ASKED: ", as asked",
    Choice.STARTED: ", from a chosen start",
    Choice.CHOSEN: ", as chosen",
}
COMPONENTS_BY = {
    Choice.SEARCHED: "",
    Choice.ASKED: ", which were asked for",
    Choice.STARTED: ", from a chosen start",
    Choice.CHOSEN: ", which were chosen",
    Choice.STOPPED: ", at which the search was stopped early",
}


def headline(verdict: Verdict) -> str:
    """What to believe of the rows, in one sentence; as far as it is known while clusters are looked
    for in halves of the rows, which may show that they are unstable.
    """
    said = _settled(verdict)
    may_change = verdict.claim is not Claim.NONE and verdict.choice is not Choice.STOPPED
    if not (verdict.is_being_checked and may_change):
        return said
    return f"Still checking. So far: {said[:1].lower()}{said[1:]}"


def _settled(verdict: Verdict) -> str:
    if verdict.choice is Choice.STOPPED:
        return _stopped(verdict)
    if verdict.one_does and verdict.n_components > 1:
        return f"No clear clusters: {one_does(verdict)}"
    if verdict.claim in (Claim.FEWER_GROUPS, Claim.ONE_SHAPE):
        return _groups(verdict)
    if verdict.is_combined:
        return _merged(verdict)
    if verdict.n_clusters == 1 and verdict.choice is Choice.SEARCHED:
        return "No clusters: one bell-shaped group describes these data best."
    clusters = sentence_case(shaped(verdict, _unstable(verdict)))
    so_far = " so far" if verdict.unfinished else ""
    return f"{clusters}{so_far}{_CLUSTERS_BY[verdict.choice]}{_against(verdict)}."


def _groups(verdict: Verdict) -> str:
    """Groups that gaps set apart, of several clusters each."""
    n = verdict.n_groups
    groups = f"{spelt(n)} group{'s' * (n > 1)}"
    told = f"{groups} or fewer" if n > 1 and verdict.may_be_shape else f"only {groups}"
    adjoining = "adjoining" if n == 1 else "partly adjoining"
    if verdict.is_combined:
        across = ", merged across a gap" * bool(verdict.across)
        if verdict.is_unstable:
            drawn = f"drawn as {spelt(verdict.n_clusters)} {adjoining} clusters{across}"
            return f"Unstable: perhaps {told}, {drawn}."
        clusters, by = f"{adjoining} clusters", across
    else:
        unstable = "unstable, " if verdict.is_unstable else ""
        clusters, by = f"{unstable}{adjoining} clusters", _CLUSTERS_BY[verdict.choice]
    clusters = f"{spelt(verdict.n_clusters)} {clusters}"
    return f"Perhaps {told}, drawn as {clusters}{by}{_doubtful(verdict)}."


def _merged(verdict: Verdict) -> str:
    """Clusters of several components; what was doubtful of these is no surer for being merged.

    Where they are unstable nothing else is worth a word before the grounds.
    """
    may_be_fewer = _may_be_fewer(verdict)
    has_fewer = may_be_fewer and verdict.n_clusters - len(verdict.outlying) > 1
    limit = " or fewer" * has_fewer
    if verdict.is_unstable:
        return f"Unstable: perhaps {merged(verdict, limit, by='')}."
    told = merged(verdict, limit)
    # Gaps set those apart that are left, unless there is one: that may be several that overlap.
    is_one = verdict.n_clusters == 1 and not verdict.across
    is_perhaps = may_be_fewer or (verdict.overlapped and is_one)
    perhaps = "perhaps " if is_perhaps else ""
    return f"{sentence_case(f'{perhaps}{told}')}{_doubtful(verdict)}."


def _against(verdict: Verdict) -> str:
    """What weighs most against clusters that are apart."""
    return ", perhaps fewer groups" * _may_be_fewer(verdict) + _doubtful(verdict)


def _may_be_fewer(verdict: Verdict) -> bool:
    """Whether a gap may be chance, or the tails', beside clusters that are doubtful themselves."""
    doubtful = {verdict.of[one.cluster] for one in verdict.lone_doubts if one.cluster is not None}
    is_unsure = verdict.may_be_tails or bool(verdict.by_chance)
    return is_unsure and not (verdict.by_chance and doubtful.issuperset(verdict.by_chance))


def _unstable(verdict: Verdict) -> str:
    return "unstable " if verdict.is_unstable else ""


def marks(verdict: Verdict) -> tuple[str, ...]:
    """What each cluster (C) may be instead, as the headline counts them; empty of those that may
    not, for wherever clusters are listed.
    """
    instead = _instead(verdict)
    return tuple(f"perhaps {instead[k]}" if k in instead else "" for k in range(verdict.n_clusters))


def _instead(verdict: Verdict) -> dict[int, str]:
    """What clusters (0-based) may be, beside those that are a part of a group."""
    if verdict.claim is Claim.NONE:
        return {}
    told = {} if verdict.choice is Choice.STOPPED else verdict.lone_doubts
    doubted = {verdict.of[one.cluster] for one in told if one.cluster is not None}
    if verdict.is_combined:
        doubted.update(verdict.outlying)
    return {k: _OUTLIERS if k in verdict.stray else _NO_GROUP for k in sorted(doubted)}


def _doubtful(verdict: Verdict) -> str:
    """How many of the clusters may be none, beside those that are a part of a group."""
    instead = _instead(verdict)
    if verdict.is_combined and verdict.claim is Claim.CLUSTERS:  # of outliers it is told
        instead = {k: what for k, what in instead.items() if k not in verdict.outlying}
    if not instead:
        return ""
    n = len(instead)
    what = " or ".join(one for one in (_OUTLIERS, _NO_GROUP) if one in instead.values())
    which = "all" if n == verdict.n_components > 1 else spelt(n)
    return f", {which} of them perhaps {what}"


def _stopped(verdict: Verdict) -> str:
    if verdict.is_combined:
        return f"{sentence_case(merged(verdict))}."
    if verdict.n_tried == 1:
        return f"Stopped early at {shaped(verdict)}: the answer could still change."
    return f"Stopped early: {shaped(verdict)}, the best of {verdict.n_tried} tries until then."


def shaped(verdict: Verdict, adjective: str = "") -> str:
    """How many clusters of which shape: "three clusters of the same shape"."""
    if verdict.n_clusters == 1:
        return f"one {adjective}cluster"
    shape = shape_told(verdict.model, verdict.n_columns)
    return f"{spelt(verdict.n_clusters)} {adjective}clusters {shape}"


def merged(verdict: Verdict, limit: str = "", by: str | None = None) -> str:
    """How many clusters, or more or fewer by a `limit`, of how many components, and `by` what these
    were come by, if that is not as it was.
    """
    by = COMPONENTS_BY[verdict.choice] if by is None else by
    outlying = len(verdict.outlying)
    rest = f" and perhaps {spelt(outlying)} of outliers" if outlying else ""
    across = "across a gap " * bool(verdict.across)
    return (
        f"{_clusters(verdict.n_clusters - outlying)}{limit}{rest}, merged {across}from"
        f" {spelt(verdict.n_components)} components of the mixture{by}"
    )


def one_does(verdict: Verdict) -> str:
    """That one bell-shaped group describes the rows as well."""
    assert verdict.single_difference is not None
    difference = verdict.single_difference
    how = f"{AS_WELL[bic_evidence(difference)]} as"
    if difference < 0.0:  # another criterion than BIC has chosen
        how = "better than"
    than = spelt(verdict.n_clusters)
    if verdict.is_combined:
        components = f"the {spelt(verdict.n_components)} components"
        than = f"{components} that are merged into {_clusters(verdict.n_clusters)}"
    elif verdict.choice is Choice.CHOSEN:
        than += ", which were chosen"
    found = f"(BIC difference {abs(difference):.1f})"
    return f"one bell-shaped group describes these data {how} {than} {found}."


def _clusters(n: int) -> str:
    return f"{spelt(n)} cluster{'s' * (n != 1)}"
