"""A search that goes on tells what stopping it now would keep."""

from __future__ import annotations

import numpy as np
import pytest

from gmmdesk.analysis import Settings, analyse
from gmmdesk.analysis.analyse import found_so_far
from gmmdesk.data.samples import load_sample
from gmmdesk.errors import UsageError
from gmmdesk.task import Task
from tests.running import drain

BOTH = ("EEE", "VVI")


@pytest.fixture(scope="module")
def faithful():
    return load_sample("faithful")


def progress_until(dataset, settings, is_enough):
    """What `analyse` yields until then, and the log-likelihoods of one start up to there."""
    task = Task()
    course = {}
    steps = analyse(dataset, settings, task=task)
    for progress in steps:
        course[progress.scaled.iteration] = progress.log_likelihood
        if is_enough(progress):
            task.abandon()
            steps.close()
            return progress, list(course.values())
    raise AssertionError


def test_the_best_fit_that_is_done(faithful):
    settings = Settings(k_min=1, k_max=4, models=BOTH, restarts=2)
    progress, history = progress_until(faithful, settings, lambda one: len(one.candidates) == 4)
    found = found_so_far(faithful, settings, progress, history)
    assert found.stopped_early
    places = [(one.n_components, one.model) for one in found.candidates]
    assert places == sorted(places)  # in the order in which they were asked for
    assert len(places) == 4
    assert found.best == found.preferred
    whole, _ = drain(analyse(faithful, settings))
    same = next(one.result for one in whole.tried if one.spec == found.tried[found.best].spec)
    assert found.scaled.log_likelihood == pytest.approx(same.log_likelihood, abs=1e-6)
    assert found.sizes.sum() == faithful.n_rows


@pytest.mark.parametrize("missing", ["leave-out", "em"])
def test_the_fit_under_way_as_long_as_none_is_done(missing):
    dataset = load_sample("penguins")
    settings = Settings(
        k_min=3, k_max=3, models=("VVV",), restarts=1, tol=0.0, missing=missing, noise=True
    )
    progress, history = progress_until(dataset, settings, lambda one: one.scaled.iteration == 7)
    found = found_so_far(dataset, settings, progress, history)
    assert (found.best, len(found.candidates)) == (0, 1)
    assert found.result.message.startswith("The fit was stopped after 7 iterations.")
    assert found.result.log_likelihood == pytest.approx(progress.log_likelihood, rel=1e-12)
    assert found.result.log_likelihood == pytest.approx(found.rows.log_density.sum(), rel=1e-12)
    assert np.all(np.diff(found.result.history) >= 0)
    whole, _ = drain(analyse(dataset, settings))
    assert found.result.n_parameters == whole.result.n_parameters
    assert np.isfinite(found.result.icl)


def test_among_the_starts_in_a_sample_of_rows_all_rows_are_looked_at():
    dataset = load_sample("blobs?n=45000&k=3&seed=4")
    settings = Settings(k_min=3, k_max=3, models=("VVV",), restarts=2)
    progress, history = progress_until(dataset, settings, lambda one: True)
    assert progress.scaled.n_sampled < 45_000
    result = found_so_far(dataset, settings, progress, history).result
    assert result.n_sampled == result.n_rows == 45_000


def test_an_answer_s_own_iterations_tell_nothing(faithful):
    settings = Settings(k_min=2, k_max=2, models=("VVV",), restarts=1)
    analysis, _ = drain(analyse(faithful, settings))
    with pytest.raises(UsageError, match="Nothing has been found"):
        found_so_far(faithful, settings, analysis.trail[-1], [])
