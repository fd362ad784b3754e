"""Prior, noise, known labels, row weights and criteria are those of mclust."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from gmmdesk.engine import MODELS, ConjugatePrior, FitSpec, fit

EXTENDED = json.loads((Path(__file__).parent / "data" / "mclust_extended.json").read_text())
DATA_NAMES = ("iris", "faithful")
# How closely mclust carries out its inner loops, relative; VVE is mclust's for some steps only.
PATH = {"VEE": 1e-8, "EVE": 2e-7, "VVE": 2e-8}


@pytest.fixture(scope="module")
def data(mclust):
    """The rows (n, d) of each data set."""
    return {
        name: np.array(rows, dtype=float).reshape(len(rows), -1)
        for name, rows in mclust["data"].items()
    }


def labels_of(numbers):
    """From 0; -1 where mclust's reference has 0."""
    return np.array(numbers) - 1


def assert_parameters(result, expected, rtol):
    """Weights, means and covariances, to `rtol` of the components' standard deviations."""
    K, d = result.means.shape
    sigma = np.array(expected["sigma"]).reshape(K, d, d)
    sd = np.sqrt(sigma.diagonal(axis1=1, axis2=2))
    np.testing.assert_allclose(result.weights, expected["pro"], atol=rtol)
    means = (result.means - np.array(expected["mean"]).reshape(K, d)) / sd
    np.testing.assert_allclose(means, 0.0, atol=rtol)
    correlations = (result.covariances - sigma) / (sd[:, :, None] * sd[:, None, :])
    np.testing.assert_allclose(correlations, 0.0, atol=rtol)


def assert_path(result, reference):
    """VVE, whose update in mclust is no maximum, is followed in its first step only."""
    model = reference["model"]
    trace = reference["trace"][:1] if model == "VVE" else reference["trace"]
    for iteration, log_likelihood in trace:
        if iteration <= result.n_iterations:  # later ones are at the maximum
            expected = pytest.approx(log_likelihood, rel=PATH.get(model, 2e-12))
            assert result.history[iteration - 1] == expected
    assert np.diff(result.history).min(initial=0.0) > -1e-8


def spec_for(reference, n_components):
    """To the maximum where the reference has parameters for it, else a few steps."""
    ending = {"tol": 1e-12, "max_iter": 5000} if "sigma" in reference else {"max_iter": 10}
    return FitSpec(n_components=n_components, model=reference["model"], **ending)


@pytest.mark.parametrize(
    "case", EXTENDED["prior"], ids=lambda case: f"{case['data']}-{case['model']}"
)
def test_prior(case, data):
    """The models whose update in mclust is the posterior mode.

    Those left out: EII forgets the scale; VEI and VEV count degrees of freedom for a component,
    not for its columns, or none; EEV counts the priors of all means as one, as does `me` for
    EEI and EVI, of which only the covariances by `mstep` are compared.
    """
    X, labels = data[case["data"]], labels_of(EXTENDED["labels"][case["data"]])
    K, prior = labels.max() + 1, ConjugatePrior()

    first = fit(X, FitSpec(n_components=K, model=case["model"], prior=prior, max_iter=1), labels)
    if "pro" in case["first"]:
        assert_parameters(first, case["first"], 1e-11)
    else:
        np.testing.assert_allclose(first.covariances, case["first"]["sigma"], rtol=1e-11)
    if "end" in case:
        spec = FitSpec(n_components=K, model=case["model"], prior=prior, tol=1e-12)
        end = fit(X, spec, labels)
        assert end.log_likelihood == pytest.approx(case["end"]["loglik"], abs=1e-4)
        assert_parameters(end, case["end"], 1e-4)


@pytest.mark.parametrize("case", EXTENDED["volumes"], ids=str)
def test_the_volume_that_noise_takes_up(case, data):
    X = data[case["data"]][:, case["columns"]]
    noise = fit(X, FitSpec(noise=True, max_iter=1)).noise
    assert noise.log_density == pytest.approx(np.log(case["reciprocal"]), abs=1e-12)


@pytest.mark.parametrize("name", DATA_NAMES)
def test_noise(name, data):
    case = EXTENDED["noise"][name]
    X = np.concatenate([data[name], case["rows"]])
    for reference in case["fits"]:
        model = reference["model"]
        spec = FitSpec(n_components=case["G"], model=model, noise=True, tol=1e-11)
        result = fit(X, spec, labels_of(case["labels"]))
        assert result.noise.log_density == pytest.approx(np.log(case["Vinv"]), abs=1e-12)
        assert result.n_parameters == reference["df"]
        assert_path(result, reference)
        if model != "VVE":
            assert result.log_likelihood == pytest.approx(reference["loglik"], abs=1e-6)
            weights = [*result.weights, result.noise.weight]
            np.testing.assert_allclose(weights, reference["pro"], atol=1e-5)
            np.testing.assert_allclose(result.means, reference["mean"], atol=1e-3)
            assert result.bic == pytest.approx(-reference["bic"], abs=1e-5)


@pytest.mark.parametrize("name", DATA_NAMES)
def test_known_labels(name, data):
    """mclust begins with rows of unknown label that belong to all components evenly."""
    case = EXTENDED["known"][name]
    known, K = labels_of(case["labels"]), case["G"]
    start = np.where((known < 0)[:, None], 1.0 / K, known[:, None] == np.arange(K))
    for reference in case["fits"]:
        result = fit(data[name], spec_for(reference, K), start, known=known)
        assert result.n_parameters == reference["df"]
        assert_path(result, reference)
        if "sigma" in reference:
            assert_parameters(result, reference, 1e-5)
            assert result.bic == pytest.approx(-reference["bic"], abs=1e-7)


@pytest.mark.parametrize("name", DATA_NAMES)
def test_row_weights(name, data):
    case, X = EXTENDED["weighted"][name], data[name]
    weights = (1.0 + (7 * np.arange(1, len(X) + 1)) % 5) / 5.0
    for reference in case["fits"]:
        spec = spec_for(reference, case["G"])
        result = fit(X, spec, labels_of(case["labels"]), weights=weights)
        assert_path(result, reference)
        if "sigma" in reference:
            assert result.log_likelihood == pytest.approx(reference["loglik"], abs=1e-7)
            assert_parameters(result, reference, 1e-4)


@pytest.mark.parametrize("case", EXTENDED["criteria"], ids=lambda c: f"{c['data']}-{c['model']}")
def test_criteria(case, data):
    X, labels = data[case["data"]], labels_of(EXTENDED["labels"][case["data"]])
    K = labels.max() + 1
    spec = FitSpec(n_components=K, model=case["model"], tol=1e-12)
    result = fit(X, spec, labels)
    assert result.n_parameters == case["df"]
    assert result.bic == pytest.approx(-case["bic"], abs=1e-7)
    assert result.icl == pytest.approx(-case["icl"], abs=1e-3)


def test_covariance_parameters():
    for case in EXTENDED["variance_parameters"]:
        ours = [MODELS[name].n_parameters(case["K"], case["d"]) for name in EXTENDED["models"]]
        assert ours == case["n"]
