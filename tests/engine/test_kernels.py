"""Both kernels give the same, to the digits that are there, however the rows are cut."""

from __future__ import annotations

import gc
import math
import weakref
from fractions import Fraction

import numpy as np
import pytest
from scipy.special import logsumexp
from scipy.stats import multivariate_normal

from gmmdesk.engine import ArraySource, FitSpec, Parameters, ThreadedMap, fit, score
from gmmdesk.engine.kernels import Components, DiagonalKernel, FeatureKernel, WhitenedKernel
from gmmdesk.engine.models.covariance import Moments
from gmmdesk.engine.models.whitening import CollapsedComponent, whiten
from gmmdesk.engine.rows import tiles
from gmmdesk.engine.rows.frame import make_frame
from gmmdesk.engine.rows.memberships import Memberships


def expectations(blobs, moments):
    """The E-step of both kernels from the clusters' own parameters."""
    K = blobs.labels.max() + 1
    model = {Moments.FULL: "VVV", Moments.DIAGONAL: "VVI", Moments.POOLED: "EEE"}[moments]
    with ThreadedMap(1) as chunk_map:
        frame = make_frame(ArraySource(blobs.X), chunk_map)
        first = fit(blobs.X, FitSpec(n_components=K, model=model, max_iter=1), blobs.labels)
        diagonal = moments is Moments.DIAGONAL
        covariances = first.covariances / frame.unit**2
        parameters = Parameters(
            first.weights,
            (first.means - frame.center) / frame.unit,
            covariances.diagonal(axis1=1, axis2=2) if diagonal else covariances,
        )
        whitening = whiten(parameters.covariances, frame.variances)
        components = Components.of(parameters, whitening)
        fast = FeatureKernel(frame, K, moments).expect(components, chunk_map)
        whitened = (DiagonalKernel if diagonal else WhitenedKernel)(frame, K)
        exact = whitened.expect(components, chunk_map)
    return fast, exact


@pytest.mark.parametrize("moments", Moments)
@pytest.mark.parametrize(
    ("n", "d", "K"),
    [
        (300, 1, 2),
        (5000, 4, 3),
        (700, 12, 2),
        (900, 31, 9),
        (1200, 40, 8),
        (20_000, 2, 3),
        (7003, 10, 8),
    ],
)
def test_kernels_agree(moments, n, d, K, make_blobs):
    fast, exact = expectations(make_blobs(n, d, K), moments)
    assert fast.log_likelihood == pytest.approx(exact.log_likelihood, rel=1e-12)
    assert fast.log_certainty == pytest.approx(exact.log_certainty, rel=1e-9)
    np.testing.assert_allclose(fast.statistics.sizes, exact.statistics.sizes, rtol=1e-9)
    np.testing.assert_allclose(fast.statistics.means, exact.statistics.means, rtol=1e-9, atol=1e-9)
    scatter = exact.statistics.scatter
    if moments is Moments.POOLED:
        scatter = scatter.sum(axis=0, keepdims=True)
    np.testing.assert_allclose(fast.statistics.scatter, scatter, rtol=1e-9, atol=1e-9 * n)


