"""Axes that several scatter matrices have in common."""

from __future__ import annotations

import numpy as np
import pytest

from gmmdesk.engine.models.orientation import common_axes


@pytest.mark.parametrize("d", [2, 3, 4, 5, 8, 9])
@pytest.mark.parametrize("equal_volumes", [True, False])
def test_axes_that_there_are_are_found(d, equal_volumes):
    """From axes that are nothing like them: so every pair has to be turned."""
    random = np.random.default_rng(d)
    axes = np.linalg.qr(random.normal(size=(d, d)))[0]
    variances = np.exp(random.normal(size=(3, d)))
    sizes = np.array([30.0, 50.0, 20.0])
    scatter = (axes * (sizes[:, None] * variances)[:, None, :]) @ axes.T
    found = common_axes(scatter, sizes, np.eye(d), equal_volumes=equal_volumes)
    np.testing.assert_allclose(found.T @ found, np.eye(d), atol=1e-12)
    matched = np.abs(found.T @ axes)
    np.testing.assert_allclose(np.sort(matched.ravel())[-d:], 1.0, atol=1e-7)


@pytest.mark.parametrize("d", [3, 6])
def test_a_sweep_never_raises_the_objective(d):
    random = np.random.default_rng(0)
    roots = random.normal(size=(4, d, d))
    scatter = roots @ roots.transpose(0, 2, 1)
    sizes = np.array([5.0, 9.0, 20.0, 3.0])
    axes, values = np.eye(d), []
    for _ in range(30):
        axes = common_axes(scatter, sizes, axes, equal_volumes=False, max_sweeps=1)
        diagonals = (axes.T @ scatter @ axes).diagonal(axis1=1, axis2=2)
        values.append(float(sizes @ np.log(diagonals).sum(axis=1)))
    assert (np.diff(values) < 1e-10).all()
    assert values[-2] - values[-1] < 1e-8
