"""Properties that every covariance model has."""

from __future__ import annotations

import numpy as np
import pytest

from gmmdesk.engine import MODELS, FitSpec, fit, steps
from gmmdesk.engine.models.covariance import distinct

every_model = pytest.mark.parametrize("model", MODELS)

# Free parameters of K = 3 covariances in d = 4 columns (Celeux and Govaert, 1995, table 1).
COVARIANCE_PARAMETERS = {
    **{"EII": 1, "VII": 3, "EEI": 4, "VEI": 6, "EVI": 10, "VVI": 12, "EEE": 10, "VEE": 12},
    **{"EVE": 16, "VVE": 18, "EEV": 22, "VEV": 24, "EVV": 28, "VVV": 30},
}
# Models that a factor for each column of its own would leave.
SHAPES_TIED = {"EII", "VII", "EVE", "VVE", "EEV", "VEV"}


@every_model
def test_number_of_parameters(model):
    assert MODELS[model].total_parameters(3, 4) == 2 + 12 + COVARIANCE_PARAMETERS[model]


@every_model
def test_covariances_obey_the_model(model, blobs):
    covariances = fit(blobs.X, FitSpec(n_components=3, model=model), blobs.labels).covariances
    entry = MODELS[model]
    assert np.linalg.eigvalsh(covariances).min() > 0
    np.testing.assert_array_equal(covariances, covariances.transpose(0, 2, 1))
    diagonals = covariances.diagonal(axis1=1, axis2=2)
    if entry.axis_aligned:
        np.testing.assert_array_equal(covariances, diagonals[:, :, None] * np.eye(3))
    if entry.spherical:
        np.testing.assert_array_equal(diagonals, np.repeat(diagonals[:, :1], 3, axis=1))
    # Sigma_k = lambda_k D_k A_k D_k^T: what the letters call equal is.
    variances, axes = np.linalg.eigh(covariances)
    volumes = np.exp(np.log(variances).mean(axis=1))
    shapes = variances / volumes[:, None]
    assert (np.ptp(volumes) < 1e-12 * volumes.max()) == (model[0] == "E")
    if model[1] != "I":
        assert (np.ptp(shapes, axis=0).max() < 1e-9) == (model[1] == "E")
    if model[2] == "E":
        first = axes[0]
        for covariance in covariances:
            turned = first.T @ covariance @ first
            assert np.abs(turned - np.diag(np.diag(turned))).max() < 1e-9 * np.abs(turned).max()


def hard_data(kind, make_blobs):
    """Rows (400, 3) on which an update that is not quite the maximum shows."""
    random = np.random.default_rng(2)
    X = make_blobs(400, 3, 4).X
    if kind == "nearly collinear":
        X[:, 2] = X[:, 0] + X[:, 1] + 1e-3 * random.normal(size=400)
    elif kind == "heavy tails":
        X = random.standard_t(1.5, size=(400, 3))
    elif kind == "whole numbers":
        X = np.rint(X) + np.array([0.0, 0.0, 1e6])
    elif kind == "tight and wide":
        X[:100] *= 1e-3
        X[100:120] *= 100.0
    return X


@every_model
@pytest.mark.parametrize(
    "kind", ["blobs", "nearly collinear", "heavy tails", "whole numbers", "tight and wide"]
)
def test_log_likelihood_never_falls(model, kind, make_blobs):
    X = hard_data(kind, make_blobs)
    start = np.random.default_rng(1).dirichlet(np.full(3, 0.3), size=400)
    spec = FitSpec(n_components=3, model=model, tol=1e-10, max_iter=150)
    history = fit(X, spec, start).history
    assert len(history) > 5
    assert np.diff(history).min() > -1e-9 * max(1.0, np.ptp(history))


