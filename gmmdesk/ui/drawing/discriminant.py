"""The directions along which the clusters lie farthest apart."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.linalg import LinAlgError, cholesky, solve_triangular

from gmmdesk.analysis.axes import MapAxis
from gmmdesk.engine import Parameters
from gmmdesk.ui import text

FloatArray = npt.NDArray[np.float64]

_NONE = 1e-9  # of the first direction's separation: so little is none


def discriminants(parameters: Parameters) -> tuple[MapAxis, MapAxis] | None:
    """Two directions that separate the clusters best, from the mixture's parameters alone.

    They solve B v = l W v with the covariance B between and W within clusters, of the mixture in
    the units of `Prepared.X` (Fisher, 1936; for mixtures Scrucca, 2010, Statistics and Computing
    20, 471-484, section 2, whose kernel also has the differences between covariances). Here these
    have a say only where means differ along one direction alone, as of two clusters they do: then
    the second is the one at right angles, in the metric of W, along which the clusters' spreads
    differ most. Rows along them are in standard deviations within clusters, from the mean of all;
    the largest loading is positive. None for a single cluster or column, or means that are equal.
    """
    weights = parameters.weights / parameters.weights.sum()
    means, covariances = parameters.means, parameters.covariances
    K, d = means.shape
    if K < 2 or d < 2:
        return None
    center = weights @ means
    away = means - center
    within = np.einsum("k,kij->ij", weights, covariances)
    try:
        root = cholesky(within, lower=True)
    except LinAlgError:  # all clusters are flat along the same direction
        return None
    turned = solve_triangular(root, away.T, lower=True)
    separations, directions = np.linalg.eigh((turned * weights) @ turned.T)
    total = float(np.maximum(separations, 0.0).sum())
    if not total > 0.0:
        return None
    first, second = directions[:, -1], directions[:, -2]
    by_means = bool(separations[-2] > _NONE * separations[-1])
    if not by_means:
        second = _by_spread(weights, covariances, root, first)

    def axis(rank: int, direction: FloatArray, share: float | None) -> MapAxis:
        loadings = solve_triangular(root, direction, lower=True, trans="T")
        loadings = loadings * np.sign(loadings[np.abs(loadings).argmax()])
        said = "by spreads" if share is None else f"{text.percent(share)} of the separation"
        return MapAxis(
            f"Discriminant direction {rank} ({said})", loadings, -float(center @ loadings)
        )

    shares = [float(separations[-rank]) / total for rank in (1, 2)]
    return axis(1, first, shares[0]), axis(2, second, shares[1] if by_means else None)


def _by_spread(
    weights: FloatArray, covariances: FloatArray, root: FloatArray, first: FloatArray
) -> FloatArray:
    """Where the covariances differ most, at right angles to `first`; both whitened by `root`."""
    d = len(root)
    inverse = solve_triangular(root, np.eye(d), lower=True)
    spreads = inverse @ covariances @ inverse.T
    kernel = np.einsum("k,kij->ij", weights, (spreads - np.eye(d)) @ (spreads - np.eye(d)))
    if np.trace(kernel) < _NONE:  # all alike: the direction in which clusters are widest
        kernel = root.T @ root
    rest = np.eye(d) - np.outer(first, first)
    return np.asarray(np.linalg.eigh(rest @ kernel @ rest)[1][:, -1])
