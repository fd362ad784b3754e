"""Whether another answer is steadier than the one before is said, and what was in vain ends."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np
import pytest

from gmmdesk.analysis import Settings, analyse
from gmmdesk.analysis.attempts import Attempt, came_of_it, left_to_do, still_offered
from gmmdesk.analysis.combining import combined
from gmmdesk.analysis.grouping import Grouping
from gmmdesk.analysis.remedies import alike, fewer_clusters, use_prior
from gmmdesk.analysis.verdict_words import Ground
from gmmdesk.data.samples import load_sample
from gmmdesk.engine import Resampled
from tests.running import finish

FEWER = fewer_clusters(8)
NINE = Attempt(
    n_components=9,
    n_agreeing=7,
    n_starts=12,
    n_same=41,
    n_halves=50,
    n_doubts=2,
    remedy=FEWER.text,
    series=FEWER.series,
)
EIGHT = replace(NINE, n_components=8, n_same=38, n_doubts=2, remedy="", series="")


@pytest.mark.parametrize(
    ("attempts", "now", "said"),
    [
        (
            [NINE],
            EIGHT,
            "“At most 8 clusters” made it no steadier: the clusters were found again in 41 of 50"
            " halves of the rows before, in 38 of 50 now; clusters with a doubt of their own, such"
            " as too few rows: two before, two now.",
        ),
        (
            [NINE],
            replace(EIGHT, n_same=43, n_doubts=0),
            "“At most 8 clusters” made it hardly steadier: the clusters were found again in 41 of"
            " 50 halves of the rows before, in 43 of 50 now; clusters with a doubt of their own,"
            " such as too few rows: two before, none now.",
        ),
        (
            [replace(NINE, n_same=20, n_doubts=0)],
            replace(EIGHT, n_same=26, n_doubts=0),  # 12 % more, as chance alone may make
            "“At most 8 clusters” made it hardly steadier: the clusters were found again in 20 of"
            " 50 halves of the rows before, in 26 of 50 now.",
        ),
        (
            [replace(NINE, n_doubts=0)],
            replace(EIGHT, n_same=49, n_doubts=0),
            "“At most 8 clusters” made it steadier: the clusters were found again in 41 of 50"
            " halves of the rows before, in 49 of 50 now.",
        ),
        (
            [replace(NINE, n_doubts=0, remedy="", series="")],
            replace(EIGHT, n_doubts=0),
            "It is no steadier: the clusters were found again in 41 of 50 halves of the rows"
            " before, in 38 of 50 now.",
        ),
        (
            [replace(NINE, n_doubts=0, n_halves=0, n_same=0)],
            replace(EIGHT, n_doubts=0),
            "The clusters were found again in 7 of 12 restarts before, in 7 of 12 now.",
        ),
        (
            [replace(NINE, n_doubts=0), replace(EIGHT, n_same=20, n_doubts=0)],
            replace(EIGHT, n_components=7, n_same=30, n_doubts=0),
            "It is steadier: the clusters were found again in 20 of 50 halves of the rows before,"
            " in 30 of 50 now; an answer before that was steadier, 41 of 50 (History goes back"
            " there).",
        ),
        (
            [replace(NINE, n_same=12, n_doubts=0)],
            replace(EIGHT, n_same=0, n_doubts=0),
            "“At most 8 clusters” made it less steady: the clusters were found again in 12 of 50"
            " halves of the rows before, in 0 of 50 now.",
        ),
        ([], EIGHT, ""),
    ],
)
def test_what_came_of_it(attempts, now, said):
    assert came_of_it(attempts, now) == said


@pytest.mark.parametrize(
    ("now", "goes_on"),
    [
        (EIGHT, False),  # no steadier, as many doubts
        (replace(EIGHT, n_same=50), True),
        (replace(EIGHT, n_doubts=1), True),  # fewer doubts, about as steady
        (replace(EIGHT, n_doubts=1, n_same=20), False),  # fewer doubts, but far less steady
        (replace(EIGHT, n_same=0, n_halves=0), False),  # not known yet: it is judged first
    ],
)
def test_still_fewer_clusters_are_offered_only_where_fewer_helped(now, goes_on):
    offered = (fewer_clusters(7), *alike("VVV", 2))
    (ground,) = still_offered([Ground("A doubt.", remedies=offered)], [NINE], now)
    assert [one.text for one in ground.remedies] == [
        one.text for one in offered[0 if goes_on else 1 :]
    ]


def test_that_all_of_fewer_clusters_are_in_doubt_is_no_help():
    """Else "At most 8", "At most 7" ... would lead on to one cluster."""
    nine, eight = replace(NINE, n_doubts=9), replace(EIGHT, n_doubts=8)
    assert not nine.helped(eight)
    assert nine.helped(replace(eight, n_doubts=7))
    (ground,) = still_offered([Ground("A doubt.", remedies=(fewer_clusters(7),))], [nine], eight)
    assert ground.remedies == ()


def test_what_was_in_vain_stays_so_after_other_attempts():
    now = replace(EIGHT, n_same=50)
    others = [NINE, replace(EIGHT, remedy=alike("VVV", 2)[0].text)]
    (ground,) = still_offered([Ground("A doubt.", remedies=(fewer_clusters(6),))], others, now)
    assert ground.remedies == ()


def test_what_was_tried_in_vain_is_not_offered_again_and_it_is_said_what_is_left():
    prior, fewer = use_prior(), fewer_clusters(7)
    told = [Ground("A doubt.", remedies=(prior,)), Ground("Another.", remedies=(fewer, prior))]
    before = [replace(NINE, remedy=prior.text, series="")]
    offered = still_offered(told, before, EIGHT)
    assert [one.remedies for one in offered] == [(), (fewer,)]
    assert left_to_do(told, offered) == ""
    before = [NINE, replace(EIGHT, remedy=prior.text)]
    offered = still_offered(told, before, EIGHT)
    assert not any(one.remedies for one in offered)
    assert left_to_do(told, offered).startswith("What may help has been tried and did not:")
    assert left_to_do([Ground("A fact.")], [Ground("A fact.")]) == ""  # nothing was offered
    helped = still_offered(told, [replace(NINE, remedy=prior.text)], replace(EIGHT, n_same=50))
    assert helped == tuple(told)


def test_an_answer_by_what_it_is_doubted_for():
    settings = Settings(k_min=2, k_max=2, models=("EEE",), restarts=3)
    analysis = finish(analyse(load_sample("faithful"), settings))
    one = Attempt.of(analysis, Resampled((1.0, 0.95, 0.2)), FEWER)
    assert (one.n_components, one.n_same, one.n_halves, one.n_doubts) == (2, 2, 3, 0)
    assert (one.n_agreeing, one.n_starts) == (analysis.trust.n_agreeing, analysis.trust.n_starts)
    assert (one.remedy, one.series) == ("At most 8 clusters", "fewer clusters")
    assert one.steadiness is None  # of three halves


def test_of_a_merged_answer_its_clusters_count_and_not_its_components():
    """Else what is found again in 20 of 50 halves, as is said of it, becomes 0 of 50 before."""
    settings = Settings(columns=("waiting",), k_min=3, k_max=3, models=("V",), restarts=3)
    whole = finish(analyse(load_sample("faithful"), settings))
    tables = (np.array([[90, 0], [0, 80], [0, 102]]),) * 12  # the last two are one in each half
    halves = Resampled((0.3,) * 12, tables)
    merged = combined(whole, Grouping((0, 1, 1), (0, 1)))
    assert (Attempt.of(whole, halves).n_same, Attempt.of(whole, halves).n_halves) == (0, 12)
    one = Attempt.of(merged, halves, FEWER)
    assert (one.n_same, one.n_halves, one.n_starts) == (12, 12, 0)  # nobody has looked from starts
    again = replace(one, n_same=3, remedy="", series="")
    assert came_of_it([one], again) == (
        "“At most 8 clusters” made it less steady: the clusters were found again in 12 of 12"
        " halves of the rows before, in 3 of 12 now."
    )


def test_merged_clusters_are_not_compared_with_clusters_that_are_apart():
    """Two of seven are found again more often than the seven, of the same fit."""
    merged = replace(NINE, n_agreeing=0, n_starts=0, is_merged=True)
    apart = replace(EIGHT, n_same=2)
    assert came_of_it([merged], apart) == (
        "The clusters are apart again: merge them once more to compare them with those before."
    )
    assert came_of_it([apart], merged) == ""
    told = came_of_it([merged, replace(NINE, n_same=2)], apart)
    assert "an answer before that was steadier" not in told


@pytest.mark.parametrize(
    ("asked", "range_"), [((3, 3), (1, 2)), ((2, 9), (1, 2)), ((1, 9), (1, 2))]
)
def test_at_most_so_many_clusters_is_a_range_whatever_was_asked_for(asked, range_):
    """Else the answer would be told as one that somebody had asked for."""
    low, high = asked
    settings = Settings(columns=("x",), k_min=low, k_max=high)
    changes = fewer_clusters(2).changes(settings)
    now = msgspec.structs.replace(settings, **changes)
    assert (now.k_min, now.k_max) == range_


def test_what_makes_clusters_alike_is_tried_once_whatever_it_is_called():
    """Of another model its words are others, and the shape that it leads to may be the same."""
    (tried,) = alike("VVI", 2)
    (now,) = alike("VVV", 2)
    assert tried.text != now.text
    before = Attempt(9, 1, 8, 5, 50, 0, tried.text, tried.series)
    after = replace(before, remedy="", series="")
    (ground,) = still_offered([Ground("A doubt.", remedies=(now, use_prior()))], [before], after)
    assert [one.text for one in ground.remedies] == ["Use a prior"]
