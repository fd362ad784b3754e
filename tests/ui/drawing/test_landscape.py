"""Densities, contours and their levels against scipy and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from scipy import stats

from gmmdesk.analysis.axes import MapAxis
from gmmdesk.data.steps.maps import BoxCox
from gmmdesk.engine import Noise, Parameters, Region
from gmmdesk.ui.drawing.contours import contour, joined
from gmmdesk.ui.drawing.landscape import SHARES, Marginal, survey

WEIGHTS = np.array([0.6, 0.4])
MEANS = np.array([[0.0, 0.0, 1.0], [3.0, 2.0, -1.0]])
COVARIANCES = np.array(
    [
        [[1.0, 0.3, 0.1], [0.3, 0.8, 0.0], [0.1, 0.0, 2.0]],
        [[0.5, -0.2, 0.0], [-0.2, 1.5, 0.4], [0.0, 0.4, 1.0]],
    ]
)
PARAMETERS = Parameters(WEIGHTS, MEANS, COVARIANCES)
REGION = QRectF(-4.0, -5.0, 11.0, 12.0)
AXES = (
    MapAxis("first", np.array([2.0, 0.0, 0.0]), 1.0),
    MapAxis("sum", np.array([0.0, 1.0, 1.0]), 0.0),
)


def projected(axes=AXES):
    """The means and covariances of each component along the axes, from scratch."""
    W = np.array([axis.direction for axis in axes])
    offset = np.array([axis.offset for axis in axes])
    return [
        (W @ mean + offset, W @ covariance @ W.T)
        for mean, covariance in zip(MEANS, COVARIANCES, strict=True)
    ]


def test_densities_are_those_of_the_marginal_mixture():
    land = survey(Marginal.of(PARAMETERS, AXES), REGION, (30, 40))
    x = REGION.left() + (np.arange(40) + 0.5) * 11.0 / 40
    y = REGION.top() + (np.arange(30) + 0.5) * 12.0 / 30
    points = np.stack(np.meshgrid(x, y), axis=-1)
    expected = [
        np.log(weight) + stats.multivariate_normal(mean, covariance).logpdf(points)
        for weight, (mean, covariance) in zip(WEIGHTS, projected(), strict=True)
    ]
    np.testing.assert_allclose(land.logs[:2], expected, rtol=1e-10)
    assert np.isneginf(land.logs[2]).all()
    np.testing.assert_allclose(land.total, np.logaddexp(*expected), rtol=1e-10)
    np.testing.assert_array_equal(land.label, np.argmax(expected, axis=0))
    posterior = np.exp(np.max(expected, axis=0) - np.logaddexp(*expected))
    np.testing.assert_allclose(land.uncertainty, 1.0 - posterior, atol=1e-12)


def test_along_a_logarithm_densities_are_per_unit_of_the_file():
    axes = (MapAxis("bent", np.array([1.0, 0.0, 0.0]), 0.5, (BoxCox(0.0),)), AXES[1])
    values = np.array([[0.3, 1.0, 4.0, -1.0]])
    logs = Marginal.of(PARAMETERS, axes).log_densities(values, np.array([[0.7]]))
    for k, (mean, covariance) in enumerate(projected(axes)):
        points = np.stack([np.log(values[0, :3]), np.full(3, 0.7)], axis=-1)
        expected = stats.multivariate_normal(mean, covariance).logpdf(points)
        expected += np.log(WEIGHTS[k]) - np.log(values[0, :3])
        np.testing.assert_allclose(logs[k, 0, :3], expected, rtol=1e-10)
    assert np.isneginf(logs[:2, 0, 3]).all()  # no logarithm, so no density


def test_of_one_column_and_with_noise():
    region = Region(np.array([-4.0, -4.0, -4.0]), np.diag([10.0, 8.0, 6.0]))
    noisy = Parameters(0.9 * WEIGHTS, MEANS, COVARIANCES, Noise(0.1, region))
    one = survey(Marginal.of(noisy, AXES[:1]), REGION, (1, 50))
    assert one.logs.shape == (3, 1, 50)
    np.testing.assert_allclose(one.logs[2], np.log(0.1 / 20.0))
    x = REGION.left() + (np.arange(50) + 0.5) * 11.0 / 50
    mean, covariance = projected(AXES[:1])[1]
    expected = np.log(0.36) + stats.norm(mean[0], np.sqrt(covariance[0, 0])).logpdf(x)
    np.testing.assert_allclose(one.logs[1, 0], expected, rtol=1e-10)
    far = survey(Marginal.of(noisy, AXES), QRectF(500.0, 500.0, 1.0, 1.0), (3, 3))
    assert (far.label == 2).all()


def test_a_flat_component_has_no_density_and_others_do():
    flat = COVARIANCES.copy()
    flat[0] = 0.0
    land = survey(Marginal.of(Parameters(WEIGHTS, MEANS, flat), AXES), REGION, (5, 5))
    assert np.isneginf(land.logs[0]).all()
    assert (land.label == 1).all()
    assert (land.uncertainty == 0.0).all()


def test_levels_surround_their_share_of_a_component():
    """Of a Gaussian in two dimensions, the density at share p is (1 - p) of the highest."""
    mixture = Marginal.of(PARAMETERS, AXES)
    for k, (mean, covariance) in enumerate(projected()):
        peak = np.log(WEIGHTS[k]) + stats.multivariate_normal(mean, covariance).logpdf(mean)
        expected = peak + np.log1p(-np.array(SHARES[::-1]))
        np.testing.assert_allclose(mixture.levels(k)[1:], expected[1:], atol=0.05)
        np.testing.assert_allclose(mixture.levels(k)[0], expected[0], atol=0.4)


def test_levels_surround_their_share_of_the_mixture():
    mixture = Marginal.of(PARAMETERS, AXES)
    rng = np.random.default_rng(7)
    sizes = zip(projected(), (6_000, 4_000), strict=True)
    parts = [rng.multivariate_normal(*one, size=n) for one, n in sizes]
    logs = mixture.log_densities(*np.concatenate(parts).T)
    inside = [(np.logaddexp(*logs[:2]) > level).mean() for level in mixture.levels()]
    np.testing.assert_allclose(inside, SHARES[::-1], atol=0.02)


# -- contours -------------------------------------------------------------------------------------


def middles(n, low, length):
    return low + (np.arange(n) + 0.5) * length / n


def test_a_contour_of_a_cone_is_a_circle():
    region = QRectF(-2.0, -1.0, 4.0, 3.0)
    x, y = middles(200, -2.0, 4.0), middles(150, -1.0, 3.0)
    heights = -np.hypot(x[None, :] - 0.3, y[:, None] - 0.4)
    lines = contour(heights, -0.7, region)
    away = np.hypot(lines[..., 0] - 0.3, lines[..., 1] - 0.4)
    np.testing.assert_allclose(away, 0.7, atol=2e-3)
    length = np.hypot(*np.moveaxis(lines[:, 1] - lines[:, 0], -1, 0)).sum()
    assert length == pytest.approx(2.0 * np.pi * 0.7, rel=1e-3)  # closed, and drawn once


def test_a_saddle_is_cut_into_two_lines():
    heights = np.array([[1.0, 0.0], [0.0, 1.0]])
    region = QRectF(0.0, 0.0, 2.0, 2.0)
    for level in (0.4, 0.6):
        lines = contour(heights, level, region)
        assert lines.shape == (2, 2, 2)
        middle = lines.mean(axis=1)
        joined = np.array_equal(np.sign(np.diff(middle[:, 0])), np.sign(np.diff(middle[:, 1])))
        assert joined == (level > 0.5)  # below the middle's height, the high corners are joined


@pytest.mark.parametrize("level", [-1.0, 5.0])
def test_a_level_that_is_nowhere_has_no_contour(level):
    assert contour(np.arange(12.0).reshape(3, 4) / 4.0, level, REGION).shape == (0, 2, 2)


def test_cells_without_density_do_not_spoil_the_others():
    heights = np.full((4, 4), -np.inf)
    heights[1:3, 1:3] = 0.0
    lines = contour(heights, -1.0, QRectF(0.0, 0.0, 4.0, 4.0))
    assert np.isfinite(lines).all()
    assert len(lines) >= 4


def test_segments_are_joined_into_lines():
    region = QRectF(-2.0, -1.0, 4.0, 3.0)
    x, y = middles(60, -2.0, 4.0), middles(50, -1.0, 3.0)
    heights = -np.hypot(x[None, :] - 0.3, y[:, None] - 0.4)
    for level, closed in ((-0.7, True), (-1.8, False)):  # inside the region, and cut by its edges
        segments = contour(heights, level, region)
        lines = joined(segments)
        assert sum(len(line) - 1 for line in lines) == len(segments)
        assert (len(lines) == 1) == closed
        for line in lines:
            steps = np.linalg.norm(np.diff(line, axis=0), axis=1)
            assert steps.max() < 0.12
            assert np.allclose(line[0], line[-1]) == closed
    assert joined(np.empty((0, 2, 2))) == []
