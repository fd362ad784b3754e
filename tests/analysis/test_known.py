"""Rows whose cluster is known beforehand, compared with the engine and with the labels."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np
import pyarrow as pa
import pytest

from gmmdesk.analysis import Finding, Settings, analyse, choose
from gmmdesk.analysis import sensitivity as sensitivity_module
from gmmdesk.analysis.alternatives import can_have_alternatives
from gmmdesk.analysis.check import check
from gmmdesk.analysis.combining import combined
from gmmdesk.analysis.diagnosis import diagnose
from gmmdesk.analysis.diagnosis_words import remarks
from gmmdesk.analysis.grouping import Grouping
from gmmdesk.analysis.known import (
    as_marked,
    barred,
    hold,
    known_command,
    known_labels,
    marked,
    order_of,
    parse_known,
    renumbered,
)
from gmmdesk.analysis.number_test import compare_numbers
from gmmdesk.analysis.remark import Grade
from gmmdesk.analysis.scored import NO_CLUSTER
from gmmdesk.analysis.sensitivity import sensitivity
from gmmdesk.analysis.settings import MOST_KNOWN, KnownRows, Start
from gmmdesk.analysis.verdict_words import verdict_in_words
from gmmdesk.analysis.why import why
from gmmdesk.analysis.why_words import why_in_words
from gmmdesk.data.dataset import Column, ColumnKind, Dataset, Receipt
from gmmdesk.data.readers import read_text
from gmmdesk.engine import FitSpec, Parameters, fit
from gmmdesk.engine.density import score
from gmmdesk.engine.rows.memberships import MOST_FORBIDDEN, NOISE, UNKNOWN, label_without
from gmmdesk.errors import DataError, UsageError
from tests.running import finish


@pytest.fixture(scope="module")
def dataset():
    """Two groups that overlap; a few labels, which sort against the groups' sizes."""
    rng = np.random.default_rng(1)
    group = np.arange(120) % 3 == 0
    x, y = rng.normal(3.0 * group), rng.normal(2.0 * group)
    labels = [None] * 120
    for i in range(0, 120, 10):
        labels[i] = " b" if group[i] else "c"
    labels[1] = ""
    made = [
        Column(name, ColumnKind.NUMBER, pa.chunked_array([values]), 0)
        for name, values in (("x", x), ("y", y))
    ]
    made.append(Column("label", ColumnKind.TEXT, pa.chunked_array([pa.array(labels)]), 107))
    return Dataset("t", tuple(made), Receipt("test", "CSV", 0, ""))


def settings(**changes):
    plain = {"columns": ("x", "y"), "k_min": 2, "k_max": 2, "models": ("VVV",), "restarts": 2}
    return Settings(**{**plain, **changes})


def test_a_column_of_labels_says_where_rows_belong(dataset):
    labels = known_labels(settings(known_column="label"), dataset)
    assert labels[[0, 10, 20, 30]].tolist() == [0, 1, 1, 0]
    assert (labels != UNKNOWN).sum() == 12
    found = finish(analyse(dataset, settings(known_column="label")))
    assert found.known_names == ("b", "c")
    known = found.known != UNKNOWN
    np.testing.assert_array_equal(found.rows.label[known], labels[known])
    assert (found.rows.probability[known] == 1.0).all()
    np.testing.assert_array_equal(found.rows.known, known)
    assert found.result.weights[0] < found.result.weights[1]  # known ones keep their numbers
    np.testing.assert_array_equal(
        found.responsibilities(slice(None))[known].argmax(axis=1), labels[known]
    )
    ours = fit(
        found.prepared.X, FitSpec(n_components=2, model="VVV", restarts=2, tol=1e-5), known=labels
    )
    assert found.scaled.log_likelihood == pytest.approx(ours.log_likelihood, abs=1e-6)


def test_rows_marked_by_hand_come_before_the_column(dataset):
    chosen = settings(known_column="label", known=(KnownRows(cluster=2, rows=(1,)),))
    assert known_labels(chosen, dataset)[0] == 1
    found = finish(analyse(dataset, chosen))
    assert found.rows.label[0] == 1
    again = Finding.of(found).analysis(dataset)
    np.testing.assert_array_equal(again.rows.label, found.rows.label)
    np.testing.assert_array_equal(again.rows.known, found.rows.known)


def test_the_search_begins_with_as_many_clusters_as_are_known(dataset):
    known = (KnownRows(cluster=3, rows=(5, 8)),)
    found = finish(analyse(dataset, settings(k_min=1, k_max=4, known=known)))
    assert [one.n_components for one in found.candidates] == [3, 4]
    assert found.rows.label[[4, 7]].tolist() == [2, 2]
    other = choose(found, 1 - found.best)
    assert other.rows.label[[4, 7]].tolist() == [2, 2]
    with pytest.raises(UsageError, match="belong to 3 clusters, but at most 2"):
        finish(analyse(dataset, settings(known=known)))


