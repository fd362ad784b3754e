"""What gaps between the clusters say, in a sentence each; empty where there is nothing to say."""

from __future__ import annotations

from collections.abc import Sequence

from gmmdesk.analysis.doubts import SMALL_SHARE, named
from gmmdesk.analysis.two_rules import overlap_beside_gaps
from gmmdesk.analysis.verdict import Choice, Claim, Verdict
from gmmdesk.text import joined, sentence_case, spelt

_SHAPE = "the shape of one group that is not bell-shaped, not grouping, may be the cause"


def across_in_words(verdict: Verdict, names: Sequence[str]) -> str:
    """Which clusters have a gap within; empty where none does."""
    if not verdict.across or verdict.choice is Choice.STOPPED:
        return ""
    called = sentence_case(named(verdict.across, names))
    was, its, it = ("were", "their", "they") if len(verdict.across) > 1 else ("was", "its", "it")
    return (
        f"{called} {was} merged across a gap: hardly any rows lie between some of {its} parts, so"
        f" that {it} may be several groups."
    )


def gaps_in_words(verdict: Verdict, names: Sequence[str]) -> str:
    """Which clusters run into each other; empty where none do."""
    if verdict.choice is Choice.STOPPED or not verdict.together:
        return ""
    if verdict.claim is Claim.ONE_SHAPE:
        return f"No gap lies between the clusters: {_SHAPE}."
    first, *others = [named(own, names) for own in verdict.together]
    likewise = "".join(f"; likewise {own}" for own in others)
    return (
        f"{_groups_apart(verdict)}: {first} run into each other and may be parts of one group that"
        f" is not bell-shaped{likewise}."
    )


def which_number(verdict: Verdict) -> str:
    """Which of the numbers by gaps, by overlap and of components is for what; empty where there is
    one only, or where that by gaps is not told, as clusters were merged across some.
    """
    is_told = bool(verdict.together) or _is_merged_apart(verdict)
    return overlap_beside_gaps(verdict) if is_told and not verdict.across else ""


def apart_in_words(verdict: Verdict) -> str:
    """That gaps set apart what is merged; empty where nothing is merged."""
    is_stopped = verdict.choice is Choice.STOPPED
    if not _is_merged_apart(verdict) or is_stopped or verdict.n_claimed == 1:
        return ""
    return f"{_groups_apart(verdict)}."


def humps_in_words(verdict: Verdict) -> str:
    """Why there is no gap where columns by themselves look as if there was; empty where none do."""
    is_told = bool(verdict.humped) and (verdict.is_combined or bool(verdict.together))
    if verdict.choice is Choice.STOPPED or not is_told or verdict.n_clusters == 1:
        return ""
    return (
        f"In {joined(verdict.humped, 3)} alone the clusters have humps with a valley between (see"
        " Densities), which is no gap: too many rows lie in it, or lead around it in other columns."
    )


def chance_in_words(verdict: Verdict, names: Sequence[str]) -> str:
    """What is to be said against gaps that few rows may have by chance; empty where nothing is."""
    unsure = verdict.by_chance
    if not unsure or verdict.choice is Choice.STOPPED:
        return ""
    if len(unsure) < len(verdict.gathered):
        gap = f"gap{_around(verdict, names)}"
    else:
        gap = f"gap{'s' * (verdict.n_groups > 2)} between the"
        gap += " groups" if verdict.together else " clusters"
    return f"The {gap} may be chance: {_SHAPE}."


def _around(verdict: Verdict, names: Sequence[str]) -> str:
    """What gaps that may be chance lie around: groups of several clusters, then single ones."""
    own: dict[int, list[int]] = {}
    for k in verdict.by_chance:
        own.setdefault(verdict.groups[k], []).append(k)
    single = [k for one in own.values() if len(one) == 1 for k in one]
    around = [named(one, names) for one in own.values() if len(one) > 1]
    around += [named(single, names)] if single else []
    return f"{'s' * (len(own) > 1)} around {' and around '.join(around)}"


def tails_in_words(verdict: Verdict) -> str:
    """Columns that alone may make clusters; empty where none do."""
    is_one = verdict.is_combined and verdict.n_clusters == 1 and not verdict.one_does
    is_told = verdict.may_be_tails or (bool(verdict.tailed) and is_one)
    if verdict.choice is Choice.STOPPED or not is_told:
        return ""
    has = "has" if len(verdict.tailed) == 1 else "have"
    alone = "" if is_one or verdict.claim is Claim.ONE_SHAPE else ", which alone can make gaps"
    if alone and not verdict.by_chance:  # else it has been said
        alone += f". {sentence_case(_SHAPE)}"
    return f"{joined(verdict.tailed)} {has} a long tail{alone}."


def _is_merged_apart(verdict: Verdict) -> bool:
    return verdict.is_combined and verdict.claim is Claim.CLUSTERS and not verdict.across


def _groups_apart(verdict: Verdict) -> str:
    """How many groups gaps set apart, with their sizes where one is small."""
    sizes = verdict.group_sizes
    is_uneven = sizes[-1] < SMALL_SHARE * sum(sizes)
    rows = f", of {joined([f'{size:,}' for size in sizes], len(sizes))} rows" if is_uneven else ""
    return f"Gaps set {spelt(len(sizes))} groups apart{rows}"
