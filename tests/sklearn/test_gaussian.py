"""GaussianMixture: scikit-learn's numbers, the engine's models, and the manners of an estimator."""

from __future__ import annotations

import importlib
import re
import sys

import numpy as np
import pandas as pd
import pytest
import sklearn.mixture
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.estimator_checks import check_param_validation, parametrize_with_checks

from gmmdesk.engine import MODELS, FitSpec, fit
from gmmdesk.sklearn import GaussianMixture

TYPES = {"full": "VVV", "tied": "EEE", "diag": "VVI", "spherical": "VII"}
SEEDS = ("kmeans", "k-means++", "random", "random_from_data")
PARAMETERS = ("weights_", "means_", "covariances_", "precisions_", "precisions_cholesky_")


def blobs(n: int = 300, d: int = 3, K: int = 3, seed: int = 0) -> np.ndarray:
    random = np.random.default_rng(seed)
    centers = random.normal(scale=3.0, size=(K, d))
    mixing = np.eye(d) + random.normal(size=(K, d, d)) / 3
    return np.stack([random.normal(size=d) @ mixing[i % K] + centers[i % K] for i in range(n)])


def assert_same(ours, theirs, rtol=1e-8):
    for name in PARAMETERS:
        expected = getattr(theirs, name)
        atol = rtol * np.abs(expected).max()
        np.testing.assert_allclose(getattr(ours, name), expected, rtol, atol, err_msg=name)


def in_full(array: np.ndarray, name: str, K: int, d: int) -> np.ndarray:
    return {
        "full": lambda a: a,
        "tied": lambda a: np.tile(a, (K, 1, 1)),
        "diag": lambda a: a[:, :, None] * np.eye(d),
        "spherical": lambda a: a[:, None, None] * np.eye(d),
    }[name](array)