def test_rows_known_to_be_of_no_cluster_are_noise(dataset):
    known = (KnownRows(cluster=0, rows=(7, 9)), KnownRows(cluster=1, rows=(1,)))
    found = finish(analyse(dataset, settings(k_min=1, k_max=2, known=known, noise=True)))
    assert known_labels(found.settings, dataset)[6] == NOISE
    assert found.rows.label[[6, 8, 0]].tolist() == [NO_CLUSTER, NO_CLUSTER, 0]
    assert found.responsibilities(slice(6, 7))[0, -1] == 1.0
    with pytest.raises(UsageError, match="no cluster"):
        finish(analyse(dataset, settings(known=known)))


def test_rows_are_marked_and_unmarked():
    first = marked(settings(), 1, np.array([5, 3]))
    assert first.known == (KnownRows(cluster=2, rows=(3, 5)),)
    second = marked(first, -1, np.array([5]))
    assert second.known == (KnownRows(cluster=0, rows=(5,)), KnownRows(cluster=2, rows=(3,)))
    assert marked(second, None, np.array([3])).known == second.known[:1]
    assert msgspec.json.decode(msgspec.json.encode(first), type=Settings) == first


def test_rows_are_kept_out_of_clusters_and_let_in_again():
    first = barred(barred(settings(), 1, np.array([5, 3])), 0, np.array([5]))
    assert first.forbidden == (KnownRows(cluster=1, rows=(5,)), KnownRows(cluster=2, rows=(3, 5)))
    assert msgspec.json.decode(msgspec.json.encode(first), type=Settings) == first
    assert barred(first, None, np.array([5])).forbidden == (KnownRows(cluster=2, rows=(3,)),)
    # In another answer the second of them is the third, and the first is none.
    assert renumbered(first, {2: 1, 0: 3}).forbidden == (KnownRows(cluster=3, rows=(3, 5)),)
    # Who belongs somewhere is kept out of nothing, and the other way round: the last word counts.
    known = marked(first, 1, np.array([5]))
    assert (known.known, known.forbidden) == (
        (KnownRows(cluster=2, rows=(5,)),),
        (KnownRows(cluster=2, rows=(3,)),),
    )
    assert barred(known, 0, np.array([5])).known == ()
    with pytest.raises(UsageError, match="first clusters only"):
        barred(first, MOST_FORBIDDEN, np.array([2]))


def test_rows_of_a_cluster_they_cannot_belong_to_are_in_another(dataset):
    before = finish(analyse(dataset, settings(k_min=3, k_max=3, restarts=5)))
    rows = before.prepared.rows[before.rows.label == 1][:5]
    start = Start.of(before.result.parameters, before.prepared.columns, "the clusters before")
    asked = barred(settings(k_min=3, k_max=3, start=start), 1, rows + 1)
    found = finish(analyse(dataset, asked))
    places = np.searchsorted(found.prepared.rows, rows)
    shares = found.responsibilities(slice(None))
    assert (shares[places, 1] == 0.0).all()
    np.testing.assert_array_equal(found.rows.label, shares.argmax(axis=1))
    np.testing.assert_allclose(found.rows.probability, shares.max(axis=1), atol=1e-9)
    assert (found.rows.label[places] != 1).all()
    assert (found.rows.second[places] != 1).all()
    assert found.rows.known is None  # of none it is known where it belongs
    with pytest.raises(UsageError, match="known"):
        next(compare_numbers(found))
    # The same as with the memberships that scikit-learn's users would write: booleans (n, K).
    allowed = np.ones((len(found.prepared.rows), 3), np.bool_)
    allowed[places, 1] = False
    scaled = before.scaled.parameters
    plain = fit(
        found.prepared.X, FitSpec(n_components=3, model="VVV", tol=1e-5), scaled, known=allowed
    )
    assert found.scaled.log_likelihood == pytest.approx(plain.log_likelihood, abs=1e-6)
    again = Finding.of(found).analysis(dataset)
    np.testing.assert_array_equal(again.rows.label, found.rows.label)
    told = why(found, int(rows[0]))
    assert told.kept_out == (1,)
    assert told.first == found.rows.label[places[0]]
    assert "it cannot belong to B" in " ".join(why_in_words(told, "ABC"))
    merged = combined(found, Grouping.combining((0, 1, 1), found.scaled.weights))
    assert (merged.responsibilities(slice(None))[places].sum(axis=1) > 0.999).all()


