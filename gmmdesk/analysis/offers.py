"""What can be done at once about something that a verdict says, beside changing the settings."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from gmmdesk.analysis.headline import spelt
from gmmdesk.analysis.verdict import Verdict

MORE_ITERATIONS = 10  # times as many


class Act(enum.StrEnum):
    """What is done."""

    TAKE_GROUPS = "take groups"  # clusters that run into each other become one
    GO_ON = "go on"  # with a fit that has not converged


@dataclass(frozen=True, slots=True)
class Offer:
    """An act, its `text` on a button, and the `tip` that says what it does."""

    act: Act
    text: str
    tip: str


def go_on(verdict: Verdict) -> Offer:
    """Let the fit settle; where it was one of several, all of them, so that they compare."""
    if verdict.n_tried > 1:
        tip = f"Find again with {MORE_ITERATIONS} times as many iterations, so that all fits settle"
    else:
        tip = "Fit on from where it ended, with as many iterations again"
    return Offer(Act.GO_ON, "Go on", f"{tip}; Undo brings these clusters back")


def take_groups(verdict: Verdict) -> Offer:
    """Make one cluster of those in each group."""
    n = verdict.n_groups
    return Offer(
        Act.TAKE_GROUPS,
        f"Take {spelt(n)} group{'s' * (n != 1)}",
        "Merge the clusters that run into each other: probabilities are added up, nothing is"
        " fitted again; Undo brings them back",
    )
