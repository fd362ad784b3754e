"""Findings that the verdict rests on, with what may help."""

from __future__ import annotations

from collections.abc import Sequence

from gmmdesk.analysis.diagnosis import Diagnosis
from gmmdesk.analysis.gap_words import (
    across_in_words,
    apart_in_words,
    chance_in_words,
    gaps_in_words,
    humps_in_words,
    tails_in_words,
    which_number,
)
from gmmdesk.analysis.grouping import parts_of
from gmmdesk.analysis.offers import go_on, take_groups
from gmmdesk.analysis.remark import Grade, Remark
from gmmdesk.analysis.verdict import Claim
from gmmdesk.analysis.verdict_words import (
    caveat_in_words,
    end_in_words,
    periods_in_words,
    rival_in_words,
    unfinished_in_words,
)
from gmmdesk.text import sentence_case

_APART = "Do gaps set the clusters apart?"


def about_ending(found: Diagnosis) -> list[Remark]:
    """That the fit had not converged."""
    verdict = found.analysis.verdict
    if text := unfinished_in_words(verdict):
        return [Remark("Had the fit settled?", Grade.IN_DOUBT, text, offer=go_on(verdict))]
    return []


def about_choice(found: Diagnosis) -> list[Remark]:
    """That something else describes the rows as well or almost, or may; nothing where that is not
    so.
    """
    verdict = found.analysis.verdict
    about = "Would another number or shape do as well?"
    rival = rival_in_words(verdict) if verdict.is_rivalled else ""
    told = {
        caveat_in_words(verdict): Grade.IN_DOUBT,
        rival and f"{sentence_case(rival)}.": Grade.TO_NOTE,
        end_in_words(verdict): Grade.TO_NOTE,
    }
    return [Remark(about, grade, text) for text, grade in told.items() if text]


def about_periods(found: Diagnosis) -> list[Remark]:
    """That columns count time."""
    verdict = found.analysis.verdict
    if text := periods_in_words(verdict):
        about = "Are the clusters more than periods?"
        return [Remark(about, Grade.IN_DOUBT, text, verdict.timeless)]
    return []


def about_gaps(found: Diagnosis, names: Sequence[str]) -> list[Remark]:
    """What sets the clusters apart, and what makes that doubtful."""
    verdict, grouping = found.analysis.verdict, found.analysis.grouping
    noun = "cluster" if grouping is None else "component"
    within = f"Gaps within a {noun} are not looked for."
    told = []
    if text := across_in_words(verdict, names):
        parts = parts_of(grouping, verdict.across)
        told.append(Remark(_APART, Grade.IN_DOUBT, text, components=parts))
    if text := gaps_in_words(verdict, names):
        parts = parts_of(grouping, (k for own in verdict.together for k in own))
        offer = take_groups(verdict)
        told.append(Remark(_APART, Grade.IN_DOUBT, text, components=parts, offer=offer))
    number = which_number(verdict.with_resamples(found.resampled))
    if text := f"{apart_in_words(verdict)} {number}".strip():
        told.append(Remark(_APART, Grade.TO_NOTE, f"{text} {within}"))
    if text := humps_in_words(verdict):
        told.append(Remark(_APART, Grade.TO_NOTE, text))
    if text := chance_in_words(verdict, names):
        parts = parts_of(grouping, verdict.by_chance)
        told.append(Remark(_APART, Grade.IN_DOUBT, text, components=parts))
    if text := tails_in_words(verdict):
        told.append(Remark(_APART, Grade.IN_DOUBT, text, verdict.straightening))
    if not told and verdict.claim is Claim.CLUSTERS:
        text = f"A gap sets each cluster apart from the others. {within}"
        told.append(Remark(_APART, Grade.IN_ORDER, text))
    return told
