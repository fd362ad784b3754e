"""What a cluster is, in one to three sentences in the units of the file."""

from __future__ import annotations

from typing import NamedTuple

from gmmdesk.analysis.analysis import Analysis
from gmmdesk.analysis.describe import (
    Trait,
    between_others,
    named_traits,
    suggested_names,
    traits,
)
from gmmdesk.analysis.unused import Average, Majority, averages, majorities
from gmmdesk.text import joined, percent, rough, sentence_case

# Columns that were not used and are named.
_MOST_MAJORITIES, _MOST_AVERAGES = 3, 2


class Descriptions(NamedTuple):
    """Of every cluster: what it is in words, and a name that says so."""

    sentences: tuple[str, ...]
    names: tuple[str, ...]


def describe(analysis: Analysis) -> Descriptions:
    """Takes a pass over the columns that were not used: not for the UI thread."""
    spreads = {profile.name: profile.spreads for profile in analysis.profiles}
    sentences = [
        " ".join(
            [
                _placed(own, {name: float(spread[k]) for name, spread in spreads.items()}),
                *_not_used(shared, means),
            ]
        )
        for k, (own, shared, means) in enumerate(
            zip(traits(analysis), majorities(analysis), averages(analysis), strict=True)
        )
    ]
    return Descriptions(tuple(sentences), suggested_names(analysis))


def _placed(own: tuple[Trait, ...], spreads: dict[str, float]) -> str:
    """Where a cluster lies among the others, in the columns that were used."""

    def placed(trait: Trait) -> str:
        return f"{trait.column} ({rough(trait.center, spreads[trait.column])})"

    high_or_low, middle = named_traits(own), between_others(own)
    if high_or_low:
        told = sentence_case(", ".join(f"{one.word} {placed(one)}" for one in high_or_low))
    elif middle:
        told = f"Between the other clusters in {joined([placed(one) for one in middle])}"
    elif any(trait.effect for trait in own):
        told = "Neither high nor low among the other rows in any column"
    else:
        told = "All rows together"
    return f"{told}."


def _not_used(shared: tuple[Majority, ...], means: tuple[Average, ...]) -> list[str]:
    """What the other columns say of it."""
    shares = [
        f"{percent(one.share)} have {one.column} = {one.category} ({percent(one.elsewhere)}"
        " elsewhere)"
        for one in shared[:_MOST_MAJORITIES]
    ]
    numbers = [
        f"{one.column} is {rough(one.mean, one.within)} ({rough(one.elsewhere, one.within)}"
        " elsewhere)"
        for one in means[:_MOST_AVERAGES]
    ]
    told = [f"Of its rows {joined(shares)}."] * bool(shares)
    return told + [f"On average {joined(numbers)}."] * bool(numbers)
