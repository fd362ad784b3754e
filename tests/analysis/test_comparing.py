"""The clusters beside k-means, density-based clusters and known labels."""

from __future__ import annotations

import math
import sys
from dataclasses import replace

import msgspec
import numpy as np
import pytest
from sklearn.datasets import make_moons
from sklearn.metrics import adjusted_rand_score
from sklearn.metrics.cluster import contingency_matrix

from gmmdesk.analysis import Settings, analyse
from gmmdesk.analysis.agreement_words import agrees
from gmmdesk.analysis.comparing import (
    Comparison,
    Move,
    against_density,
    against_k_means,
    against_labels,
    comparison_in_words,
)
from gmmdesk.analysis.labels import label_columns
from gmmdesk.analysis.sensitivity import ROWS, Refit, sensitivity, sensitivity_in_words, taken
from gmmdesk.data.readers import read_text
from gmmdesk.data.samples import load_sample
from gmmdesk.data.steps import LeaveOutRows, Logarithm
from gmmdesk.engine import Trust
from gmmdesk.engine.judging.agreement import agreement
from gmmdesk.errors import Cancelled, UsageError
from gmmdesk.task import Task
from gmmdesk.text import percent
from tests.running import finish


def found_in(X, **settings):
    lines = [",".join(repr(float(v)) for v in row) for row in X]
    table = read_text("x,y\n" + "\n".join(lines) + "\n")
    return finish(analyse(table, Settings(**{"models": ("VVV",), "restarts": 3, **settings})))


@pytest.fixture(scope="module")
def penguins():
    settings = Settings(k_min=3, k_max=3, models=("EEE",), restarts=3)
    return finish(analyse(load_sample("penguins"), settings))


def test_known_labels(penguins):
    found = against_labels(penguins, "species")
    species = np.array(penguins.dataset.column("species").cells.to_pylist())[penguins.prepared.rows]
    labels = penguins.rows.label
    assert found.groups == ("Adelie", "Gentoo", "Chinstrap")
    table = contingency_matrix(labels, [found.groups.index(name) for name in species])
    assert np.array_equal(found.agreement.table, table)
    index = found.agreement.adjusted_rand_index
    assert index == pytest.approx(adjusted_rand_score(species, labels))
    assert found.agreement.accuracy == pytest.approx(table.max(axis=1).sum() / len(labels))
    (said,) = comparison_in_words(found, ("A", "B", "C"))
    assert said.startswith("species agrees")
    assert f"by chance {percent(found.agreement.by_chance)} would" in said


def test_of_more_clusters_than_labels_it_is_told_how_many_rows_have_their_clusters_label(penguins):
    """Two of the clusters can stand for a label each, and the rows of the third agree with none."""
    found = against_labels(penguins, "sex")
    table = found.agreement.table
    purest, n = table.max(axis=1).sum(), table.sum()
    said = comparison_in_words(found, ("A", "B", "C"))[0]
    assert f"({percent(found.agreement.accuracy)}) agree where each cluster" in said
    assert said.endswith(
        f"more clusters than labels: {purest:,} of {n:,} rows ({percent(purest / n)}) have the"
        " label that is most frequent in their cluster, a share that rises with every further"
        " cluster."
    )
    assert found.agreement.accuracy < purest / n


def test_a_single_dense_group_is_told_with_the_rows_that_have_none():
    random = np.random.default_rng(1)
    turn = random.uniform(0, 2 * np.pi, 600)
    X = np.column_stack([np.cos(turn), np.sin(turn)]) + random.normal(0, 0.08, (600, 2))
    found = against_density(found_in(X, k_min=4, k_max=4))
    n = 600 - int(found.agreement.table.sum())
    assert (len(found.groups), found.n_ungrouped) == (1, n)
    assert n > 0
    said = comparison_in_words(found, "ABCD")[0]
    assert f"finds 1 group and leaves {n} of 600 rows without one; it cannot be compared" in said


