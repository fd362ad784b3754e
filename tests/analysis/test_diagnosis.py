"""What is said against an answer, and that its remedies change the settings as they say."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from sklearn.datasets import load_iris

from gmmdesk.analysis import OUTLIER_LEVEL, Claim, Settings, analyse
from gmmdesk.analysis.combining import combined
from gmmdesk.analysis.diagnosis import diagnose
from gmmdesk.analysis.diagnosis_words import odd_in_words, remarks
from gmmdesk.analysis.found_again import in_halves, stability_in_words, steadying
from gmmdesk.analysis.grouping import Grouping
from gmmdesk.analysis.offers import Act
from gmmdesk.analysis.outliers import OddCluster, odd_rows, outliers
from gmmdesk.analysis.remark import Grade
from gmmdesk.analysis.verdict import Choice
from gmmdesk.analysis.verdict_words import verdict_in_words
from gmmdesk.analysis.why import why
from gmmdesk.analysis.why_words import why_in_words
from gmmdesk.data.readers import read_text
from gmmdesk.data.samples import load_sample
from gmmdesk.data.steps import LeaveOutRows, Logarithm
from gmmdesk.engine import Resampled
from gmmdesk.export.answer import answer_of
from gmmdesk.export.judgement import diagnosis_summary, judged
from gmmdesk.text import percent
from tests.running import finish


def drained(dataset, settings):
    return finish(analyse(dataset, settings))


def as_table(X):
    names = "abcdefgh"[: X.shape[1]]
    lines = [",".join("" if np.isnan(v) else repr(float(v)) for v in row) for row in X]
    return read_text(",".join(names) + "\n" + "\n".join(lines) + "\n")


def two_groups(n=300):
    random = np.random.default_rng(2)
    return random.normal(size=(2 * n, 2)) + np.repeat([[0, 0], [9, 0]], n, axis=0)


def told(X, **settings):
    analysis = drained(as_table(X), Settings(**{"models": ("VVV",), "restarts": 3, **settings}))
    found = diagnose(analysis)
    names = tuple(f"Cluster {k + 1}" for k in range(analysis.n_clusters))
    return found, remarks(found, names)


def about(said, question):
    return [one for one in said if question in one.about]


def test_clear_bells_are_fine():
    _found, said = told(two_groups(), k_min=2, k_max=2)
    assert all(one.grade is Grade.IN_ORDER for one in said)


def test_a_cluster_of_alike_rows_is_named_with_its_rows_and_remedies():
    X = two_groups(100)
    X[[3, 50, 120, 180]] = [4.0, 5.0]
    found, said = told(X, k_min=3, k_max=3, models=("VVI",), prior="never")
    (one,) = about(said, "few rows")
    assert one.grade is Grade.IN_DOUBT
    assert set(one.rows) == {3, 50, 120, 180}
    assert "rows 4, 51, 121, 181" in one.text
    settings = found.analysis.settings
    changes = {remedy.text: remedy.changes(settings) for remedy in one.remedies}
    assert changes["Use a prior"] == {"prior": "always"}
    assert changes["All clusters alike (EEI)"] == {"models": ("EEI",)}
    assert changes["At most 2 clusters"] == {"k_min": 1, "k_max": 2}
    (step,) = changes["Leave out these 4 rows"]["steps"]
    assert isinstance(step, LeaveOutRows)
    assert step.rows == (4, 51, 121, 181)


def test_outliers_that_share_a_cluster_are_no_group():
    random = np.random.default_rng(3)
    X = np.vstack([two_groups(300), random.uniform(-60, 60, size=(12, 2))])
    found, said = told(X, k_min=3, k_max=3, models=("VVI",))
    (one,) = about(said, "few rows")
    assert one.grade is Grade.IN_DOUBT
    assert "scattered" in one.text
    assert len(set(one.rows) & set(range(600, 612))) >= 10
    # It is said where outliers are looked for, and lies between others without chaining them.
    (odd,) = about(said, "unlike")  # which no "in order" beside it contradicts
    assert odd.grade is Grade.IN_DOUBT
    assert set(odd.rows) == set(one.rows)
    assert odd.text.endswith(
        "By its own spread none of them is an outlier: look at them in the table."
    )
    assert not np.isin(odd.rows, found.outliers.rows).any()
    # With another level some are, also where rows are marked as such: then it is not denied.
    wider = diagnose(found.analysis, level=0.25)
    (odd,) = about(remarks(wider, ("A", "B", "C")), "unlike")[:1]
    n = int(found.analysis.rows.outliers(0.25)[600:].sum())
    assert 1 < n < len(odd.rows)
    assert f"By its own spread {n} of them are outliers:" in odd.text
    assert not about(said, "Gaussian")
    verdict = found.analysis.verdict
    words = verdict_in_words(verdict)
    assert "one of them perhaps outliers" in words.headline
    assert verdict.claim is Claim.CLUSTERS
    assert any("scattered" in one.text and "What may help" in one.text for one in words.grounds)
    settings = found.analysis.settings
    assert {"noise": True} in [remedy.changes(settings) for remedy in one.remedies]


def test_a_handful_of_rows_may_be_mistakes():
    X = two_groups(60)
    X[:4] = 40.0 + np.random.default_rng(1).normal(size=(4, 2))
    found, said = told(X, k_min=3, k_max=3, models=("EEE",))
    (one,) = about(said, "few rows")
    assert "has only 4 rows (rows 1, 2, 3, 4)" in one.text
    assert [doubt.kind for doubt in found.doubts] == ["handful"]
    assert found.analysis.verdict.stray == (2,)
    assert "one of them perhaps outliers" in verdict_in_words(found.analysis.verdict).headline


def test_clusters_that_halves_do_not_find_again_are_in_doubt():
    found, said = told(two_groups(60), k_min=2, k_max=2)
    assert about(said, "found again")[0].grade is Grade.IN_ORDER
    halves = Resampled((0.2,) * 30 + (1.0,) * 20)
    (one,) = about(remarks(replace(found, resampled=halves), ("A", "B")), "found again")
    assert one.grade is Grade.IN_DOUBT
    assert "only 20 of 50 resamples" in one.text
    assert one.remedies == found.analysis.verdict.steadying
    assert in_halves(halves) in stability_in_words(halves)
    only = "That holds if these clusters are there, and they are unstable."
    (wrong,) = about(remarks(replace(found, resampled=halves), ("A", "B")), "wrong cluster")
    assert wrong.text.endswith(f"in the wrong cluster. {only}")
    assert only not in about(said, "wrong cluster")[0].text


def test_fewer_clusters_steady_only_what_no_gaps_set_apart():
    """Fewer than those that a gap lies between would make one of two."""
    apart = finish(analyse(load_sample("iris"), Settings(k_min=2, k_max=2, restarts=1)))
    assert apart.verdict.are_apart
    assert "Use a prior" in [one.text for one in apart.verdict.steadying]
    assert not [one for one in apart.verdict.steadying if one.text.startswith("At most")]
    offered = three_of_which_two_touch().verdict.steadying
    assert offered[0].text == "At most 2 clusters"  # the likeliest to help


def test_a_flat_column_is_offered_to_be_left_out():
    X = np.column_stack([two_groups(100), np.zeros(200)])
    random = np.random.default_rng(0)
    X[:100, 2] = random.normal(scale=1e-5, size=100)
    X[100:, 2] = random.normal(size=100)
    found, said = told(X, k_min=2, k_max=2, prior="never")
    (one,) = about(said, "few rows")
    assert "in c" in one.text
    (remedy,) = [r for r in one.remedies if r.text == "Do without c"]
    assert remedy.changes(found.analysis.settings) == {"columns": ("a", "b")}


def test_columns_in_which_an_ordinary_cluster_shares_values_are_all_named_with_these():
    random = np.random.default_rng(0)
    X = np.column_stack([two_groups(), random.uniform(1.0, 2.0, size=(600, 2))])
    X[:300, 2:] = 0.0, 7.5
    X[:20, 2:] += random.normal(scale=1e-4, size=(20, 2))
    X = np.vstack([X, random.normal([30.0, 0.0, 1.5, 1.5], size=(1500, 4))])
    found, said = told(X, k_min=3, k_max=3, prior="never")
    (one,) = about(said, "few rows")
    assert one.text.startswith("The 300 rows of Cluster ")
    assert one.text.endswith(
        " have hardly any extent in c and d: nearly all have c = 0 and d = 7.5."
    )
    first, second = one.remedies[:2]
    assert (first.text, second.text) == ("Do without c and d", "Leave out these 300 rows")
    assert first.changes(found.analysis.settings) == {"columns": ("a", "b")}


def test_a_few_rows_that_share_values_are_offered_to_be_left_out_first():
    random = np.random.default_rng(0)
    X = np.vstack([two_groups(600), random.normal([30.0, 0.0], size=(40, 2))])
    X = np.column_stack([X, random.uniform(1.0, 2.0, size=len(X))])
    X[-40:, 2] = 0.0
    X[-3:, 2] = 1e-4, 2e-4, -1e-4
    _found, said = told(X, k_min=3, k_max=3, prior="never")
    (one,) = about(said, "few rows")
    assert [each.text for each in one.remedies[:2]] == ["Leave out these 40 rows", "Do without c"]


def test_skewed_clusters_are_told_to_take_the_logarithm():
    X = two_groups()
    X[:, 1] = np.exp(X[:, 1])
    found, said = told(X, k_min=2, k_max=2)
    doubts = [one for one in about(said, "bell") if one.grade is Grade.IN_DOUBT]
    assert doubts
    assert "most in b" in doubts[0].text
    (step,) = doubts[0].remedies[0].changes(found.analysis.settings)["steps"]
    assert step == Logarithm(columns=("b",))


def test_a_ring_is_recognised():
    random = np.random.default_rng(1)
    turn = random.uniform(0, 2 * np.pi, 600)
    X = np.c_[np.cos(turn), np.sin(turn)] + random.normal(0, 0.08, (600, 2))
    found, said = told(X, k_min=7, k_max=7)
    (one,) = about(said, "Gaussian")
    assert "bent band or ring" in one.text
    assert "look at density-based clustering" in one.text
    # The answer says so too, wherever it is told.
    words = verdict_in_words(found.analysis.verdict)
    (ground,) = [one for one in words.grounds if "bent band or ring" in one.said]
    assert ground.is_doubt
    assert ground.offer is not None
    assert ground.offer.act is Act.SHOW_FINDINGS
    assert ground.said.endswith("Number and borders of these clusters mean little.")
    assert one.text.startswith(ground.said.partition(" Number")[0])  # the same words
    stopped = replace(found.analysis.verdict, choice=Choice.STOPPED)
    assert "band" not in verdict_in_words(stopped).text


def test_rows_are_told_by_what_names_them_in_the_file():
    X = two_groups(60)
    X[16] = [40.0, -40.0]
    lines = (f"Haus {188 + i},{a:.4f},{b:.4f}" for i, (a, b) in enumerate(X))
    settings = Settings(k_min=2, k_max=2, models=("EEE",), restarts=1)
    analysis = drained(read_text("\n".join(("Objekt,a,b", *lines))), settings)
    found = diagnose(analysis)
    (one,) = about(remarks(found, ("A", "B")), "unlike")
    assert "row 17 (Haus 204)" in one.text
    assert "Leave out row 17 (Haus 204)" in [remedy.text for remedy in one.remedies]
    odd = odd_in_words(found.odd_rows[0], analysis.dataset, ("A", "B"))
    assert odd.startswith("Row 17 (Haus 204): ")
    assert why_in_words(why(analysis, 16), ("A", "B"))[0].startswith("Row 17 (Haus 204) is unlike")


def test_overlap_is_told_by_the_names_of_the_clusters():
    random = np.random.default_rng(2)
    X = random.normal(size=(600, 2)) + np.repeat([[0, 0], [3, 0]], 300, axis=0)
    found, said = told(X, k_min=2, k_max=2, models=("EEE",))
    (one,) = about(said, "wrong cluster")
    share = max(found.overlap[0, 1], found.overlap[1, 0])
    assert f"{percent(share)} of Cluster" in one.text
    assert "could be Cluster" in one.text
    wrong = stats.norm.sf(1.5)  # of two round groups three spreads apart
    assert 1 - found.overlap.trace() / 2 == pytest.approx(wrong, abs=0.015)


def test_what_may_help_against_overlap_is_offered_once_where_shares_are_equal():
    X = np.random.default_rng(3).normal(size=(300, 2)) + np.repeat(
        [[0, 0], [4, 0], [2, 3.5]], 100, 0
    )
    found, _ = told(X, k_min=3, k_max=3, models=("EII",))
    even = replace(found, overlap=np.full((3, 3), 0.2) + 0.4 * np.eye(3))
    said = about(remarks(even, ["A", "B", "C"]), "wrong cluster")
    assert [one.grade for one in said] == [Grade.IN_DOUBT] * 3 + [Grade.TO_NOTE]
    assert [len(one.remedies) for one in said] == [0, 0, 1, 0]


@pytest.mark.parametrize("level", [0.001, 0.05])
def test_as_many_rows_are_outliers_as_the_level_says(level):
    analysis = drained(as_table(two_groups(1000)), Settings(k_min=2, k_max=2, models=("VVV",)))
    found = outliers(analysis, level)
    low, high = stats.binom(2000, level).interval(0.999)
    assert low <= found.n <= high
    assert (np.diff(found.rarity) >= 0).all()
    assert found.n_expected == pytest.approx(2000 * level)
    assert (found.rarity < level).all()
    # They are those that every row says it is, in its table and in files.
    assert set(found.rows) == set(np.flatnonzero(analysis.rows.outliers(level)))
    assert set(diagnose(analysis, level).outliers.rows) == set(found.rows)


@pytest.mark.parametrize("noise", [False, True])
def test_outliers_are_found_with_the_columns_that_make_them_odd(noise):
    X = np.column_stack([two_groups(), np.random.default_rng(5).normal(size=(600, 1))])
    X[7, 2] = 9.0
    X[400, 1] = -8.0
    settings = Settings(k_min=2, k_max=2, models=("VVV",), noise=noise)
    analysis = drained(as_table(X), settings)
    found = outliers(analysis, OUTLIER_LEVEL)
    assert set(found.rows[:2]) == {7, 400}
    first, second = odd_rows(analysis, found, 2)
    columns = {odd.row: odd.columns[0] for odd in (first, second)}
    assert (columns[7].column, columns[7].word, columns[7].value) == ("c", "high", 9.0)
    assert (columns[400].column, columns[400].word) == ("b", "low")
    assert columns[7].share > 0.9
    assert "c = 9" in odd_in_words(
        next(o for o in (first, second) if o.row == 7), analysis.dataset, ("A", "B")
    )


def test_rows_with_gaps_are_judged_by_what_they_have():
    X = two_groups()
    X[5, 0] = np.nan
    X[6] = [np.nan, 20.0]
    analysis = drained(as_table(X), Settings(k_min=2, k_max=2, missing="em", models=("VVV",)))
    found = outliers(analysis, OUTLIER_LEVEL)
    assert found.n_incomplete == 2
    assert found.rows[0] == 6
    assert 5 not in found.rows
    (odd, *_) = odd_rows(analysis, found, 1)
    assert [one.column for one in odd.columns] == ["b"]


@pytest.mark.parametrize("settings", [{"k_max": 1}, {"columns": ("a",)}, {"noise": True}])
def test_any_answer_can_be_judged(settings):
    found, said = told(two_groups(60), **settings)
    assert len(found.shapes) == found.analysis.n_clusters
    assert about(said, "unlike")


def test_what_the_verdict_says_of_gaps_is_a_finding_too():
    """In the same words, and with what may help."""
    found, said = told(two_groups(60), k_min=2, k_max=2)
    (one,) = about(said, "gaps set")
    assert (one.grade, one.offer) == (Grade.IN_ORDER, None)
    assert one.text.endswith(" Gaps within a cluster are not looked for.")
    skewed = np.exp(np.random.default_rng(1).normal(size=(300, 2)))
    found, said = told(skewed, k_min=3, k_max=3, models=("VVV",))
    gaps, numbers, tails = about(said, "gaps set")
    assert numbers.grade is Grade.TO_NOTE
    grounds = [one.said for one in verdict_in_words(found.analysis.verdict).grounds]
    assert {gaps.text, tails.text} <= set(grounds)
    assert numbers.text.endswith(" Gaps within a cluster are not looked for.")
    assert numbers.text not in grounds  # the answer has two numbers, of groups and of clusters
    assert found.analysis.verdict.n_groups == 1
    assert gaps.offer is None  # a single cluster would be left, which tells nothing
    assert gaps.components == (0, 1, 2)
    assert [one.text for one in tails.remedies] == ["Take the logarithm of a and b"]
    steadying = [one.text for one in found.analysis.verdict.steadying]
    assert steadying[:2] == ["At most 2 clusters", "Take the logarithm of a and b"]


def test_several_clusters_of_another_shape_than_chosen_are_told_once():
    found, _ = told(two_groups(), k_min=2, k_max=2, models=("EEE",))
    shapes = tuple(replace(one, p_value=1e-4, departure="other") for one in found.shapes)
    said = remarks(replace(found, shapes=shapes), ("Cluster 1", "Cluster 2"))
    (one,) = [remark for remark in said if "shape that was chosen" in remark.text]
    assert one.text.startswith("Clusters 1 and 2 do not have the shape that was chosen (p < 0.001)")
    assert one.components == (0, 1)
    assert [remedy.text for remedy in one.remedies] == ["Allow every shape"]


def on_whole_numbers(n=100, values=3):
    """Rows of one bell in two columns; in a third they have whole numbers, n of each."""
    X = np.random.default_rng(4).normal(size=(values * n, 2))
    return np.column_stack([X, np.repeat(np.arange(values), n)])


def test_clusters_on_single_values_of_a_column_are_told():
    found, said = told(on_whole_numbers(), k_min=3, k_max=3)
    (shape,) = about(said, "bell-shaped")
    assert shape.text.endswith("judged: too few rows, or such that nearly share a value.")
    assert {one.kind for one in found.doubts if one.is_grave} == {"one value"}
    one = about(said, "few rows")[-1]
    assert one.grade is Grade.IN_DOUBT
    assert "Clusters 1, 2 and 3 each have one value of c in nearly all rows" in one.text
    assert "with only 3 different values in this column" in one.text
    assert one.remedies[0].changes(found.analysis.settings) == {"columns": ("a", "b")}
    names = ("Cluster 1", "Cluster 2", "Cluster 3")
    few = "different values in this column"
    (ground,) = (one for one in answer_of(found.analysis, names).grounds if few in one.text)
    assert ground.is_doubt
    assert "What may help: Do without c" in ground.text
    assert all(any(few in text for text in one.doubts) for one in judged(found, names))  # workbook
    assert few in str(diagnosis_summary(found, names)["findings"])  # JSON


def test_one_cluster_on_a_single_value_counts_its_rows():
    X = on_whole_numbers(values=2)
    X[100:, 0] += 20.0
    X[100:, 2] = np.random.default_rng(1).integers(1, 7, 100)
    X[:5, 2] = 1
    found, said = told(X, k_min=2, k_max=2)
    cluster = int(found.analysis.rows.label[0]) + 1
    (one,) = (one for one in about(said, "few rows") if one.grade is Grade.IN_DOUBT)
    assert one.text == (
        f"95 of the 100 rows of Cluster {cluster} have c = 0: with only 7 different values in this"
        " column, clusters form on single values."
    )


@pytest.mark.parametrize("kind", ["continuous", "rounded", "iris", "shared by all"])
def test_ties_alone_are_no_single_value(kind):
    X = two_groups(200)
    if kind == "rounded":
        X = np.round(X)
        assert len(np.unique(X[:, 1])) <= 20
    elif kind == "iris":
        X = load_iris().data
    elif kind == "shared by all":  # nearly all rows of each cluster have it
        X = np.column_stack([X, np.random.default_rng(0).random(400) < 0.05])
    found, _said = told(X, k_min=2, k_max=2, models=("EEE",))
    assert not [one for one in found.doubts if one.kind == "one value"]


def test_a_prior_that_was_brought_in_names_the_column_of_one_value():
    found, said = told(on_whole_numbers(), k_min=3, k_max=3)
    (one,) = (one for one in found.doubts if one.kind == "guarded")
    assert one.column == "c"
    (text,) = (
        one.text for one in about(said, "few rows") if one.text.startswith("Without a prior")
    )
    assert re.search(r"all of which have c = [012]: a prior was brought in", text)
    assert re.search(r"All of these rows have c = [012]\.", answer_of(found.analysis).text)
    # What the fit has used already is no remedy.
    assert found.analysis.has_prior
    assert "Use a prior" not in [remedy.text for remark in said for remedy in remark.remedies]
    assert "Use a prior" not in [remedy.text for remedy in steadying(found.analysis, ())]


def test_fewer_components_are_not_offered_where_clusters_are_merged():
    """Two merged of nine components, and "At most 8 clusters" beside them, is no remedy."""
    settings = Settings(k_min=9, k_max=9, models=("VVV",), restarts=1)
    found = finish(analyse(load_sample("iris"), settings))
    weights = found.scaled.weights
    merged = combined(found, Grouping.combining([0, 0, *range(1, 8)], weights))

    def offered(analysis):
        judged = remarks(diagnose(analysis), [f"C{k}" for k in range(analysis.n_clusters)])
        verdict = analysis.verdict
        grounds = verdict_in_words(verdict).grounds
        every = [one for remark in (*judged, *grounds) for one in remark.remedies]
        return {one.text for one in (*every, *verdict.steadying)}

    assert "At most 8 clusters" in offered(found)
    assert not {text for text in offered(merged) if text.startswith("At most")}
    assert "All clusters alike (EEE)" in offered(merged)


def three_of_which_two_touch():
    settings = Settings(k_min=3, k_max=3, models=("EEE",), restarts=2)
    return finish(analyse(load_sample("iris"), settings))


def test_a_cluster_that_runs_into_others_is_not_unlike_all_others():
    analysis = three_of_which_two_touch()
    (pair,) = analysis.verdict.together
    (alone,) = set(range(3)) - set(pair)
    found = diagnose(analysis)
    names = ["one", "two", "three"]

    def unlike(cluster, found):
        odd = replace(found, odd_clusters=(OddCluster(cluster, np.array([3, 5])),))
        said = [one.text for one in remarks(odd, names)]
        return any("unlike those of all other clusters" in text for text in said)

    assert unlike(alone, found)
    assert not unlike(pair[0], found)
    weights = analysis.scaled.weights
    of = [0 if k in (alone, pair[0]) else 1 for k in range(3)]
    merged = replace(found, analysis=combined(analysis, Grouping.combining(of, weights)))
    names = names[:2]
    assert not unlike(alone, merged)


def test_single_bells_are_not_in_order_where_groups_of_several_are_none():
    """The verdict says that they may be one group that is not bell-shaped."""
    found = diagnose(three_of_which_two_touch())
    bells = tuple(replace(one, p_value=1.0) for one in found.shapes)
    nobody = replace(found.outliers, rows=np.empty(0, np.int64), rarity=np.empty(0))
    said = remarks(replace(found, shapes=bells, outliers=nobody), ["one", "two", "three"])
    (shapes,) = [one for one in said if one.about == "Are the clusters bell-shaped?"]
    assert shapes.grade is Grade.TO_NOTE
    assert "a group of several is not bell-shaped." in shapes.text
    (rare,) = [one for one in said if one.about == "Are there rows unlike all others?"]
    assert rare.grade is Grade.TO_NOTE
    assert "take in the rows far out" in rare.text
