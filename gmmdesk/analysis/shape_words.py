"""What it means for an answer that clusters are not bell-shaped: a ground beside the verdict's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gmmdesk.analysis.analysis import Analysis
from gmmdesk.analysis.doubts import named
from gmmdesk.analysis.found_again import is_rare
from gmmdesk.analysis.offers import show_findings
from gmmdesk.analysis.verdict import Choice, Claim, Verdict
from gmmdesk.analysis.verdict_words import AnswerWords, Ground, verdict_in_words
from gmmdesk.engine.judging.shape import Shape
from gmmdesk.text import default_name, sentence_case


def misshapen(verdict: Verdict, shapes: Sequence[Shape]) -> list[int]:
    """The clusters (0-based) that are not bell-shaped, where that is news; `shapes` (K,).

    Of those that run into each other, are made of several components, or may be none, more has
    been said; and one of another extent than the shape that was chosen gives it may be a bell.
    """
    return sorted({verdict.of[one.component] for one in shapes if is_news(verdict, one)})


def is_news(verdict: Verdict, shape: Shape) -> bool:
    """Whether it speaks against an answer that a component has this shape: see `misshapen`."""
    return _is_other(shape) and verdict.of[shape.component] in _news_of(verdict)


_ALL_WELL = "All is well: nothing that was checked speaks against these clusters (see Trust)."
# What a verdict has said of one component that is no bell, and of several.
_SAID_ALREADY = {
    "merged": ("it is a part of a merged cluster", "they are parts of merged clusters"),
    "together": ("it may be a part of a group", "they may be parts of groups"),
    "doubted": ("it may be no group", "they may be no groups"),
}


def said_already(verdict: Verdict, component: int) -> str:
    """Which of the above the verdict has said of a component; empty for none."""
    cluster = verdict.of[component]
    if verdict.of.count(cluster) > 1:
        return "merged"
    if any(cluster in own for own in verdict.together):
        return "together"
    return "doubted" if any(one.doubt.cluster == component for one in verdict.doubts) else ""


def no_further_doubt(said: str, n: int) -> str:
    """That `n` components that are no bells are no doubt of their own; empty where nothing is."""
    return f"That is no further doubt: {_SAID_ALREADY[said][n > 1]}." if said else ""


def _news_of(verdict: Verdict) -> set[int]:
    """The clusters (0-based) of which their shape would be news, if it is no bell."""
    if verdict.claim not in (Claim.CLUSTERS, Claim.FEWER_GROUPS):
        return set()
    if verdict.choice is Choice.STOPPED:
        return set()
    told = {k for own in verdict.together for k in own}
    doubted = (one.doubt.cluster for one in verdict.doubts)
    told |= {verdict.of[k] for k in doubted if k is not None}
    told |= {cluster for cluster in verdict.of if verdict.of.count(cluster) > 1}
    return set(range(verdict.n_clusters)) - told


def verdict_with_shapes(analysis: Analysis, names: Sequence[str] = ()) -> AnswerWords:
    """The verdict in words, and below its doubts which clusters are not bell-shaped.

    Shapes are judged where they would be news, which takes a second or two of many rows.
    """
    told = verdict_in_words(analysis.verdict, names)
    shapes = analysis.shapes if _news_of(analysis.verdict) else ()
    told = with_shapes(told, analysis.verdict, shapes, names)
    return replace(told, grounds=with_all_well(told.grounds, analysis.verdict, shapes))


def with_shapes(
    told: AnswerWords, verdict: Verdict, shapes: Sequence[Shape], names: Sequence[str]
) -> AnswerWords:
    """What was `told` of a verdict, and below its doubts which clusters are not bell-shaped."""
    ground = misshapen_ground(verdict, shapes, names)
    if ground is None:
        return told
    n_doubts = sum(one.is_doubt for one in told.grounds)
    return replace(told, grounds=(*told.grounds[:n_doubts], ground, *told.grounds[n_doubts:]))


def with_all_well(
    grounds: Sequence[Ground], verdict: Verdict, shapes: Sequence[Shape]
) -> tuple[Ground, ...]:
    """The same, and before them that all is well, where that is known and none is a doubt.

    Nor is it at an end of the range, as the grounds say to look beyond, beside another number that
    does almost as well, or where few restarts agree.
    """
    is_known = bool(shapes) or not _news_of(verdict)
    is_settled = verdict.is_claimed and not (verdict.is_being_checked or verdict.at_end)
    is_noted = verdict.is_rivalled or is_rare(verdict.parts_trust)
    if is_noted or not (is_known and is_settled) or any(one.is_doubt for one in grounds):
        return tuple(grounds)
    return (Ground(_ALL_WELL), *grounds)


def misshapen_ground(
    verdict: Verdict, shapes: Sequence[Shape], names: Sequence[str] = ()
) -> Ground | None:
    """That clusters, called `names` (C,) or by their numbers, are not bell-shaped; None if none."""
    own = misshapen(verdict, shapes)
    if not own:
        return None
    names = names or [default_name(k) for k in range(verdict.n_clusters)]
    are, their = ("is", "its") if len(own) == 1 else ("are", "their")
    text = (
        f"{sentence_case(named(own, names))} {are} not bell-shaped: {their} borders, how sure"
        f" {their} rows are and which of them are outliers hold only roughly."
    )
    return Ground(text, is_doubt=True, offer=show_findings())


def _is_other(shape: Shape) -> bool:
    return not shape.is_bell and shape.departure != "other"
