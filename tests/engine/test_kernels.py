"""Both kernels give the same, to the digits that are there, however the rows are cut."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from gmmdesk.engine import ArraySource, FitSpec, Parameters, ThreadedMap, fit, score, tiles
from gmmdesk.engine.covariance import Moments
from gmmdesk.engine.frame import make_frame
from gmmdesk.engine.kernels import DiagonalKernel, FeatureKernel, WhitenedKernel
from gmmdesk.engine.whitening import CollapsedComponent, whiten


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
        fast = FeatureKernel(frame, K, moments).expect(parameters, whitening, chunk_map)
        whitened = (DiagonalKernel if diagonal else WhitenedKernel)(frame, K)
        exact = whitened.expect(parameters, whitening, chunk_map)
    return fast, exact


@pytest.mark.parametrize("moments", Moments)
@pytest.mark.parametrize(("n", "d", "K"), [(300, 1, 2), (5000, 4, 3), (700, 12, 2)])
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
    assert unit.lost_magnitude(np.zeros((1, 2))) == pytest.approx(2.0)
    assert unit.lost_magnitude(np.full((1, 2), 1000.0)) == pytest.approx(2 * 1001.0**2)
    tight = whiten(1e-8 * np.eye(2)[None])
    assert tight.lost_magnitude(np.ones((1, 2))) > 1e8


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
