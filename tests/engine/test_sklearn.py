"""From equal starts, the fits are those of scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.mixture import GaussianMixture

from gmmdesk.engine import FitSpec, fit

NAMES = {"full": "VVV", "tied": "EEE", "diag": "VVI", "spherical": "VII"}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("n", "d", "K"), [(500, 2, 3), (2000, 6, 4), (900, 70, 2)])
def test_same_maximum(name, n, d, K, make_blobs):
    blobs = make_blobs(n, d, K)
    first = fit(blobs.X, FitSpec(n_components=K, model=name, max_iter=1), blobs.labels)
    precisions = np.linalg.inv(first.covariances)
    shaped = {
        "full": precisions,
        "tied": precisions[0],
        "diag": precisions.diagonal(axis1=1, axis2=2),
        "spherical": precisions[:, 0, 0],
    }[name]
    mixture = GaussianMixture(
        K,
        covariance_type=name,
        tol=1e-13,
        reg_covar=0.0,
        max_iter=5000,
        weights_init=first.weights,
        means_init=first.means,
        precisions_init=shaped,
    ).fit(blobs.X)
    result = fit(
        blobs.X, FitSpec(n_components=K, model=name, tol=1e-13, max_iter=5000), blobs.labels
    )
    assert result.log_likelihood == pytest.approx(mixture.score(blobs.X) * n, rel=1e-9)
    assert result.bic == pytest.approx(mixture.bic(blobs.X), rel=1e-9)
    assert result.aic == pytest.approx(mixture.aic(blobs.X), rel=1e-9)
    np.testing.assert_allclose(result.weights, mixture.weights_, rtol=1e-6)
    np.testing.assert_allclose(result.means, mixture.means_, rtol=1e-6, atol=1e-6)
    covariances = {
        "full": lambda c: c,
        "tied": lambda c: np.tile(c, (K, 1, 1)),
        "diag": lambda c: c[:, :, None] * np.eye(d),
        "spherical": lambda c: c[:, None, None] * np.eye(d),
    }[name](mixture.covariances_)
    np.testing.assert_allclose(result.covariances, covariances, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(
        result.responsibilities(blobs.X), mixture.predict_proba(blobs.X), atol=1e-6
    )
    np.testing.assert_allclose(
        result.log_density(blobs.X), mixture.score_samples(blobs.X), rtol=1e-6
    )
    np.testing.assert_array_equal(result.labels(blobs.X), mixture.predict(blobs.X))
