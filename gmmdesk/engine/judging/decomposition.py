"""The log density of rows as a sum over their columns, in which no order of these counts."""

from __future__ import annotations

import itertools
import math

import numpy as np

from gmmdesk.engine.arrays import FloatArray, IntArray
from gmmdesk.engine.starts.seeding import stream

# Orders of the columns that are gone through: all of up to five columns, else so many, drawn.
MOST_ORDERS = 200
LOG_2_PI = math.log(2.0 * math.pi)


def log_density_shares(mean: FloatArray, covariance: FloatArray, rows: FloatArray) -> FloatArray:
    """What each column adds to the log density of a Gaussian at `rows` (m, d): (m, d), nats.

    Along one order of the columns each adds ln N(x_j | the columns before it), its conditional
    density. The shares are the means over the orders: Shapley values (Shapley, 1953) of the game in
    which a set of columns is worth its marginal log density, as for Aas, Jullum and Loland (2021,
    section 2.2). They add up to ln N(x), and of two columns that say the same each has half. The
    difference between two components is the weight of evidence (Good, 1950) of each column.
    Up to five columns all orders count, else MOST_ORDERS that are drawn, always the same, each
    with its reverse. mean (d,), covariance (d, d) positive definite.
    """
    squares, log_determinants = distance_shares(mean, covariance, rows)
    return np.asarray(-0.5 * (LOG_2_PI + log_determinants + squares))


def distance_shares(
    mean: FloatArray, covariance: FloatArray, rows: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """What each column adds to the squared Mahalanobis distances (m, d), and to the log determinant
    of the covariance, (d,); as in `log_density_shares`.
    """
    orders = _orders(len(mean))
    scales = np.sqrt(np.diagonal(covariance))
    correlations = covariance / np.multiply.outer(scales, scales)
    z = (rows - mean) / scales
    squares, logs = np.zeros_like(z), np.zeros(len(mean))
    for order in orders:
        factor = np.linalg.cholesky(correlations[np.ix_(order, order)])
        y = np.linalg.solve(factor, z[:, order].T)
        squares[:, order] += y.T**2
        logs[order] += 2.0 * np.log(np.diagonal(factor))
    n = len(orders)
    return squares / n, logs / n + 2.0 * np.log(scales)


def _orders(d: int) -> IntArray:
    """Orders of d columns, (p, d)."""
    if math.factorial(d) <= MOST_ORDERS:
        return np.array(list(itertools.permutations(range(d))), np.int64)
    random = stream(0, 0, 6, d)
    drawn = np.stack([random.permutation(d) for _ in range(MOST_ORDERS // 2)])
    return np.concatenate([drawn, drawn[:, ::-1]])
