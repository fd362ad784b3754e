"""What a cluster is, in one or two sentences in the units of the file."""

from __future__ import annotations

from typing import NamedTuple

from gmmdesk.analysis.analysis import Analysis
from gmmdesk.analysis.describe import (
    Majority,
    Trait,
    between_others,
    majorities,
    named_traits,
    suggested_names,
    traits,
)
from gmmdesk.text import joined, percent, rough, sentence_case

_MOST_MAJORITIES = 2  # columns that were not used and are named


class Descriptions(NamedTuple):
    """Of every cluster: what it is in words, and a name that says so."""

    sentences: tuple[str, ...]
    names: tuple[str, ...]


def describe(analysis: Analysis) -> Descriptions:
    """Takes a pass over the columns that were not used: not for the UI thread."""
    spreads = {profile.name: profile.spreads for profile in analysis.profiles}
    sentences = [
        _sentence(own, others, {name: float(spread[k]) for name, spread in spreads.items()})
        for k, (own, others) in enumerate(zip(traits(analysis), majorities(analysis), strict=True))
    ]
    return Descriptions(tuple(sentences), suggested_names(analysis))


def _sentence(
    own: tuple[Trait, ...], others: tuple[Majority, ...], spreads: dict[str, float]
) -> str:
    def placed(trait: Trait) -> str:
        return f"{trait.column} ({rough(trait.center, spreads[trait.column])})"

    high_or_low, middle = named_traits(own), between_others(own)
    if high_or_low:
        told = sentence_case(", ".join(f"{one.word} {placed(one)}" for one in high_or_low))
    elif middle:
        told = f"Between the other clusters in {joined([placed(one) for one in middle])}"
    elif any(trait.effect for trait in own):
        told = "Near the average of the other clusters in every column"
    else:
        told = "All rows together"
    sentences = [f"{told}."]
    shares = [
        f"{percent(one.share)} have {one.column} = {one.category} ({percent(one.elsewhere)}"
        " elsewhere)"
        for one in others[:_MOST_MAJORITIES]
    ]
    if shares:
        sentences.append(f"Of its rows {' and '.join(shares)}.")
    return " ".join(sentences)