def _far_rows(moments):
    """Two tight components, rows up to 10^4 spreads from both, and what is known of some."""
    random = np.random.default_rng(3)
    n, d, K = 600, 2, 2
    labels = random.integers(K, size=n)
    X = random.normal(scale=1e-3, size=(n, d)) + labels[:, None]
    X[::50] += random.normal(scale=5.0, size=(n // 50, d))
    known = np.where(np.arange(n) % 7 == 0, 1 - labels, -1)
    weights = random.uniform(0.5, 2.0, size=n)
    diagonal = moments is Moments.DIAGONAL
    covariances = np.full((K, d), 1e-6) if diagonal else np.tile(1e-6 * np.eye(d), (K, 1, 1))
    means = np.array([[0.0, 0.0], [1.0, 1.0]])
    return X, weights, known, Parameters(np.array([0.6, 0.4]), means, covariances)


def _in_logarithms(X, weights, known, parameters):
    """Log-likelihood, certainty and sizes row by row, with scipy, never leaving logarithms."""
    covariances = parameters.covariances
    if covariances.ndim == 2:
        covariances = covariances[:, None] * np.eye(X.shape[1])
    logs = np.stack(
        [
            np.log(weight) + multivariate_normal(mean, covariance).logpdf(X)
            for weight, mean, covariance in zip(
                parameters.weights, parameters.means, covariances, strict=True
            )
        ]
    )
    if known is not None:
        logs[(np.arange(len(logs))[:, None] != known) & (known >= 0)] = -np.inf
    rows = logsumexp(logs, axis=0)
    likely = np.exp(logs - rows)
    return weights @ rows, weights @ np.log(likely.max(axis=0)), likely @ weights


@pytest.mark.parametrize("moments", [Moments.FULL, Moments.DIAGONAL])
@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("certainty", [False, True])
def test_rows_whose_densities_underflow_count_in_full(moments, known, weighted, certainty):
    X, weights, memberships, parameters = _far_rows(moments)
    weights = weights if weighted else np.ones(len(X))
    memberships = memberships if known else None
    expected = _in_logarithms(X, weights, memberships, parameters)
    with ThreadedMap(1) as chunk_map:
        frame = make_frame(
            ArraySource(X),
            chunk_map,
            weights=weights if weighted else None,
            memberships=Memberships(memberships, len(X)) if known else None,
        )
        own = parameters.in_units(-frame.center / frame.unit, np.full(2, 1.0 / frame.unit))
        components = Components.of(own, whiten(own.covariances, frame.variances))
        exact = DiagonalKernel if moments is Moments.DIAGONAL else WhitenedKernel
        for kernel in (FeatureKernel(frame, 2, moments), exact(frame, 2)):
            result = kernel.expect(components, chunk_map, certainty=certainty)
            log_likelihood = result.log_likelihood + frame.jacobian()
            assert log_likelihood == pytest.approx(expected[0], rel=1e-9)
            if certainty:
                assert result.log_certainty == pytest.approx(expected[1], abs=1e-6)
            else:
                assert result.log_certainty is None
            np.testing.assert_allclose(result.statistics.sizes, expected[2], rtol=1e-9)


@pytest.mark.parametrize("moments", [Moments.FULL, Moments.DIAGONAL])
@pytest.mark.parametrize("apart", [37.0, 38.2, 39.0, 1e3])
@pytest.mark.parametrize("sorted_rows", [False, True])
def test_components_too_far_for_any_share_have_none(moments, apart, sorted_rows):
    """From 37 spreads on a density is no number any more: each row counts for its own cluster."""
    random = np.random.default_rng(5)
    n, d, K = 3000, 3, 3
    labels = random.integers(K, size=n)
    if sorted_rows:  # the first rows do not tell that others are far from a component
        labels = np.sort(labels)
    spreads = np.array([1.0, 1e-5, 1.0])
    means = np.array([0.0, 2.0 * apart, apart])[:, None] * np.array([1.0, 0.0, 0.0])
    X = 0.1 * random.normal(size=(n, d)) * spreads[labels, None] + means[labels]
    variances = spreads[:, None] ** 2 * np.ones(d)
    covariances = variances if moments is Moments.DIAGONAL else variances[:, :, None] * np.eye(d)
    weights = np.full(K, 1.0 / K)
    logs = np.array(
        [multivariate_normal(means[k], variances[k]).logpdf(X[labels == k]).sum() for k in range(K)]
    )
    with ThreadedMap(1) as chunk_map:
        frame = make_frame(ArraySource(X), chunk_map)
        own = Parameters(weights, means, covariances).in_units(
            -frame.center / frame.unit, np.full(d, 1.0 / frame.unit)
        )
        components = Components.of(own, whiten(own.covariances))
        kernel = (DiagonalKernel if moments is Moments.DIAGONAL else WhitenedKernel)(frame, K)
        for certainty in (False, True):
            result = kernel.expect(components, chunk_map, certainty=certainty)
            statistics = result.statistics
            assert result.log_likelihood + frame.jacobian() == pytest.approx(
                logs.sum() + n * math.log(1.0 / K), rel=1e-12
            )
            np.testing.assert_allclose(statistics.sizes, np.bincount(labels), rtol=1e-14)
            for k in range(K):
                rows = X[labels == k]
                scatter = (len(rows) - 1) * np.cov(rows.T) / frame.unit**2
                if moments is Moments.DIAGONAL:
                    scatter = scatter.diagonal()
                np.testing.assert_allclose(
                    statistics.scatter[k], scatter, atol=1e-9 * np.abs(scatter).max()
                )


@pytest.mark.parametrize("model", ["VVV", "EEE", "VVI", "VII"])
def test_cutting_the_rows_changes_nothing_but_rounding(model, make_blobs, monkeypatch):
    blobs = make_blobs(10_000, 3, 3)
    spec = FitSpec(n_components=3, model=model, max_iter=5, tol=0.0)
    whole = fit(blobs.X, spec, blobs.labels)
    monkeypatch.setattr(tiles, "TILE_BYTES", 1)
    monkeypatch.setattr(tiles, "MIN_TILE", 256)
    monkeypatch.setattr(tiles, "MAX_CHUNK_WORK", 1)
    cut = fit(blobs.X, spec, blobs.labels)
    np.testing.assert_allclose(cut.history, whole.history, rtol=1e-12)
    np.testing.assert_allclose(cut.covariances, whole.covariances, rtol=1e-9, atol=1e-12)


def test_rows_of_tiny_densities_count_like_the_others(make_blobs):
    """Densities that together would underflow, or by themselves."""
    blobs = make_blobs(4000, 2, 2)
    X = blobs.X.copy()
    for far, rows in ((15.0, slice(0, 4000, 3)), (60.0, slice(1, 2))):
        X[rows] += far
    with ThreadedMap(1) as chunk_map:
        frame = make_frame(ArraySource(X), chunk_map)
        parameters = fit(blobs.X, FitSpec(n_components=2, max_iter=1), blobs.labels).parameters
        own = parameters.in_units(-frame.center / frame.unit, np.full(2, 1.0 / frame.unit))
        components = Components.of(own, whiten(own.covariances))
        kernel = FeatureKernel(frame, 2, Moments.FULL)
        found = kernel.expect(components, chunk_map, certainty=False).log_likelihood
    densities = [
        np.log(weight) + multivariate_normal(mean, covariance).logpdf(X)
        for weight, mean, covariance in zip(
            parameters.weights, parameters.means, parameters.covariances, strict=True
        )
    ]
    assert found + frame.jacobian() == pytest.approx(logsumexp(densities, axis=0).sum(), rel=1e-11)


def test_with_a_kernel_go_its_work_arrays(make_blobs):
    with ThreadedMap(1) as chunk_map:
        frame = make_frame(ArraySource(make_blobs(500, 2, 2).X), chunk_map)
    gc.disable()
    try:
        kernel = FeatureKernel(frame, 2, Moments.FULL)
        (tile,) = kernel.tiling.tiles(slice(0, 500))
        held = weakref.ref(tile.work[0].base)
        del tile
        assert held() is not None
        del kernel
        assert held() is None
    finally:
        gc.enable()


def test_memory_order_does_not_matter(make_blobs):
    blobs = make_blobs(5000, 3, 3)
    spec = FitSpec(n_components=3, max_iter=5)
    rows = fit(np.ascontiguousarray(blobs.X), spec, blobs.labels)
    columns = fit(np.asfortranarray(blobs.X), spec, blobs.labels)
    np.testing.assert_allclose(columns.history, rows.history, rtol=1e-13)


def test_log_density_against_exact_arithmetic():
    """Two columns, a component of spread 1e-5 far out: the quadratic form in fractions."""
    weights = np.array([0.75, 0.25])
    means = np.array([[0.0, 1.0], [1000.0, -2000.0]])
    covariances = np.array([[[2.0, 0.5], [0.5, 1.0]], [[4e-10, 1e-10], [1e-10, 2e-10]]])
    points = means[[0, 0, 1, 1]] + np.array([[0.5, 0.25], [-3, 2], [2e-5, -1e-5], [1e-4, 3e-5]])
    expected = []
    for point in points:
        terms = []
        for weight, mean, covariance in zip(weights, means, covariances, strict=True):
            (a, b), (_, c) = ([Fraction(x) for x in row] for row in covariance)
            x, y = (Fraction(p) - Fraction(m) for p, m in zip(point, mean, strict=True))
            determinant = a * c - b * b
            form = (c * x * x - 2 * b * x * y + a * y * y) / determinant
            terms.append(
                math.log(weight) - math.log(2 * math.pi) - math.log(determinant) / 2 - form / 2
            )
        highest = max(terms)
        expected.append(highest + math.log(sum(math.exp(term - highest) for term in terms)))
    scores = score(Parameters(weights, means, covariances), points)
    # Of the tight component's rows, eight digits of the distance are in the numbers themselves.
    np.testing.assert_allclose(scores.log_density[:2], expected[:2], rtol=1e-14)
    np.testing.assert_allclose(scores.log_density[2:], expected[2:], rtol=1e-7)


def test_digits_lost_are_foreseen():
    """The bound that chooses the kernel grows with distance and with tightness."""
    unit = whiten(np.eye(2)[None])
    assert unit.lost_magnitudes(np.zeros((1, 2)))[0] == pytest.approx(2.0)
    assert unit.lost_magnitudes(np.full((1, 2), 1000.0))[0] == pytest.approx(2 * 1001.0**2)
    tight = whiten(1e-8 * np.eye(2)[None])
    assert tight.lost_magnitudes(np.ones((1, 2)))[0] > 1e8


def test_whitening_factors():
    random = np.random.default_rng(0)
    root = random.normal(size=(3, 4, 4))
    covariances = (
        root @ root.transpose(0, 2, 1) * np.multiply.outer([1e-6, 1, 1, 1e6], [1e-6, 1, 1, 1e6])
    )
    whitening = whiten(covariances)
    np.testing.assert_allclose(
        whitening.factors @ whitening.factors.transpose(0, 2, 1), covariances, rtol=1e-12
    )
    identity = whitening.inverses @ whitening.factors
    np.testing.assert_allclose(identity, np.tile(np.eye(4), (3, 1, 1)), atol=1e-9)
    np.testing.assert_allclose(whitening.log_determinants, np.linalg.slogdet(covariances)[1])


@pytest.mark.parametrize(
    "bad",
    [
        np.diag([1.0, 1e-15]),
        np.diag([1.0, 0.0]),
        np.array([[1.0, 1.0], [1.0, 1.0]]),
        np.array([[1.0, 2.0], [2.0, 1.0]]),
    ],
)
def test_a_component_without_volume_is_named(bad):
    with pytest.raises(CollapsedComponent) as caught:
        whiten(np.stack([np.eye(2), bad]), np.ones(2))
    assert caught.value.component == 1
