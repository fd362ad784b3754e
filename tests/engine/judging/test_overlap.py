"""The expected misclassification, against its definition and a closed form."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from gmmdesk.engine import FitSpec, Parameters, fit, overlap


def test_rows_add_up_and_the_diagonal_is_the_certainty() -> None:
    rng = np.random.default_rng(2)
    X = np.vstack([rng.normal(m, 1, (300, 2)) for m in (0, 2.5, 8)])
    result = fit(X, FitSpec(n_components=3, restarts=3, noise=True))
    shares = overlap(result, X)
    assert shares.shape == (4, 4)
    scores = result.score(X)
    there = np.bincount(scores.label, minlength=4) > 0
    np.testing.assert_allclose(shares[there].sum(axis=1), 1.0)
    for k in np.flatnonzero(there):
        assert shares[k, k] == pytest.approx(scores.probability[scores.label == k].mean())


@pytest.mark.parametrize("apart", [1.0, 2.0, 4.0])
def test_two_equal_gaussians_are_mistaken_as_often_as_theory_says(apart: float) -> None:
    """Bayes' error of N(0, 1) and N(apart, 1) in equal parts is Phi(-apart / 2)."""
    quantiles = norm.ppf((np.arange(20_000) + 0.5) / 20_000)
    X = np.concatenate([quantiles, quantiles + apart])[:, None]
    given = Parameters(np.array([0.5, 0.5]), np.array([[0.0], [apart]]), np.ones((2, 1, 1)))
    result = fit(X, FitSpec(n_components=2, max_iter=1), start=given)
    wrong = 1.0 - np.diag(overlap(result, X))
    np.testing.assert_allclose(wrong, norm.cdf(-apart / 2), atol=2e-3)


def test_who_has_no_row_has_no_share() -> None:
    X = np.concatenate([np.linspace(-1, 1, 50), np.linspace(9, 11, 50)])[:, None]
    given = Parameters(
        np.array([0.5, 0.49, 0.01]), np.array([[0.0], [10.0], [5.0]]), np.ones((3, 1, 1))
    )
    result = fit(X, FitSpec(n_components=2))
    shares = overlap(replace(result, parameters=given), X)
    assert np.isnan(shares[2]).all()
    assert np.isfinite(shares[:2]).all()
