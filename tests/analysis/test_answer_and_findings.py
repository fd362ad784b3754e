"""The answer names what the findings call in doubt, each thing of it, or says that all is well."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from gmmdesk.analysis import Settings, analyse, choose
from gmmdesk.analysis.combining import combined
from gmmdesk.analysis.diagnosis import diagnose
from gmmdesk.analysis.diagnosis_words import remarks
from gmmdesk.analysis.grouping import Grouping
from gmmdesk.analysis.remark import Grade
from gmmdesk.analysis.shape_words import verdict_with_shapes, with_all_well
from gmmdesk.analysis.verdict import Choice
from gmmdesk.analysis.verdict_words import verdict_in_words
from gmmdesk.data.readers import read_text
from gmmdesk.data.samples import load_sample
from gmmdesk.engine import Resampled
from gmmdesk.export.answer import answer_of
from tests.running import finish

# What the answer says, by the question that a finding answers.
NAMED = {
    "Would another number or shape do as well?": "BIC prefers",
    "Had the fit settled?": "had not settled",
    "Are the clusters found again?": "Unstable: |was not checked",
    "Do gaps set the clusters apart?": "run into each other|No gap lies|across a gap|chance|tail",
    "Does any cluster rest on few rows, or one value?": "so few rows|only a handful|has only",
    "Are there rows unlike all others?": "so few rows|only a handful|has only|scattered",
    "Is this what Gaussian clusters can describe?": "bent band",
    "Are the clusters more than periods?": "may merely be periods",
    "Are the clusters bell-shaped?": "not bell-shaped: (its|their) borders",
    "Could rows be in the wrong cluster?": "could be in the wrong cluster",
}
# What keeps it from saying that all is well, where it is only to note.
NOTED = {"Are the clusters found again?", "Would another number or shape do as well?"}
ALL_WELL = "All is well: nothing that was checked speaks against these clusters"


def fitted(X, k, **settings):
    table = "x,y\n" + "\n".join(f"{a:.5f},{b:.5f}" for a, b in X)
    usual = {"k_min": k, "k_max": k, "models": ("VVV",), "restarts": 2}
    return finish(analyse(read_text(table), Settings(**{**usual, **settings})))


def groups(apart, n=150):
    return np.random.default_rng(2).normal(size=(2 * n, 2)) + np.repeat([[0, 0], [apart, 0]], n, 0)


def ring():
    random, angle = np.random.default_rng(0), np.linspace(0.0, 2 * np.pi, 300)
    return np.column_stack([np.cos(angle), np.sin(angle)]) + 0.08 * random.normal(size=(300, 2))


def stretched():
    X = groups(30.0)
    X[150:, 0] = 30.0 + np.random.default_rng(5).exponential(3.0, 150)
    return X


def years():
    return np.column_stack([np.floor(1950.0 + groups(9.0)[:, 0]), groups(9.0)[:, 1]])


def iris(k, model):
    settings = Settings(k_min=k, k_max=k, models=(model,), restarts=2)
    return finish(analyse(load_sample("iris"), settings))


CASES = {
    "apart": lambda: fitted(groups(9.0), 2),
    "overlapping": lambda: fitted(groups(2.2), 2, models=("EII",)),
    "not settled": lambda: fitted(groups(3.0), 2, max_iter=2, restarts=1),
    "a ring": lambda: fitted(ring(), 8),
    "skewed": lambda: fitted(stretched(), 2),
    "few": lambda: fitted(np.vstack([groups(9.0), [[40.0, 40.0], [40.5, 40.2], [41, 40]]]), 3),
    "years": lambda: fitted(years(), 2),
    "iris": lambda: iris(3, "EEE"),
    "chosen": lambda: choose(fitted(groups(9.0), 3, k_min=2, k_max=3), 1),
    "merged across a gap": lambda: combined(fitted(groups(9.0), 2), Grouping((0, 0), (0,))),
}


@pytest.fixture(scope="module", params=CASES)
def analysis(request):
    return CASES[request.param]()


def test_each_thing_in_doubt_is_named(analysis):
    answer = verdict_with_shapes(analysis)
    told = " ".join(one.said for one in answer.grounds if one.is_doubt)
    names = tuple(f"Cluster {k + 1}" for k in range(analysis.n_clusters))
    said = remarks(diagnose(analysis), names)
    if analysis.verdict.is_claimed or analysis.grouping is not None:
        doubted = {one.about for one in said if one.grade is Grade.IN_DOUBT}
        for about in doubted:
            assert re.search(NAMED[about], told), about
        noted = {one.about for one in said if one.grade is Grade.TO_NOTE} & NOTED
        is_well = not (doubted or noted) and analysis.verdict.is_claimed
        assert answer.text.count(ALL_WELL) == is_well
    assert (ALL_WELL in answer.text) <= (not told)


@pytest.mark.parametrize(("n_agreeing", "is_few"), [(1, True), (2, True), (3, False)])
def test_a_rival_number_and_few_restarts_are_to_note(n_agreeing, is_few):
    """Of iris two and three clusters describe the rows as well (mclust 6.0.0: 561.7 and 562.6)."""
    settings = Settings(k_min=1, k_max=4, models=("VEV",), scaling="none", restarts=2)
    found = finish(analyse(load_sample("iris"), settings))
    found = replace(found, trust=replace(found.trust, n_starts=9, n_agreeing=n_agreeing))
    said = {one.about: one for one in remarks(diagnose(found), "AB")}
    rival = said["Would another number or shape do as well?"]
    assert rival.grade is Grade.TO_NOTE
    assert rival.text == "Three clusters explain the data as well (BIC difference 0.8)."
    again = said["Are the clusters found again?"]
    assert (again.grade is Grade.TO_NOTE) == ("Few restarts agree" in again.text) == is_few
    assert ALL_WELL not in verdict_with_shapes(found).text


@pytest.mark.parametrize(
    ("changes", "grade", "said"),
    [
        ({}, Grade.TO_NOTE, "Two is the most that was looked for: "),
        (
            {"stopped_early": True},
            Grade.IN_DOUBT,
            "What was not tried may describe the rows better.",
        ),
    ],
)
def test_an_end_of_the_range_and_a_search_that_was_stopped_are_findings(changes, grade, said):
    found = replace(fitted(groups(9.0), 2, k_min=1), **changes)
    (told,) = (one for one in remarks(diagnose(found), "AB") if "number or shape" in one.about)
    assert told.grade is grade
    assert told.text.startswith(said)
    (ground,) = (one for one in verdict_in_words(found.verdict).grounds if one.said == told.text)
    assert ground.is_doubt == (grade is Grade.IN_DOUBT)


def test_a_finding_is_about_each_cluster_that_it_names(analysis):
    """So that the workbook says of a cluster what Trust says of it."""
    grouping = analysis.grouping
    names = tuple(f"Nr{k}" for k in range(analysis.n_clusters))
    for one in remarks(diagnose(analysis), names):
        if one.grade is Grade.IN_DOUBT:
            told = {int(number) for number in re.findall(r"Nr(\d+)", one.text)}
            about = {k if grouping is None else grouping.of[k] for k in one.components}
            assert told <= about, one.text


def test_of_many_pairs_the_answer_names_the_worst():
    sound = CASES["apart"]()
    pairs = tuple((0.3 - 0.01 * k, k, k + 1) for k in range(6))
    many = replace(sound.verdict, groups=tuple(range(7)), overlaps=pairs)
    (told,) = [one.said for one in verdict_in_words(many).grounds if "wrong" in one.said]
    assert told.startswith("Rows could be in the wrong cluster: 30 % of Cluster 1 could be")
    assert told.endswith("27 % of Cluster 4 could be Cluster 5; and 2 more pairs (see Trust).")


def test_every_kind_of_doubt_is_among_the_cases():
    found = [diagnose(case()) for case in CASES.values()]
    said = [remarks(one, tuple("abcdefgh"[: one.analysis.n_clusters])) for one in found]
    doubted = {one.about for own in said for one in own if one.grade is Grade.IN_DOUBT}
    assert set(NAMED) - doubted <= {"Are the clusters found again?"}  # of which below
    assert any(not {one.grade for one in own} & {Grade.IN_DOUBT} for own in said)


def test_nothing_is_called_well_before_all_is_known():
    sound = CASES["apart"]()
    assert ALL_WELL in answer_of(sound, shapes=sound.shapes).text
    assert ALL_WELL not in answer_of(sound).text  # shapes are still being judged
    assert ALL_WELL not in answer_of(sound, shapes=sound.shapes, is_being_checked=True).text
    at_end = replace(sound.verdict, at_end="upper")
    assert "allow more" in verdict_in_words(at_end).text
    assert not with_all_well((), at_end, sound.shapes)
    assert with_all_well((), sound.verdict, sound.shapes)
    for noted in (
        {"choice": Choice.SEARCHED, "rival": sound.candidates[0], "rival_difference": 6.0},
        {"n_starts": 30, "n_agreeing": 2},
    ):
        assert not with_all_well((), replace(sound.verdict, **noted), sound.shapes)
    seldom = answer_of(sound, resampled=Resampled((0.1,) * 50), shapes=sound.shapes)
    assert ALL_WELL not in seldom.text
    assert re.search(NAMED["Are the clusters found again?"], seldom.text)
