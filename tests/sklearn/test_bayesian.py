"""BayesianGaussianMixture: scikit-learn's numbers, and the manners of an estimator."""

from __future__ import annotations

import numpy as np
import pytest
import sklearn.mixture
from sklearn.utils.estimator_checks import check_param_validation, parametrize_with_checks

from gmmdesk.engine import FitSpec, fit_bayesian
from gmmdesk.sklearn import BayesianGaussianMixture

TYPES = ("full", "tied", "diag", "spherical")
WEIGHT_TYPES = ("dirichlet_process", "dirichlet_distribution")
SEEDS = ("kmeans", "k-means++", "random", "random_from_data")
RESULTS = (
    "weights_",
    "weight_concentration_",
    "mean_precision_",
    "means_",
    "degrees_of_freedom_",
    "covariances_",
    "precisions_",
    "precisions_cholesky_",
)
PRIORS = (
    "weight_concentration_prior_",
    "mean_precision_prior_",
    "mean_prior_",
    "degrees_of_freedom_prior_",
    "covariance_prior_",
)

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def blobs(n: int = 300, d: int = 3, K: int = 3, seed: int = 0) -> np.ndarray:
    random = np.random.default_rng(seed)
    centers = random.normal(scale=3.0, size=(K, d))
    mixing = np.eye(d) + random.normal(size=(K, d, d)) / 3
    return np.stack([random.normal(size=d) @ mixing[i % K] + centers[i % K] for i in range(n)])


def both(X: np.ndarray, **options: object) -> tuple[BayesianGaussianMixture, object]:
    theirs = sklearn.mixture.BayesianGaussianMixture(**options).fit(X)
    return BayesianGaussianMixture(**options).fit(X), theirs


def assert_same(ours, theirs, names=RESULTS + PRIORS, rtol=1e-8):
    for name in names:
        expected = np.array(getattr(theirs, name))
        got = np.array(getattr(ours, name))
        assert got.shape == expected.shape, name
        atol = rtol * np.abs(expected).max()
        np.testing.assert_allclose(got, expected, rtol, atol, err_msg=name)


@parametrize_with_checks(
    [
        BayesianGaussianMixture(),
        BayesianGaussianMixture(n_components=2, covariance_type="tied"),
        BayesianGaussianMixture(
            n_components=2,
            covariance_type="diag",
            weight_concentration_prior_type="dirichlet_distribution",
        ),
    ]
)
@pytest.mark.filterwarnings("ignore:.*does not have valid feature names:UserWarning")
def test_estimator_checks(estimator, check):
    check(estimator)


def test_parameters_are_refused_in_scikit_learns_words():
    check_param_validation("BayesianGaussianMixture", BayesianGaussianMixture())


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("weight_type", WEIGHT_TYPES)
@pytest.mark.parametrize("name", TYPES)
def test_the_same_random_state_gives_scikit_learns_numbers(name, weight_type, seed):
    X = blobs()
    ours, theirs = both(
        X,
        n_components=4,
        covariance_type=name,
        weight_concentration_prior_type=weight_type,
        init_params=seed,
        max_iter=15,
        random_state=3,
    )
    assert ours.n_iter_ == theirs.n_iter_
    assert ours.converged_ == theirs.converged_
    assert_same(ours, theirs)
    # Theirs are arrays of one number where the type is "tied".
    bounds = np.array(theirs.lower_bounds_).ravel()
    np.testing.assert_allclose(ours.lower_bounds_, bounds, rtol=1e-10)
    np.testing.assert_allclose(ours.score_samples(X), theirs.score_samples(X), rtol=1e-8)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-8)


@pytest.mark.parametrize("d", [1, 3])
@pytest.mark.parametrize("name", TYPES)
def test_a_given_prior_is_scikit_learns(name, d):
    X = blobs(d=d)
    matrix = np.eye(d) + 0.2
    covariance = {"full": matrix, "tied": matrix, "diag": np.arange(1.0, d + 1), "spherical": 0.4}
    ours, theirs = both(
        X,
        n_components=3,
        covariance_type=name,
        weight_concentration_prior=0.7,
        mean_precision_prior=2.0,
        mean_prior=np.full(d, 0.5),
        degrees_of_freedom_prior=d + 1.5,
        covariance_prior=covariance[name],
        reg_covar=0.01,
        max_iter=10,
        random_state=0,
    )
    assert_same(ours, theirs)


@pytest.mark.parametrize("name", TYPES)
def test_a_warm_start_goes_on(name):
    X = blobs()
    options = {"n_components": 5, "covariance_type": name, "tol": 0.0, "random_state": 0}
    whole = BayesianGaussianMixture(max_iter=7, **options).fit(X)
    parts = BayesianGaussianMixture(max_iter=3, warm_start=True, **options).fit(X)
    parts.set_params(max_iter=4).fit(X)
    assert_same(parts, whole)
    with pytest.raises(ValueError, match="should have the shape of"):
        parts.set_params(n_components=4).fit(X)