@parametrize_with_checks(
    [
        GaussianMixture(),
        GaussianMixture(2, covariance_type="tied"),
        GaussianMixture(2, covariance_type="VEV"),
    ]
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.filterwarnings("ignore:.*does not have valid feature names:UserWarning")
def test_estimator_checks(estimator, check):
    check(estimator)


def test_parameters_are_refused_in_scikit_learns_words():
    check_param_validation("GaussianMixture", GaussianMixture())


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", TYPES)
def test_the_same_random_state_gives_scikit_learns_numbers(name, seed):
    X = blobs()
    ours, theirs = (
        estimator(
            3,
            covariance_type=name,
            init_params=seed,
            n_init=2,
            random_state=1,
            tol=1e-6,
            max_iter=500,
        )
        for estimator in (GaussianMixture, sklearn.mixture.GaussianMixture)
    )
    np.testing.assert_array_equal(ours.fit_predict(X), theirs.fit_predict(X))
    assert_same(ours, theirs)
    assert (ours.n_iter_, ours.converged_) == (theirs.n_iter_, theirs.converged_)
    # The first ones of single rows are huge, and scikit-learn's "diag" has lost digits in them.
    np.testing.assert_allclose(ours.lower_bounds_, theirs.lower_bounds_, rtol=1e-6)
    assert ours.lower_bound_ == pytest.approx(theirs.lower_bound_, rel=1e-9)
    new = blobs(seed=5)
    np.testing.assert_allclose(ours.score_samples(new), theirs.score_samples(new), rtol=1e-8)
    np.testing.assert_allclose(ours.predict_proba(new), theirs.predict_proba(new), atol=1e-8)
    np.testing.assert_array_equal(ours.predict(new), theirs.predict(new))
    for criterion in ("score", "aic", "bic"):
        expected = getattr(theirs, criterion)(new)
        assert getattr(ours, criterion)(new) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("d", [1, 4])
@pytest.mark.parametrize("name", TYPES)
def test_a_given_start_is_scikit_learns(name, d):
    X = blobs(d=d, K=2)
    first = sklearn.mixture.GaussianMixture(2, covariance_type=name, random_state=0).fit(X[:100])
    given = {
        "weights_init": first.weights_,
        "means_init": first.means_,
        "precisions_init": first.precisions_,
    }
    for left_out in ({}, {"weights_init"}, {"means_init"}, {"precisions_init"}):
        start = {key: value for key, value in given.items() if key not in left_out}
        ours, theirs = (
            estimator(2, covariance_type=name, random_state=2, **start).fit(X)
            for estimator in (GaussianMixture, sklearn.mixture.GaussianMixture)
        )
        assert_same(ours, theirs)
        np.testing.assert_allclose(ours.lower_bounds_, theirs.lower_bounds_, rtol=1e-10)


@pytest.mark.parametrize("model", MODELS)
def test_every_model_is_the_engines(model):
    X, K, d = blobs(600), 3, 3
    labels = np.arange(len(X)) % K
    first = fit(X, FitSpec(n_components=K, model=model, max_iter=1), labels)
    start = {
        "weights_init": first.weights,
        "means_init": first.means,
        "precisions_init": np.linalg.inv(first.covariances),
    }
    if model == "EEE":
        start["precisions_init"][:] = start["precisions_init"][0]
    options = {"tol": 1e-12, "max_iter": 5000}
    mixture = GaussianMixture(K, covariance_type=model, reg_covar=0.0, **options, **start).fit(X)
    result = fit(X, FitSpec(n_components=K, model=model, **options), labels)
    np.testing.assert_allclose(mixture.weights_, result.weights, rtol=1e-5)
    np.testing.assert_allclose(mixture.means_, result.means, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(mixture.covariances_, result.covariances, rtol=1e-4, atol=1e-4)
    assert mixture.score(X) * len(X) == pytest.approx(result.log_likelihood, rel=1e-9)
    assert mixture.bic(X) == pytest.approx(result.bic, rel=1e-9)
    np.testing.assert_array_equal(mixture.predict(X), result.labels(X))
    assert mixture.covariances_.shape == mixture.precisions_cholesky_.shape == (K, d, d)
    np.testing.assert_allclose(
        mixture.precisions_cholesky_ @ mixture.precisions_cholesky_.transpose(0, 2, 1),
        np.linalg.inv(mixture.covariances_),
        rtol=1e-8,
        atol=1e-10,
    )


@pytest.mark.parametrize(("name", "model"), TYPES.items())
def test_both_names_of_a_model_give_the_same(name, model):
    X, K = blobs(), 3
    one, other = (
        GaussianMixture(K, covariance_type=covariance_type, random_state=0).fit(X)
        for covariance_type in (name, model)
    )
    for attribute in ("covariances_", "precisions_", "precisions_cholesky_"):
        full = in_full(getattr(one, attribute), name, K, 3)
        np.testing.assert_array_equal(getattr(other, attribute), full)
    np.testing.assert_allclose(one.score_samples(X), other.score_samples(X), rtol=1e-12)


@pytest.mark.parametrize("model", MODELS)
def test_what_is_added_to_variances_keeps_the_model(model):
    X = np.concatenate([blobs(40), np.zeros((20, 3)), np.ones((20, 3))])
    mixture = GaussianMixture(5, covariance_type=model, random_state=0, reg_covar=1e-3).fit(X)
    variances = np.linalg.eigvalsh(mixture.covariances_)
    assert variances.min() > 0.5e-3
    volumes = variances.prod(axis=1)
    if model.startswith("E"):
        np.testing.assert_allclose(volumes, volumes[0], rtol=1e-9)
    if model[1] == "E":
        shapes = variances / volumes[:, None] ** (1 / 3)
        np.testing.assert_allclose(shapes, np.tile(shapes[0], (5, 1)), rtol=1e-6)


@pytest.mark.parametrize("name", [*TYPES, "VEV", "EII"])
def test_single_precision_comes_back_in_single_precision(name):
    X = blobs().astype(np.float32)
    mixture = GaussianMixture(3, covariance_type=name, random_state=0).fit(X)
    exact = GaussianMixture(3, covariance_type=name, random_state=0).fit(X.astype(np.float64))
    assert {getattr(mixture, attribute).dtype for attribute in PARAMETERS} == {np.dtype("f4")}
    assert mixture.predict_proba(X).dtype == mixture.score_samples(X).dtype == np.float32
    assert mixture.n_iter_ == exact.n_iter_
    assert_same(mixture, exact, rtol=1e-6)


@pytest.mark.parametrize("name", [*TYPES, "EVI", "VVE", "EVE"])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_warm_start_goes_on(name):
    X = blobs()
    options = {"covariance_type": name, "random_state": 0, "tol": 0.0}
    whole = GaussianMixture(3, max_iter=6, **options).fit(X)
    parts = GaussianMixture(3, max_iter=2, warm_start=True, **options)
    for _ in range(3):
        parts.fit(X)
    assert_same(parts, whole, rtol=1e-7)
    assert parts.lower_bound_ == pytest.approx(whole.lower_bound_, rel=1e-12)


def test_a_warm_start_on_other_columns_is_refused():
    mixture = GaussianMixture(2, warm_start=True, random_state=0).fit(blobs(d=3))
    with pytest.raises(ValueError, match=re.escape("shape of (2, 2), but got (2, 3)")):
        mixture.fit(blobs(d=2))


def test_without_iterations_the_start_is_the_result():
    X = blobs()
    start = {"weights_init": [0.5, 0.5], "means_init": X[:2], "precisions_init": [np.eye(3)] * 2}
    mixture = GaussianMixture(2, max_iter=0, **start).fit(X)
    np.testing.assert_allclose(mixture.means_, X[:2], rtol=1e-12)
    np.testing.assert_allclose(mixture.covariances_, start["precisions_init"], rtol=1e-12)
    assert (mixture.n_iter_, mixture.converged_, mixture.lower_bounds_) == (0, False, [])


@pytest.mark.parametrize(
    ("model", "precisions", "message"),
    [
        ("VVI", np.array([[[1.0, 0.1], [0.1, 1.0]]] * 2), "should be diagonal"),
        ("EEE", np.array([np.eye(2), 2 * np.eye(2)]), "should be the same for all components"),
        ("VEV", np.ones((2, 2)), re.escape("should have the shape of (2, 2, 2), but got (2, 2)")),
    ],
)
def test_precisions_that_do_not_fit_the_model_are_refused(model, precisions, message):
    mixture = GaussianMixture(2, covariance_type=model, precisions_init=precisions)
    with pytest.raises(ValueError, match=f"'{model} precision' {message}"):
        mixture.fit(blobs(d=2))


def test_a_weight_of_nothing_keeps_a_component_empty():
    X = blobs()
    start = {"weights_init": [1.0, 0.0], "means_init": X[:2]}
    mixture = GaussianMixture(2, random_state=0, **start).fit(X)
    alone = GaussianMixture(1).fit(X)
    assert mixture.weights_[1] < 1e-15
    np.testing.assert_allclose(mixture.score_samples(X), alone.score_samples(X), rtol=1e-9)


@pytest.mark.parametrize("model", [name for name in MODELS if not MODELS[name].axis_aligned])
def test_a_collapse_names_the_component(model):
    X = np.repeat([[0.0, 0.0], [1.0, 1.0]], 5, axis=0)
    mixture = GaussianMixture(
        2, covariance_type=model, reg_covar=0.0, init_params="random_from_data", random_state=0
    )
    with pytest.raises(ValueError, match=r"ill-defined.*The first of them is component [01]"):
        mixture.fit(X)


@pytest.mark.parametrize("name", TYPES)
def test_an_offset_costs_no_digits(name):
    X = np.round(blobs(), 3)
    X -= X.mean(axis=0).round()
    near, far = (
        GaussianMixture(3, covariance_type=name, random_state=0).fit(rows)
        for rows in (X, X + 2.0**30)
    )
    shifted = (X + 2.0**30) - 2.0**30
    assert far.lower_bound_ == pytest.approx(near.lower_bound_, rel=1e-5)
    np.testing.assert_allclose(far.covariances_, near.covariances_, rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(
        far.predict_proba(X + 2.0**30), near.predict_proba(shifted), atol=1e-4
    )


@pytest.mark.parametrize("name", TYPES)
def test_samples_are_scikit_learns_draws(name):
    theirs = sklearn.mixture.GaussianMixture(3, covariance_type=name, random_state=0).fit(blobs())
    ours = clone(GaussianMixture(3, covariance_type=name, random_state=0))
    for attribute in PARAMETERS:
        setattr(ours, attribute, getattr(theirs, attribute))
    for one, other in zip(ours.sample(50), theirs.sample(50), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_mixture_made_by_hand_scores_rows():
    """The way known from scikit-learn: set weights, means and any root of the precisions."""
    X = blobs(d=2)
    covariances = np.array([[[2.0, 0.5], [0.5, 1.0]], [[1.0, -0.3], [-0.3, 3.0]]])
    mixtures = GaussianMixture(2), sklearn.mixture.GaussianMixture(2)
    for mixture in mixtures:
        mixture.weights_ = np.array([0.3, 0.7])
        mixture.means_ = np.array([[0.0, 1.0], [2.0, -1.0]])
        mixture.precisions_cholesky_ = np.linalg.cholesky(np.linalg.inv(covariances))
    ours, theirs = (mixture.score_samples(X) for mixture in mixtures)
    np.testing.assert_allclose(ours, theirs, rtol=1e-12)


def test_rows_out_of_all_bounds_have_no_density():
    mixture = GaussianMixture(2, random_state=0).fit(blobs())
    assert mixture.score_samples(np.full((1, 3), 1e200)) == [-np.inf]


@pytest.mark.parametrize("name", ["full", "spherical", "EVE"])
def test_scores_do_not_depend_on_how_many_rows_are_asked_for(name):
    X = blobs(5000)
    mixture = GaussianMixture(3, covariance_type=name, random_state=0).fit(X)
    parts = np.concatenate([mixture.score_samples(part) for part in np.array_split(X, 7)])
    np.testing.assert_allclose(mixture.score_samples(X), parts, rtol=1e-12)


@pytest.mark.parametrize("verbose", [1, 2])
def test_verbose_prints_scikit_learns_lines(verbose, capsys):
    printed = []
    for estimator in (GaussianMixture, sklearn.mixture.GaussianMixture):
        estimator(
            3, verbose=verbose, verbose_interval=2, n_init=2, random_state=0, init_params="random"
        ).fit(blobs())
        printed.append(re.sub(r"time lapse \S+s", "time lapse", capsys.readouterr().out))
    assert printed[0] == printed[1] != ""


def test_columns_keep_their_names():
    frame = pd.DataFrame(blobs(), columns=["length", "width", "depth"])
    mixture = GaussianMixture(2, random_state=0).fit(frame)
    assert list(mixture.feature_names_in_) == list(frame.columns)
    assert mixture.n_features_in_ == 3
    with pytest.raises(ValueError, match="feature names"):
        mixture.predict(frame[["width", "length", "depth"]])


def test_too_few_iterations_are_said():
    with pytest.warns(ConvergenceWarning, match="did not converge"):
        mixture = GaussianMixture(3, max_iter=1, random_state=0).fit(blobs())
    assert not mixture.converged_


def test_without_scikit_learn_the_error_says_what_to_install(monkeypatch):
    for module in [name for name in sys.modules if name.startswith("gmmdesk.sklearn")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "sklearn", None)
    monkeypatch.setitem(sys.modules, "sklearn.utils.validation", None)
    with pytest.raises(ImportError, match=re.escape('pip install "gmmdesk[sklearn]"')):
        importlib.import_module("gmmdesk.sklearn")


@pytest.mark.parametrize("name", TYPES)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_scikit_learns_numbers_on_copies_of_few_rows(name, seed):
    """Components on single rows, and emptied ones: `reg_covar` alone keeps them."""
    random = np.random.default_rng(seed)
    X = random.normal(size=(8, 2))[random.integers(8, size=40)]
    X -= X.mean(axis=0)
    ours, theirs = (
        estimator(6, covariance_type=name, init_params="random_from_data", random_state=seed).fit(X)
        for estimator in (GaussianMixture, sklearn.mixture.GaussianMixture)
    )
    assert ours.n_iter_ == theirs.n_iter_
    assert ours.lower_bound_ == pytest.approx(theirs.lower_bound_, rel=1e-6)
    np.testing.assert_allclose(ours.weights_, theirs.weights_, rtol=1e-5, atol=1e-8)
