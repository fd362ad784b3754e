"""The verdict says no more than its grounds hold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gmmdesk.analysis import Candidate, Claim, Settings, Verdict, analyse, choose
from gmmdesk.analysis.doubts import Doubt, named
from gmmdesk.analysis.gap_words import which_number
from gmmdesk.analysis.grouping import Grouping
from gmmdesk.analysis.judging import judge
from gmmdesk.analysis.labels import Labelled
from gmmdesk.analysis.remedies import fewer_clusters, leave_out_columns, use_prior
from gmmdesk.analysis.verdict import Choice, Doubted
from gmmdesk.analysis.verdict_words import verdict_in_words as words
from gmmdesk.data.readers import read_text
from gmmdesk.engine import Resampled
from gmmdesk.engine.judging.agreement import agreement
from gmmdesk.errors import Cancelled
from tests.running import finish


def candidate(k: int) -> Candidate:
    return Candidate("EEE", k, -40.0, 11, 100.0, 100.0, 100.0, "converged", sound=True)


def verdict(groups: str = "012", **changes: object) -> Verdict:
    usual = Verdict(
        groups=tuple(map(int, groups)),
        sizes=(100,) * len(groups),
        model="EEE",
        criterion="bic",
        choice=Choice.SEARCHED,
        n_tried=36,
        n_starts=30,
        n_agreeing=28,
        rival=candidate(4),
        rival_difference=3.1,
        single_difference=250.0,
    )
    return replace(usual, **changes)


ONE = {"n_starts": 1, "n_agreeing": 1, "rival_difference": 50.0}


def test_the_verdict_and_its_grounds():
    resampled = Resampled((1.0,) * 46 + (0.3,) * 4)
    assert words(verdict().with_resamples(resampled)).text == (
        "Three clusters of the same shape. Four clusters explain the data almost as well (BIC "
        "difference 3.1); the three were found again in 28 of 30 restarts and in 46 of 50 "
        "resamples (halves of the rows). Chosen by BIC among 36 tries."
    )


@pytest.mark.parametrize(("difference", "how"), [(1.5, "as well"), (5.9, "almost as well")])
def test_another_shape_that_explains_the_rows_as_well_is_named(difference, how):
    other = replace(candidate(3), model="VEV")
    said = words(verdict(other_shape=other, shape_difference=difference)).text
    assert (
        "(BIC difference 3.1); three clusters of the same shape, with own sizes and directions"
        f" (VEV) explain the data {how} (BIC difference {difference}); the three were found again"
    ) in said


@pytest.mark.parametrize(
    "changes", [{"shape_difference": 6.1}, {"criterion": "icl"}, {"choice": Choice.STOPPED}]
)
def test_another_shape_is_not_named_where_it_is_no_rival(changes):
    other = replace(candidate(3), model="VEV")
    said = words(verdict(**{"other_shape": other, "shape_difference": 1.0, **changes})).text
    assert "VEV" not in said


def test_another_shape_is_named_where_the_number_was_asked_for_too():
    other = replace(candidate(3), model="VEV")
    said = words(verdict(choice=Choice.ASKED, other_shape=other, shape_difference=1.0)).text
    assert (
        "Three clusters of the same shape, with own sizes and directions (VEV) explain the data"
        in said
    )
    assert "Four explain" not in said  # nobody asked
    merged = verdict("01", grouping=Grouping((0, 0, 1), (0, 2)), other_shape=other)
    said = words(replace(merged, shape_difference=1.0)).text
    assert "three components of the same shape, with own sizes and directions (VEV)" in said


def test_of_merged_clusters_nobody_has_looked_from_other_starts():
    assert verdict("01", grouping=Grouping((0, 0, 1), (0, 2))).trust is None
    assert verdict("01").trust.n_starts == 30


def test_the_strongest_doubt_comes_first():
    doubted = verdict("001", tailed=("income",)).with_resamples(Resampled((0.1,) * 50))
    first, second, third, *_ = words(doubted).grounds
    assert first.said.startswith("Unstable: the three clusters were found again in 0 of 50")
    assert second.said.startswith("Gaps set two groups apart")
    assert third.said.startswith("income has a long tail")


def test_while_halves_are_looked_at_the_headline_claims_nothing_for_good():
    perhaps = verdict("001")
    said = words(perhaps).headline
    assert said.startswith("Perhaps only two groups")
    checking = words(replace(perhaps, is_being_checked=True)).headline
    assert checking.startswith("Still checking. So far: perhaps only two")
    none = verdict(single_difference=-3.0)
    assert words(replace(none, is_being_checked=True)).headline == words(none).headline


def test_of_many_clusters_the_rest_cannot_be_taken_for_one_of_them():
    every = [f"Cluster {k}" for k in range(1, 8)]
    assert named([0, 2, 3, 4, 5, 6], every, 4) == "clusters 1, 3, 4, 5 and two others"
    assert named([0, 2, 3], every, 2) == "clusters 1, 3 and 4"  # as long as "one other"
    assert named([0, 2, 3], every, 3) == "clusters 1, 3 and 4"


MERGED = {"grouping": Grouping((0, 0, 1), (0, 2)), **ONE}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"single_difference": -3.0},
            "No clear clusters: one bell-shaped group describes these data better than the three "
            "components that are merged into two clusters (BIC difference 3.0). Two "
            "clusters, merged from three components of the mixture, are shown. Chosen by BIC "
            "among 36 tries.",
        ),
        (
            {"choice": Choice.CHOSEN, "preferred": candidate(4), "rival_difference": -12.34},
            "Two clusters, merged from three components of the mixture, which were chosen. BIC"
            " prefers four components (EEE, difference 12.3). Gaps set two groups apart.",
        ),
        (
            {"choice": Choice.CHOSEN, "preferred": candidate(1), "rival_difference": -0.5},
            "Two clusters, merged from three components of the mixture, which were chosen. BIC"
            " prefers one component (EEE, difference 0.5). Gaps set two groups apart.",
        ),
        (
            {"choice": Choice.STOPPED},
            "Two clusters, merged from three components of the mixture, at which the search was"
            " stopped early. What was not tried may describe the rows better.",
        ),
        (
            {"choice": Choice.STOPPED, "n_tried": 1},
            "Two clusters, merged from three components of the mixture, at which the search was"
            " stopped early. The answer could still change.",
        ),
        (
            {"criterion": "aic", "rival": candidate(1), "rival_difference": 2.0},
            "Two clusters, merged from three components of the mixture. Gaps set two groups apart."
            " Next by AIC comes one component (difference 2.0). Chosen by AIC among 36 tries.",
        ),
        (
            {"criterion": "icl", "rival_difference": 2.0},
            "Two clusters, merged from three components of the mixture. Gaps set two groups apart."
            " Next by ICL come four components (difference 2.0). Chosen by ICL among 36 tries.",
        ),
        (
            {
                "groups": (0,),
                "grouping": Grouping((0, 0, 0), (0,)),
                "rival": candidate(1),
                "rival_difference": 7.0,
            },
            "One cluster, merged from three components of the mixture. One component "
            "explains the data less well (BIC difference 7.0). Chosen by BIC among 36 tries.",
        ),
    ],
)
def test_merging_hides_no_caveat(changes, said):
    case = replace(verdict("01", **MERGED), **changes)
    assert words(case).text == said


def halves(*tables: list[list[int]]) -> Resampled:
    """Of which the components were found again in none."""
    return Resampled((0.1,) * 50, tuple(np.array(tables[i % len(tables)]) for i in range(50)))


@pytest.mark.parametrize(
    ("sizes", "rest"),
    [
        ((300, 239, 12, 10, 8), "four groups apart, of 539, 12, 10 and 8 rows: clusters 1 and 2"),
        ((300, 239, 40, 41, 60), "four groups apart: clusters 1 and 2"),
    ],
)
def test_groups_are_told_with_their_sizes_where_one_is_small(sizes, rest):
    """Four groups of which three have hardly any rows are no four groups as one thinks of them."""
    assert f"Gaps set {rest}" in words(verdict("00123", sizes=sizes)).text


def test_merged_groups_are_told_with_their_sizes_where_one_is_small():
    found = verdict("01", grouping=Grouping((0, 0, 1), (0, 2)), sizes=(1539, 8))
    assert "Gaps set two groups apart, of 1,539 and 8 rows." in words(found).text


def test_of_merged_clusters_it_is_told_how_often_these_were_found_again():
    """Two components are cut otherwise in every half, and both together always the same."""
    stays = [[40, 60, 0], [55, 45, 0], [0, 0, 100]]
    found = verdict("01", grouping=Grouping((0, 0, 1), (0, 2)), bend=3, humped=("income",))
    told = words(found.with_resamples(halves(stays)))
    assert told.headline == "Two clusters, merged from three components of the mixture."
    assert not any(one.is_doubt for one in told.grounds)
    assert told.grounds[0].said == "Gaps set two groups apart."
    assert told.grounds[1].said.startswith("In income alone the clusters have humps")
    assert told.grounds[2].said.endswith(
        "the two clusters were found again in 50 of 50 resamples (halves of the rows), the three"
        " components in 28 of 30 restarts and in 0 of 50 resamples (halves of the rows)."
    )


def test_one_cluster_of_all_rows_is_not_told_as_found_again():
    """It is in every half, whatever the rows: that says nothing for it."""
    found = verdict("0", grouping=Grouping((0, 0, 0), (0,)))
    checked = found.with_resamples(halves([[40, 60], [0, 45], [55, 0]]))
    assert checked.resampled is None
    said = words(checked).text
    assert "One cluster" in said
    assert "is in every half, and need not be found again." in said
    assert "50 of 50" not in said
    assert "components were found again in 28 of 30 restarts and in 0 of 50 resamples" in said


def test_outliers_beside_one_merged_cluster_are_no_group():
    beside = verdict("01", grouping=Grouping((0, 0, 1), (0, 2)), stray=(1,), bend=3)
    said = words(beside).text
    assert said.startswith("One cluster and perhaps one of outliers")
    assert "groups apart" not in said
    assert which_number(beside).startswith("Claim no groups")


def test_merged_clusters_of_which_none_were_found_again_are_unstable():
    moves = [[40, 0, 60], [0, 45, 55], [0, 0, 100]]
    found = verdict("01", grouping=Grouping((0, 0, 1), (0, 2))).with_resamples(halves(moves))
    assert found.is_unstable
    told = words(found)
    assert told.headline.startswith("Unstable: perhaps two clusters")
    assert told.grounds[0].said.startswith("Unstable: the two clusters were found again in 0 of 50")
    assert "restarts" not in told.grounds[0].said  # these are of the components


def test_of_merged_clusters_nothing_is_claimed_where_only_their_components_were_looked_for():
    found = verdict("01", grouping=Grouping((0, 0, 1), (0, 2)))
    told = words(found.with_resamples(Resampled((0.1,) * 50)))
    assert "the two clusters were found" not in told.text
    assert "the three components were found again in 28 of 30 restarts and in 0 of 50" in told.text


@pytest.mark.parametrize(
    ("case", "claim", "said"),
    [
        (
            verdict("0", rival_difference=50.0, single_difference=None),
            Claim.NONE,
            "No clusters: one bell-shaped group describes these data best. Chosen by BIC among "
            "36 tries.",
        ),
        (
            verdict("01", single_difference=1.9, **ONE),
            Claim.NONE,
            "No clear clusters: one bell-shaped group describes these data as well as two (BIC "
            "difference 1.9). Two clusters of the same shape are shown. Chosen by BIC among 36 "
            "tries.",
        ),
        (
            verdict("01", single_difference=6.0, **ONE),
            Claim.NONE,
            "No clear clusters: one bell-shaped group describes these data almost as well as "
            "two (BIC difference 6.0). Two clusters of the same shape are shown. Chosen by BIC "
            "among 36 tries.",
        ),
        (
            verdict("01", single_difference=-4.0, criterion="aic", n_starts=1, rival=None),
            Claim.NONE,
            "No clear clusters: one bell-shaped group describes these data better than two "
            "(BIC difference 4.0). Two clusters of the same shape are shown. Chosen by AIC among "
            "36 tries.",
        ),
        (
            verdict("00", **ONE, tailed=("income",)),
            Claim.ONE_SHAPE,
            "Perhaps only one group, drawn as two adjoining clusters. No "
            "gap lies between the clusters: the shape of one group that is not bell-shaped, not "
            "grouping, may be the cause. income has a long tail. "
            "Two clusters of the same shape are shown. Chosen by BIC among 36 tries.",
        ),
        (
            verdict("01012", **ONE),
            Claim.FEWER_GROUPS,
            "Perhaps only three groups, drawn as five partly adjoining clusters. "
            "Gaps set three groups apart: clusters 1 and 3 run into each other and may be parts "
            "of one group that is not bell-shaped; likewise clusters 2 and 4. Five clusters "
            "of the same shape are shown. Chosen by BIC among 36 tries.",
        ),
        (
            verdict("00100", tailed=("income",), **ONE),
            Claim.FEWER_GROUPS,
            "Perhaps two groups or fewer, drawn as five partly adjoining clusters. "
            "Gaps set two groups apart: clusters 1, 2, 4 and 5 run into each other and may be "
            "parts of one group that is not bell-shaped. income has a long tail, which alone "
            "can make gaps. The shape of one group that is not bell-shaped, not grouping, may be"
            " the cause. Five clusters of the same shape are shown. "
            "Chosen by BIC among 36 tries.",
        ),
        (
            verdict("01", single_difference=None, choice=Choice.ASKED, **ONE),
            Claim.CLUSTERS,
            "Two clusters of the same shape, as asked.",
        ),
        (
            verdict("01", single_difference=None, choice=Choice.STARTED, **ONE),
            Claim.CLUSTERS,
            "Two clusters of the same shape, from a chosen start.",
        ),
        (
            verdict(choice=Choice.CHOSEN, preferred=candidate(3), shape_difference=-7.0, **ONE),
            Claim.CLUSTERS,
            "Three clusters of the same shape, as chosen. BIC prefers three clusters (EEE,"
            " difference 7.0).",
        ),
        (
            verdict(choice=Choice.STOPPED, n_tried=4),
            Claim.CLUSTERS,
            "Stopped early: three clusters of the same shape, the best of 4 tries until then. What"
            " was not tried may describe the rows better.",
        ),
        (
            verdict(choice=Choice.STOPPED, n_tried=1),
            Claim.CLUSTERS,
            "Stopped early at three clusters of the same shape: the answer could still change.",
        ),
        (
            verdict(criterion="icl", n_starts=1),
            Claim.CLUSTERS,
            "Three clusters of the same shape. Next by ICL come four clusters (difference 3.1). "
            "Chosen by ICL among 36 tries.",
        ),
        (
            verdict("0123456789", rival_difference=11.0, at_end="upper"),
            Claim.CLUSTERS,
            "Ten clusters of the same shape. The ten were found again in 28 of 30 restarts. "
            "Ten is the most that was looked for: allow more and look again. Chosen by "
            "BIC among 36 tries.",
        ),
    ],
)
def test_every_claim_in_words(case, claim, said):
    assert case.claim is claim
    assert words(case).text == said


UNSTABLE = Resampled((1.0,) * 12 + (0.3,) * 38)
SCATTERED = Doubted(Doubt("scattered", 2, np.arange(2), 2, "rows 1, 2"))
FEW = Doubted(Doubt("few", 1, np.arange(2), 2, "rows 1, 2"), (use_prior(),))


@pytest.mark.parametrize(
    ("case", "headline", "doubts"),
    [
        (
            verdict(doubts=(SCATTERED,), stray=(2,)),
            "Three clusters of the same shape, one of them perhaps outliers.",
            ["Cluster 3 is 2 rows (rows 1, 2), scattered"],
        ),
        (
            verdict(doubts=(FEW, SCATTERED), resampled=UNSTABLE),
            "Three unstable clusters of the same shape, two of them perhaps no group.",
            ["Unstable: the three were found", "Cluster 2 has so few rows", "Cluster 3 is 2 rows"],
        ),
        (
            verdict(unsure=(0, 2)),
            "Three clusters of the same shape, perhaps fewer groups.",
            ["The gaps around clusters 1 and 3 may be chance: the shape"],
        ),
        (
            verdict("00112", unsure=(0, 2)),
            "Perhaps three groups or fewer, drawn as five partly adjoining clusters.",
            [
                "Gaps set three groups apart: clusters 1 and 2 run",
                "The gaps around clusters 1 and 2 and around Cluster 5 may be chance: the shape",
            ],
        ),
        (
            verdict(unsure=(2,)),
            "Three clusters of the same shape, perhaps fewer groups.",
            ["The gap around Cluster 3 may be chance: the shape"],
        ),
        (
            verdict("01", unsure=(0, 1), tailed=("income",)),
            "Two clusters of the same shape, perhaps fewer groups.",
            [
                "The gap between the clusters may be chance",
                "income has a long tail, which alone can make",
            ],
        ),
        (verdict("01", tailed=("income",)), "Two clusters of the same shape.", []),
        # Rows that are scattered over others run into these, and make them no fewer groups.
        (verdict("011", stray=(2,)), "Three clusters of the same shape.", []),
        (
            verdict(choice=Choice.STOPPED, resampled=UNSTABLE, doubts=(SCATTERED,)),
            "Stopped early: three clusters of the same shape, the best of 36 tries until then.",
            ["What was not tried may describe the rows better."],
        ),
    ],
)
def test_what_speaks_against_it_is_in_the_headline_and_comes_first(case, headline, doubts):
    found = words(case)
    assert found.headline == headline
    told = [one.text for one in found.grounds if one.is_doubt]
    assert [one.is_doubt for one in found.grounds][: len(told)] == [True] * len(told)
    assert len(told) == len(doubts)
    assert all(text.startswith(begin) for text, begin in zip(told, doubts, strict=True))


def test_clusters_go_by_the_names_that_they_were_given():
    names = ("small", "Cluster 2", "wide")
    case = verdict("001", unsure=(1,), doubts=(SCATTERED, FEW))
    told = words(case, names).text
    assert "small and Cluster 2 run into each other" in told
    assert "The gap around wide may be chance" in told
    assert "wide is 2 rows (rows 1, 2), scattered" in told
    assert "that its shape may be chance. What may help: Use a prior." in told
    assert "Cluster 1" not in told
    merged = replace(case, groups=(0, 1), grouping=Grouping((0, 1, 1), (0, 1)), unsure=())
    assert "wide (part 2) is 2 rows" in words(merged, ("small", "wide")).text


@pytest.mark.parametrize(
    ("n_agreeing", "told"), [(15, ""), (10, "short runs"), (2, "Few restarts")]
)
def test_a_low_share_of_the_restarts_is_explained(n_agreeing, told):
    (said,) = (
        one.said
        for one in words(verdict(n_agreeing=n_agreeing)).grounds
        if f"in {n_agreeing} of 30 restarts" in one.said
    )
    assert said.endswith("restarts.") is not bool(told)
    assert told in said


def test_labels_that_agree_and_other_rows_that_would_not_are_said_in_one():
    rows = np.repeat([0, 1, 2], [40, 30, 20])
    agreeing = Labelled("species", agreement(rows, rows, (3, 3)))
    go_by = "where it is known, go by species."
    (said,) = (
        one.said
        for one in words(verdict(labelled=agreeing, resampled=UNSTABLE)).grounds
        if "species, which was not used, agrees" in one.said
    )
    assert said.endswith(go_by)
    assert go_by not in words(verdict(labelled=agreeing)).text


def test_what_may_help_stands_beside_an_unstable_answer():
    case = verdict(resampled=UNSTABLE, steadying=(fewer_clusters(2), use_prior()))
    assert "What may help: At most 2 clusters; Use a prior." in words(case).text
    assert words(case).text.count("found again") == 1
    few = verdict(resampled=Resampled((0.1,) * 9))
    assert "unstable" not in words(few).headline
    assert "in 0 of 9 resamples" in words(few).text


def test_clusters_from_a_chosen_start_do_not_look_sounder_than_they_are_known_to_be():
    told = words(verdict(chose_start=True))
    assert told.grounds[0].is_doubt
    assert "found again without the chosen start was not checked" in told.grounds[0].said
    for settled in (
        {"chose_start": False},
        {"resampled": UNSTABLE},
        {"choice": Choice.STOPPED},
        {"groups": (0,)},  # there is one cluster only: it is in every half
        {"single_difference": 1.0},  # nothing is claimed that could be unstable
        {"is_being_checked": True},
    ):
        told = words(replace(verdict(chose_start=True), **settled))
        assert "was not checked" not in told.text
    for halves in (UNSTABLE, Resampled((1.0,) * 50)):
        found = verdict(chose_start=True, n_starts=1, n_agreeing=1, resampled=halves)
        assert words(found).text.count("looked for without the chosen start.") == 1


@pytest.mark.parametrize(
    ("difference", "said"),
    [
        (1.9, "Four clusters explain the data as well"),
        (2.04, "Four clusters explain the data as well"),  # it is told as 2.0
        (2.06, "Four clusters explain the data almost as well"),
        (9.9, "Four clusters explain the data less well"),
    ],
)
def test_evidence_is_that_of_kass_and_raftery(difference, said):
    assert (
        f"{said} (BIC difference {difference:.1f})"
        in words(verdict(rival_difference=difference)).text
    )
    assert "Four" not in words(verdict(rival_difference=10.1)).text
    one = verdict(rival=candidate(1), single_difference=9.0, rival_difference=9.0)
    assert "One cluster explains the data less well" in words(one).text


@pytest.mark.parametrize(
    ("higher", "choice"), [(1e-9, "searched"), (0.04, "searched"), (0.06, "chosen")]
)
def test_an_answer_that_ties_with_another_was_not_chosen_by_hand(higher, choice):
    """A single cluster is the same by all models of one family, but for the last digits."""
    X = np.random.default_rng(0).normal(size=(80, 2))
    found = finish(analyse(table(X), Settings(k_max=2, models=("EEE", "VVV"), restarts=1)))
    assert found.n_clusters == 1
    singles = [i for i, one in enumerate(found.candidates) if one.n_components == 1]
    (other,) = set(singles) - {found.best}
    lower = replace(found.candidates[found.best], bic=found.result.bic - higher)
    candidates = (*found.candidates[:other], lower, *found.candidates[other + 1 :])
    assert replace(found, candidates=candidates).verdict.choice == choice


def table(X):
    rows = "\n".join(",".join(f"{value:.6f}" for value in row) for row in X)
    return read_text("a,b\n" + rows)


def found(X, **settings):
    usual = {"k_max": 4, "models": ("EEE", "VVV"), "restarts": 2}
    return finish(analyse(table(X), Settings(**(usual | settings))))


def test_clusters_that_lie_apart_are_claimed():
    X = np.random.default_rng(0).normal(size=(200, 2)) + np.repeat([[0, 0], [6, 6]], 100, axis=0)
    analysis = found(X)
    judged = analysis.verdict
    assert judged.claim is Claim.CLUSTERS
    assert (judged.n_clusters, judged.n_groups, judged.at_end) == (2, 2, "")
    singles = [one.bic for one in analysis.candidates if one.n_components == 1]
    assert judged.single_difference == pytest.approx(min(singles) - analysis.result.bic)
    others = [one.bic for one in analysis.candidates if one.n_components != 2]
    assert judged.rival_difference == pytest.approx(min(others) - analysis.result.bic)
    chosen = next(i for i, one in enumerate(analysis.candidates) if one.n_components == 3)
    assert choose(analysis, chosen).verdict.choice is Choice.CHOSEN
    ended = found(X, k_min=2, k_max=2).verdict
    assert (ended.choice, ended.single_difference, ended.rival) == (Choice.ASKED, None, None)
    assert found(X, k_max=2).verdict.at_end == "upper"
    assert found(X, k_min=2, k_max=3).verdict.at_end == "lower"


def test_humps_of_a_column_are_spoken_of_where_gaps_set_no_groups_apart():
    X = np.random.default_rng(0).normal(size=(300, 2))
    X[:, 0] += np.repeat([0.0, 3.0], 150)
    judged = found(X, k_min=2, k_max=2, models=("EEE",)).verdict
    assert judged.claim is Claim.ONE_SHAPE
    assert judged.humped == ("a",)
    assert (
        "In a alone the clusters have humps with a valley between (see Densities)"
        in words(judged).text
    )
    assert "alone the clusters have humps" not in words(replace(judged, humped=())).text
    X[:, 0] += np.repeat([0.0, 4.0], 150)
    assert found(X, k_min=2, k_max=2, models=("EEE",)).verdict.humped == ()  # they are groups


def test_more_clusters_are_not_asked_for_where_none_lie_apart():
    assert "allow more" in words(verdict("012", at_end="upper")).text
    one = words(verdict("000", at_end="upper")).text
    assert "allow more" not in one
    assert (
        "Three is the most that was looked for: BIC may prefer more, which need not be more groups."
        in one
    )
    assert "allow more" not in words(verdict("012", at_end="upper", single_difference=1.0)).text
    assert "allow fewer" in words(verdict("000", at_end="lower")).text


@pytest.mark.parametrize(
    ("model", "said"), [("EEE", "Two clusters that are equally wide"), ("VII", "of any width")]
)
def test_along_one_column_there_is_only_width(model, said):
    random = np.random.default_rng(3)
    judged = found(np.repeat([[0.0], [9.0]], 60, axis=0) + random.normal(size=(120, 1)), k_max=2)
    assert judged.verdict.n_columns == 1
    assert said in words(replace(judged.verdict, model=model)).text


def test_one_bell_and_one_tail_are_no_clusters():
    random = np.random.default_rng(1)
    assert found(random.normal(size=(200, 2))).verdict.claim is Claim.NONE
    skewed = found(np.exp(random.normal(size=(300, 2)))).verdict
    assert skewed.claim is Claim.ONE_SHAPE
    assert skewed.tailed == ("a", "b")
    assert "a and b have a long tail" in words(skewed).text
    (tails,) = (one for one in words(skewed).grounds if "long tail" in one.said)
    assert "What may help: Take the logarithm of a and b." in tails.text


def test_what_several_clusters_have_in_common_is_said_once():
    none = np.arange(0)
    flat = [
        Doubted(
            Doubt("flat", k, none, 90, "", column), (leave_out_columns([f"c{k}"], ()), use_prior())
        )
        for k, column in enumerate(("price", "price", "", "price"))
    ]
    said = words(verdict("0123", doubts=tuple(flat)))
    told = [one.text for one in said.grounds]
    assert told[:2] == [
        "Clusters 1, 2 and 4 have hardly any extent in price: their rows nearly share one value."
        " What may help: Use a prior.",
        "The 90 rows of Cluster 3 have hardly any extent in one direction: there some columns say"
        " the same. What may help: Do without c2; Use a prior.",
    ]
    assert "all of them perhaps no group" in said.headline
    few = tuple(Doubted(Doubt("few", k, none, 4 + k, "")) for k in range(3))
    told = [one.text for one in words(verdict("0123", doubts=few), ("a", "b", "c", "d")).grounds]
    assert told[0] == "A, b and c have so few rows (4, 5 and 6) that their shapes may be chance."
    two = words(verdict("0123", doubts=few[:2]))
    assert [one.text[:9] for one in two.grounds[:2]] == ["Cluster 1", "Cluster 2"]


def test_who_does_not_want_the_verdict_any_more_ends_it():
    """Also while the bend of the entropy and bands are looked for, which takes long of many."""
    X = np.random.default_rng(0).normal(size=(200, 2))
    table = read_text("\n".join(("x,y", *(f"{x},{y}" for x, y in X))))
    analysis = finish(analyse(table, Settings(k_min=4, k_max=4, models=("VVV",), restarts=1)))
    calls = []

    def check():
        calls.append(1)
        if len(calls) > 1:
            raise Cancelled

    with pytest.raises(Cancelled):
        judge(analysis, check)


def test_another_number_is_named_with_its_shape_where_that_is_another():
    case = verdict("001")
    assert "Four clusters explain the data almost as well (BIC difference 3.1)" in words(case).text
    other = replace(candidate(4), model="VVI")
    assert (
        "Four clusters stretched along the columns (VVI) explain the data almost as well"
    ) in words(replace(case, rival=other)).text
    neither = words(replace(case, single_difference=1.0)).text
    assert "Four clusters explain the data" in neither


def test_of_clusters_merged_into_one_it_is_still_told_that_columns_have_a_long_tail():
    """Not that the clusters make humps, of which there is one only."""
    three = verdict("000", tailed=("income",), humped=("income",))
    merged = replace(three, groups=(0,), sizes=(300,), grouping=Grouping((0, 0, 0), (0,)))
    for one in (three, merged):
        assert "income has a long tail." in words(one).text
    assert "have humps" in words(three).text
    assert "have humps" not in words(merged).text
    one_does = words(replace(merged, single_difference=1.0)).text
    assert "long tail" not in one_does
