"""One headline for each combination of doubts, and below it nothing twice or against it."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace

import numpy as np
import pytest

from gmmdesk.analysis import Candidate, Claim, Verdict
from gmmdesk.analysis.doubts import Doubt
from gmmdesk.analysis.grouping import Grouping
from gmmdesk.analysis.headline import headline, marks
from gmmdesk.analysis.offers import Act
from gmmdesk.analysis.remedies import fewer_clusters
from gmmdesk.analysis.verdict import Choice, Doubted
from gmmdesk.analysis.verdict_words import AnswerWords, verdict_in_words
from gmmdesk.engine import Resampled
from gmmdesk.text import spelt

FOUR = Candidate("EEE", 4, -40.0, 11, 100.0, 100.0, 100.0, "converged", sound=True)
NUMBERS = "|".join(spelt(n) for n in range(1, 11))
SELDOM = Resampled((1.0,) * 12 + (0.3,) * 38)
NOBODY = np.empty(0, np.int64)


def doubted(kind: str, cluster: int) -> Doubted:
    return Doubted(Doubt(kind, cluster, NOBODY, cluster + 2, ""), (fewer_clusters(2),))


# Clusters that are apart; two that run into each other, of four; all; and one bell that does.
CLAIMS = {"apart": "012", "some": "0012", "all": "000", "none": "012"}
UNSURE = ("", "gap", "tail")  # may be chance around the first; a column has one
DOUBTS = ("", "outliers", "few")  # the last cluster is scattered; each has few rows
# By claim, and whether it is unstable, what is unsure and what is doubted; then what holds for
# the rest.
SAID = {
    ("apart", 0, "", ""): "Three clusters of the same shape.",
    ("apart", 0, "", "outliers"): "Three clusters of the same shape, one of them perhaps outliers.",
    ("apart", 0, "", "few"): "Three clusters of the same shape, all of them perhaps no group.",
    ("apart", 0, "gap", ""): "Three clusters of the same shape, perhaps fewer groups.",
    ("apart", 0, "gap", "outliers"): (
        "Three clusters of the same shape, perhaps fewer groups, one of them perhaps outliers."
    ),
    ("apart", 1, "gap", "outliers"): (
        "Three unstable clusters of the same shape, perhaps fewer groups, one of them perhaps"
        " outliers."
    ),
    ("apart", 1, "", ""): "Three unstable clusters of the same shape.",
    ("apart", 1, "", "outliers"): (
        "Three unstable clusters of the same shape, one of them perhaps outliers."
    ),
    ("apart", 1, "", "few"): (
        "Three unstable clusters of the same shape, all of them perhaps no group."
    ),
    ("apart", 1, "gap", ""): "Three unstable clusters of the same shape, perhaps fewer groups.",
    ("some", 0, "", ""): "Perhaps only three groups, drawn as four partly adjoining clusters.",
    ("some", 0, "", "outliers"): (
        "Perhaps only two groups, drawn as four partly adjoining clusters, one of"
        " them perhaps outliers."
    ),
    ("some", 0, "", "few"): (
        "Perhaps only three groups, drawn as four partly adjoining clusters, two of"
        " them perhaps no group."
    ),
    (
        "some",
        0,
        "gap",
        "",
    ): "Perhaps three groups or fewer, drawn as four partly adjoining clusters.",
    ("some", 0, "gap", "outliers"): (
        "Perhaps two groups or fewer, drawn as four partly adjoining clusters, one of"
        " them perhaps outliers."
    ),
    ("some", 0, "gap", "few"): (
        "Perhaps three groups or fewer, drawn as four partly adjoining clusters, two of"
        " them perhaps no group."
    ),
    ("all", 0, "", ""): "Perhaps only one group, drawn as three adjoining clusters.",
    ("all", 0, "", "outliers"): (
        "Perhaps only one group, drawn as three adjoining clusters, one of them perhaps outliers."
    ),
    ("none", 0, "", ""): (
        "No clear clusters: one bell-shaped group describes these data as well as three (BIC"
        " difference 1.5)."
    ),
}


def expected(claim: str, unstable: int, unsure: str, doubts: str) -> str:
    """The headline, by `SAID` and what it says of several combinations at once."""
    if claim == "none":  # what speaks against clusters that are not claimed is no news
        return SAID["none", 0, "", ""]
    if claim == "all":  # without a gap none is unsure, and few rows are no doubt about the group
        unsure, doubts = "", "" if doubts == "few" else doubts
    if claim == "some" and unsure == "tail":
        unsure = "gap"
    if claim == "apart":
        unsure = "" if unsure == "tail" else unsure  # they are apart, whatever their tails
        if doubts == "few":  # few rows in each say more than a gap that may be chance
            unsure = ""
        return SAID[claim, unstable, unsure, doubts]
    said = SAID[claim, 0, unsure, doubts]
    return (
        said.replace("drawn as four ", "drawn as four unstable, ").replace(
            "drawn as three ", "drawn as three unstable, "
        )
        if unstable
        else said
    )


def verdict(claim: str, unstable: int, unsure: str, doubts: str) -> Verdict:
    groups = tuple(map(int, CLAIMS[claim]))
    n = len(groups)
    found = Verdict(
        groups=groups,
        sizes=(100,) * n,
        model="EEE",
        criterion="bic",
        choice=Choice.SEARCHED,
        n_tried=36,
        n_starts=30,
        n_agreeing=28,
        rival=FOUR,
        rival_difference=3.1,
        single_difference=1.5 if claim == "none" else 250.0,
        unsure=(0,) if unsure == "gap" else (),
        tailed=("income",) if unsure == "tail" else (),
        steadying=(fewer_clusters(2),),
    )
    if unstable:
        found = replace(found, resampled=SELDOM)
    if doubts == "outliers":
        found = replace(found, doubts=(doubted("scattered", n - 1),), stray=(n - 1,))
    elif doubts == "few":
        found = replace(found, doubts=tuple(doubted("few", k) for k in range(n)))
    return found


def with_a_part_more(n: int) -> Grouping:
    """Of n clusters, the last of which is made of two components."""
    return Grouping((*range(n), n - 1), tuple(range(n)))


def check(case: Verdict, words: AnswerWords) -> None:
    """What holds for every verdict in words."""
    assert words.headline.endswith(".")
    assert ". " not in words.headline.replace("vs. ", "")
    told = [one.text for one in words.grounds]
    sentences = [part for one in told for part in re.split(r"(?<=\.) ", one)]
    plain = [one for one in sentences if not one.startswith("What may help")]
    assert len(set(plain)) == len(plain)  # nothing is said twice
    assert words.text.count("not grouping, may be the cause") <= 1
    assert words.text.count("nstable") <= 2  # in the headline, and why
    assert ("do not build on them" in words.text) == ("nstable" in words.headline)
    assert [one.is_doubt for one in words.grounds] == sorted(
        (one.is_doubt for one in words.grounds), reverse=True
    )
    # Nobody is told to look for more clusters and for fewer, nor for more where there are none.
    if "At most" in words.text or case.claim is not Claim.CLUSTERS:
        assert "allow more" not in words.text
    if not case.is_combined:  # an answer has one number, and at most one beside it
        counted = re.findall(rf"\b({NUMBERS})\b(?! of them)", words.text.casefold())
        assert len(set(counted) - {"one"}) <= 2, words.text
    for one in told:  # each can be read alone
        assert one[0].isupper() or one.startswith("income")
        assert not one.startswith(("But", "They", "It "))


@pytest.mark.parametrize("claim", CLAIMS)
def test_every_combination_of_doubts_has_one_headline(claim):
    for unstable, unsure, doubts in itertools.product((0, 1), UNSURE, DOUBTS):
        case = verdict(claim, unstable, unsure, doubts)
        words = verdict_in_words(case)
        assert words.headline == expected(claim, unstable, unsure, doubts), (unsure, doubts)
        for at_end, unfinished in itertools.product(("", "upper", "lower"), (0, 1000)):
            other = replace(case, at_end=at_end, unfinished=unfinished)
            check(other, verdict_in_words(other))


@pytest.mark.parametrize("choice", Choice)
@pytest.mark.parametrize("claim", CLAIMS)
def test_every_way_to_come_to_the_clusters_has_words(claim, choice):
    """However they were come by, merged or not."""
    for doubts, merged in itertools.product(DOUBTS, (False, True)):
        case = replace(verdict(claim, 1, "", doubts), choice=choice, preferred=FOUR)
        if merged:
            case = replace(case, grouping=with_a_part_more(case.n_clusters))
        if choice is Choice.STOPPED:  # nothing is said of what could still change
            case = replace(case, resampled=None)
            assert [one.is_doubt for one in verdict_in_words(case).grounds].count(True) <= 1
        words = verdict_in_words(case)
        check(case, words)
        if choice is Choice.SEARCHED:
            assert "Chosen by BIC among 36 tries." in words.text
        if merged:
            assert words.text.count("merged") in (1, 2)
            assert "components of the mixture" in words.text


def test_what_can_be_done_stands_beside_what_it_is_about():
    case = replace(verdict("some", 0, "", ""), unfinished=1000)
    words = verdict_in_words(case)
    acts = {one.offer.act: one.text for one in words.grounds if one.offer is not None}
    assert [one.offer.text for one in words.grounds if one.offer] == [
        "Go on",
        "Merge into three groups",
    ]
    assert acts[Act.GO_ON].startswith("The fit had not settled (converged) after 1,000 iterations")
    assert acts[Act.TAKE_GROUPS].startswith("Gaps set three groups apart: clusters 1 and 2 run")
    assert case.together == ((0, 1),)
    assert not any(one.offer for one in verdict_in_words(verdict("apart", 1, "gap", "few")).grounds)
    settled = verdict_in_words(replace(verdict("apart", 0, "", ""), unfinished=1000))
    assert settled.headline == "Three clusters of the same shape so far."


def test_outliers_are_counted_apart_from_groups_before_and_after_these_are_merged():
    """Else a button that promises two groups leaves three clusters."""
    case = verdict("some", 0, "", "outliers")
    (offer,) = (one.offer for one in verdict_in_words(case).grounds if one.offer)
    assert offer.text == "Merge into two groups and one of outliers"
    after = replace(case, groups=(0, 1, 2), grouping=Grouping((0, 0, 1, 2), (0, 2, 3)))
    after = replace(after, stray=(2,), doubts=(doubted("scattered", 3),))
    words = verdict_in_words(after)
    assert words.headline == (
        "Two clusters and perhaps one of outliers, merged from four components of the mixture."
    )
    assert any("scattered" in one.text for one in words.grounds)
    single = replace(after, groups=(0, 1), grouping=Grouping((0, 0, 0, 1), (0, 3)), stray=(1,))
    assert verdict_in_words(single).headline == (
        "One cluster and perhaps one of outliers, merged from four components of the mixture."
    )
    assert verdict_in_words(replace(single, tailed=("income",))).headline == (
        "Perhaps one cluster and perhaps one of outliers, merged from four components of the"
        " mixture."
    )
    few = replace(after, doubts=(doubted("few", 2), doubted("scattered", 3)))
    assert verdict_in_words(few).headline == (
        "Two clusters and perhaps one of outliers, merged from four components of the mixture,"
        " one of them perhaps no group."
    )


def test_of_clusters_that_are_merged_what_was_doubtful_is_so_still():
    case = verdict("some", 0, "tail", "")
    doubts = (doubted("few", 2), doubted("one value", 0))
    before = verdict_in_words(replace(case, doubts=doubts)).headline
    assert before == (
        "Perhaps three groups or fewer, drawn as four partly adjoining clusters, one of them"
        " perhaps no group."
    )
    merged = replace(case, groups=(0, 1, 2), grouping=Grouping((0, 0, 1, 2), (0, 2, 3)))
    after = replace(merged, doubts=doubts, overlapped=True)
    assert verdict_in_words(after).headline == (
        "Perhaps three clusters or fewer, merged from four components of the mixture, one of them"
        " perhaps no group."
    )
    assert verdict_in_words(replace(after, tailed=(), doubts=())).headline == (
        "Three clusters, merged from four components of the mixture."  # gaps set these apart
    )


def test_of_unstable_components_the_headline_says_so_first_and_little_more():
    case = replace(verdict("some", 1, "tail", ""), choice=Choice.ASKED)
    doubts = (doubted("few", 2), doubted("scattered", 3))
    merged = replace(case, groups=(0, 1, 2), grouping=Grouping((0, 0, 1, 2), (0, 2, 3)))
    merged = replace(merged, doubts=doubts, stray=(2,), overlapped=True)
    words = verdict_in_words(merged)
    assert words.headline == (
        "Unstable: perhaps two clusters or fewer and perhaps one of outliers, merged from four"
        " components of the mixture."
    )
    assert "do not build on them" in words.text
    assert "scattered" in words.text
    partly = replace(merged, groups=(0, 0, 1))
    assert verdict_in_words(partly).headline == (
        "Unstable: perhaps only one group, drawn as three adjoining clusters."
    )


@pytest.mark.parametrize("claim", CLAIMS)
def test_clusters_are_marked_as_the_headline_counts_them(claim):
    """Before and after some are merged: whoever counts the list comes to the same number."""
    for unstable, unsure, doubts in itertools.product((0, 1), UNSURE, DOUBTS):
        case = verdict(claim, unstable, unsure, doubts)
        merged = replace(case, grouping=with_a_part_more(case.n_clusters))
        for one in (case, merged):
            told = headline(one)
            marked = [mark for mark in marks(one) if mark]
            assert len(marks(one)) == one.n_clusters
            if "of them perhaps" in told:
                said = re.search(r"(\w+) of them perhaps ([a-z ]+)\.", told)
                n = {"one": 1, "two": 2, "all": one.n_clusters}[said[1]]
                assert marked == [f"perhaps {said[2]}"] * n
            elif "perhaps one of outliers" in told:
                assert marked == ["perhaps outliers"]
            elif not told.startswith("Unstable: perhaps"):
                assert not marked


def test_where_some_are_outliers_and_others_no_group_both_are_counted():
    case = verdict("apart", 0, "", "")
    case = replace(case, doubts=(doubted("few", 1), doubted("handful", 2)), stray=(2,))
    assert headline(case) == (
        "Three clusters of the same shape, two of them perhaps outliers or no group."
    )
    assert marks(case) == ("", "perhaps no group", "perhaps outliers")
    assert not any(marks(replace(case, choice=Choice.STOPPED)))


@pytest.mark.parametrize("choice", [one for one in Choice if one is not Choice.STOPPED])
def test_all_merged_into_one_where_one_bell_does_as_well(choice):
    one = Grouping((0, 0, 0), (0,))
    case = replace(verdict("none", 0, "", ""), groups=(0,), grouping=one, choice=choice)
    words = verdict_in_words(replace(case, preferred=FOUR))
    assert words.headline == (
        "No clear clusters: one bell-shaped group describes these data as well as the three"
        " components that are merged into one cluster (BIC difference 1.5)."
    )
    assert "shown" not in words.text
    assert words.text.count("merged") == 1
    other = verdict_in_words(replace(case, preferred=FOUR, single_difference=250.0))
    assert other.headline.startswith("One cluster, merged from three components of the mixture")


@pytest.mark.parametrize("claim", CLAIMS)
def test_the_end_of_the_range_is_told_whatever_is_claimed(claim):
    words = verdict_in_words(replace(verdict(claim, 0, "", ""), at_end="upper"))
    assert "is the most that was looked for" in words.text
    words = verdict_in_words(verdict(claim, 0, "", ""))
    assert "looked for:" not in words.text
