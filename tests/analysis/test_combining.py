"""Answers whose components are combined: every number beside those of the components."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gmmdesk.analysis import NO_CLUSTER, Finding, Settings, analyse
from gmmdesk.analysis.check import why_not_checked
from gmmdesk.analysis.combining import asked_grouping, combined, merging_of
from gmmdesk.analysis.comparing import against_k_means
from gmmdesk.analysis.description import describe
from gmmdesk.analysis.diagnosis import diagnose
from gmmdesk.analysis.diagnosis_words import remarks
from gmmdesk.analysis.found_again import ONE_CLUSTER
from gmmdesk.analysis.grouping import Grouping, part_names
from gmmdesk.analysis.identity import same_clusters
from gmmdesk.analysis.judging import merged_across
from gmmdesk.analysis.merge_request import merge_command, parse_merge
from gmmdesk.analysis.number_test import compare_numbers
from gmmdesk.analysis.remark import Grade
from gmmdesk.analysis.selected import only_rows, rows_of_cluster
from gmmdesk.analysis.settings import KnownRows
from gmmdesk.analysis.verdict_words import verdict_in_words
from gmmdesk.analysis.why import why
from gmmdesk.analysis.why_words import times, why_in_words
from gmmdesk.data.readers import read_text
from gmmdesk.data.steps import parse_step
from gmmdesk.engine import Resampled
from gmmdesk.errors import Cancelled, UsageError
from gmmdesk.export.judgement import judged
from gmmdesk.task import Task
from tests.records import same
from tests.running import finish


def arc_and_blob(n=240):
    """Three quarters of a ring around nothing, and a round group beside it, all positive."""
    rng = np.random.default_rng(7)
    angle = np.linspace(0.0, 1.5 * np.pi, n)
    arc = 12 + np.column_stack([5 * np.cos(angle), 5 * np.sin(angle)])
    rows = np.vstack([arc + rng.normal(0, 0.35, (n, 2)), rng.normal([21, 6], 0.7, (n // 2, 2))])
    return read_text("x,y\n" + "\n".join(f"{x:.4f},{y:.4f}" for x, y in rows))


def fitted(**settings):
    return finish(analyse(arc_and_blob(), Settings(k_min=5, k_max=5, models=("VVV",), **settings)))


@pytest.fixture(scope="module")
def components():
    return fitted()


@pytest.fixture(scope="module")
def clusters(components):
    return combined(components, merging_of(components).groupings[1])


def test_the_path_combines_the_parts_of_the_bent_group(components):
    path = merging_of(components)
    assert path.proposed == 2
    assert [one and one.n_clusters for one in path.groupings] == [1, 2, 3, 4, None]
    assert [path.place_of(one) for one in path.groupings] == [1, 2, 3, 4, 5]
    rows = combined(components, path.groupings[1]).rows
    assert rows.label.tolist() == [0] * 240 + [1] * 120


def test_probabilities_of_components_add_up(components, clusters):
    whole = slice(0, 360)
    apart, grouping = components.responsibilities(whole), clusters.grouping
    shares = clusters.responsibilities(whole)
    np.testing.assert_allclose(shares.sum(axis=1), 1.0, rtol=1e-12)
    for cluster in range(2):
        parts = apart[:, list(grouping.parts(cluster))].sum(axis=1)
        np.testing.assert_allclose(shares[:, cluster], parts, rtol=1e-12)
    np.testing.assert_array_equal(clusters.rows.label, shares.argmax(axis=1))
    np.testing.assert_allclose(clusters.rows.probability, shares.max(axis=1), rtol=1e-12)
    np.testing.assert_array_equal(clusters.rows.second, shares.argmin(axis=1))
    assert clusters.sizes.tolist() == [240, 120]
    assert clusters.certainty[0] == pytest.approx(shares[:240, 0].mean())
    assert clusters.n_clusters == 2


def test_the_mixture_and_its_densities_stay(components, clusters):
    assert clusters.result is components.result
    assert clusters.candidates is components.candidates
    np.testing.assert_array_equal(clusters.rows.log_density, components.rows.log_density)
    np.testing.assert_array_equal(clusters.rows.outliers(0.05), components.rows.outliers(0.05))
    assert combined(clusters, None) is components
    again = combined(clusters, Grouping((0,) * 5, (0,)))
    assert (again.n_clusters, again.uncombined) == (1, components)
    assert (again.rows.second < 0).all()


def test_means_and_spreads_are_those_of_the_rows(clusters):
    X = np.column_stack([clusters.dataset.column(name).numbers() for name in "xy"])
    shares = clusters.responsibilities(slice(None))
    for cluster in range(2):
        mean = np.average(X, axis=0, weights=shares[:, cluster])
        np.testing.assert_allclose(clusters.clusters.means[cluster], mean, rtol=1e-3)
        found = [one.centers[cluster] for one in clusters.profiles]
        np.testing.assert_allclose(found, clusters.clusters.means[cluster], rtol=1e-12)
        spreads = [one.spreads[cluster] for one in clusters.profiles]
        expected = np.sqrt(np.average((X - mean) ** 2, axis=0, weights=shares[:, cluster]))
        np.testing.assert_allclose(spreads, expected, rtol=1e-3)
    assert "y" in describe(clusters).sentences[1]


def test_where_a_column_is_bent_the_median_is_that_of_the_whole_cluster():
    apart = fitted(steps=(parse_step("log x"),))
    answer = combined(apart, merging_of(apart).groupings[1])
    x, label = answer.dataset.column("x").numbers(), answer.rows.label
    profile = answer.profiles[0]
    assert not profile.is_mean
    for cluster in range(2):
        own = x[label == cluster]
        assert profile.centers[cluster] == pytest.approx(np.median(own), abs=0.3)
        low, high = np.quantile(own, [0.159, 0.841])
        assert profile.lows[cluster] == pytest.approx(low, abs=0.3)
        assert profile.highs[cluster] == pytest.approx(high, abs=0.3)


def test_looking_for_what_may_be_merged_ends_when_nobody_waits_for_it(components):
    task = Task()
    task.abandon()
    with pytest.raises(Cancelled):
        merging_of(components, task)


def test_noise_stays_noise():
    apart = fitted(noise=True)
    answer = combined(apart, merging_of(apart).groupings[1])
    assert answer.noise.weight == apart.noise.weight
    shares = answer.responsibilities(slice(None))
    assert shares.shape == (360, 3)
    np.testing.assert_array_equal(shares[:, 2], apart.responsibilities(slice(None))[:, 5])
    assert (answer.rows.label == NO_CLUSTER).sum() == answer.noise.n_rows
    assert answer.sizes.sum() + answer.noise.n_rows == 360


def test_known_rows_stay_in_the_cluster_of_their_component():
    apart = fitted(known=(KnownRows(cluster=3, rows=(300, 301)),))
    grouping = Grouping.combining([0, 1, 1, 2, 3], apart.scaled.weights)
    answer = combined(apart, grouping)
    own = grouping.of[2]
    assert answer.rows.label[299:301].tolist() == [own, own]
    assert answer.rows.probability[299:301].tolist() == [1.0, 1.0]
    assert answer.responsibilities(slice(299, 301))[:, own].tolist() == [1.0, 1.0]
    np.testing.assert_array_equal(answer.rows.known, apart.rows.known)


def test_what_is_kept_of_an_answer_is_about_its_components(components, clusters):
    kept, before = Finding.of(clusters), Finding.of(components)
    assert same(replace(kept, trail=()), replace(before, trail=()))
    assert same_clusters(components, clusters.uncombined) == {k: k for k in range(5)}


def test_the_verdict_says_what_was_combined(components, clusters):
    verdict = clusters.verdict
    told = verdict_in_words(verdict).text
    assert told.startswith(
        "Two clusters, merged from five components of the mixture, which were asked for."
    )
    assert verdict.groups == (0, 1)
    assert components.verdict.n_groups == 2
    assert "run into each other" not in told
    before = verdict_in_words(components.verdict, tuple("abcde")).text
    assert "These rows look like a bent band or ring" in before
    assert "band" not in told
    alone = clusters.grouping.parts(0)[0]  # a part of the arc, the others with the round group
    across = Grouping.combining([k == alone for k in range(5)], components.scaled.weights)
    assert combined(components, across).verdict.n_groups == 1


def test_what_is_merged_across_a_gap_is_in_doubt(components, clusters):
    assert clusters.verdict.across == ()
    one = combined(components, Grouping((0,) * 5, (0,)))
    told = verdict_in_words(one.verdict, ("Both",))
    assert told.headline.startswith("One cluster, merged across a gap from five components")
    gap = "Both was merged across a gap: hardly any rows lie between some of its parts"
    assert [gap in ground.said for ground in told.grounds if ground.is_doubt] == [True]
    apart = next(one for one in remarks(diagnose(one), ("Both",)) if "gaps" in one.about)
    assert (apart.grade, apart.components) == (Grade.IN_DOUBT, (0, 1, 2, 3, 4))
    assert gap in apart.text
    # A part of the arc with the round group: the rest of the arc adjoins it, but not as one group.
    alone = clusters.grouping.parts(0)[0]
    mixed = Grouping.combining([k == alone for k in range(5)], components.scaled.weights)
    partly = combined(components, mixed).verdict
    assert partly.across == (mixed.of[next(k for k in range(5) if k != alone)],)
    assert verdict_in_words(partly).headline == (
        "Perhaps only one group, drawn as two adjoining clusters, merged across a gap."
    )


def test_across_a_gap_no_number_is_one_by_gaps():
    """Three groups of which two are merged are neither two groups nor only described by three."""
    X = np.random.default_rng(0).normal(size=(300, 2)) + np.repeat([[0, 0], [7, 0], [0, 7]], 100, 0)
    table = read_text("x,y\n" + "\n".join(f"{x:.4f},{y:.4f}" for x, y in X))
    three = finish(analyse(table, Settings(k_min=3, k_max=3, models=("EII",), restarts=2)))
    assert three.verdict.n_groups == 3
    two = combined(three, Grouping((0, 0, 1), (0, 2)))
    told = [one.text for one in remarks(diagnose(two), ("A", "B")) if "gaps" in one.about]
    assert [text[:29] for text in told] == ["A was merged across a gap: ha"]
    assert "Gaps set" not in verdict_in_words(two.verdict).text


def test_a_gap_that_may_be_chance_or_is_around_stray_rows_is_none_to_merge_across(components):
    grouping = Grouping((0,) * 5, (0,))
    parted = components.verdict
    assert merged_across(parted, grouping) == (0,)
    assert merged_across(replace(parted, unsure=(0, 1)), grouping) == ()
    alone = tuple(k for k in range(5) if parted.groups.count(parted.groups[k]) == 1)
    assert alone  # the round group
    assert merged_across(replace(parted, stray=alone), grouping) == ()
    assert merged_across(replace(parted, single_difference=1.0), grouping) == ()


def test_the_doubts_are_about_parts_and_the_overlap_about_clusters(components, clusters):
    names = ("Arc", "Blob")
    found = diagnose(clusters)
    assert found.overlap.shape == (2, 2)
    assert len(found.shapes) == 5
    assert found.skewed == diagnose(components).skewed
    told = remarks(found, names)
    (bent,) = [one for one in told if one.density]
    assert (bent.grade, bent.chains) == (Grade.TO_NOTE, ())
    assert bent.text.startswith("Arc: rows that look like a bent band")
    (before,) = [one for one in remarks(diagnose(components), tuple("abcde")) if one.density]
    assert before.grade is Grade.IN_DOUBT
    assert before.chains == (clusters.grouping.parts(0),)
    assert part_names(names, clusters.grouping).count("Blob") == 1


def test_a_doubtful_cluster_has_as_many_rows_as_its_cluster_has():
    """Rows that could be of three components are, once two are merged, of these two."""
    X = np.random.default_rng(5).normal(size=(360, 2))
    X += np.repeat([[0.0, 0.0], [1.5, 0.0], [0.7, 1.8]], 120, axis=0)
    table = read_text("x,y\n" + "\n".join(f"{x:.4f},{y:.4f}" for x, y in X))
    settings = Settings(k_min=3, k_max=3, models=("EII",), restarts=2)
    fitted = finish(analyse(table, settings))
    for alone in range(3):
        apart = replace(fitted, trust=replace(fitted.trust, few_rows=(alone,)))
        others = [k for k in range(3) if k != alone]
        grouping = Grouping.combining(
            [min(others) if k in others else k for k in range(3)], apart.scaled.weights
        )
        merged = combined(apart, grouping)
        size = int(merged.sizes[grouping.of[alone]])
        assert size != apart.sizes[alone]
        names = ("A", "B")
        (doubt,) = (one for one in merged.doubts if one.cluster == alone)
        assert (doubt.n_rows, len(doubt.rows)) == (size, size)
        assert (merged.rows.label[doubt.rows] == grouping.of[alone]).all()
        told = [one.text for one in verdict_in_words(merged.verdict, names).grounds]
        assert any(f"so few rows, {size:,} (" in text for text in told)
        found = diagnose(merged)
        assert any(f"so few rows, {size:,} (" in one.text for one in remarks(found, names))
        assert judged(found, names)[alone].n_rows == size


def test_why_a_row_is_in_a_cluster_of_several_parts(clusters):
    row = 239  # at the end of the arc
    found = why(clusters, row)
    assert (found.first, found.second) == (0, 1)
    assert found.probability == pytest.approx(clusters.rows.probability[row])
    weights = clusters.clusters.weights
    assert found.size == pytest.approx(np.log(weights[0] / weights[1]))
    for flip in found.flips:
        j = "xy".index(flip.column)
        value = np.array([clusters.dataset.column(name).numbers()[row] for name in "xy"])
        for step, cluster in ((1e-6, 1), (-1e-6, 0)):
            value[j] = flip.value + step * np.sign(flip.value - flip.before)
            z = (value - clusters.prepared.center) / clusters.prepared.scale
            shares = clusters.grouping.added(clusters.scaled.responsibilities(z[None]))
            assert shares.argmax() == cluster
    assert found.flips


def test_why_is_about_whole_clusters_and_the_evidence_about_their_nearest_parts():
    rng = np.random.default_rng(0)
    places = (([-2, 0], 120), ([2, 0], 120), ([0, 3.2], 160))  # the third is the heaviest alone
    rows = np.vstack([rng.normal(mean, 1, (n, 2)) for mean, n in places])
    table = read_text("x,y\n" + "\n".join(f"{x:.4f},{y:.4f}" for x, y in rows))
    apart = finish(analyse(table, Settings(k_min=3, k_max=3, models=("EII",))))
    grouping = asked_grouping(apart, parse_merge("2+3"))
    answer = combined(apart, grouping)
    weights, shares = answer.clusters.weights, answer.responsibilities(slice(None))
    assert weights[0] > weights[1]
    told = set()
    for row in range(0, 400, 9):
        found = why(answer, row)
        assert found.log_odds == pytest.approx(
            np.log(shares[row, found.first] / shares[row, found.second])
        )
        assert found.log_odds >= 0.0
        assert found.size == pytest.approx(np.log(weights[found.first] / weights[found.second]))
        evidence = sum(one.nats for one in found.evidence)
        assert found.log_odds == pytest.approx(evidence + found.size + found.rest)
        # The density of all parts beside that of the nearest, by Bayes.
        z = answer.prepared.X[row : row + 1]
        parts = apart.scaled.responsibilities(z)[0]
        of, heavy = np.array(grouping.of), apart.scaled.weights
        logs = []
        for cluster in (found.first, found.second):
            own = np.flatnonzero(of == cluster)
            k = own[parts[own].argmax()]
            logs.append(np.log(parts[own].sum() / heavy[own].sum()) - np.log(parts[k] / heavy[k]))
        assert found.rest == pytest.approx(logs[0] - logs[1], abs=1e-9)
        words = why_in_words(found, ("Pair", "Single"))
        assert f"Pair is {times(abs(found.size))} as large, which speaks for it too." in words
        for name, where in (("Pair", "in its nearest part)"), ("Single", "there)")):
            for said in (one for one in words if one.startswith(f"For {name} speak")):
                assert said.count(f" as likely {where}") == said.count(" as likely ")
                told.add(name)
    assert told == {"Pair", "Single"}
    assert why(apart, 0).rest == 0.0


def test_what_is_compared_and_tested(components, clusters):
    assert len(against_k_means(clusters).groups) == 2
    few = Settings(k_min=1, k_max=2, models=("EEE",), restarts=1)
    apart = finish(analyse(arc_and_blob(), few))
    (test,) = finish(compare_numbers(combined(apart, Grouping((0, 0), (0,))), 1))
    assert test.fewer == 1  # of components, against two


def test_a_part_of_the_rows_keeps_its_components(clusters):
    part = only_rows(clusters, rows_of_cluster(clusters, 1))
    assert part.rows.label.tolist() == [1] * 120
    assert len(part.uncombined.rows.label) == 120


def test_one_grade_is_given_to_gaps_and_the_numbers_to_use(clusters):
    told = [
        one for one in remarks(diagnose(clusters), ("A", "B")) if "set the clusters" in one.about
    ]
    assert {one.grade for one in told} == {Grade.TO_NOTE}
    assert told[0].text.startswith("Gaps set two groups apart. Use two to claim groups")


def test_the_command_line_says_what_to_combine(components, clusters):
    def asked(text):
        return asked_grouping(components, parse_merge(text))

    assert asked("auto") == asked("2") == clusters.grouping
    assert asked("5") is None
    assert asked(merge_command(clusters.grouping)).of == clusters.grouping.of
    for wrong in ("6", "1+9"):
        with pytest.raises(UsageError):
            asked(wrong)


def test_who_waits_for_the_merging_may_end_it(components):
    task = Task()
    task.cancel()
    with pytest.raises(Cancelled):
        asked_grouping(components, parse_merge("2"), task)


def test_of_all_rows_in_one_cluster_trust_says_that_it_need_not_be_found_again(components):
    one = combined(components, merging_of(components).groupings[0])
    assert why_not_checked(one) == ONE_CLUSTER
    tables = (np.ones((5, 5), np.int64),) * 50
    found = replace(diagnose(one), resampled=Resampled((0.1,) * 50, tables))
    (told,) = [each for each in remarks(found, ("All",)) if "found again" in each.about]
    assert told.text.startswith(ONE_CLUSTER)
    assert told.text.endswith("in 0 of 50 resamples (halves of the rows).")
    assert told.grade is Grade.TO_NOTE
