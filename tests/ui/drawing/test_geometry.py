"""Ellipses, projections and counts against closed forms and numpy."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor
from scipy import stats

from gmmdesk.analysis import NO_CLUSTER, axes, ellipse, palette
from gmmdesk.analysis.bars import Mixture, component_densities
from gmmdesk.data.prepare import Prepared
from gmmdesk.data.steps import Preparation
from gmmdesk.engine import Noise, Parameters, Region
from gmmdesk.ui.drawing import bars, density, projection, shading


def prepared_from(X, center=None, scale=None):
    n, d = X.shape
    center = np.zeros(d) if center is None else center
    scale = np.ones(d) if scale is None else scale
    names = tuple(f"c{j}" for j in range(d))
    left_out = np.zeros(n, np.uint16)
    preparation = Preparation(
        inputs=names, columns=names, center=tuple(center.tolist()), scale=tuple(scale.tolist())
    )
    rows = np.asfortranarray((X - center) / scale)
    return Prepared(names, rows, np.arange(n), center, scale, left_out, (), preparation)


@pytest.fixture
def table():
    rng = np.random.default_rng(1)
    mixing = np.array([[2.0, 0.3, 0.0], [0.0, 1.0, 0.5], [0.1, 0.0, 0.2]])
    return rng.normal(size=(500, 3)) @ mixing + [10.0, -5.0, 1000.0]


# -- ellipses -------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", ellipse.LEVELS)
def test_radius_is_the_root_of_the_chi_square_quantile(level):
    assert ellipse.radius(level) ** 2 == pytest.approx(stats.chi2.ppf(level, df=2), rel=1e-12)


@pytest.mark.parametrize("level", ellipse.LEVELS)
def test_outline_lies_at_that_mahalanobis_distance(level):
    mean, covariance = np.array([3.0, -2.0]), np.array([[4.0, 1.5], [1.5, 1.0]])
    delta = ellipse.outline(mean, covariance, level) - mean
    squared = np.einsum("ni,ij,nj->n", delta, np.linalg.inv(covariance), delta)
    np.testing.assert_allclose(squared, stats.chi2.ppf(level, df=2), rtol=1e-10)


def test_outline_of_a_flat_gaussian_is_a_line():
    points = ellipse.outline(np.zeros(2), np.array([[1.0, 1.0], [1.0, 1.0]]), 0.9)
    np.testing.assert_allclose(points[:, 0], points[:, 1], atol=1e-7)


def test_distances_are_mahalanobis_and_infinite_where_flat():
    means = np.array([[0.0, 0.0], [1.0, 0.0]])
    covariances = np.array([[[4.0, 0.0], [0.0, 1.0]], np.zeros((2, 2))])
    np.testing.assert_allclose(
        ellipse.distances(np.array([2.0, 0.0]), means, covariances), [1.0, np.inf]
    )


def test_an_ellipse_is_of_its_rows_where_they_are_more_than_columns():
    weights = np.array([0.93, 0.04, 0.03])
    mixture = Parameters(weights, np.zeros((3, 3)), np.tile(np.eye(3), (3, 1, 1)))
    assert ellipse.own_shapes(mixture, 100).tolist() == [True, True, False]


# -- axes -----------------------------------------------------------------------------------------


def test_a_column_axis_gives_the_files_values(table):
    prepared = prepared_from(table, table.mean(axis=0), table.std(axis=0))
    values = axes.column_axis(prepared, "c2").values(prepared)
    np.testing.assert_allclose(values, table[:, 2], rtol=1e-12)


def test_principal_components_agree_with_the_singular_values(table):
    prepared = prepared_from(table, table.mean(axis=0), table.std(axis=0))
    components = projection.principal_components(prepared)
    singular = np.linalg.svd(prepared.X - prepared.X.mean(axis=0), compute_uv=False)
    shares = singular**2 / np.sum(singular**2)
    np.testing.assert_allclose(components.shares, shares[:2], rtol=1e-10)
    scores = np.stack([axis.values(prepared) for axis in components.axes])
    np.testing.assert_allclose(scores.mean(axis=1), 0.0, atol=1e-10)
    np.testing.assert_allclose(
        np.cov(scores, bias=True), np.diag(singular[:2] ** 2 / len(table)), atol=1e-10
    )


def test_a_marginal_is_that_of_the_projected_rows(table):
    """One component with the rows' own moments has, on every axis, the moments of the values."""
    prepared = prepared_from(table, table.mean(axis=0), 3.0 * table.std(axis=0))
    X = prepared.X
    parameters = Parameters(np.ones(1), X.mean(axis=0)[None], np.cov(X.T, bias=True)[None])
    components = projection.principal_components(prepared)
    for pair in (components.axes, (axes.column_axis(prepared, "c0"), components.axes[1])):
        means, covariances = axes.marginal(parameters, pair)
        values = np.stack([axis.values(prepared) for axis in pair])
        np.testing.assert_allclose(means[0], values.mean(axis=1), atol=1e-9)
        np.testing.assert_allclose(covariances[0], np.cov(values, bias=True), rtol=1e-8, atol=1e-9)


