"""The verdict in words: a headline, and what it rests on.

The headline says what to believe (`headline`). The grounds follow, one thing each: first what
speaks against the clusters, by how much it weighs, each understandable alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gmmdesk.analysis.agreement_words import agrees, purity_in_words
from gmmdesk.analysis.bent_words import MEAN_LITTLE, bent_in_words, chains
from gmmdesk.analysis.candidates import Candidate, bic_evidence
from gmmdesk.analysis.doubts import (
    doubt_in_words,
    gathered,
    named,
    shared_in_words,
    shared_remedies,
)
from gmmdesk.analysis.found_again import (
    NOT_LOOKED_FOR,
    ONE_CLUSTER,
    WHAT_UNSTABLE_MEANS,
    WITHOUT_START,
    few_agree_in_words,
    found_again,
    parts_found_again,
    unstable_in_words,
)
from gmmdesk.analysis.gap_words import (
    across_in_words,
    apart_in_words,
    chance_in_words,
    gaps_in_words,
    humps_in_words,
    tails_in_words,
)
from gmmdesk.analysis.grouping import part_names
from gmmdesk.analysis.headline import AS_WELL, headline, merged, shaped
from gmmdesk.analysis.offers import Offer, go_on, show_findings, take_groups
from gmmdesk.analysis.overlaps import MOST_PAIRS, could_be
from gmmdesk.analysis.remedies import Remedy
from gmmdesk.analysis.shapes_named import shape_told
from gmmdesk.analysis.verdict import POSITIVE, Choice, Verdict
from gmmdesk.text import count, default_name, joined, sentence_case, spelt

_UNTRIED = "What was not tried may describe the rows better."


@dataclass(frozen=True, slots=True)
class Ground:
    """One thing that the verdict rests on, or that speaks against it, as it is `said`.

    `offer` can be done about it at once; `remedies` may help, the likeliest first.
    """

    said: str
    is_doubt: bool = False
    offer: Offer | None = None
    remedies: tuple[Remedy, ...] = ()

    @property
    def text(self) -> str:
        """What is said, and in words what may help."""
        if not self.remedies:
            return self.said
        return f"{self.said} What may help: {'; '.join(one.text for one in self.remedies)}."


@dataclass(frozen=True, slots=True)
class AnswerWords:
    """An answer: one sentence that says it, and its grounds, doubts first."""

    headline: str
    grounds: tuple[Ground, ...] = ()

    @property
    def text(self) -> str:
        """All of it as one paragraph."""
        return " ".join((self.headline, *(one.text for one in self.grounds)))


def verdict_in_words(verdict: Verdict, names: Sequence[str] = ()) -> AnswerWords:
    """The verdict on clusters that are called `names` (K,); by their numbers without any."""
    names = names or [default_name(k) for k in range(verdict.n_clusters)]
    doubts = [
        Ground(caveat_in_words(verdict)),
        Ground(unfinished_in_words(verdict), offer=go_on(verdict)),
        Ground(_unstable(verdict), remedies=verdict.steadying),
        Ground(NOT_LOOKED_FOR if verdict.is_unchecked else ""),
        Ground(across_in_words(verdict, names)),
        Ground(gaps_in_words(verdict, names), offer=take_groups(verdict)),
        _bent(verdict, names),
        Ground(chance_in_words(verdict, names)),
        Ground(tails_in_words(verdict), remedies=verdict.straightening),
        Ground(periods_in_words(verdict), remedies=verdict.timeless),
        *_doubtful(verdict, names),
        Ground(_overlaps(verdict, names), offer=show_findings()),
    ]
    grounds = [
        _labelled(verdict),
        apart_in_words(verdict),
        humps_in_words(verdict),
        ONE_CLUSTER if verdict.n_clusters == 1 and verdict.parts_resampled is not None else "",
        _rival_and_again(verdict),
        end_in_words(verdict),
        *_how(verdict),
    ]
    return AnswerWords(
        headline(verdict),
        (
            *(replace(one, is_doubt=True) for one in doubts if one.said),
            *(Ground(text) for text in grounds if text),
        ),
    )


# -- doubts -------------------------------------------------------------------------------------


def caveat_in_words(verdict: Verdict) -> str:
    """What is to be said against what was chosen, and a search that was stopped; else empty."""
    if verdict.choice is Choice.CHOSEN:
        return _preferred(verdict)
    if verdict.choice is Choice.STOPPED:
        if verdict.n_tried > 1:
            return _UNTRIED
        return "The answer could still change." if verdict.is_combined else ""
    return ""


def _preferred(verdict: Verdict) -> str:
    assert verdict.preferred is not None
    n, model = verdict.preferred.n_components, verdict.preferred.model
    noun = "component" if verdict.is_combined else "cluster"
    is_of_another = n != verdict.n_components
    difference = verdict.rival_difference if is_of_another else verdict.shape_difference
    told = "" if difference is None else f", difference {-difference:.1f}"
    prefers = f"{verdict.criterion.upper()} prefers"
    return f"{prefers} {spelt(n)} {noun}{'s' * (n != 1)} ({model}{told})."


def unfinished_in_words(verdict: Verdict) -> str:
    """That the fit had not converged; empty where it had, or was stopped."""
    if not verdict.unfinished or verdict.choice is Choice.STOPPED:
        return ""
    return (
        "The fit had not settled (converged) after"
        f" {count(verdict.unfinished, 'iteration')}, the most that are allowed: with more of them"
        " the clusters may still change."
    )


def _bent(verdict: Verdict, names: Sequence[str]) -> Ground:
    """That clusters lie along bent bands; said of nothing where none do, or all of each are one."""
    is_told = verdict.together and verdict.choice is not Choice.STOPPED
    if not is_told or not chains(verdict.bent, verdict.grouping):
        return Ground("")
    told = bent_in_words(verdict.bent, verdict.grouping, names)
    return Ground(f"{told} {MEAN_LITTLE}.", offer=show_findings())


def periods_in_words(verdict: Verdict) -> str:
    """Columns that count time, so that it may be all that clusters tell apart; empty for none."""
    if not verdict.periods or not verdict.is_claimed:
        return ""
    verb = "counts" if len(verdict.periods) == 1 else "count"
    return (
        f"{joined(verdict.periods)} {verb} time, as it seems: the clusters may merely be periods."
    )


def _unstable(verdict: Verdict) -> str:
    if not verdict.is_unstable:
        return ""
    told = unstable_in_words(verdict.trust, verdict.resampled, _found(verdict))
    return f"{told}{WITHOUT_START * verdict.chose_start} {WHAT_UNSTABLE_MEANS}"


def _doubtful(verdict: Verdict, names: Sequence[str]) -> list[Ground]:
    if verdict.choice is Choice.STOPPED:
        return []
    parts = part_names(names, verdict.grouping)
    offered = {one.doubt: one.offered for one in verdict.doubts}
    told = []
    for own in gathered(list(offered)):
        first, *others = own
        text = doubt_in_words(first, parts)
        if others:
            text = shared_in_words(own, named([one.cluster or 0 for one in own], parts))
        told.append(Ground(text, remedies=shared_remedies([offered[one] for one in own])))
    return told


def _overlaps(verdict: Verdict, names: Sequence[str]) -> str:
    """That many rows could be of another cluster; empty where few could."""
    if not verdict.overlaps or not verdict.is_claimed:
        return ""
    told = "; ".join(could_be(one, names) for one in verdict.overlaps[:MOST_PAIRS])
    more = len(verdict.overlaps) - MOST_PAIRS
    rest = f"; and {count(more, 'more pair')} (see Trust)" if more > 0 else ""
    return f"Rows could be in the wrong cluster: {told}{rest}."


# -- grounds ------------------------------------------------------------------------------------


def _labelled(verdict: Verdict) -> str:
    """That a column that was not used says much the same as the clusters."""
    if verdict.labelled is None or not verdict.is_claimed:
        return ""
    found = verdict.labelled.agreement
    index = found.adjusted_rand_index
    told = (
        f"{verdict.labelled.column}, which was not used, {agrees(index)} with these clusters:"
        f" {found.n_agreeing:,} of {found.n:,} rows (adjusted Rand index {index:.2f}; see Trust >"
        " Others)."
    )
    both = ""
    if verdict.is_unstable:  # which seems to say the contrary
        both = (
            "These rows divide much alike by both, but rows of the same kind might divide"
            f" otherwise into clusters: where it is known, go by {verdict.labelled.column}."
        )
    return " ".join(filter(None, (told, purity_in_words(found), both)))


def _rival_and_again(verdict: Verdict) -> str:
    """The rivals, and how often the clusters were found again."""
    again = _again(verdict)
    told = [part for part in (rival_in_words(verdict), _against_shape(verdict), again) if part]
    if not told or verdict.choice is Choice.STOPPED:
        return ""
    sentence = sentence_case("; ".join(told))
    without = WITHOUT_START * (verdict.chose_start and bool(again))
    few = few_agree_in_words(verdict.parts_trust) if again else ""
    return f"{sentence}.{without} {few}".strip()


def rival_in_words(verdict: Verdict) -> str:
    """Which other number does best, as a clause; empty where it is much worse, or not compared."""
    rival, difference = verdict.rival, verdict.rival_difference
    if rival is None or difference is None or verdict.choice is not Choice.SEARCHED:
        return ""
    told = _other(verdict, rival)
    is_one = rival.n_components == 1
    if verdict.criterion != "bic":
        come = "comes" if is_one else "come"
        return f"next by {verdict.criterion.upper()} {come} {told} (difference {difference:.1f})"
    how = AS_WELL[bic_evidence(difference)]
    if not how or (is_one and verdict.one_does):
        return ""
    explain = "explains" if is_one else "explain"
    return f"{told} {explain} the data {how} (BIC difference {difference:.1f})"


def _other(verdict: Verdict, one: Candidate) -> str:
    """How many clusters, or components, another combination has, and of which shape where that is
    another: "four clusters of the same shape (EEE)".
    """
    n = one.n_components
    told = f"{spelt(n)} {'component' if verdict.is_combined else 'cluster'}{'s' * (n != 1)}"
    if n == 1 or one.model == verdict.model:
        return told
    return f"{told} {shape_told(one.model, verdict.n_columns)} ({one.model})"


def _against_shape(verdict: Verdict) -> str:
    """As many of another shape, where these explain the rows almost as well at least."""
    other, difference = verdict.other_shape, verdict.shape_difference
    is_by_hand = verdict.choice in (Choice.CHOSEN, Choice.STOPPED)
    is_compared = verdict.criterion == "bic" and not (verdict.one_does or is_by_hand)
    if other is None or difference is None or not is_compared:
        return ""
    if bic_evidence(difference) > POSITIVE or verdict.n_components == 1:
        return ""
    how = AS_WELL[bic_evidence(difference)]
    return f"{_other(verdict, other)} explain the data {how} (BIC difference {difference:.1f})"


def _counted(verdict: Verdict, n: int) -> str:
    """What is counted, where the headline leaves that open."""
    if verdict.together:
        return " cluster" if n == 1 else " clusters"
    return ""


def _again(verdict: Verdict) -> str:
    again = "" if verdict.is_unstable else found_again(verdict.trust, verdict.resampled)
    are_told = bool(again) and verdict.n_clusters > 1
    told = [f"{_found(verdict)} were found again in {again}"] * are_told
    if verdict.is_combined:
        halves, n = verdict.parts_resampled, verdict.n_components
        told.append(parts_found_again(verdict.parts_trust, halves, n, again=are_told))
    return ", ".join(filter(None, told))


def _found(verdict: Verdict) -> str:
    """What was found again."""
    n = verdict.n_clusters
    return f"the {spelt(n)}{' clusters' if verdict.is_combined else _counted(verdict, n)}"


def end_in_words(verdict: Verdict) -> str:
    """That the number is at an end of the range; empty where it is not."""
    n = sentence_case(spelt(verdict.n_components))
    if verdict.at_end == "lower":
        return f"{n} is the least that was looked for: allow fewer and look again."
    if verdict.at_end != "upper":
        return ""
    advice = "allow more and look again"
    if not verdict.is_clear:  # who doubts these clusters is not helped by more of them
        advice = f"{verdict.criterion.upper()} may prefer more, which need not be more groups"
    return f"{n} is the most that was looked for: {advice}."


def _how(verdict: Verdict) -> list[str]:
    """Which clusters these are, where the headline is about groups, and how they were chosen."""
    told = []
    is_about_others = bool(verdict.together) or verdict.one_does
    if is_about_others and verdict.n_clusters > 1 and verdict.choice is not Choice.STOPPED:
        shown = f"{merged(verdict)}," if verdict.is_combined else shaped(verdict)
        told.append(f"{sentence_case(shown)} are shown.")
    if verdict.choice is Choice.SEARCHED:
        told.append(f"Chosen by {verdict.criterion.upper()} among {verdict.n_tried} tries.")
    if verdict.after:
        told.append(_taken_over(verdict))
    return told


def _taken_over(verdict: Verdict) -> str:
    """From which searches fits were taken over, which might be others had this been the first."""
    numbers = joined([one.numbers for one in verdict.after])
    searches = "searches" if len(verdict.after) > 1 else "search"
    return f"Fits were taken over from the {searches} before, for {numbers} clusters."
