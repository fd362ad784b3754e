"""Volumes of components that have one shape."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from gmmdesk.engine.models.volumes import volumes_of_one_shape

SIZES = np.array([40.0, 25.0, 60.0])


def scatter_of(seed, along_axes):
    roots = (
        np.random.default_rng(seed).normal(size=(3, 4, 4))
        * np.array([1.0, 3.0, 0.2])[:, None, None]
    )
    scatter = SIZES[:, None, None] * (roots @ roots.transpose(0, 2, 1) + 0.05 * np.eye(4))
    return scatter.diagonal(axis1=1, axis2=2).copy() if along_axes else scatter


def full(matrices):
    return matrices if matrices.ndim == 3 else matrices[:, :, None] * np.eye(4)


def deviance(covariances, scatter):
    """sum_k n_k ln |Sigma_k| + tr W_k Sigma_k^-1."""
    logs = np.linalg.slogdet(full(covariances))[1]
    traces = np.trace(np.linalg.solve(full(covariances), full(scatter)), axis1=1, axis2=2)
    return float(SIZES @ logs + traces.sum())


@pytest.mark.parametrize("along_axes", [True, False])
@pytest.mark.parametrize("seed", range(3))
def test_the_likeliest_volumes(seed, along_axes):
    scatter = scatter_of(seed, along_axes)

    def profiled(logs):
        """The function that they make a minimum, of ln lambda_k."""
        shape = (full(scatter) / np.exp(logs)[:, None, None]).sum(axis=0)
        return 4 * SIZES @ logs + SIZES.sum() * np.linalg.slogdet(shape)[1]

    found = volumes_of_one_shape(scatter, SIZES)
    logs = np.linalg.slogdet(full(found))[1] / 4
    best = minimize(profiled, np.zeros(3), method="BFGS", options={"gtol": 1e-6})
    np.testing.assert_allclose(np.diff(logs), np.diff(best.x), atol=1e-5)


@pytest.mark.parametrize("along_axes", [True, False])
@pytest.mark.parametrize("seed", range(3))
def test_one_round_never_rises_and_rounds_lead_to_the_same(seed, along_axes):
    scatter = scatter_of(seed, along_axes)
    exact = volumes_of_one_shape(scatter, SIZES)
    rough, values = None, []
    for _ in range(200):
        rough = volumes_of_one_shape(scatter, SIZES, rough, exact=False)
        values.append(deviance(rough, scatter))
    assert (np.diff(values) < 1e-9).all()
    np.testing.assert_allclose(rough, exact, rtol=1e-6, atol=1e-9)
