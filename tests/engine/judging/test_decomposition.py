"""The shares of the columns add up to the log density, in no order."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy.stats import multivariate_normal, norm

from gmmdesk.engine.judging.decomposition import distance_shares, log_density_shares


def gaussian(d, seed=0):
    random = np.random.default_rng(seed)
    A = random.normal(size=(d, d))
    return random.normal(size=d), A @ A.T + 0.1 * np.eye(d), random.normal(size=(4, d)) * 3


@pytest.mark.parametrize("d", [1, 2, 5, 6, 12])
def test_shares_add_up(d):
    mean, covariance, rows = gaussian(d)
    shares = log_density_shares(mean, covariance, rows)
    expected = multivariate_normal(mean, covariance).logpdf(rows)
    assert shares.sum(axis=1) == pytest.approx(expected)
    squares, logs = distance_shares(mean, covariance, rows)
    assert logs.sum() == pytest.approx(np.linalg.slogdet(covariance)[1])
    y = rows - mean
    assert squares.sum(axis=1) == pytest.approx(
        np.einsum("ni,ij,nj->n", y, np.linalg.inv(covariance), y)
    )


def test_shares_are_shapley_values():
    """By the formula over all sets of the other columns (Shapley, 1953)."""
    d = 4
    mean, covariance, rows = gaussian(d, 3)

    def worth(columns):
        at = list(columns)
        if not at:
            return np.zeros(len(rows))
        part = multivariate_normal(mean[at], covariance[np.ix_(at, at)])
        return np.atleast_1d(part.logpdf(rows[:, at]))

    for j in range(d):
        others = [i for i in range(d) if i != j]
        value = sum(
            math.factorial(size)
            * math.factorial(d - size - 1)
            / math.factorial(d)
            * (worth((*chosen, j)) - worth(chosen))
            for size in range(d)
            for chosen in itertools.combinations(others, size)
        )
        assert log_density_shares(mean, covariance, rows)[:, j] == pytest.approx(value)


def test_independent_columns_have_their_own_densities():
    sds = np.array([1.0, 1e-3, 50.0])
    rows = np.array([[1.0, 0.002, -20.0]])
    shares = log_density_shares(np.zeros(3), np.diag(sds**2), rows)
    assert shares == pytest.approx(norm(0, sds).logpdf(rows))


def test_two_columns_that_say_the_same_have_the_same_share():
    covariance = np.array([[1.0, 0.99, 0.0], [0.99, 1.0, 0.0], [0.0, 0.0, 1.0]])
    squares, _ = distance_shares(np.zeros(3), covariance, np.array([[2.0, 2.0, 1.0]]))
    assert squares[0, 0] == pytest.approx(squares[0, 1])
    assert squares[0, 2] == pytest.approx(1.0)
