"""Findings about the shape of clusters, with what may help: those alike are told together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from gmmdesk.analysis import remedies
from gmmdesk.analysis.doubts import named
from gmmdesk.analysis.remark import Grade, Remark
from gmmdesk.analysis.remedies import Remedy
from gmmdesk.analysis.shape_words import is_news, no_further_doubt, said_already
from gmmdesk.analysis.verdict import Claim
from gmmdesk.engine import MODELS
from gmmdesk.engine.judging.shape import LEVEL, Shape
from gmmdesk.text import joined, sentence_case, spelt

if TYPE_CHECKING:
    from gmmdesk.analysis.diagnosis import Diagnosis


_TINY = 0.001


def about_shapes(found: Diagnosis, names: Sequence[str]) -> list[Remark]:
    """Those that are no bells for one reason together; a doubt where it is one of the verdict's.

    What may help several of these is offered once, for all of them.
    """
    about = "Are the clusters bell-shaped?"
    judged = [one for one in found.shapes if one.is_judged]
    if not judged:
        flat = any(one.is_flat for one in found.shapes)
        why = "too few rows" + ", or such that nearly share a value" * flat
        return [Remark(about, Grade.TO_NOTE, f"The clusters' shape cannot be judged: {why}.")]
    verdict = found.analysis.verdict
    alike: dict[tuple[str, bool, str], list[Shape]] = {}
    for one in judged:
        if not one.is_bell:
            is_doubt = is_news(verdict, one)
            said = "" if is_doubt else said_already(verdict, one.component)
            alike.setdefault((one.departure, is_doubt, said), []).append(one)
    every = _skewed(found, [one for own in alike.values() for one in own])
    remarks: list[Remark] = []
    doubts_first = sorted(alike.items(), key=lambda one: not one[0][1])
    for (_departure, is_doubt, said), own in doubts_first:
        columns = _skewed(found, own)
        components = tuple(one.component for one in own)
        text = shapes_in_words(own, named(components, names), columns)
        text = f"{text} {no_further_doubt(said, len(own))}".strip()
        grade = Grade.IN_DOUBT if is_doubt else Grade.TO_NOTE
        before = {remedy.text for remark in remarks for remedy in remark.remedies}
        may_help = _shape_remedies(found, own[0], every if columns else ())
        # Where the verdict has said more of them already, what may help is offered there.
        offered = () if said else tuple(one for one in may_help if one.text not in before)
        remarks.append(Remark(about, grade, text, offered, components=components))
    if not remarks:
        unjudged = [one.component for one in found.shapes if not one.is_judged]
        which = sentence_case(named(unjudged, names))
        rest = f" {which} could not be judged." if unjudged else ""
        noun = "cluster" if found.analysis.grouping is None else "component"
        which = f"The {noun} passes" if len(judged) == 1 else f"The {noun}s pass"
        least = min(judged, key=lambda one: one.p_value)
        p = _p_in_words([least], "at least" * (len(judged) > 1))
        text = f"{which} as bell-shaped ({p})."
        if verdict.together:
            rest += f" That is about each {noun} alone: a group of several is not bell-shaped."
        grade = Grade.TO_NOTE if verdict.together else Grade.IN_ORDER
        remarks.append(Remark(about, grade, text + rest))
    return remarks


def _skewed(found: Diagnosis, shapes: Sequence[Shape]) -> tuple[str, ...]:
    """The columns in which some of these clusters are skewed."""
    return tuple(dict.fromkeys(name for one in shapes for name in found.skewed[one.component]))


# How one cluster, and how several are no bells.
_DEPARTURES = {
    "skewed": (
        "it leans to one side, with a tail on the other",
        "they lean to one side, with a tail on the other",
    ),
    "heavy": (
        "more rows lie far out than a bell has there (heavy tails)",
        "more rows lie far out than bells have there (heavy tails)",
    ),
    "light": (
        "it is flatter than a bell, as with sharp limits or several groups in one",
        "they are flatter than bells, as with sharp limits or several groups in one",
    ),
}


def shape_in_words(shape: Shape, name: str, skewed: Sequence[str] = ()) -> str:
    """Whether a cluster is bell-shaped, and how it differs."""
    if not shape.is_judged:
        if shape.is_flat:
            return f"The rows of {name} nearly share a value: there is no shape to judge."
        return f"{name} has too few rows to judge its shape."
    if shape.is_bell:
        return f"{name} passes as bell-shaped ({_p_in_words([shape])})."
    return shapes_in_words([shape], name, skewed)


def shapes_in_words(shapes: Sequence[Shape], called: str, skewed: Sequence[str] = ()) -> str:
    """How clusters that are `called` so, none of them a bell, differ from one; all alike."""
    several, p, departure = len(shapes) > 1, _p_in_words(shapes), shapes[0].departure
    called = sentence_case(called)
    if departure == "other":
        do, whose = ("do", "their") if several else ("does", "its")
        return (
            f"{called} {do} not have the shape that was chosen ({p}): {whose} rows extend"
            " otherwise."
        )
    where = f", most in {joined(skewed, 3)}" if skewed else ""
    are = "are" if several else "is"
    return f"{called} {are} not bell-shaped ({p}): {_DEPARTURES[departure][several]}{where}."


def _p_in_words(shapes: Sequence[Shape], sign: str = "") -> str:
    """The largest p-value, with the limit where it is not far below."""
    p, limit = max(one.p_value for one in shapes), shapes[0].limit
    if p < _TINY:
        return f"p < {_TINY:g}"
    sign, n = sign or ("at most" if len(shapes) > 1 else "="), round(LEVEL / limit)
    shared = f", {100 * LEVEL:g} % shared by {spelt(n)}" if n > 1 else ""
    return f"p {sign} {round(p, 4):g}; the limit is {round(limit, 4):g}{shared}"


def _shape_remedies(found: Diagnosis, shape: Shape, skewed: Sequence[str]) -> tuple[Remedy, ...]:
    """What may help clusters of this shape; more of them only where the verdict has no fewer."""
    analysis, verdict = found.analysis, found.analysis.verdict.with_resamples(found.resampled)
    own = [
        msgspec.structs.replace(step, columns=names)
        for step in found.straighten
        if (names := tuple(name for name in step.columns if name in skewed))
    ]
    offered = [*remedies.straighten(own)]
    if shape.departure == "heavy" and not analysis.settings.noise:
        offered.append(remedies.allow_noise())
    is_free = analysis.result.model == "VVV" or set(MODELS) <= set(analysis.settings.models)
    if shape.departure == "other" and not is_free:
        offered.append(remedies.any_shape())
    may_be_more = verdict.claim is Claim.CLUSTERS and not verdict.is_unstable
    is_full = analysis.result.n_components >= analysis.settings.k_max
    if shape.departure in ("light", "skewed") and is_full and may_be_more:
        offered.append(remedies.more_clusters())
    return tuple(offered)
