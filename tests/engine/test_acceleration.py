"""Accelerated EM: the same maxima in fewer iterations."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gmmdesk.engine import MODELS, FitSpec, StopReason, ThreadedMap
from gmmdesk.engine.acceleration import AcceleratedAscent
from gmmdesk.engine.ascent import Ascent
from gmmdesk.engine.climbs import Bar
from gmmdesk.engine.coordinates import Coordinates
from gmmdesk.engine.models.prior import ConjugatePrior
from gmmdesk.engine.noise import region_of
from gmmdesk.engine.rows.frame import make_frame
from gmmdesk.engine.rows.source import as_source
from gmmdesk.engine.rows.statistics import Statistics
from gmmdesk.engine.rows_seen import kernels_for
from gmmdesk.engine.starts.given import Start

every_model = pytest.mark.parametrize("model", MODELS)


def climb(kind, X, spec, labels, n_threads=1, **options):
    with ThreadedMap(n_threads) as chunk_map:
        frame = make_frame(as_source(X), chunk_map, spec.n_components)
        if spec.noise:
            frame = replace(frame, region=region_of(frame, chunk_map))
        ascent = kind(kernels_for(frame, spec), spec, chunk_map, **options)
        start = Start(labels, len(X), spec.n_components, spec.noise)
        objectives = [ascent.objective for _ in ascent.from_start(start)]
    return ascent, np.array(objectives)


@pytest.fixture
def overlapping():
    """Three clusters so near to each other that EM takes hundreds of iterations."""
    random = np.random.default_rng(1)
    X = random.normal(size=(900, 2))
    X[:300] += [1.8, 0.0]
    X[300:600] *= 0.5
    return X, np.digitize(X[:, 0], np.quantile(X[:, 0], [0.3, 0.7]))


@every_model
def test_the_same_maximum_in_fewer_iterations_and_never_down(model, overlapping):
    X, labels = overlapping
    spec = FitSpec(n_components=3, model=model, tol=1e-8, max_iter=20_000)
    plain, _ = climb(Ascent, X, spec, labels)
    fast, objectives = climb(AcceleratedAscent, X, spec, labels)
    assert fast.reason is StopReason.CONVERGED
    assert fast.log_likelihood >= plain.log_likelihood - 1e-5 * len(X)
    assert np.diff(objectives).min() > -1e-9
    there = np.array(fast.history) >= plain.log_likelihood - 1e-5 * len(X)
    assert there.argmax() < max(20, len(plain.history))


def test_hundreds_of_iterations_become_tens(overlapping):
    X, labels = overlapping
    spec = FitSpec(n_components=3, tol=1e-9, max_iter=20_000)
    plain, _ = climb(Ascent, X, spec, labels)
    fast, _ = climb(AcceleratedAscent, X, spec, labels)
    assert len(plain.history) > 200
    assert len(fast.history) < len(plain.history) / 3


def test_what_will_not_come_up_to_others_is_given_up(overlapping):
    X, labels = overlapping
    spec = FitSpec(n_components=3, tol=1e-9, max_iter=20_000)
    whole, _ = climb(AcceleratedAscent, X, spec, labels)
    behind, _ = climb(AcceleratedAscent, X, spec, labels, bar=Bar(whole.objective + 0.01 * len(X)))
    assert behind.reason is StopReason.MAX_ITERATIONS
    assert len(behind.history) < 0.8 * len(whole.history)
    ahead, _ = climb(AcceleratedAscent, X, spec, labels, bar=Bar(whole.objective))
    assert ahead.history == whole.history


@pytest.mark.parametrize(
    "more", [{"noise": True}, {"prior": ConjugatePrior()}, {"regularization": 1e-3}]
)
def test_what_is_climbed_never_falls(more, overlapping):
    X, labels = overlapping
    spec = FitSpec(n_components=3, tol=1e-7, max_iter=20_000, **more)
    fast, objectives = climb(AcceleratedAscent, X, spec, labels)
    assert fast.reason is StopReason.CONVERGED
    if not spec.regularization:
        assert np.diff(objectives).min() > -1e-9
    plain, _ = climb(Ascent, X, spec, labels)
    assert fast.objective >= plain.objective - 1e-5 * len(X)


def test_it_ends_nearer_to_the_maximum_than_by_the_last_step(overlapping):
    X, labels = overlapping
    spec = FitSpec(n_components=3, tol=1e-5, max_iter=20_000)
    plain, _ = climb(Ascent, X, spec, labels)
    fast, _ = climb(AcceleratedAscent, X, spec, labels)
    exact, _ = climb(AcceleratedAscent, X, replace(spec, tol=1e-12), labels)
    left = exact.log_likelihood - np.array([plain.log_likelihood, fast.log_likelihood])
    assert left[1] < left[0] / 3


def test_any_number_of_threads_gives_the_same_bits(overlapping):
    X, labels = overlapping
    X, labels = np.tile(X, (10, 1)), np.tile(labels, 10)
    spec = FitSpec(n_components=3, tol=1e-6)
    one, _ = climb(AcceleratedAscent, X, spec, labels)
    three, _ = climb(AcceleratedAscent, X, spec, labels, n_threads=3)
    assert one.history == three.history


def statistics_of(shape, noise=0.0):
    """Three components in two columns, with scatter as of the full, common or diagonal kind."""
    random = np.random.default_rng(0)
    roots = random.normal(size=(3, 2, 2)) + 2.0 * np.eye(2)
    sizes = np.array([10.0, 20.0, 70.0])
    full = sizes[:, None, None] * roots @ roots.transpose(0, 2, 1)
    scatter = {
        "full": full,
        "common": full.sum(axis=0, keepdims=True),
        "diagonal": full.diagonal(axis1=1, axis2=2).copy(),
    }[shape]
    return Statistics(sizes, random.normal(size=(3, 2)), scatter, noise)


@pytest.mark.parametrize("shape", ["full", "common", "diagonal"])
@pytest.mark.parametrize("noise", [0.0, 5.0])
def test_coordinates_lead_there_and_back(shape, noise):
    reference = statistics_of(shape, noise)
    coordinates = Coordinates(reference)
    np.testing.assert_allclose(coordinates.of(reference), 0.0, atol=1e-12)
    point = np.random.default_rng(1).normal(scale=0.5, size=coordinates.of(reference).shape)
    there = coordinates.at(point)
    assert there.sizes.sum() + there.noise == pytest.approx(100.0 + noise)
    again = coordinates.at(coordinates.of(there))
    for name in ("sizes", "means", "scatter", "noise"):
        np.testing.assert_allclose(getattr(again, name), getattr(there, name), rtol=1e-9)


@pytest.mark.parametrize("shape", ["full", "common", "diagonal"])
def test_every_point_is_valid(shape):
    """However far a leap goes, sizes and scatter stay positive."""
    coordinates = Coordinates(statistics_of(shape))
    random = np.random.default_rng(2)
    n_coordinates = len(coordinates.of(statistics_of(shape)))
    for scale in (0.5, 2.0):
        there = coordinates.at(random.normal(scale=scale, size=n_coordinates))
        assert there.sizes.min() > 0.0
        if shape == "diagonal":
            assert there.scatter.min() > 0.0
        else:
            assert (np.linalg.slogdet(there.scatter)[0] > 0).all()


def test_a_flat_component_has_no_coordinates():
    flat = statistics_of("full")
    flat.scatter[1] = 0.0
    with pytest.raises(np.linalg.LinAlgError):
        Coordinates(flat)
