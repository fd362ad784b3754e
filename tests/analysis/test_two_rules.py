"""Verdict and Merging go by different rules, and each says what the other comes to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gmmdesk.analysis import Settings, analyse
from gmmdesk.analysis.combining import merging_of
from gmmdesk.analysis.gap_words import which_number
from gmmdesk.analysis.two_rules import gaps_beside_overlap, overlap_beside_gaps, overlaps_in_words
from gmmdesk.analysis.verdict import Choice, Verdict
from gmmdesk.analysis.verdict_words import verdict_in_words
from gmmdesk.data.samples import load_sample
from gmmdesk.engine import Resampled
from tests.running import finish

# Nine clusters, of which gaps set five groups apart, one of stray rows beside them.
NINE = Verdict(
    groups=(0, 0, 0, 1, 1, 2, 3, 4, 5),
    sizes=(90, 80, 70, 60, 50, 40, 30, 20, 4),
    model="VVV",
    criterion="bic",
    choice=Choice.SEARCHED,
    n_tried=9,
    n_starts=1,
    n_agreeing=1,
    single_difference=100.0,
    stray=(8,),
    bend=8,
)
MEANT = (
    "se five to claim groups, eight (by overlap, counting outliers, see Choose K > Merging) where"
    " few rows may be unsure and nine only to describe them closely. Clusters that overlap need not"
    " be of one kind."
)


def test_clusters_with_a_gap_between_them_are_not_said_to_be_one_for_their_overlap():
    """Those that overlap are one group where gaps say so too, or nothing."""
    pairs = ((0.2, 0, 1), (0.15, 2, 3), (0.12, 7, 8))
    found, names = replace(NINE, overlaps=pairs), "ABCDEFGHI"
    assert overlaps_in_words(found, names) == (
        "20 % of A could be B: they may be one group."
        " 15 % of C could be D in spite of the gap between them."
        " 12 % of H could be I: they may be one group."  # which is of stray rows
    )
    for unsure in ({"unsure": (1,)}, {"single_difference": 1.0}):
        assert "gap" not in overlaps_in_words(replace(found, **unsure), names)


HERE = MEANT.replace("see Choose K > Merging", "where the curve bends")  # on that page


def test_where_overlap_comes_to_no_number_none_is_told():
    assert overlap_beside_gaps(replace(NINE, bend=0)) == (
        "Use five to claim groups and nine only to describe them closely."
    )
    assert gaps_beside_overlap(NINE, 0) == (
        "The verdict goes by gaps between clusters instead and comes to five groups and one of"
        " outliers: use five to claim groups and nine only to describe them closely."
    )
    assert "nine (by overlap, counting outliers, as nothing overlaps)" in gaps_beside_overlap(
        NINE, 9
    )


def test_where_they_differ_both_say_so_and_what_to_make_of_it():
    assert overlap_beside_gaps(NINE) == f"U{MEANT}"
    without = replace(NINE, stray=(), groups=(0, 0, 0, 1, 1, 2, 3, 4, 4))
    assert overlap_beside_gaps(without) == f"U{MEANT}".replace(", counting outliers", "")
    assert gaps_beside_overlap(NINE, 8) == (
        "The verdict goes by gaps between clusters instead and comes to five groups and one of"
        f" outliers: u{HERE}"
    )
    assert which_number(NINE) == f"U{MEANT}"
    assert MEANT not in verdict_in_words(NINE).text  # the answer has two numbers, and no more


def test_a_number_whose_clusters_are_seldom_found_again_is_for_describing_only():
    """Of three by overlap and four components, while gaps set two groups apart."""
    found = replace(
        NINE, groups=(0, 0, 0, 1), sizes=(20, 20, 20, 30), stray=(), bend=3, bend_of=(0, 0, 1, 2)
    )
    told = {
        "steady": "Use two to claim groups, three (by overlap, see Choose K > Merging) where"
        " few rows may be unsure and four only to describe them closely. Clusters that overlap need"
        " not be of one kind.",
        "unsteady": "Use two to claim groups and three (by overlap, see Choose K > Merging) or four"
        " only to describe them closely. Clusters that overlap need not be of one kind.",
        "mixed up": "Claim no groups; use three (by overlap, see Choose K > Merging) or four only"
        " to describe them closely. Clusters that overlap need not be of one kind.",
    }
    counts = {
        "steady": [[20, 0, 0, 0], [0, 20, 0, 0], [0, 0, 20, 0], [0, 0, 0, 30]],
        "unsteady": [[10, 10, 0, 0], [10, 10, 0, 0], [10, 10, 0, 0], [0, 0, 15, 15]],
        "mixed up": [[5, 5, 5, 5], [5, 5, 5, 5], [5, 5, 5, 5], [8, 8, 7, 7]],
    }
    for kind, table in counts.items():
        halves = Resampled((0.1,) * 20, (np.array(table),) * 20)
        assert which_number(found.with_resamples(halves)) == told[kind]


def test_where_they_agree_there_are_two_numbers_to_use():
    six = replace(NINE, groups=(0, 0, 0, 1, 1, 2, 3, 4, 5), stray=(), bend=6)
    assert overlap_beside_gaps(six) == (
        "Use six to claim groups and nine only to describe them closely."
    )
    assert gaps_beside_overlap(NINE, 6).endswith("comes to the same number.")


@pytest.mark.parametrize(
    "verdict",
    [replace(NINE, choice=Choice.STOPPED), replace(NINE, single_difference=1.0)],
    ids=["stopped", "one group does"],
)
def test_a_verdict_that_tells_of_no_groups_is_not_set_beside_overlap(verdict):
    assert gaps_beside_overlap(verdict, 8) == ""


def test_of_groups_whose_gap_may_be_chance_no_more_are_to_be_claimed():
    assert "Use at most five to claim groups, eight (by overlap" in overlap_beside_gaps(
        replace(NINE, unsure=(1,))
    )


@pytest.mark.parametrize("stray", [(), (8,)])
def test_without_any_gap_no_number_is_a_claim(stray):
    """Nor is one with outliers beside the only group."""
    one = replace(NINE, groups=(0,) * 8 + (len(stray),), stray=stray)
    counted = ", counting outliers" * bool(stray)
    assert overlap_beside_gaps(one) == (
        f"Claim no groups; use eight (by overlap{counted}, see Choose K > Merging) where few rows"
        " may be unsure and nine only to describe them closely. Clusters that overlap need not be"
        " of one kind."
    )


def test_the_verdict_has_the_number_of_the_page():
    settings = Settings(k_min=4, k_max=4, models=("EEE",), restarts=2)
    analysis = finish(analyse(load_sample("iris"), settings))
    assert analysis.verdict.together
    assert analysis.verdict.bend == merging_of(analysis).proposed


def test_clusters_that_are_all_apart_need_no_second_rule():
    assert which_number(replace(NINE, groups=tuple(range(9)), stray=(), bend=0)) == ""
