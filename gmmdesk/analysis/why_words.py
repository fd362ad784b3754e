"""Why a row belongs to its cluster, in words."""

from __future__ import annotations

import math
from collections.abc import Sequence

from gmmdesk.analysis.palette import NO_NAME
from gmmdesk.analysis.scored import NO_CLUSTER
from gmmdesk.analysis.why import Why
from gmmdesk.text import joined, percents, plain, rough, sentence_case

_TIMES = 1e6  # as likely: more is not worth a number
_PLAIN = math.log(1.1)  # nats: columns that say less say nothing


def why_in_words(found: Why, names: Sequence[str]) -> list[str]:
    """A few sentences about what speaks for the answer, what against it, and what would flip it."""

    def name(cluster: int) -> str:
        return NO_NAME if cluster == NO_CLUSTER else names[cluster]

    first, second = percents(found.probability, found.second_probability)
    if found.is_known:
        sure = "is known to belong to"
        nearest = f"by its values it is {first} sure; next"
    else:
        sure, nearest = f"is {first} sure of", "next"
    sentences, called = [], sentence_case(found.called)
    if found.odd is not None:
        told = "; ".join(
            f"{one.column} = {plain(one.value)} ({one.word}; the nearest has mostly"
            f" {rough(one.low, one.high - one.low)} to {rough(one.high, one.high - one.low)})"
            for one in found.odd.columns
        )
        sentences.append(
            f"{called} is unlike all clusters (an outlier): {told}. What follows says"
            " which of them is the nearest, not that it is near."
        )
    sentences.append(
        f"{called} {sure} {name(found.first)}; {nearest} comes {name(found.second)} with {second}."
    )
    if found.kept_out:
        told = " or ".join(map(name, found.kept_out))
        sentences.append(f"Beforehand it was said that it cannot belong to {told}.")
    for sign, which, has_parts in (
        (1.0, found.first, found.first_has_parts),
        (-1.0, found.second, found.second_has_parts),
    ):
        where = "in its nearest part" if has_parts else "there"
        own = [one for one in found.evidence if sign * one.nats > _PLAIN][:3]
        if own:
            told = joined(
                [
                    f"{one.column} = {plain(one.value)}"
                    f" ({times(sign * one.nats)} as likely {where})"
                    for one in own
                ]
            )
            sentences.append(f"For {name(which)} speak{'s' * (len(own) == 1)} {told}.")
    if found.correlated and len(found.evidence) > 1:
        sentences.append(
            "Columns count together: what one says depends on the others, by how they rise and fall"
            " together in each cluster."
        )
    if abs(found.size) > _PLAIN:
        larger = found.first if found.size > 0 else found.second
        sentences.append(
            f"{name(larger)} is {times(abs(found.size))} as large, which speaks for it too."
        )
    if found.flips:
        flip = found.flips[0]
        sentences.append(
            f"With {flip.column} = {flip.text} and all else the same it would be"
            f" {name(flip.to)}: the smallest change that does it."
        )
    else:
        sentences.append("No change in one column alone, within reason, would make it another's.")
    return sentences


def spoken(nats: float, first: str, second: str) -> str:
    """For which of two clusters so many nats speak, and how much: "2.5 times for Cluster 1"."""
    if abs(nats) <= _PLAIN:
        return "for neither"
    return f"{times(abs(nats))} for {first if nats > 0.0 else second}"


def times(nats: float) -> str:
    """How many times as likely: "2.5 times"."""
    ratio = math.exp(min(nats, 700.0))
    if ratio > _TIMES:
        return "over a million times"
    return f"{ratio:,.0f} times" if ratio >= 99.5 else f"{ratio:.2g} times"
