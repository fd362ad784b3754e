"""The verdict in words.

The headline says how many clusters there are, and in a few words what speaks against it; the
grounds follow, doubts first.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from gmmdesk.analysis.candidates import BIC_EVIDENCE
from gmmdesk.analysis.doubts import doubt_in_words, gathered, named, shared_in_words
from gmmdesk.analysis.found_again import WHAT_UNSTABLE_MEANS, found_again, unstable_in_words
from gmmdesk.analysis.grouping import part_names
from gmmdesk.analysis.verdict import Choice, Claim, Verdict
from gmmdesk.data.raw import listed
from gmmdesk.text import default_name

# How well another combination explains the rows, by `BIC_EVIDENCE` against it.
_AS_WELL = ("as well", "almost as well", "less well", "")

_SHAPE = "the shape of one group that is not bell-shaped, not grouping, may be the cause"
_UNTRIED = "What was not tried may describe the rows better."
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_SHAPES = {
    "EII": "that are round and equally large",
    "VII": "that are round",
    "EEI": "aligned with the axes, of one shape and size",
    "VEI": "aligned with the axes, of one shape",
    "EVI": "aligned with the axes and equally large",
    "VVI": "aligned with the axes",
    "EEE": "of the same shape",
    "VEE": "of one shape and direction",
    "EVE": "of one direction and equally large",
    "VVE": "of one direction",
    "EEV": "of one shape and size",
    "VEV": "of one shape",
    "EVV": "of any shape and equally large",
    "VVV": "of any shape",
}


# How the components of combined clusters were come by.
_HOW = {
    Choice.SEARCHED: "",
    Choice.ASKED: ", which were asked for",
    Choice.CHOSEN: ", which were chosen",
    Choice.STOPPED: ", at which the search was stopped early",
}


@dataclass(frozen=True, slots=True)
class Ground:
    """One thing that the verdict rests on, or that speaks against it."""

    text: str
    is_doubt: bool = False


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
    doubts = [_caveat(verdict), _gaps(verdict, names), _chance(verdict, names), _tails(verdict)]
    doubts += _doubtful(verdict, names)
    if verdict.is_unstable:
        told = unstable_in_words(verdict.trust, verdict.resampled, _found(verdict))
        doubts.append(_with_help(f"{told} {WHAT_UNSTABLE_MEANS}", verdict.steadying))
    grounds = [_rival_and_again(verdict), _end(verdict), _how(verdict)]
    return AnswerWords(
        _headline(verdict),
        (
            *(Ground(text, is_doubt=True) for text in doubts if text),
            *(Ground(text) for text in grounds if text),
        ),
    )


# -- the headline -------------------------------------------------------------------------------


def _headline(verdict: Verdict) -> str:
    """How many clusters, and whether to build on them: one sentence."""
    clusters = _clusters(verdict)
    if verdict.is_combined:
        noun = "cluster" if verdict.n_clusters == 1 else "clusters"
        clusters = f"{_spelt(verdict.n_clusters).capitalize()} {noun}, merged from"
        clusters += f" {_components(verdict)} of the mixture{_HOW[verdict.choice]}"
    elif verdict.choice is Choice.STOPPED:
        clusters = f"{clusters[:1].lower()}{clusters[1:]}"
        if verdict.n_tried == 1:
            return f"Stopped early at {clusters}: the answer could still change."
        return f"Stopped early: {clusters}, the best of {verdict.n_tried} tries until then."
    elif verdict.choice is Choice.ASKED:
        clusters = f"{clusters}, as asked"
    elif verdict.choice is Choice.CHOSEN:
        clusters = f"{clusters}, as chosen"
    elif verdict.n_clusters == 1:
        return "No clusters: one bell-shaped group describes these data best."
    elif verdict.one_does:
        return f"No clear clusters: {_one_does(verdict, _spelt(verdict.n_clusters))}"
    return f"{', '.join((clusters, *_reservations(verdict)))}."


def _clusters(verdict: Verdict) -> str:
    if verdict.n_clusters == 1:
        return "One cluster"
    if verdict.n_columns > 1:
        shape = _SHAPES[verdict.model]
    else:
        shape = "that are equally wide" if verdict.model[0] == "E" else "of any width"
    return f"{_spelt(verdict.n_clusters).capitalize()} clusters {shape}"


def _reservations(verdict: Verdict) -> list[str]:
    """What speaks against the clusters, in as few words as a headline has room for."""
    if verdict.choice is Choice.STOPPED or verdict.n_clusters == 1:
        return []
    told = []
    if verdict.claim is Claim.ONE_SHAPE:
        told.append("perhaps only one group")
    elif verdict.claim is Claim.FEWER_GROUPS:
        told.append(f"perhaps only {_spelt(verdict.n_groups)} groups")
    elif verdict.may_be_shape:
        told.append("perhaps fewer groups")
    if n := len(verdict.doubts):
        outliers = all(one.doubt.kind == "scattered" for one in verdict.doubts)
        many = "all" if n == verdict.n_components > 1 else _spelt(n)
        told.append(f"{many} of them perhaps {'outliers' if outliers else 'no group'}")
    if verdict.is_unstable:
        told.append("unstable in halves of the rows")
    return told


# -- doubts -------------------------------------------------------------------------------------


def _caveat(verdict: Verdict) -> str:
    """What is to be said against a number that was chosen, and against merged components."""
    if verdict.choice is Choice.CHOSEN:
        return _preferred(verdict)
    if verdict.choice is Choice.STOPPED:
        if verdict.n_tried > 1:
            return _UNTRIED
        return "The answer could still change." if verdict.is_combined else ""
    if verdict.is_combined and verdict.one_does:
        return f"No clusters are clear: {_one_does(verdict, f'the {_components(verdict)}')}"
    return ""


def _preferred(verdict: Verdict) -> str:
    assert verdict.preferred is not None
    n, model = verdict.preferred.n_components, verdict.preferred.model
    noun = "component" if verdict.is_combined else "cluster"
    return f"{verdict.criterion.upper()} prefers {_spelt(n)} {noun}{'s' * (n != 1)} ({model})."


def _one_does(verdict: Verdict, than: str) -> str:
    assert verdict.single_difference is not None
    difference = verdict.single_difference
    how = f"{_AS_WELL[bisect_left(BIC_EVIDENCE, difference)]} as"
    if difference < 0.0:  # another criterion than BIC has chosen
        how = "better than"
    return (
        f"one bell-shaped group describes these data {how} {than} (BIC difference"
        f" {abs(difference):.1f})."
    )


def _gaps(verdict: Verdict, names: Sequence[str]) -> str:
    if verdict.claim is Claim.ONE_SHAPE:
        return f"But no gap lies between them: {_SHAPE}."
    if verdict.claim is not Claim.FEWER_GROUPS:
        return ""
    together: dict[int, list[int]] = {}
    for k, group in verdict.gathered.items():
        together.setdefault(group, []).append(k)
    first, *others = [named(own, names) for own in together.values() if len(own) > 1]
    likewise = "".join(f"; likewise {own}" for own in others)
    return (
        f"Gaps set {_spelt(verdict.n_groups)} groups apart: {first} run into each other and may be"
        f" parts of one group that is not bell-shaped{likewise}."
    )


def _chance(verdict: Verdict, names: Sequence[str]) -> str:
    """What is to be said against gaps that few rows may have by chance."""
    unsure = verdict.by_chance
    if not unsure:
        return ""
    is_all = len(unsure) == len(verdict.gathered)
    around = "between them" if is_all else f"around {named(unsure, names)}"
    return f"The gap {around} may be chance in so few rows: {_SHAPE}."


def _tails(verdict: Verdict) -> str:
    """Columns that alone may make clusters."""
    if not verdict.may_be_tails:
        return ""
    has = "has" if len(verdict.tailed) == 1 else "have"
    alone = "" if verdict.claim is Claim.ONE_SHAPE else ", which alone can make gaps"
    if alone and not verdict.by_chance:  # else it has been said
        alone += f": {_SHAPE}"
    return f"{listed(list(verdict.tailed))} {has} a long tail{alone}. Try a logarithm or power."


def _doubtful(verdict: Verdict, names: Sequence[str]) -> list[str]:
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
        helps = [one for one in offered[first] if all(one in offered[other] for other in others)]
        told.append(_with_help(text, helps))
    return told


def _with_help(text: str, offered: Sequence[str]) -> str:
    """What speaks against an answer, and what may help."""
    return f"{text} What may help: {'; '.join(offered)}." if offered else text


# -- grounds ------------------------------------------------------------------------------------


def _rival_and_again(verdict: Verdict) -> str:
    """The rival, and how often the clusters were found again."""
    told = [part for part in (_against(verdict), _again(verdict)) if part]
    if not told or verdict.choice is Choice.STOPPED:
        return ""
    sentence = "; ".join(told)
    return f"{sentence[:1].upper()}{sentence[1:]}."


def _against(verdict: Verdict) -> str:
    rival, difference = verdict.rival, verdict.rival_difference
    if rival is None or difference is None or verdict.choice is not Choice.SEARCHED:
        return ""
    k = _spelt(rival.n_components)
    if verdict.is_combined:
        k += " component" if rival.n_components == 1 else " components"
    if verdict.criterion != "bic":
        come = "come" if verdict.is_combined and rival.n_components > 1 else "comes"
        return f"next by {verdict.criterion.upper()} {come} {k} (difference {difference:.1f})"
    how = _AS_WELL[bisect_left(BIC_EVIDENCE, difference)]
    told = rival.n_components == 1 and verdict.one_does
    if not how or told:
        return ""
    explains = "explains" if rival.n_components == 1 else "explain"
    return f"{k} {explains} the data {how} (BIC difference {difference:.1f})"


def _again(verdict: Verdict) -> str:
    again = "" if verdict.is_unstable else found_again(verdict.trust, verdict.resampled)
    if not again or (verdict.n_clusters == 1 and not verdict.is_combined):
        return ""
    return f"{_found(verdict)} were found again in {again}"


def _found(verdict: Verdict) -> str:
    """What was found again."""
    return f"the {_components(verdict) if verdict.is_combined else _spelt(verdict.n_clusters)}"


def _components(verdict: Verdict) -> str:
    return f"{_spelt(verdict.n_components)} components"


def _end(verdict: Verdict) -> str:
    if verdict.at_end == "upper" and verdict.claim is Claim.ONE_SHAPE:
        return (
            "The best number is at the end of your range; without a gap more clusters would be no"
            " more groups."
        )
    if verdict.at_end == "upper" and verdict.claim is not Claim.NONE:
        return "The best number is at the end of your range: allow more and look again."
    if verdict.at_end == "lower":
        return "The best number is at the beginning of your range: allow fewer and look again."
    return ""


def _how(verdict: Verdict) -> str:
    if verdict.choice is not Choice.SEARCHED:
        return ""
    return f"Chosen by {verdict.criterion.upper()} among {verdict.n_tried} tries."


def _spelt(n: int) -> str:
    return _NUMBERS[n] if n < len(_NUMBERS) else f"{n:,}"