def test_one_cluster_is_compared_with_nothing():
    """Most rows may agree with one cluster whatever the groups are: the index is 0."""
    X = np.random.default_rng(0).normal(size=(200, 2))
    alone = found_in(X, k_min=1, k_max=1)
    beside = agreement(np.zeros(200, int), np.arange(200) % 2, (1, 2))
    labels = replace(against_k_means(alone), groups=("a", "b"), agreement=beside)
    for found in (against_k_means(alone), labels):
        (said,) = comparison_in_words(found, ("All",))
        assert "cannot be compared: that takes rows of two clusters" in said


def test_rows_without_a_label_do_not_count(penguins):
    found = against_labels(penguins, "sex")
    cells = penguins.dataset.column("sex").cells.to_pylist()
    n_known = sum(cells[row] in ("male", "female") for row in penguins.prepared.rows)
    assert found.agreement.n == n_known
    assert found.n_without == found.n_rows - n_known
    assert comparison_in_words(found, ("A", "B", "C"))[-1].endswith("do not count.")


def test_columns_that_may_hold_labels_are_offered(penguins):
    assert set(label_columns(penguins)) >= {"species", "sex", "island"}
    assert not set(label_columns(penguins)) & set(penguins.prepared.columns)


def test_k_means_moves_rows_of_wide_clusters_to_narrow_ones():
    random = np.random.default_rng(0)
    X = np.concatenate([random.normal(0, 3, (400, 2)), random.normal([7, 0], 0.5, (200, 2))])
    analysis = found_in(X, k_min=2, k_max=2)
    found = against_k_means(analysis)
    (largest, *_) = found.moves
    assert (largest.of, largest.to) == (0, 1)
    assert largest.widths == pytest.approx(6, rel=0.25)
    assert largest.n_rows == found.agreement.table[0, 1] > 0
    assert found.agreement.match.tolist() == [0, 1]
    said = comparison_in_words(found, ("Wide", "Narrow"))
    assert "rows of Wide to Narrow" in said[1]
    assert "times as wide" in said[1]


def test_groups_of_k_means_are_called_after_clusters_only_where_they_are_one(monkeypatch):
    """One long cluster is cut where k-means has no other place for a centre."""
    random = np.random.default_rng(1)
    X = np.concatenate(
        [
            random.normal(0, 1, (400, 2)) * [12.0, 0.3],
            random.normal(0, 1, (40, 2)) * 0.3 + [0.0, 3.0],
            random.normal(0, 1, (100, 2)) * 0.3 + [90.0, 0.0],
        ]
    )
    analysis = found_in(X, k_min=3, k_max=3, scaling="none")
    found = against_k_means(analysis)
    lone = [k for k, size in enumerate(analysis.sizes) if size in (400, 40)]
    assert np.flatnonzero(found.agreement.stands < 0).tolist() == lone
    assert sorted(found.groups)[:2] == ["k-means A", "k-means B"]
    (far,) = set(range(3)) - set(lone)
    assert found.groups[far] == f"like Cluster {far + 1}"
    assert found.groups_beside(("Long", "Far", "Small"))[far] == "like Far"
    assert not found.moves  # what stands for nothing is nowhere to move to
    said = " ".join(comparison_in_words(found, ("Long", "Far", "Small")))
    assert "Of Long and Small, or of the groups set beside them, half of the rows or more" in said
    monkeypatch.setattr("gmmdesk.analysis.comparing.ascii_uppercase", "A")  # or more than 26
    groups = sorted(against_k_means(analysis).groups)
    assert groups[:2] == ["k-means A", "k-means AA"]