def test_a_mixture_made_by_hand_scores_rows_as_the_engine_does():
    X = blobs()
    labels = np.arange(len(X)) % 3
    result = fit_bayesian(X, FitSpec(n_components=3, tol=0.0, max_iter=5), start=labels)
    mixture = BayesianGaussianMixture(n_components=3)
    mixture.weights_ = result.weights
    mixture.means_ = result.means
    mixture.mean_precision_ = result.posterior.mean_precisions
    mixture.degrees_of_freedom_ = result.posterior.degrees_of_freedom
    mixture.weight_concentration_ = tuple(result.posterior.weights.concentration)
    mixture.precisions_cholesky_ = result.posterior.whitening.inverses.transpose(0, 2, 1)
    mixture.n_features_in_ = 3
    np.testing.assert_allclose(mixture.score_samples(X), result.log_density(X), rtol=1e-9)


@pytest.mark.parametrize("name", TYPES)
def test_an_offset_costs_no_digits(name):
    far = blobs(d=2) + 1e8
    near = far - 1e8
    options = {"n_components": 3, "covariance_type": name, "max_iter": 12, "random_state": 0}
    # The mean of far rows is a rounded number; with a prior that is not, the fits are the same.
    moved = BayesianGaussianMixture(mean_prior=[1e8, 1e8], **options).fit(far)
    theirs = sklearn.mixture.BayesianGaussianMixture(mean_prior=[0.0, 0.0], **options).fit(near)
    assert_same(moved, theirs, ["weights_", "covariances_", "degrees_of_freedom_"])
    np.testing.assert_allclose(moved.means_ - 1e8, theirs.means_, atol=1e-7)
    bounds = np.array(theirs.lower_bounds_).ravel()
    np.testing.assert_allclose(moved.lower_bounds_, bounds, rtol=1e-10)


@pytest.mark.parametrize("name", TYPES)
def test_single_precision_comes_back_in_single_precision(name):
    X = blobs()
    options = {"n_components": 3, "covariance_type": name, "random_state": 0}
    single = BayesianGaussianMixture(**options).fit(X.astype(np.float32))
    for attribute in ("weights_", "means_", "covariances_", "precisions_cholesky_"):
        assert getattr(single, attribute).dtype == np.float32
    double = BayesianGaussianMixture(**options).fit(X.astype(np.float32).astype(np.float64))
    np.testing.assert_allclose(single.means_, double.means_, rtol=1e-5)
    np.testing.assert_allclose(single.score_samples(X), double.score_samples(X), rtol=1e-4)


@pytest.mark.parametrize("name", TYPES)
def test_samples_are_scikit_learns_draws(name):
    ours, theirs = both(blobs(), n_components=3, covariance_type=name, random_state=5)
    rows, labels = ours.sample(50)
    expected, expected_labels = theirs.sample(50)
    np.testing.assert_allclose(rows, expected, rtol=1e-6)
    np.testing.assert_array_equal(labels, expected_labels)


def test_a_column_of_one_value_is_no_obstacle():
    """As in scikit-learn: what is added to the variances of components keeps them regular."""
    X = blobs(d=2)
    X[:, 1] = 7.0
    ours, theirs = both(X, n_components=2, random_state=0, max_iter=5)
    np.testing.assert_allclose(ours.means_, theirs.means_, rtol=1e-8)
    np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))


def test_no_regularization_and_no_prior_variance_is_said():
    X = blobs(d=2)
    X[:, 1] = 7.0
    with pytest.raises(ValueError, match="ill-defined empirical covariance"):
        BayesianGaussianMixture(n_components=2, reg_covar=0.0, random_state=0).fit(X)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"mean_prior": [1.0]}, r"'means' should have the shape of \(2,\)"),
        ({"covariance_prior": np.eye(3)}, r"'full covariance_prior' should have the shape of"),
        ({"covariance_prior": -np.eye(2)}, "'full precision' should be symmetric, positive"),
        (
            {"covariance_type": "diag", "covariance_prior": [1.0, -1.0]},
            "'diag precision' should be positive",
        ),
        (
            {"covariance_type": "spherical", "covariance_prior": [1.0, 1.0]},
            "'spherical covariance_prior' should have the shape of",
        ),
        ({"degrees_of_freedom_prior": 0.5}, "should be greater than 1, but got 0.500"),
        ({"covariance_type": "VVV"}, "'covariance_type' parameter"),
    ],
)
def test_a_prior_that_does_not_fit_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        BayesianGaussianMixture(n_components=2, **options).fit(blobs(d=2))