def test_the_sample_of_many_rows_is_fixed_and_without_repeats():
    X = np.arange(20_000.0).reshape(-1, 2)
    prepared = prepared_from(X)
    pair = (axes.column_axis(prepared, "c0"), axes.column_axis(prepared, "c1"))
    first, second = (projection.project(prepared, pair).sample for _ in range(2))
    assert len(first) == projection.SAMPLE
    assert len(set(first.tolist())) == projection.SAMPLE
    np.testing.assert_array_equal(first, second)


# -- cells ----------------------------------------------------------------------------------------

REGION = QRectF(-2.0, -1.0, 3.5, 3.0)


def counted(x, y, region, shape):
    return density.count(density.loose(x, y), region, shape)


def points(n=70_000):
    return np.random.default_rng(2).normal(size=(2, n))


def test_counts_equal_those_of_histogram2d():
    x, y = points()
    found = counted(x, y, REGION, (30, 50))
    expected, _, _ = np.histogram2d(
        y,
        x,
        bins=(30, 50),
        range=((REGION.top(), REGION.bottom()), (REGION.left(), REGION.right())),
    )
    np.testing.assert_array_equal(found.counts, expected)


def test_points_on_the_far_edges_are_counted():
    x = np.array([REGION.left(), REGION.right()])
    y = np.array([REGION.top(), REGION.bottom()])
    found = counted(x, y, REGION, (4, 4))
    assert found.counts[0, 0] == found.counts[3, 3] == 1


def test_a_cell_has_the_mean_colour_of_its_rows_and_the_image_stands_upright():
    inks = np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    x, y = np.array([0.5, 1.5, 1.5]), np.array([0.5, 1.5, 1.5])
    found, codes = counted(x, y, QRectF(0, 0, 2, 2), (2, 2)), np.array([1, 1, 2], np.uint16)
    image = density.compose(density.loose(x, y), found, codes, len(inks)).paint(inks)
    assert image.pixelColor(1, 0).getRgb() == pytest.approx((128, 0, 128, 255), abs=1)
    lower_left = image.pixelColor(0, 1)  # pixel rows run downward
    assert (lower_left.red(), lower_left.green(), lower_left.blue()) == (255, 0, 0)
    assert 0 < lower_left.alpha() < 255
    assert image.pixelColor(0, 0).alpha() == 0


# -- colours --------------------------------------------------------------------------------------


@pytest.mark.parametrize("cluster", range(4))
def test_a_certain_row_has_the_colour_of_the_palette(cluster):
    codes = shading.encode(np.array([cluster], np.int32), np.array([1.0]), 4)
    inks = shading.inks(4, QColor("white"), QColor("gray"), (), fades=True, given=())
    color = QColor.fromRgbF(*inks[codes[0]])
    assert color.name().upper() == palette.color(cluster).upper()


def test_the_less_certain_the_nearer_to_the_background():
    probabilities = np.linspace(1 / 3, 1.0, 9)
    codes = shading.encode(np.zeros(9, np.int32), probabilities, 3)
    inks = shading.inks(3, QColor("white"), QColor("gray"), (), fades=True, given=())
    from_white = np.linalg.norm(1.0 - inks[codes], axis=1)
    assert np.all(np.diff(from_white) >= 0)
    assert from_white[0] < 0.5 * from_white[-1]
    plain = shading.inks(3, QColor("white"), QColor("gray"), (), fades=False, given=())
    assert len(np.unique(plain[codes], axis=0)) == 1


