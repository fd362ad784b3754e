"""The answer in plain words, as the window says it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gmmdesk.ui.text import count

if TYPE_CHECKING:
    from gmmdesk.analysis.analysis import Analysis

_NUMBER_WORDS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")


def answer_in_words(analysis: Analysis) -> str:
    """How many clusters, how that was decided, and whatever the user should know about it."""
    k = analysis.n_clusters
    words = _NUMBER_WORDS[k] if k < len(_NUMBER_WORDS) else f"{k:,}"
    tried = len(analysis.candidates)
    criterion = analysis.settings.criterion.upper()
    sentences = []
    if analysis.settings.k_min < analysis.settings.k_max:
        if k == 1:
            sentences.append(
                f"One group describes these rows best ({criterion}, {tried} tries): "
                "no separate clusters."
            )
        else:
            sentences.append(
                f"{words} clusters describe these rows best ({criterion}, {tried} tries)."
            )
        if k == analysis.settings.k_max:
            sentences.append("That is the largest number tried: allow more and look again.")
    else:
        sentences.append(f"{count(k, 'cluster')}, as asked.".replace(f"{k:,}", words, 1))
    if analysis.stopped_early:
        sentences.append("Stopped early: the numbers could still change.")
    else:
        sentences.append(analysis.result.message.replace("Component ", "Cluster "))
    return " ".join(sentences).strip()