def test_what_is_said_of_clusters_beside_labels_is_by_the_matching_that_is_counted():
    """Four clusters of three diagnoses: Hypo counts for the third, so that none is left."""
    table = np.array([[148, 1, 4], [0, 34, 0], [2, 0, 14], [0, 0, 12]])
    first, second = (np.repeat(np.indices(table.shape)[i].ravel(), table.ravel()) for i in (0, 1))
    found = Comparison(
        "labels", "Diagnosis", ("Normal", "Hyper", "Hypo"), agreement(first, second, (4, 3)), 215, 0
    )
    said = comparison_in_words(found, [f"Cluster {k + 1}" for k in range(4)])
    assert said[0].startswith("Diagnosis agrees well: 196 of 215 rows")
    assert said[1:] == [
        "No group is left to set beside Cluster 4: none of its rows count as agreeing.",
        "Of Cluster 3, or of the group set beside it, half of the rows or more are elsewhere.",
    ]


def test_of_a_single_row_nothing_is_said_as_of_several(penguins):
    found = against_labels(penguins, "species")
    for n, rows, lie, do in ((1, "1 row", "it lies", "does"), (2, "2 rows", "they lie", "do")):
        some = replace(found, n_without=n, moves=(Move(n, 0, 1, 1.0, 1.0),))
        moved, without = comparison_in_words(some, ("A", "B", "C"))[-2:]
        assert moved == (f"It moves {rows} of A to B, whose centre is nearer: {lie} between both.")
        assert without == f"{rows} without a group on one side {do} not count."


def test_density_finds_the_moons_that_gaussians_cut_up():
    X, moons = make_moons(600, noise=0.05, random_state=0)
    analysis = found_in(X, k_min=6, k_max=6)
    found = against_density(analysis)
    assert len(found.groups) == 2
    assert found.agreement.adjusted_rand_index < 0.65
    by_moon = contingency_matrix(moons, np.arange(600) % 2)  # their sizes
    assert sorted(found.agreement.table.sum(axis=0)) == pytest.approx(
        sorted(by_moon.sum(axis=1)), abs=15
    )