def test_other_clusters_than_the_current_one_are_dimmed():
    inks = shading.inks(2, QColor("white"), QColor("gray"), (0,), fades=False, given=())
    none, first, second = inks[1 : 1 + 3 * shading.CERTAINTIES : shading.CERTAINTIES]
    for other in (none, second):
        assert np.linalg.norm(1 - other) < 0.5 * np.linalg.norm(1 - first)


def test_a_row_of_no_cluster_is_grey():
    codes = shading.encode(np.array([NO_CLUSTER], np.int32), np.array([1.0]), 4)
    inks = shading.inks(4, QColor("white"), QColor("gray"), (), fades=True, given=())
    assert QColor.fromRgbF(*inks[codes[0]]) == QColor("gray")


def test_codes_give_back_the_clusters():
    label = np.array([0, 3, 1, 2, NO_CLUSTER], np.int32)
    codes = shading.encode(label, np.array([0.3, 0.9, 0.5, 1.0, 0.7]), 4)
    np.testing.assert_array_equal(shading.clusters_of(codes), label)
    assert shading.clusters_of(np.array([shading.UNKNOWN], np.uint16))[0] < NO_CLUSTER


# -- one column -----------------------------------------------------------------------------------


def test_bars_count_every_row_once_by_cluster():
    values = np.random.default_rng(3).normal(size=1_000)
    label = np.select([values < -1, values < 0], [NO_CLUSTER, 0], 1)
    found = bars.count_bars(values, shading.encode(label, np.ones(1_000), 2), 2)
    expected, _ = np.histogram(values, found.edges)
    np.testing.assert_array_equal(found.counts.sum(axis=0), expected)
    np.testing.assert_array_equal(found.counts.sum(axis=1), [0, *np.unique_counts(label).counts])
    assert np.sum(found.densities() * np.diff(found.edges)) == pytest.approx(1.0)


def test_component_densities_are_weighted_normal_densities():
    x = np.linspace(-3, 3, 7)
    found = component_densities(x, np.array([0.3, 0.7]), np.array([0.0, 1.0]), np.array([1.0, 4.0]))
    expected = [0.3 * stats.norm.pdf(x, 0, 1), 0.7 * stats.norm.pdf(x, 1, 2)]
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_the_density_of_noise_is_even_over_the_rows():
    values = np.array([20.0, 22.0, 29.0, 30.0])
    noise = Noise(0.25, Region(np.array([-1.0]), np.array([[2.0]])))  # of z in -1..1
    parameters = Parameters(np.array([0.75]), np.zeros((1, 1)), np.full((1, 1, 1), 0.04), noise)
    axis = axes.MapAxis("a", np.array([5.0]), 25.0)
    mixture = Mixture.along(parameters, axis)
    expected = [0.75 * stats.norm.pdf(values, 25, 1), np.full(4, 0.25 / 10)]
    np.testing.assert_allclose(mixture.densities(values), expected, rtol=1e-12)


@pytest.mark.parametrize("step", [1.0, 0.1, 5.0])
def test_bars_hold_as_many_steps_each_where_values_come_in_steps(step):
    values = 40.0 + step * np.random.default_rng(3).integers(0, 55, 800)
    found = bars.count_bars(values, None, 0)
    widths = np.diff(found.edges) / step
    np.testing.assert_allclose(widths, np.rint(widths[0]), rtol=1e-6)
    places = (found.edges - 40.0) / step + 0.5  # between two steps
    np.testing.assert_allclose(places, np.rint(places), atol=1e-6)
    assert found.counts.sum() == 800
    assert found.edges[0] < values.min()
    assert found.edges[-1] > values.max()


def test_bars_of_measurements_begin_and_end_with_them():
    values = np.random.default_rng(3).normal(size=500)
    found = bars.count_bars(values, None, 0)
    assert (found.edges[0], found.edges[-1]) == (values.min(), values.max())
