"""How often the clusters of an answer were found again: one wording for every place.

From other starts (restarts), each judged after its short run, and in halves of the rows, which are
fitted anew (`engine.judging`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gmmdesk.analysis import remedies
from gmmdesk.analysis.doubts import fewer_components
from gmmdesk.analysis.remedies import Remedy
from gmmdesk.engine import Resampled, Trust
from gmmdesk.text import count, percent, spelt

if TYPE_CHECKING:
    from gmmdesk.analysis.alternatives import Alternative
    from gmmdesk.analysis.analysis import Analysis

# How often clusters are found again, of all halves, and what that is called: our own limits. With
# less than MOSTLY of 50 they may as well be found in no more than every other half.
MOSTLY = 0.6
_STABLE = ((0.9, "they are stable"), (MOSTLY, "they are mostly stable"), (0.0, "they are unstable"))
ENOUGH = 10  # halves, to say that clusters are unstable
_RARE, _HALF = 0.25, 0.5  # of the starts, at most, is few; below, there is something to explain

RESTARTS = "Found again in restarts"
HALVES = "Found again in resamples"
RESTARTS_MEAN = (
    "Of the starts of the fit (restarts, and what fits of a neighbouring number or shape led on"
    " to), those whose short run had led to the same clusters (adjusted Rand index of 0.9 or"
    " more). Only the likeliest of them were followed to their end."
)
HALVES_MEAN = (
    "Of the fits to random halves of the rows (resamples), those that led to the same clusters"
    " (adjusted Rand index of 0.9 or more)."
)
WHAT_UNSTABLE_MEANS = "Other rows of the same kind would give other clusters: do not build on them."
NOT_LOOKED_FOR = (
    "Whether these clusters are found again without the chosen start was not checked (see"
    " Certainty)."
)
WITHOUT_START = " They were looked for without the chosen start."  # as `analysis.check` does
ONE_CLUSTER = "There is one cluster only: it is in every half, and need not be found again."
# What is to be said against clusters, wherever it is said how sure rows are of theirs.
UNSTABLE = "they are unstable"
UNCHECKED = "that was not checked"
_SHORT_RUNS = (
    "Restarts are counted after their short runs, of which only the likeliest are followed: that"
    " few agree by then is no doubt of its own."
)
_RARE_IN_WORDS = (
    "Few restarts agree: harmless where the others led to less likely clusters, but more restarts"
    " may find likelier ones."
)


def in_restarts(trust: Trust | None) -> str:
    """ "28 of 30 restarts"; empty where there was one start only, or nobody has looked."""
    if trust is None or trust.n_starts == 1:
        return ""
    return f"{trust.n_agreeing} of {trust.n_starts} restarts"


def in_halves(found: Resampled | None) -> str:
    """ "46 of 50 resamples (halves of the rows)"; empty where nobody has looked."""
    if found is None or not found.n:
        return ""
    return f"{found.n_same} of {count(found.n, 'resample')} (halves of the rows)"


def found_again(trust: Trust | None, halves: Resampled | None) -> str:
    """Both, as far as they are known: "28 of 30 restarts and in 46 of 50 resamples (…)"."""
    return " and in ".join(part for part in (in_restarts(trust), in_halves(halves)) if part)


def parts_found_again(
    trust: Trust, halves: Resampled | None, n: int, *, again: bool = False
) -> str:
    """How often the `n` components were that clusters are merged from; empty if nobody looked.

    `again` where that goes on from how often the clusters were.
    """
    found = found_again(trust, halves)
    were = "" if again else " were found again"
    return f"the {spelt(n)} components{were} in {found}" if found else ""


def is_unstable(halves: Resampled | None) -> bool:
    """Whether clusters are seldom found again in halves of the rows."""
    return halves is not None and halves.n >= ENOUGH and halves.n_same < MOSTLY * halves.n


def sure_in_words(share: float, *, in_brackets: bool) -> str:
    """How sure rows are of their cluster; in brackets where something speaks against these."""
    told = percent(share)
    return f"({told})" if in_brackets else told


def only_if_there(against: str) -> str:
    """What numbers mean where something (`UNSTABLE`, `UNCHECKED`) is said `against` clusters."""
    return f"That holds if these clusters are there, and {against}."


def why_in_brackets(against: str) -> str:
    """The same where the numbers stand in brackets."""
    return f"How sure is in brackets: it holds if these clusters are there, and {against}."


def is_rare(trust: Trust) -> bool:
    """Whether few of the starts led to the clusters."""
    return trust.n_starts > 1 and trust.n_agreeing <= max(1.0, _RARE * trust.n_starts)


def few_agree_in_words(trust: Trust) -> str:
    """What it means that less than half of the starts led to the clusters; empty for more."""
    if is_rare(trust):
        return _RARE_IN_WORDS
    return _SHORT_RUNS if trust.n_agreeing < _HALF * trust.n_starts else ""


def unstable_in_words(trust: Trust | None, halves: Resampled | None, what: str) -> str:
    """That `what` was found seldom."""
    restarts = in_restarts(trust)
    also = f", and in {restarts}" if restarts else ""
    only = "only " if halves is not None and halves.n_same else ""
    return f"Unstable: {what} were found again in {only}{in_halves(halves)}{also}."


def stability_in_words(found: Resampled, *, is_done: bool = True) -> str:
    """What came out of looking for the clusters again in halves; how often until now while that
    goes on, as more of them may lead to another conclusion.
    """
    if not found.n:
        return ""
    if not is_done:
        return f"So far the same clusters were found again in {in_halves(found)}."
    how = next(word for least, word in _STABLE if found.n_same >= least * found.n)
    return f"The same clusters were found again in {in_halves(found)}: {how}."


def followed_in_words(
    found: Sequence[Alternative], trust: Trust, *, has_prior: bool = False
) -> str:
    """Where restarts lead if each is followed to its end, beside what the verdict counts."""
    reached = sum(one.n_reached for one in found)
    many = "one optimum" if len(found) == 1 else f"{len(found)} different optima"
    lost = trust.n_starts - reached
    rest = f", {lost:,} collapsed onto a few rows" if lost else ""
    return (
        f"Of {count(trust.n_starts, 'restart')}, followed to their end, {reached:,} led to"
        f" {many}{rest}. The verdict counts earlier, after their short runs: {in_restarts(trust)}"
        " had found the clusters of the answer by then. The less often the best is reached, the"
        " more restarts it takes to be sure of it."
        + " With a prior, the best need not be the likeliest."
        * (has_prior and not found[0].is_answer)
    )


def steadying(
    analysis: Analysis, straightening: Sequence[Remedy], *, are_apart: bool = False
) -> tuple[Remedy, ...]:
    """What makes unstable clusters steadier; the likeliest to help first.

    Fewer clusters are not offered where these `are_apart`, as that would make one of some with a
    gap between. Elsewhere they helped most often (thyroid, wine, penguins, mpg, oil; nothing did
    crabs and glass), and so did `straightening` all long tails, where there were some (thyroid,
    wine, mpg, oil; not glass): in one shape for all, and with a prior, BIC mostly takes as many
    clusters or more.
    """
    fewer = () if are_apart else fewer_components(analysis)
    prior = () if analysis.has_prior else (remedies.use_prior(),)
    alike = remedies.alike(analysis.result.model, len(analysis.prepared.columns))
    return (*fewer, *straightening[:1], *prior, *alike)