@every_model
def test_moving_and_scaling_the_data_moves_and_scales_the_answer(model, blobs):
    spec = FitSpec(n_components=3, model=model)
    plain = fit(blobs.X, spec, blobs.labels)
    # One factor for all columns: a factor of its own for each would leave the spherical model.
    factors = np.full(3, 8.0) if model in SHAPES_TIED else np.array([1e-6, 1.0, 1e6])
    center = np.array([5.0, -100.0, 1e7])
    moved = fit(center + factors * blobs.X, spec, blobs.labels)
    expected = plain.in_units(center, factors)
    assert moved.n_iterations == plain.n_iterations
    assert moved.log_likelihood == pytest.approx(expected.log_likelihood, rel=1e-9)
    assert moved.bic == pytest.approx(expected.bic, rel=1e-9)
    assert moved.icl == pytest.approx(expected.icl, rel=1e-9)
    np.testing.assert_allclose(moved.history, expected.history, rtol=1e-9)
    np.testing.assert_allclose(moved.weights, plain.weights, rtol=1e-6)
    np.testing.assert_allclose(moved.means, expected.means, rtol=1e-6)
    scales = np.multiply.outer(factors, factors)
    np.testing.assert_allclose(moved.covariances / scales, plain.covariances, rtol=1e-6, atol=1e-6)


def test_without_a_given_start_the_axes_of_vve_are_the_likeliest(blobs):
    """Those of mclust, which a given start follows while the likelihood rises, are not."""
    X = blobs.X
    result = fit(X, FitSpec(n_components=3, model="VVE", tol=1e-13, max_iter=5000))
    of_rows = result.responsibilities(X)
    sizes = of_rows.sum(axis=0)
    deviations = X[:, None, :] - (of_rows.T @ X / sizes[:, None])
    scatter = np.einsum("nk,nki,nkj->kij", of_rows, deviations, deviations)
    axes = np.linalg.eigh(result.covariances[0])[1]
    turned = axes.T @ scatter @ axes
    variances = turned.diagonal(axis1=1, axis2=2)
    # Of sum_k n_k ln |diag(D^T W_k D)|, as axis i turns to j.
    slopes = np.einsum("k,kij,kj->ij", sizes, turned, 1 / variances)
    np.testing.assert_allclose(slopes, slopes.T, atol=1e-4 * len(X))


@every_model
def test_one_component_in_closed_form(model, blobs):
    result = fit(blobs.X, FitSpec(model=model))
    S = np.cov(blobs.X.T, bias=True)
    diagonal = np.diag(np.diag(S))
    expected = S
    if MODELS[model].axis_aligned:
        expected = np.eye(3) * np.trace(S) / 3 if MODELS[model].spherical else diagonal
    np.testing.assert_allclose(result.means[0], blobs.X.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(result.covariances[0], expected, rtol=1e-12, atol=1e-14)
    n, d = blobs.X.shape
    # Here tr(Sigma^-1 S) = d, so the log-likelihood is -n/2 (d ln 2 pi + ln |Sigma| + d).
    log_determinant = np.linalg.slogdet(expected)[1]
    assert result.log_likelihood == pytest.approx(
        -n / 2 * (d * np.log(2 * np.pi) + log_determinant + d), rel=1e-12
    )
    assert result.converged
    assert result.n_iterations == 1
    assert result.icl == result.bic


@every_model
def test_regularization_keeps_the_model(model, blobs):
    spec = FitSpec(n_components=3, model=model, regularization=0.1)
    covariances = [last.parameters.covariances for last in steps(blobs.X, spec, blobs.labels)][-1]
    if MODELS[model].spherical:
        assert np.ptp(covariances.diagonal(axis1=1, axis2=2), axis=1).max() == 0.0
    floor = 0.1 * blobs.X.var(axis=0).min()
    assert np.linalg.eigvalsh(covariances).min() >= floor


def test_all_models_are_one_in_one_column(make_blobs):
    blobs = make_blobs(300, 1, 2)
    results = [
        fit(blobs.X, FitSpec(n_components=2, model=model), blobs.labels)
        for model in ("V", "VII", "VVI", "VVV")
    ]
    assert {result.n_parameters for result in results} == {5}
    assert [result.log_likelihood for result in results] == pytest.approx(
        [results[0].log_likelihood] * 4, rel=1e-12
    )


@pytest.mark.parametrize(
    ("models", "n_columns", "expected"),
    [
        (MODELS, 2, tuple(MODELS)),
        (MODELS, 1, ("EEE", "VVV")),
        (("VVI", "EII", "VVV"), 1, ("VVV", "EII")),
        (("VII", "VVI"), 1, ("VII",)),
        (("V", "E", "VVV"), 1, ("V", "E")),
        (("full", "VVV", "EEE"), 3, ("full", "EEE")),
    ],
)
def test_models_that_are_the_same_are_fitted_once(models, n_columns, expected):
    assert distinct(models, n_columns) == expected
