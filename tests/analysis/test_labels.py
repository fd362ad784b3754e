"""A column that was not used and says what the clusters are is told with the answer."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from gmmdesk.analysis import Settings, analyse
from gmmdesk.analysis.combining import combined
from gmmdesk.analysis.comparing import against_labels, comparison_in_words
from gmmdesk.analysis.grouping import Grouping
from gmmdesk.analysis.labels import AGREEING, LABELS, agreeing_labels
from gmmdesk.analysis.verdict_words import verdict_in_words
from gmmdesk.data.readers import read_text
from gmmdesk.errors import Cancelled
from gmmdesk.export.summary import summary
from tests.running import finish

TRUE = np.repeat([0, 1, 2], [60, 50, 40])
TOLD = "which was not used, agrees"


def mislabelled(share: float, seed: int = 1) -> np.ndarray:
    """The true groups, but for a share of the rows, which have any."""
    random = np.random.default_rng(seed)
    return np.where(random.random(len(TRUE)) < share, random.integers(0, 3, len(TRUE)), TRUE)


def fitted(**labels):
    """Three groups, far apart, in x and y, and columns of labels."""
    X = np.random.default_rng(0).normal(size=(len(TRUE), 2)) + 9.0 * TRUE[:, None]
    lines = zip(*labels.values(), strict=True) if labels else [()] * len(TRUE)
    table = "\n".join(
        ",".join((f"{x:.4f}", f"{y:.4f}", *map(str, own)))
        for (x, y), own in zip(X, lines, strict=True)
    )
    settings = Settings(columns=("x", "y"), k_min=3, k_max=3, models=("EII",), restarts=2)
    return finish(analyse(read_text(",".join(("x", "y", *labels)) + "\n" + table), settings))


def kinds(codes: np.ndarray) -> list[str]:
    return [("ash", "beech", "cedar")[code] for code in codes]


def test_the_column_that_agrees_best_is_told_once():
    good, better = mislabelled(0.2), mislabelled(0.05, 2)
    analysis = fitted(first=kinds(good), second=kinds(better), third=mislabelled(1.0))
    index = adjusted_rand_score(better, analysis.rows.label)
    assert index > adjusted_rand_score(good, analysis.rows.label)
    n = (better == TRUE).sum()
    (one,) = [one for one in verdict_in_words(analysis.verdict).grounds if TOLD in one.text]
    assert not one.is_doubt
    assert one.text.startswith("second, which was not used, agrees")
    assert f" {n} of 150 rows (adjusted Rand index {index:.2f}" in one.text
    assert summary(analysis)["verdict"]["labels"] == {
        "column": "second",
        "adjusted_rand_index": pytest.approx(index),
        "rows": 150,
        "rows_agreeing": n,
    }


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 1.0])
def test_only_what_agrees_far_beyond_chance_is_told(share):
    codes = mislabelled(share)
    analysis = fitted(kind=kinds(codes))
    agrees = adjusted_rand_score(codes, analysis.rows.label) >= AGREEING
    assert (analysis.verdict.labelled is not None) == agrees == (share < 0.3)
    assert (TOLD in verdict_in_words(analysis.verdict).text) == agrees


def test_labels_of_most_rows_come_before_those_of_a_few():
    few = [kind if i % 6 == 0 else "" for i, kind in enumerate(kinds(TRUE))]
    both = fitted(few=few, most=kinds(mislabelled(0.1)))
    assert both.verdict.labelled.column == "most"
    alone = fitted(few=few).verdict.labelled
    assert alone.agreement.n == 25
    assert alone.agreement.adjusted_rand_index > 0.99


@pytest.mark.parametrize(("n_odd", "is_told"), [(5, False), (6, True)])
def test_a_column_of_nearly_one_value_is_not_told(n_odd, is_told):
    """A handful of odd rows that are a cluster agrees with any column in which they are odd."""
    X = np.random.default_rng(0).normal(size=(100, 2))
    X[:n_odd] += 30.0
    said = ["odd" if i < n_odd else "usual" for i in range(100)]
    codes = [i % 50 for i in range(100)]
    lines = zip(X, said, codes, strict=True)
    rows = (f"{x:.4f},{y:.4f},{kind},{code}" for (x, y), kind, code in lines)
    asked = Settings(columns=("x", "y"), k_min=2, k_max=2, models=("EII",), restarts=2)
    found = finish(analyse(read_text("\n".join(["x,y,kind,code", *rows])), asked))
    assert sorted(found.sizes) == [n_odd, 100 - n_odd]
    labelled = found.verdict.labelled
    assert (labelled is not None and labelled.column == "kind") == is_told


def test_a_column_that_was_used_for_the_clusters_is_not_told():
    analysis = fitted(kind=kinds(TRUE))
    assert agreeing_labels(analysis) is not None
    steered = replace(
        analysis, settings=msgspec.structs.replace(analysis.settings, known_column="kind")
    )
    assert agreeing_labels(steered) is None


def test_merged_clusters_are_set_beside_the_labels_anew():
    codes = np.minimum(TRUE, 1)
    analysis = fitted(kind=kinds(codes))
    order = [int(np.bincount(TRUE[analysis.rows.label == k]).argmax()) for k in range(3)]
    of = tuple(min(true, 1) for true in order)
    merged = combined(analysis, Grouping(of, (of.index(0), of.index(1))))
    assert merged.verdict.labelled.agreement.adjusted_rand_index == 1.0
    assert analysis.verdict.labelled is None
    one = combined(analysis, Grouping((0, 0, 0), (0,)))
    assert one.verdict.labelled is None


def test_no_clusters_and_few_rows_agree_with_nothing():
    analysis = fitted(kind=kinds(TRUE))
    unclaimed = replace(analysis.verdict, single_difference=1.0)
    assert TOLD not in verdict_in_words(unclaimed).text
    gaps = [kind if i % 9 == 0 else "" for i, kind in enumerate(kinds(TRUE))]
    assert agreeing_labels(fitted(kind=gaps)) is None  # 17 rows


def test_a_mark_of_rows_of_one_cluster_agrees_with_nothing():
    """Neither can it be compared: the index of two groups that are one each is 1."""
    analysis = fitted(
        mark=["seen" if i < 30 else "" for i in range(len(TRUE))],
        half=["ash" if i < 30 else "beech" if i > 120 else "" for i in range(len(TRUE))],
    )
    assert analysis.verdict.labelled.column == "half"
    (said,) = comparison_in_words(against_labels(analysis, "mark"), ("A", "B", "C"))
    assert said == "mark cannot be compared: that takes rows of two clusters and two groups."


def test_a_column_with_ever_more_values_is_passed_over(monkeypatch):
    monkeypatch.setattr("gmmdesk.analysis.labels._LOOKED_AT", 20)
    many = [f"n{i}" if i > 20 else "ash" for i in range(len(TRUE))]
    many[0] = "beech"
    assert len(set(many)) > LABELS
    assert agreeing_labels(fitted(many=many)) is None


def test_who_waits_may_end_it():
    def cancel():
        raise Cancelled

    with pytest.raises(Cancelled):
        agreeing_labels(fitted(kind=kinds(TRUE)), cancel)
