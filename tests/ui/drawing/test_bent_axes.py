"""Columns that a step has bent, on the map in their own units or on the scale of the fit."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from gmmdesk.analysis.axes import axis_names, column_axis, has_components, marginal, name_of
from gmmdesk.analysis.bars import Mixture
from gmmdesk.analysis.ellipse import outline, radius
from gmmdesk.data.prepare import prepare
from gmmdesk.data.samples import load_sample
from gmmdesk.data.steps import parse_step
from gmmdesk.engine import Noise, Parameters, Region
from gmmdesk.ui.drawing.clusters import Clusters
from gmmdesk.ui.drawing.landscape import Marginal
from gmmdesk.ui.drawing.projection import project

NAMES = ("average_order_usd", "days_between_orders", "days_since_last_order")


@pytest.fixture(scope="module")
def dataset():
    return load_sample("customers")


def prepared_with(dataset, *lines, columns=NAMES):
    return prepare(dataset, columns, steps=[parse_step(line) for line in lines])


@pytest.fixture
def bent(dataset):
    return prepared_with(dataset, f"log {NAMES[0]}", f"yeo-johnson {NAMES[1]}")


@pytest.fixture
def mixture():
    means = np.array([[0.5, -0.3, 0.1], [-0.6, 0.9, 0.4]])
    covariance = np.array([[0.5, 0.2, 0.0], [0.2, 0.4, 0.1], [0.0, 0.1, 0.3]])
    return Parameters(np.array([0.6, 0.4]), means, np.stack([covariance, covariance / 2]))


@pytest.mark.parametrize(
    "lines",
    [
        (f"log {NAMES[0]}", f"yeo-johnson {NAMES[1]}"),
        ("components share=1",),
        ("log " + NAMES[0], "components share=1"),
    ],
)
def test_rows_lie_where_the_file_says(dataset, lines):
    prepared = prepared_with(dataset, *lines)
    scene = project(prepared, (column_axis(prepared, NAMES[0]), column_axis(prepared, NAMES[1])))
    for values, name in ((scene.x, NAMES[0]), (scene.y, NAMES[1])):
        expected = dataset.column(name).numbers()[prepared.rows]
        np.testing.assert_allclose(values, expected, rtol=1e-9)
    assert scene.axes[0].title == NAMES[0]


def test_ellipses_surround_the_same_rows_as_before_they_were_bent(bent, mixture):
    axes = (column_axis(bent, NAMES[0]), column_axis(bent, NAMES[1]))
    means, covariances = marginal(mixture, axes)
    clusters = Clusters(mixture.weights, means, covariances, axes)
    assert clusters.centers[0, 0] == pytest.approx(np.exp(means[0, 0]))
    curve = clusters.back(outline(means[0], covariances[0], 0.9))
    for point in curve[::12]:
        assert clusters.distances(point)[0] == pytest.approx(radius(0.9))
    assert (clusters.distances(np.array([-5.0, 10.0])) == np.inf).all()


def test_the_density_of_a_bent_column_integrates_to_one(dataset):
    prepared = prepared_with(dataset, f"log {NAMES[0]}", columns=NAMES[:1])
    parameters = Parameters(np.ones(1), np.array([[0.2]]), np.array([[[0.7]]]))
    mixture = Mixture.along(parameters, column_axis(prepared, NAMES[0]))
    x = np.geomspace(1e-3, 1e5, 20_001)
    density = mixture.densities(x).sum(axis=0)
    assert integrate.simpson(density, x=x) == pytest.approx(1.0, abs=1e-6)
    spread = np.sqrt(0.7) * prepared.scale[0]
    expected = stats.lognorm.pdf(x, spread, scale=mixture.centers[0])
    np.testing.assert_allclose(density, expected, rtol=1e-9, atol=1e-300)
    assert (mixture.densities(np.array([-1.0, 0.0])) == 0.0).all()


@pytest.mark.parametrize("step", ["log", "box-cox", "yeo-johnson"])
def test_drawn_as_fitted_an_axis_is_straight_and_told_in_the_units_of_the_file(
    dataset, mixture, step
):
    prepared = prepared_with(dataset, f"{step} {NAMES[0]}", f"log {NAMES[1]} shift=2.5")
    axes = tuple(column_axis(prepared, name, as_fitted=True) for name in NAMES[:2])
    means, covariances = marginal(mixture, axes)
    clusters = Clusters(mixture.weights, means, covariances, axes)
    np.testing.assert_array_equal(clusters.centers, means)
    curve = outline(means[0], covariances[0], 0.9)
    np.testing.assert_array_equal(clusters.back(curve), curve)  # an ellipse
    for axis, name in zip(axes, NAMES, strict=False):
        assert not axis.is_bent
        assert axis.title.startswith(f"{name} (")
        values = dataset.column(name).numbers()[prepared.rows]
        np.testing.assert_allclose(axis.told(axis.values(prepared)), values, rtol=1e-9)
    assert column_axis(prepared, NAMES[2], as_fitted=True).title == NAMES[2]


@pytest.mark.parametrize("step", ["log", "yeo-johnson"])
@pytest.mark.parametrize("drawn", ["as_fitted", "logarithmic"])
def test_densities_are_those_per_unit_of_the_axis_as_it_is_drawn(dataset, step, drawn):
    prepared = prepared_with(dataset, f"{step} {NAMES[0]}", columns=NAMES[:1])
    parameters = Parameters(np.ones(1), np.array([[0.2]]), np.array([[[0.7]]]))
    axis = getattr(column_axis(prepared, NAMES[0]), drawn)()
    mixture = Mixture.along(parameters, axis)
    middle = float(mixture.centers[0])
    x = np.linspace(middle - 20.0, middle + 20.0, 20_001)
    density = mixture.densities(x).sum(axis=0)
    # What Yeo and Johnson have below 0 has no place among logarithms: there next to nothing.
    assert integrate.simpson(density, x=x) == pytest.approx(1.0, abs=2e-3)
    landscape = Marginal.of(parameters, (axis,)).log_densities(x)
    np.testing.assert_allclose(np.exp(landscape[0]), density, rtol=1e-9, atol=1e-300)


def test_noise_is_as_dense_on_the_map_as_along_its_axis(dataset):
    prepared = prepared_with(dataset, f"log {NAMES[0]}", columns=NAMES[:1])
    noise = Noise(0.1, Region(np.array([-1.0]), np.array([[3.0]])))
    parameters = Parameters(np.array([0.9]), np.array([[0.2]]), np.array([[[0.7]]]), noise)
    axis = column_axis(prepared, NAMES[0])
    x = np.linspace(20.0, 200.0, 9)
    along = Mixture.along(parameters, axis).densities(x)
    on_map = Marginal.of(parameters, (axis,)).log_densities(x)
    np.testing.assert_allclose(np.exp(on_map), along, rtol=1e-9)


def test_axes_are_the_columns_and_the_components_of_a_step(dataset, bent):
    assert axis_names(bent) == NAMES
    assert [name_of(bent, j) for j in range(3)] == list(NAMES)
    turned = prepared_with(dataset, "components number=2")
    assert has_components(turned)
    assert axis_names(turned) == (*NAMES, "PC1", "PC2")
    assert name_of(turned, 1) == "PC2"
    assert "as far as" in column_axis(turned, NAMES[0]).title
    np.testing.assert_array_equal(column_axis(turned, "PC2").values(turned), turned.X[:, 1])
    assert axis_names(prepared_with(dataset, "components number=1")) == ("PC1",)
