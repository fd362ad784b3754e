"""One column cut at its quantiles, as mclust cuts it."""

from __future__ import annotations

import numpy as np
import pytest

from gmmdesk.data.samples import load_sample
from gmmdesk.engine.starts.quantiles import quantile_labels

REPEATED = np.array([1.0] * 30 + [*range(2, 13)])


def petal_widths():
    return load_sample("iris").column("petal_width_cm").numbers()


@pytest.mark.parametrize(
    ("values", "sizes"),  # as mclust 6.0.0 has them: table(mclust:::qclass(values, K))
    [
        (petal_widths(), [65, 85]),
        (petal_widths(), [50, 48, 52]),
        (petal_widths(), [5, 55, 26, 30, 34]),
        (petal_widths(), [5, 29, 16, 15, 13, 20, 18, 17, 17]),
        (REPEATED, [30, 11]),
        (REPEATED, [30, 2, 3, 3, 3]),
        (REPEATED, [30, 1, 1, 2, 1, 1, 2, 1, 2]),
    ],
)
def test_classes_are_those_of_mclust(values, sizes):
    labels = quantile_labels(values, len(sizes))
    assert np.bincount(labels).tolist() == sizes
    assert (np.diff(labels[np.argsort(values)]) >= 0).all()


def test_the_order_of_the_rows_does_not_matter():
    values = petal_widths()
    order = np.random.default_rng(0).permutation(len(values))
    np.testing.assert_array_equal(
        quantile_labels(values[order], 5), quantile_labels(values, 5)[order]
    )


@pytest.mark.parametrize("values", [[1.0, 1.0, 1.0], [1.0, 1.0, 2.0, 2.0], [0.0] * 50 + [1.0, 2.0]])
def test_there_are_none_where_too_few_values_differ(values):
    assert quantile_labels(np.array(values), 3) is None
