"""What was fitted is not fitted again."""

from __future__ import annotations

import numpy as np
import pytest
from msgspec.structs import replace

from gmmdesk.analysis import Settings, analyse
from gmmdesk.analysis.cells import NONE_KEPT, Cells
from gmmdesk.analysis.settings import Searched
from gmmdesk.analysis.verdict_words import verdict_in_words
from gmmdesk.data.samples import load_sample
from gmmdesk.task import Task
from tests.running import finish


@pytest.fixture(scope="module")
def faithful():
    return load_sample("faithful")


def drain(dataset, settings, cells):
    """The answer, and the combinations that were fitted for it."""
    steps = analyse(dataset, settings, kept=cells.of(dataset, settings))
    fitted = []
    while True:
        try:
            one = next(steps)
        except StopIteration as end:
            return cells.keep(end.value), list(dict.fromkeys(fitted))
        fitted.append((one.model, one.n_components))


def test_another_criterion_or_range_fits_only_what_is_new(faithful):
    cells = Cells()
    settings = Settings(k_max=2, models=("EEE", "VII"), restarts=2)
    first, fitted = drain(faithful, settings, cells)
    assert fitted == [("VII", 1), ("EEE", 1), ("VII", 2), ("EEE", 2)]  # simpler ones first
    wider, fitted = drain(faithful, replace(settings, k_max=3, criterion="icl"), cells)
    assert fitted == [("VII", 3), ("EEE", 3)]
    assert wider.candidates[:4] == first.candidates
    values = [one.icl for one in wider.candidates]
    assert values.index(min(values)) == wider.best
    narrow, fitted = drain(faithful, settings, cells)
    assert fitted == []
    assert narrow.candidates == first.candidates
    assert narrow.trust.n_starts == first.trust.n_starts
    assert len(narrow.trail) > 1  # how its clusters formed is not forgotten
    assert all(one.prepared is narrow.prepared for one in narrow.trail)
    assert narrow.trail[-1].fit.compact.means == pytest.approx(narrow.result.means, rel=1e-6)
    again, fitted = drain(faithful, settings, cells)
    assert fitted == [("VII", 1), ("EEE", 1), ("VII", 2), ("EEE", 2)]  # asked for once more
    assert again.candidates == narrow.candidates


SEARCHED = Settings(k_max=4, models=("EEE", "VVV"), restarts=2)


def is_same(one, other):
    assert one.candidates == other.candidates
    assert one.best == other.best
    assert one.trust == other.trust
    for name in ("weights", "means", "covariances", "history"):
        np.testing.assert_array_equal(getattr(one.result, name), getattr(other.result, name))
    np.testing.assert_array_equal(one.rows.probability, other.rows.probability)


@pytest.mark.parametrize(
    ("before", "change"),
    [
        ({"k_max": 2}, {}),
        ({}, {"criterion": "icl"}),
        ({}, {"k_max": 2}),
        ({"models": ("VVV",)}, {}),  # which has not begun from the simpler one
        ({"models": ("VVV",)}, {"models": ("EEE",)}),
    ],
)
def test_what_a_fresh_search_would_find_comes_after_none(before, change):
    iris, cells = load_sample("iris"), Cells()
    drain(iris, replace(SEARCHED, **before), cells)
    found, _ = drain(iris, replace(SEARCHED, **change), cells)
    assert found.after == ()
    is_same(found, drain(iris, replace(SEARCHED, **change), Cells())[0])


@pytest.mark.parametrize(
    "change", [{"k_min": 3}, {"k_min": 3, "k_max": 3}, {"models": ("VVV",)}], ids=str
)
def test_what_is_there_is_chosen_among_without_a_fit(change):
    iris, cells = load_sample("iris"), Cells()
    whole, _ = drain(iris, SEARCHED, cells)
    narrow = replace(SEARCHED, **change)
    found, fitted = drain(iris, narrow, cells)
    assert fitted == []
    assert set(found.candidates) < set(whole.candidates)
    assert found.after == (Searched.by(SEARCHED),)
    assert "taken over from the search before, for 1\N{EN DASH}4 clusters" in "".join(
        one.said for one in verdict_in_words(found.verdict).grounds
    )
    afresh, fitted = drain(iris, narrow, cells)  # asked for once more
    assert len(fitted) == len(found.candidates)
    assert afresh.after == ()
    is_same(afresh, drain(iris, narrow, Cells())[0])


