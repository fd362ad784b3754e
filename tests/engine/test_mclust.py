"""From the same start, the iterates and densities are those of mclust."""

from __future__ import annotations

import numpy as np
import pytest

from gmmdesk.engine import MODELS, FitSpec, Parameters, fit, score

CASES = (
    "iris_G3_hc",
    "iris_G3_Species_smooth",
    "faithful_G3_hc",
    "faithful_G2_random_smooth",
    "acidity_G2_quantile",
)


@pytest.fixture(params=CASES)
def case(request, mclust):
    return next(case for case in mclust["cases"] if case["id"] == request.param)


def start_of(case):
    labels = np.array(case["labels"]) - 1
    if not case["smooth"]:
        return labels
    G, smooth = case["G"], case["smooth"]
    return (1 - smooth) * (labels[:, None] == np.arange(G)) + smooth / G


# How closely mclust's own inner loops are carried out: relative, first M-step and path.
INNER = {"VEI": 1e-9, "VEV": 1e-9, "VEE": 1e-5, "EVE": 1e-5}


def test_first_m_step(case, mclust):
    X = np.array(mclust["data"][case["data"]])
    for reference in case["fits"]:
        spec = FitSpec(n_components=case["G"], model=reference["model"], max_iter=1)
        result = fit(X, spec, start_of(case))
        expected = reference["mstep1"]
        rel = 1e-12 if reference["model"] not in (*INNER, "VVE") else 1e-8
        assert result.history == pytest.approx([expected["loglik"]], rel=rel)
        np.testing.assert_allclose(result.weights, expected["pro"], rtol=1e-9)
        np.testing.assert_allclose(result.means, expected["mean"], rtol=1e-9)
        scale = np.abs(expected["sigma"]).max()
        rel = 1e-9 if rel < 1e-9 else 1e-7
        np.testing.assert_allclose(
            result.covariances, expected["sigma"], rtol=rel, atol=rel * scale
        )


def test_path_and_maximum(case, mclust):
    X = np.array(mclust["data"][case["data"]])
    for reference in case["fits"]:
        if reference["model"] == "VVE":
            continue
        spec = FitSpec(n_components=case["G"], model=reference["model"], tol=0.0, max_iter=20_000)
        result = fit(X, spec, start_of(case))
        assert result.n_parameters == reference["df"]
        assert result.log_likelihood == pytest.approx(reference["tight"], abs=1e-7)
        bic = -2 * reference["tight"] + reference["df"] * np.log(len(X))
        assert result.bic == pytest.approx(bic, abs=1e-6)
        for iteration, log_likelihood in reference["trace"]:
            if iteration <= len(result.history):
                rel = INNER.get(reference["model"], 1e-11)
                assert result.history[iteration - 1] == pytest.approx(log_likelihood, rel=rel)


def fit_vve(case, mclust):
    X = np.array(mclust["data"][case["data"]])
    spec = FitSpec(n_components=case["G"], model="VVE", tol=0.0, max_iter=20_000)
    result = fit(X, spec, start_of(case))
    assert np.diff(result.history).min() > -1e-9
    return result


def test_vve_follows_mclust_until_it_falls_and_ends_higher(case, mclust):
    """mclust's M-step of VVE is not the maximum: its log-likelihood falls in some iterations."""
    for reference in case["fits"]:
        if reference["model"] == "VVE":
            assert fit_vve(case, mclust).log_likelihood >= reference["tight"]


@pytest.mark.parametrize("name", ["faithful_G2_kmeans", "faithful_G4_kmeans"])
def test_vve_ends_where_mclust_does_if_it_rises_all_the_way(name, mclust):
    case = next(case for case in mclust["cases"] if case["id"] == name)
    (reference,) = case["fits"]
    result = fit_vve(case, mclust)
    assert result.log_likelihood == pytest.approx(reference["tight"], abs=1e-7)
    for field in ("weights", "means", "covariances"):
        expected = reference["end"][
            {"weights": "pro", "means": "mean", "covariances": "sigma"}[field]
        ]
        np.testing.assert_allclose(getattr(result, field), expected, rtol=1e-6)
    for iteration, log_likelihood in reference["trace"]:
        if iteration <= len(result.history):
            expected = pytest.approx(log_likelihood, rel=1e-7)
            assert result.history[iteration - 1] == expected


def test_covers_every_model(mclust):
    tried = {fit["model"] for case in mclust["cases"] for fit in case["fits"]}
    assert tried >= set(MODELS)


@pytest.mark.parametrize("name", ["faithful_EEE_3", "hand_2d", "hand_tiny_weight", "acidity_V_2"])
def test_log_densities(name, mclust):
    case = next(case for case in mclust["densities"] if case["id"] == name)
    parameters = Parameters(*(np.array(case[field]) for field in ("pro", "mean", "sigma")))
    scores = score(parameters, np.array(case["points"]).reshape(-1, parameters.means.shape[1]))
    np.testing.assert_allclose(scores.log_density, case["log_density"], rtol=1e-12)
