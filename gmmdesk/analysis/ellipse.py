"""Where a given share of a Gaussian's rows lies."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from gmmdesk.engine import Parameters

FloatArray = npt.NDArray[np.float64]

GUESSED = "A dashed ellipse is of too few rows to have a shape of its own: look at these."
LEVELS = (0.5, 0.9, 0.95, 0.99)
_ANGLES = np.linspace(0.0, 2.0 * np.pi, 73)
_CIRCLE = np.stack([np.cos(_ANGLES), np.sin(_ANGLES)])


def radius(level: float) -> float:
    """The Mahalanobis radius around a share `level` of a Gaussian in two dimensions.

    The square root of the chi-square quantile, which for two degrees of freedom is
    -2 ln(1 - level): scipy.stats, slow to import, is not needed for it.
    """
    return math.sqrt(-2.0 * math.log1p(-level))


def own_shapes(parameters: Parameters, n_rows: int) -> npt.NDArray[np.bool_]:
    """Whether each component (K,) of a fit to so many rows has the d + 1 that make an ellipse.

    That of fewer is the prior's, or what the clusters have in common: no picture of its rows.
    """
    n_columns = parameters.means.shape[1]
    return np.asarray(parameters.weights * n_rows >= n_columns + 0.5)


def outline(mean: FloatArray, covariance: FloatArray, level: float) -> FloatArray:
    """The closed outline (73, 2) of the ellipse around a share `level`; (2,) and (2, 2)."""
    variances, vectors = np.linalg.eigh(covariance)
    half_axes = np.sqrt(np.maximum(variances, 0.0)) * radius(level)
    points: FloatArray = mean + (vectors * half_axes @ _CIRCLE).T
    return points


def axes(mean: FloatArray, covariance: FloatArray, level: float) -> FloatArray:
    """The two axes of that ellipse, each from end to end, (2, 25, 2)."""
    variances, vectors = np.linalg.eigh(covariance)
    half_axes = vectors * np.sqrt(np.maximum(variances, 0.0)) * radius(level)
    steps = np.linspace(-1.0, 1.0, 25)[:, None]
    return np.stack([mean + steps * half_axes[:, rank] for rank in range(2)])


def distances(point: FloatArray, means: FloatArray, covariances: FloatArray) -> FloatArray:
    """Mahalanobis distances (K,) of a point (2,) from K Gaussians; inf where one is flat."""
    result = np.full(len(means), np.inf)
    for k, (mean, covariance) in enumerate(zip(means, covariances, strict=True)):
        if np.linalg.det(covariance) > 0.0:
            delta = point - mean
            result[k] = math.sqrt(max(0.0, float(delta @ np.linalg.solve(covariance, delta))))
    return result
