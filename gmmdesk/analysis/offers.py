"""What can be done at once about something that a verdict says, beside changing the settings."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from gmmdesk.analysis.verdict import Choice, Verdict
from gmmdesk.text import spelt

MORE_ITERATIONS = 10  # times as many


class Act(enum.StrEnum):
    """What is done."""

    TAKE_GROUPS = "take groups"  # clusters that run into each other become one
    GO_ON = "go on"  # with a fit that has not converged
    GO_BACK = "go back"  # to the answer before, with its choices
    SHOW_FINDINGS = "show findings"  # about the answer, with what may help

    @property
    def goes_on(self) -> bool:
        """Whether it goes on from the choices that the answer was found with: these must hold."""
        return self in (Act.TAKE_GROUPS, Act.GO_ON)


@dataclass(frozen=True, slots=True)
class Offer:
    """An act, its `text` on a button, and the `tip` that says what it does."""

    act: Act
    text: str
    tip: str


def is_for_all(verdict: Verdict) -> bool:
    """Whether all that were tried, and their starts, begin again, so that they compare; not for a
    fit that the user has chosen.
    """
    n_compared = max(verdict.n_tried, verdict.n_starts)
    return n_compared > 1 and verdict.choice is not Choice.CHOSEN


def go_on(verdict: Verdict) -> Offer:
    """Let the fit settle; where it was one of several, or of several starts, all of them."""
    more = f"with {MORE_ITERATIONS} times as many iterations"
    if is_for_all(verdict):
        tip = f"Find again {more}, so that every fit settles"
    else:
        tip = f"Fit these clusters on from where they are, {more}"
        tip += "; how many restarts had found them is not counted again" * (verdict.n_starts > 1)
    return Offer(Act.GO_ON, "Go on", f"{tip}; Undo brings these clusters back")


def groups_in_words(verdict: Verdict) -> str:
    """What clusters there are once each group is one: "five groups and one of outliers"."""
    n, outlying = verdict.n_groups, verdict.n_clusters - len(verdict.gathered)
    rest = f" and {spelt(outlying)} of outliers" if outlying else ""
    return f"{spelt(n)} group{'s' * (n != 1)}{rest}"


def take_groups(verdict: Verdict) -> Offer | None:
    """Make one cluster of those in each group; None where a single one would be left."""
    if len(set(verdict.groups)) == 1:
        return None
    return Offer(
        Act.TAKE_GROUPS,
        f"Merge into {groups_in_words(verdict)}",
        "Merge the clusters that run into each other: probabilities are added up, nothing is"
        " fitted again; Undo brings them back",
    )


def show_findings() -> Offer:
    """See more of it."""
    return Offer(Act.SHOW_FINDINGS, "See under Trust", "What was found about it, and what may help")


def go_back() -> Offer:
    """Have the answer before again, or these clusters as they were before some were merged."""
    tip = "To the clusters before, and their choices; these stay in the history"
    return Offer(Act.GO_BACK, "Go back", tip)
