"""That clusters are not bell-shaped is a ground where it is news, and the same everywhere."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from gmmdesk.analysis import Settings, analyse
from gmmdesk.analysis.combining import combined
from gmmdesk.analysis.diagnosis import diagnose
from gmmdesk.analysis.diagnosis_words import remarks
from gmmdesk.analysis.grouping import together
from gmmdesk.analysis.offers import Act
from gmmdesk.analysis.remark import Grade
from gmmdesk.analysis.shape_remarks import shape_in_words
from gmmdesk.analysis.shape_words import misshapen, misshapen_ground, verdict_with_shapes
from gmmdesk.cli.printing import describe_fit
from gmmdesk.data.readers import read_text
from gmmdesk.export.answer import answer_of
from gmmdesk.export.report.contents import report
from gmmdesk.export.summary import summary
from gmmdesk.text import default_name
from tests.running import finish


@pytest.fixture(scope="module")
def analysis():
    """Three groups, of which the largest leans to one side."""
    random = np.random.default_rng(1)
    leaning = random.exponential(size=(150, 2))
    bells = random.normal(size=(160, 2)) + np.repeat([[20.0, 0.0], [0.0, 20.0]], 80, axis=0)
    rows = "\n".join(f"{a:.3f},{b:.3f}" for a, b in np.concatenate([leaning, bells]))
    settings = Settings(k_min=3, k_max=3, models=("VVV",), restarts=2)
    return finish(analyse(read_text(f"a,b\n{rows}\n"), settings))


def test_a_cluster_that_leans_is_a_doubt_with_a_way_to_what_may_help(analysis):
    ground = misshapen_ground(analysis.verdict, analysis.shapes, ("old", "new", "Cluster 3"))
    assert ground.said.startswith("Old is not bell-shaped: its borders, how sure its rows are")
    assert ground.is_doubt
    assert ground.offer.act is Act.SHOW_FINDINGS
    assert "Cluster 1 is not bell-shaped" in answer_of(analysis, shapes=analysis.shapes).text
    assert "not bell-shaped" not in answer_of(analysis).text  # not judged yet
    assert (
        "Cluster 1 is not bell-shaped"
        in report(analysis, [default_name(k) for k in range(3)]).answer.text
    )


def test_the_command_line_and_the_workbook_tell_the_same(analysis):
    printed = " ".join(" ".join(line.split()) for line in describe_fit(analysis, ()))
    said = misshapen_ground(analysis.verdict, analysis.shapes).said
    assert f"! {said}" in printed
    assert said in summary(analysis)["verdict"]["text"]
    told = verdict_with_shapes(analysis)
    assert [one.said for one in told.grounds if one.is_doubt][-1] == said


def test_shapes_that_would_be_no_news_are_not_judged(analysis, monkeypatch):
    alone = replace(analysis)
    one = replace(analysis.verdict, single_difference=1.0)
    monkeypatch.setattr(type(alone), "verdict", one)
    monkeypatch.setattr(type(alone), "shapes", property(lambda _: pytest.fail("judged")))
    assert "not bell-shaped" not in verdict_with_shapes(alone).text


def test_what_is_found_about_shapes_is_in_doubt_where_it_is_a_doubt_of_the_verdict(analysis):
    """Panel and findings name the same clusters, also after some are merged."""
    found, names = diagnose(analysis), [default_name(k) for k in range(3)]

    def graded(judged, called):
        told = [one for one in remarks(judged, called) if "bell-shaped?" in one.about]
        return {grade: [one for one in told if one.grade is grade] for grade in Grade}

    told = graded(found, names)
    assert [one.components for one in told[Grade.IN_DOUBT]] == [(0,)]
    assert not told[Grade.TO_NOTE]
    merged = combined(analysis, together(None, analysis.scaled.weights, [0, 1]))
    told = graded(diagnose(merged), names[:2])
    assert not told[Grade.IN_DOUBT]
    (one,) = told[Grade.TO_NOTE]
    assert one.text.endswith("That is no further doubt: it is a part of a merged cluster.")
    assert not one.remedies  # against what is none
    alike = tuple(replace(one, p_value=1e-3, departure="heavy") for one in found.shapes)
    told = graded(replace(found, shapes=alike), names)
    (one,) = told[Grade.IN_DOUBT]  # one remedy for all that it may help
    assert one.text.startswith(
        "Clusters 1, 2 and 3 are not bell-shaped (p at most 0.001; the limit is 0.0167, 5 % shared"
        " by three): more"
    )
    assert one.components == (0, 1, 2)
    assert [remedy.text for remedy in one.remedies].count("Let them belong to no cluster") == 1
    told = graded(replace(found, shapes=[replace(one, departure="other") for one in alike]), names)
    (one,) = told[Grade.TO_NOTE]
    # The shapes are as free as can be.
    assert "Allow every shape" not in [remedy.text for remedy in one.remedies]


@pytest.mark.parametrize(
    ("p_value", "said"),
    [
        (0.017, "Nr2 passes as bell-shaped (p = 0.017; the limit is 0.0167, 5 % shared by three)."),
        (0.0165, "Nr2 is not bell-shaped (p = 0.0165; the limit is 0.0167, 5 % shared by three): "),
        (0.0005, "Nr2 is not bell-shaped (p < 0.001): it leans"),
    ],
)
def test_the_limit_is_told_beside_a_p_value(analysis, p_value, said):
    shape = replace(analysis.shapes[1], p_value=p_value, departure="skewed")
    assert shape_in_words(shape, "Nr2").startswith(said)
    alone = shape_in_words(replace(shape, n_components=1, p_value=0.0512), "Nr2")
    assert alone == "Nr2 passes as bell-shaped (p = 0.0512; the limit is 0.05)."
    found = diagnose(analysis)
    bells = [replace(one, p_value=0.02 + 0.1 * k) for k, one in enumerate(found.shapes)]
    (told,) = (one for one in remarks(replace(found, shapes=bells), "ABC") if "bell" in one.about)
    all_pass = "The clusters pass as bell-shaped (p at least 0.02; the limit is 0.0167, 5 % shared"
    assert told.text.startswith(all_pass)
    some = [bells[0], replace(bells[1], p_value=math.nan), bells[2]]
    assert not some[1].is_judged
    (told,) = (one for one in remarks(replace(found, shapes=some), "ABC") if "bell" in one.about)
    assert " B could not be judged." in told.text


def test_it_is_told_only_where_it_is_news(analysis):
    verdict, shapes = analysis.verdict, analysis.shapes
    assert misshapen(verdict, shapes) == [0]
    assert misshapen(replace(verdict, groups=(0, 0, 1)), shapes) == []  # parts of one group
    assert misshapen(replace(verdict, single_difference=1.0), shapes) == []  # no clusters
    other = [replace(one, departure="other") for one in shapes]
    assert misshapen(verdict, other) == []
    grouping = together(None, analysis.scaled.weights, [0, 1])
    merged = combined(analysis, grouping)
    assert merged.shapes is analysis.shapes
    assert misshapen(merged.verdict, merged.shapes) == []
    assert misshapen_ground(merged.verdict, merged.shapes) is None
