"""Runs made an iteration of all at a time are those that each would make alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gmmdesk.engine import MODELS, FitSpec, StopReason, ThreadedMap, fit
from gmmdesk.engine.acceleration import AcceleratedAscent
from gmmdesk.engine.ascent import LOOK, Ascent
from gmmdesk.engine.climbs import Bar
from gmmdesk.engine.kernels import batched
from gmmdesk.engine.models.prior import ConjugatePrior
from gmmdesk.engine.rows.frame import make_frame
from gmmdesk.engine.rows.source import as_source
from gmmdesk.engine.rows_seen import kernels_for
from gmmdesk.engine.starts.given import Start
from gmmdesk.engine.together import Together
from gmmdesk.errors import Cancelled


@pytest.fixture
def chunk_map():
    with ThreadedMap(1) as chunk_map:
        yield chunk_map


def ascents_of(X, spec, n, chunk_map, weights=None, **options):
    """The kernels for these rows, and so many ascents over them."""
    frame = make_frame(as_source(X), chunk_map, spec.n_components, weights)
    kernels = kernels_for(frame, spec)
    return kernels, [Ascent(kernels, spec, chunk_map, exact=False, **options) for _ in range(n)]


def begun(ascent, labels, pseudo_rows=3.0):
    """Steps from labels, whose first M-step others may take part in too."""
    start = Start(labels, len(labels), labels.max() + 1)
    return ascent.from_statistics(ascent.begun(start, pseudo_rows))


def count_alone(climb, counted):
    """Note in `counted` each step that `climb` makes by itself."""
    take = climb.take

    def noting(reached=None):
        counted.append(reached is None)
        return take(reached)

    climb.take = noting
    return climb


def check_alike(one, other):
    assert one.reason is other.reason
    assert one.objective == pytest.approx(other.objective, rel=1e-9)
    assert one.gain == pytest.approx(other.gain, rel=1e-6, abs=1e-12)
    np.testing.assert_allclose(one.history, other.history, rtol=1e-9)
    np.testing.assert_allclose(one.mixture().means, other.mixture().means, atol=1e-6)
    np.testing.assert_allclose(one.mixture().covariances, other.mixture().covariances, atol=1e-6)


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
    kernels, ascents = ascents_of(X, spec, 8, chunk_map, weights)
    alone, others = ascents[:4], ascents[4:]
    told = [[*begun(ascent, at)] for ascent, at in zip(alone, labelings, strict=True)]
    together = Together(kernels, spec, bool)
    made = together.climb([begun(ascent, at) for ascent, at in zip(others, labelings, strict=True)])
    for one, other, iterations, expected in zip(alone, others, made, told, strict=True):
        check_alike(other, one)
        assert [i.number for i in iterations] == [i.number for i in expected]
        assert [i.log_likelihood for i in iterations] == other.history
        assert iterations[-1].parameters is other.parameters
    assert len({len(one.history) for one in alone}) > 1  # they did not all end together

    # So it is with leaps, from where they stand.
    spec = replace(spec, tol=1e-6, max_iter=200)
    further = [AcceleratedAscent(kernels, spec, chunk_map, exact=False) for _ in range(8)]
    for ascent, before in zip(further[:4], alone, strict=True):
        assert [*ascent.continuing(before)]
    together.climb([a.continuing(b) for a, b in zip(further[4:], alone, strict=True)])
    for one, other in zip(further[:4], further[4:], strict=True):
        assert one.reason is other.reason is StopReason.CONVERGED
        assert one.objective == pytest.approx(other.objective, abs=len(X) * spec.tol)


def test_steps_are_made_at_once(make_blobs, chunk_map):
    X = make_blobs(120, 2, 2).X
    spec = FitSpec(n_components=2, tol=1e-4)
    kernels, ascents = ascents_of(X, spec, 3, chunk_map)
    alone = []
    cuts = [np.digitize(X[:, 0], [np.quantile(X[:, 0], at)]) for at in (0.3, 0.5, 0.7)]
    climbs = [
        count_alone(begun(one, labels), alone) for one, labels in zip(ascents, cuts, strict=True)
    ]
    Together(kernels, spec, bool).climb(climbs)
    assert len(alone) == sum(len(ascent.history) for ascent in ascents)
    assert not any(alone)


def test_what_mixtures_expect_is_what_each_would_find(make_blobs, chunk_map):
    X = make_blobs(120, 2, 3).X
    for model in MODELS:
        spec = FitSpec(n_components=3, model=model)
        kernels, ascents = ascents_of(X, spec, 3, chunk_map)
        mixtures = [fit(X, replace(spec, model=other)).parameters for other in ("VII", "VVV")]
        collapsed = replace(mixtures[1], covariances=0.0 * mixtures[1].covariances)
        placed = [
            ascent.placed(one)
            for ascent, one in zip(ascents, [mixtures[0], collapsed, mixtures[1]], strict=True)
        ]
        first, none, last = Together(kernels, spec, bool).expected(placed)
        assert none is None
        for mixture, found in zip(mixtures, (first, last), strict=True):
            expected = ascents[0].begun(mixture)
            np.testing.assert_allclose(found.sizes, expected.sizes, rtol=1e-9)
            np.testing.assert_allclose(found.scatter, expected.scatter, rtol=1e-6, atol=1e-9)


def test_a_run_that_collapses_ends_and_the_others_go_on(make_blobs, chunk_map):
    X = make_blobs(120, 2, 2).X
    X[:20] = X[0]
    spec = FitSpec(n_components=2, model="VVV", tol=1e-3, max_iter=25)
    kernels, ascents = ascents_of(X, spec, 3, chunk_map)
    median = np.digitize(X[:, 0], [np.median(X[:, 0])])
    climbs = [
        begun(ascents[0], np.arange(len(X)) % 2),
        begun(ascents[1], np.where(np.arange(len(X)) < 20, 0, 1), 0.0),  # without extent
        begun(ascents[2], median),
    ]
    first, none, last = Together(kernels, spec, bool).climb(climbs)
    assert ascents[1].reason is StopReason.COLLAPSED
    assert len(first) > 1
    assert none == []
    assert len(last) > 1
    alone = Ascent(kernels, spec, chunk_map, exact=False)
    assert [*begun(alone, median)]
    check_alike(ascents[2], alone)


def test_what_is_too_tight_for_the_fast_kernel_is_done_alone(chunk_map):
    random = np.random.default_rng(0)
    X = random.normal(size=(200, 2))
    X[:50] = 3.0 + 1e-6 * X[:50]
    labels = np.where(np.arange(len(X)) < 50, 0, 1)
    spec = FitSpec(n_components=2, model="VVV", tol=1e-3, max_iter=5)
    kernels, ascents = ascents_of(X, spec, 3, chunk_map)
    done_alone = [[], []]
    climbs = [
        count_alone(begun(ascents[0], labels, 0.0), done_alone[0]),
        count_alone(begun(ascents[1], np.arange(len(X)) % 2), done_alone[1]),
    ]
    Together(kernels, spec, bool).climb(climbs)
    assert done_alone[0]
    assert all(done_alone[0])
    assert not done_alone[1][0]
    assert [*begun(ascents[2], labels, 0.0)]
    check_alike(ascents[0], ascents[2])


def test_a_run_that_will_not_come_up_to_others_is_given_up(make_blobs, chunk_map):
    X = make_blobs(120, 2, 2).X
    spec = FitSpec(n_components=2, tol=1e-9, max_iter=25)
    labels = np.arange(len(X)) % 2
    _, (whole,) = ascents_of(X, spec, 1, chunk_map)
    assert len([*begun(whole, labels)]) == 25
    gains = np.diff(whole.history)
    at_pace = whole.history[:-1] + gains * np.arange(24, 0, -1)  # where it would end
    for least in (np.inf, *at_pace[5:20:5], whole.log_likelihood, -np.inf):
        _, (ascent,) = ascents_of(X, spec, 1, chunk_map, bar=Bar(least))
        below = [n for n, end in enumerate(at_pace, start=2) if n >= LOOK and end < least]
        assert len([*begun(ascent, labels)]) == min([*below, 25])
        assert ascent.reason is StopReason.MAX_ITERATIONS


def test_what_has_ended_raises_the_bar_and_what_has_collapsed_does_not(make_blobs, chunk_map):
    X = make_blobs(120, 2, 2).X
    X[:20] = X[0]
    spec = FitSpec(n_components=2, tol=1e-3, max_iter=25)
    bar = Bar(behind=5.0)
    _, (collapsing, other) = ascents_of(X, spec, 2, chunk_map, bar=bar)
    assert not [*begun(collapsing, np.where(np.arange(len(X)) < 20, 0, 1), 0.0)]
    assert bar.least == -np.inf
    assert [*begun(other, np.arange(len(X)) % 2)]
    assert bar.least == other.objective - 5.0


def test_it_can_be_stopped_before_each_step(make_blobs, chunk_map):
    X = make_blobs(120, 2, 2).X
    spec = FitSpec(n_components=2, tol=0.0, max_iter=25)
    kernels, ascents = ascents_of(X, spec, 2, chunk_map)
    asked = []

    def check():
        asked.append(1)
        if len(asked) == 10:
            raise Cancelled

    climbs = [begun(ascent, np.arange(len(X)) % 2) for ascent in ascents]
    with pytest.raises(Cancelled):
        Together(kernels, spec, check).climb(climbs)
    assert [len(ascent.history) for ascent in ascents] == [9, 9]


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
        assert Together(kernels_for(frame, spec), spec, bool).most == 0
    else:
        assert Together(kernels_for(frame, replace(spec, noise=False)), spec, bool).most == 0


@pytest.mark.parametrize("model", MODELS)
def test_a_fit_ends_where_it_does_with_runs_one_by_one(model, make_blobs, monkeypatch):
    X = make_blobs(300, 3, 4).X
    spec = FitSpec(n_components=4, model=model)
    at_once = fit(X, spec)
    monkeypatch.setattr(batched, "MOST_NUMBERS", 0)
    one_by_one = fit(X, spec)
    assert at_once.log_likelihood == pytest.approx(one_by_one.log_likelihood, abs=0.01)
    assert at_once.ending is one_by_one.ending is StopReason.CONVERGED