def test_other_names_of_models_are_taken_for_what_they_stand_for(faithful):
    cells = Cells()
    both = Settings(k_max=2, models=("EEE", "VVV"), restarts=2)
    drain(faithful, both, cells)
    found, fitted = drain(faithful, replace(both, models=("full",)), cells)
    assert fitted == []
    assert found.after == (Searched.by(both),)
    assert Searched.by(replace(both, models=("tied", "full"))) == Searched.by(both)


def test_a_wider_range_fits_what_is_missing_and_says_what_it_comes_after():
    iris, cells = load_sample("iris"), Cells()
    few = replace(SEARCHED, k_min=3, k_max=3)
    drain(iris, few, cells)
    found, fitted = drain(iris, SEARCHED, cells)
    assert {n for _, n in fitted} == {1, 2, 4}
    assert found.after == (Searched.by(few),)
    one_shape = replace(SEARCHED, k_max=5, models=("EEE",))
    widest, fitted = drain(iris, one_shape, cells)
    assert fitted == [("EEE", 5)]
    assert widest.after == (Searched.by(few), Searched.by(SEARCHED))
    replayed = Cells()
    for earlier in widest.after:
        drain(iris, earlier.within(one_shape), replayed)
    is_same(widest, drain(iris, one_shape, replayed)[0])


def test_a_quick_answer_that_was_followed_once_more_is_kept_as_it_was_then():
    """And those that begin where it had ended do so where it had ended before."""
    iris = load_sample("iris")
    settings = Settings(k_max=2, models=("VVI", "EEE", "VVV"), restarts=3)
    cells = Cells()
    first, _ = drain(iris, settings, cells)
    at = first.best
    assert first.searched[at].result.log_likelihood != first.tried[at].result.log_likelihood
    by_icl, fitted = drain(iris, replace(settings, criterion="icl"), cells)
    assert by_icl.best == at
    assert fitted == []
    np.testing.assert_array_equal(by_icl.result.history, first.result.history)


def test_what_was_made_of_the_rows_is_kept_with_the_answer(faithful, monkeypatch):
    settings = Settings(k_max=2, models=("EEE",), restarts=1)
    analysis = finish(analyse(faithful, settings))
    monkeypatch.delattr("gmmdesk.analysis.analysis.judge")
    kept = Cells().keep(analysis)
    assert kept.verdict == analysis.verdict
    assert kept.profiles is analysis.profiles


@pytest.mark.parametrize(
    "change", [{"seed": 1}, {"scaling": "none"}, {"columns": ("waiting",)}, {"noise": True}]
)
def test_what_changes_the_fits_keeps_none(faithful, change):
    cells = Cells()
    settings = Settings(k_max=2, models=("EEE",), restarts=1)
    drain(faithful, settings, cells)
    assert cells.of(faithful, replace(settings, **{"k_max": 3, **change})) == NONE_KEPT
    assert cells.of(load_sample("iris"), replace(settings, k_max=3)) == NONE_KEPT
    assert len(cells.of(faithful, replace(settings, k_max=3)).found) == 2


@pytest.mark.parametrize("until", [3, 5, 8])
def test_a_search_that_was_stopped_goes_on_where_it_was(faithful, until):
    """Numbers of clusters of which all has ended are not searched again, the others anew."""
    settings = Settings(k_max=3, models=("EEE", "VVI", "VVV"), restarts=2)
    whole, _ = drain(faithful, settings, Cells())
    cells, task, begun = Cells(), Task(), []
    steps = analyse(faithful, settings, task=task)
    while not task.cancelled:
        one = next(steps)
        if (one.model, one.n_components) not in begun:
            begun.append((one.model, one.n_components))
        if len(begun) > until:
            task.cancel()
    stopped = cells.keep(finish(steps))
    assert stopped.stopped_early
    kept = {(one.spec.model, one.spec.n_components) for one in cells.of(faithful, settings).found}
    assert len(kept) == until // 3 * 3
    waiting = {(one.spec.model, one.spec.n_components) for one in stopped.tried if one.provisional}
    assert bool(waiting) is (until > 3)
    assert kept.isdisjoint(waiting)
    again, fitted = drain(faithful, settings, cells)
    assert not again.stopped_early
    assert kept.isdisjoint(fitted)
    assert len(kept) + len(fitted) == len(again.candidates) == len(whole.candidates)
    assert again.candidates == whole.candidates
    assert cells.of(faithful, settings) == NONE_KEPT  # asked for once more, it is done once more
