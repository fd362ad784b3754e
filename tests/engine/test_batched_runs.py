"""Runs made an iteration of all at a time are those that each would make alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gmmdesk.engine import MODELS, FitSpec, StopReason, ThreadedMap, fit
from gmmdesk.engine.ascent import Ascent
from gmmdesk.engine.batched_runs import batch_size, batched_runs
from gmmdesk.engine.kernels import batched
from gmmdesk.engine.models.prior import ConjugatePrior
from gmmdesk.engine.restarts import kernels_for
from gmmdesk.engine.rows.frame import make_frame
from gmmdesk.engine.rows.source import as_source
from gmmdesk.engine.starts.given import Start
from gmmdesk.errors import Cancelled


@pytest.fixture
def chunk_map():
    with ThreadedMap(1) as chunk_map:
        yield chunk_map


def begun(X, spec, labelings, chunk_map, weights=None):
    """The kernels, an ascent for each start, and what its first M-step looks at."""
    frame = make_frame(as_source(X), chunk_map, spec.n_components, weights)
    kernels = kernels_for(frame, spec)
    starts = [Start(labels, len(X), spec.n_components) for labels in labelings]
    ascents = [Ascent(kernels, spec, chunk_map, exact=False) for _ in starts]
    return kernels, [
        (ascent, start, ascent.begun(start, 3.0))
        for ascent, start in zip(ascents, starts, strict=True)
    ]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("n_columns", [1, 3])
@pytest.mark.parametrize("prior", [None, ConjugatePrior()])
def test_each_run_is_what_it_would_be_alone(model, n_columns, prior, make_blobs, chunk_map):
    random = np.random.default_rng(0)
    X = make_blobs(120, n_columns, 3).X
    weights = random.uniform(0.5, 2.0, size=len(X))
    spec = FitSpec(n_components=3, model=model, tol=1e-4, max_iter=40, prior=prior)
    cuts = [(0.1, 0.2), (0.3, 0.6), (0.4, 0.5), (0.5, 0.9)]
    labelings = [np.digitize(X[:, 0], np.quantile(X[:, 0], at)) for at in cuts]
    kernels, runs = begun(X, spec, labelings, chunk_map, weights)
    made = batched_runs(kernels, spec, [statistics for *_, statistics in runs], bool)
    lengths = set()
    for (alone, start, _), run in zip(runs, made, strict=True):
        assert run is not None
        for _ in alone.from_start(start, 3.0):
            pass
        replayed = Ascent(kernels, spec, chunk_map, exact=False)
        for _ in replayed.replaying(run):
            pass
        assert replayed.reason is alone.reason
        assert replayed.objective == pytest.approx(alone.objective, rel=1e-9)
        assert replayed.gain == pytest.approx(alone.gain, rel=1e-6, abs=1e-12)
        np.testing.assert_allclose(replayed.history, alone.history, rtol=1e-9)
        np.testing.assert_allclose(replayed.mixture().means, alone.mixture().means, atol=1e-6)
        np.testing.assert_allclose(
            replayed.mixture().covariances, alone.mixture().covariances, atol=1e-6
        )
        lengths.add(len(alone.history))
    assert len(lengths) > 1  # they did not all end together


def test_a_run_that_collapses_goes_alone_and_the_others_go_on(make_blobs, chunk_map):
    X = make_blobs(120, 2, 2).X
    X[:20] = X[0]
    spec = FitSpec(n_components=2, model="VVV", tol=1e-3, max_iter=25)
    alike = np.where(np.arange(len(X)) < 20, 0, 1)
    labelings = [np.arange(len(X)) % 2, alike, np.digitize(X[:, 0], [np.median(X[:, 0])])]
    kernels, runs = begun(X, spec, labelings, chunk_map)
    starts = [statistics for *_, statistics in runs]
    starts[1] = runs[1][0].begun(runs[1][1])  # not shrunk: without extent
    made = batched_runs(kernels, spec, [*starts, None], bool)
    assert [run is not None for run in made] == [True, False, True, False]


def test_a_run_too_tight_for_the_fast_kernel_goes_alone(chunk_map):
    random = np.random.default_rng(0)
    X = random.normal(size=(200, 2))
    X[:50] = 3.0 + 1e-7 * X[:50]
    labels = np.where(np.arange(len(X)) < 50, 0, 1)
    spec = FitSpec(n_components=2, model="VVV", tol=1e-3, max_iter=25)
    kernels, runs = begun(X, spec, [labels, np.arange(len(X)) % 2], chunk_map)
    starts = [runs[0][0].begun(runs[0][1]), runs[1][2]]
    assert batched_runs(kernels, replace(spec, max_iter=1), starts, bool)[0] is None
    assert batched_runs(kernels, replace(spec, max_iter=1), starts, bool)[1] is not None


def test_it_can_be_stopped_before_each_iteration(make_blobs, chunk_map):
    X = make_blobs(120, 2, 2).X
    spec = FitSpec(n_components=2, tol=0.0, max_iter=25)
    kernels, runs = begun(X, spec, [np.arange(len(X)) % 2] * 2, chunk_map)
    asked = []

    def check():
        asked.append(1)
        if len(asked) == 10:
            raise Cancelled

    with pytest.raises(Cancelled):
        batched_runs(kernels, spec, [statistics for *_, statistics in runs], check)


@pytest.mark.parametrize(
    "special", [{"noise": True}, {"regularization": 1e-3}, {"n_rows": 2**18}, {"gaps": True}]
)
def test_none_are_made_at_once_where_more_is_looked_at(special, make_blobs, chunk_map):
    X = make_blobs(special.pop("n_rows", 120), 2, 2).X
    missing = special.pop("gaps", False)
    if missing:
        X[0, 0] = np.nan
    spec = FitSpec(n_components=2, missing="em" if missing else "refuse", **special)
    frame = make_frame(as_source(X), chunk_map, 2, missing=missing)
    if not special.get("noise"):
        assert batch_size(kernels_for(frame, spec), spec) == 0
    else:
        assert batch_size(kernels_for(frame, replace(spec, noise=False)), spec) == 0


@pytest.mark.parametrize("model", MODELS)
def test_a_fit_ends_where_it_does_with_runs_one_by_one(model, make_blobs, monkeypatch):
    X = make_blobs(300, 3, 4).X
    spec = FitSpec(n_components=4, model=model)
    at_once = fit(X, spec)
    monkeypatch.setattr(batched, "MOST_NUMBERS", 0)
    one_by_one = fit(X, spec)
    assert at_once.log_likelihood == pytest.approx(one_by_one.log_likelihood, abs=0.01)
    assert at_once.ending is one_by_one.ending is StopReason.CONVERGED