def test_a_cluster_that_is_not_there_keeps_no_row_from_having_none(dataset):
    """Noise is the component after the last: what is said of a cluster there is not about it."""
    before = finish(analyse(dataset, settings(k_min=2, k_max=2, noise=True)))
    row = before.prepared.rows[:1]
    start = Start.of(before.result.parameters, before.prepared.columns, "the clusters before")
    asked = barred(settings(k_min=2, k_max=2, noise=True, start=start), 2, row + 1)
    assert known_labels(asked, dataset)[row] == UNKNOWN
    assert known_labels(barred(asked, 0, row + 1), dataset)[row] == label_without([0])


def test_a_start_of_other_columns_is_refused_with_the_way_out(dataset):
    before = finish(analyse(dataset, settings(k_min=2, k_max=2)))
    start = Start.of(before.result.parameters, before.prepared.columns, "the clusters before")
    asked = settings(k_min=2, k_max=2, start=start, columns=before.prepared.columns[:1])
    for one, hint in ((asked, "Start without it"), (barred(asked, 1, np.array([5])), "Any is")):
        with pytest.raises(UsageError, match="cannot start") as refused:
            finish(analyse(dataset, one))
        assert hint in refused.value.hint


def test_clusters_that_rows_are_kept_out_of_keep_their_numbers_and_the_others_too():
    weights = np.array([0.2, 0.3, 0.5])
    assert order_of(weights, np.array([UNKNOWN, 1])).tolist() == [2, 1, 0]
    assert order_of(weights, np.array([UNKNOWN, label_without([1])])).tolist() == [0, 1, 2]


def test_without_clusters_to_begin_with_their_numbers_mean_nothing(dataset):
    with pytest.raises(UsageError, match="numbers mean nothing"):
        finish(analyse(dataset, barred(settings(), 1, np.array([5]))))


def test_the_command_line_writes_them_as_it_reads_them():
    known = parse_known("2=5,17-19")
    assert known == KnownRows(cluster=2, rows=(5, 17, 18, 19))
    assert parse_known(known_command(known)) == known
    for wrong in ("2", "2=", "a=1", "-1=2", "1=x", "1=0"):
        with pytest.raises(UsageError):
            parse_known(wrong)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"known_column": "labels"}, "no column 'labels'"),
        ({"known": (KnownRows(cluster=1, rows=(121,)),)}, "Row 121"),
    ],
)
def test_what_does_not_fit_the_table_is_said(dataset, changes, said):
    with pytest.raises(DataError, match=said):
        finish(analyse(dataset, settings(**changes)))


@pytest.mark.parametrize(
    "text", ["2=1-400000000", f"2=1-{10**30}", f"2=1-{MOST_KNOWN + 1}", f"2=1,3-{MOST_KNOWN + 2}"]
)
def test_more_rows_than_anybody_marks_are_refused_at_once(text):
    with pytest.raises(UsageError, match="more than"):
        parse_known(text)


def test_as_many_rows_as_can_be_marked_are_read():
    assert len(parse_known(f"2=1-{MOST_KNOWN}").rows) == MOST_KNOWN


@pytest.mark.parametrize(
    "text", ["2=1_0", "2=+5", "2=\u0663", "+2=5", "2_0=5", "2=-5", "2=5-", "=5"]
)
def test_only_plain_numbers_are_numbers_of_rows(text):
    with pytest.raises(UsageError, match="does not say"):
        parse_known(text)


def test_labels_are_in_the_order_of_their_values():
    labels = ["11", "inf", "9", "1_0", "word"] * 3
    column = Column("label", ColumnKind.TEXT, pa.chunked_array([labels]), 0)
    made = Dataset("t", (column,), Receipt("test", "CSV", 0, ""))
    found = known_labels(Settings(known_column="label"), made)
    assert found[:5].tolist() == [1, 3, 0, 2, 4]


def test_labels_are_as_if_marked_by_hand():
    known = (KnownRows(cluster=0, rows=(4,)), KnownRows(cluster=2, rows=(1, 3)))
    labels = np.array([1, UNKNOWN, 1, NOISE])
    assert as_marked(labels, read_text("x\n1\n2\n3\n4\n")) == known


def test_a_held_row_with_gaps_keeps_its_distance_from_its_own_cluster():
    mixture = Parameters(
        np.array([0.5, 0.5]),
        np.array([[0.0, 0.0], [6.0, 0.0]]),
        np.array([np.eye(2), 4 * np.eye(2)]),
    )
    X = np.array([[0.1, np.nan], [0.2, 0.3], [5.0, 1.0]])
    held = hold(score(mixture, X, missing=True), np.array([1, 1, UNKNOWN]), X, mixture)
    assert held.label.tolist() == [1, 1, 1]
    assert held.squared_distance == pytest.approx([5.9**2 / 4, (5.8**2 + 0.3**2) / 4, 0.5])