def test_without_scikit_learn_it_is_said_how_to_get_it(penguins, monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.cluster", None)
    with pytest.raises(UsageError, match="scikit-learn") as caught:
        against_density(penguins)
    assert "gmmdesk[sklearn]" in caught.value.hint


def test_clear_clusters_depend_on_nothing():
    random = np.random.default_rng(0)
    X = random.normal(size=(300, 2)) + np.repeat([[20, 20], [30, 20], [20, 30]], 100, axis=0)
    found = finish(sensitivity(found_in(X, k_max=4)))
    assert [one.change for one in found] == [
        "Seed 1",
        "Seed 2",
        "Columns not scaled",
        "Columns made symmetric (Yeo-Johnson)",
    ]
    assert all(one.is_same and one.n_clusters == 3 for one in found)
    said = sensitivity_in_words(found)
    assert said == "Nothing of what was tried changes the answer (4 changes)."


def test_other_seeds_that_agree_beside_few_restarts_that_did_are_explained():
    """Starts are counted one by one in the verdict; of a seed the best of all counts."""
    same = Refit("Seed 1", n_clusters=3, model="VVV", agreement=0.95)
    few, most = (Trust(n_starts=10, n_agreeing=n, few_rows=(), flat=()) for n in (1, 8))
    assert "each after its short run (1 of 10 restarts)" in sensitivity_in_words([same], few)
    assert "short run" not in sensitivity_in_words([same], most)
    other = replace(same, agreement=0.3)
    assert "short run" not in sensitivity_in_words([other], few)


def test_of_clusters_that_have_shrunk_onto_a_few_rows_bic_is_not_compared():
    random = np.random.default_rng(0)
    X = random.normal(size=(60, 2)) + np.repeat([[0], [9]], 30, axis=0)
    X = np.vstack([X, np.tile([[20.0, 3.0]], (12, 1))])
    analysis = found_in(X, k_min=3, k_max=3, models=("VVV",), restarts=2, prior="never")
    assert not analysis.candidates[analysis.best].sound
    found = finish(sensitivity(analysis))
    assert all(math.isnan(one.bic_rise) for one in found)


def test_of_other_seeds_it_is_told_which_describes_the_rows_better():
    random = np.random.default_rng(5)
    analysis = found_in(random.normal(size=(60, 2)), k_min=4, k_max=4, models=("VVV",), restarts=1)
    found = finish(sensitivity(analysis))
    seed, bent = found[0], found[3]
    assert math.isnan(bent.bic_rise)  # of other columns
    settings = msgspec.structs.replace(analysis.settings, seed=1)
    other = finish(analyse(analysis.dataset, settings))
    assert seed.bic_rise == pytest.approx(other.result.bic - analysis.result.bic, abs=1e-6)
    low, high = (
        sensitivity_in_words([Refit("Seed 1", 3, "VVV", 0.3, rise)]) for rise in (-2.5, 2.5)
    )
    assert "with a BIC 2.5 lower, which is better" in low
    assert "with a BIC 2.5 higher, which is worse" in high
    alike = sensitivity_in_words([Refit("Seed 1", 3, "VVV", 0.3, -1.5)])
    assert "with about the same BIC" in alike  # as answers one after the other are compared
    twice = sensitivity_in_words([Refit("Seed 1", 3, "VVV", 0.3), Refit("Seed 2", 3, "VVV", 0.4)])
    assert twice.count("adjusted Rand index") == 1


def test_what_changes_the_answer_is_named():
    random = np.random.default_rng(0)
    X = np.exp(random.normal(size=(400, 2)))
    steps = (Logarithm(columns=("x", "y")), LeaveOutRows(rows=(1, 2)))
    found = finish(sensitivity(found_in(X, k_max=4, steps=steps)))
    (change,) = [one for one in found if one.change == "Columns not transformed"]
    assert not change.is_same
    assert change.n_clusters > 1
    assert "columns not transformed" in sensitivity_in_words(found)
    # Rows that a step has left out keep no other seed from being compared.
    assert all(math.isfinite(one.bic_rise) for one in found if one.change.startswith("Seed"))
    assert math.isnan(change.bic_rise)


def test_it_can_be_cancelled(penguins):
    task = Task()
    steps = sensitivity(penguins, task=task)
    next(steps)
    task.cancel()
    with pytest.raises(Cancelled):
        next(steps)


def test_of_many_rows_a_part_is_fitted():
    random = np.random.default_rng(0)
    X = random.normal(size=(2 * ROWS, 2)) + np.repeat([[0, 0], [9, 9]], ROWS, axis=0)
    steps = sensitivity(found_in(X, k_max=2, k_min=2, models=("EEE",)))
    (first,) = next(steps)
    steps.close()
    assert first.change == "Only a part of the rows"
    assert first.is_same


def test_some_rows_of_a_table_are_a_table():
    table = read_text("a;b;c\n1,5;x;3\n;y;4\nzzz;z;5\n2,5;;6\n7,5;u;7\n9,5;w;8\n")
    part = taken(table, np.array([1, 2, 5]))
    a = part.column("a")
    assert a.numbers() == pytest.approx([np.nan, np.nan, 9.5], nan_ok=True)
    assert (a.n_missing, a.unreadable.tolist()) == (1, [1])
    assert part.column("b").cells.to_pylist() == ["y", "z", "w"]
    assert part.n_rows == 3


@pytest.mark.parametrize(
    ("index", "words"),
    [
        (1.0, "agrees fully"),
        (0.95, "agrees almost fully"),
        (0.85, "agrees well"),
        (0.7, "agrees for the most part"),
        (0.498, "agrees in part"),  # of 300 rows 256 in groups that stand for each other
        (0.1, "agrees only slightly"),
        (0.04, "agrees no more than by chance"),
        (-0.02, "agrees no more than by chance"),
    ],
)
def test_words_for_agreement_fit_the_index(index, words):
    assert agrees(index) == words
