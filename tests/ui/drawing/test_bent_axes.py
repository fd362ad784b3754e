"""Columns that a step has bent, on the map in their own units."""

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
from gmmdesk.engine import Parameters
from gmmdesk.ui.drawing.clusters import Clusters
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