def test_a_part_of_the_rows_is_held_as_the_whole_was(monkeypatch):
    """Where the first label of the column has no row in the part, and rows are marked by hand."""
    monkeypatch.setattr(sensitivity_module, "ROWS", 100)
    random = np.random.default_rng(4)
    group = np.repeat([0, 1, 2], 60)
    texts: list[str | None] = [None] * 180
    for i in range(180):
        if group[i] or i % 2:  # an a is in no even place
            texts[i] = "abc"[group[i]]
    made = Dataset(
        "t",
        (
            *(
                Column(name, ColumnKind.NUMBER, pa.chunked_array([values]), 0)
                for name, values in (
                    ("x", random.normal(9.0 * (group == 1))),
                    ("y", random.normal(9.0 * (group == 2))),
                )
            ),
            Column("label", ColumnKind.TEXT, pa.chunked_array([pa.array(texts)]), 30),
        ),
        Receipt("test", "CSV", 0, ""),
    )
    asked = settings(
        known=(KnownRows(cluster=1, rows=tuple(range(1, 60, 2))),),
        known_column="label",
        k_min=3,
        k_max=3,
    )
    refits = finish(sensitivity(finish(analyse(made, asked))))
    assert refits[0].change == "Only a part of the rows"
    assert all(one.is_same for one in refits)


def test_labels_of_a_part_are_told_once(dataset, monkeypatch):
    """By hand, as the whole column says: that column may say something else of a part."""
    asked, real = [], sensitivity_module.analyse

    def spy(table, settings, **options):
        asked.append((table, settings))
        return real(table, settings, **options)

    analysis = finish(analyse(dataset, settings(known_column="label")))
    monkeypatch.setattr(sensitivity_module, "analyse", spy)
    finish(sensitivity(analysis))
    whole = known_labels(analysis.settings, dataset)
    for table, one in asked:
        assert one.known_column == ""
        np.testing.assert_array_equal(known_labels(one, table), whole)


def test_clusters_from_a_chosen_start_are_looked_for_from_others(dataset):
    once = finish(analyse(dataset, settings()))
    start = Start.of(once.result.parameters, once.prepared.columns, "the answer")
    answer = finish(analyse(dataset, settings(start=start)))
    assert all(not one.problem for one in finish(sensitivity(answer)))
    assert ", from a chosen start" in verdict_in_words(answer.verdict).headline
    assert answer.verdict.is_unchecked
    assert not once.verdict.is_unchecked
    (found,) = (one for one in remarks(diagnose(answer), "AB") if "found again" in one.about)
    assert found.grade is Grade.IN_DOUBT
    assert "was not checked" in found.text
    assert finish(check(answer, 4)) == finish(check(once, 4))


def test_an_optimum_that_only_the_chosen_start_leads_to_is_unstable():
    """Of three heaps the two that are near each other are one cluster to any other start."""
    heap, x = np.repeat([0.0, 10.0, 30.0], 40), np.random.default_rng(0).normal(size=(120, 2))
    rows = (f"{a + at:.4f},{b:.4f}" for (a, b), at in zip(x, heap, strict=True))
    made = read_text("\n".join(["x,y", *rows]))
    shapes = np.array([np.eye(2), np.diag([100.0, 1.0])])
    by_hand = Parameters(np.array([1.0, 2.0]) / 3.0, np.array([[0.0, 0.0], [20.0, 0.0]]), shapes)
    start = Start.of(by_hand, ("x", "y"), "a start by hand")
    answer = finish(analyse(made, settings(start=start)))
    with_last = answer.rows.label == answer.rows.label[-1]
    assert (with_last[:40].mean(), with_last[40:].mean()) == pytest.approx((0.0, 1.0), abs=0.05)
    said = diagnose(replace(answer, resampled=finish(check(answer, 10))))
    (told,) = (one for one in remarks(said, "AB") if "found again" in one.about)
    assert told.grade is Grade.IN_DOUBT
    assert told.text.startswith("Unstable: the same clusters were found again in 0 of 10")
    assert "looked for without the chosen start" in told.text


def test_what_looks_again_takes_what_is_known_into_account(dataset):
    known = (KnownRows(cluster=2, rows=tuple(range(1, 30, 3))),)
    answer = finish(analyse(dataset, settings(known=known)))
    refits = finish(sensitivity(answer))
    assert all(not one.problem for one in refits)
    with pytest.raises(UsageError, match="known"):
        next(compare_numbers(answer))
    with pytest.raises(UsageError, match="known"):
        next(check(answer))
    assert not can_have_alternatives(answer)
