"""What was fitted is not fitted again."""

from __future__ import annotations

import numpy as np
import pytest
from msgspec.structs import replace

from gmmdesk.analysis import Settings, analyse
from gmmdesk.analysis.cells import NONE_KEPT, Cells
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


@pytest.mark.parametrize(
    ("before", "change"),
    [
        ({"k_max": 2}, {}),
        ({}, {"criterion": "icl"}),
        ({}, {"k_min": 3}),
        ({"k_min": 2}, {}),
        ({}, {"models": ("VVV",)}),
    ],
)
def test_the_same_choices_lead_to_the_same_answer_whatever_was_searched_before(before, change):
    iris = load_sample("iris")
    settings = Settings(k_max=3, models=("EEE", "VVV"), restarts=2)
    cells = Cells()
    drain(iris, replace(settings, **before), cells)
    after, _ = drain(iris, replace(settings, **change), cells)
    fresh, _ = drain(iris, replace(settings, **change), Cells())
    assert after.candidates == fresh.candidates
    assert after.best == fresh.best
    assert after.trust == fresh.trust
    for name in ("weights", "means", "covariances", "history"):
        np.testing.assert_array_equal(getattr(after.result, name), getattr(fresh.result, name))
    np.testing.assert_array_equal(after.rows.probability, fresh.rows.probability)


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
